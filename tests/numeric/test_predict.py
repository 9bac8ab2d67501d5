"""Ridge regression twice over, prompts as drawn, and Theorem 2's counting on true and on false input."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from numeric.errors import InputError
from verify.theories.yang2024.numeric import predict
from verify.theories.yang2024.numeric.instance import Inference, Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares


def instance(N=4, K=9, m=6, seed=0, tau=0.1, B=8.0):
    rng = np.random.default_rng(seed)
    tokens, features = rng.standard_normal((5, K)), rng.standard_normal((m, K))
    return Instance("test", tokens, features, N, 8, tau, inference=Inference(B=B), seed=seed)


def fixed_point(x):
    """A (34), which gives ridge predictions exactly."""
    return least_squares(label_covariance(x), x.N).A


def prompts(x, count=50, law=None):
    return predict.sample_prompts(x, law or x.inference.tasks, count, x.rng("prompts"))


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(0, 3), st.integers(1, 8), st.floats(0.01, 5), st.integers(0, 99))
def test_own_ridge_solves_20_and_equals_sklearn(N, unseen, m, tau, seed):
    x = instance(N, N + unseen, m, seed, tau)
    y = prompts(x, 5).y
    alpha = m * tau
    lam = predict.ridge_coefficients(x, y, alpha)
    assert lam.shape == (5, m)
    stationary = (lam @ x.Z - y) @ x.Z.T + alpha * lam
    assert np.abs(stationary).max() < 1e-10 * (1 + np.abs(y @ x.Z.T).max())
    np.testing.assert_allclose(lam, predict.sklearn_coefficients(x, y, alpha), rtol=1e-8, atol=1e-10)

    def objective(lam):
        return np.sum((y - lam @ x.Z) ** 2, axis=1) + alpha * np.sum(lam**2, axis=1)

    shift = 0.1 * np.random.default_rng(seed).standard_normal(lam.shape)
    assert (objective(lam + shift) > objective(lam)).all()


def test_the_fixed_point_predicts_as_ridge_does_and_the_wrong_penalty_does_not():
    x = instance()
    drawn = prompts(x)
    near = predict.distances(x, fixed_point(x), drawn)
    assert near.ridge_all < 1e-25
    assert near.worst < 1e-25
    assert near.own_vs_sklearn < 1e-12
    M = x.Z.T @ x.Z + x.tau * np.eye(x.N)
    wrong = np.linalg.solve(
        M, x.Z.T @ x.features + np.hstack([x.tau * np.eye(x.N), np.zeros((x.N, x.K - x.N))])
    )
    far = predict.distances(x, wrong, drawn)
    assert far.ridge_labelled < 1e-25
    assert far.ridge_unseen > 1e-3


def test_distances_by_hand():
    x = instance()
    drawn = prompts(x)
    A_hat = fixed_point(x) + 0.01 * np.random.default_rng(0).standard_normal((x.N, x.K))
    got = predict.distances(x, A_hat, drawn)
    difference = drawn.y @ A_hat - drawn.y @ fixed_point(x)
    squares = np.sum(difference**2, axis=1) / (2 * x.K)
    assert got.prompts == 50
    assert got.ridge_all == pytest.approx(squares.mean())
    assert got.worst == pytest.approx(squares.max())
    assert got.ridge_all == pytest.approx((4 * got.ridge_labelled + 5 * got.ridge_unseen) / 9)
    best = np.linalg.solve(x.Z @ x.Z.T + x.N * x.tau * np.eye(x.m), x.Z @ drawn.y.T).T @ x.ZQ
    assert got.best == pytest.approx(
        np.sum((drawn.y @ A_hat - np.hstack([drawn.y, best])) ** 2, axis=1).mean() / (2 * x.K)
    )
    assert got.clean < got.noisy
    assert got.max_norm == drawn.norms.max()
    with pytest.raises(InputError, match="prompts = 0: needs at least 1"):
        predict.distances(x, A_hat, drawn.within(0.0))


def test_all_tokens_labelled_leaves_nothing_unseen():
    x = instance(N=5, K=5)
    got = predict.distances(x, np.eye(5), prompts(x))
    assert (got.ridge_all, got.ridge_unseen, got.clean) == (0, 0, 0)


def test_prompts_follow_their_law_and_are_never_clipped():
    x = instance(B=8.0)
    drawn = prompts(x, 4000)
    assert drawn.lam.mean() == pytest.approx(1.0, abs=0.1)
    assert drawn.lam.std() == pytest.approx(2.0, rel=0.05)
    np.testing.assert_allclose(drawn.clean, drawn.lam @ x.features)
    noise = (drawn.noisy - drawn.clean) / drawn.norms[:, None]
    assert noise.var() == pytest.approx(x.tau, rel=0.05)
    assert drawn.norms.max() > 8.0
    kept = drawn.within(8.0)
    assert 0 < len(kept) < 4000
    assert kept.norms.max() <= 8.0
    assert (drawn.y == drawn.noisy[:, :4]).all()
    assert (prompts(x, 10).noisy == prompts(x, 10).noisy).all()
    assert prompts(x, 10, TaskLaw("rademacher")).norms == pytest.approx(np.sqrt(6))


def test_theorem_2_is_counted_only_where_A4_holds():
    x = instance(B=6.0)
    drawn, A = prompts(x, 300), fixed_point(x)
    good = predict.theorem2_check(x, A + 1e-9, A, 0.01, 0.05, drawn)
    assert good.violations == 0
    assert good.lower == 0
    assert good.upper < 0.05
    assert good.prompts + good.beyond_B == 300
    assert good.beyond_B == np.sum(drawn.norms > 6.0) > 0
    assert good.max_norm == drawn.norms.max() > 6.0
    assert 0 < good.worst_chain <= 1
    everyone = predict.theorem2_check(x, A + 1e-9, A, 0.01, 0.05, drawn, B=1e9)
    assert (everyone.prompts, everyone.beyond_B) == (300, 0)


def test_theorem_2_is_seen_to_fail_where_it_does():
    x = instance(B=50.0)
    drawn, A = prompts(x, 300), fixed_point(x)
    bad = predict.theorem2_check(x, np.zeros_like(A), A, 0.01, 0.05, drawn)
    assert bad.violations == 300
    assert bad.lower > 0.95
    assert bad.worst > 0.01
    wrong_limit = predict.theorem2_check(x, A + 1e-9, A + 1e-9, 0.01, 0.05, drawn)
    assert wrong_limit.worst_chain > 1
    nobody = predict.theorem2_check(x, A, A, 0.01, 0.05, drawn, B=1e-9)
    assert (nobody.prompts, nobody.violations, nobody.lower, nobody.upper) == (0, 0, 0.0, 1.0)


@pytest.mark.parametrize(("epsilon", "delta"), [(0.0, 0.1), (float("nan"), 0.1), (0.1, 0.0), (0.1, 1.0)])
def test_theorem_2_refuses_what_it_does_not_speak_of(epsilon, delta):
    x = instance()
    with pytest.raises(InputError, match=r"epsilon|delta"):
        predict.theorem2_check(x, fixed_point(x), fixed_point(x), epsilon, delta, prompts(x))


@given(st.integers(1, 60), st.data())
def test_clopper_pearson_inverts_the_binomial(trials, data):
    successes = data.draw(st.integers(0, trials))
    lower, upper = predict.clopper_pearson(successes, trials)
    assert 0 <= lower <= successes / trials <= upper <= 1
    if successes:
        assert binom.sf(successes - 1, trials, lower) == pytest.approx(0.025, rel=1e-6)
    if successes < trials:
        assert binom.cdf(successes, trials, upper) == pytest.approx(0.025, rel=1e-6)
    with pytest.raises(InputError, match="successes"):
        predict.clopper_pearson(trials + 1, trials)


def test_records_are_plain_numbers():
    x = instance()
    values = dataclasses.asdict(predict.distances(x, fixed_point(x), prompts(x)))
    values |= dataclasses.asdict(
        predict.theorem2_check(x, fixed_point(x), fixed_point(x), 0.1, 0.1, prompts(x))
    )
    assert all(type(value) in (int, float) for value in values.values())
