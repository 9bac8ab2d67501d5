"""Polynomials over the rationals in named generators, within a budget of products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, prod
from typing import Any, TypeAlias

from flint import Ordering, fmpq_mpoly_ctx

Polynomial: TypeAlias = Any  # flint's fmpq_mpoly
Place: TypeAlias = tuple[int, ...]


MOST = 400  # generators


class Unsupported(ValueError):
    """A statement that is not decided by polynomials, with the reason."""


class NoPoints(Unsupported):
    """Sizes at which letters have no values: something that is inverted is zero everywhere."""


class TooMany(Unsupported):
    """More generators, or more products of monomials, than are allowed."""


@dataclass
class Budget:
    """How many products of two monomials may be taken; None for any number."""

    left: int | None = None

    def spend(self, one: Polynomial, other: Polynomial) -> None:
        """Raises TooMany where a product of two polynomials takes more than is left."""
        self.take(len(one) * len(other))

    def take(self, products: int) -> None:
        """Raises TooMany where so many products are more than what is left."""
        if self.left is not None:
            self.left -= products
            if self.left < 0:
                raise TooMany("more products of monomials than the budget allows")


def entry(name: str, at: Place) -> str:
    """The name of the generator of one entry."""
    return f"{name}({','.join(map(str, at))})" if at else name


class Polynomials:
    """The ring in these generators. The first generators are the largest: a relation is solved for the first one in it."""

    def __init__(self, names: Sequence[str], budget: Budget) -> None:
        self.names, self.budget = tuple(names), budget
        if len(self.names) > MOST:
            raise TooMany(f"more than {MOST} entries of letters")
        self.ring = fmpq_mpoly_ctx.get(self.names, Ordering.lex)
        self.generator = dict(zip(self.names, self.ring.gens(), strict=True))
        self.where = {name: place for place, name in enumerate(self.names)}
        self.one, self.zero = self.ring.constant(1), self.ring.constant(0)

    def times(self, one: Polynomial, other: Polynomial) -> Polynomial:
        """The product, within the budget."""
        self.budget.spend(one, other)
        return one * other

    def raised(self, base: Polynomial, power: int) -> Polynomial:
        """A whole power, within the budget."""
        found = self.one
        for _ in range(power):
            found = self.times(found, base)
        return found

    def sum(self, terms: Iterable[Polynomial]) -> Polynomial:
        """The sum of these; 0 for none."""
        total = self.zero
        for term in terms:
            total += term
        return total

    def determinant(self, rows: Sequence[Sequence[Polynomial]]) -> Polynomial:
        """The determinant of a matrix, by its first row."""
        if not rows:
            return self.one
        return self.sum(
            (1 if c % 2 == 0 else -1) * self.times(x, self.determinant(without(rows, 0, c)))
            for c, x in enumerate(rows[0])
        )

    def adjugate(self, rows: Sequence[Sequence[Polynomial]], r: int, c: int) -> Polynomial:
        """An entry of the adjugate of a matrix: of its inverse, times its determinant."""
        return (1 if (r + c) % 2 == 0 else -1) * self.determinant(without(rows, c, r))

    def replaced(self, poly: Polynomial, instead: Mapping[str, Polynomial]) -> Polynomial:
        """The polynomial with others in the place of some generators."""
        degrees = poly.degrees()
        values = {name: value for name, value in instead.items() if degrees[self.where[name]]}
        if not values:
            return poly
        self._afford(poly, {self.where[name]: (value, 0) for name, value in values.items()})
        return poly.compose(*(values.get(name, own) for name, own in self.generator.items()))

    def cleared(self, poly: Polynomial, name: str, inverted: Polynomial) -> Polynomial:
        """Σ_n P_n p^{d−n} for P = Σ_n P_n D^n of degree d in the generator D: it vanishes with P where p ≠ 0 and D = 1/p."""
        place = self.where[name]
        if (degree := poly.degrees()[place]) == 0:
            return poly
        self._afford(poly, {place: (inverted, degree)})
        # The resultant of p D − 1 and P in D is p^d P(1/p), but for the order of the two.
        return (self.generator[name] * inverted - 1).resultant(poly, name)

    def _afford(self, poly: Polynomial, values: Mapping[int, tuple[Polynomial, int]]) -> None:
        """Spends what it takes to put powers of polynomials in the place of generators; of a power p the one to the power |p − d|."""
        if self.budget.left is None:
            return
        for powers in poly.monoms():
            self.budget.take(
                prod(
                    comb(max(len(value) + (n := abs(powers[place] - less)) - 1, 0), n)
                    for place, (value, less) in values.items()
                )
            )


def without(rows: Sequence[Sequence[Polynomial]], row: int, column: int) -> list[list[Polynomial]]:
    """A matrix without one row and one column."""
    return [[x for c, x in enumerate(line) if c != column] for r, line in enumerate(rows) if r != row]
