"""The rule of induction over steps of gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symbolic.bound import Fact, Taken, ordered
from symbolic.course import Course, constant
from symbolic.indexed import Expr
from symbolic.rules.hypotheses import is_condition, need


@dataclass(frozen=True)
class Part:
    """One statement of an induction: the hypothesis P that ξ meets it, P at the start, and the step to P.

    start  P in the letters of ξ′ = ξ^(0)
    step   P at ξ = ξ^(t), from the steps before and from the start ξ′ = ξ^(0); or P at ξ′, one step after ξ
    """

    hypothesis: Fact
    start: Fact
    step: Fact


@dataclass(frozen=True)
class Induction:
    """Statement `number` of `parts`, at every step of the descent.

    At a step each statement may be taken from the ones before it in `parts`; at earlier steps from all.
    """

    course: Course
    parts: tuple[Part, ...]
    number: int

    @property
    def premises(self) -> tuple[Fact, ...]:
        return tuple(fact for part in self.parts for fact in (part.start, part.step))

    def conclusion(self) -> Expr:
        need(0 <= self.number < len(self.parts), f"induction: no statement {self.number}")
        for part in self.parts:
            claim = part.hypothesis
            need(
                claim.why is None and claim.when == "" and not claim.any,
                f"induction: {claim.name} is no hypothesis",
            )
            need(claim.positive.free() == set(claim.indices), f"induction: an index of {claim.name} is open")
            for fact in (part.start, part.step):
                need(
                    fact.indices == claim.indices,
                    f"induction: {fact.name} has other free indices than {claim.name}",
                )
            need(
                part.start.positive == self.course.at_start(claim.positive),
                f"induction: {part.start.name} is another statement",
            )
        self.rests()
        return self.parts[self.number].hypothesis.positive

    def rests(self) -> frozenset[Taken]:
        found: set[Taken] = set()
        earlier: list[Fact] = []
        every = [part.hypothesis for part in self.parts]
        for part in self.parts:
            self._take(part.start.rests, "start", (), found)
            if part.step.positive == part.hypothesis.positive:
                allowed = [Taken.of(fact, "before") for fact in every] + [Taken.of(fact) for fact in earlier]
                self._take(part.step.rests, "start", allowed, found)
            else:
                following = self.course.at_next(part.hypothesis.positive)
                need(
                    part.step.positive == following,
                    f"induction: {part.step.name} is not {part.hypothesis.name} at the next step",
                )
                allowed = [Taken.of(fact, when) for fact in every for when in ("", "before")]
                reached = {self.course.at_next(fact.positive) for fact in earlier}
                allowed += [
                    t for t in part.step.rests if any(is_condition(t, positive) for positive in reached)
                ]
                self._take(part.step.rests, "next", allowed, found)
            earlier.append(part.hypothesis)
        return frozenset(found) | {Taken.of(self.course)}

    def _take(self, rests: frozenset[Taken], point: str, allowed: Iterable[Taken], found: set[Taken]) -> None:
        """Adds the premises of one fact that are not discharged; those of the start and of a step become properties of the course."""
        for taken in ordered(rests - frozenset(allowed)):
            if taken.when == point:
                found.add(Taken.of(taken.what, "course"))
                continue
            fits = taken.when in ("always", "course") or (taken.when == "" and constant(self.course, taken))
            need(fits, f"induction: {taken.name} is neither a statement of the induction nor a constant")
            found.add(taken)
