"""A constant of the theory twice over: its printed formula in SymPy, evaluated on numpy's norms and eigenvalues, against
the ball that the run uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp
from flint import arb

from verify.known import known
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.checks.compare import BLUNT, Gap, agreement
from verify.theories.yang2024.checks.train import SAMPLES, small_instance
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Constants, T_theorem2, enclose_constants
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.spectrum import attention, gram_eigenvalues
from verify.vocabulary import Here

NAMES = (
    "zeta0",
    "normZbar",
    "f_max",
    "normZ",
    "normZtZ",
    "Delta0",
    "N",
    "K",
    "m",
    "H",
    "tau",
    "B",
    "epsilon",
    "delta",
    "gamma",
    "rate",
)
SYMBOL = {name: sp.Symbol(name, positive=True) for name in NAMES}

# How the balls answer for each letter that a formula may define.
IN_USE: dict[str, Callable[[Constants, Instance], arb | None]] = {
    "zeta0": lambda c, i: c.zeta0,
    "gamma": lambda c, i: c.gamma,
    "L": lambda c, i: c.L,
    "T": lambda c, i: T_theorem2(c, i.inference.B, i.inference.epsilon, i.inference.delta)[0],
}


def measured(i: Instance) -> dict[str, float]:
    """The letters of the formulas in float64, by numpy; γ and the rate by the balls, whose own formulas are judged apart."""
    quadratic = least_squares(label_covariance(i), i.N)  # first: it refuses what is not finite
    gram = i.Z.T @ i.Z + i.m * i.tau * np.eye(i.N)
    start = np.einsum("hk,hjk->jk", i.w0, attention(i))
    return {
        "zeta0": float(gram_eigenvalues(i).min()),
        "normZbar": float(np.sqrt(np.linalg.eigvalsh(gram).max())),
        "f_max": float(np.sqrt(np.diag(gram).max())),
        "normZ": float(np.linalg.norm(i.Z, 2)),
        "normZtZ": float(np.linalg.norm(i.Z.T @ i.features, 2)),
        "Delta0": quadratic.gap(start),
        "N": i.N, "K": i.K, "m": i.m, "H": i.H, "tau": i.tau,
        "B": i.inference.B, "epsilon": i.inference.epsilon, "delta": i.inference.delta,
    }  # fmt: skip


@dataclass(frozen=True)
class Letters:
    """The letters of the formulas at one instance, None where the balls have no γ or no rate; and how ill-conditioned they are."""

    values: dict[str, float] | None
    condition: float

    @staticmethod
    def of(instance: Instance, constants: Constants) -> Letters:
        if constants.gamma is None or constants.log_rate is None:
            return Letters(None, float("inf"))
        values = measured(instance) | {"gamma": float(constants.gamma), "rate": float(constants.log_rate)}
        if not (values["zeta0"] > 0 and values["rate"] < 0):
            return Letters(None, float("inf"))
        return Letters(values, float(gram_eigenvalues(instance).max()) / values["zeta0"])


def small_constants(laboratory: Laboratory) -> list[tuple[Instance, Constants, Letters]]:
    """Random small instances with their constants and letters, the same for every formula."""
    rng, found = laboratory.instance.rng("constants"), []
    for _ in range(4 * SAMPLES["fast"]):
        instance = small_instance(rng)
        constants = enclose_constants(instance)
        found.append((instance, constants, Letters.of(instance, constants)))
    return found


@dataclass(frozen=True)
class CompareConstant:
    """`letter` of the balls against `formula` in the letters of SYMBOL, here and on small random instances."""

    letter: str
    formula: sp.Expr

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        yield self._sampled(laboratory)
        yield self._here(laboratory)

    def gap(self, instance: Instance, constants: Constants, letters: Letters | None = None) -> Gap:
        """Relative difference of the two routes; nan where the balls have no such constant or float64 cannot hold it, inf
        where the formula has no real value."""
        letters = letters or Letters.of(instance, constants)
        if letters.values is None:
            return Gap(float("nan"))
        ball = IN_USE[self.letter](constants, instance)
        with np.errstate(all="ignore"):
            other = self._function(*(np.float64(letters.values[name]) for name in NAMES))
        if np.iscomplexobj(other) or np.isnan(other):
            whole = sp.N(self.formula, subs={SYMBOL[name]: letters.values[name] for name in NAMES})
            if whole.is_finite and not whole.is_real:
                return Gap(float("inf"))
            return Gap(float("nan"))
        tolerance = max(1e-9, 1e3 * float(np.finfo(np.float64).eps) * letters.condition)
        if ball is None or not np.isfinite(other) or tolerance > BLUNT:
            return Gap(float("nan"))
        return Gap(float(abs(ball - arb(float(other))) / abs(ball)), tolerance)

    @cached_property
    def _function(self) -> Callable[..., float]:
        found: Callable[..., float] = sp.lambdify([SYMBOL[name] for name in NAMES], self.formula, "numpy")
        return found

    def _here(self, laboratory: Laboratory) -> Evidence:
        i = laboratory.instance
        gap = self.gap(i, laboratory.constants)
        told = gap.verdict != "undecided"
        return Evidence(
            check="compare", **known("here", gap.verdict, "tested"),
            agreement=(gap.tolerance - gap.error) / (gap.tolerance + gap.error) if told else None,
            statement=f"The ball in use against the printed formula on numpy's norms and eigenvalues: {agreement(gap)}."
            if told else "Not comparable here in float64.",
            figures={"relative difference": gap.error, "tolerance": gap.tolerance},
            budget="this instance, float64 against balls",
        )  # fmt: skip

    def _sampled(self, laboratory: Laboratory) -> Evidence:
        tried, worst, allowed, broken = 0, Gap(), 0.0, ""
        for instance, constants, letters in laboratory.once(
            "constants of small instances", lambda: small_constants(laboratory)
        ):
            gap = self.gap(instance, constants, letters)
            if gap.verdict == "undecided":
                continue
            tried, worst, allowed = tried + 1, worst.worse(gap), max(allowed, gap.tolerance)
            if gap.verdict == "fails" and not broken:
                broken = f"{instance.name}, seed {instance.seed}: off by {gap.error:.3g} of its size"
        verdict: Here = "fails" if broken else "holds" if tried else "undecided"
        return Evidence(
            check="compare", **known("general", verdict, "tested"),
            witness=Witness(summary=broken, method="float64 against balls") if broken else None,
            statement=f"{tried} random small instances: the balls and the printed formula agree to within {allowed:.0e} of their size."
            + (f" Not on {broken}." if broken else ""),
            figures={"instances": tried, "largest relative difference": worst.error}, budget="float64 against balls",
        )  # fmt: skip
