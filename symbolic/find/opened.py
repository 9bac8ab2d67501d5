"""Monomials with names for their bound indices, and products of their factors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from symbolic.canonical import Scalars
from symbolic.indexed import DELTA, Expr, Index, Monomial, Tensor

Factor = tuple[Tensor, tuple[Index, ...]]


@dataclass(frozen=True)
class Opened:
    """A monomial whose bound indices are named: Σ_names scalars · factors."""

    scalars: Scalars
    factors: tuple[Factor, ...]
    names: tuple[Index, ...]


def opened(monomial: Monomial, taken: Iterable[str]) -> Opened:
    """The monomial with names that are not taken; the same names each time, so that the same proof is found."""
    free = {ref.name for _, refs in monomial.factors for ref in refs if isinstance(ref, Index)}
    spelled = unused({*taken, *free})
    names = tuple(Index(next(spelled), dim) for dim in monomial.dims)
    factors = tuple(
        (tensor, tuple(names[ref] if isinstance(ref, int) else ref for ref in refs))
        for tensor, refs in monomial.factors
    )
    return Opened(monomial.scalars, factors, names)


def unused(taken: set[str]) -> Iterator[str]:
    """Names of indices that are not taken: x1, x2, …"""
    return (name for name in (f"x{number}" for number in count(1)) if name not in taken)


def product(factors: Iterable[Factor], scalars: Scalars = ()) -> Expr:
    """The product of factors, all indices free."""
    return Expr.of(Fraction(1), scalars, tuple(factors), ())


def met(factors: Iterable[Factor]) -> set[Index]:
    """The indices of factors."""
    return {ref for _, refs in factors for ref in refs}


def apart(factors: Sequence[Factor]) -> tuple[list[Factor], list[Factor], list[Factor]]:
    """Factors of which every entry is nonnegative, pairs of equal other ones, and those that are left."""
    nonnegative = [one for one in factors if one[0].nonneg or one[0] == DELTA]
    paired: list[Factor] = []
    odd: list[Factor] = []
    for one in factors:
        if one in nonnegative:
            continue
        if one in odd:
            odd.remove(one)
            paired += [one, one]
        else:
            odd.append(one)
    return nonnegative, paired, odd
