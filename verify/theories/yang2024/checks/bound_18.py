"""Whether one run keeps to the bound (18), told as far as rounding lets it be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from flint import arb

from verify.theories.yang2024.checks.compare import BLUNT
from verify.theories.yang2024.laboratory import UPDATE_PAIRS
from verify.theories.yang2024.numeric.constants import IterateEnclosure, enclose_gap
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import Iterate, Trajectory

PLAUSIBLE = 0.1  # a recorded gap further off than this is wrong, not rounded


def resolved(trajectory: Trajectory, dtype: str) -> int:
    """The last step at which the bound (18) is still above what iterates of this dtype can reach.

    An entry of Â is rounded to eps of its size, so no stored iterate comes closer to A than that, and no gap falls
    below eps² of its start but by luck; three decimal places are kept in reserve.
    """
    log_rate = trajectory.rates.log_rate
    return trajectory.last.t if not log_rate else min(trajectory.last.t, int(np.log(floor(dtype)) / log_rate))


def floor(dtype: str) -> float:
    """What part of its start a gap has to keep, for rounding of the iterate not to rule it; see `resolved`."""
    return 1e3 * float(np.finfo(dtype).eps) ** 2


def above_floor(trajectory: Trajectory, iterate: Iterate, dtype: str) -> bool:
    """Whether the recorded gap of this iterate is one that rounding does not rule, whatever the bound still allows."""
    gap = trajectory.gap
    return bool(gap[iterate.t - trajectory.start] > floor(dtype) * gap[0])


def pairs(trajectory: Trajectory) -> list[Iterate]:
    """The stored iterates whose successor is stored too."""
    kept = {iterate.t: iterate for iterate in trajectory.snapshots}
    return [kept[t] for t in UPDATE_PAIRS if t in kept and t + 1 in kept]


def rounding(
    trajectory: Trajectory,
    instance: Instance | ExactInstance,
    until: int | None = None,
    *,
    power: float = 1.0,
    share: float = 1.0,
    known: Mapping[int, arb] = MappingProxyType({}),
) -> float:
    """By how much the distance of a recorded gap from its enclosure can move the margin of (18), at most over the
    stored iterates up to `until`; inf where an enclosure is too wide to tell. power, share: see `SampleDescents`; known:
    gaps that are enclosed already, by step."""
    worst, log_rate = 0.0, power * arb(trajectory.rates.log_rate or 0.0)
    for iterate in (*pairs(trajectory), trajectory.last):
        if until is not None and iterate.t > until:
            continue
        seen = arb(float(trajectory.gap[iterate.t - trajectory.start]))
        gap = known[iterate.t] if iterate.t in known else enclose_gap(instance, iterate.w, iterate.X).gap
        bound = share * arb(float(trajectory.gap[0])) * (log_rate * iterate.t).exp()
        off = float((2 * abs(seen - gap) / (bound + gap)).upper())
        worst = max(worst, off if off == off else float("inf"))
    return worst


@dataclass(frozen=True)
class Comparison:
    """(18) along one run, told as far as rounding lets it be told.

    margin, at  the smallest margin over 1 ≤ t ≤ until, and its step; until: the last step that rounding does not rule
    blur        by how much the distance of a recorded gap from its enclosure can move that margin; None where nobody looked
    certified   whether gap and bound at the last iterate are enclosed and in order
    """

    verdict: Literal["holds", "fails", "undecided"]
    margin: float
    at: int
    until: int
    blur: float | None
    certified: bool


def compared(
    trajectory: Trajectory,
    exact: ExactInstance,
    Delta0: arb,
    enclosed: IterateEnclosure,
    dtype: str,
    *,
    complete: bool,
) -> Comparison:
    """(18) at every step of a run at certified rates, and enclosed at its last iterate; one that is not `complete`, i.e. ended
    before the bound was at its target, may break it but never meets it."""
    assert trajectory.rates.log_rate is not None
    log_rate, last = trajectory.rates.log_rate, trajectory.last.t
    until = resolved(trajectory, dtype)
    margin, at = trajectory.worst_margin(log_rate, since=1, until=until)
    known = {last: enclosed.gap}
    blur = rounding(trajectory, exact, until, known=known) if complete or not margin > 0 else None
    bound = Delta0 * (arb(log_rate) * last).exp()
    verdict: Literal["holds", "fails", "undecided"] = "undecided"
    if margin < -min(blur or 0.0, PLAUSIBLE) or (until == last and bool(enclosed.gap > bound)):
        verdict = "fails"
    elif complete and blur is not None and margin > blur and blur <= BLUNT:
        verdict = "holds"
    return Comparison(verdict, margin, at, until, blur, bool(enclosed.gap <= bound))
