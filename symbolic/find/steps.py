"""Targets from which a target follows by one rule: squares for roots, and every vector for the least or greatest number of a hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symbolic.bound import BoundError, Certificate, Fact, Root, Weight, by, letters, nonnegative
from symbolic.indexed import Expr, Index, number
from symbolic.rules import Extreme

LONG = 4  # terms of a target both of whose sides are squared


@dataclass(frozen=True)
class Step:
    """A target, its free indices, and what a fact that it is nonnegative shows."""

    target: Expr
    indices: tuple[Index, ...]
    shows: Callable[[Fact], Fact]


def steps(
    name: str, positive: Expr, indices: tuple[Index, ...], facts: Sequence[Fact], allowed: frozenset[str]
) -> Iterator[Step]:
    """The target itself, and targets from which it follows."""
    itself = Step(positive, indices, lambda fact: fact)
    for one in (itself, *_squared(name, positive, indices)):
        yield one
        for fact in facts:
            yield from _of_every_vector(name, one, fact, allowed)


def _squared(name: str, positive: Expr, indices: tuple[Index, ...]) -> Iterator[Step]:
    """b² − a² in the place of b − a, where both are nonnegative."""
    b = Expr({monomial: value for monomial, value in positive.terms.items() if value > 0})
    a = b - positive
    if a and b and len(positive.terms) <= LONG and nonnegative(a) and nonnegative(b):
        yield Step(b**2 - a**2, indices, lambda premise: by(Root(a, b, premise), name, indices))


def _of_every_vector(name: str, step: Step, fact: Fact, allowed: frozenset[str]) -> Iterator[Step]:
    """The hypothesis with u in the place of n^p, where the target is c (u − n^p), or c (n^p − u), and n^p the least or greatest number."""
    target, letter = step.target, fact.extreme
    if not isinstance(letter, str) or letter not in letters(target):
        return
    try:
        power, head, rest = Extreme(fact, number(0), fact).parts()
    except BoundError:
        return
    ((found, _),) = power.terms.items()
    mine = [(m, value) for m, value in target.terms.items() if letter in dict(m.scalars)]
    if len(mine) != 1 or mine[0][0].factors or mine[0][0].dims:
        return
    ((monomial, value),) = mine
    outer = {one: power for one, power in monomial.scalars if one != letter}
    if dict(monomial.scalars)[letter] != dict(found.scalars)[letter] or not allowed.issuperset(outer):
        return
    times = Expr.of(abs(value), tuple(outer.items()), (), ())
    back = Expr.of(1 / Fraction(value), tuple((one, -power) for one, power in outer.items()), (), ())
    upper = power - target * back

    def shows(premise: Fact) -> Fact:
        least = by(Extreme(fact, upper, premise), f"{letter} at every vector", fact.indices)
        weight = Weight(times, fact=least, at=fact.indices)
        return step.shows(Fact(name, target, step.indices, Certificate((weight,))))

    yield Step(head * upper + rest, fact.indices, shows)
