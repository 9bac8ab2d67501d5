"""Climbing: many points of one size at once, each moved uphill on log(lhs/rhs). Deterministic for a given seed.

The same on every processor as well: coordinates lie on a grid, slopes that rounding may explain count as zero, and heights are
compared on a grid, so that the last bits, which kernels differ in, do not add up to another climb.

With torch the moves are those of Adam along gradients; without it each coordinate is tried in turn (`verify.search.plain`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi

import numpy as np

from numeric.torch_here import torch_here
from numeric.twister import Twister
from verify.points.batched import FLOATS
from verify.points.evaluation import Posed
from verify.points.sizes_alone import without_arrays
from verify.search.constrained import moved
from verify.search.gradients import with_gradients
from verify.search.height import OUTSIDE, height, slopes
from verify.search.layout import GRID, Layout, Rows, on_grid, starts
from verify.search.plain import ascended

LED = 12  # steps at most towards the conditions of a statement
STEP, LAST_STEP = 0.3, 0.01
BETAS, EPS = (0.8, 0.95), 1e-12
FLAT = 1e-12  # of the largest slope of a point: a smaller one may be rounding, which Adam would take for a direction


@dataclass(frozen=True)
class Seen:
    """Rows, best first, with log(lhs/rhs) and lhs/rhs in float64; what was not finite is missing.

    points  how many points were evaluated
    """

    rows: Rows
    heights: Rows
    ratios: Rows
    points: int

    @staticmethod
    def of(rows: Rows, heights: Rows, ratios: Rows, points: int) -> Seen:
        order = np.argsort(-np.nan_to_num(heights, nan=-np.inf), kind="stable")
        order = order[np.isfinite(heights[order])]
        return Seen(rows[order], heights[order], ratios[order], points)

    @property
    def best(self) -> float:
        return float(self.heights[0]) if len(self.heights) else float("-inf")

    @property
    def met(self) -> int:
        """How many of these rows meet the conditions of the statement."""
        return int(np.sum(self.heights > OUTSIDE))


def by_torch() -> bool:
    """Whether the search climbs along gradients unless it is told otherwise."""
    return torch_here() is not None


def look(layout: Layout, draws: int, random: Twister, *more: Rows, gradients: bool | None = None) -> Seen:
    """Random rows and these; where the statement has conditions, each is moved until they hold, as far as that succeeds."""
    rows = np.stack([*starts(layout, draws, random), *more])
    if layout.posed.bounded:
        return Seen.of(*ascended(layout, rows, LED, enough=OUTSIDE))
    sloped = by_torch() if gradients is None else gradients
    return Seen.of(rows, *height(layout, rows, with_gradients() if sloped else FLOATS), len(rows))


def climb(
    layout: Layout, seen: Seen, *, climbers: int, steps: int, random: Twister, gradients: bool | None = None
) -> Seen:
    """Lets the best half and as many others climb; each as the best that it came by."""
    if layout.width == 0:  # every point of these sizes has been seen
        return seen
    half = climbers // 2
    rest = np.arange(half, len(seen.rows))
    others = rest[random.permutation(len(rest))[: climbers - half]]
    rows = np.concatenate([seen.rows[:half], seen.rows[others]])
    sloped = by_torch() if gradients is None else gradients
    found = (_along_slopes if sloped else ascended)(layout, rows, steps)
    if _numbers_alone(layout.posed):
        nearer = ascended(layout, found[0], steps, first=LAST_STEP)
        found = (*nearer[:3], found[3] + nearer[3])
    return Seen.of(*found)


def _numbers_alone(posed: Posed) -> bool:
    """Whether a point is a few numbers of either sign: they may meet in one point, for which the last steps of a climb are too long."""
    return without_arrays(posed) and any(name in posed.setting.language.letters for name in posed.parameters)


@np.errstate(all="ignore")  # a slope may be as large as float64 goes, and then its square is infinite
def _along_slopes(layout: Layout, rows: Rows, steps: int) -> tuple[Rows, Rows, Rows, int]:
    """Adam: the best rows that were come by, with their heights and ratios; how many points were evaluated."""
    best, kept, ratios = np.full(len(rows), -np.inf), rows.copy(), np.full(len(rows), np.nan)
    mean, square = np.zeros_like(rows), np.zeros_like(rows)
    for step in range(1, steps + 2):
        found, ratio, slope = slopes(layout, rows)
        better = np.isfinite(found) & (found > best)
        best[better], kept[better], ratios[better] = found[better], rows[better], ratio[better]
        slope = np.where(np.abs(slope) > FLAT * np.abs(slope).max(axis=1, keepdims=True), slope, 0.0)
        mean = BETAS[0] * mean + (1 - BETAS[0]) * slope
        square = BETAS[1] * square + (1 - BETAS[1]) * slope**2
        rate = LAST_STEP + (STEP - LAST_STEP) * 0.5 * (1 + cos(pi * step / steps))
        move = (mean / (1 - BETAS[0] ** step)) / (np.sqrt(square / (1 - BETAS[1] ** step)) + EPS)
        rows = moved(layout, rows, rate * move) if layout.posed.when else on_grid(rows + rate * move, GRID)
    return kept, best, ratios, len(rows) * steps


__all__ = ["Seen", "by_torch", "climb", "look"]
