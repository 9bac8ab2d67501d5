"""Exact points at which inequalities are evaluated: parameters as fractions, drawn once for all inequalities.

Every point has a kind: a boundary case, or none; scales run from 1e-6 to 1e6. Sizes are at most 4. A second lane has a few points of
sizes up to 12 and, where the letters are cheap, one size in the hundreds: what is true as long as sizes are small fails there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from math import prod
from random import Random
from typing import Any

import numpy as np

from symbolic.dimension import Dimension
from symbolic.kinds import Free, Inverse, LeastEigenvalue, MatrixRoot, SpectralNorm
from symbolic.setting import Case, Setting
from verify.points.arithmetic import BALLS, RATIONALS, Arithmetic
from verify.points.cases import DECADES, PLAIN, cases, fitted, larger
from verify.points.domains import Objects, filled, sphere, within
from verify.points.evaluation import Posed, Values
from verify.points.rules import SLACK, Mark, Rules

Parameter = Objects | Fraction


class ExactPoint:
    """Sizes and parameters as fractions, and every letter from them."""

    def __init__(
        self, setting: Setting, sizes: Mapping[str, int], parameter: Callable[[str], Parameter]
    ) -> None:
        self.setting, self.sizes = setting, dict(sizes)
        self._parameter = parameter
        self._drawn: dict[str, Parameter] = {}
        self._values: dict[tuple[int, str], Values] = {}
        self._shared: dict[int, dict[tuple[str, Mark], Any]] = {}

    def parameter(self, name: str) -> Parameter:
        if name not in self._drawn:
            self._drawn[name] = self._parameter(name)
        return self._drawn[name]

    def values(self, posed: Posed, bits: int) -> Values:
        """Letters enclosed with `bits` bits, to be asked for at that precision; exact rationals for 0 bits."""
        arithmetic = BALLS if bits else RATIONALS
        if (bits, "") not in self._values:
            plain = Rules(self.setting)
            self._values[bits, ""] = Values(arithmetic, self.sizes, self._taken(arithmetic), plain)
        base, key = self._values[bits, ""], (bits, posed.rules.key)
        if key not in self._values:
            shared = self._shared.setdefault(bits, {})
            self._values[key] = Values(
                arithmetic, self.sizes, self._taken(arithmetic), posed.rules, base, shared
            )
        return self._values[key]

    def _taken(self, arithmetic: Arithmetic) -> Callable[[str], Any]:
        def taken(name: str) -> Any:
            value = self.parameter(name)
            return arithmetic.array(value) if isinstance(value, np.ndarray) else arithmetic.number(value)

        return taken


LONG = (
    1000,
    100,
    30,
)  # one size, the others 1 or 2: the longest at which no letter has more entries than HEAVIEST
HEAVIEST = 2000
CUBIC = MatrixRoot | Inverse | SpectralNorm | LeastEigenvalue  # their cost is cubic in the size of the matrix
EQUAL, NO_SCORES = Case("equal entries", pattern="equal entries"), Case("no scores", scores=Fraction(0))
FIRST_LARGER = 10**6  # numbers of these points, for their random streams


class Drawn(ExactPoint):
    """A point drawn by number and seed; each parameter by its own generator, whoever asks for it."""

    def __init__(
        self, setting: Setting, number: int, seed: int, sizes: Mapping[str, int], case: Case
    ) -> None:
        super().__init__(setting, sizes, self._draw)
        self.number, self.seed, self.case, self.kind = number, seed, case, case.name
        self._raw: dict[str, tuple[Objects, Fraction]] = {}

    def random(self, name: str) -> Random:
        return Random(f"{self.seed} {self.number} {name}")

    def fraction(self, random: Random, most: int, largest: int) -> Fraction:
        """A whole number of at most this absolute value, over one from 1 to `largest`."""
        return Fraction(random.randint(-most, most), random.randint(1, largest))

    @cached_property
    def moderate(self) -> bool:
        """Whether all scales are 1: a third of the points."""
        return self.number % 3 == 0

    def scale(self, random: Random) -> Fraction:
        if self.case.scale is not None:
            return Fraction(10) ** self.case.scale
        return Fraction(1) if self.moderate else Fraction(10) ** random.randint(-DECADES, DECADES)

    def _draw(self, name: str) -> Parameter:
        random = self.random(name)
        if name.startswith(SLACK):
            free = self.case.slack and random.random() < 0.5
            return Fraction(random.randint(1, 99), 100) if free else Fraction(1)
        if name not in self.setting.language.letters:
            return Fraction(random.randint(1, 30), random.randint(1, 10)) * self.scale(random)
        kind = self._free(name)
        self._raw[name] = self._made_of(name, kind, random)
        return within(kind, *self._raw[name])

    def _free(self, name: str) -> Free:
        kind = self.setting.kind(name)
        assert isinstance(kind, Free)
        return kind

    def _made_of(self, name: str, kind: Free, random: Random) -> tuple[Objects, Fraction]:
        """Any fractions, of which a value of the domain is made, and a positive number of their order."""
        size = self.setting.shape(name, self.sizes)
        if kind.domain == "unit columns":
            return self._columns(random, *size), Fraction(1)
        if kind.near and size:
            return self._second(name, kind, random, size)
        if kind.score:
            return self._scores(name, random, size), Fraction(1)
        scale = self.scale(random)
        drawn = filled(size, lambda: scale * self.fraction(random, 9, 4))
        drawn = np.asarray(self._special(name, drawn, scale), dtype=object)
        if kind.domain == "positive definite":
            return drawn, (scale * Fraction(1, 10 ** random.randint(0, 3))) ** 2
        return drawn, scale

    def _special(self, name: str, drawn: Objects, scale: Fraction) -> Objects:
        """What the case makes of a letter."""
        if not drawn.shape:
            return drawn
        match self.case.letters.get(name):
            case "zero":
                return drawn * 0
            case "equal columns":
                drawn = drawn[:, :1] + 0 * drawn
            case "equal rows":
                drawn = drawn[:1] + 0 * drawn
            case "constant":
                drawn = 0 * drawn + scale
        match self.case.pattern:
            case "equal entries" if drawn.size:
                drawn = 0 * drawn + (drawn.flat[0] or scale)
            case "one entry":
                drawn.flat[1:] = Fraction(0)
            case "identity":
                drawn = filled(drawn.shape, lambda: Fraction(0))
                drawn[(np.arange(min(drawn.shape)),) * drawn.ndim] = scale
        return drawn

    def _columns(self, random: Random, rows: int, count: int) -> Objects:
        """Distinct columns on the unit sphere."""
        if rows == 1:
            return np.array([[Fraction(1 - 2 * (k % 2)) for k in range(count)]], dtype=object)
        reach, seen = max(6, count // 2), dict[tuple[Fraction, ...], None]()  # a dict keeps the order
        while len(seen) < count:
            seen[tuple(self.fraction(random, reach, 4) for _ in range(rows - 1))] = None
        return sphere(np.array([*seen], dtype=object).reshape(count, rows - 1))

    def _scores(self, name: str, random: Random, size: tuple[int, ...]) -> Objects:
        drawn = filled(size, lambda: self.case.scores * self.fraction(random, 8, 4))
        return drawn[:1] + 0 * drawn if self.case.letters.get(name) == "equal rows" else drawn

    def _second(
        self, name: str, kind: Free, random: Random, size: tuple[int, ...]
    ) -> tuple[Objects, Fraction]:
        """A letter that may be near to another one: drawn like that, or at a distance of 1 down to 1e-6 of its scale."""
        first, least = self._first(kind)
        if self.case.letters.get(name) == "same":
            return first, least
        largest = max((abs(x) for x in first.flat), default=Fraction(1))
        if not self.case.near and random.random() < 0.5:
            if kind.score:
                return self._scores(name, random, size), least
            largest = largest or Fraction(1)
            return filled(size, lambda: largest * self.fraction(random, 9, 9)), least
        near = largest * Fraction(10) ** -random.randint(0, DECADES)
        return np.asarray(first + filled(size, lambda: near * Fraction(random.randint(-9, 9), 9))), least

    def _first(self, kind: Free) -> tuple[Objects, Fraction]:
        """What a letter may be near to: the value of the other one, or what that is made of where both are made alike."""
        first = self.parameter(kind.near)
        assert isinstance(first, np.ndarray)
        alike = kind.domain != "any" and self._free(kind.near).domain == kind.domain
        return self._raw[kind.near] if alike else (first, self._raw[kind.near][1])


class Instances:
    """The points of one seed, by number, each kept for every inequality that its sizes suit."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._kept: dict[tuple[Setting, int, tuple[int, ...]], Drawn] = {}
        self._sizes: dict[tuple[Setting, int], dict[str, int]] = {}

    def at(self, number: int, posed: Posed) -> Drawn:
        setting = posed.setting
        every = cases(setting)
        case = every[number % len(every)]
        if (setting, number) not in self._sizes:
            random = Random(f"{self.seed} {number} sizes")
            top = 4 if number % 5 == 0 else 3
            drawn = {name: random.randint(1, top) for name in setting.sizes}
            self._sizes[setting, number] = drawn | dict(case.sizes)
        return self._fitted(number, self._sizes[setting, number], case, posed)

    def larger(self, posed: Posed) -> Iterator[Drawn]:
        """The points of larger sizes: those of `larger`, then three for each size that may be long."""
        every = larger(posed.setting)
        for place, (case, sizes) in enumerate(every):
            named = dict(zip(posed.setting.sizes, sizes, strict=True))
            yield self._fitted(FIRST_LARGER + place, named, case, posed)
        number = FIRST_LARGER + len(every)
        for name, length in long_sizes(posed).items():
            for rest, case in ((1, EQUAL), (1, NO_SCORES), (2, PLAIN)):
                yield self._fitted(number, _long(posed.setting, name, length, rest), case, posed)
                number += 1

    def _fitted(self, number: int, drawn: Mapping[str, int], case: Case, posed: Posed) -> Drawn:
        """The point of this number, its sizes raised to those that the domain admits."""
        least, setting = posed.domain.least, posed.setting
        sizes = allowed(
            posed, {name: max(size, least.get(name, 1)) for name, size in drawn.items()}, case.full
        )
        key = setting, number, tuple(sizes[name] for name in setting.sizes)
        if key not in self._kept:
            self._kept[key] = Drawn(setting, number, self.seed, sizes, case)
        return self._kept[key]


def allowed(posed: Posed, drawn: Mapping[str, int], full: tuple[str, ...] = ()) -> dict[str, int]:
    """The sizes raised to sizes of which there are points; dimensions in `full` have no index left for the last part."""
    sizes = conditioned(posed, fitted(posed.setting, drawn, full))
    if not posed.allows(sizes):  # columns ±1 are at most two
        unit = (name for name in posed.parameters if posed.free(name).domain == "unit columns")
        sizes |= {posed.setting.slots(name)[0].pieces[0][0]: 2 for name in unit}
    return sizes


def conditioned(posed: Posed, sizes: Mapping[str, int]) -> dict[str, int]:
    """Sizes that are as large as the assumptions of the point ask for."""
    found = dict(sizes)
    for condition in posed.conditions:
        found |= {one: max(found[one], found[other]) for one, other in condition.sizes.items()}
    return found


def _long(setting: Setting, name: str, length: int, rest: int) -> dict[str, int]:
    whole = setting.language.dimensions[name].whole
    return dict.fromkeys(setting.sizes, rest) | {name: length} | ({whole.name: length} if whole else {})


def long_sizes(posed: Posed) -> dict[str, int]:
    """How long each size that matters may be with the others at 2; one that may not be long is absent."""
    found = {}
    for name in posed.sizes:
        fitting = [
            length for length in LONG if _entries(posed, _long(posed.setting, name, length, 2)) <= HEAVIEST
        ]
        if fitting:
            found[name] = fitting[0]
    return found


def _entries(posed: Posed, drawn: Mapping[str, int]) -> int:
    """The entries of the largest array that takes part: a letter, both sides, or the cube of a matrix's size."""
    sizes, setting = conditioned(posed, drawn), posed.setting
    arrays = [prod(setting.shape(name, sizes)) for name in posed.letters if name not in setting.sizes]
    arrays.append(prod(sizes[index.dim.pieces[0][0]] for index in posed.axes))
    if any(isinstance(setting.kind(name), CUBIC) for name in posed.letters):
        arrays.append(max((dim.size(sizes) for dim in _square(setting)), default=1) ** 3)
    return max(arrays)


def _square(setting: Setting) -> set[Dimension]:
    """The dimensions of the matrices whose root, inverse, norm or eigenvalues the setting takes."""
    found = set[Dimension]()
    for kind in setting.kinds.values():
        match kind:
            case MatrixRoot(indices, _) | Inverse(indices, _):
                found.add(indices[-1].dim)
            case LeastEigenvalue(row=row):
                found.add(row.dim)
            case SpectralNorm(row=row, column=column) if row.dim is column.dim:
                found.add(row.dim)
    return found
