"""Exact points small enough to print, at which identities are refuted in rational arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from symbolic.evaluate import ExactnessError, Point, evaluate
from symbolic.indexed import Expr, Index
from symbolic.setting import Setting
from verify.points.arithmetic import RATIONALS, Irrational, Objects
from verify.points.cases import PLAIN, fitted
from verify.points.evaluation import Values
from verify.points.exact_points import Drawn
from verify.points.rules import Rules

SMALL, MOST = 3, 120  # sizes up to 3, and so many tuples of them at most
BEYOND = (5, 8)  # and points at which every size is 5, or 8


@dataclass(frozen=True)
class SmallPoint:
    """Sizes, and letters and scalars with their exact values."""

    sizes: dict[str, int]
    point: Point

    def of(self, expr: Expr, axes: tuple[Index, ...]) -> Objects:
        """The values of an expression. Raises ExactnessError where a letter has no exact value here."""
        return evaluate(expr, self.point, axes)

    def letter(self, name: str) -> Objects | None:
        """The entries of a letter; None where it has no value here."""
        return self.point.arrays.get(name)

    def scalar(self, name: str) -> Any:
        """The value of a scalar."""
        return self.point.scalars[name]


class DrawnPoint(SmallPoint):
    """A point whose letters are worked out when they are asked for."""

    def __init__(self, setting: Setting, number: int, sizes: dict[str, int]) -> None:
        object.__setattr__(self, "sizes", sizes)
        drawn = Drawn(setting, 3 * number, 0, sizes, PLAIN)  # a point of moderate scales

        def parameter(name: str) -> Any:
            value = drawn.parameter(name)
            return RATIONALS.number(value) if isinstance(value, Fraction) else RATIONALS.array(value)

        object.__setattr__(self, "_values", Values(RATIONALS, sizes, parameter, Rules(setting)))

    _values: Values

    def of(self, expr: Expr, axes: tuple[Index, ...]) -> Objects:
        try:
            found: Objects = self._values.of(expr, axes)
        except (Irrational, ZeroDivisionError) as error:
            raise ExactnessError(f"no rational value at this point: {error}") from error
        return found

    def letter(self, name: str) -> Objects | None:
        found: Objects = self._values[name]
        return found

    def scalar(self, name: str) -> Any:
        return self._values[name]


def small_points(setting: Setting) -> Iterator[SmallPoint]:
    """The points of a setting, in order of size: those that it brings, or drawn ones."""
    if setting.small is not None:
        yield from setting.small()
        return
    names = setting.sizes
    tuples = sorted(product(range(1, SMALL + 1), repeat=len(names)), key=lambda sizes: (sum(sizes), sizes))
    if len(tuples) > MOST:
        tuples = [sizes for place, sizes in enumerate(tuples) if place % (len(tuples) // MOST + 1) == 0]
    every = [dict(zip(names, sizes, strict=True)) for sizes in tuples]
    every += [dict.fromkeys(names, size) for size in BEYOND]
    for number, sizes in enumerate(every):
        if _fits(setting, sizes):
            yield DrawnPoint(setting, number, fitted(setting, sizes))


def _fits(setting: Setting, sizes: Mapping[str, int]) -> bool:
    return fitted(setting, sizes) == sizes
