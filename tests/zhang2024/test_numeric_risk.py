"""Risks by moments against (4.6), by hand and by sampling; and what the limit computes."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.errors import InputError
from verify.theories.zhang2024.numeric import printed, risk
from verify.theories.zhang2024.numeric.instance import diabetes, gamma
from verify.theories.zhang2024.numeric.loss import sampled_prompts
from verify.theories.zhang2024.numeric.ridge import (
    Prompts,
    Ridge,
    layer_predictions,
    nearest_ridge,
    nearest_ridge_of_long_prompts,
    relative_distance,
    step_predictions,
)
from verify.theories.zhang2024.numeric.risk import CUBE, NOISE, RANDOM_TASK, SQUARE, TASK, printed_4_6

INSTANCE = diabetes((2, 3, 8), N=4, M=7)
LAMBDA = INSTANCE.Lambda
EYE = np.eye(3)
ARRAYS = {
    "B": np.linalg.inv(gamma(LAMBDA, 4)), "S": LAMBDA, "S_q": LAMBDA, "W": EYE, "I": EYE,
    "w": np.array([1.0, -2.0, 0.5]), "c": np.array([0.5, 0.25, -1.0]), "s": EYE[0] / 2,
}  # fmt: skip


def exact(weight):
    return weight


def one(**letters):
    """Arrays of fractions for d = 1."""
    scalars = {"B": Fraction(1, 3), "S": 1, "S_q": 1, "W": 1, "I": 1, **letters}
    return {
        name: np.full((1, 1) if name in ("B", "S", "S_q", "W", "I") else (1,), Fraction(x), dtype=object)
        for name, x in scalars.items()
    }


@pytest.mark.parametrize("M", [1, 2, 5])
def test_risks_by_hand_for_one_feature(M):
    """Λ = 1, N = 1, B = 1/Γ = 1/3. y = wx: ŷ − y = wx_q(Λ̂/3 − 1), E Λ̂² = 1 + 2/M. y = x²: E ŷ = 0, E(Σ x_i³)² = 15M."""
    assert risk.risk(TASK, one(w=2), M, exact) == 4 * (
        Fraction(1, 9) * (1 + Fraction(2, M)) - Fraction(2, 3) + 1
    )
    assert risk.risk(SQUARE, one(c=1), M, exact) == Fraction(15, 9 * M) + 3
    assert risk.risk(NOISE, one(s=2), M, exact) == Fraction(4, 9 * M) + 4


@pytest.mark.parametrize("label", [TASK, (*TASK, *NOISE), SQUARE, CUBE, (*TASK, *SQUARE, *CUBE, *NOISE)])
def test_4_6_is_the_risk(label):
    found = risk.risk(label, ARRAYS, 7)
    assert sum(printed_4_6(label, ARRAYS, LAMBDA, 4, 7)) == pytest.approx(found, rel=1e-10)
    assert sum(printed_4_6(label, ARRAYS, LAMBDA, 4, 8)) != pytest.approx(found, rel=1e-4)
    assert sum(printed_4_6(label, ARRAYS, LAMBDA, 5, 7)) != pytest.approx(found, rel=1e-4)


def test_a_label_without_a_linear_part_is_learned_from_short_training_prompts():
    """(cᵀx)² has E[xy] = 0: the term in 1/N² is 0, and the gap to the best linear predictor vanishes as M grows at N = 4."""
    _, first, second = printed_4_6(SQUARE, ARRAYS, LAMBDA, 4, 7)
    assert second == 0 < first
    variance = risk.risk(SQUARE, ARRAYS, 10**9)
    least, *_ = printed_4_6(SQUARE, ARRAYS, LAMBDA, 4, 1)
    assert variance == pytest.approx(least, rel=1e-7)


def test_the_special_cases_and_bounds_of_linear_tasks():
    formula, bound = risk.printed_linear(ARRAYS["w"], LAMBDA, 4, 7)
    assert formula == pytest.approx(risk.risk(TASK, ARRAYS, 7), rel=1e-10)
    assert formula < bound
    mean = risk.risk(RANDOM_TASK, ARRAYS, 7)
    first, second = risk.printed_mean(LAMBDA, 4, 7)
    assert mean < first < second


def random_tasks(x, rng):
    return np.einsum("cd,cdn->cn", rng.standard_normal(x.shape[:2]), x)


@pytest.mark.parametrize("scale", [1, 2])
def test_the_literal_layer_has_the_risk_by_moments_on_shifted_prompts(scale):
    root = np.linalg.cholesky(LAMBDA)
    found = risk.sampled_risk(
        printed.limit(INSTANCE), scale * root, 7, random_tasks, 40_000, INSTANCE.rng("shift"), query_root=root
    )
    shifted = {**ARRAYS, "S": scale**2 * LAMBDA}
    assert found.deviation(risk.risk(RANDOM_TASK, shifted, 7)) < 5
    assert found.deviation(risk.risk(RANDOM_TASK, {**ARRAYS, "S": 3 * scale**2 * LAMBDA}, 7)) > 10


def test_scaled_prompts_scale_the_prediction_by_the_square():
    x, _, query, w = sampled_prompts(LAMBDA, 7, 5, INSTANCE.rng("scaled"))
    plain, scaled = (
        layer_predictions(printed.limit(INSTANCE), Prompts(c * x, np.einsum("ck,ckn->cn", w, c * x), query))
        for c in (1, 3)
    )
    np.testing.assert_allclose(scaled, 9 * plain, rtol=1e-9)


def drawn(M, count=400):
    x, y, query, w = sampled_prompts(LAMBDA, M, count, INSTANCE.rng("ridge"))
    return Prompts(x, y, query), np.sum(w * query, axis=1)


def test_the_limit_takes_one_step_that_the_inverse_of_gamma_preconditions():
    prompts, _ = drawn(7)
    U = printed.limit(INSTANCE)
    predicted = layer_predictions(U, prompts)
    assert relative_distance(predicted, step_predictions(ARRAYS["B"], prompts)) < 1e-10
    assert relative_distance(predicted, step_predictions(np.linalg.inv(LAMBDA), prompts)) > 0.1


def test_ridge_predictions_are_those_of_scikit_learn():
    from sklearn.linear_model import Ridge as Fitted

    prompts, _ = drawn(7, 3)
    found = Ridge(prompts).predictions(0.3)
    for k in range(3):
        fitted = Fitted(alpha=0.3 * 7, fit_intercept=False).fit(prompts.x[k].T, prompts.y[k])
        assert found[k] == pytest.approx(fitted.predict(prompts.query[k : k + 1])[0], rel=1e-9)


def test_the_nearest_ridge_predictor_is_found():
    prompts, target = drawn(7)
    given = Ridge(prompts).predictions(0.3)
    found = nearest_ridge(given, prompts)
    assert found.alpha == pytest.approx(0.3, rel=1e-4)
    assert found.distance < 1e-5
    assert nearest_ridge(target, prompts).alpha == 0  # noiseless, M ≥ d: least squares has no error
    assert nearest_ridge(-given, prompts).alpha == np.inf


def test_the_limit_is_no_ridge_predictor_and_comes_near_one_as_prompts_grow():
    distances = []
    for M in (5, 20, 80):
        prompts, _ = drawn(M)
        distances.append(nearest_ridge(layer_predictions(printed.limit(INSTANCE), prompts), prompts).distance)
    assert distances[0] > 0.3
    assert distances[0] > 1.5 * distances[1] > 2 * distances[2]
    far = nearest_ridge_of_long_prompts(LAMBDA, 4)
    assert 1e-3 < far.distance < 1 / 4


def test_long_prompts_of_white_features_are_treated_as_ridge_regression_does():
    """Λ = I: Γ = (1 + (d+1)/N) I, and ridge with λ = (d+1)/N is the same at M = ∞."""
    found = nearest_ridge_of_long_prompts(EYE, 4)
    assert found.alpha == pytest.approx(1.0, rel=1e-5)
    assert found.distance < 1e-6


def test_predictions_that_are_all_zero_have_no_distance():
    with pytest.raises(InputError, match=r"^predictions = "):
        relative_distance(np.zeros(3), np.ones(3))
