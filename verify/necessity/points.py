"""Exact points that break one hypothesis, tried on an inequality in order of size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from symbolic.bound import Fact
from verify.points.certify import Certify
from verify.points.compare import Outcome, decide
from verify.points.evaluation import Posed
from verify.points.exact_points import ExactPoint, Instances
from verify.points.witness import witness
from verify.record import Need
from verify.statement import Claim

POINTS = 40


@dataclass(frozen=True)
class Way:
    """One way to break a hypothesis.

    posed    the inequality, as it reads then
    points   the exact points at which it is evaluated
    broken   what is said where one of them breaks the inequality
    """

    posed: Posed
    points: Callable[[], Iterator[ExactPoint]]
    broken: str


@dataclass
class Tried:
    """How many exact points were tried, of sizes up to which, and the closest left/right among them."""

    points: int = 0
    largest: int = 0
    closest: float = 0.0

    def broken_at(self, one: Posed, points: Iterator[ExactPoint]) -> tuple[ExactPoint, Outcome] | None:
        """The first point at which left > right is certain."""
        for point in points:
            outcome = decide(one, point)
            self.points += 1
            self.largest = max(self.largest, *(point.sizes[name] for name in one.sizes), 0)
            if outcome.relation == "above":
                return point, outcome
            if outcome.relation in ("below", "equal", "close"):
                self.closest = max(self.closest, outcome.ratio)
        return None

    def __str__(self) -> str:
        return f"{self.points} exact points of sizes up to {self.largest}"


def smallest_first(points: Instances, one: Posed) -> Iterator[ExactPoint]:
    """The exact points that certify the inequality, in order of size."""
    drawn = [points.at(number, one) for number in range(POINTS)]
    return iter(sorted(drawn, key=lambda point: sum(point.sizes[name] for name in one.sizes)))


def needed(hypothesis: str, ways: Iterable[Way], tried: Tried) -> Need | None:
    """The Need with a witness, where one of these ways breaks the inequality; None where none does."""
    for way in ways:
        if (found := tried.broken_at(way.posed, way.points())) is not None:
            point, outcome = found
            return Need(
                assumption=hypothesis, verdict="needed", strength="certified", witness=witness(way.posed, point, outcome),
                statement=way.broken, budget=str(tried),
            )  # fmt: skip
    return None


def proofs(claim: Claim) -> list[Fact] | None:
    """The proof of each inequality; None where one has none."""
    found = [inequality.proof for inequality in claim.inequalities()]
    return [proof() for proof in found if proof is not None] if found and None not in found else None


def certified(claim: Claim) -> bool:
    """Whether its inequalities have exact points: those that a run alone gives letters to have none."""
    return any(isinstance(check, Certify) for check in claim.checks)
