"""Both sides of an identity enclosed at this instance, by ball arithmetic on its exact entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric import balls
from symbolic.evaluate import evaluate
from symbolic.indexed import Index
from verify.known import known
from verify.record import Evidence
from verify.sides import Sides, read
from verify.statement import Claim
from verify.theories.yang2024.binding import ball_point
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.symbolic import letters

BITS = 256
MOST = 400_000  # entries of one side, about
SHARP = 1e-20  # overlap of enclosures wider than this says nothing


def extent(axis: Index, i: Instance) -> int:
    return {"N": i.N, "K": i.K, "U": i.K - i.N, "m": i.m, "d": i.d, "H": i.H}[axis.dim.name]


def wanted(side: Sides, instance: Instance) -> dict[Index, NDArray[np.intp]]:
    """Positions along each axis of a side, all of them where it has at most about MOST entries, else spread evenly with both
    ends among them: a position that stands for one token does so on every axis of its dimension."""
    counts = {axis: extent(axis, instance) for axis in side.axes}
    share = min(1.0, (MOST / max(1, prod(counts.values()))) ** (1 / max(1, len(counts))))
    return {
        axis: np.unique(np.linspace(0, count - 1, max(2, int(count * share))).astype(np.intp))
        if count
        else np.arange(0)
        for axis, count in counts.items()
    }


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
        chosen = wanted(side, instance)
        lhs, rhs = (evaluate(one, point, side.axes, chosen) for one in (side.lhs, side.rhs))
        for left, right in zip(lhs.flat, rhs.flat, strict=True):
            size, off = abs(left) + abs(right), abs(left - right)
            if not off.is_finite():
                return arb(0), arb("inf")
            scale = size.upper() if size.upper() > floor else floor
            gap, width = gap.max((off.lower() / scale).mid()), width.max((off.upper() / scale).mid())
    return gap, width


def entries(sides: Sequence[Sides], instance: Instance) -> str:
    """How many of the entries are looked at, in words."""
    every = sum(prod(extent(axis, instance) for axis in side.axes) for side in sides)
    seen = sum(prod(len(places) for places in wanted(side, instance).values()) for side in sides)
    return "all entries" if seen == every else f"{seen:,} of {every:,} entries, evenly spread,"


@dataclass(frozen=True)
class EncloseIdentity:
    """A random Â, y, λ and ξ; everything else as the instance has it. Disjoint enclosures refute; overlap alone
    proves nothing, so what agrees is called tested."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        i, rng = laboratory.instance, laboratory.instance.rng("letters of an identity")
        drawn = {
            "Ahat": rng.standard_normal((i.N, i.K)), "y": rng.standard_normal(i.K),
            "lam": rng.standard_normal(i.m), "xi": rng.standard_normal(i.N),
        }  # fmt: skip
        assert claim.formal is not None
        if claim.equal_sizes is not None and i.m != i.N:
            return []
        sides = [read(identity) for identity in claim.identities()]
        bits, gap, width = BITS, arb(0), arb("inf")
        while bits <= balls.LIMIT_BITS and not gap > 0 and not width < SHARP:
            with balls.precision(bits):
                gap, width = apart(sides, i, drawn)
            bits *= 2
        worst_gap, worst_width = float(gap), float(width)
        scope = (
            f"{entries(sides, i)} at N = {i.N}, K = {i.K}, m = {i.m}; {bits // 2} bits; Â, y, λ, ξ drawn once"
        )
        if gap > 0:
            return [
                Evidence(
                    check="enclose", **known("here", "fails", "certified"),
                    statement=f"The enclosures of the two sides are disjoint: they differ by at least {worst_gap:.3g} of their size.",
                    budget=scope, figures={"certified relative difference": worst_gap},
                )
            ]  # fmt: skip
        if not width < SHARP:
            return [
                Evidence(
                    check="enclose", scope="here", verdict="undecided", strength=None, budget=scope,
                    statement="The enclosures of the two sides overlap, and are too wide for that to say anything.",
                )
            ]  # fmt: skip
        return [
            Evidence(
                check="enclose", **known("here", "holds", "tested"),
                statement=f"The two sides agree to {worst_width:.1g} of their size, the width of their enclosures."
                if worst_width
                else "The two sides are the same, digit for digit.",
                budget=scope, figures={"largest relative difference possible": worst_width},
            )
        ]  # fmt: skip
