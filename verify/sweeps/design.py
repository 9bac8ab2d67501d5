"""The design of a sweep: which cells there are. A grid, random draws, or a Latin hypercube, over whatever varies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from numeric.draws import coarse, draws
from numeric.errors import InputError

GRID, RANDOM, LATIN = KINDS = ("grid", "random", "latin")
MOST = 10_000_000  # cells of a design
SCALES = ("linear", "log")
EXAMPLE = "write [4, 6, 8], or {from = 0.05, to = 0.5}"


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, both of them included.

    whole   whether they are whole numbers
    points  how many a grid takes; None for all whole numbers
    """

    low: float
    high: float
    whole: bool
    log: bool
    points: int | None = None

    def at(self, share: float) -> float | int:
        """The number at this share of the way, 0 ≤ share ≤ 1; the same float64 on every machine."""
        if share in (0.0, 1.0):
            return self.high if share else self.low
        low, high = (
            (self.low - 0.5, self.high + 0.5) if self.whole and not self.log else (self.low, self.high)
        )
        found = (
            float(coarse(low * math.exp(share * math.log(high / low))))
            if self.log
            else low + (high - low) * share
        )
        if self.whole:
            return int(min(max(math.floor(found + 0.5), self.low), self.high))
        return min(max(found, self.low), self.high)

    def grid(self) -> list[float | int]:
        """The points that a grid takes, each once."""
        if self.points is None:
            return list(range(int(self.low), int(self.high) + 1))
        shares = [i / max(1, self.points - 1) for i in range(self.points)]
        step = Range(self.low, self.high, False, self.log)  # ends are points, not the middles of cells
        found = [step.at(share) for share in shares]
        return list(dict.fromkeys(round(x) if self.whole else x for x in found))


@dataclass(frozen=True)
class Axis:
    """Something that varies: values in a list, or a range."""

    name: str
    values: tuple[Any, ...] | Range

    def at(self, share: float) -> Any:
        if isinstance(self.values, Range):
            return self.values.at(share)
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def grid(self) -> Sequence[Any]:
        return self.values.grid() if isinstance(self.values, Range) else self.values


@dataclass(frozen=True)
class Design:
    """Points of all axes together, in an order that depends on nothing else.

    count  of random draws and of a Latin hypercube
    """

    kind: str
    axes: tuple[Axis, ...]
    count: int | None = None
    seed: int = 0

    @property
    def total(self) -> int:
        """The number of points."""
        if self.kind == GRID:
            return math.prod(len(axis.grid()) for axis in self.axes)
        assert self.count is not None
        return self.count

    def points(self) -> Iterator[dict[str, Any]]:
        """Each point: what varies, with its value. The last axis of a grid varies fastest."""
        names = [axis.name for axis in self.axes]
        if self.kind == GRID:
            for values in product(*(axis.grid() for axis in self.axes)):
                yield dict(zip(names, values, strict=True))
            return
        for shares in self._shares():
            yield {axis.name: axis.at(float(x)) for axis, x in zip(self.axes, shares, strict=True)}

    def _shares(self) -> Any:
        """A row of numbers in [0, 1) for each point."""
        if self.kind == RANDOM:
            return draws(self.seed).random((self.total, len(self.axes)))
        from scipy.stats import qmc

        generator: np.random.Generator = draws(self.seed)
        return qmc.LatinHypercube(len(self.axes), rng=generator).random(self.count)


def axis(name: str, given: Any) -> Axis:
    """What a line of [vary] says. Raises InputError."""
    where = f"vary.{name}"
    if isinstance(given, list):
        if not given:
            raise InputError(where, "[]", "at least one value", EXAMPLE)
        if len({repr(value) for value in given}) < len(given):
            raise InputError(where, given, "each value once", "remove the others")
        return Axis(name, tuple(tuple(one) if isinstance(one, list) else one for one in given))
    if not isinstance(given, Mapping):
        raise InputError(where, given, "a list of values, or a range", EXAMPLE)
    known = ("from", "to", "scale", "points")
    for key in given:
        if key not in known:
            raise InputError(f"{where}.{key}", given[key], f"one of {', '.join(known)}", EXAMPLE)
    ends: list[Any] = [given.get(key) for key in ("from", "to")]
    if not all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in ends):
        raise InputError(where, dict(given), "two numbers, from and to", EXAMPLE)
    low, high = ends
    scale: Any = given.get("scale", "linear")
    points: Any = given.get("points")
    if not low <= high:
        raise InputError(where, dict(given), "from at most to", "exchange them")
    if scale not in SCALES:
        raise InputError(f"{where}.scale", scale, "linear or log", 'write scale = "log"')
    if scale == "log" and low <= 0:
        raise InputError(where, dict(given), "from above 0, on a logarithmic scale", 'remove scale = "log"')
    if points is not None and (
        isinstance(points, bool) or not isinstance(points, int) or not 1 <= points <= MOST
    ):
        raise InputError(f"{where}.points", points, "a whole number of at least 1", "5 is usual")
    whole = isinstance(low, int) and isinstance(high, int)
    return Axis(name, Range(low, high, whole, scale == "log", points))


def design(kind: Any, axes: Sequence[Axis], count: Any, seed: Any) -> Design:
    """The design that [sweep] and [vary] describe. Raises InputError."""
    if kind not in KINDS:
        raise InputError("sweep.design", kind, f"one of {', '.join(KINDS)}", 'write design = "grid"')
    _whole("sweep.seed", seed, 0, 2**63 - 1)
    if kind == GRID:
        if count is not None:
            raise InputError(
                "sweep.cells", count, "a random or Latin design", "remove it: a grid has all its points"
            )
        for one in axes:
            values = one.values
            if isinstance(values, Range) and values.points is None and not values.whole:
                needs = "points, or from and to as whole numbers, in a grid"
                raise InputError(
                    f"vary.{one.name}", f"from {values.low} to {values.high}", needs, "add points = 5"
                )
            if isinstance(values, Range) and values.points is None and values.high - values.low >= MOST:
                raise InputError(
                    f"vary.{one.name}", values.high - values.low, f"at most {MOST} values", "add points = 5"
                )
    else:
        _whole("sweep.cells", count, 1, MOST)
    found = Design(kind, tuple(axes), count, seed)
    if found.total > MOST:
        raise InputError(
            "sweep", f"{found.total} cells", f"at most {MOST}", 'use design = "latin" and cells = 1000'
        )
    return found


def _whole(where: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        shown = "nothing" if value is None else value
        raise InputError(
            where, shown, f"a whole number from {low} to {high}", f"write {where.rpartition('.')[2]} = 100"
        )
