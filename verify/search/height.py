"""How high a point stands: log(lhs/rhs) at many points at once, below everything where a condition of the statement does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from verify.points.batched import FLOATS, Array, Batched, BatchValues
from verify.points.evaluation import Posed, Supposed
from verify.search.gradients import with_gradients
from verify.search.layout import Layout, Rows, on_grid

IMPROPER = 1e4
OUTSIDE = -4 * IMPROPER
HEIGHT_GRID = 2.0**30
TINIEST = 1e-12  # what is missing at least where something is
NEARLY = 1e-3  # what an equation among the conditions is met within, relative to large sides: exact arithmetic does the rest


def height(layout: Layout, rows: Rows, arithmetic: Batched = FLOATS) -> tuple[Rows, Rows]:
    """`height_of` at every row, on a grid."""
    at = arithmetic.xp.asarray(rows)
    found, ratio = height_of(layout.posed, layout.values(at, arithmetic), len(rows))
    return on_grid(np.asarray(found), HEIGHT_GRID), np.asarray(ratio)


def slopes(layout: Layout, rows: Rows) -> tuple[Rows, Rows, Rows]:
    """The same by torch, and the slope of the height in every coordinate: 0 where the height is not finite."""
    arithmetic = with_gradients()
    torch = arithmetic.xp
    at = torch.tensor(rows, requires_grad=True)
    found, ratio = height_of(layout.posed, layout.values(at, arithmetic), len(rows))
    slope = np.zeros_like(rows)
    if found.requires_grad:
        (given,) = torch.autograd.grad(torch.where(torch.isfinite(found), found, 0.0).sum(), at)
        slope = np.nan_to_num(given.numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    return on_grid(found.detach().numpy(), HEIGHT_GRID), ratio.numpy(), slope


@np.errstate(all="ignore")  # what is not finite is marked
def height_of(posed: Posed, values: BatchValues, count: int) -> tuple[Array, Array]:
    """log(lhs/rhs) at the entry where it is largest, and lhs/rhs there; nan where a side is not finite.

    Where a side is not positive, the first is (lhs − rhs)/(|lhs| + |rhs|), lowered by IMPROPER, or raised where it is positive.
    Where a condition does not hold, it is OUTSIDE less what is missing, and the ratio is −inf.
    """
    arithmetic = values.arithmetic
    xp = arithmetic.xp
    lhs, rhs = (_rows(values, side, count) for side in posed.sides(values))
    if lhs.shape[1] == 0:
        nothing = xp.full((count,), float("nan"), dtype=xp.float64)
        return nothing, nothing
    proper = (lhs > 0) & (rhs > 0)
    logs = xp.log(xp.where(proper, lhs, 1.0)) - xp.log(xp.where(proper, rhs, 1.0))
    apart = (lhs - rhs) / arithmetic.constant(xp.abs(lhs) + xp.abs(rhs) + 1e-300)
    known = xp.isfinite(lhs) & xp.isfinite(rhs)
    found = xp.where(proper, logs, apart + xp.where(lhs > rhs, IMPROPER, -IMPROPER))
    found = xp.where(known, found, float("-inf"))
    levels = on_grid(np.asarray(arithmetic.constant(found)), HEIGHT_GRID)
    at = np.arange(count), np.argmax(levels == levels.max(axis=1, keepdims=True), axis=1)  # the first
    best, x, y = found[at], arithmetic.constant(lhs)[at], arithmetic.constant(rhs)[at]
    ratio = xp.where(y > 0, x / y, xp.where(x > y, float("inf"), float("-inf")))
    known = known.all(axis=1)
    for lack in missing(posed, values, count):
        known = known & xp.isfinite(lack)
        best = xp.where(lack > 0, xp.where(best > OUTSIDE, OUTSIDE, best) - lack, best)
        ratio = xp.where(lack > 0, float("-inf"), ratio)
    return xp.where(known, best, float("nan")), xp.where(known, ratio, float("nan"))


def missing(posed: Posed, values: BatchValues, count: int) -> Iterator[Array]:
    """For each condition by how much it does not hold, summed over its entries."""
    xp = values.arithmetic.xp
    for gap, one in apart(posed, values, count):
        met = gap <= NEARLY if one.equation else gap < 0 if one.strict else gap <= 0
        yield xp.where(met, 0.0, gap + TINIEST).sum(axis=1)
    for name in posed.signed:
        value = _rows(values, values[name], count)
        yield xp.where(value >= 0, 0.0, -xp.arcsinh(value)).sum(axis=1)


def apart(posed: Posed, values: BatchValues, count: int) -> Iterator[tuple[Array, Supposed]]:
    """For each condition the smaller side minus the larger one at every entry, on a scale that large and small numbers share."""
    xp = values.arithmetic.xp
    for one in posed.when:
        low, high = (_rows(values, values.of(side, one.axes), count) for side in (one.low, one.high))
        yield xp.arcsinh(low) - xp.arcsinh(high), one


def _rows(values: BatchValues, array: Array, count: int) -> Array:
    """A row for each point, a column for each entry."""
    whole = values.arithmetic.xp.broadcast_to(array, (count, *array.shape[1:]))
    return whole.reshape(count, prod(array.shape[1:]))
