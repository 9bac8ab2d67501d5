"""What is taken without proof is a premise of the theory, by its content, and a condition is named."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from paper_points import strange, unsaid
from small_runs import small

from symbolic.bound import Certificate, Fact, Substitute, Weight, by
from symbolic.indexed import number, scalar
from symbolic.proof import Axiom, Proof, Use
from symbolic.registry import rests
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound, gap
from verify.record import Evidence
from verify.statement import Claim, Domain, Identity, Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.claims.steps_descent import rate_16
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import identity, inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import unit_token
from verify.theories.yang2024.symbolic.letters import index

j, k, h = index("j", "N"), index("k", "K"), index("h", "H")
MINUS = number(-1)
RATE, L = let.scalar_symbol("eta"), let.scalar_symbol("Lip")
RATE_16 = rate_16()  # η_Q L ≤ 1


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


def claim_of(*statements: Identity | Inequality) -> Claim:
    lemma = next(claim for claim in theory().claims if claim.id == "lemma-5")
    return replace(lemma, formal=lambda: statements, typing=None, expected=None)


def verdict(check: Any, claim: Claim, laboratory: Laboratory) -> Evidence:
    (found,) = check(claim, laboratory)
    return found


def below_zero(why: Certificate) -> Inequality:
    return inequality(sp.Integer(1), sp.Integer(0), proof=lambda: Fact("−1 ≥ 0", MINUS, (), why))


ONE_IS_NONE = Axiom("1 = 0", number(1), number(0), ())
HALF_OF_IT = Fact("−2 ≥ 0", number(-2))
SHORT = Fact("|ξ_j| ≤ 1", number(1) - let.XI[j] ** 2, (j,), any=(let.XI,))
FALSE = {
    "an axiom": (below_zero(Certificate((), (Use(ONE_IS_NONE, MINUS, ()),))), "1 = 0"),
    "a hypothesis that is the statement twice": (
        below_zero(Certificate((Weight(number(1) * scalar("N", -1) * scalar("N"), number(1), None), Weight(fact=HALF_OF_IT)))),
        "−2 ≥ 0",
    ),
    "a hypothesis of a good name": (below_zero(Certificate((Weight(number(Fraction(1, 2)), fact=Fact("(15)", number(-2))),))), "(15)"),
    "an axiom of a good name": (
        below_zero(Certificate((), (Use(replace(unit_token(), lhs=number(1), rhs=number(0), indices=()), MINUS, ()),))), "A0: ‖v_k‖ = 1",
    ),
    "a hypothesis on any vector": (
        inequality(sp.Integer(4), sp.Integer(1), proof=lambda: by(Substitute(SHORT, let.XI, number(2), (j,)), "|2| ≤ 1")),
        "|ξ_j| ≤ 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("inequality", "name"), FALSE.values(), ids=FALSE)
def test_a_false_premise_proves_nothing(inequality: Inequality, name: str, laboratory: Laboratory) -> None:
    found = verdict(ProveBound(), claim_of(inequality), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert found.statement == f"Not proved: the proof takes what is no premise of the theory: {name}."


def test_a_false_axiom_proves_no_identity(laboratory: Laboratory) -> None:
    wrong = identity(sp.Integer(1), sp.Integer(0), proof=Proof((Use(ONE_IS_NONE, number(1), ()),)))
    found = verdict(Decide(), claim_of(wrong), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert "no premise of the theory: 1 = 0" in found.statement


def test_a_condition_that_is_said_is_one(laboratory: Laboratory) -> None:
    silent = inequality(2 * RATE * L, sp.Integer(2), proof=lambda: doubled)
    doubled = Fact("twice", 2 * RATE_16.positive, (), Certificate((Weight(number(2), fact=RATE_16),)))
    assert verdict(ProveBound(), claim_of(silent), laboratory).verdict == "undecided"
    said = replace(silent, supposes=(RATE_16.name,))
    found = verdict(ProveBound(), claim_of(said), laboratory)
    assert (found.verdict, found.strength) == ("holds", "proved")
    assert found.statement.endswith(f"Conditions: {RATE_16.name}.")
    drawn = replace(silent, domain=Domain(free=("Lip",), given={"eta": ("<=", 1 / L)}))
    assert gap(drawn, doubled) == "", "the domain says it"


def test_a_letter_of_its_own_definition_is_looked_at_where_the_domain_draws_it() -> None:
    axiom = Axiom("definition of nDQ, squared", scalar("nDQ", 2), (let.DQ[h] ** 2).sum(h), ())
    proof = Proof((Use(axiom, number(1), ()),))
    assert unsaid(proof, Domain(), ()) == []
    assert unsaid(proof, Domain(free=("nDQ",)), ()) == [axiom.name]
    other = replace(axiom, rhs=2 * axiom.rhs)
    assert unsaid(Proof((Use(other, number(1), ()),)), Domain(), ()) == [other.name]
    assert strange(Proof((Use(other, number(1), ()),))).endswith(other.name)


def test_no_statement_of_the_theory_supposes_more_than_its_proof_takes() -> None:
    seen = 0
    for claim in theory().claims:
        for statement in (*claim.inequalities(), *claim.identities()):
            why = None if statement.proof is None else statement.proof()
            if why is None or not statement.supposes:
                continue
            taken = {taken.name for taken in rests(why)}
            assert set(statement.supposes) <= taken, claim.id
            seen += 1
    assert seen >= 14


@pytest.mark.parametrize(
    ("id", "assumption"), [("eq-46-token", "A0"), ("eq-43-base", "w-zero"), ("lemma-10", "A0")]
)
def test_an_assumption_that_the_claim_does_not_list_is_not_taken(
    id: str, assumption: str, laboratory: Laboratory
) -> None:
    claim = next(c for c in theory().claims if c.id == id and all(i.proof for i in c.inequalities()))
    assert claim.expected == "holds"
    less = replace(claim, assumptions=tuple(name for name in claim.assumptions if name != assumption))
    found = verdict(ProveBound(), less, laboratory)
    assert found.verdict == "undecided"
    assert f"the statement does not assume {assumption}" in found.statement
