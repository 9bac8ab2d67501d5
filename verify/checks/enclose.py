"""Both sides of an identity enclosed at this instance, by ball arithmetic on its exact entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from flint import arb

from numeric import balls
from symbolic import letters
from symbolic.evaluate import evaluate
from verify.binding import ball_point
from verify.checks.identity import read
from verify.claim import Claim
from verify.laboratory import Laboratory
from verify.record import Evidence

BITS = 256


@dataclass(frozen=True)
class EncloseIdentity:
    """A random Â, y, λ and ξ; everything else as the instance has it. Disjoint enclosures refute; overlap alone
    proves nothing, so what agrees is called tested."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        started = perf_counter()
        i, rng = laboratory.instance, laboratory.instance.rng("letters of an identity")
        drawn = {
            "Ahat": rng.standard_normal((i.N, i.K)), "y": rng.standard_normal(i.K),
            "lam": rng.standard_normal(i.m), "xi": rng.standard_normal(i.N),
        }  # fmt: skip
        assert claim.formal is not None
        if claim.formal_needs_m_equal_N and i.m != i.N:
            return []
        with balls.precision(BITS):
            sides = [read(identity) for identity in claim.formal()]
            rooted = any(letters.ZBAR in s.lhs.tensors() | s.rhs.tensors() for s in sides)
            point = ball_point(i, drawn, rooted=rooted)
            worst_gap, worst_width = 0.0, 0.0
            for side in sides:
                lhs, rhs = evaluate(side.lhs, point, side.axes), evaluate(side.rhs, point, side.axes)
                for left, right in zip(lhs.flat, rhs.flat, strict=True):
                    size = abs(left) + abs(right)
                    off = abs(left - right)
                    floor = arb(2) ** (-BITS // 2)  # entries that vanish are compared absolutely
                    scale = size.upper() if size.upper() > floor else floor
                    worst_gap = max(worst_gap, float((off.lower().max(arb(0)) / scale).mid()))
                    worst_width = max(worst_width, float((off.upper() / scale).mid()))
        seconds = perf_counter() - started
        scope = f"all entries at N = {i.N}, K = {i.K}, m = {i.m}; {BITS} bits; Â, y, λ, ξ drawn once"
        if worst_gap > 0:
            return [
                Evidence(
                    check="enclose", scope="here", verdict="fails", strength="certified", margin=-worst_gap,
                    statement=f"The enclosures of the two sides are disjoint: they differ by at least {worst_gap:.3g} of their size.",
                    budget=scope, seed=i.seed, seconds=seconds, figures={"certified relative difference": worst_gap},
                )
            ]  # fmt: skip
        return [
            Evidence(
                check="enclose", scope="here", verdict="holds", strength="tested",
                statement=f"The two sides agree to {worst_width:.1g} of their size, the width of their enclosures.",
                budget=scope, seed=i.seed, seconds=seconds, figures={"largest relative difference possible": worst_width},
            )
        ]  # fmt: skip
