"""The letters of an inequality at one point: which parameters it has, and every letter from them, in any arithmetic.

What a letter is (`symbolic.kinds`) says how it is computed. A letter that is free is a parameter, and so is a scalar of which its
setting says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numeric.errors import InputError
from symbolic.bound import nonnegative
from symbolic.evaluate import Point, evaluate
from symbolic.indexed import Expr, Index
from symbolic.kinds import (
    AboveAll,
    Extremum,
    Free,
    Is,
)
from symbolic.setting import Condition, Setting
from verify.points.arithmetic import Arithmetic
from verify.points.rules import SLACK, Mark, Rule, Rules, all_mentioned, bounding, mentioned
from verify.sides import Sides, read
from verify.statement import Domain, Inequality


class Values:
    """Letters at one point, or at a batch of them: each computed when it is first asked for."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        sizes: Mapping[str, int],
        parameter: Callable[[str], Any],
        rules: Rules,
        base: Values | None = None,
        shared: dict[tuple[str, Mark], Any] | None = None,
    ) -> None:
        """`parameter` gives parameters by name; letters that `rules` leaves as they are come from `base`.

        shared  the letters that are computed differently, of all sets of rules at this point: by name and `Rules.mark`
        """
        self.arithmetic, self.sizes = arithmetic, sizes
        self.rules = rules
        self._parameter, self._base, self._shared = parameter, base, shared
        self._kept: dict[str, Any] = {}
        self._powers: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The array or scalar. Raises Undecided, ZeroDivisionError, Irrational as the arithmetic does."""
        if name not in self._kept:
            self._kept[name] = self._found(name)
        return self._kept[name]

    def _found(self, name: str) -> Any:
        if self._base is not None and not self.rules.touches(name):
            return self._base[name]
        if self._shared is None:
            return self._computed(name)
        key = name, self.rules.mark(name)
        if key not in self._shared:
            self._shared[key] = self._computed(name)
        return self._shared[key]

    def _computed(self, name: str) -> Any:
        rule = self.rules.find(name)
        value = self._parameter(name) if rule is None else rule.value(self)
        self.arithmetic.ring.admit(name, value)
        return value

    def of(self, expr: Expr, axes: tuple[Index, ...] = ()) -> Any:
        """The value of an expression, one axis for each index."""
        arrays, scalars = expr.names
        values = dict(self.sizes) | {name: self[name] for name in scalars if name not in self.sizes}
        taken = {name: self[name] for name in arrays}
        return evaluate(expr, Point(self.arithmetic.ring, taken, values, self._powers, admitted=True), axes)

    def scalar(self, expr: Expr) -> Any:
        return self.arithmetic.single(self.of(expr))


@dataclass(frozen=True)
class Supposed:
    """A condition of a statement: low ≤ high at every value of the indices, or low < high; `equation` where high ≤ low as well."""

    low: Expr
    high: Expr
    strict: bool = False
    equation: bool = False

    @cached_property
    def gap(self) -> Expr:
        """The larger side minus the smaller one."""
        return self.high - self.low

    @cached_property
    def axes(self) -> tuple[Index, ...]:
        """The indices, for every value of which it is supposed."""
        return tuple(sorted(self.low.free() | self.high.free()))


@dataclass(frozen=True)
class Posed(Sides):
    """An inequality ready to be evaluated.

    letters     everything it depends on
    parameters  what of that is drawn, in order: arrays first
    sizes       the sizes that matter
    when        the conditions that a point must meet
    """

    setting: Setting
    squared: bool
    domain: Domain
    rules: Rules
    letters: frozenset[str]
    parameters: tuple[str, ...]
    sizes: tuple[str, ...]
    when: tuple[Supposed, ...] = ()

    @cached_property
    def content(self) -> Hashable:
        """All that the comparison of the sides and the choice of points depend on: within a setting, two statements of one content
        are the same. Of the domain, that is what concerns the letters of the statement.
        """
        letters = sorted(self.letters - set(self.setting.sizes))
        positive = [condition.positive for condition in self.conditions]
        met = tuple(condition in self.conditions for condition in self.setting.conditions)
        drawn = tuple(self.free(name) for name in self.parameters)
        least = tuple(sorted(self.domain.least.items()))
        return (
            self.lhs, self.rhs, self.axes, self.squared, self.when, self.rules.mark(*letters, *positive), self.letters,
            self.parameters, drawn, self.sizes, least, met,
        )  # fmt: skip

    def free(self, name: str) -> Free:
        """What a parameter is, without the assumptions that are dropped."""
        kind = self.setting.kind(name)
        if not isinstance(kind, Free):
            return Free()
        return Free(score=kind.score, near=kind.near) if kind.assumption in self.domain.relaxed else kind

    @property
    def bounded(self) -> bool:
        """Whether there are values of the letters, each in its domain, that are no point of the statement for what it supposes."""
        return bool(self.when or self.signed)

    @cached_property
    def signed(self) -> tuple[str, ...]:
        """The scalars that stand for an expression of either sign: scalars are nonnegative, so that the others are no points."""
        scalars = self.letters & self.setting.language.scalars.keys() - self.rules.changed.keys()
        return tuple(name for name in sorted(scalars) if of_either_sign(self.setting, name))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The assumptions that a point must meet."""
        return tuple(
            condition
            for condition in self.setting.conditions
            if condition.assumption not in self.domain.relaxed
            and not self.letters.isdisjoint(condition.letters)
        )

    def sides(self, at: Values) -> tuple[Any, Any]:
        """Both sides, one axis for each free index."""
        return at.of(self.lhs, self.axes), at.of(self.rhs, self.axes)

    def allows(self, sizes: Mapping[str, int]) -> bool:
        """Whether there are points of these sizes: parts that fit, the least sizes of the domain, values of every domain."""
        if not self.parts_fit(sizes):
            return False
        for name in self.parameters:
            shape, kind = self.setting.shape(name, sizes), self.free(name)
            if kind.domain == "unit columns" and shape[0] < 2 and shape[1] > 2 * shape[0]:
                return False  # ±1 are two columns
            if kind.domain == "simplex" and not shape[kind.over]:
                return False
        low = any(sizes[one] < sizes[other] for c in self.conditions for one, other in c.sizes.items())
        least = all(sizes[name] >= size for name, size in self.domain.least.items())
        return least and not low

    def parts_fit(self, sizes: Mapping[str, int]) -> bool:
        """Whether no last part of a dimension has a negative size."""
        rests = (dim for dim in self.setting.language.dimensions.values() if dim.may_be_empty)
        return all(sum(sign * sizes[name] for name, sign in rest.pieces) >= 0 for rest in rests)


def of_either_sign(setting: Setting, scalar: str) -> bool:
    """Whether a scalar stands for an expression that may be negative; scalars are not, so that there is no point where it is."""
    match setting.kind(scalar):
        case Is(_, value):
            return not nonnegative(value)
        case Extremum(_, _, values, _):
            return not all(map(nonnegative, values))
    return False


def pose(inequality: Inequality) -> Posed:
    """Reads both sides and the domain. Raises InputError for a letter without a value, KernelError for what cannot be read."""
    sides = read(inequality)
    return posed(
        inequality.setting, sides.lhs, sides.rhs, sides.axes, inequality.domain, squared=inequality.squared
    )


def posed(
    setting: Setting, lhs: Expr, rhs: Expr, axes: tuple[Index, ...], domain: Domain, *, squared: bool = False
) -> Posed:
    """The same from kernel expressions."""
    for name in (*domain.free, *domain.given):
        if name not in setting.language.scalars:
            raise InputError("domain", name, "a scalar", f"name one of {', '.join(setting.language.scalars)}")
    changed: dict[str, Rule | None] = dict.fromkeys(domain.free)
    marked: dict[str, Hashable] = dict.fromkeys(domain.free, "free")
    for name, (relation, bound) in domain.given.items():
        expr = setting.reader({}).read(bound)
        changed[name], marked[name] = _given(name, relation, expr), (relation, expr)
    free = {axis.name: axis.dim.name for axis in axes}
    source = setting.reader(free)
    when = _supposed(source.read, domain)
    wanted = (
        mentioned(lhs)
        | mentioned(rhs)
        | all_mentioned(tuple(side for one in when for side in (one.low, one.high)))
        | {size for index in axes for size, _ in index.dim.pieces}
    )
    for name, kind in setting.kinds.items():
        if isinstance(kind, AboveAll) and name not in changed:
            others = Rules(setting, {name: None, **changed}).needs(*wanted)
            here = tuple(
                letter for place, letter in enumerate(kind.letters) if place == 0 or letter in others
            )
            if here != kind.letters:
                changed[name], marked[name] = bounding(name, AboveAll(here)), ("above all", here)
    marks = [f"{name}:{relation}{bound}" for name, (relation, bound) in domain.given.items()]
    key = " ".join(sorted((*domain.free, *marks, *(changed.keys() - domain.given.keys()))))
    rules_here = Rules(setting, changed, key, marked)
    seen = rules_here.needs(*wanted)
    kinds = (setting.kind(name) for name in seen)
    near = {
        kind.near for kind in kinds if isinstance(kind, Free) and kind.near
    }  # what others are drawn near to
    seen |= rules_here.needs(*near)
    free_ones = (name for name, kind in setting.kinds.items() if isinstance(kind, Free))
    order = {name: place for place, name in enumerate(free_ones)}
    drawn = (name for name in seen - set(setting.sizes) if rules_here.find(name) is None)
    parameters = sorted(drawn, key=lambda name: (order.get(name, len(order)), name))
    sizes = tuple(size for size in setting.sizes if size in seen)
    return Posed(lhs, rhs, axes, setting, squared, domain, rules_here, seen, tuple(parameters), sizes, when)


def _supposed(read: Callable[[Any], Expr], domain: Domain) -> tuple[Supposed, ...]:
    pairs = [(read(low), read(high)) for low, high in domain.when]
    gaps = [high - low for low, high in pairs]
    return (
        *(Supposed(low, high, equation=-gap in gaps) for (low, high), gap in zip(pairs, gaps, strict=True)),
        *(Supposed(read(low), read(high), strict=True) for low, high in domain.strictly),
    )


def _given(name: str, relation: str, bound: Expr) -> Rule:
    if relation == "=":
        return Rule(mentioned(bound), lambda at: at.scalar(bound))
    slack = f"{SLACK}{name}"

    def value(at: Values) -> Any:
        found = at.scalar(bound)
        return found * at[slack] if relation == "<=" else found / at[slack]

    return Rule(mentioned(bound) | {slack}, value)
