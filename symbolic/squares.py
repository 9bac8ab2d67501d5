"""Polynomials that are seen to be nonnegative: squares with nonnegative factors, found by exact Gram matrices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any, TypeAlias

from symbolic.polynomials import Place, Polynomial

Terms: TypeAlias = dict[Place, Fraction]
LARGEST = 60  # rows of a Gram matrix


def nonnegative(poly: Polynomial, signed: Sequence[int], columns: Iterable[Sequence[int]] = ()) -> bool:
    """Whether a polynomial is a sum of squares with nonnegative factors, as far as that can be seen.

    signed   the generators that are at least 0, by their positions
    columns  sets of them that sum to 1: terms are made of one degree in each
    """
    terms = {powers: Fraction(int(c.p), int(c.q)) for powers, c in poly.to_dict().items()}
    for column in columns:
        terms = homogeneous(terms, column)
    return _squares(terms, frozenset(signed)) or _squares(terms, frozenset())


def homogeneous(terms: Terms, column: Sequence[int]) -> Terms:
    """The terms times powers of the sum of some generators, so that all have one degree in those."""
    degree = max((sum(powers[place] for place in column) for powers in terms), default=0)
    while any(missing := {powers for powers in terms if sum(powers[place] for place in column) < degree}):
        found = {powers: value for powers, value in terms.items() if powers not in missing}
        for powers in missing:
            for place in column:
                raised = (*powers[:place], powers[place] + 1, *powers[place + 1 :])
                found[raised] = found.get(raised, Fraction(0)) + terms[powers]
        terms = {powers: value for powers, value in found.items() if value}
    return terms


def _squares(terms: Terms, factors: frozenset[int]) -> bool:
    """Whether, for each monomial in the generators that are factors, what stands with it is a sum of squares in the others."""
    groups: dict[Place, Terms] = {}
    for powers, value in terms.items():
        factor = tuple([power if place in factors else 0 for place, power in enumerate(powers)])
        rest = tuple([0 if place in factors else power for place, power in enumerate(powers)])
        groups.setdefault(factor, {})[rest] = value
    return all(_semidefinite(gram) if (gram := _gram(group)) else False for group in groups.values())


def _gram(terms: Terms) -> list[list[Fraction]] | None:
    """A symmetric matrix G with Σ G_ab m_a m_b = the polynomial, for the monomials m_a whose squares stand in it; None where there is none.

    A product of two of these monomials may be the product of other two: its coefficient is spread evenly.
    """
    basis = sorted(
        tuple([power // 2 for power in powers])
        for powers, value in terms.items()
        if value > 0 and not any(power % 2 for power in powers)
    )
    if not basis or len(basis) > LARGEST:
        return None
    pairs: dict[Place, list[tuple[int, int]]] = {}
    for (a, one), (b, other) in combinations_with_replacement(enumerate(basis), 2):
        pairs.setdefault(tuple([x + y for x, y in zip(one, other, strict=True)]), []).append((a, b))
    gram = [[Fraction(0)] * len(basis) for _ in basis]
    for powers, value in terms.items():
        chosen = pairs.get(powers, [])
        chosen = [pair for pair in chosen if pair[0] == pair[1]] or chosen
        if not chosen:
            return None
        for a, b in chosen:
            share = value / len(chosen)
            gram[a][b] += share if a == b else share / 2
            if a != b:
                gram[b][a] += share / 2
    return gram


def _semidefinite(gram: Sequence[Sequence[Fraction]]) -> bool:
    """Whether a symmetric matrix is positive semidefinite, by elimination."""
    rows = [list(row) for row in gram]
    while rows:
        pivot = rows[0][0]
        if pivot < 0 or (pivot == 0 and any(rows[0])):
            return False
        rest = rows[1:]
        rows = [
            [x - row[0] * rows[0][c] / pivot if pivot else x for c, x in enumerate(row)][1:] for row in rest
        ]
    return True


def multiples(poly: Polynomial, fact: Polynomial) -> Iterator[Polynomial]:
    """The polynomial less multiples of another one that take a term away: if that one is nonnegative, one of these need be."""
    terms: Mapping[Place, Any] = poly.to_dict()
    ratios = {terms[powers] / value for powers, value in fact.to_dict().items() if powers in terms}
    for ratio in sorted(ratios):
        if ratio > 0:
            yield poly - ratio * fact
