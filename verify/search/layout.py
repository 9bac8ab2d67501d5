"""Coordinates of points: from a row of any numbers to letters that lie in their domains, over numpy, over torch and as fractions.

Scales and positive scalars are exponentials of their coordinates, and entries are hyperbolic sines, so that they run over many orders
of magnitude; unit columns are stereographic; a letter that may be near to another one is made of the coordinates of that one plus a
difference with a scale of its own. What a letter is (`symbolic.kinds`) alone says which of these it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.twister import Twister
from verify.points.batched import FLOATS, Array, Batched, BatchValues
from verify.points.domains import GRAM, restored, rounded, unit_columns, whole, within
from verify.points.evaluation import Posed
from verify.points.exact_points import ExactPoint, Parameter
from verify.points.rules import SLACK

Rows = NDArray[np.float64]

STRETCH = 3.0  # a coordinate of 1 is a factor of e³: of the order of what a step does to an entry
DECADES = 14.0 / STRETCH  # e^14 is 1e6
GRID = 2.0**20  # of coordinates
TURN = 0.01  # by which coordinates of equal columns are taken apart
SCALE, FLOOR = (
    "scale of ",
    "floor of ",
)  # before the name of a letter: of its entries; of the eigenvalues of a definite matrix


@dataclass(frozen=True)
class Layout:
    """Where the coordinates of a point of these sizes stand in its row: for each block its columns and shape."""

    posed: Posed
    sizes: Mapping[str, int]
    blocks: tuple[tuple[str, slice, tuple[int, ...]], ...]
    width: int

    @staticmethod
    def of(posed: Posed, sizes: Mapping[str, int]) -> Layout:
        blocks, start = [], 0
        for name in posed.parameters:
            size, kind = posed.setting.shape(name, sizes), posed.free(name)
            on_sphere = kind.domain == "unit columns"
            parts: dict[str, tuple[int, ...]] = {name: (size[1], size[0] - 1) if on_sphere else size}
            if size and (not on_sphere or _nearby(posed, name)):
                parts[f"{SCALE}{name}"] = ()
            if kind.domain == "positive definite":
                parts[f"{FLOOR}{name}"] = ()
            for block, its in parts.items():
                blocks.append((block, slice(start, start + prod(its)), its))
                start += prod(its)
        return Layout(posed, sizes, tuple(blocks), start)

    def values(self, rows: Array, arithmetic: Batched = FLOATS) -> BatchValues:
        """Every letter at every row."""
        letters = Letters(self, rows, arithmetic)
        return BatchValues(arithmetic, self.sizes, letters.parameter, self.posed.rules)

    def parameter(self, name: str, rows: Rows) -> Rows:
        """The parameter at every row."""
        found: Rows = Letters(self, rows, FLOATS).parameter(name)
        return found


def _nearby(posed: Posed, name: str) -> str:
    """The letter to which one may be near: as close as wanted, where any value will do for it or the two have one domain."""
    kind = posed.free(name)
    if not kind.near or kind.domain == "any":
        return kind.near
    return kind.near if posed.free(kind.near).domain == kind.domain else ""


@dataclass(frozen=True)
class Letters:
    """The parameters of rows of a layout, in an arithmetic."""

    layout: Layout
    rows: Array
    arithmetic: Batched

    def block(self, name: str) -> Array:
        columns, size = next((columns, size) for block, columns, size in self.layout.blocks if block == name)
        return self.rows[:, columns].reshape(len(self.rows), *size)

    def parameter(self, name: str) -> Array:
        """The parameter at every row: a value of its domain."""
        xp, posed = self.arithmetic.xp, self.layout.posed
        kind = posed.free(name)
        if name.startswith(SLACK):
            return xp.exp(STRETCH * xp.clip(self.block(name), None, 0.0))
        if name not in posed.setting.language.letters:
            return self._power(self.block(name))
        raw = self.raw(name)
        match kind.domain:
            case "any":
                return raw
            case "nonnegative":
                return raw * raw
            case "positive":
                return xp.exp(raw)
            case "simplex":
                square = raw * raw
                total = square.sum(axis=kind.over + 1, keepdims=True)
                return (square + (total == 0)) / (total + (total == 0) * raw.shape[kind.over + 1])
            case "symmetric":
                return (raw + raw.mT) / 2
            case "unit columns":
                return self._sphere(name, raw)
        gram = raw @ raw.mT
        if kind.domain == "positive semidefinite":
            return gram
        eye = xp.eye(raw.shape[-1], dtype=raw.dtype)
        return gram + self.floor(name)[:, None, None] * eye

    def raw(self, name: str) -> Array:
        """The numbers of which a value of the domain is made: of a positive letter its logarithm, of columns their coordinates."""
        xp, posed = self.arithmetic.xp, self.layout.posed
        entries, kind, near_to = self.block(name), posed.free(name), _nearby(posed, name)
        positive = kind.domain == "positive"
        if not self.layout.posed.setting.shape(name, self.layout.sizes):
            return STRETCH * entries if positive else xp.sinh(STRETCH * entries)
        if near_to:
            near = self.parameter(near_to) if kind.domain == "any" else self.raw(near_to)
            return near + self.apart(name)
        if kind.domain == "unit columns":
            return entries
        scale = self.block(f"{SCALE}{name}")
        if positive:
            return entries + self._beside(STRETCH * _clipped(xp, scale), entries)
        return xp.sinh(entries) * self._beside(self._power(scale), entries)

    def apart(self, name: str) -> Array:
        """By how much a letter differs from the one that it may be near to, in the numbers of which both are made.

        Relative to the scale of that one, if it has one; float64 has no more digits for what is nearer.
        """
        xp, near_to = self.arithmetic.xp, _nearby(self.layout.posed, name)
        entries, near = self.block(name), xp.clip(self.block(f"{SCALE}{name}"), -DECADES, None)
        scale = self._power(near)
        first = self.layout.posed.free(near_to).domain
        if first not in ("positive", "unit columns"):
            scale = self._power(self.block(f"{SCALE}{near_to}")) * scale
        return xp.sinh(entries) * self._beside(scale, entries)

    def floor(self, name: str) -> Array:
        """What a positive definite matrix has beside a Gram matrix: this times the identity, relative to the square of its scale."""
        square = self._power(self.block(f"{SCALE}{name}")) ** 2
        return square * self._power(self.block(f"{FLOOR}{name}"))

    def _sphere(self, name: str, coordinates: Array) -> Array:
        xp, (length, count) = self.arithmetic.xp, self.layout.posed.setting.shape(name, self.layout.sizes)
        if length == 1:
            signs = xp.asarray([1.0 - 2.0 * (k % 2) for k in range(count)], dtype=xp.float64)
            return xp.broadcast_to(signs, (len(self.rows), 1, count))
        square = (coordinates * coordinates).sum(axis=-1, keepdims=True)
        return (xp.concatenate([2 * coordinates, square - 1], axis=-1) / (square + 1)).mT

    def _power(self, coordinate: Array) -> Array:
        """A scale: between 1e-12 and 1e12."""
        return self.arithmetic.xp.exp(STRETCH * _clipped(self.arithmetic.xp, coordinate))

    @staticmethod
    def _beside(scale: Array, entries: Array) -> Array:
        """A number for each row, in the shape of the entries."""
        return scale.reshape(-1, *(1 for _ in entries.shape[1:]))


def _clipped(xp: Any, coordinate: Array) -> Array:
    return xp.clip(coordinate, -2 * DECADES, 2 * DECADES)


def on_grid(values: Rows, grid: float) -> Rows:
    """The values rounded to multiples of 1/grid: what kernels do differently in the last bits is lost."""
    return np.asarray(np.round(values * grid) / grid)


def starts(layout: Layout, count: int, random: Twister) -> Rows:
    """Random rows; boundary cases among them: equal, sparse and ±1 entries, moderate and extreme scales, no slack."""
    rows = np.empty((count, layout.width))
    calm = random.uniform(count) < 0.4
    for name, columns, size in layout.blocks:
        width = prod(size)
        if name.startswith((SCALE, FLOOR)) or not size:
            rows[:, columns] = _scales(
                layout.posed, name, calm, random.uniform(count, 1), random.uniform(count, 1)
            )
            continue
        if width == 0:
            continue
        drawn = random.normal(count, *size)
        kind = random.uniform(count, *(1 for _ in size))
        drawn = np.where(kind < 0.2, np.sign(drawn), drawn)  # alike in size
        drawn = np.where((kind > 0.2) & (kind < 0.4), drawn * (random.uniform(count, *size) < 0.4), drawn)
        drawn = np.where((kind > 0.7) & (kind < 0.8), 3 * drawn, drawn)  # of very different sizes
        if layout.posed.free(name).domain != "unit columns":
            drawn = np.where((kind > 0.8) & (kind < 0.9), drawn[:, :1], drawn)
            drawn = np.where(kind > 0.9, drawn[..., :1], drawn)
        rows[:, columns] = drawn.reshape(count, width)
    return on_grid(rows, GRID)


def grown(small: Layout, row: Rows, layout: Layout) -> Rows:
    """The row of a point of smaller sizes at larger ones: coordinates are repeated along every index, unit columns turned a little."""
    found = np.empty(layout.width)
    before = {name: row[columns].reshape(size) for name, columns, size in small.blocks}
    for name, columns, size in layout.blocks:
        block = before[name]
        for axis, length in enumerate(size):
            if not block.shape[axis]:  # a part that was empty
                block = np.zeros([*block.shape[:axis], 1, *block.shape[axis + 1 :]])
            block = np.take(block, np.arange(length) % block.shape[axis], axis=axis)
        if size and not name.startswith((SCALE, FLOOR)) and layout.posed.free(name).domain == "unit columns":
            block = block + TURN * np.arange(size[0])[:, None]
        found[columns] = block.ravel()
    return on_grid(found, GRID)


def _scales(posed: Posed, name: str, calm: NDArray[np.bool_], draw: Rows, which: Rows) -> Rows:
    if name.startswith(SLACK):
        return np.where(which < 0.7, 0.0, -2.0 * draw)
    wide = (2 * draw - 1) * DECADES
    if name.startswith(FLOOR):  # as large as the matrix, or down to nearly singular
        return np.where(which < 0.5, 0.0, -DECADES * draw)
    letter = name.removeprefix(SCALE)
    kind = posed.free(letter)
    if kind.score and not kind.near:  # flat to saturated
        return np.where(which < 0.5, (2 * draw - 1) * 0.5, (2 * draw - 1) * 2.0)
    if kind.near and name.startswith(SCALE):
        near = np.where(which < 0.8, -DECADES * draw, -DECADES)  # down to no difference at all
        return np.where(which < 0.4, (2 * draw - 1) * 0.5, near)
    return np.where(calm[:, None], (2 * draw - 1) * 0.3, wide)


def exact(layout: Layout, row: Rows, denominator: int) -> ExactPoint:
    """The point of one row, every parameter rounded to fractions of its domain."""
    posed, letters = layout.posed, Letters(layout, row[None], FLOATS)

    def parameter(name: str) -> Parameter:
        kind, value = posed.free(name), letters.parameter(name)[0]
        if kind.domain == "unit columns":
            return unit_columns(value, denominator)
        if name not in posed.setting.language.letters:
            found = rounded(float(value), denominator)
            return min(found, Fraction(1)) if name.startswith(SLACK) else found
        least = Fraction(1, denominator)
        if kind.domain in GRAM:
            if kind.domain == "positive definite":
                least = rounded(float(letters.floor(name)[0]), denominator) or least
            return within(kind, whole(letters.raw(name)[0], denominator), least)
        near_to = _nearby(posed, name)
        if not near_to:
            return restored(kind, whole(value, denominator), least)
        apart = value - letters.parameter(near_to)[0]
        return restored(kind, drawn(near_to) + whole(apart, denominator), least)

    kept: dict[str, Parameter] = {}

    def drawn(name: str) -> Parameter:
        if name not in kept:
            kept[name] = parameter(name)
        return kept[name]

    return ExactPoint(posed.setting, layout.sizes, drawn)


__all__ = ["GRID", "Layout", "Rows", "exact", "grown", "on_grid", "starts"]
