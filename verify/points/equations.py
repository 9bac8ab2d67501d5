"""Equations among the conditions of a statement: an exact point near one that meets them nearly, solved for one entry after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from verify.points.arithmetic import Irrational, NoValue
from verify.points.domains import SYMMETRIC
from verify.points.evaluation import Posed, Supposed
from verify.points.exact_points import ExactPoint, Parameter

TRIES = 300  # evaluations at most
SIMPLE = (Fraction(1), Fraction(0), Fraction(-1), Fraction(2), Fraction(1, 2))
Drawn = dict[str, Parameter]
Place = tuple[str, tuple[int, ...]]


def solved(posed: Posed, point: ExactPoint) -> ExactPoint | None:
    """The point with entries moved so that every equation holds exactly; None where that does not succeed, which says nothing.

    An entry will do in which an equation is linear. One of second degree is met again by a line from a simple solution through the point.
    Domains are not looked at: who takes the point checks them.
    """
    equations = [one for one in posed.when if one.equation]
    if not equations:
        return point
    drawn = {name: point.parameter(name) for name in posed.parameters}
    found = _Solver(posed, point.sizes, equations).solve(drawn)
    return None if found is None else ExactPoint(posed.setting, point.sizes, found.__getitem__)


class _Solver:
    def __init__(self, posed: Posed, sizes: Mapping[str, int], equations: list[Supposed]) -> None:
        self.posed, self.sizes, self.equations = posed, sizes, equations
        self.left = TRIES

    def solve(self, drawn: Drawn) -> Drawn | None:
        taken: set[Place] = set()
        found: Drawn | None = drawn
        try:
            every = range(len(self._gaps(drawn)))
            for number in every:
                found = None if found is None else self._one(found, number, taken)
        except (Irrational, NoValue, ZeroDivisionError, _Enough):
            return None
        return found

    def _one(self, drawn: Drawn, number: int, taken: set[Place]) -> Drawn | None:
        """The parameters with entries changed so that this equation holds, and those before it still do."""
        gap = self._gaps(drawn)[number]
        if not gap:
            return drawn
        here = []
        for place in self._places(drawn):
            if place in taken:
                continue
            slope = self._gaps(_with(drawn, {place: _at(drawn, place) + 1}))[number] - gap
            if slope:
                here.append(place)
                moved = _with(drawn, {place: _at(drawn, place) - gap / slope})
                if self._holds(moved, number):
                    taken.add(place)
                    return moved
        for anchor in self._anchors(drawn, number, here):
            if (found := self._through(anchor, drawn, number, here)) is not None:
                taken.update(here)
                return found
        return None

    def _anchors(self, drawn: Drawn, number: int, places: list[Place]) -> Iterator[Drawn]:
        """Simple solutions of an equation: one of its entries, or all, is a simple number, the others are 0."""
        for value in SIMPLE:
            for only in (*places, None):
                chosen = {place: value if only in (place, None) else Fraction(0) for place in places}
                if self._holds(anchor := _with(drawn, chosen), number):
                    yield anchor

    def _through(self, anchor: Drawn, drawn: Drawn, number: int, places: list[Place]) -> Drawn | None:
        """Where the line from a solution through a point meets the equation again, if that is of second degree: a rational point."""

        def along(s: Fraction) -> Drawn:
            start = {place: _at(anchor, place) for place in places}
            return _with(drawn, {place: x + s * (_at(drawn, place) - x) for place, x in start.items()})

        once, twice = (self._gaps(along(Fraction(s)))[number] for s in (1, 2))
        square = (twice - 2 * once) / 2
        if not square:
            return None
        found = along((square - once) / square)
        return found if self._holds(found, number) else None

    def _holds(self, drawn: Drawn, number: int) -> bool:
        """Whether this equation holds, and all before it."""
        return not any(self._gaps(drawn)[: number + 1])

    def _places(self, drawn: Drawn) -> Iterator[Place]:
        """The entries that may be changed alone, those of the letters of the equations."""
        names = [name for one in self.equations for side in one.gap.names for name in side]
        needed = self.posed.rules.needs(*names)
        for name, value in reversed(drawn.items()):
            if name in needed and self.posed.free(name).domain not in (*SYMMETRIC, "simplex", "unit columns"):
                yield from (
                    (name, at) for at in np.ndindex(value.shape if isinstance(value, np.ndarray) else ())
                )

    def _gaps(self, drawn: Drawn) -> list[Fraction]:
        """What is missing in every entry of every equation."""
        self.left -= 1
        if self.left < 0:
            raise _Enough
        return gaps(self.posed, self.sizes, drawn)


def gaps(posed: Posed, sizes: Mapping[str, int], drawn: Drawn) -> list[Fraction]:
    """What is missing in every entry of every equation. Raises Irrational and NoValue where a letter has no rational value."""
    values = ExactPoint(posed.setting, sizes, drawn.__getitem__).values(posed, 0)
    equations = (one for one in posed.when if one.equation)
    found: list[Any] = [x for one in equations for x in np.ravel(values.of(one.gap, one.axes))]
    return [Fraction(int(x.p), int(x.q)) for x in found]


class _Enough(Exception):
    """So many evaluations that it is not worth more."""


def _at(drawn: Drawn, place: Place) -> Fraction:
    value = drawn[place[0]]
    found: Fraction = value[place[1]] if isinstance(value, np.ndarray) else value
    return found


def _with(drawn: Drawn, entries: Mapping[Place, Fraction]) -> Drawn:
    """The parameters with these entries."""
    found = dict(drawn)
    for name in {name for name, _ in entries}:
        value = drawn[name]
        found[name] = value.copy() if isinstance(value, np.ndarray) else value
    for (name, at), entry in entries.items():
        array = found[name]
        if isinstance(array, np.ndarray):
            array[at] = entry
        else:
            found[name] = entry
    return found
