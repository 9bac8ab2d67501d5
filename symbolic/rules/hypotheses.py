"""What rules share: refusing, and hypotheses that are discharged by their content; and the rule by which a fact supplies another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symbolic.bound import BoundError, Fact, Letter, Premise, Taken, letters, ordered, ties, union
from symbolic.course import Course
from symbolic.indexed import Expr, Tensor
from symbolic.proof import Axiom


def need(condition: bool, otherwise: str) -> None:
    if not condition:
        raise BoundError(otherwise)


def is_condition(taken: Taken, positive: Expr) -> bool:
    """Whether it is the hypothesis that `positive` ≥ 0, for these letters, at the points that the fact speaks of."""
    what = taken.what
    return taken.when == "" and isinstance(what, Fact) and not what.any and what.positive == positive


def made_of(tensor: Tensor, rests: Iterable[Taken]) -> set[Letter]:
    """The letters that have a definition in terms of this letter: exactly one each, by earlier letters.

    Raises BoundError where another premise mentions one of these letters. The
    declaration of a course, in which they move, is no such premise.
    """
    left, made = ordered(rests), set[Letter]()
    said: set[Letter] = {tensor}

    def speaks(what: Premise) -> bool:
        of_made = what.stepped if isinstance(what, Course) else what.letters
        return tensor in what.letters or not made.isdisjoint(of_made)

    while found := next((t for t in left if speaks(t.what)), None):
        left.remove(found)
        what = found.what
        defined = letters(what.lhs) if isinstance(what, Axiom) and found.when == "always" else frozenset()
        said |= letters(what.rhs) if isinstance(what, Axiom) else frozenset()
        need(len(defined) == 1 and defined.isdisjoint(said), f"{found.name}: not so for every {tensor.name}")
        made |= defined
        said |= defined
    return made


@dataclass(frozen=True)
class Supply:
    """The fact, without the hypotheses that other facts state."""

    fact: Fact
    supplies: tuple[Fact, ...]

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.fact, *self.supplies)

    def conclusion(self) -> Expr:
        self.rests()
        return self.fact.positive

    def rests(self) -> frozenset[Taken]:
        kept = self.fact.rests
        for supply in self.supplies:
            met = [(taken, taken.what) for taken in kept if taken.when == "" and isinstance(taken.what, Fact)]
            met = [(taken, asked) for taken, asked in met if asked.positive == supply.positive]
            need(bool(met), f"supply: {self.fact.name} does not suppose {supply.name}")
            for _, asked in met:
                need(
                    asked.indices == supply.indices,
                    f"supply: {supply.name} has other free indices than the hypothesis",
                )
                for tensor in asked.any:
                    need(
                        not ties(supply, tensor), f"supply: {supply.name} is not stated for any {tensor.name}"
                    )
            kept = kept - {taken for taken, _ in met}
        return kept | union(self.supplies)
