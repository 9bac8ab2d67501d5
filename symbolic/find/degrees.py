"""The degrees under which all that a search may use is homogeneous: only what has the degrees of the target can take part.

Each letter gets a weight, such that the terms of each expression have one sum of weights. A certificate in which other degrees occur
remains one where these are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

from symbolic.bound import Letter
from symbolic.indexed import DELTA, Expr, Monomial


class Degrees:
    """The weights of letters that make expressions homogeneous, as many as are independent of each other.

    Sizes have weight zero, since a sum over an index that does not occur is one; so have letters that sum to one.
    """

    def __init__(self, exprs: Sequence[Expr]) -> None:
        slots = {slot for expr in exprs for tensor in expr.tensors() - {DELTA} for slot in tensor.slots}
        self._sizes = {name for slot in slots for name, _ in slot.pieces}
        rows = []
        for expr in exprs:
            (first, *others) = [self._powers(monomial) for monomial in expr.terms] or [{}]
            rows += [_difference(first, other) for other in others]
        letters = {letter for expr in exprs for monomial in expr.terms for letter in self._powers(monomial)}
        order = sorted(letters, key=repr)
        self._weights = dict(
            zip(
                order,
                _kernel([[row.get(letter, Fraction(0)) for letter in order] for row in rows], len(order)),
                strict=True,
            )
        )

    def of(self, monomial: Monomial) -> tuple[Fraction, ...]:
        """The degrees of a monomial; those of a letter that no expression has are zero."""
        found = [
            [power * weight for weight in self._weights.get(letter, ())]
            for letter, power in self._powers(monomial).items()
        ]
        return tuple(sum(column, Fraction(0)) for column in zip(*(one for one in found if one), strict=True))

    def _powers(self, monomial: Monomial) -> dict[Letter, Fraction]:
        powers: dict[Letter, Fraction] = {}
        for name, power in monomial.scalars:
            if name not in self._sizes:
                powers[name] = Fraction(power)
        for tensor, _ in monomial.factors:
            if tensor != DELTA and tensor.unit_sum is None:
                powers[tensor] = powers.get(tensor, Fraction(0)) + 1
        return powers


def _difference(one: dict[Letter, Fraction], other: dict[Letter, Fraction]) -> dict[Letter, Fraction]:
    return {
        letter: one.get(letter, Fraction(0)) - other.get(letter, Fraction(0)) for letter in {*one, *other}
    }


def _kernel(rows: Sequence[Sequence[Fraction]], count: int) -> list[tuple[Fraction, ...]]:
    """For each of the unknowns its values in a basis of the solutions of homogeneous equations."""
    if not rows:
        return [tuple(Fraction(int(i == j)) for j in range(count)) for i in range(count)]
    matrix = fmpq_mat(
        len(rows), count, [fmpq(value.numerator, value.denominator) for row in rows for value in row]
    )
    reduced, rank = matrix.rref()
    pivots = [next(place for place in range(count) if reduced[row, place] != 0) for row in range(rank)]
    free = [place for place in range(count) if place not in pivots]
    found = [[Fraction(0)] * len(free) for _ in range(count)]
    for number, place in enumerate(free):
        found[place][number] = Fraction(1)
        for row, pivot in enumerate(pivots):
            value = reduced[row, place]
            found[pivot][number] = -Fraction(int(value.p), int(value.q))
    return [tuple(row) for row in found]
