"""The model, the assumptions, the proof of Proposition 1 and the tail bounds as claims: what they say, and that false ones die."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from small_runs import checked, claim, small, stated

import verify.theories.yang2024.checks.rates
import verify.theories.yang2024.checks.span
import verify.theories.yang2024.checks.zeros
from verify.pipeline.gather import gather
from verify.pipeline.judge import verdict_of
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.shipped import theory
from verify.theories.yang2024.claims import assumptions as assumption_claims
from verify.theories.yang2024.claims import initialisation, setting, tails
from verify.theories.yang2024.claims.inference import other_accuracies
from verify.theories.yang2024.laboratory import Laboratory

pytestmark = pytest.mark.filterwarnings("error")
ROOMS = (setting, assumption_claims, initialisation, tails)
OURS = [claim for room in ROOMS for claim in room.CLAIMS]
HOLDS = [claim for claim in OURS if claim.accepted]
WITHOUT_FORMAL = [claim for claim in HOLDS if claim.variants is not None]


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (
        verify.theories.yang2024.checks.rates,
        verify.theories.yang2024.checks.span,
        verify.theories.yang2024.checks.zeros,
    ):
        monkeypatch.setitem(module.SAMPLES, "fast", 12)


def evidence(stated: Claim, laboratory: Laboratory) -> list[Evidence]:
    return [found for method in stated.checks for found in method(stated, laboratory)]


def name(stated: Claim) -> str:
    return f"{stated.id}-{stated.form}"


# What is said, and why.


@pytest.mark.parametrize("stated", OURS, ids=name)
def test_the_verdict_is_the_expected_one_and_holds_here(stated: Claim, laboratory: Laboratory) -> None:
    found = evidence(stated, laboratory)
    assert verdict_of(found, stated.kind).verdict == stated.expected
    assert {e.verdict for e in found if e.scope == "here"} <= {"holds"}
    assert all(e.steps or e.budget for e in found)
    assert stated.reading
    assert stated.reason


STRENGTH = {
    "eq-8": "proved", "eq-16": "certified", "eq-23": "proved", "eq-35": "proved", "prop-1-law": "proved", "eq-72": "certified",
    "eq-73": "proved given", "eq-74": "certified", "eq-67": "proved given", "eq-68": "proved given", "eq-69": "proved given",
    **dict.fromkeys(("a0", "a1", "a2", "a3", "a4"), "certified"),
}  # fmt: skip


@pytest.mark.parametrize("stated", HOLDS, ids=name)
def test_how_strongly_it_is_known(stated: Claim, laboratory: Laboratory) -> None:
    """Of a definition and an assumption: what is made of them."""
    found = verdict_of(evidence(stated, laboratory))
    assert found.strength == STRENGTH[stated.id]
    assert bool(found.given) == (found.strength == "proved given")


def test_all_of_them_are_in_the_theory() -> None:
    assert set(STRENGTH) == {stated.id for stated in OURS} <= {stated.id for stated in theory().claims}


@pytest.mark.parametrize("stated", OURS, ids=name)
def test_each_assumption_is_asked_for(stated: Claim, laboratory: Laboratory) -> None:
    found = {need.assumption: need for need in (stated.needs or (lambda _: ()))(laboratory)}
    assert set(found) == set(stated.assumptions)
    for need in found.values():
        assert (need.witness is not None) == (need.verdict == "needed")


@pytest.mark.sampled(3)
@pytest.mark.parametrize("stated", WITHOUT_FORMAL, ids=name)
def test_false_variants_die(stated: Claim, laboratory: Laboratory) -> None:
    assert stated.variants is not None
    variants = list(stated.variants())
    assert len(variants) >= 5
    for operator, wrong in variants:
        assert wrong.key == stated.key
        general = [e for e in evidence(wrong, laboratory) if e.scope == "general"]
        found = verdict_of(general, wrong.kind)
        assert (found.verdict, found.strength) == ("fails", None), operator
        assert found.refutation in ("exact witness", "certified"), operator
        assert any(e.witness is not None for e in general if e.verdict == "fails"), operator


def test_a_run_of_all_of_them() -> None:
    record = checked(*STRENGTH)
    assert record.exit_code == 0
    assert [c.contradiction for c in record.claims] == [None] * len(OURS)
    for id in ("eq-67", "eq-68"):
        assert claim(record, id).command == f"icl-verify replay {id}"
        assert claim(record, id, "repaired").verdict == "holds"


@pytest.mark.parametrize("id", ["eq-67", "eq-68"])
def test_the_task_of_zero(id: str) -> None:
    """(67), (68) as printed at λ = 0, by drawing the noise: the event always occurs."""
    printed = stated(id)
    assert printed.replays is not None
    witness = printed.replays()
    assert witness is not None
    eps = np.random.default_rng(0).standard_normal((1000, 1))
    y = 0.0 * (1.0 + eps)
    s = 1.0 if id == "eq-67" else np.log(2.0)
    event = (y**2).sum(axis=1) - 0.0 >= 2 * 0.0 * np.sqrt(s) + 2 * 0.0 * s
    assert event.mean() == float(Fraction(witness.lhs))
    assert np.exp(-s) == pytest.approx(
        float(arb(witness.rhs) if "/" not in witness.rhs else Fraction(witness.rhs))
    )


@pytest.mark.parametrize("name", ["exponent ε⁴", "factor 1/100 of T", "missing term: T = 1"])
def test_theorem_2_with_another_accuracy_is_refuted_on_samples(name: str, laboratory: Laboratory) -> None:
    wrong = dict(other_accuracies())[name]
    found = [one for check in wrong.checks for one in gather(wrong, check, laboratory)]
    assert [(one.verdict, one.refutation) for one in found] == [("fails", "statistical")]
