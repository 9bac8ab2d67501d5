"""Exact linear algebra over expressions: coefficients with which some of them add up to another."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import nmod_mat

from symbolic.indexed import Expr, number

PRIME = (1 << 61) - 1


def combination(columns: Sequence[Expr], target: Expr) -> dict[int, Fraction] | None:
    """Coefficients c with Σ c_i columns_i = target, by position; None where there are none. Early columns are preferred.

    The system is solved modulo a prime, the rationals are reconstructed, and the sum is compared exactly.
    """
    rows: dict[object, int] = {}
    for expr in (target, *columns):
        for monomial in expr.terms:
            rows.setdefault(monomial, len(rows))
    if not target:
        return {}
    matrix = nmod_mat(len(rows), len(columns) + 1, PRIME)
    for column, expr in enumerate((*columns, target)):
        for monomial, coefficient in expr.terms.items():
            residue = coefficient.numerator * pow(coefficient.denominator, -1, PRIME)
            matrix[rows[monomial], column] = residue % PRIME
    reduced, rank = matrix.rref()
    found: dict[int, Fraction] = {}
    place: int = 0
    for row in range(rank):
        while int(reduced[row, place]) == 0:
            place += 1
        if place == len(columns):
            return None
        if value := int(reduced[row, len(columns)]):
            found[place] = rational(value)
    total = number(0)
    for column, coefficient in found.items():
        total += coefficient * columns[column]
    return found if total == target else None


def rational(residue: int) -> Fraction:
    """The fraction of small numerator and denominator with this residue modulo the prime."""
    before, here, left, right = PRIME, residue % PRIME, 0, 1
    while here * here * 2 > PRIME:
        quotient = before // here
        before, here, left, right = here, before - quotient * here, right, left - quotient * right
    return Fraction(here, right)
