"""Which assumptions a statement needs: by its proof, by an exact point that breaks it alone, by descent that leaves the bound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch
from small_runs import small, stated

from symbolic.bound import Certificate, Fact, Weight
from symbolic.evaluate import evaluate
from symbolic.indexed import KernelError, number, scalar
from symbolic.proof import Use
from verify.points.evaluation import pose
from verify.points.exact_points import Instances
from verify.record import Need
from verify.theories.named import find
from verify.theories.yang2024 import needs
from verify.theories.yang2024.binding import float_point
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.necessity import bounds, examine
from verify.theories.yang2024.necessity.bounds import divides, longer, scaled, uses_unit_tokens
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, population_loss
from verify.theories.yang2024.setting import identity, inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import unit_token
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.reading import reader
from verify.vocabulary import ACCEPTED, Form

k, p = index("k", "K"), index("p", "d")


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
    assert (found.verdict, found.strength) == ("not needed", "proved")


def test_a_statement_that_fails_has_no_needs() -> None:
    assert examine(stated("lemma-5"), "fails") == []


def test_what_the_claim_knows_comes_first() -> None:
    known = Need(assumption="A1", verdict="not needed", strength="tested", statement="known")
    assert examine(stated("lemma-5", "repaired"), "holds", [known]) == [known]


def test_no_point_and_no_proof_is_none_found() -> None:
    """The true identity y = y read under A1 with a useless proof: nothing refutes it, nothing proves it."""
    E = sp.Function("E")
    mean = E(let.base(let.Y)[sp.Symbol("k", integer=True)] ** 2)
    claim = stated("lemma-5", "repaired")
    same = replace(claim, formal=lambda: (identity(mean, mean, {"k": "K"}),))
    assert need(examine(same, "holds"), "A1").verdict == "not needed"
    half = replace(claim, formal=lambda: (identity(mean, mean / 2, {"k": "K"}),))
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
        stated("lemma-5"), assumptions=("A0",), formal=lambda: (inequality(lhs, rhs, proof=lambda: norm),)
    )
    assert need(examine(claim, "holds"), "A0").verdict == "not needed"
    claim = replace(claim, formal=lambda: (inequality(lhs, rhs, proof=lambda: one),))
    assert need(examine(claim, "holds"), "A0").verdict != "not needed"


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
    monkeypatch.setitem(needs.LEAVING, "A1", (needs.usual, 1))
    monkeypatch.setitem(needs.HOW, "usual", "nothing is dropped")
    needs.descend.cache_clear()
    try:
        found = needs._left_bound("A1")
        assert found.verdict == "none found"
        assert found.strength is None
        assert needs._missed("A1").verdict == "none found"
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
        assert all((n.strength is None) == (n.verdict in ("none found", "not examined")) for n in found)


# Inequalities


def test_long_tokens_keep_their_scores() -> None:
    posed = pose(stated("lemma-8").inequalities()[0])
    point = Instances().at(3, posed)
    stretched = longer(point, Fraction(10))
    V, Q = (np.asarray(point.parameter(name)) for name in ("V", "Q"))
    W, R = (np.asarray(stretched.parameter(name)) for name in ("V", "Q"))
    assert {sum(x * x for x in column) for column in W.T} == {100}
    assert (np.einsum("pj,hpq,qk->hjk", V, Q, V) == np.einsum("pj,hpq,qk->hjk", W, R, W)).all()


@pytest.mark.parametrize(
    ("id", "form", "assumption", "verdict"),
    [
        ("lemma-7", "printed", "A0", "needed"),
        ("lemma-7", "printed", "A1", "needed"),
        ("eq-46", "printed", "A0", "not needed"),
        ("eq-62", "printed", "A1", "needed"),
        ("eq-44", "printed", "A2", "needed"),
        ("eq-49", "printed", "A2", "not needed"),
        ("step-4", "printed", "A2", "not needed"),
        ("eq-48-drift", "printed", "w-zero", "not needed"),
    ],
)
def test_what_inequalities_need(id: str, form: Form, assumption: str, verdict: str) -> None:
    found = need(examine(stated(id, form), "holds"), assumption)
    assert found.verdict == verdict
    assert (found.witness is not None) == (verdict == "needed" and assumption in ("A0", "A1"))


def test_a_loose_inequality_survives_long_tokens() -> None:
    """‖∂ℓ/∂Q_h‖ against 10^40 of its bound: nothing breaks it, and the budget says how much was tried."""
    claim = stated("lemma-7")
    (one,) = claim.inequalities()
    loose = replace(one, rhs=one.rhs * sp.Integer(10) ** 40)
    found = need(examine(replace(claim, formal=lambda: (loose,)), "holds"), "A0")
    assert (found.verdict, found.strength) == ("none found", None)
    assert "80 exact points" in found.budget


def test_the_loss_for_other_tasks_is_what_numpy_says() -> None:
    """E[λλᵀ] = cI in the formal reading against (9) from its definition, with λ of deviation √c."""
    c, instance = Fraction(4), small()
    side = scaled(reader({}, any_tasks=True).read(sp.Symbol("Loss")), c)
    A_hat = np.random.default_rng(0).standard_normal((instance.N, instance.K))
    found = float(evaluate(side, float_point(instance, Ahat=A_hat)))
    wide = replace(instance, tasks=TaskLaw("gaussian", 0.0, 2.0))
    wanted = float(population_loss(torch.tensor(A_hat), torch.tensor(label_covariance(wide))))
    assert found == pytest.approx(wanted, rel=1e-12)
    assert found != pytest.approx(
        float(population_loss(torch.tensor(A_hat), torch.tensor(label_covariance(instance))))
    )


@pytest.mark.parametrize(("power", "found"), [(-1, True), (-2, True), (1, False), (0, False)])
def test_dividing_by_what_may_vanish_is_seen(power: int, found: bool) -> None:
    assert divides(scalar("K", -1) + 3 * scalar("gamma") * scalar("zeta", power)) is found
    assert divides(scalar("sigma", -1))
    assert not divides(scalar("gamma", -1))


@pytest.mark.parametrize(
    ("id", "name", "verdict"),
    [
        ("eq-43a", "A1", "needed"), ("eq-43a", "w-zero", "needed"), ("eq-43b", "A0", "needed"), ("eq-43b", "A1", "none found"),
        ("eq-43c", "A0", "needed"), ("step-4-contraction", "A1", "needed"), ("eq-47", "A0", "none found"),
    ],
)  # fmt: skip
def test_steps_of_the_induction_along_exact_descent(id: str, name: str, verdict: str) -> None:
    claim = stated(id)
    assert claim.needs is not None
    found = need(list(claim.needs(Laboratory(small()))), name)
    assert found.verdict == verdict
    assert found.strength == ("certified" if verdict == "needed" else None)


def test_every_assumption_of_every_statement_that_holds_is_answered() -> None:
    record = find(None).reference()
    open_ones = [
        (claim.id, claim.form, one.assumption)
        for claim in record.claims
        for one in claim.needs
        if one.verdict == "not examined"
    ]
    assert open_ones == []
    asked = {(c.id, c.form): set(c.assumptions) for c in record.claims if c.verdict in ACCEPTED}
    assert all(
        {one.assumption for one in c.needs} >= asked[c.id, c.form]
        for c in record.claims
        if c.verdict in ACCEPTED
    )


def test_what_cannot_be_read_for_other_tasks_is_not_called_unneeded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*at: object) -> None:
        raise KernelError("no such letter")

    monkeypatch.setattr(bounds, "with_tasks", refused)
    assert need(examine(stated("lemma-7"), "holds"), "A1").verdict == "not examined"
