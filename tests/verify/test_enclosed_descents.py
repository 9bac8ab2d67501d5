"""Exact descent in balls: it is what float64 descent rounds, and a false statement about it is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import small, stated

from numeric import balls
from numeric.draws import draws
from verify.statement import Claim, Inequality
from verify.theories.yang2024.checks import enclosed
from verify.theories.yang2024.checks.enclosed import CLIMBS, EnclosedDescents, Place, drawn, follow, moved
from verify.theories.yang2024.claims import drift, induction
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.enclosed_descent import descend
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.symbolic.shorthand_steps import Delta0, power


def mid(matrix: object) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])  # type: ignore[attr-defined]


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(1, 3), st.integers(0, 2), st.integers(1, 4), st.booleans(), st.integers(0, 10**6))
def test_float64_descent_is_exact_descent_rounded(
    N: int, more: int, H: int, shifted: bool, seed: int
) -> None:
    """Also where A1 fails, and at rates at which Q moves."""
    instance = synthetic(N=N, K=N + more, m=2, d=3, H=H, tau=0.3, beta=1.5, seed=seed)
    if shifted:
        instance = replace(instance, tasks=TaskLaw("gaussian", 0.5, 1.5))
    rates = Rates(1.0, 0.05, 0.05)
    found = train(instance, rates, max_steps=6)
    with balls.precision(192):
        *_, last = descend(ExactInstance(instance), rates, 6)
        gap = balls.inner(last.offset, last.offset)
    assert last.t == 6
    assert np.abs(found.last.w - mid(last.w)).max() < 1e-13 * np.abs(found.last.w).max()
    X = np.stack([mid(X) for X in last.X])
    assert np.abs(found.last.X - X).max() <= 1e-12 * np.abs(X).max()
    assert max(float(x.rad()) for matrix in (*last.X, last.w) for x in matrix.entries()) < 1e-40
    assert gap >= 0


def test_a_wrong_step_is_not_exact_descent() -> None:
    instance, rates = synthetic(N=2, K=3, m=2, d=3, H=3, tau=0.3, beta=1.5, seed=1), Rates(1.0, 0.05, 0.05)
    found = train(instance, replace(rates, eta_Q=0.0501), max_steps=6)
    with balls.precision(192):
        *_, last = descend(ExactInstance(instance), rates, 6)
    assert np.abs(found.last.X - np.stack([mid(X) for X in last.X])).max() > 1e-4 * np.abs(found.last.X).max()


def laboratory() -> Laboratory:
    return Laboratory(small(), Options(device="cpu"))


(OF_ALPHA,), (OF_RANK,), (OF_LOSS,) = (
    f(proved=False) for f in (induction.of_alpha, induction.of_rank, induction.of_loss)
)
(DRIFT,) = drift.drift()


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("true", "false"),
    [
        (OF_ALPHA, replace(OF_ALPHA, rhs=OF_ALPHA.rhs / 30)),
        (OF_RANK, replace(OF_RANK, lhs=sp.Rational(21, 10) * OF_RANK.lhs)),
        (OF_LOSS, replace(OF_LOSS, rhs=power**40 * Delta0)),
        (DRIFT, replace(DRIFT, rhs=DRIFT.rhs / 10**12)),
    ],
    ids=["a thirtieth of α", "more than ζ_0", "twenty times the rate", "hardly any drift"],
)
def test_true_and_false_statements(true: Inequality, false: Inequality) -> None:
    claim: Claim = stated("eq-43a")
    held, searched = EnclosedDescents((true,))(claim, laboratory())
    assert (held.verdict, held.strength, held.figures["held"]) == ("not refuted", "certified", 100)
    assert (searched.verdict, searched.strength) == ("not refuted", "tested")
    assert float(str(searched.figures["closest ratio"])) >= float(str(held.figures["largest ratio"]))
    *_, last = EnclosedDescents((false,))(claim, laboratory())
    assert (last.verdict, last.known) == ("fails", "certified")
    assert last.witness is not None
    assert last.witness.sizes["N"] <= 3


@pytest.mark.slow
def test_the_same_again() -> None:
    claim = stated("eq-43c")
    first, again = ([e.figures for e in EnclosedDescents()(claim, laboratory())] for _ in range(2))
    assert first == again


def test_a_climb_goes_up_and_stays_within_the_assumptions(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = draws(0)
    place = drawn(rng)
    for _ in range(30):
        place = moved(place, rng, 0.5)
        assert place.stretch >= 1 >= place.share > 0
        assert place.instance.tau > 0
        assert np.abs(np.linalg.norm(place.instance.tokens, axis=0) - 1).max() < 1e-15
    monkeypatch.setattr(enclosed, "CLIMBS", dict.fromkeys(CLIMBS, (2, 30)))
    met, searched = EnclosedDescents()(stated("eq-43a"), laboratory())
    assert float(str(searched.figures["closest ratio"])) > float(str(met.figures["largest ratio"]))


def test_without_rates_there_is_nothing_to_follow() -> None:
    """Two tokens that are one: A2 fails."""
    i = drawn(draws(5)).instance
    twice = replace(i, tokens=np.repeat(i.tokens[:, :1], i.K, axis=1), N=2) if i.K >= 2 else i
    assert enclose_constants(twice).rates is None
    assert follow(Place(twice, 1.0, 1.0)) is None
