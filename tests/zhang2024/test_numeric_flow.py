"""The flow from (3.10) against what the paper says of it, and what is seen where the paper is wrong or its hypotheses fail."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from numeric.errors import InputError
from verify.theories.zhang2024.numeric import printed
from verify.theories.zhang2024.numeric.flow import Objective, gradient_descent, gradient_flow
from verify.theories.zhang2024.numeric.instance import Instance, diabetes, gamma, independent_diagonal, theta
from verify.theories.zhang2024.numeric.loss import population_loss
from verify.theories.zhang2024.numeric.watch import watch

BY_HAND = Instance("by hand", np.diag([3.0, 1.0])[None], 5, 5, 0.25, theta(2))
"""Λ = diag(3, 1), N = 5: Γ⁻¹ = diag(5/22, 1/2), tr Γ⁻² = 73/242, least loss 8/11."""


def flow(instance, **options):
    objective = Objective(instance)
    return objective, gradient_flow(objective, **options)


def test_the_flow_arrives_at_the_limit_by_hand():
    objective, course = flow(BY_HAND)
    u = (73 / 242) ** 0.25
    np.testing.assert_allclose(course.last, np.diag([5 / 22 / u, 0.5 / u, u]), atol=1e-6)
    assert objective.least.loss == pytest.approx(8 / 11, rel=1e-12)
    assert objective.loss(course.last) == pytest.approx(8 / 11, rel=1e-12)


@pytest.mark.slow
def test_two_solvers_and_small_steps_of_descent_agree():
    objective, course = flow(diabetes((2, 3)))
    other = gradient_flow(objective, method="DOP853")
    np.testing.assert_allclose(course.last, other.last, atol=1e-6)
    at_1 = gradient_flow(objective, method="DOP853", until=1.0).last
    errors = [np.linalg.norm(gradient_descent(objective, 1 / n, n).last - at_1) for n in (20, 40)]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)  # of first order in the rate


def test_descent_with_large_steps_keeps_the_product_and_loses_the_balance():
    """u₋₁U₁₁ tends to Γ⁻¹ at any rate that converges; u₋₁² = tr U₁₁U₁₁ᵀ, and with it (4.1), belongs to the flow."""
    objective = Objective(BY_HAND)
    steps = gradient_descent(objective, 0.05, 500, every=100)
    assert len(steps.times) == 6
    U = steps.last
    np.testing.assert_allclose(U[-1, -1] * U[:-1, :-1], np.diag([5 / 22, 1 / 2]), atol=1e-7)
    assert abs(U[-1, -1] ** 2 - np.sum(U[:-1, :-1] ** 2)) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    "instance",
    [
        diabetes((2, 3, 8)),
        diabetes((2, 3), whitened=True),
        independent_diagonal([(1, 3), (1, 3)], 5, 5, 0.2, theta(2)),
    ],
    ids=["diabetes", "whitened", "random"],
)
def test_what_is_said_of_the_flow_is_seen(instance):
    seen = watch(*flow(instance))
    assert seen.conserved < 1e-7
    assert seen.vanishing == 0
    assert seen.least_u > seen.bound > 0
    assert seen.slope > seen.mu > 0
    assert seen.rate == 0
    assert seen.rise < 0
    assert seen.from_limit < 1e-6


def test_the_blocks_that_vanish_do_not_stay_small_from_another_start():
    start = BY_HAND.start + 0.0
    start[-1, 0] = 0.1
    objective = Objective(BY_HAND)
    course = gradient_flow(objective, start=start, until=0.5)
    assert np.abs(course.U[-1, :-1, -1]).max() > 1e-3


def test_a_wrong_prompt_length_is_seen_at_the_limit():
    objective, course = flow(BY_HAND)
    right = np.linalg.norm(course.last - printed.limit(BY_HAND))
    wrong = np.linalg.norm(course.last - printed.limit(replace(BY_HAND, N=6)))
    assert right < 1e-6 < 1e-2 < wrong
    assert objective.least.gap(printed.limit(BY_HAND)) < 1e-20


def test_the_other_reading_of_the_start_changes_the_limit():
    """‖Θ‖_F = 1 with Θ = I/√2: u₋₁² − tr U₁₁U₁₁ᵀ stays at σ²/2, and 2u₋₁² = σ²/2 + √(σ⁴/4 + 4 tr Γ⁻²) at the end."""
    _, course = flow(replace(BY_HAND, Theta=np.eye(2) / 2**0.5))
    constant = BY_HAND.sigma**2 / 2
    expected = (constant + (constant**2 + 4 * 73 / 242) ** 0.5) / 2
    assert course.last[-1, -1] ** 2 == pytest.approx(expected, rel=1e-6)
    assert expected > (73 / 242) ** 0.5 + 1e-2


@pytest.mark.slow
def test_the_limit_is_reached_from_a_start_far_beyond_the_printed_range():
    norm = np.linalg.norm(gamma(BY_HAND.Lambda, 5), 2)
    far = replace(BY_HAND, sigma=float((2 * 100 / norm / 2**0.5) ** 0.5))
    assert printed.least_u(far) == 0
    _, course = flow(far)
    np.testing.assert_allclose(course.last, printed.limit(far), atol=1e-6)


def test_a_start_that_is_not_positive_semidefinite_tends_to_the_saddle():
    one = Instance("d = 1", np.ones((1, 1, 1)), 1, 1, 0.5, np.eye(1))
    objective = Objective(one)
    course = gradient_flow(objective, start=np.array([[-0.5, 0.0], [0.0, 0.5]]), until=12.0)
    assert np.abs(course.last).max() < 1e-4
    assert objective.loss(course.last) == pytest.approx(0.5, abs=1e-7)


def test_the_limit_of_random_covariances_by_hand():
    """d = 1, N = 1, λ ∈ {1, 3}: κ = 5, ξ = 3·14 = 42, so that u₋₁⁴ = (5/42)² (C.17), not 5/42 (C.15)."""
    random = independent_diagonal([(1, 3)], 1, 1, 0.25, np.eye(1))
    _, course = flow(random)
    assert course.last[-1, -1] ** 4 == pytest.approx((5 / 42) ** 2, rel=1e-6)
    assert printed.curvatures(random)[0] == pytest.approx([42.0], rel=1e-15)


def test_the_global_minimum_is_not_unique_for_one_feature():
    one = np.array([[Fraction(1)]])
    for U in ([[Fraction(1, 3), 0], [0, 1]], [[0, 1], [Fraction(1, 3), 0]]):
        entries = np.array([[Fraction(x) for x in row] for row in U])
        assert population_loss(entries, [(1, one)], one, 1, number=lambda weight: weight) == Fraction(1, 3)


def test_no_parameters_have_a_smaller_loss():
    from scipy.optimize import minimize

    objective, shape = Objective(diabetes((2, 3), N=2)), (3, 3)
    rng = np.random.default_rng(0)
    for _ in range(5):
        found = minimize(
            lambda u: objective.loss(u.reshape(shape)),
            rng.standard_normal(9),
            jac=lambda u: objective.gradient(u.reshape(shape)).ravel(),
        )
        assert found.fun > objective.least.loss * (1 - 1e-9)


def test_a_flow_that_does_not_settle_and_a_wrong_rate_are_refused(monkeypatch):
    objective = Objective(BY_HAND)
    monkeypatch.setattr("verify.theories.zhang2024.numeric.flow.LONGEST", 1.0)
    with pytest.raises(InputError, match="allow a larger rest"):
        gradient_flow(objective)
    monkeypatch.setattr("verify.theories.zhang2024.numeric.flow.MOST_EVALUATIONS", 20)
    with pytest.raises(InputError, match="20 evaluations or fewer"):
        gradient_flow(objective)
    with pytest.raises(InputError, match=r"^rate = "):
        gradient_descent(objective, 0.0, 1)
    with pytest.raises(InputError, match="random, not diagonal"):
        printed.limit(
            replace(BY_HAND, covariances=np.array([np.eye(2), [[1, 0.5], [0.5, 1]]]), weights=[0.5, 0.5])
        )
