"""Companion statements by the same moments: Wu et al., Theorem 3.1; Ahn et al., Theorem 1; von Oswald et al., Proposition 1; (4.13)."""

from fractions import Fraction

import numpy as np
import pytest

from verify.theories.zhang2024.numeric import printed
from verify.theories.zhang2024.numeric.instance import diabetes, gamma, independent_diagonal
from verify.theories.zhang2024.numeric.loss import population_loss
from verify.theories.zhang2024.numeric.risk import NOISE, RANDOM_TASK, risk

IDENTITY = np.array([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]])


@pytest.mark.parametrize(("psi", "sigma"), [(1.0, 0.0), (2.0, 0.5), (0.5, 3.0)])
def test_the_least_risk_with_noise_and_a_prior_is_attained_as_wu_et_al_say(psi, sigma):
    """Γ*_N = ( ((tr H + σ²/ψ²)/N) I + ((N+1)/N) H )⁻¹: the risk is quadratic in B, so equal risks at ±D make Γ* its minimum along D."""
    H, N = diabetes((2, 3, 8)).Lambda, 4
    best = np.linalg.inv(gamma(H, N) + sigma**2 / psi**2 / N * np.eye(3))
    arrays = {"S": H, "S_q": H, "W": psi**2 * np.eye(3), "I": np.eye(3), "s": np.array([sigma, 0.0, 0.0])}

    def at(B):
        return risk((*RANDOM_TASK, *NOISE), {**arrays, "B": B}, N)

    for k in range(9):
        D = np.eye(1, 9, k).reshape(3, 3) / 8
        up, down, here = at(best + D), at(best - D), at(best)
        assert up == pytest.approx(down, rel=1e-10)
        assert up > here + 1e-4
    wrong = best + (np.linalg.inv(gamma(H, N)) - best if sigma else np.eye(3) / 8)
    assert at(wrong) > at(best) + 1e-5


def test_the_masked_layer_has_the_minimum_of_theorem_1_by_hand():
    """Σ = diag(3, 1), n = 5: ((n+1)/n) λ_i + (1/n) Σ λ_k = 22/5 and 2; the derivative of the loss is 0 there, in fractions."""
    covariance = np.array([[Fraction(3), Fraction(0)], [Fraction(0), Fraction(1)]])

    def loss(U):
        return population_loss(
            U, [(1, covariance)], IDENTITY, 5, query_in_prompt=False, number=lambda weight: weight
        )

    U = np.array([[Fraction(0)] * 3] * 3)
    U[0, 0], U[1, 1], U[2, 2] = Fraction(5, 22), Fraction(1, 2), Fraction(1)
    assert loss(U) == Fraction(8, 11)
    step = Fraction(1, 100)
    for place in np.ndindex(3, 3):
        up, down = U.copy(), U.copy()
        up[place] += step
        down[place] -= step
        assert (
            loss(up) == loss(down) > loss(U)
        )  # of degree two in each entry, so that the derivative is exactly 0


def test_one_attention_step_on_tokens_is_a_step_of_descent():
    """W_K = W_Q = diag(I, 0), W_V = [[0, 0], [W₀, −I]], P = (η/N) I: y_j becomes y_j − ΔW x_j, a test token −W₀x −(W₀ + ΔW)x."""
    rng = np.random.default_rng(0)
    d, N, eta, W0 = 2, 3, 0.7, rng.standard_normal((1, 2))
    x, y = rng.standard_normal((d, N)), rng.standard_normal((1, N))
    new = rng.standard_normal((d, 1))
    context = np.vstack([x, y])
    tokens = np.hstack([context, np.vstack([new, -W0 @ new])])
    keys = np.diag([1.0, 1.0, 0.0])
    values = np.vstack([np.zeros((d, d + 1)), np.hstack([W0, -np.eye(1)])])
    moved = tokens + eta / N * values @ context @ (keys @ context).T @ (keys @ tokens)
    change = -eta / N * (W0 @ x - y) @ x.T
    np.testing.assert_allclose(moved[:d], tokens[:d])
    np.testing.assert_allclose(moved[d:, :N], y - change @ x, rtol=1e-12)
    np.testing.assert_allclose(-moved[d:, N:], (W0 + change) @ new, rtol=1e-12)
    both = tokens + eta / N * values @ tokens @ (keys @ tokens).T @ (keys @ tokens)
    assert abs(both[d, N] - moved[d, N]) > 1e-2  # the test token itself must be no key, unless W₀ = 0


def test_the_slope_of_4_13_for_long_prompts_of_random_covariance():
    """λ ∈ {1, 3}, d = 1: κ/ξ → 5/14 as N grows; times E λ = 2 it is 5/7 for a query that knows nothing of Λ_new."""
    limit = printed.limit(independent_diagonal([(1, 3)], 10**9, 1, 0.1, np.eye(1)))
    assert limit[0, 0] * limit[1, 1] == pytest.approx(5 / 14, rel=1e-8)


def test_a_query_of_the_new_covariance_weighs_the_slope():
    """x_query ~ N(0, Λ_new), λ ~ Exp(1): E[λ | x] = (1 + √2 |x|)/2 by quadrature, not E λ = 1, so ⅓⟨w, x_q⟩ needs an independent query."""
    from scipy.integrate import quad

    for x in (0.25, 0.5**0.5, 3.0):
        mass, first = (
            quad(lambda lam, k=k, x=x: lam ** (k - 0.5) * np.exp(-lam - x**2 / (2 * lam)), 0, np.inf)[0]
            for k in (0, 1)
        )
        assert first / mass == pytest.approx((1 + 2**0.5 * x) / 2, rel=1e-6)
