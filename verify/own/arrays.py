"""Vectors and matrices of statements: products, transposes and traces in the place of sums over indices.

A, v = array(A), array(v)     # letters with two slots and with one
(A @ A.T @ v) @ v             # Σ over three indices: an expression
(A.T @ A)[i, j]               # an entry
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numeric.errors import InputError
from verify.own.terms import Dim, IndexSymbol, Letter, shown, total

DUMMIES = tuple(f"s_{number}" for number in range(1, 8))  # each entry of an array has indices of its own


@dataclass(frozen=True)
class Array:
    """A vector or a matrix over dimensions of a setting; `entry` is its entry at indices."""

    dims: tuple[Dim, ...]
    entry: Callable[..., sp.Expr]

    def __getitem__(self, at: IndexSymbol | tuple[IndexSymbol, ...]) -> sp.Expr:
        """The entry at these indices."""
        return self.entry(*(at if isinstance(at, tuple) else (at,)))

    @property
    def T(self) -> Array:
        """The transpose."""
        return Array(self.dims[::-1], lambda *at: self.entry(*at[::-1]))

    def __matmul__(self, other: Array) -> Any:
        """The product, over the last index of this and the first of the other: an array, or of two vectors the number."""
        if not isinstance(other, Array) or self.dims[-1].dim is not other.dims[0].dim:
            raise InputError("@", shown(other), f"an array over {self.dims[-1].dim}", "make one by array(A)")
        mine, dims = len(self.dims) - 1, self.dims[:-1] + other.dims[1:]

        def entry(*at: IndexSymbol) -> sp.Expr:
            over = _dummy(self.dims[-1], at)
            return total(self.entry(*at[:mine], over) * other.entry(over, *at[mine:]), over)

        return Array(dims, entry) if dims else entry()

    def __add__(self, other: Array) -> Array:
        return Array(self.dims, lambda *at: self.entry(*at) + other.entry(*at))

    def __sub__(self, other: Array) -> Array:
        return self + -1 * other

    def __rmul__(self, factor: Any) -> Array:
        """The array with every entry multiplied by a number."""
        return Array(self.dims, lambda *at: factor * self.entry(*at))

    def __truediv__(self, factor: Any) -> Array:
        return self.__rmul__(sp.Integer(1) / factor)

    @property
    def trace(self) -> sp.Expr:
        """The sum of the entries on the diagonal."""
        over = _dummy(self.dims[0], ())
        return total(self.entry(over, over), over)

    @property
    def square(self) -> sp.Expr:
        """The sum of the squares of the entries."""
        over: list[IndexSymbol] = []
        for dim in self.dims:
            over.append(_dummy(dim, tuple(over)))
        return total(self.entry(*over) ** 2, *over)


def _dummy(dim: Dim, taken: tuple[IndexSymbol, ...]) -> IndexSymbol:
    """An index to sum over that is none of these."""
    names = (f"{dim.dim.name}_{name}" for name in DUMMIES)
    return next(index for name in names if (index := dim.index(name)) not in taken)


def array(letter: Letter) -> Array:
    """A letter as a vector or a matrix."""
    return Array(tuple(Dim(letter._owner, slot) for slot in letter.slots), lambda *at: letter[at])


def outer(left: Array, right: Array) -> Array:
    """The products of the entries of two arrays: of two vectors a matrix."""
    first = len(left.dims)
    return Array(left.dims + right.dims, lambda *at: left.entry(*at[:first]) * right.entry(*at[first:]))


def eye(dim: Dim) -> Array:
    """The identity matrix."""
    return Array((dim, dim), lambda row, column: sp.KroneckerDelta(row, column))
