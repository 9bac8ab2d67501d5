"""Exact points at which inequalities are evaluated: parameters as fractions, drawn once for all inequalities.

Every point has a kind: a boundary case, or none; scales run from 1e-6 to 1e6. Sizes are at most 4. A second lane has a few points of
sizes up to 12 and, where the letters are cheap, one size in the hundreds: what is true as long as sizes are small fails there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from math import floor, isfinite, log10, prod
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic import letters as let
from verify.points.arithmetic import BALLS, RATIONALS, Arithmetic
from verify.points.evaluation import POSITIVE, SECOND, SIZES, SLACK, Posed, Values

Objects = NDArray[Any]
Parameter = Objects | Fraction
DECADES = 6
EXTREMES = {
    "large": DECADES,
    "small": -DECADES,
    "huge": 5 * DECADES,
    "tiny": -5 * DECADES,
}  # powers of ten of every scale


class ExactPoint:
    """Sizes and parameters as fractions, and every letter from them."""

    def __init__(self, sizes: Mapping[str, int], parameter: Callable[[str], Parameter]) -> None:
        self.sizes = dict(sizes)
        self._parameter = parameter
        self._drawn: dict[str, Parameter] = {}
        self._values: dict[tuple[int, str], Values] = {}

    def parameter(self, name: str) -> Parameter:
        if name not in self._drawn:
            self._drawn[name] = self._parameter(name)
        return self._drawn[name]

    def values(self, posed: Posed, bits: int) -> Values:
        """Letters enclosed with `bits` bits, to be asked for at that precision; exact rationals for 0 bits."""
        arithmetic = BALLS if bits else RATIONALS
        if (bits, "") not in self._values:
            self._values[bits, ""] = Values(arithmetic, self.sizes, self._taken(arithmetic))
        base, key = self._values[bits, ""], (bits, posed.rules.key)
        if key not in self._values:
            self._values[key] = Values(arithmetic, self.sizes, self._taken(arithmetic), posed.rules, base)
        return self._values[key]

    def _taken(self, arithmetic: Arithmetic) -> Callable[[str], Any]:
        def taken(name: str) -> Any:
            value = self.parameter(name)
            return arithmetic.array(value) if isinstance(value, np.ndarray) else arithmetic.number(value)

        return taken


def shape(name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of a letter; none for a scalar."""
    return tuple(sizes[slot.name] for slot in let.TABLE[name].tensor.slots) if name in let.TABLE else ()


def filled(shape: tuple[int, ...], draw: Callable[[], Fraction]) -> Objects:
    array = np.empty(shape, dtype=object)
    for at in np.ndindex(shape):
        array[at] = draw()
    return array


def sphere(coordinates: Objects) -> Objects:
    """Columns on the unit sphere of R^d from rows of d − 1 stereographic coordinates: rational from rational ones."""
    columns = []
    for u in coordinates:
        square = sum((x * x for x in u), Fraction(0))
        columns.append([2 * x / (square + 1) for x in u] + [(square - 1) / (square + 1)])
    return np.array(columns, dtype=object).reshape(len(coordinates), -1).T


def rounded(x: float, denominator: int) -> Fraction:
    """A fraction near x: a power of ten times one with at most this denominator."""
    if x == 0.0 or not isfinite(x):
        return Fraction(0)
    power = floor(log10(abs(x)))
    if -2 <= power <= 2:
        return Fraction(x).limit_denominator(denominator)
    scale = Fraction(10) ** power
    return (Fraction(x) / scale).limit_denominator(denominator) * scale


def unit_columns(columns: Any, denominator: int) -> Objects:
    """Rational columns of norm 1 near float64 columns of norm 1, by stereographic coordinates from the farther pole."""
    d = len(columns)
    if d == 1:
        return np.array([[Fraction(1 if x > 0 else -1) for x in columns[0]]], dtype=object)
    found = []
    for column in columns.T:
        pole = int(np.argmin(column)) if -column.min() >= column.max() else int(np.argmax(column))
        sign = 1 if column[pole] > 0 else -1
        others = [x for axis, x in enumerate(column) if axis != pole]
        u = [rounded(float(x / (1 + sign * column[pole])), denominator) for x in others]
        unit = list(sphere(np.array([*u, None], dtype=object)[:-1].reshape(1, -1))[:, 0])
        last = unit.pop()  # (|u|² − 1)/(|u|² + 1): the pole from which u projects, turned to the other side
        unit.insert(pole, -sign * last)
        found.append(unit)
    return np.array(found, dtype=object).T


# What is special about a point: sizes that it forces, and letters that it sets from those drawn before.
SIZES_OF: Mapping[str, dict[str, int]] = {
    "N = 1": {"N": 1},
    "H = 1": {"H": 1},
    "d = 1": {"d": 1},
    "m = 1": {"m": 1},
    "N = K = H = m = d = 1": dict.fromkeys(SIZES, 1),
}
KINDS = (
    "", "N = K", "", "Q = Q'", "", "N = 1", "saturated", "", "H = 1", "alpha = alpha'", "", "flat", "d = 1", "", "alpha = 0",
    "equal features", "", "m = 1", "no slack", "Z = 0", "", "equal heads", "equal vectors", "", "Q = 0", "near", "large",
    "alpha at its bound", "N = K = H = m = d = 1", "small",
)  # fmt: skip

# The lane of larger sizes: kinds with N, K, m, d, H.
LARGER = (
    ("equal entries", (12, 12, 9, 8, 9)), ("Q = 0", (5, 7, 4, 3, 3)), ("", (5, 8, 12, 6, 5)), ("one entry", (6, 11, 5, 9, 7)),
    ("equal vectors", (8, 8, 5, 12, 5)), ("saturated", (7, 9, 9, 7, 12)), ("", (1, 7, 10, 2, 8)), ("near", (10, 12, 2, 11, 6)),
    ("equal entries", (5, 6, 1, 5, 1)), ("identity", (9, 10, 9, 9, 9)), ("huge", (5, 6, 5, 3, 5)), ("tiny", (6, 7, 2, 2, 6)),
)  # fmt: skip
LONG = (
    1000,
    100,
    30,
)  # one size, the others 1 or 2: the longest at which no letter has more entries than HEAVIEST
HEAVIEST = 2000
FIRST_LARGER = 10**6  # numbers of these points, for their random streams
# Letters that take the spectrum, the root or the inverse of a matrix, whose cost is cubic.
CUBIC = frozenset(
    ("Zbar", "Minv", "Ginv", "Gtau", "cinv", "nZbar", "nA", "nZ", "nZZ", "nD", "nZD", "lmin", "lmin2")
)


class Drawn(ExactPoint):
    """A point drawn by number and seed; each parameter by its own generator, whoever asks for it."""

    def __init__(self, number: int, seed: int, sizes: Mapping[str, int], kind: str) -> None:
        super().__init__(sizes, self._draw)
        self.number, self.seed, self.kind = number, seed, kind

    def random(self, name: str) -> Random:
        return Random(f"{self.seed} {self.number} {name}")

    @cached_property
    def moderate(self) -> bool:
        """Whether all scales are 1: a third of the points."""
        return self.number % 3 == 0

    def scale(self, random: Random) -> Fraction:
        if self.kind in EXTREMES:
            return Fraction(10) ** EXTREMES[self.kind]
        return Fraction(1) if self.moderate else Fraction(10) ** random.randint(-DECADES, DECADES)

    def _draw(self, name: str) -> Parameter:
        random = self.random(name)
        if name.startswith(SLACK):
            free = self.kind not in ("no slack", "alpha at its bound") and random.random() < 0.5
            return Fraction(random.randint(1, 99), 100) if free else Fraction(1)
        if name in POSITIVE or name not in let.TABLE:
            return Fraction(random.randint(1, 30), random.randint(1, 10)) * self.scale(random)
        size = shape(name, self.sizes)
        if name == "V":
            return self._tokens(random)
        if name in SECOND:
            return self._second(name, random, size)
        if name == "Q":
            return self._scores(random, size)
        scale = self.scale(random)
        drawn = filled(size, lambda: scale * Fraction(random.randint(-9, 9), random.randint(1, 4)))
        if (self.kind == "Z = 0" and name == "Z") or (self.kind == "alpha = 0" and name == "alpha"):
            return drawn * 0
        if self.kind == "equal features" and name == "Z":
            drawn = drawn[:, :1] + 0 * drawn
        if self.kind == "equal vectors" and name == "xs":
            drawn = drawn[:1] + 0 * drawn
        if self.kind == "alpha at its bound" and name == "alpha":
            drawn = 0 * drawn + scale
        if self.kind == "equal entries":
            drawn = 0 * drawn + (drawn.flat[0] or scale)
        if self.kind == "one entry":
            drawn.flat[1:] = Fraction(0)
        if self.kind == "identity":
            drawn = filled(size, lambda: Fraction(0))
            drawn[(np.arange(min(size)),) * len(size)] = scale
        return drawn

    def _tokens(self, random: Random) -> Objects:
        d, K = self.sizes["d"], self.sizes["K"]
        if d == 1:
            return np.array([[Fraction(1 - 2 * (k % 2)) for k in range(K)]], dtype=object)
        reach, seen = max(6, K // 2), dict[tuple[Fraction, ...], None]()  # a dict keeps the order
        while len(seen) < K:
            seen[
                tuple(Fraction(random.randint(-reach, reach), random.randint(1, 4)) for _ in range(d - 1))
            ] = None
        return sphere(np.array([*seen], dtype=object).reshape(K, d - 1))

    def _scores(self, random: Random, size: tuple[int, ...]) -> Objects:
        scale = {"saturated": Fraction(60), "flat": Fraction(1, 10**6), "Q = 0": Fraction(0)}.get(
            self.kind, Fraction(1)
        )
        drawn = filled(size, lambda: scale * Fraction(random.randint(-8, 8), random.randint(1, 4)))
        return drawn[:1] + 0 * drawn if self.kind == "equal heads" else drawn

    def _second(self, name: str, random: Random, size: tuple[int, ...]) -> Objects:
        """Q′ or α′: drawn like Q or α, or at a distance of 1 down to 1e-6 of their scale."""
        first = self.parameter(SECOND[name])
        assert isinstance(first, np.ndarray)
        if self.kind == {"Q2": "Q = Q'", "alpha2": "alpha = alpha'"}[name]:
            return first
        if self.kind != "near" and random.random() < 0.5:
            if name == "Q2":
                return self._scores(random, size)
            largest = max(abs(x) for x in first.flat) or Fraction(1)
            return filled(size, lambda: largest * Fraction(random.randint(-9, 9), random.randint(1, 9)))
        near = max(abs(x) for x in first.flat) * Fraction(10) ** -random.randint(0, DECADES)
        return np.asarray(first + filled(size, lambda: near * Fraction(random.randint(-9, 9), 9)))


class Instances:
    """The points of one seed, by number, each kept for every inequality that its sizes suit."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._kept: dict[tuple[int, tuple[int, ...]], Drawn] = {}
        self._sizes: dict[int, dict[str, int]] = {}

    def at(self, number: int, posed: Posed) -> Drawn:
        kind = KINDS[number % len(KINDS)]
        if number not in self._sizes:
            random = Random(f"{self.seed} {number} sizes")
            top = 4 if number % 5 == 0 else 3
            self._sizes[number] = {name: random.randint(1, top) for name in SIZES} | SIZES_OF.get(kind, {})
        return self._fitted(number, self._sizes[number], kind, posed)

    def larger(self, posed: Posed) -> Iterator[Drawn]:
        """The points of larger sizes: those of LARGER, then three for each size that may be long."""
        for place, (kind, sizes) in enumerate(LARGER):
            yield self._fitted(FIRST_LARGER + place, dict(zip(SIZES, sizes, strict=True)), kind, posed)
        number = FIRST_LARGER + len(LARGER)
        for name, length in long_sizes(posed).items():
            for rest, kind in ((1, "equal entries"), (1, "Q = 0"), (2, "")):
                yield self._fitted(number, _long(name, length, rest), kind, posed)
                number += 1

    def _fitted(self, number: int, drawn: Mapping[str, int], kind: str, posed: Posed) -> Drawn:
        """The point of this number, its sizes raised to those that the domain admits."""
        least = posed.domain.least
        sizes = {name: max(size, least.get(name, 1)) for name, size in drawn.items()}
        sizes["K"] = sizes["N"] if kind == "N = K" else max(sizes["K"], sizes["N"])
        if posed.ranked:
            sizes["H"] = max(sizes["H"], sizes["N"])
        if not posed.allows(sizes):  # tokens ±1 are at most two
            sizes["d"] = 2
        key = number, tuple(sizes[name] for name in SIZES)
        if key not in self._kept:
            self._kept[key] = Drawn(number, self.seed, sizes, kind)
        return self._kept[key]


def _long(name: str, length: int, rest: int) -> dict[str, int]:
    return dict.fromkeys(SIZES, rest) | {name: length} | ({"K": length} if name == "N" else {})


def long_sizes(posed: Posed) -> dict[str, int]:
    """How long each size that matters may be with the others at 2; one that may not be long is absent."""
    found = {}
    for name in posed.sizes:
        fitting = [length for length in LONG if _entries(posed, _long(name, length, 2)) <= HEAVIEST]
        if fitting:
            found[name] = fitting[0]
    return found


def _entries(posed: Posed, sizes: dict[str, int]) -> int:
    """The entries of the largest array that takes part: a letter, both sides, or the cube of a matrix's size."""
    if posed.ranked:
        sizes["H"] = max(sizes["H"], sizes["N"])
    arrays = [prod(shape(name, sizes)) for name in posed.letters]
    arrays.append(prod(sizes[index.dim.pieces[0][0]] for index in posed.axes))
    if not posed.letters.isdisjoint(CUBIC):
        arrays.append(max(sizes["N"], sizes["m"]) ** 3)
    return max(arrays)


__all__ = [
    "KINDS",
    "LARGER",
    "Drawn",
    "ExactPoint",
    "Instances",
    "filled",
    "long_sizes",
    "rounded",
    "shape",
    "sphere",
    "unit_columns",
]
