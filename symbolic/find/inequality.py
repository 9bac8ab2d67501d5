"""Certificates of inequalities: a target as a sum of nonnegative candidates and uses of axioms, in stages of rising cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from symbolic.bound import BoundError, Certificate, Fact, Root, by, letters, nonnegative
from symbolic.check import check
from symbolic.find import gram
from symbolic.find.cauchy import products
from symbolic.find.identity import unfolded
from symbolic.find.least import CONSTANT, Least, root_above
from symbolic.find.relations import heads, relevant
from symbolic.find.table import Table
from symbolic.indexed import Expr, Index, scalar
from symbolic.proof import Axiom, Use

TRIED = "tried are sums of squares made of its terms, multiples of what its letters are and of its conditions, and Cauchy–Schwarz"

DEEP, LONG = 4, 60  # how often letters are written out that others stand for, and in how many terms


@dataclass(frozen=True)
class Budget:
    """How many candidates are made: of multiples of facts alone, and with squares of what the target has, and of what those bring in."""

    facts: int = 600
    squares: int = 1500
    candidates: int = 3000

    def __str__(self) -> str:
        return f"up to {self.candidates} candidates"


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
    known = (*facts, *products(relevant(axioms, positive), facts))
    search = _Search(name, indices, axioms, known, allowed, budget or Budget())
    found = search.certificate(positive)
    return found if found is not None else _by_squares(search, positive)


def least(
    lhs: Expr,
    rhs: Expr,
    indices: tuple[Index, ...],
    axioms: Sequence[Axiom],
    facts: Sequence[Fact],
    allowed: frozenset[str],
    enough: Fraction,
) -> Fraction | None:
    """The least c for which c · rhs − lhs ≥ 0 by weights that were tried; None where there is none with any c. Nothing is proved by it.

    enough   a number with which the search is content
    """
    known = (*facts, *products(relevant(axioms, lhs, rhs), facts))
    search = _Search("least", indices, axioms, known, allowed, Budget())
    found = search.least(lhs, rhs, enough)
    if (found is None or found > enough) and nonnegative(lhs) and nonnegative(rhs):
        square = search.least(lhs**2, rhs**2, enough**2)
        root = None if square is None else root_above(square)
        found = min((one for one in (found, root) if one is not None), default=None)
    return found


def _by_squares(search: _Search, positive: Expr) -> Fact | None:
    """b − a ≥ 0 from b² − a² ≥ 0, where both are nonnegative."""
    b = Expr({monomial: value for monomial, value in positive.terms.items() if value > 0})
    a = b - positive
    if not (a and b and len(positive.terms) <= 4 and nonnegative(a) and nonnegative(b)):
        return None
    premise = search.certificate(b**2 - a**2)
    return None if premise is None else search.checked(by(Root(a, b, premise), search.name, search.indices))


Stage: TypeAlias = Callable[[Table, Budget], Certificate | None]


def by_facts(table: Table, budget: Budget) -> Certificate | None:
    """A certificate by multiples of facts and nonnegative terms alone."""
    for _ in range(2):
        table.grow_by_facts(budget.facts)
        if (found := table.solved()) is not None:
            return found
    return None


def by_squares(table: Table, budget: Budget) -> Certificate | None:
    """A certificate with squares that are made of the terms of the target."""
    return table.solved() if table.grow_by_squares(budget.squares) else None


def by_blocks(table: Table, budget: Budget) -> Certificate | None:
    """A certificate with Gram matrices over what stands in the roots of the squares."""
    return gram.certificate(table)


def by_more(table: Table, budget: Budget) -> Certificate | None:
    """A certificate with what is made of the terms of all weights before."""
    grown = table.grow_by_facts(budget.candidates) | table.grow_by_squares(budget.candidates)
    return table.solved() if grown else None


CHEAP: tuple[Stage, ...] = (by_facts, by_squares)
DEAR: tuple[Stage, ...] = (by_blocks, by_more)


@dataclass(frozen=True)
class _Search:
    name: str
    indices: tuple[Index, ...]
    axioms: Sequence[Axiom]
    facts: Sequence[Fact]
    allowed: frozenset[str]
    budget: Budget

    def certificate(self, target: Expr) -> Fact | None:
        """The target by a certificate: as it stands, with what letters stand for written out, and with uses of axioms beside weights."""
        taken = frozenset(index.name for index in (*target.free(), *self.indices))
        tables: list[tuple[tuple[Use, ...], Table]] = []
        for uses, left in self._unfoldings(target):
            tables.append((uses, Table(left, (), self.facts, self.allowed, taken)))
            if (found := self._by(CHEAP, target, *tables[-1])) is not None:
                return found
        for uses, plain in tuple(tables):
            if axioms := relevant(self.axioms, plain.target):
                tables.append((uses, Table(plain.target, axioms, self.facts, self.allowed, taken)))
                if (found := self._by(CHEAP, target, *tables[-1])) is not None:
                    return found
        for stage in DEAR:
            for uses, table in tables:
                if (found := self._by((stage,), target, uses, table)) is not None:
                    return found
        return None

    def _by(self, stages: Sequence[Stage], target: Expr, uses: tuple[Use, ...], table: Table) -> Fact | None:
        for stage in stages:
            found = stage(table, self.budget)
            if found is not None:
                certificate = Certificate(found.weights, (*uses, *found.uses))
                fact = Fact(self.name, target, self.indices, certificate)
                if (passed := self.checked(fact)) is not None:
                    return passed
        return None

    def _unfoldings(self, target: Expr) -> Iterator[tuple[tuple[Use, ...], Expr]]:
        """The target with what letters stand for written out, further and further; first those that no fact speaks of."""
        yield (), target
        spoken = letters(*(fact.positive for fact in self.facts))
        silent = [axiom for axiom in self.axioms if not heads(axiom) <= spoken]
        uses: tuple[Use, ...] = ()
        left = target
        for axioms, passes in ((silent, DEEP), *(((self.axioms, 1),) * DEEP)):
            more, rest = unfolded(left, axioms, passes, LONG)
            if len(rest.terms) > LONG:
                return
            if more:
                uses, left = (*uses, *more), rest
                yield uses, left

    def least(self, lhs: Expr, rhs: Expr, enough: Fraction) -> Fraction | None:
        """The least constant over all tables, or the first that is small enough."""
        taken = frozenset(index.name for index in (*lhs.free(), *rhs.free(), *self.indices))
        found: Fraction | None = None
        for _, left in self._unfoldings(scalar(CONSTANT) * rhs - lhs):
            for axioms in ((), relevant(self.axioms, left)):
                table = Least(left, axioms, self.facts, self.allowed, taken)
                for stage in (*CHEAP, by_more):
                    stage(table, self.budget)
                    found = min((one for one in (found, table.least) if one is not None), default=None)
                    if found is not None and found <= enough:
                        return found
        return found

    def checked(self, fact: Fact) -> Fact | None:
        try:
            check(fact)
        except BoundError:
            return None
        return fact
