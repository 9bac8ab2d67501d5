"""Sums of vectors: roots of what bounds their parts, differences of products as sums, and the triangle inequality as a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from math import isqrt

from symbolic.bound import CauchySchwarz, Certificate, Fact, Letter, Weight, by, letters
from symbolic.find.cauchy import monomial_root
from symbolic.find.differences import Difference
from symbolic.find.opened import opened, product
from symbolic.indexed import Expr, Index, KernelError, number, scalar, total
from symbolic.proof import Axiom
from symbolic.rewrite import rewrite

PARTS = 4  # of one: the numbers in which a root is counted that is no fraction, and raised to


@dataclass(frozen=True)
class Side:
    """A nonnegative number a, and a vector x with a² ≥ Σ x², as `fact` says."""

    a: Expr
    x: Expr
    fact: Fact


def triangle(sides: Sequence[Side], over: tuple[Index, ...]) -> Fact:
    """That (Σ a)² ≥ Σ_over (Σ x)², from facts of the same free indices."""
    weights = [Weight(fact=side.fact, at=side.fact.indices) for side in sides]
    for one, other in combinations(sides, 2):
        rule = CauchySchwarz(one.a, other.a, one.x, other.x, over, one.fact, other.fact)
        crossed = by(rule, "Cauchy–Schwarz of two parts", one.fact.indices)
        weights.append(Weight(number(2), fact=crossed, at=crossed.indices))
    gap = total(side.a for side in sides) ** 2 - (total(side.x for side in sides) ** 2).sum(*over)
    return Fact("the triangle inequality", gap, sides[0].fact.indices, Certificate(tuple(weights)))


def root(square: Expr, axioms: Sequence[Axiom], known: frozenset[Letter]) -> tuple[Expr, list[Axiom]] | None:
    """A nonnegative a with a² ≥ square, in terms of known letters, and the axioms with which that shows; None where there is none."""
    used = []
    for axiom in axioms:
        if letters(axiom.lhs) <= known and len(axiom.rhs.terms) == 1 and axiom.rhs.tensors():
            with suppress(KernelError):
                uses, square = rewrite(square, Axiom(axiom.name, axiom.rhs, axiom.lhs, axiom.indices))
                used += [axiom] if uses else []
    parts = [monomial_root(Expr({monomial: value})) for monomial, value in square.ordered]
    whole = total(part for part in parts if part is not None)
    if whole and whole**2 == square:
        return whole, used
    if len(square.terms) != 1:
        return None
    ((monomial, value),) = square.terms.items()
    plain = monomial_root(Expr.of(Fraction(1), (), monomial.factors, monomial.dims))
    if plain is None:
        return None
    for name, power in monomial.scalars:
        plain = plain * (scalar(name, power // 2) if power % 2 == 0 else scalar(name, Fraction(power) / 2))
    for axiom in axioms:  # such as √2² = 2
        names = axiom.lhs.names[1]
        if (
            len(names) == 1
            and names[0] in known
            and axiom.lhs == scalar(names[0], 2)
            and not letters(axiom.rhs)
        ):
            (number_of,) = axiom.rhs.terms.values()
            if (share := monomial_root(number(value / number_of))) is not None:
                return share * scalar(names[0]) * plain, [*used, axiom]
    return Fraction(_raised(value), PARTS) * plain, used


def _raised(square: Fraction) -> int:
    """The least k with (k / PARTS)² at least a nonnegative number."""
    wanted = square * PARTS**2
    found = isqrt(wanted.numerator // wanted.denominator)
    return found if found**2 >= wanted else found + 1


def telescoped(expr: Expr) -> Iterator[tuple[Expr, list[Difference]]]:
    """A difference of two products of which several letters differ, as a sum of products with one difference each, from either end."""
    for (monomial, value), (other, less) in permutations(expr.ordered) if len(expr.terms) == 2 else ():
        mine, theirs = ([tensor for tensor, _ in one.factors] for one in (monomial, other))
        pairs = [
            (x, y) for x in mine if x not in theirs for y in theirs if y not in mine and y.slots == x.slots
        ]
        instead = dict(pairs)
        one = opened(monomial, {index.name for index in expr.free()})
        changed = value * product([(instead.get(x, x), refs) for x, refs in one.factors], one.scalars).sum(
            *one.names
        )
        if value < 0 or len(pairs) < 2 or len(instead) < len(pairs) or changed != Expr({other: -less}):
            continue
        for order in (pairs, pairs[::-1]):
            parts, made = [], []
            for place, (x, y) in enumerate(order):
                made.append(w := Difference.of(x, y, 1, range(len(x.slots)), 0))
                now = dict(order[:place]) | {x: w.whole}
                factors = [(now.get(tensor, tensor), refs) for tensor, refs in one.factors]
                parts.append(value * product(factors, one.scalars).sum(*one.names))
            yield total(parts), made
