"""Numbers, matrices and polynomials in random variables, in plain Python: fractions, or mpmath to 60 digits where a root is none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product as cartesian
from typing import Any

import mpmath

Number = Any  # Fraction, or a number of REAL
Vector = list[Number]
Matrix = list[list[Number]]

REAL = mpmath.mp.clone()
REAL.dps = 60


class Shape(ValueError):
    """An expression whose shapes do not fit."""


def real(x: Number) -> Number:
    """A fraction as a number of 60 digits."""
    return REAL.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else REAL.mpf(x)


def exact(x: Number) -> Fraction:
    """The fraction that a number is: one of 60 digits is a dyadic one."""
    if isinstance(x, int | Fraction):
        return Fraction(x)
    return dyadic(x._mpf_)


def dyadic(raw: tuple[int, int, int, int]) -> Fraction:
    """The fraction that mpmath writes as sign, mantissa, exponent and bits."""
    sign, mantissa, exponent, _ = raw
    size = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -size if sign else size


def sqrt(x: Number) -> Number:
    """The root, a fraction where it is one."""
    if isinstance(x, Fraction):
        over, under = (whole_root(part) for part in (x.numerator, x.denominator))
        if over is not None and under is not None:
            return Fraction(over, under)
    return REAL.sqrt(real(x))


def whole_root(whole: int) -> int | None:
    """The root of a square number; None for another one."""
    if whole < 0:
        raise ValueError(f"the root of {whole}")
    low, high = 0, whole + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle * middle <= whole else (low, middle)
    return low if low * low == whole else None


# Matrices as lists of rows


def shape(A: Matrix) -> tuple[int, int]:
    if len({len(row) for row in A}) > 1:
        raise Shape("rows of different lengths")
    return len(A), len(A[0]) if A else 0


def times(A: Matrix, B: Matrix) -> Matrix:
    (rows, inner), (other, columns) = shape(A), shape(B)
    if inner != other:
        raise Shape(f"{rows}×{inner} times {other}×{columns}")
    return [
        [sum((A[i][n] * B[n][j] for n in range(inner)), Fraction(0)) for j in range(columns)]
        for i in range(rows)
    ]


def plus(A: Matrix, B: Matrix, factor: Number = 1) -> Matrix:
    """A + factor · B."""
    if shape(A) != shape(B):
        raise Shape(f"{shape(A)} plus {shape(B)}")
    return [
        [x + factor * y for x, y in zip(one, other, strict=True)] for one, other in zip(A, B, strict=True)
    ]


def beside(A: Matrix, B: Matrix) -> Matrix:
    """(A, B)."""
    if len(A) != len(B):
        raise Shape(f"{shape(A)} beside {shape(B)}")
    return [[*one, *other] for one, other in zip(A, B, strict=True)]


def transposed(A: Matrix) -> Matrix:
    rows, columns = shape(A)
    return [[A[i][j] for i in range(rows)] for j in range(columns)]


def column(A: Matrix, k: int) -> Matrix:
    return [[row[k]] for row in A]


def identity(size: int, factor: Number = 1) -> Matrix:
    return [[factor * Fraction(int(i == j)) for j in range(size)] for i in range(size)]


def zeros(rows: int, columns: int) -> Matrix:
    return [[Fraction(0)] * columns for _ in range(rows)]


def squared_norm(A: Matrix) -> Number:
    """‖A‖_F²."""
    return sum((x * x for row in A for x in row), Fraction(0))


def reduced(A: Matrix) -> tuple[Matrix, int]:
    """Row echelon form by Gauss–Jordan, and the rank. For fractions only: a pivot is what is not zero."""
    A = [list(row) for row in A]
    rank = 0
    for j in range(shape(A)[1]):
        pivot = next((i for i in range(rank, len(A)) if A[i][j] != 0), None)
        if pivot is None:
            continue
        A[rank], A[pivot] = A[pivot], A[rank]
        A[rank] = [x / A[rank][j] for x in A[rank]]
        for i in range(len(A)):
            if i != rank:
                A[i] = [x - A[i][j] * y for x, y in zip(A[i], A[rank], strict=True)]
        rank += 1
    return A, rank


def inverse(A: Matrix) -> Matrix:
    size = len(A)
    found, rank = reduced(beside(A, identity(size)))
    if rank < size or [row[:size] for row in found] != identity(size):
        raise ZeroDivisionError("a singular matrix")
    return [row[size:] for row in found]


def solved(A: Matrix, B: Matrix) -> Matrix:
    """A⁻¹B."""
    return times(inverse(A), B)


def eigenvalues(A: Matrix) -> list[Number]:
    """Of a symmetric matrix, in rising order; fractions where it is diagonal."""
    if transposed(A) != A:
        raise ValueError("not symmetric")
    if all(A[i][j] == 0 for i, j in cartesian(range(len(A)), repeat=2) if i != j):
        return sorted((A[i][i] for i in range(len(A))), key=exact)
    return list(REAL.eigsy(REAL.matrix([[real(x) for x in row] for row in A]), eigvals_only=True))


def spectral_norm(A: Matrix) -> Number:
    """‖A‖₂, the root of the largest eigenvalue of AAᵀ."""
    return sqrt(eigenvalues(times(A, transposed(A)))[-1])


def root(A: Matrix) -> Matrix:
    """The positive semidefinite square root of a symmetric matrix; fractions where it is diagonal and its roots are."""
    size = len(A)
    if all(A[i][j] == 0 for i, j in cartesian(range(size), repeat=2) if i != j):
        return [[sqrt(A[i][i]) if i == j else Fraction(0) for j in range(size)] for i in range(size)]
    values, vectors = REAL.eigsy(REAL.matrix([[real(x) for x in row] for row in A]))
    return [
        [sum(vectors[i, n] * REAL.sqrt(values[n]) * vectors[j, n] for n in range(size)) for j in range(size)]
        for i in range(size)
    ]


# Polynomials in independent, centred variables: monomial (a sorted tuple of variables) -> coefficient

Variable = tuple[Any, ...]
Polynomial = dict[tuple[Variable, ...], Number]


def added(p: Polynomial, q: Polynomial, factor: Number = 1) -> Polynomial:
    found = dict(p)
    for monomial, coefficient in q.items():
        found[monomial] = found.get(monomial, Fraction(0)) + factor * coefficient
    return found


def multiplied(p: Polynomial, q: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for (one, x), (other, y) in cartesian(p.items(), q.items()):
        monomial = tuple(sorted(one + other))
        found[monomial] = found.get(monomial, Fraction(0)) + x * y
    return found


def mean(p: Polynomial, variance: Callable[[Variable], Number]) -> Number:
    """E p: a variable that occurs once makes the mean vanish, a square gives its variance; more is refused."""
    total: Number = Fraction(0)
    for monomial, coefficient in p.items():
        powers = {variable: monomial.count(variable) for variable in monomial}
        if any(power > 2 for power in powers.values()):
            raise ValueError(f"E of {monomial}: only second moments are known")
        if all(power == 2 for power in powers.values()):
            value = coefficient
            for variable in powers:
                value = value * variance(variable)
            total = total + value
    return total
