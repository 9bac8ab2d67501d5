"""Matrices of a stated structure, drawn by Hypothesis in fractions: orthogonal, of a given spectrum, of a given rank, ill-conditioned.

Each meets what it promises by exact arithmetic, and shrinks to a diagonal or a unit matrix; floats are the fractions rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.own.terms import shown
from verify.points.domains import Objects, filled
from verify.strategies.drawn import fraction, fractions

Draw = Callable[[st.SearchStrategy[Any]], Any]
Numbers = Literal["float64", "exact"]
ENTRIES = st.sampled_from(fractions(6, 4))


def orthogonal(size: int, *, values: Numbers = "float64") -> st.SearchStrategy[Any]:
    """Orthogonal matrices without the eigenvalue −1, by Cayley's formula (I − A)(I + A)⁻¹ of skew matrices A."""
    return _turns(_whole("size", size)).map(_rounding(values))


def with_spectrum(
    eigenvalues: Sequence[int | Fraction], *, values: Numbers = "float64"
) -> st.SearchStrategy[Any]:
    """Symmetric matrices with these eigenvalues, each as often as it is named."""
    if not eigenvalues or not all(isinstance(x, int | Fraction) for x in eigenvalues):
        raise InputError(
            "eigenvalues", shown(eigenvalues), "whole numbers or fractions", "as in [1, Fraction(1, 10)]"
        )
    diagonal = np.diag(np.array([*map(Fraction, eigenvalues)], dtype=object))
    return _turns(len(eigenvalues)).map(lambda turn: turn @ diagonal @ turn.T).map(_rounding(values))


def ill_conditioned(size: int, factor: int, *, values: Numbers = "float64") -> st.SearchStrategy[Any]:
    """Positive definite matrices whose largest eigenvalue is 1, and the least one 1/factor."""
    last = Fraction(1, _whole("factor", factor))
    return with_spectrum([Fraction(1)] * (_whole("size", size, 2) - 1) + [last], values=values)


def with_rank(rows: int, columns: int, rank: int, *, values: Numbers = "float64") -> st.SearchStrategy[Any]:
    """Matrices of exactly this rank: products of two factors, each with a unit matrix inside."""
    most = min(_whole("rows", rows), _whole("columns", columns))
    if _whole("rank", rank) > most:
        raise InputError("rank", rank, f"at most {most} of {rows} x {columns}", "choose a smaller rank")
    return _products(rows, columns, rank).map(_rounding(values))


@st.composite
def _turns(draw: Draw, size: int) -> Objects:
    upper = np.triu(filled((size, size), lambda: draw(ENTRIES)), 1)
    skew, unit = upper - upper.T, filled((size, size), lambda: Fraction(0))
    np.fill_diagonal(unit, Fraction(1))
    inverse = fmpq_mat(size, size, [fmpq(x.numerator, x.denominator) for x in (unit + skew).flat]).inv()
    entries = iter(inverse.entries())
    return np.asarray((unit - skew) @ filled((size, size), lambda: fraction(next(entries))))


@st.composite
def _products(draw: Draw, rows: int, columns: int, rank: int) -> Objects:
    def factor(length: int) -> Objects:
        found = filled((length, rank), lambda: draw(ENTRIES))
        chosen = draw(st.permutations(range(length)))[:rank]
        found[chosen] = [[Fraction(int(one == other)) for other in range(rank)] for one in range(rank)]
        return found

    return np.asarray(factor(rows) @ factor(columns).T)


def _rounding(values: Numbers) -> Callable[[Objects], Any]:
    if values not in ("float64", "exact"):
        raise InputError("values", shown(values), "float64 or exact", 'leave it out for "float64"')
    return (lambda found: found.astype(np.float64)) if values == "float64" else lambda found: found


def _whole(name: str, value: int, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(name, shown(value), f"a whole number from {least}", f"as in {name}=3")
    return value
