"""Both sides of an identity enclosed at this instance, by ball arithmetic on its exact entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric import balls
from numeric.instance import Instance
from symbolic import letters
from symbolic.evaluate import evaluate
from verify.binding import ball_point
from verify.checks.identity import Sides, read
from verify.claim import Claim
from verify.laboratory import Laboratory
from verify.record import Evidence

BITS = 256
SHARP = 1e-20  # overlap of enclosures wider than this says nothing


def apart(
    sides: Sequence[Sides], instance: Instance, drawn: dict[str, NDArray[np.float64]]
) -> tuple[arb, arb]:
    """By how much of their size the two sides differ at least, and at most, over all entries; (0, inf) where the
    precision in force gives no enclosure."""
    rooted = any(letters.ZBAR in side.lhs.tensors() | side.rhs.tensors() for side in sides)
    try:
        point = ball_point(instance, drawn, rooted=rooted)
    except (balls.Undecided, ZeroDivisionError):  # flint's word for "this matrix may be singular"
        return arb(0), arb("inf")
    gap, width = arb(0), arb(0)
    floor = arb(2) ** (-BITS // 2)  # entries that vanish are compared absolutely
    for side in sides:
        lhs, rhs = evaluate(side.lhs, point, side.axes), evaluate(side.rhs, point, side.axes)
        for left, right in zip(lhs.flat, rhs.flat, strict=True):
            size, off = abs(left) + abs(right), abs(left - right)
            if not off.is_finite():
                return arb(0), arb("inf")
            scale = size.upper() if size.upper() > floor else floor
            gap, width = gap.max((off.lower() / scale).mid()), width.max((off.upper() / scale).mid())
    return gap, width


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
        sides = [read(identity) for identity in claim.identities()]
        bits, gap, width = BITS, arb(0), arb("inf")
        while bits <= balls.LIMIT_BITS and not gap > 0 and not width < SHARP:
            with balls.precision(bits):
                gap, width = apart(sides, i, drawn)
            bits *= 2
        seconds, worst_gap, worst_width = perf_counter() - started, float(gap), float(width)
        scope = f"all entries at N = {i.N}, K = {i.K}, m = {i.m}; {bits // 2} bits; Â, y, λ, ξ drawn once"
        if gap > 0:
            return [
                Evidence(
                    check="enclose", scope="here", verdict="fails", strength="certified", margin=-worst_gap,
                    statement=f"The enclosures of the two sides are disjoint: they differ by at least {worst_gap:.3g} of their size.",
                    budget=scope, seed=i.seed, seconds=seconds, figures={"certified relative difference": worst_gap},
                )
            ]  # fmt: skip
        if not width < SHARP:
            return [
                Evidence(
                    check="enclose", scope="here", verdict="undecided", strength=None, budget=scope, seed=i.seed,
                    statement="The enclosures of the two sides overlap, and are too wide for that to say anything.", seconds=seconds,
                )
            ]  # fmt: skip
        return [
            Evidence(
                check="enclose", scope="here", verdict="holds", strength="tested",
                statement=f"The two sides agree to {worst_width:.1g} of their size, the width of their enclosures.",
                budget=scope, seed=i.seed, seconds=seconds, figures={"largest relative difference possible": worst_width},
            )
        ]  # fmt: skip
