"""Conditions kept while points climb: moves along them, and the way back by Newton's method, since the conditions curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verify.search.gradients import with_gradients
from verify.search.height import NEARLY, apart
from verify.search.layout import GRID, Layout, Rows, on_grid

Marks = NDArray[np.bool_]

BACK = 3  # steps of Newton's method after each move
MOST = 16  # entries of conditions: for more of them their slopes cost more than what they lead to is worth
INSIDE = 1e-5  # by how much an inequality among the conditions is met: fractions that are near a row meet it as well
FAR = 1.0  # the longest step back of a coordinate
SINGULAR = 1e-9  # of the largest square of a slope: less than that is what conditions have that depend on one another


def moved(layout: Layout, rows: Rows, move: Rows) -> Rows:
    """The rows moved as far as the conditions of the statement allow that to first order, and then led back to them."""
    gaps, slopes, equations = _conditions(layout, rows)
    if gaps.shape[1] > MOST:
        return on_grid(rows + move, GRID)
    towards = np.einsum("rcw,rw->rc", slopes, move)
    held = equations | ((gaps > -NEARLY) & (towards > 0))
    rows = on_grid(rows - _least(slopes, held, towards) + move, GRID)
    for _ in range(BACK):
        gaps, slopes, equations = _conditions(layout, rows)
        over = gaps + np.where(equations, 0.0, INSIDE)
        rows = on_grid(rows - np.clip(_least(slopes, equations | (over > 0), over), -FAR, FAR), GRID)
    return rows


def _least(slopes: Rows, held: Marks, wanted: Rows) -> Rows:
    """The shortest step of each row that changes every condition that is held by what is wanted."""
    slopes, wanted = np.where(held[..., None], slopes, 0.0), np.where(held, wanted, 0.0)
    products = np.einsum("rcw,rdw->rcd", slopes, slopes)
    shares = np.linalg.pinv(products, rcond=SINGULAR, hermitian=True) @ wanted[..., None]
    found: Rows = np.einsum("rcw,rc->rw", slopes, shares[..., 0])
    return found


def _conditions(layout: Layout, rows: Rows) -> tuple[Rows, Rows, Marks]:
    """By how much every entry of each condition does not hold, the slope of that in every coordinate, and which are equations."""
    arithmetic = with_gradients()
    torch = arithmetic.xp
    at = torch.tensor(rows, requires_grad=True)
    found = list(apart(layout.posed, layout.values(at, arithmetic), len(rows)))
    gaps = torch.cat([gap for gap, _ in found], dim=1)
    equations = np.concatenate([np.full(gap.shape, one.equation) for gap, one in found], axis=1)
    slopes = np.zeros((*gaps.shape, layout.width))
    for place in range(gaps.shape[1] if gaps.requires_grad and gaps.shape[1] <= MOST else 0):
        (slope,) = torch.autograd.grad(gaps[:, place].sum(), at, retain_graph=True)
        slopes[:, place] = slope.numpy()
    return np.nan_to_num(gaps.detach().numpy()), np.nan_to_num(slopes), equations


__all__ = ["moved"]
