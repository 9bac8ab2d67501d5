"""Exact points that meet the conditions of a statement, by moving drawn ones towards them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

from numeric.twister import Twister
from verify.points.compare import Outcome, decide, outside
from verify.points.equations import solved
from verify.points.evaluation import Posed
from verify.points.exact_points import ExactPoint
from verify.search.height import OUTSIDE
from verify.search.layout import Layout, Rows, exact, starts
from verify.search.plain import ascended

TOGETHER, STEPS = 24, 12  # points that are moved together, and steps of each
DENOMINATORS = (10, 1000, 10**15)  # the coarsest first: exact arithmetic is quicker with small numbers


def feasible(posed: Posed, sizes: Mapping[str, int], seed: int) -> Iterator[tuple[ExactPoint, Outcome]]:
    """Points that meet the conditions, with the comparison of the sides there; it ends where no more are found."""
    layout = Layout.of(posed, sizes)
    random = Twister(crc32(f"{seed} {sorted(sizes.items())}".encode()))
    while True:
        rows, heights, _, _ = ascended(layout, starts(layout, TOGETHER, random), STEPS, enough=OUTSIDE)
        there = False
        for row in rows[heights > OUTSIDE]:  # most that ask need few points, and exact arithmetic is slow
            if (found := met(posed, layout, row)) is not None:
                there = True
                yield found
        if not there or not layout.width:
            return


def met(posed: Posed, layout: Layout, row: Rows) -> tuple[ExactPoint, Outcome] | None:
    """The row as fractions as coarse as the conditions allow; None where they hold at none that is tried."""
    for denominator in DENOMINATORS:
        point = inside(posed, exact(layout, row, denominator))
        outcome = None if point is None else decide(posed, point)
        if point is not None and outcome is not None and outcome.relation != "outside":
            return point, outcome
    return None


def inside(posed: Posed, point: ExactPoint) -> ExactPoint | None:
    """The point with its equations solved, if every letter lies in its domain there."""
    found = solved(posed, point)
    if found is None or outside(
        posed, found.sizes, {name: found.parameter(name) for name in posed.parameters}
    ):
        return None
    return found


__all__ = ["feasible", "inside"]
