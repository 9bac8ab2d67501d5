"""The value of a kernel expression over a ring the caller supplies: exact rationals, balls or float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic.indexed import DELTA, Expr, Index, KernelError, Monomial, Tensor


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

    def full(self, shape: tuple[int, ...], value: Fraction) -> Any:
        """An array with one value."""
        return np.full(shape, self.embed(value), dtype=self.dtype)

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
        result = self.embed(Fraction(1))
        for _ in range(abs(power.numerator)):
            result = result * whole if power > 0 else result / whole
        return result

    def contract(self, inputs: list[str], operands: list[Any], target: str) -> Any:
        """einsum."""
        return _contract(inputs, operands, target)

    def added(self, one: Any, other: Any) -> Any:
        """The sum of two arrays; numpy alone would take an array of objects without axes apart."""
        return np.asarray(one + other, dtype=self.dtype)

    def scaled(self, array: Any, scale: Any) -> Any:
        """The array times a scalar."""
        return np.asarray(array * scale, dtype=self.dtype)


FLOAT64 = Ring("float64", float, np.float64, exact=False)


@dataclass(frozen=True)
class Point:
    """Values of the letters: arrays by tensor name, scalars by name (tau, gamma, and sizes N, K, m, d, H)."""

    ring: Ring
    arrays: Mapping[str, NDArray[Any]]
    scalars: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not self.ring.exact:
            return
        for name, array in self.arrays.items():
            if array.dtype != object or any(isinstance(x, float | np.floating) for x in array.flat):
                raise ExactnessError(f"{name}: a float in {self.ring.name} arithmetic")
        for name, value in self.scalars.items():
            if isinstance(value, float | np.floating):
                raise ExactnessError(f"{name}: a float in {self.ring.name} arithmetic")

    def scalar(self, name: str) -> Any:
        if name not in self.scalars:
            raise ExactnessError(f"scalar {name} has no value")
        return self.scalars[name]

    def array(self, tensor: Tensor) -> NDArray[Any]:
        """The values of a letter. A shape other than its slots ask for raises KernelError: einsum would stretch it."""
        if tensor.name not in self.arrays:
            raise ExactnessError(f"letter {tensor.name} has no value")
        array = self.arrays[tensor.name]
        wanted = tuple(self.size(slot) for slot in tensor.slots)
        shape = tuple(array.shape[1:] if self.ring.batched else array.shape)
        if shape != wanted:
            raise KernelError(f"letter {tensor.name} has shape {shape}, its slots ask for {wanted}")
        return array

    def size(self, dim: str) -> int:
        if dim == "U":
            return self.size("K") - self.size("N")
        return int(self.scalar(dim))


def evaluate(expr: Expr, point: Point, out: tuple[Index, ...] = ()) -> NDArray[Any]:
    """Values of `expr` for all values of its free indices, as an array with one axis for each index of `out`.

    Raises ExactnessError where a letter has no value or a free index is not in `out`, KernelError where the array
    of a letter has another shape than its slots.
    """
    missing = expr.free() - set(out)
    if missing:
        raise ExactnessError(f"free index {min(missing).name} is not among the axes")
    shape = tuple(point.size(index.dim) for index in out)
    result: NDArray[Any] = point.ring.full(shape, Fraction(0))
    # SymPy's order of terms differs from process to process; sums of floats are to be the same in each.
    for monomial, coefficient in sorted(expr.terms.items(), key=repr):
        result = point.ring.added(result, _term(monomial, coefficient, point, out))
    return result


def magnitude(expr: Expr, point: Point, out: tuple[Index, ...]) -> float:
    """Σ over the terms of their Frobenius norms: the scale against which rounding of `evaluate` is measured."""
    parts = (evaluate(Expr({monomial: c}), point, out) for monomial, c in expr.terms.items())
    return float(sum(np.linalg.norm(part) for part in parts))


def _term(monomial: Monomial, coefficient: Fraction, point: Point, out: tuple[Index, ...]) -> NDArray[Any]:
    symbols = {
        ref: ascii_letters[position] for position, ref in enumerate((*range(len(monomial.dims)), *out))
    }

    def dim(ref: Index | int) -> str:
        return monomial.dims[ref] if isinstance(ref, int) else ref.dim

    ring = point.ring
    operands: list[Any] = [ring.full((), Fraction(1))]
    inputs = [""]
    for tensor, refs in monomial.factors:
        if tensor == DELTA:
            array = _identity(point, dim(refs[0]), dim(refs[1]))
        else:
            array = point.array(tensor)
            cut: tuple[Any, ...] = tuple(
                _part(dim(ref), slot, point) for ref, slot in zip(refs, tensor.slots, strict=True)
            )
            array = array[..., *cut] if cut else array
        operands.append(array)
        inputs.append("".join(symbols[ref] for ref in refs))
    target = "".join(symbols[index] for index in out)
    for index in out:
        if not any(symbols[index] in text for text in inputs):
            operands.append(ring.full((point.size(index.dim),), Fraction(1)))
            inputs.append(symbols[index])
    scale: Any = ring.embed(coefficient)
    for name, power in monomial.scalars:
        base = point.scalar(name)
        if power.denominator != 1 and isinstance(base, int):  # a size under a root
            base = ring.embed(Fraction(base))
        scale = scale * ring.power(base, power)
    value: NDArray[Any] = ring.scaled(ring.contract(inputs, operands, target), scale)
    return value


def _contract(inputs: list[str], operands: list[NDArray[Any]], target: str) -> NDArray[Any]:
    """einsum, pair by pair along a greedy path; numpy's own route loses arrays of objects without axes."""
    path = np.einsum_path(",".join(inputs) + "->" + target, *operands, optimize="greedy")[0][1:]
    texts, arrays = list(inputs), list(operands)
    for step in path:
        chosen = sorted(step, reverse=True)
        some_texts, some = [texts.pop(i) for i in chosen], [arrays.pop(i) for i in chosen]
        rest = set("".join(texts) + target)
        keep = target if not texts else "".join(sorted({x for text in some_texts for x in text if x in rest}))
        product = np.einsum(",".join(some_texts) + "->" + keep, *some, optimize=False)
        texts.append(keep)
        arrays.append(np.asarray(product, dtype=some[0].dtype))
    return arrays[0]


def _part(inner: str, slot: str, point: Point) -> slice:
    if inner == slot:
        return slice(None)
    return slice(point.size("N")) if inner == "N" else slice(point.size("N"), None)


def _identity(point: Point, row: str, column: str) -> Any:
    """δ between two ranges of tokens: position i of one is the token of the other it stands for."""
    shift = point.size("N")
    rows = np.arange(point.size(row)) + (shift if row == "U" else 0)
    columns = np.arange(point.size(column)) + (shift if column == "U" else 0)
    return point.ring.mask(rows[:, None] == columns[None, :])
