"""rhs/lhs over exact points of an inequality's whole domain: how it is distributed, and how close to 1 a search brings it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from verify.points.compare import Outcome, decide
from verify.points.evaluation import Posed, pose
from verify.points.exact_points import ExactPoint, Instances
from verify.search.search import FAST, Budget, search
from verify.statement import Inequality

TOLD = ("below", "equal", "close")


@dataclass(frozen=True)
class Effort:
    """points  exact points at which both sides are enclosed; stages: of the search"""

    points: int
    stages: tuple[Budget, ...]


EFFORTS = {"fast": Effort(12, (Budget(3, 48, 1, 16, 10),)), "full": Effort(100, (FAST,))}


@dataclass(frozen=True)
class Spread:
    """rhs/lhs over exact points, each enclosed in balls or rationals.

    worst, typical   the smallest and the median of `points` drawn ones; typical is inf where most left sides are 0
    closest          the smallest that the search or the draw came to
    searched         points that the search evaluated in float64
    above            a point at which it fails for certain, and how
    """

    worst: float
    typical: float
    points: int
    closest: float
    searched: int
    above: tuple[ExactPoint, Outcome] | None = None


def spread(
    inequality: Inequality,
    points: Instances,
    effort: Effort,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Spread | None:
    """None where the domain has no point of small sizes."""
    posed = pose(inequality)
    ratios: list[float] = []
    for number in range(3 * effort.points):
        if len(ratios) == effort.points:
            break
        point = points.at(number, posed)
        outcome = decide(posed, point)
        if outcome.relation == "above":
            return Spread(0.0, 0.0, len(ratios) + 1, 0.0, 0, (point, outcome))
        if outcome.relation in TOLD:
            ratios.append(over(posed, outcome.ratio))
    found = search(inequality, effort.stages, seed, progress)
    if not ratios and not found.points:
        return None
    closest = min([over(posed, found.closest), *ratios])
    return Spread(
        min(ratios, default=closest), median(ratios) if ratios else closest, len(ratios), closest, found.points, found.above
    )  # fmt: skip


def over(posed: Posed, ratio: float) -> float:
    """rhs/lhs as printed from lhs/rhs as it is decided."""
    root = ratio**0.5 if posed.squared else ratio
    return 1 / root if root > 0 else float("inf")
