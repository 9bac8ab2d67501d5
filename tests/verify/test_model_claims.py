"""(8), (16) and A0–A4 as claims: other matrices, other rates and other instances are told apart."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb
from small_runs import small

from verify.theories.yang2024.checks.embeddings import PRINTED, Blocks, Diagonal, Form, differences, explicit
from verify.theories.yang2024.checks.independence import FiniteTasks, Independent, certain, describe
from verify.theories.yang2024.checks.rates import RatesMeet, sharpened, value
from verify.theories.yang2024.claims import assumptions as assumption_claims
from verify.theories.yang2024.claims import setting
from verify.theories.yang2024.claims.assumptions import CORRELATED, JUDGED, UNCORRELATED, VIOLATIONS, together
from verify.theories.yang2024.claims.rates import GAMMA, L
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.model import Transformer


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


@pytest.mark.parametrize(
    ("form", "part"),
    [(Form(corner=1), "scores"), (Form(value=2), "diagonal"), (Form(output=3), "diagonal")],
)
def test_other_matrices_are_told_by_both_routes(form: Form, part: str) -> None:
    assert all(part in line for line in differences(form))
    assert differences(form)
    assert any(explicit(1, 2, 1, 1, form))


def test_the_zeros_of_the_query_embedding_play_no_part() -> None:
    assert differences(Form(query_row=1)) == []
    assert not any(explicit(2, 3, 2, 2, Form(query_row=1)))
    assert not any(explicit(2, 2, 2, 2))
    assert Form() == PRINTED


def test_blocks_that_do_not_meet_are_refused() -> None:
    with pytest.raises(ValueError, match="meet blocks"):
        _ = Blocks(("N",), ("d",)) @ Blocks(("N",), ("d",))


def test_a_model_that_is_not_8_fails_here(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Transformer.embeddings

    def wrong(self, y):
        E_P, E = right(self, y)
        return 2 * E_P, E

    monkeypatch.setattr(Transformer, "embeddings", wrong)
    (found,) = [e for e in Diagonal()(setting.CLAIMS[0], laboratory) if e.scope == "here"]
    assert found.verdict == "fails"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda r: r, "holds"),
        (lambda r: replace(r, eta_Q=2 * r.eta_Q, eta_w=2 * r.eta_w), "fails"),
        (lambda r: replace(r, eta_w=r.eta_w / 4), "fails"),
        (lambda r: replace(r, gamma=r.gamma * (1 + 1e-14)), "fails"),
        (lambda r: replace(r, eta_Q=r.eta_Q / 2), "fails"),
    ],
)
def test_rates_that_break_the_rule(change, verdict: str) -> None:
    instance = small()
    constants = enclose_constants(instance)
    assert isinstance(constants.rates, Rates)
    assert (
        RatesMeet(GAMMA, L).slack(ExactInstance(instance), constants, change(constants.rates)).verdict
        == verdict
    )


def test_rates_that_wide_balls_cannot_tell_are_told_by_sharper_ones() -> None:
    instance = small()
    constants = enclose_constants(instance)
    wide = replace(constants, norm_Zbar=constants.norm_Zbar + arb(0, 1e-6))
    rule, rates = RatesMeet(GAMMA, L), constants.rates
    assert rates is not None
    assert rule._slack(wide, rates).verdict == "undecided"
    assert rule.slack(ExactInstance(instance), wide, rates).verdict == "holds"
    sharp = sharpened(ExactInstance(instance), constants)
    assert sharp.zeta0.overlaps(constants.zeta0)
    assert sharp.zeta0.rel_accuracy_bits() >= constants.zeta0.rel_accuracy_bits()
    assert sharp.norm_Zbar.rel_accuracy_bits() > wide.norm_Zbar.rel_accuracy_bits()


def test_a_formula_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="no sum, product or rational power"):
        value(sp.log(2), {})


# A0–A4.


def test_the_instances_are_exact() -> None:
    for make in (together, *(make for group in VIOLATIONS.values() for make in group.values())):
        instance = make()
        norms = [sum((Fraction(x) ** 2 for x in column), Fraction(0)) for column in instance.tokens.T]
        assert all(n == 1 for n in norms) or make is VIOLATIONS["A0"]["an unlabelled token of norm 2"]
        assert "e-" not in describe(instance)
        found = [a.check(a, Laboratory(instance)) for a in JUDGED]
        assert all(certain(record, instance) for record in found)


def test_a_sampled_verdict_is_not_called_exact() -> None:
    instance = small()
    (A4,) = [a.check(a, Laboratory(instance)) for a in JUDGED if a.id == "A4"]
    assert not certain(A4, instance)
    method = Independent(JUDGED, "A1", small, {})
    (general, _) = method(assumption_claims.CLAIMS[1], Laboratory(instance))
    assert (general.verdict, general.strength) == ("not refuted", "tested")


def test_laws_with_two_moments() -> None:
    coins = FiniteTasks(tuple((Fraction(a), Fraction(b)) for a in (1, -1) for b in (1, -1)))
    for law, independent, uncorrelated in (
        (coins, True, True), (CORRELATED, False, False), (UNCORRELATED, False, True),
    ):  # fmt: skip
        assert law.moments_of_A1()
        assert (law.independent(), law.uncorrelated()) == (independent, uncorrelated)
    assert not FiniteTasks(((Fraction(1),),)).moments_of_A1()
