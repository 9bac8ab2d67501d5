"""Which assumptions a statement needs: by its proof, by an exact point that breaks it alone, by descent that leaves the bound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from small_runs import small, stated

from symbolic import letters as let
from symbolic.bound import Certificate, Fact, Weight
from symbolic.definitions import unit_token
from symbolic.indexed import Index, number
from symbolic.proof import Use
from verify.claim import Identity, Inequality
from verify.claims.yang2024 import needs
from verify.laboratory import Laboratory
from verify.necessity import examine, uses_unit_tokens
from verify.record import Need

k, p = Index("k", "K"), Index("p", "d")


def need(found: list[Need], name: str) -> Need:
    (one,) = [need for need in found if need.assumption == name]
    return one


def test_a1_is_needed_for_the_closed_form_and_a_point_shows_it() -> None:
    found = need(examine(stated("lemma-5", "repaired"), "holds"), "A1")
    assert (found.verdict, found.strength) == ("needed", "certified")
    assert found.witness is not None
    # By hand at N = K = m = 1 with Σ = 2: every term of (9) is linear in Σ, so the loss doubles and the right side does not.
    assert Fraction(found.witness.lhs) == 2 * Fraction(found.witness.rhs)
    assert found.witness.values["Slam"] == "[(2)]"


def test_a1_is_not_needed_where_the_proof_closes_without_it() -> None:
    found = need(examine(stated("lemma-6"), "holds"), "A1")
    assert (found.verdict, found.strength) == ("not-needed", "proved")


def test_a_statement_that_fails_has_no_needs() -> None:
    assert examine(stated("lemma-5"), "fails") == []


def test_what_the_claim_knows_comes_first() -> None:
    known = Need(assumption="A1", verdict="not-needed", strength="tested", statement="known")
    assert examine(stated("lemma-5", "repaired"), "holds", [known]) == [known]


def test_no_point_and_no_proof_is_none_found() -> None:
    """The true identity y = y read under A1 with a useless proof: nothing refutes it, nothing proves it."""
    E = sp.Function("E")
    mean = E(let.base(let.Y)[sp.Symbol("k", integer=True)] ** 2)
    claim = stated("lemma-5", "repaired")
    same = replace(claim, formal=lambda: (Identity(mean, mean, {"k": "K"}),))
    assert need(examine(same, "holds"), "A1").verdict == "not-needed"
    half = replace(claim, formal=lambda: (Identity(mean, mean / 2, {"k": "K"}),))
    assert need(examine(half, "holds"), "A1").verdict == "needed"


def test_unit_tokens_are_found_in_a_certificate() -> None:
    square = let.V[p, k] ** 2
    norm = Fact("‖v_k‖² ≥ 0", square.sum(p), (k,), Certificate((Weight(root=let.V[p, k], bind=(p,)),)))
    one = Fact(
        "1 ≥ 0",
        number(1),
        (k,),
        Certificate((Weight(fact=norm, at=(k,)),), (Use(unit_token(), number(-1), (k,)),)),
    )
    assert not uses_unit_tokens(norm)
    assert uses_unit_tokens(one)
    lhs, rhs = sp.Integer(0), sp.Integer(1)
    claim = replace(
        stated("lemma-5"), assumptions=("A0",), formal=lambda: (Inequality(lhs, rhs, proof=lambda: norm),)
    )
    assert need(examine(claim, "holds"), "A0").verdict == "not-needed"
    claim = replace(claim, formal=lambda: (Inequality(lhs, rhs, proof=lambda: one),))
    assert need(examine(claim, "holds"), "A0").verdict != "not-needed"


@pytest.mark.parametrize("name", ["A0", "A1", "w-zero"])
def test_theorem_1_breaks_without_it(name: str) -> None:
    found = needs.descend(name)
    assert found.certified
    instance, rates = found.instance, found.trajectory.rates
    checks = {a.id: a.verdict for a in __import__("verify").check_assumptions(instance)}
    assert checks[name] == "fails"
    others = {a: v for a, v in checks.items() if a in ("A0", "A1", "A2", "w-zero") and a != name}
    assert set(others.values()) == {"holds"}, "it violates only this one"
    assert rates.log_rate is not None
    assert float(found.gap) == pytest.approx(float(found.trajectory.gap[-1]), rel=1e-6)


def test_the_usual_instance_is_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same method on an instance that meets every assumption finds nothing."""
    monkeypatch.setattr(needs, "wide_tasks", needs.usual)
    needs.descend.cache_clear()
    try:
        found = needs._left_bound("A1")
        assert found.verdict == "none-found"
        assert found.strength is None
        assert needs._missed("A1").verdict == "none-found"
    finally:
        needs.descend.cache_clear()


def test_theorem_2_and_proposition_1_answer_for_each_assumption() -> None:
    laboratory = Laboratory(small())
    for id, answer in (
        ("theorem-2", needs.theorem_2),
        ("prop-1", needs.proposition_1),
        ("theorem-1", needs.theorem_1),
    ):
        found = list(answer(laboratory))
        assert sorted(n.assumption for n in found) == sorted(stated(id).assumptions)
        assert all((n.strength is None) == (n.verdict in ("none-found", "not-examined")) for n in found)
