"""Facts that follow from others by Cauchy–Schwarz: from a² ≥ Σ x² and b² ≥ Σ y² that a b ≥ ± Σ x y; and from a² = b² ± r by roots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from symbolic.bound import BoundError, CauchySchwarz, Certificate, Fact, Root, Weight, by, nonnegative
from symbolic.find.opened import met, opened, product
from symbolic.find.squares import halves
from symbolic.indexed import Expr, Index, KernelError, Monomial, number
from symbolic.proof import Axiom, Use

MOST = 60  # facts


@dataclass(frozen=True)
class Norm:
    """A fact a² − Σ_over x² ≥ 0."""

    fact: Fact
    a: Expr
    x: Expr
    over: tuple[Index, ...]


def products(axioms: Sequence[Axiom], facts: Sequence[Fact]) -> list[Fact]:
    """What Cauchy–Schwarz gives of each two norms among the axioms and the facts, at most so many."""
    norms = [
        *(norm for axiom in axioms for norm in _of_axiom(axiom)),
        *(norm for fact in facts for norm in _of_fact(fact)),
    ]
    found: list[Fact] = []
    for place, one in enumerate(norms):
        for other in norms[place:]:
            found += _product(one, other)
            if len(found) >= MOST:
                return found[:MOST]
    return found


def _of_axiom(axiom: Axiom) -> Iterator[Norm]:
    """a² = Σ x² as a fact."""
    a = monomial_root(axiom.lhs)
    if a is None:
        return
    for x, over in roots(axiom.rhs, {index.name for index in axiom.indices}):
        use = Use(axiom, number(1), axiom.indices)
        fact = Fact(axiom.name, axiom.zero, axiom.indices, Certificate((), (use,)))
        yield Norm(fact, a, x, over)


def _of_fact(fact: Fact) -> Iterator[Norm]:
    if fact.any or len(fact.positive.terms) > 4:
        return
    upper = Expr({monomial: value for monomial, value in fact.positive.terms.items() if value > 0})
    a = monomial_root(upper)
    if a is None:
        return
    for x, over in roots(upper - fact.positive, {index.name for index in fact.indices}):
        yield Norm(fact, a, x, over)


def _product(one: Norm, other: Norm) -> Iterator[Fact]:
    if [index.dim for index in one.over] != [index.dim for index in other.over]:
        return
    apart_ = {index: Index(f"{index.name}_2", index.dim) for index in other.fact.indices}
    moved = other.fact
    if apart_:
        at = tuple(apart_[index] for index in other.fact.indices)
        weight = Weight(fact=other.fact, at=at)
        moved = Fact(other.fact.name, other.fact.positive.at(apart_), at, Certificate((weight,)))
    y = other.x.at({**apart_, **dict(zip(other.over, one.over, strict=True))})
    b = other.a.at(apart_)
    for sign in (1, -1):
        name = f"Cauchy–Schwarz of {one.fact.name} and {other.fact.name}"
        try:
            rule = CauchySchwarz(one.a, b, one.x, sign * y, one.over, one.fact, moved)
            yield by(rule, name, (*one.fact.indices, *moved.indices))
        except (BoundError, KernelError):
            continue


def legs(axioms: Sequence[Axiom]) -> Iterator[Fact]:
    """That a ≤ b, or a ≥ b, of each axiom a² = b² − r, or a² = b² + r, with r ≥ 0."""
    for axiom in axioms:
        a = monomial_root(axiom.lhs)
        for monomial, value in axiom.rhs.ordered if a is not None and len(axiom.rhs.terms) > 1 else ():
            square = Expr({monomial: value})
            b = monomial_root(square)
            for sign, one, other in ((1, a, b), (-1, b, a)):
                r = sign * (square - axiom.rhs)
                if one is not None and other is not None and nonnegative(r):
                    use = Use(axiom, number(-sign), axiom.indices)
                    shown = Certificate((Weight(r),), (use,))
                    premise = Fact(axiom.name, other**2 - one**2, axiom.indices, shown)
                    yield by(Root(one, other, premise), f"a root by {axiom.name}", axiom.indices)


def monomial_root(square: Expr) -> Expr | None:
    """The nonnegative a with a² equal to a monomial without sums; None where there is none."""
    if len(square.terms) != 1:
        return None
    ((monomial, value),) = square.terms.items()
    root = _root(value)
    if root is None or monomial.dims or any(power % 2 for _, power in monomial.scalars):
        return None
    one = opened(monomial, ())
    half, odd = one.factors[::2], one.factors[1::2]  # equal factors stand side by side
    a = root * product(half, tuple((name, power // 2) for name, power in one.scalars))
    return a if half == odd and nonnegative(a) else None


def roots(square: Expr, taken: set[str]) -> Iterator[tuple[Expr, tuple[Index, ...]]]:
    """Every x and the indices summed over with Σ_over x² equal to an expression: x one product, or a sum or difference of two."""
    singles = [
        found for monomial, value in square.ordered if value > 0 for found in _halves(monomial, value, taken)
    ]
    pairs = [
        (x + sign * y.at(dict(zip(there, over, strict=True))), over)
        for place, (x, over) in enumerate(singles)
        for y, there in singles[:place]
        if [index.dim for index in over] == [index.dim for index in there]
        for sign in (1, -1)
    ]
    for x, over in (*singles, *pairs):
        try:
            if x and (x**2).sum(*over) == square:
                yield x, over
        except KernelError:
            continue


def _halves(monomial: Monomial, value: Fraction, taken: set[str]) -> Iterator[tuple[Expr, tuple[Index, ...]]]:
    """The halves of a monomial that is a sum of squares."""
    one = opened(monomial, taken)
    root = _root(value)
    if (
        root is None
        or len(one.factors) % 2
        or not 0 < len(one.factors) <= 8
        or any(power % 2 for _, power in one.scalars)
    ):
        return
    scalars = tuple((name, power // 2) for name, power in one.scalars)
    for some in halves(len(one.factors)):
        left, right = (
            [f for place, f in enumerate(one.factors) if (place in some) is side] for side in (True, False)
        )
        mine, other = met(left), met(right)
        shared = tuple(name for name in one.names if name in mine and name in other)
        x, y = (
            product(part, scalars).sum(*(name for name in one.names if name in here and name not in there))
            for part, here, there in ((left, mine, other), (right, other, mine))
        )
        if x == y:
            yield root * x, shared


def _root(value: Fraction) -> Fraction | None:
    above, below = isqrt(value.numerator) if value > 0 else 0, isqrt(value.denominator)
    found = Fraction(above, below)
    return found if found**2 == value and value > 0 else None
