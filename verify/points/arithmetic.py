"""What the letters of a point need beyond sums and products, over balls and over exact rationals.

`verify.points.batched` has the same over float64. Arrays here are object arrays of `arb` or `fmpq`; a float in
one raises ExactnessError.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import isqrt, prod
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat
from numpy.typing import NDArray

from numeric.balls import Undecided, lambda_min_enclosure, positive_root, softmax_columns, spectral_norm
from symbolic.evaluate import ExactnessError, Ring, path

Objects = NDArray[Any]


class Irrational(ArithmeticError):
    """A letter that has no rational value at this point, or none that is looked for."""


class NoValue(ArithmeticError):
    """A letter that has no value at this point, such as the largest of no numbers."""


@dataclass(frozen=True)
class ObjectRing(Ring):
    """Arrays of flint's numbers: einsum pair by pair along a path that is looked for once for each shape."""

    def full(self, shape: tuple[int, ...], value: Fraction) -> Objects:
        if not shape:  # np.full takes ten times as long
            array = np.empty((), dtype=object)
            array[()] = self.one if value == 1 else self.embed(value)
            return array
        return np.full(shape, self.embed(value), dtype=object)

    def contract(self, inputs: list[str], operands: list[Objects], target: str) -> Objects:
        if len(inputs) == 1 and inputs[0] == target:
            return operands[0]
        if any(0 in one.shape for one in operands):
            # An empty sum: einsum would give Python's 0, which is no number of this ring.
            pairs = (
                pair
                for text, one in zip(inputs, operands, strict=True)
                for pair in zip(text, one.shape, strict=True)
            )
            lengths = dict(pairs)
            return self.full(tuple(lengths[name] for name in target), Fraction(0))
        arrays = list(operands)
        for step, text in path(tuple(inputs), tuple(array.shape for array in operands), target):
            some = [arrays.pop(position) for position in step]
            arrays.append(np.asarray(np.einsum(text, *some, optimize=False), dtype=object))
        return arrays[0]


def _moved_back(columns: Objects, like: Objects, axis: int) -> Objects:
    """Columns in the place of one axis of an array."""
    first = np.moveaxis(like, axis, 0).shape
    return np.asarray(np.moveaxis(columns.reshape(first), 0, axis))


class Arithmetic(ABC):
    """How letters are computed."""

    ring: Ring

    @abstractmethod
    def number(self, value: Fraction) -> Any:
        """A scalar."""

    @abstractmethod
    def array(self, entries: Objects) -> Any:
        """An array of Fractions in this arithmetic."""

    @abstractmethod
    def single(self, array: Any) -> Any:
        """An array without axes as a scalar."""

    @abstractmethod
    def roots(self, array: Any) -> Any:
        """Entrywise square roots of what is nonnegative."""

    @abstractmethod
    def exponentials(self, array: Any) -> Any:
        """Entrywise exponentials."""

    @abstractmethod
    def reciprocals(self, array: Any) -> Any:
        """Entrywise reciprocals."""

    @abstractmethod
    def softmax(self, scores: Any, axis: int = -2) -> Any:
        """The softmax over one axis, which is counted from the last one."""

    @abstractmethod
    def matrix_root(self, matrix: Any) -> Any:
        """The symmetric root of a positive definite matrix."""

    @abstractmethod
    def inverse(self, matrix: Any) -> Any:
        """The inverse of a matrix, or of each in a stack (K, N, N)."""

    @abstractmethod
    def norm(self, matrix: Any) -> Any:
        """The spectral norm, a scalar."""

    @abstractmethod
    def smallest(self, matrices: Any) -> Any:
        """The least eigenvalue of each of the symmetric matrices in a stack (…, N, N), shape (…)."""

    @abstractmethod
    def largest(self, parts: Sequence[Any], axes: int) -> Any:
        """The largest entry, over all parts and over all axes behind the first `axes`. Raises NoValue where there is none."""

    @abstractmethod
    def magnitudes(self, array: Any) -> Any:
        """Entrywise absolute values."""


class _Objects(Arithmetic):
    """What balls and rationals share."""

    ring: ObjectRing

    def number(self, value: Fraction) -> Any:
        if not isinstance(value, int | Fraction):
            raise ExactnessError(f"{value!r} of type {type(value).__name__} is no exact number")
        return self.ring.embed(value if isinstance(value, Fraction) else Fraction(value))

    def array(self, entries: Objects) -> Objects:
        return _filled([self.number(x) for x in entries.flat], entries.shape)

    def single(self, array: Objects) -> Any:
        return array[()]

    def reciprocals(self, array: Objects) -> Objects:
        return _filled([1 / x for x in array.flat], array.shape)

    def magnitudes(self, array: Objects) -> Objects:
        return _filled([abs(x) for x in array.flat], array.shape)

    def roots(self, array: Objects) -> Objects:
        return _filled([self._root(x) for x in array.flat], array.shape)

    def smallest(self, matrices: Objects) -> Objects:
        if not matrices.shape[-1]:
            raise NoValue("the least eigenvalue of a matrix of size 0")
        shape = matrices.shape[:-2]
        return _filled([self._least(matrices[at]) for at in np.ndindex(shape)], shape)

    def norm(self, matrix: Objects) -> Any:
        return self._norm(matrix) if matrix.size else self.ring.embed(Fraction(0))

    def largest(self, parts: Sequence[Objects], axes: int) -> Objects:
        shape = parts[0].shape[:axes]
        rows = [part.reshape(*shape, prod(part.shape[axes:])) for part in parts]
        joined = np.concatenate(rows, axis=axes)
        if not joined.shape[axes]:
            raise NoValue("the largest of no numbers")
        return _filled([reduce(self._larger, joined[at]) for at in np.ndindex(shape)], shape)

    @abstractmethod
    def _root(self, x: Any) -> Any: ...

    @abstractmethod
    def _norm(self, matrix: Objects) -> Any: ...

    @abstractmethod
    def _least(self, matrix: Objects) -> Any: ...

    @abstractmethod
    def _larger(self, x: Any, y: Any) -> Any: ...


def _filled(entries: list[Any], shape: tuple[int, ...]) -> Objects:
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape)


def _matrix(array: Objects) -> arb_mat:
    rows, columns = array.shape
    return arb_mat(rows, columns, list(array.flat))


def _entries(matrix: arb_mat) -> Objects:
    return _filled(matrix.entries(), (matrix.nrows(), matrix.ncols()))


class Balls(_Objects):
    """arb at the precision in force: every value encloses the exact one. Undecided, ZeroDivisionError: too few bits."""

    ring = ObjectRing("ball", lambda f: arb(fmpq(f.numerator, f.denominator)), object, exact=True)

    def _root(self, x: arb) -> arb:
        return x.nonnegative_part().sqrt()  # of a number that is known to be nonnegative

    def _larger(self, x: arb, y: arb) -> arb:
        return x.max(y)

    def exponentials(self, array: Objects) -> Objects:
        return _filled([x.exp() for x in array.flat], array.shape)

    def softmax(self, scores: Objects, axis: int = -2) -> Objects:
        if not scores.size or scores.shape[axis] == 1:
            return self.ring.full(scores.shape, Fraction(1))
        columns = np.moveaxis(scores, axis, 0).reshape(scores.shape[axis], -1)
        found = _entries(softmax_columns(_matrix(columns)))
        return _moved_back(found, scores, axis)

    def matrix_root(self, matrix: Objects) -> Objects:
        return _entries(positive_root(_matrix(matrix)))

    def inverse(self, matrix: Objects) -> Objects:
        if matrix.ndim == 3:
            return np.stack([self.inverse(one) for one in matrix])
        return _entries(_matrix(matrix).inv())

    def _norm(self, matrix: Objects) -> arb:
        if 1 in matrix.shape:
            return self._root(sum((x * x for x in matrix.flat), arb(0)))
        return spectral_norm(_matrix(matrix), flint.ctx.prec // 2)

    def _least(self, matrix: Objects) -> Any:
        if len(matrix) == 1:
            return matrix.item()
        return lambda_min_enclosure(_matrix(matrix), flint.ctx.prec // 2)


class RationalRing(ObjectRing):
    """fmpq, with the roots of squares. Raises Irrational for any other root."""

    def power(self, base: Any, power: int | Fraction) -> Any:
        if power.denominator != 1:
            base = Fraction(int(base.p), int(base.q))
            parts = [_whole_root(part, power.denominator) for part in (base.numerator, base.denominator)]
            base, power = self.embed(Fraction(*parts)), power.numerator
        return super().power(base, power)


def _whole_root(number: int, degree: int) -> int:
    """The root of a positive whole number, where it is whole."""
    root, exact = flint.fmpz(number).root(degree), flint.fmpz(number)
    if root**degree != exact:
        raise Irrational(f"the root of degree {degree} of {number}")
    return int(root)


class Rationals(_Objects):
    """fmpq: exact where the letters are rational. Irrational where they are not, or where nobody knows how to tell."""

    ring = RationalRing("exact rational", lambda f: fmpq(f.numerator, f.denominator), object, exact=True)

    def _root(self, x: fmpq) -> fmpq:
        over, under = int(x.p), int(x.q)
        if over < 0:
            raise Irrational(f"the root of {x}")
        root = fmpq(isqrt(over), isqrt(under))
        if root * root != x:
            raise Irrational(f"the root of {x}")
        return root

    def _larger(self, x: fmpq, y: fmpq) -> fmpq:
        return max(x, y)

    def exponentials(self, array: Objects) -> Objects:
        if any(x != 0 for x in array.flat):
            raise Irrational("an exponential")
        return self.ring.full(array.shape, Fraction(1))

    def softmax(self, scores: Objects, axis: int = -2) -> Objects:
        columns = np.moveaxis(scores, axis, -1).reshape(-1, scores.shape[axis])
        if any(x != column[0] for column in columns for x in column):
            raise Irrational("a softmax of different scores")
        return self.ring.full(scores.shape, Fraction(1, max(1, scores.shape[axis])))

    def matrix_root(self, matrix: Objects) -> Objects:
        n = len(matrix)
        if all(matrix[i, j] == 0 for i in range(n) for j in range(n) if i != j):
            root = self.ring.full((n, n), Fraction(0))
            root[np.diag_indices(n)] = [self._root(matrix[i, i]) for i in range(n)]
            return root
        if n > 2:
            raise Irrational("the root of a matrix of size 3 or more")
        det = self._root(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])
        scale = self._root(matrix[0, 0] + matrix[1, 1] + 2 * det)
        whole = matrix.copy()
        whole[np.diag_indices(2)] = [matrix[i, i] + det for i in range(2)]
        return np.asarray(whole / scale)

    def inverse(self, matrix: Objects) -> Objects:
        if matrix.ndim == 3:
            return np.stack([self.inverse(one) for one in matrix])
        found = fmpq_mat(len(matrix), len(matrix), list(matrix.flat)).inv()
        return _filled(found.entries(), matrix.shape)

    def _norm(self, matrix: Objects) -> fmpq:
        flat = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        return self._root(self._extremes(flat @ flat.T)[1])

    def _least(self, matrix: Objects) -> fmpq:
        return self._extremes(matrix)[0]

    def _extremes(self, matrix: Objects) -> tuple[fmpq, fmpq]:
        """The least and the largest eigenvalue."""
        n = len(matrix)
        if all(matrix[i, j] == 0 for i in range(n) for j in range(n) if i != j):
            return min(matrix.diagonal()), max(matrix.diagonal())
        if n > 2:
            raise Irrational("eigenvalues of a matrix of size 3 or more")
        mean, half = (matrix[0, 0] + matrix[1, 1]) / 2, (matrix[0, 0] - matrix[1, 1]) / 2
        off = self._root(half**2 + matrix[0, 1] ** 2)
        return mean - off, mean + off


BALLS, RATIONALS = Balls(), Rationals()
__all__ = [
    "BALLS",
    "RATIONALS",
    "Arithmetic",
    "Balls",
    "Irrational",
    "NoValue",
    "Rationals",
    "Undecided",
    "path",
]
