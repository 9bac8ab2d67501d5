"""Certificates of inequalities: a target as a sum of nonnegative candidates and uses of axioms, found by a linear program."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from symbolic.bound import BoundError, Certificate, Fact, Root, Weight, by, nonnegative
from symbolic.check import check
from symbolic.find.cauchy import products
from symbolic.find.identity import scaled, unfolded
from symbolic.find.linear import combination
from symbolic.find.relations import closure, relevant, up_to_factor
from symbolic.find.squares import candidates, valued
from symbolic.find.substitutes import substituted
from symbolic.indexed import Expr, Index, Monomial, number
from symbolic.proof import Axiom, Use

TRIED = "tried are sums of squares made of its terms, multiples of what its letters are and of its conditions, and Cauchy–Schwarz"
TINY = 1e-9  # a weight below it is none
RELATIONS, LEVELS = 400, 2  # uses of axioms that are tried, and from how many levels of monomials


@dataclass(frozen=True)
class Budget:
    """How many candidates are made, and how often candidates are made of what the candidates before brought in."""

    candidates: int = 3000
    rounds: int = 2

    def __str__(self) -> str:
        return f"up to {self.candidates} candidates in {self.rounds} rounds"


def fact(
    name: str,
    positive: Expr,
    indices: tuple[Index, ...],
    axioms: Sequence[Axiom],
    facts: Sequence[Fact],
    allowed: frozenset[str],
    budget: Budget | None = None,
) -> Fact | None:
    """A fact that positive ≥ 0, which the kernel has checked; None where none is found within the budget, which says nothing.

    axioms, facts   what the proof may take
    allowed         scalars by which it may divide
    """
    known = (*facts, *products(axioms, facts))
    search = _Search(name, indices, axioms, known, allowed, budget or Budget())
    found = search.certificate(positive)
    return found if found is not None else _by_squares(search, positive)


def _by_squares(search: _Search, positive: Expr) -> Fact | None:
    """b − a ≥ 0 from b² − a² ≥ 0, where both are nonnegative."""
    b = Expr({monomial: value for monomial, value in positive.terms.items() if value > 0})
    a = b - positive
    if not (a and b and len(positive.terms) <= 4 and nonnegative(a) and nonnegative(b)):
        return None
    premise = search.certificate(b**2 - a**2)
    return None if premise is None else search.checked(by(Root(a, b, premise), search.name, search.indices))


@dataclass(frozen=True)
class _Search:
    name: str
    indices: tuple[Index, ...]
    axioms: Sequence[Axiom]
    facts: Sequence[Fact]
    allowed: frozenset[str]
    budget: Budget

    def certificate(self, target: Expr) -> Fact | None:
        """The target by a certificate: as it stands, and with what letters stand for written out."""
        uses, rest = unfolded(target, self.axioms)
        starts = [((), target), (uses, rest)] if uses else [((), target)]
        for start, left, axioms in (
            *((*start, ()) for start in starts),
            *((*start, relevant(self.axioms, start[1])) for start in reversed(starts)),
        ):
            found = self._by_program(left, axioms)
            if found is not None:
                weights, more = found
                fact = Fact(self.name, target, self.indices, Certificate(weights, (*start, *more)))
                if (passed := self.checked(fact)) is not None:
                    return passed
        return None

    def checked(self, fact: Fact) -> Fact | None:
        try:
            check(fact)
        except BoundError:
            return None
        return fact

    def _by_program(
        self, target: Expr, axioms: Sequence[Axiom]
    ) -> tuple[tuple[Weight, ...], tuple[Use, ...]] | None:
        if not target:
            return (), ()
        taken = frozenset(index.name for index in (*target.free(), *self.indices))
        levels = closure([one for one, _ in target.ordered], axioms, self.allowed, taken, LEVELS, RELATIONS)
        related = next(iter(deque(levels, maxlen=1)), [])
        relations = [use.value() for use in related]
        atoms: list[tuple[Weight, Expr]] = []
        seen: set[object] = set()
        done: set[Monomial] = set()
        front: Iterable[Monomial] = [monomial for monomial, _ in target.ordered]
        if relations:
            front = dict.fromkeys(
                [*front, *(monomial for value in relations for monomial, _ in value.ordered)]
            )
        scales = list(dict.fromkeys(monomial.scalars for monomial, _ in target.ordered))
        for _ in range(self.budget.rounds):
            for monomial in front:
                if monomial in done:
                    continue
                done.add(monomial)
                made = chain(
                    candidates(monomial, self.facts, self.allowed, taken, scales),
                    *(substituted(monomial, fact, self.allowed, taken) for fact in self.facts),
                )
                for weight, value in valued(made):
                    key = up_to_factor(value.ordered), value.ordered[0][1] > 0
                    if key not in seen and len(atoms) < self.budget.candidates:
                        seen.add(key)
                        atoms.append((weight, value))
            found = self._solved(target, atoms, related, relations)
            if found is not None:
                return found
            front = dict.fromkeys(monomial for _, value in atoms for monomial, _ in value.ordered)
        return None

    def _solved(
        self,
        target: Expr,
        atoms: Sequence[tuple[Weight, Expr]],
        related: Sequence[Use],
        relations: Sequence[Expr],
    ) -> tuple[tuple[Weight, ...], tuple[Use, ...]] | None:
        """The linear program in float64, and then its support in exact arithmetic."""
        columns = [*(value for _, value in atoms), *relations]
        support = _support(target, columns, len(atoms))
        if support is None:
            return None
        exact = combination([columns[place] for place in support], target)
        if exact is None:
            return None
        weights, uses = [], []
        for position, value in exact.items():
            place = support[position]
            if place >= len(atoms):
                uses.append(scaled(related[place - len(atoms)], value))
                continue
            if value < 0:
                return None
            weight = atoms[place][0]
            weights.append(
                Weight(weight.multiplier * number(value), weight.root, weight.fact, weight.at, weight.bind)
            )
        return tuple(weights), tuple(uses)


def _support(target: Expr, columns: Sequence[Expr], signed: int) -> list[int] | None:
    """Which columns a cheapest combination uses, the first `signed` of them with nonnegative coefficients; None where there is none."""
    rows: dict[Monomial, int] = {}
    for expr in (target, *columns):
        for monomial, _ in expr.ordered:
            rows.setdefault(monomial, len(rows))
    where: list[tuple[int, int]] = []
    entries: list[float] = []
    for place, expr in enumerate(columns):
        largest = max(abs(value) for value in expr.terms.values())
        for monomial, value in expr.ordered:
            where.append((rows[monomial], place))
            entries.append(float(value / largest))
    if not columns:
        return None
    right = np.zeros(len(rows))
    for monomial, value in target.terms.items():
        right[rows[monomial]] = float(value)
    matrix = coo_matrix((entries, tuple(zip(*where, strict=True))), shape=(len(rows), len(columns)))
    cost = [
        1.0 + 0.01 * len(columns[place].terms) if place < signed else 0.0 for place in range(len(columns))
    ]
    bounds = [(0, None) if place < signed else (None, None) for place in range(len(columns))]
    found = linprog(cost, A_eq=matrix.tocsc(), b_eq=right, bounds=bounds, method="highs-ds")
    return [place for place, value in enumerate(found.x) if abs(value) > TINY] if found.status == 0 else None
