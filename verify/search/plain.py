"""Climbing without gradients, in numpy alone: each coordinate is moved up and down, then all that gained are moved at once.

It takes the place of gradients where torch is not installed, and leads points to where the conditions of a statement hold.
"""

from __future__ import annotations

import numpy as np

from verify.search.height import OUTSIDE, height
from verify.search.layout import GRID, Layout, Rows, on_grid

FIRST, LONGEST = 1.0, 4.0  # steps of a coordinate: its first one, and the longest
LONGER, SHORTER = 1.5, 0.5  # the next step after a gain, and after none
AT_ONCE = 64  # coordinates that are tried in one step, the next ones in the next step


@np.errstate(all="ignore")  # the gain of what is not finite is none
def ascended(
    layout: Layout, rows: Rows, steps: int, enough: float = np.inf, first: float = FIRST
) -> tuple[Rows, Rows, Rows, int]:
    """The rows, each moved uphill until it is higher than `enough`; their heights and ratios; how many points were evaluated.

    first  by how much a coordinate is moved in the first step
    """
    best, ratios = _finite(layout, rows)
    rows, points = rows.copy(), len(rows)
    length, before = np.full(len(rows), first), np.zeros_like(rows)
    for step in range(steps):
        low = np.flatnonzero(best <= enough)
        if not len(low) or not layout.width:
            break
        here, reach = rows[low], length[low]
        chosen = np.arange(step * AT_ONCE, step * AT_ONCE + min(layout.width, AT_ONCE)) % layout.width
        moves = np.zeros((len(low), 2, len(chosen), layout.width))
        for sign, up in enumerate((1.0, -1.0)):
            moves[:, sign, np.arange(len(chosen)), chosen] = up * reach[:, None]
        tried, _ = _finite(layout, _moved(here[:, None, None], moves).reshape(-1, layout.width))
        gains = tried.reshape(moves.shape[:3]) - best[low][:, None, None]
        up = np.argmax(gains, axis=1)
        every, places = np.arange(len(low)), np.arange(len(chosen))
        gain = gains[every[:, None], up, places]
        along = moves[every[:, None], up, places]
        together = (along * (gain > 0)[..., None]).sum(axis=1)
        alone = along[every, np.argmax(gain, axis=1)]
        straight = moves[:, 0] * _to_zero(OUTSIDE - best[low], gains)[..., None]
        candidates = np.stack([alone, together, together + before[low], straight.sum(axis=1)], axis=1)
        found, ratio = _finite(layout, _moved(here[:, None], candidates).reshape(-1, layout.width))
        found, ratio = found.reshape(len(low), -1), ratio.reshape(len(low), -1)
        which = np.argmax(found, axis=1)
        better = found[every, which] > best[low]
        points += tried.size + found.size
        move = np.where(better[:, None], candidates[every, which], 0.0)
        rows[low] = _moved(here, move)
        best[low] = np.where(better, found[every, which], best[low])
        ratios[low] = np.where(better, ratio[every, which], ratios[low])
        length[low] = np.where(better, np.minimum(LONGER * reach, LONGEST), SHORTER * reach)
        before[low] = move
    return rows, best, ratios, points


def _to_zero(missing: Rows, gains: Rows) -> Rows:
    """By how many steps of one coordinate, the one that changes most, what is missing to the conditions would vanish if it were linear."""
    slope = np.nan_to_num(gains[:, 0] - gains[:, 1], nan=0.0, posinf=0.0, neginf=0.0) / 2
    steepest = np.argmax(np.abs(slope), axis=1)[:, None] == np.arange(slope.shape[1])
    chosen = steepest & (slope != 0) & (missing > 0)[:, None]
    return np.where(chosen, np.clip(missing[:, None] / np.where(chosen, slope, 1.0), -1.0, 1.0), 0.0)


def _moved(rows: Rows, moves: Rows) -> Rows:
    return on_grid(rows + moves, GRID)


def _finite(layout: Layout, rows: Rows) -> tuple[Rows, Rows]:
    """Height and ratio; −inf is the height of what is not finite."""
    found, ratio = height(layout, rows)
    return np.where(np.isfinite(found), found, -np.inf), ratio
