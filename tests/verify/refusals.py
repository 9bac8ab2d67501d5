"""False statements, each with the way in which it was to be accepted and the one line that refuses it: a table that grows.

A row is a claim of one statement and the check that is asked about it. Every statement here is false for some sizes, so that no check
may say that it holds. To add a row, append it to the table of its theme and write the line that a reader needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from symbolic.bound import Certificate, Fact, Weight
from symbolic.indexed import Expr, Index, number
from symbolic.proof import Axiom, Proof, Use
from verify.points.certify import Certify
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.search.search import Search
from verify.statement import Check, Claim, Domain, Identity, Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.reading import reader

TWO = number(2)


@dataclass(frozen=True)
class Refused:
    """One false statement.

    statement  what it says, as it would be written in a paper
    way        how it was to be accepted
    check      the check that is asked
    formal     builds the statement with the proof that it brings
    says       the words of the refusal, as far as they do not depend on where a search finds its counterexample
    """

    statement: str
    way: str
    check: Check
    formal: Callable[[], Identity | Inequality]
    says: str

    @property
    def id(self) -> str:
        return f"{self.statement}, {self.way}"

    def claim(self) -> Claim:
        """The statement as the only one of a claim that assumes what Lemma 5 assumes."""
        lemma = next(claim for claim in theory().claims if claim.id == "lemma-5")
        return replace(lemma, formal=lambda: (self.formal(),), typing=None, expected=None)


def doubled(lhs: Any, rhs: Any, premise: Callable[[Expr], Fact], **rest: Any) -> Callable[[], Inequality]:
    """2·lhs ≤ 2·rhs from lhs ≤ rhs, which `premise` takes without proof: the proof does not suppose what it shows."""

    def formal() -> Inequality:
        dims = rest.get("dims", {})
        source, axes = reader(dims), let.LANGUAGE.axes(dims)
        half = source.read(sp.sympify(rhs)) - source.read(sp.sympify(lhs))
        taken = replace(premise(half), indices=axes)
        whole = Fact("twice", TWO * half, axes, Certificate((Weight(TWO, fact=taken, at=axes),)))
        return inequality(2 * sp.sympify(lhs), 2 * sp.sympify(rhs), proof=lambda: whole, **rest)

    return formal


def hypothesis(name: str) -> Callable[[Expr], Fact]:
    """A fact that is supposed."""
    return lambda positive: Fact(name, positive)


def axiom(name: str, *indices: Index) -> Callable[[Expr], Fact]:
    """A fact that an equation gives: positive = 0 would do, and a square is added on top."""
    return lambda positive: Fact(
        name, positive, (), Certificate((Weight(),), (Use(Axiom(name, positive, number(1), indices), number(1), ()),))
    )  # fmt: skip


def alone(lhs: Any, rhs: Any, **rest: Any) -> Callable[[], Inequality]:
    """lhs ≤ rhs with no proof, for checks that look at points."""
    return lambda: inequality(sp.sympify(lhs), sp.sympify(rhs), **rest)


def spelled(name: str, lhs: Any, rhs: Any, times: int) -> Proof:
    """The proof of times·lhs = times·rhs by an axiom that says lhs = rhs."""
    source = reader({})
    said = Axiom(name, source.read(sp.sympify(lhs)), source.read(sp.sympify(rhs)), ())
    return Proof((Use(said, number(times), ()),))


__all__ = [
    "Certify", "Decide", "Domain", "Identity", "Inequality", "Proof", "ProveBound", "Refused", "Search", "alone", "axiom", "doubled",
    "hypothesis", "let", "spelled",
]  # fmt: skip
