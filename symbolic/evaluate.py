"""The value of a kernel expression over a ring the caller supplies: exact rationals, balls or float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache, reduce
from string import ascii_letters
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic.canonical import Power
from symbolic.dimension import Dimension
from symbolic.indexed import DELTA, Expr, Index, KernelError, Monomial, Tensor

ONE = Fraction(1)


class ExactnessError(TypeError):
    """A float met exact arithmetic, or a letter has no value."""


@dataclass(frozen=True)
class Ring:
    """How whole fractions enter the ring, whether floats are welcome, and what products of arrays are there.

    batched   every array has one more axis in front, every scalar (but sizes) one axis: many points at once
    """

    name: str
    embed: Callable[[Fraction], Any]
    dtype: type
    exact: bool
    batched: bool = False

    @cached_property
    def one(self) -> Any:
        """1, which every precision has exactly."""
        return self.embed(Fraction(1))

    def admit(self, name: str, value: Any) -> None:
        """Raises ExactnessError where a float stands for a letter of exact arithmetic."""
        if not self.exact:
            return
        floats = float | np.floating
        if isinstance(value, np.ndarray):
            wrong = value.dtype != object or any(isinstance(x, floats) for x in value.flat)
        else:
            wrong = isinstance(value, floats)
        if wrong:
            raise ExactnessError(f"{name}: a float in {self.name} arithmetic")

    def full(self, shape: tuple[int, ...], value: Fraction) -> Any:
        """An array with one value."""
        return np.full(shape, self.one if value == 1 else self.embed(value), dtype=self.dtype)

    def mask(self, true: NDArray[np.bool_]) -> Any:
        """1 where true, else 0."""
        zero, one = self.embed(Fraction(0)), self.embed(Fraction(1))
        return np.asarray(np.where(true, one, zero), dtype=self.dtype)

    def power(self, base: Any, power: int | Fraction) -> Any:
        """A scalar to a rational power; ExactnessError for a broken power where the ring has no roots."""
        whole = base
        if power.denominator != 1:
            if self.exact and not (power.denominator == 2 and hasattr(base, "exp")):
                raise ExactnessError(f"power {power} in {self.name} arithmetic")
            whole = base.sqrt() if self.exact else base ** (1 / power.denominator)
        result = self.one
        for _ in range(abs(power.numerator)):
            result = result * whole if power.numerator > 0 else result / whole
        return result

    def contract(self, inputs: list[str], operands: list[Any], target: str) -> Any:
        """einsum."""
        return _contract(["", *inputs], [self.full((), Fraction(1)), *operands], target)

    def added(self, one: Any, other: Any) -> Any:
        """The sum of two arrays; numpy alone would take an array of objects without axes apart."""
        return np.asarray(one + other, dtype=self.dtype)

    def scaled(self, array: Any, scale: Any) -> Any:
        """The array times a scalar."""
        return np.asarray(array * scale, dtype=self.dtype)


FLOAT64 = Ring("float64", float, np.float64, exact=False)


@dataclass(frozen=True)
class Point:
    """Values of the letters: arrays by tensor name, scalars by name, sizes among them.

    powers    those of the scalars that were computed before, for points that have the same scalars
    admitted  whether the ring has admitted every letter before (`Ring.admit`)
    """

    ring: Ring
    arrays: Mapping[str, NDArray[Any]]
    scalars: Mapping[str, Any]
    powers: dict[str, Any] | None = None
    admitted: bool = False

    def __post_init__(self) -> None:
        if not self.admitted:
            for name, value in (*self.arrays.items(), *self.scalars.items()):
                self.ring.admit(name, value)

    def scalar(self, name: str) -> Any:
        if name not in self.scalars:
            raise ExactnessError(f"scalar {name} has no value")
        return self.scalars[name]

    def power(self, key: str, name: str, power: Power) -> Any:
        """A scalar to a power, by a name for the two."""
        if self.powers is not None and key in self.powers:
            return self.powers[key]
        base = self.scalar(name)
        if power.denominator != 1 and isinstance(base, int):  # a size under a root
            base = self.ring.embed(Fraction(base))
        found = self.ring.power(base, power)
        if self.powers is not None:
            self.powers[key] = found
        return found

    def array(self, tensor: Tensor) -> NDArray[Any]:
        """The values of a letter. A shape other than its slots ask for raises KernelError: einsum would stretch it."""
        if tensor.name not in self.arrays:
            raise ExactnessError(f"letter {tensor.name} has no value")
        array = self.arrays[tensor.name]
        wanted = tuple([self.size(slot) for slot in tensor.slots])
        shape = tuple(array.shape[1:]) if self.ring.batched else array.shape
        if shape != wanted:
            raise KernelError(f"letter {tensor.name} has shape {shape}, its slots ask for {wanted}")
        return array

    def size(self, dim: Dimension) -> int:
        return sum(sign * int(self.scalar(name)) for name, sign in dim.pieces)

    def start(self, dim: Dimension) -> int:
        """How many indices of the whole come before those of a part."""
        return sum(self.size(part) for part in dim.before)


def evaluate(
    expr: Expr,
    point: Point,
    out: tuple[Index, ...] = (),
    chosen: Mapping[Index, NDArray[np.intp]] = MappingProxyType({}),
) -> NDArray[Any]:
    """Values of `expr` for all values of its free indices, as an array with one axis for each index of `out`.

    chosen  for some of `out`, the positions that are wanted: the only ones that are worked out

    Raises ExactnessError where a letter has no value or a free index is not in `out`, KernelError where the array
    of a letter has another shape than its slots.
    """
    missing = expr.open.difference(out)
    if missing:
        raise ExactnessError(f"free index {min(missing).name} is not among the axes")
    shape = tuple(len(chosen[index]) if index in chosen else point.size(index.dim) for index in out)
    taken = {place: chosen[index] for place, index in enumerate(out) if index in chosen}
    terms = (
        _term(_planned(monomial, out), coefficient, point, taken) for monomial, coefficient in expr.ordered
    )
    # In float64 0 + (−0) is 0, and a gradient is summed in the order of what is added.
    start = next(terms) if point.ring.exact and expr else point.ring.full(shape, Fraction(0))
    return reduce(point.ring.added, terms, start)


def magnitude(expr: Expr, point: Point, out: tuple[Index, ...]) -> float:
    """Σ over the terms of their Frobenius norms: the scale against which rounding of `evaluate` is measured."""
    parts = (evaluate(Expr({monomial: c}), point, out) for monomial, c in expr.terms.items())
    return float(sum(np.linalg.norm(part) for part in parts))


@dataclass(frozen=True)
class _Plan:
    """One term for einsum, whatever the point.

    scalars  a name for each power, the scalar and the power
    parts    each factor, for each of its slots the dimension of the index there and that of the slot, and whether some differ
    unused   the dimensions of the axes that no factor has
    """

    scalars: tuple[tuple[str, str, Power], ...]
    parts: tuple[tuple[Tensor, tuple[tuple[Dimension, Dimension], ...], bool], ...]
    unused: tuple[Dimension, ...]
    inputs: tuple[str, ...]
    target: str


@lru_cache(maxsize=1 << 14)
def _planned(monomial: Monomial, out: tuple[Index, ...]) -> _Plan:
    symbols = {
        ref: ascii_letters[position] for position, ref in enumerate((*range(len(monomial.dims)), *out))
    }
    dims = [[monomial.dims[r] if isinstance(r, int) else r.dim for r in refs] for _, refs in monomial.factors]
    slots = [its if t == DELTA else list(t.slots) for (t, _), its in zip(monomial.factors, dims, strict=True)]
    parts = tuple(
        (tensor, tuple(zip(its, wide, strict=True)), its != wide)
        for (tensor, _), its, wide in zip(monomial.factors, dims, slots, strict=True)
    )
    used = {ref for _, refs in monomial.factors for ref in refs}
    unused = [index for index in dict.fromkeys(out) if index not in used]
    inputs = ["".join(symbols[ref] for ref in refs) for _, refs in monomial.factors]
    inputs += [symbols[index] for index in unused]
    target = "".join(symbols[index] for index in out)
    scalars = tuple((f"{name}^{power}", name, power) for name, power in monomial.scalars)
    return _Plan(scalars, parts, tuple(index.dim for index in unused), tuple(inputs), target)


def _term(
    plan: _Plan, coefficient: Fraction, point: Point, taken: Mapping[int, NDArray[np.intp]]
) -> NDArray[Any]:
    ring = point.ring
    operands: list[Any] = []
    for tensor, places, narrow in plan.parts:
        if tensor is DELTA or tensor == DELTA:
            operands.append(_identity(point, places[0][0], places[1][0]))
            continue
        array = point.array(tensor)
        if narrow:
            cut: tuple[Any, ...] = tuple(_part(inner, slot, point) for inner, slot in places)
            array = array[..., *cut]
        operands.append(array)
    operands += [ring.full((point.size(dim),), ONE) for dim in plan.unused]
    inputs = plan.inputs
    if not inputs:
        inputs, operands = ("",), [ring.full((), ONE)]
    for place, positions in taken.items():
        for number, text in enumerate(inputs):
            for axis in (at - len(text) for at, letter in enumerate(text) if letter == plan.target[place]):
                operands[number] = np.take(operands[number], positions, axis)
    scale: Any = None if ring.exact and coefficient == 1 else ring.embed(coefficient)
    for key, name, power in plan.scalars:
        factor = point.power(key, name, power)
        scale = factor if scale is None else scale * factor
    value: NDArray[Any] = ring.contract(list(inputs), operands, plan.target)
    return value if scale is None else ring.scaled(value, scale)


def _contract(inputs: list[str], operands: list[NDArray[Any]], target: str) -> NDArray[Any]:
    """einsum, pair by pair along a greedy path; numpy's own route loses arrays of objects without axes."""
    arrays = list(operands)
    for step, text in path(tuple(inputs), tuple(array.shape for array in operands), target):
        some = [arrays.pop(position) for position in step]
        arrays.append(np.asarray(np.einsum(text, *some, optimize=False), dtype=some[0].dtype))
    return arrays[0]


@cache
def path(
    inputs: tuple[str, ...], shapes: tuple[tuple[int, ...], ...], target: str
) -> tuple[tuple[tuple[int, ...], str], ...]:
    """How to contract operands of these shapes: which to take out of the list (last first), and their einsum, appended to it."""
    path: list[tuple[int, ...]] = [tuple(range(len(inputs)))]
    if len(inputs) > 2:
        like = [np.broadcast_to(0.0, shape) for shape in shapes]
        path = np.einsum_path(",".join(inputs) + "->" + target, *like, optimize="greedy")[0][1:]
    texts, steps = list(inputs), []
    for step in path:
        chosen = sorted(step, reverse=True)
        some = [texts.pop(position) for position in chosen]
        rest = set("".join(texts) + target)
        keep = target if not texts else "".join(sorted({x for text in some for x in text if x in rest}))
        texts.append(keep)
        steps.append((tuple(chosen), ",".join(some) + "->" + keep))
    return tuple(steps)


def _part(inner: Dimension, slot: Dimension, point: Point) -> slice:
    if inner is slot:
        return slice(None)
    start = point.start(inner)
    return slice(start, start + point.size(inner))


def _identity(point: Point, row: Dimension, column: Dimension) -> Any:
    """δ between two ranges of one dimension: an index of one is the index of the other that stands at the same place of the whole."""
    rows = np.arange(point.size(row)) + point.start(row)
    columns = np.arange(point.size(column)) + point.start(column)
    return point.ring.mask(rows[:, None] == columns[None, :])
