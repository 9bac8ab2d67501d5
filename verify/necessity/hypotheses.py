"""Whether a statement needs each of its hypotheses: without one it is proved, or broken at an exact point, or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from numeric.balls import Undecided
from verify.known import by, known
from verify.necessity.examine import unknown
from verify.necessity.points import Tried, smallest_first
from verify.output.phrases import counted
from verify.pipeline.bench import Bench
from verify.points.compare import Outcome, decide, outside
from verify.points.evaluation import Posed, pose
from verify.points.exact_points import ExactPoint, Instances
from verify.points.witness import witness
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.record import Evidence, Need
from verify.search.search import BUDGETS, search
from verify.statement import Claim, Inequality
from verify.vocabulary import PROVED

Making = Callable[[], Claim]


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis of a claim.

    name     how it is called
    without  makes the claim without it, with the proofs that are found then; None where there is no such claim
    reason   why there is none
    weaker   what may take its place, the weakest first: the name of each, and what makes the claim with it
    """

    name: str
    without: Making | None
    reason: str = ""
    weaker: tuple[tuple[str, Making], ...] = ()


@dataclass(frozen=True)
class Examined:
    """What is known of each hypothesis; and, where one was found on the way, a counterexample that meets all of them."""

    needs: tuple[Need, ...]
    against: tuple[Evidence, ...] = ()


def examine(claim: Claim, hypotheses: Iterable[Hypothesis], bench: Bench) -> Examined:
    """Each hypothesis of a claim against which nothing is known is dropped while the others are kept."""
    needs: list[Need] = []
    for hypothesis in hypotheses:
        if hypothesis.without is None:
            needs.append(unknown(hypothesis.name, hypothesis.reason))
            continue
        try:
            found = _answer(claim, hypothesis, hypothesis.without(), bench)
        except (Undecided, ArithmeticError) as error:
            found = unknown(hypothesis.name, f"Not decided: {' '.join(str(error).split())}.")
        if isinstance(found, Evidence):
            return Examined(tuple(needs), (found,))
        needs.append(found)
    return Examined(tuple(needs))


def _answer(claim: Claim, hypothesis: Hypothesis, without: Claim, bench: Bench) -> Need | Evidence:
    first = _proving(without, bench)
    if first.strength in PROVED:
        return Need(
            assumption=hypothesis.name, verdict="not needed", strength=first.strength,
            statement=f"The statement is proved without this hypothesis. {first.statement}",
        )  # fmt: skip
    shown, budget, closest = first.witness, first.budget, ""
    if shown is None and without.inequalities():
        attempt = Attempt(bench)
        for stated, inequality in zip(claim.inequalities(), without.inequalities(), strict=True):
            if (broken := attempt.broken(inequality)) is not None:
                shown = witness(*broken)
                if _meets(pose(stated), broken[1]):
                    return Evidence(
                        check="search", **known("general", "fails", by(shown)), witness=shown,
                        statement=f"Counterexample, found without the hypothesis {hypothesis.name}, which it meets: {shown.summary}.",
                    )  # fmt: skip
                break
        budget, closest = str(attempt), f" The closest left/right is {attempt.closest:.4g}."
    enough = _enough(hypothesis, bench)
    if shown is not None:
        return Need(
            assumption=hypothesis.name, verdict="needed", strength="certified", witness=shown, budget=budget,
            statement=f"Without this hypothesis there is a counterexample: {shown.summary}.{enough}",
        )  # fmt: skip
    return Need(
        assumption=hypothesis.name, verdict="none found", strength=None, budget=budget,
        statement=f"Without this hypothesis no proof is found, and nothing that was tried breaks the statement.{closest}{enough}",
    )  # fmt: skip


def _proving(claim: Claim, bench: Bench) -> Evidence:
    """What the prover says of a claim; of an identity also a counterexample."""
    prover = ProveBound() if claim.inequalities() else Decide()
    return next(iter(prover(claim, bench)))


def _enough(hypothesis: Hypothesis, bench: Bench) -> str:
    """The weakest of the hypotheses with which the statement is proved; empty where it is proved with none of them."""
    for name, make in hypothesis.weaker:
        if _proving(make(), bench).strength in PROVED:
            return f" With {name} in its place it is proved."
    return ""


@dataclass
class Attempt:
    """Exact points in order of size, then the search: what was spent, and the closest left/right that was met."""

    bench: Bench
    closest: float = 0.0
    searched: int = 0

    def __post_init__(self) -> None:
        self.tried = Tried()

    def broken(self, inequality: Inequality) -> tuple[Posed, ExactPoint, Outcome] | None:
        """The inequality, and a small point that breaks it; None where none is found."""
        posed = pose(inequality)
        points = Instances(self.bench.seed)
        above = self.tried.broken_at(posed, smallest_first(points, posed))
        closest = self.tried.closest
        if above is None:
            found = search(inequality, BUDGETS[self.bench.tier], self.bench.seed)
            above, self.searched = found.above, self.searched + found.points
            closest = max(closest, found.closest)
        self.closest = max(self.closest, closest**0.5 if posed.squared else closest)
        if above is None:
            return None
        from verify.search.shrink import shrink

        return posed, *shrink(posed, *above)

    def __str__(self) -> str:
        points = f"{counted(self.tried.points, 'exact point')} of sizes up to {self.tried.largest}"
        return points + (f", then {counted(self.searched, 'point')} of a search" if self.searched else "")


def _meets(posed: Posed, point: ExactPoint) -> bool:
    """Whether a point that breaks the statement without a hypothesis breaks the statement as it stands."""
    drawn = {name: point.parameter(name) for name in posed.parameters}
    if outside(posed, point.sizes, drawn):
        return False
    return decide(posed, ExactPoint(posed.setting, point.sizes, drawn.__getitem__)).relation == "above"
