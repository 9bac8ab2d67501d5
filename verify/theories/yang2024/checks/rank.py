"""Full row rank of B_k^(0) at random initialisations, certified in ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verify.known import known
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.checks.train import small_instance
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import enclose_spectrum
from verify.theories.yang2024.numeric.instance import Instance
from verify.vocabulary import Here

ANALYTIC = " An N×N minor of C_k is analytic in the Q_h up to positive factors: not zero at one draw, it is not zero almost surely."
SAMPLES = {"fast": 24, "full": 200}


def as_many_heads(instance: Instance) -> Instance:
    """H = N, the smallest that Proposition 1 allows."""
    return replace(instance, H=instance.N)


@dataclass(frozen=True)
class SampleRanks:
    """Random small instances, changed to what the statement supposes at its edge: the smallest eigenvalue of every B_k B_kᵀ
    enclosed."""

    supposed: Callable[[Instance], Instance] = as_many_heads

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        rng = laboratory.instance.rng("ranks")
        wanted, full, bits, smallest = SAMPLES[laboratory.options.tier], 0, 0, float("inf")
        deficient: list[str] = []
        for _ in range(wanted):
            instance = self.supposed(small_instance(rng))
            spectrum = enclose_spectrum(instance)
            if spectrum.rank == "full":
                full += 1
                bits = max(bits, *spectrum.bits)
                smallest = min(smallest, float(spectrum.zeta.lower()))
            elif spectrum.rank == "deficient":
                deficient.append(f"{instance.name}, seed {instance.seed}: {spectrum.reason}")
        verdict: Here = "fails" if deficient else "holds" if full == wanted else "undecided"
        witness = (
            Witness(summary=deficient[0], method="structure of the instance, no arithmetic", exact=True)
            if deficient
            else None
        )
        return [
            Evidence(
                check="sample", **known("general", verdict, "certified" if deficient else "tested"), witness=witness,
                statement=f"{full} of {wanted} random instances with H = N have B_k of full row rank for every token, each "
                f"certified in ball arithmetic (up to {bits} bits; smallest ζ_0 = {smallest:.3g})."
                + (f" Deficient: {deficient[0]}." if deficient else ""),
                figures={"instances": wanted, "full rank certified": full, "largest precision needed": bits},
                budget="unit tokens with Gaussian directions, N = H ≤ 4, K ≤ 8, β in [1, 10]",
            )
        ]  # fmt: skip


@dataclass(frozen=True)
class RankHere:
    """One certified draw decides this V: an N×N minor of C_k is an analytic function of the Q_h, up to positive
    factors, so if it is non-zero once it is non-zero for almost every Q."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        spectrum = laboratory.constants.spectrum
        verdicts: dict[str, Here] = {"full": "holds", "deficient": "fails", "undecided": "undecided"}
        verdict = verdicts[spectrum.rank]
        reason = f": {spectrum.reason}" if spectrum.reason else ""
        lower = float(spectrum.zeta.lower()) if spectrum.rank == "full" else None
        found = "full row rank for every token" if spectrum.rank == "full" else "no certified full row rank"
        return [
            Evidence(
                check="enclose", **known("here", verdict, "certified"),
                statement=f"B_k^(0) has {found}{reason}." + (ANALYTIC if lower is not None else ""),
                figures={} if lower is None else {"smallest eigenvalue, lower end": lower},
                budget=f"{max(spectrum.bits, default=0)} bits",
            )
        ]  # fmt: skip
