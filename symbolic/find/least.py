"""The least constant with which an inequality has a certificate: the objective of a linear program over the candidates for its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import isqrt

from symbolic.bound import Certificate, Fact, Weight, nonnegative
from symbolic.find.linear import combination
from symbolic.find.program import support
from symbolic.find.table import Table
from symbolic.indexed import Expr, Monomial
from symbolic.proof import Axiom

CONSTANT = "constant"  # the scalar that stands for the constant until its value is known
SOME = Fraction(
    1009, 7
)  # its value where weights are made of the monomials of the target: with it no two of them cancel
ROOT_DIGITS = 10**10  # the denominator of a root that is rounded up


class Least(Table):
    """A table whose target has the constant in it, and which is solved for the least value of that.

    least   the least value so far; None where there is none yet
    """

    def __init__(
        self,
        target: Expr,
        axioms: Sequence[Axiom],
        facts: Sequence[Fact],
        allowed: frozenset[str],
        taken: frozenset[str],
    ) -> None:
        self.times, self.rest = parted(target)
        super().__init__(SOME * self.times + self.rest, axioms, facts, allowed, taken)
        self.least: Fraction | None = None
        for monomial, _ in self.times.ordered:
            alone = Expr({monomial: Fraction(1)})
            if nonnegative(alone):  # the target has more of it where the constant is small
                self._add(Weight(alone), alone, 1)

    def solved(self) -> Certificate | None:
        """None; the least value is kept where the linear program has one, and exact arithmetic the same."""
        columns = [-1 * self.times, *(value for _, value in self.atoms), *self.relations]
        signed = 1 + len(self.atoms)
        places = support(self.rest, columns, signed, [1.0, *(0.0 for _ in columns[1:])])
        exact = None if places is None else combination([columns[place] for place in places], self.rest)
        if places is None or exact is None:
            return None
        values = {places[at]: value for at, value in exact.items()}
        if all(value >= 0 for place, value in values.items() if place < signed):
            found = values.get(0, Fraction(0))
            self.least = found if self.least is None else min(found, self.least)
        return None


def parted(target: Expr) -> tuple[Expr, Expr]:
    """What the constant is multiplied by, and the rest of the target."""
    times: dict[Monomial, Fraction] = {}
    rest: dict[Monomial, Fraction] = {}
    for monomial, value in target.terms.items():
        others = tuple((name, power) for name, power in monomial.scalars if name != CONSTANT)
        if others == monomial.scalars:
            rest[monomial] = value
        else:
            times[replace(monomial, scalars=others)] = value
    return Expr(times), Expr(rest)


def root_above(square: Fraction) -> Fraction:
    """The root of a nonnegative fraction: exact where it is one, else a number above it by less than 10⁻¹⁰."""
    exact = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if exact**2 == square:
        return exact
    return Fraction(isqrt(square.numerator * ROOT_DIGITS**2 // square.denominator) + 1, ROOT_DIGITS)
