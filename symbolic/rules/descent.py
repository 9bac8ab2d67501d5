"""Rules on gradient descent: the descent lemma, and the triangle inequality over steps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symbolic.bound import BoundError, Fact, Taken, letters, nonnegative, ordered
from symbolic.course import Course, Gradient, constant
from symbolic.indexed import Expr, Index, Tensor, number, scalar
from symbolic.rules.hypotheses import need

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class DescentLemma:
    """f + ⟨∇f, ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖² − f′ ≥ 0. The premise is L²‖ξ − ξ′‖² − ‖∇f − ∇f′‖² ≥ 0 for every two points of a convex set.

    A condition of the premise that moves must be c² − x² ≥ 0 for an entry x of ξ, with the same for ξ′: a ball, which is convex.
    """

    course: Course
    of: Gradient
    L: Expr
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        need(
            nonnegative(self.L) and not self.course.moving(letters(self.L)), "descent lemma: L is no constant"
        )
        apart, turned, along = number(0), number(0), number(0)
        for x, x2, g, g2 in self.of.parts:
            need(
                (x, x2) in self.course.pairs and (g, g2) in self.course.pairs,
                f"descent lemma: {x.name} does not move",
            )
            at = tuple(Index(f"#descent{place}", dim) for place, dim in enumerate(x.slots))
            apart = apart + ((x[at] - x2[at]) ** 2).sum(*at)
            turned = turned + ((g[at] - g2[at]) ** 2).sum(*at)
            along = along + (g[at] * (x2[at] - x[at])).sum(*at)
        need((self.of.f, self.of.f2) in self.course.pairs, f"descent lemma: {self.of.f} does not move")
        need(
            self.premise.positive == self.L**2 * apart - turned,
            f"descent lemma: {self.premise.name} is another premise",
        )
        self.rests()
        return scalar(self.of.f) + along + HALF * self.L * apart - scalar(self.of.f2)

    def rests(self) -> frozenset[Taken]:
        conditions = {
            taken.what.positive
            for taken in self.premise.rests
            if taken.when == "" and isinstance(taken.what, Fact)
        }
        for taken in ordered(self.premise.rests):
            if taken.when == "always" or constant(self.course, taken):
                continue
            need(
                taken.when == "" and isinstance(taken.what, Fact) and self._ball(taken.what, conditions),
                f"descent lemma: {taken.name} need not be so along the segment",
            )
        return self.premise.rests | {Taken.of(self.of), Taken.of(self.course)}

    def _ball(self, fact: Fact, conditions: set[Expr]) -> bool:
        for x, x2, *_ in self.of.parts:
            for one, other in ((x, x2), (x2, x)):
                if len(fact.indices) != len(one.slots) or tuple(i.dim for i in fact.indices) != one.slots:
                    continue
                square, same = one[fact.indices] ** 2, other[fact.indices] ** 2
                if not self.course.moving(letters(fact.positive + square)):
                    return fact.positive + square - same in conditions
        return False


@dataclass(frozen=True)
class Steps:
    """(η c Σ_{s<t} r^s)² − Σ_over (x^(t) − x^(0))² ≥ 0, with ξ = ξ^(t) and ξ′ = ξ^(0).

    The premise is (c r^s)² − Σ_over g² ≥ 0 at ξ = ξ^(s), for the steps x^(s+1) = x^(s) − η g^(s); its conditions are taken at every step
    before t.
    """

    course: Course
    x: Tensor
    c: Expr
    at: tuple[Index, ...]
    over: tuple[Index, ...]
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        x, x2, g = self._step()
        need(not self.course.moving(letters(self.c)), "steps: c is no constant")
        bound = (self.c * scalar(self.course.power)) ** 2
        need(
            self.premise.positive == bound - (g[self.at] ** 2).sum(*self.over),
            f"steps: {self.premise.name} is another premise",
        )
        self.rests()
        reach = scalar(self.course.rate) * self.c * scalar(self.course.total)
        return reach**2 - ((x[self.at] - x2[self.at]) ** 2).sum(*self.over)

    def _step(self) -> tuple[Tensor, Tensor, Tensor]:
        for step in self.course.steps:
            if step[0] == self.x:
                return step
        raise BoundError(f"steps: {self.x.name} is no parameter of the descent")

    def rests(self) -> frozenset[Taken]:
        found = set()
        for taken in ordered(self.premise.rests):
            if taken.when in ("always", "course") or (taken.when == "" and constant(self.course, taken)):
                found.add(taken)
                continue
            need(
                taken.when == "" and self.course.here(taken.what.letters),
                f"steps: {taken.name} is no condition on one point",
            )
            found.add(Taken.of(taken.what, "before"))
        return frozenset(found) | {Taken.of(self.course, "start")}
