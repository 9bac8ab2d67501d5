"""What is taken without proof is looked at: a false axiom, hypothesis or step of analysis proves nothing, and a condition is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from small_runs import small

from symbolic import letters as let
from symbolic.bound import Certificate, Declared, Fact, Substitute, Weight, by, facts, hypotheses
from symbolic.indexed import Index, number, scalar
from symbolic.proof import Axiom, Proof, Use
from verify.catalogue import theory
from verify.checks.bound import ProveBound, gap
from verify.checks.identity import Decide
from verify.checks.premises import unsaid
from verify.claim import Claim, Domain, Identity, Inequality
from verify.laboratory import Laboratory
from verify.record import Evidence

j, k, h = Index("j", "N"), Index("k", "K"), Index("h", "H")
MINUS = number(-1)
GAP, DELTA0 = let.scalar_symbol("gap"), let.scalar_symbol("Delta0")
FALLS = Fact("the loss falls", scalar("Delta0") - scalar("gap"))


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


def claim_of(*statements: Identity | Inequality) -> Claim:
    lemma = next(claim for claim in theory().claims if claim.id == "lemma-5")
    return replace(lemma, formal=lambda: statements, typing=None, expected=None)


def verdict(check: Any, claim: Claim, laboratory: Laboratory) -> Evidence:
    (found,) = check(claim, laboratory)
    return found


def below_zero(why: Certificate | Declared) -> Inequality:
    return Inequality(sp.Integer(1), sp.Integer(0), proof=lambda: Fact("−1 ≥ 0", MINUS, (), why))


ONE_IS_NONE = Axiom("1 = 0", number(1), number(0), ())
HALF_OF_IT = Fact("−2 ≥ 0", number(-2))
SHORT = Fact("|ξ_j| ≤ 1", number(1) - let.XI[j] ** 2, (j,), any=(let.XI,))
FALSE = {
    "an axiom": (below_zero(Certificate((), (Use(ONE_IS_NONE, MINUS, ()),))), "1 = 0"),
    "a hypothesis that is the statement twice": (
        below_zero(Certificate((Weight(number(1) * scalar("N", -1) * scalar("N"), number(1), None), Weight(fact=HALF_OF_IT)))),
        "−2 ≥ 0",
    ),
    "a step of analysis": (below_zero(Declared("mean value", MINUS)), "−1 ≥ 0"),
    "a hypothesis on any vector": (
        Inequality(sp.Integer(4), sp.Integer(1), proof=lambda: by(Substitute(SHORT, let.XI, number(2), (j,)), "|2| ≤ 1")),
        "|ξ_j| ≤ 1",
    ),
    "a step of analysis on a scalar": (
        Inequality(GAP, DELTA0, proof=lambda: by(Declared("descent lemma", FALLS.positive), "it falls")), "it falls",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("inequality", "name"), FALSE.values(), ids=FALSE)
def test_a_false_premise_proves_nothing(inequality: Inequality, name: str, laboratory: Laboratory) -> None:
    found = verdict(ProveBound(), claim_of(inequality), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert found.statement == f"Not proved: the proof takes for granted what is not so everywhere: {name}."


def test_a_false_axiom_proves_no_identity(laboratory: Laboratory) -> None:
    identity = Identity(sp.Integer(1), sp.Integer(0), proof=Proof((Use(ONE_IS_NONE, number(1), ()),)))
    found = verdict(Decide(), claim_of(identity), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert "what is not so everywhere: 1 = 0" in found.statement


def test_a_condition_that_is_said_is_one(laboratory: Laboratory) -> None:
    silent = Inequality(2 * GAP, 2 * DELTA0, proof=lambda: doubled)
    doubled = Fact("twice", 2 * FALLS.positive, (), Certificate((Weight(number(2), fact=FALLS),)))
    assert verdict(ProveBound(), claim_of(silent), laboratory).verdict == "undecided"
    said = replace(silent, supposes=(FALLS.name,))
    found = verdict(ProveBound(), claim_of(said), laboratory)
    assert (found.verdict, found.strength) == ("holds", "proved")
    assert found.statement.endswith(f"Conditions: {FALLS.name}.")
    drawn = replace(silent, domain=Domain(given={"gap": ("<=", DELTA0)}))
    assert gap(drawn, doubled) == "", "the domain says it"


def test_a_step_discharges_what_it_is_about_and_nothing_else() -> None:
    """Σξ² ≤ N is so where |ξ_j| ≤ 1; a step that is about all such ξ need not suppose it, another one must."""
    unit = Fact("|ξ_j| ≤ 1", number(1) - let.XI[j] ** 2, (j,))
    weights = (Weight(fact=unit, at=(j,), bind=(j,)),)
    under = Fact("Σξ² ≤ N", scalar("N") - (let.XI[j] ** 2).sum(j), (), Certificate(weights))
    about = by(Declared("mean value", scalar("N"), (under,), (unit,)), "N ≥ 0")
    assert unsaid(about, Domain(), ()) == []
    assert unsaid(by(Declared("mean value", scalar("N"), (under,)), "N ≥ 0"), Domain(), ()) == [unit.name]
    both = Fact(
        "N ≥ 0 and Σξ² ≤ N", scalar("N") + under.positive, (), Certificate((Weight(fact=about), Weight(fact=under)))
    )  # fmt: skip
    assert unsaid(both, Domain(), ()) == [unit.name]
    wrong = by(Declared("mean value", MINUS, (under,), (unit,)), "−1 ≥ 0")
    assert unsaid(wrong, Domain(), ()) == ["−1 ≥ 0"]


def test_a_letter_of_its_own_definition_is_looked_at_where_the_domain_draws_it() -> None:
    axiom = Axiom("definition of nDQ, squared", scalar("nDQ", 2), (let.DQ[h] ** 2).sum(h), ())
    proof = Proof((Use(axiom, number(1), ()),))
    assert unsaid(proof, Domain(), ()) == []
    assert unsaid(proof, Domain(free=("nDQ",)), ()) == [axiom.name]
    other = replace(axiom, rhs=2 * axiom.rhs)
    assert unsaid(Proof((Use(other, number(1), ()),)), Domain(), ()) == [other.name]


def test_no_statement_of_the_theory_supposes_more_than_its_proof_takes() -> None:
    seen = 0
    for claim in theory().claims:
        for statement in (*claim.inequalities(), *claim.identities()):
            why = statement.proof() if callable(statement.proof) else statement.proof
            if why is None or not statement.supposes:
                continue
            uses = why.uses if isinstance(why, Proof) else ()
            below = list(facts(why)) if isinstance(why, Fact) else []
            taken = {use.axiom.name for use in uses}
            taken |= {
                use.axiom.name for fact in below if isinstance(fact.why, Certificate) for use in fact.why.uses
            }
            taken |= {fact.name for fact in hypotheses(why)} if isinstance(why, Fact) else set()
            assert set(statement.supposes) <= taken, claim.id
            seen += 1
    assert seen >= 14
