"""Properties of letters that are no inequalities and no equations: softmax, gradients, exponentials, the course of gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from symbolic.bound import BoundError, Letter, Taken, letters
from symbolic.indexed import Expr, Index, Tensor, entry, number, scalar


@dataclass(frozen=True)
class SoftmaxPair:
    """s and s′ are the softmax, over the index `over`, of the scores x and x′; `indices` are those of an entry of s."""

    name: str
    s: Tensor
    s2: Tensor
    x: Expr
    x2: Expr
    indices: tuple[Index, ...]
    over: Index
    when: ClassVar[str] = "always"

    @property
    def content(self) -> tuple[Any, ...]:
        return "softmax", self.s, self.s2, self.x, self.x2, self.indices, self.over

    @property
    def letters(self) -> frozenset[Letter]:
        return letters(self.x, self.x2) | {self.s, self.s2}


@dataclass(frozen=True)
class Gradient:
    """∂f/∂x = g at ξ and ∂f′/∂x′ = g′ at ξ′ for each (x, x′, g, g′), and f depends on no other moving letter."""

    name: str
    f: str
    f2: str
    parts: tuple[tuple[Tensor, Tensor, Tensor, Tensor], ...]
    when: ClassVar[str] = "always"

    @property
    def content(self) -> tuple[Any, ...]:
        return "gradient", self.f, self.f2, self.parts

    @property
    def letters(self) -> frozenset[Letter]:
        return frozenset((self.f, self.f2, *(letter for part in self.parts for letter in part)))


@dataclass(frozen=True)
class Exponential:
    """power = exp(−times · log_ratio), and log = log max{1, of}, which is not negative."""

    name: str
    power: str
    times: str
    log_ratio: str
    log: str
    of: Expr
    when: ClassVar[str] = "always"

    @property
    def content(self) -> tuple[Any, ...]:
        return "exponential", self.power, self.times, self.log_ratio, self.log, self.of

    @property
    def letters(self) -> frozenset[Letter]:
        return letters(self.of) | {self.power, self.times, self.log_ratio, self.log}


@dataclass(frozen=True)
class Course:
    """ξ^(0), ξ^(1), …: gradient descent x′ = x − rate · g for each (x, x′, g).

    pairs    moving letters at ξ, and the same at ξ′
    between  letters of both points, such as distances
    power    r^t where ξ = ξ^(t), for r the letter `ratio`; `total` is Σ_{i<t} r^i
    """

    name: str
    rate: str
    steps: tuple[tuple[Tensor, Tensor, Tensor], ...]
    pairs: tuple[tuple[Letter, Letter], ...]
    between: tuple[Letter, ...]
    ratio: str
    power: str
    total: str
    when: ClassVar[str] = "course"

    @property
    def content(self) -> tuple[Any, ...]:
        return "course", self.rate, self.steps, self.pairs, self.between, self.ratio, self.power, self.total

    @cached_property
    def elsewhere(self) -> frozenset[Letter]:
        """The letters that speak of ξ′."""
        after = (after for _, after, _ in self.steps)
        return frozenset((*(there for _, there in self.pairs), *self.between, *after))

    @cached_property
    def stepped(self) -> frozenset[Letter]:
        """The letters of which it says how they move."""
        return frozenset((*(letter for step in self.steps for letter in step), self.power, self.total))

    @cached_property
    def letters(self) -> frozenset[Letter]:
        """The letters that move."""
        return self.elsewhere | self.stepped | {here for here, _ in self.pairs}

    def moving(self, found: Iterable[Letter]) -> bool:
        """Whether one of these letters moves."""
        return not self.letters.isdisjoint(found)

    def here(self, found: Iterable[Letter]) -> bool:
        """Whether none of these letters speaks of ξ′."""
        return self.elsewhere.isdisjoint(found)

    def at_start(self, expr: Expr) -> Expr:
        """An expression of ξ said of ξ′ = ξ^(0), in the letters of ξ′."""
        return self._at_other(expr, {self.power: number(1), self.total: number(0)})

    def at_next(self, expr: Expr) -> Expr:
        """An expression of ξ said of ξ′, one step after ξ, in the letters of both."""
        power, total = scalar(self.power), scalar(self.total)
        return self._at_other(expr, {self.power: scalar(self.ratio) * power, self.total: total + power})

    def _at_other(self, expr: Expr, time: dict[str, Expr]) -> Expr:
        if not self.here(letters(expr)):
            raise BoundError(f"{self.name}: what is to be said of another point speaks of two")
        there: dict[Letter, Letter] = dict(self.pairs)
        total = number(0)
        for head, factors, names in expr.opened():
            ((monomial, coefficient),) = head.terms.items()
            value = number(coefficient)
            for name, power in monomial.scalars:
                other = there.get(name, name)
                if name in time:
                    if power.denominator != 1:
                        raise BoundError(f"{name} stands under a root")
                    value = value * time[name] ** power.numerator
                else:
                    value = value * scalar(str(other), power)
            for tensor, refs in factors:
                moved = there.get(tensor, tensor)
                if not isinstance(moved, Tensor):
                    raise BoundError(f"{self.name}: {tensor.name} becomes a scalar")
                value = value * entry(moved, refs)
            total = total + value.sum(*names)
        return total


def constant(course: Course, taken: Taken) -> bool:
    """Whether a premise mentions no letter that moves."""
    return not course.moving(taken.what.letters)
