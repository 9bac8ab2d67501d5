"""Sums over the parts of a dimension, put together again where that is shorter; and the size of a last part, which is a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from fractions import Fraction

from symbolic.bound import Weight, nonnegative
from symbolic.dimension import Dimension, within
from symbolic.find.opened import opened, product, unused
from symbolic.find.relations import less
from symbolic.indexed import DELTA, Expr, Index, Monomial, total


def joined(expr: Expr) -> Expr:
    """The expression with sums over a whole dimension and over its parts in the place of each other, wherever it is shorter then."""
    for monomial, value in expr.ordered:
        for zero in over_parts(monomial, {dim.whole for dim in monomial.dims if dim.whole is not None}):
            left = expr + value * zero
            if len(left.terms) < len(expr.terms):
                return joined(left)
    return expr


def over_parts(monomial: Monomial, wholes: Set[Dimension]) -> Iterator[Expr]:
    """A monomial with one of its sums over a part of a dimension taken over the whole, less the same over each of the parts."""
    for place, dim in enumerate(monomial.dims):
        whole = dim.whole
        slots = [
            within(whole, slot) and tensor != DELTA
            for tensor, refs in monomial.factors
            for slot, ref in zip(tensor.slots, refs, strict=True)
            if ref == place and whole is not None
        ]
        if whole is not None and whole in wholes and all(slots):
            over, *parts = (_over(monomial, place, one) for one in (whole, *whole.parts))
            yield over - total(parts)


def _over(monomial: Monomial, place: int, dim: Dimension) -> Expr:
    dims = (*monomial.dims[:place], dim, *monomial.dims[place + 1 :])
    return Expr.of(Fraction(1), monomial.scalars, monomial.factors, dims)


def sizes(
    monomial: Monomial, wholes: Iterable[Dimension], positive: frozenset[str], taken: frozenset[str]
) -> Iterator[Weight]:
    """Multiples of the size of a last part, in which a monomial with the size of another part stands with the sign −."""
    one = opened(monomial, taken)
    alone = Expr({monomial: Fraction(1)})
    for whole in wholes:
        for part in whole.parts[:-1]:
            rest = less(one.scalars, ((part.name, 1),), positive)
            if rest is not None and dict(one.scalars).get(part.name, 0) >= 1 and nonnegative(alone):
                index = Index(next(unused({*taken, *(name.name for name in one.names)})), whole.parts[-1])
                yield Weight(product(one.factors, rest), bind=(*one.names, index))
