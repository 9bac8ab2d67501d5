"""What is derived, against literal formulas: exact enumeration, 50-digit differences, least squares."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest
from points import DIGITS, FRACTIONS, MPMATH, exact_point, filled, inverse, population_loss, softmax, system

from symbolic.evaluate import FLOAT64, Point, evaluate
from symbolic.indexed import KernelError, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import (
    differentiate,
    exponential_chain,
    label,
    reciprocal_chain,
    ridge_objective,
    score,
    score_chain,
    square,
    weight,
)
from verify.theories.yang2024.symbolic.derivation import derive, steps
from verify.theories.yang2024.symbolic.letters import index

h, j, k, a = index("h", "H"), index("j", "N"), index("k", "K"), index("a", "m")
p, q, n = index("p", "d"), index("q", "d"), index("n", "N")
SIZES = [(2, 3, 1, 2, 1), (2, 3, 2, 2, 2), (1, 1, 1, 1, 1), (2, 2, 1, 1, 2)]


def point_at(seed: int, N: int, K: int, m: int, d: int, H: int) -> tuple[Point, Any]:
    """A point over 50 digits at random parameters, and 𝓛 as a function of (w, Q)."""
    random = Random(seed)

    def draw() -> Any:
        return mpmath.mpf(random.randint(-9, 9)) / random.randint(3, 8)

    Z, V, Q, w = filled((m, K), draw), filled((d, K), draw), filled((H, d, d), draw), filled((H, K), draw)
    tau = mpmath.mpf(random.randint(1, 9)) / 7
    s = softmax(V, Q, N)
    Ahat = np.einsum("hk,hjk->jk", w, s)
    M, _ = system(Z, N, m * tau)
    R = Z[:, :N].T @ Z + np.array([[m * tau * int(r == c) for c in range(K)] for r in range(N)], dtype=object)
    arrays = {"Z": Z, "V": V, "Q": Q, "w": w, "s": s, "Ahat": Ahat, "G": M @ Ahat - R}
    point = Point(MPMATH, arrays, {"N": N, "K": K, "m": m, "d": d, "H": H, "tau": tau})
    return point, lambda w_, Q_: population_loss(Z, V, Q_, w_, N, tau)


def along(array: Any, at: tuple[int, ...], x: Any) -> Any:
    moved = array.copy()
    moved[at] = x
    return moved


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_loss_and_gradients_at_fifty_digits(sizes: tuple[int, ...]) -> None:
    D = derive()
    with mpmath.workdps(DIGITS):
        point, loss = point_at(3, *sizes)
        w, Q = point.arrays["w"], point.arrays["Q"]
        assert abs(evaluate(D.loss, point)[()] - loss(w, Q)) < mpmath.mpf(10) ** -45
        assert abs(evaluate(D.loss_wQ, point)[()] - loss(w, Q)) < mpmath.mpf(10) ** -45
        found_w, found_Q = evaluate(D.gradient_w, point, (h, k)), evaluate(D.gradient_Q, point, (h, p, q))
        for at in product(*map(range, w.shape)):
            slope = mpmath.diff(lambda x, at=at: loss(along(w, at, x), Q), w[at])
            assert abs(found_w[at] - slope) < mpmath.mpf(10) ** -20
        for at in product(*map(range, Q.shape)):
            slope = mpmath.diff(lambda x, at=at: loss(w, along(Q, at, x)), Q[at])
            assert abs(found_Q[at] - slope) < mpmath.mpf(10) ** -20
        assert max(abs(x) for x in found_w.flat) > 1e-3
        if sizes[0] > 1:  # with one prompt token the softmax is constant
            assert max(abs(x) for x in found_Q.flat) > 1e-4


@pytest.mark.parametrize("sizes", SIZES[:2], ids=str)
def test_derivative_of_the_softmax_at_fifty_digits(sizes: tuple[int, ...]) -> None:
    with mpmath.workdps(DIGITS):
        point, _ = point_at(8, *sizes)
        V, Q, N = point.arrays["V"], point.arrays["Q"], sizes[0]
        found = evaluate(derive().softmax, point, (h, j, k, p, q))
        for head, row, token, x, y in product(*map(range, found.shape)):

            def entry(
                value: Any, head: int = head, row: int = row, token: int = token, x: int = x, y: int = y
            ) -> Any:
                return softmax(V, along(Q, (head, x, y), value), N)[head, row, token]

            assert (
                abs(found[head, row, token, x, y] - mpmath.diff(entry, Q[head, x, y])) < mpmath.mpf(10) ** -20
            )


@pytest.mark.parametrize(("N", "K", "m"), [(2, 3, 1), (1, 2, 2), (2, 2, 2)])
def test_the_expectation_in_the_loss_is_a_mean(N: int, K: int, m: int) -> None:
    """(9) over λ_a = ±1 and ε_{ak} = ±1/2, so τ = 1/4: every outcome, exactly."""
    point = exact_point(Random(1), N, K, m, 1, 1)
    Z, Ahat = point.arrays["Z"], point.arrays["Ahat"]
    total, outcomes = Fraction(0), 0
    for signs in product((1, -1), repeat=m + m * K):
        lam, eps = signs[:m], np.array(signs[m:], dtype=object).reshape(m, K) * Fraction(1, 2)
        y = [sum(lam[f] * (Z[f, t] + eps[f, t]) for f in range(m)) for t in range(K)]
        total += sum((sum(y[i] * Ahat[i, t] for i in range(N)) - y[t]) ** 2 for t in range(K)) / (2 * K)
        outcomes += 1
    at = Point(FRACTIONS, point.arrays, {**point.scalars, "tau": Fraction(1, 4)})
    assert evaluate(derive().loss, at)[()] == total / outcomes


@pytest.mark.parametrize("seed", range(3))
def test_labels_scores_and_the_residual_exactly(seed: int) -> None:
    D = derive()
    point = exact_point(Random(seed), 2, 4, 3, 2, 2)
    A = point.arrays
    y = A["lam"] @ (A["Z"] + A["eps"])
    assert (evaluate(label(k), point, (k,)) == y).all()
    assert (evaluate(square(k), point, (k,)) == (A["Ahat"].T @ y[:2] - y) ** 2).all()
    assert (evaluate(score(h, j, k), point, (h, j, k)) == A["x"]).all()
    assert (evaluate(weight(j, k), point, (j, k)) == A["Ahat"]).all()
    assert (evaluate(D.residual, point, (j, k)) == A["G"]).all()
    ridge = (
        sum((A["y"][i] - A["lam"] @ A["Z"][:, i]) ** 2 for i in range(2))
        + 3 * point.scalars["tau"] * A["lam"] @ A["lam"]
    )
    assert evaluate(ridge_objective(), point)[()] == ridge / 4


@pytest.mark.parametrize(("N", "K", "m"), [(2, 3, 1), (4, 9, 3), (3, 5, 6), (4, 4, 2)])
def test_the_fixed_point_is_the_minimiser(N: int, K: int, m: int) -> None:
    """min over a of ‖[Z; √(mτ) I] a − [z_k; √(mτ) e_k]‖, by least squares that know nothing of (34)."""
    D, draw, tau = derive(), np.random.default_rng(N), 0.3
    Z = draw.normal(size=(m, K))
    stacked = np.vstack([Z[:, :N], np.sqrt(m * tau) * np.eye(N)])
    target = np.vstack([Z, np.sqrt(m * tau) * np.eye(N, K)])
    best = np.linalg.lstsq(stacked, target)[0]
    scalars = {"N": N, "K": K, "m": m, "d": 1, "H": 1, "tau": tau}
    Minv = np.linalg.inv(Z[:, :N].T @ Z[:, :N] + m * tau * np.eye(N))
    Ginv = np.linalg.inv(Z[:, :N] @ Z[:, :N].T + m * tau * np.eye(m))
    point = Point(FLOAT64, {"Z": Z, "Minv": Minv, "Ginv": Ginv, "Ahat": best}, scalars)
    np.testing.assert_allclose(evaluate(D.fixed_point, point, (j, k)), best, atol=1e-12)
    np.testing.assert_allclose(evaluate(D.gradient_A, point, (j, k)), 0, atol=1e-12)
    np.testing.assert_allclose(
        evaluate(D.ridge_weights, point, (j, index("k", "U"))), best[:, N:], atol=1e-12
    )
    y = draw.normal(size=K)
    at = Point(FLOAT64, {**point.arrays, "y": y}, scalars)
    stacked = np.vstack([Z[:, :N].T, np.sqrt(m * tau) * np.eye(m)])
    ridge = np.linalg.lstsq(stacked, np.concatenate([y[:N], np.zeros(m)]))[0]
    np.testing.assert_allclose(evaluate(D.ridge, at, (a,)), ridge, atol=1e-12)
    value = evaluate(D.loss, point)[()]
    for _ in range(20):
        moved = {**point.arrays, "Ahat": best + 1e-3 * draw.normal(size=(N, K))}
        assert evaluate(D.loss, Point(FLOAT64, moved, scalars))[()] > value


def test_derive_is_cached_and_the_steps_are_its_results() -> None:
    assert derive() is derive()
    assert steps() is steps()
    by_id = {step.id: step for step in steps()}
    assert len(by_id) == len(steps())
    D = derive()
    for name, expr in (
        ("loss", D.loss),
        ("A", D.fixed_point),
        ("gradient-w", D.gradient_w),
        ("gradient-Q", D.gradient_Q),
    ):
        assert by_id[name].right == expr
    assert all(step.title and step.left and step.by for step in steps())


def test_rules_for_scores_exponentials_and_reciprocals() -> None:
    for tensor, refs, chain in (
        (let.X, (h, j, k), score_chain), (let.E, (h, j, k), exponential_chain), (let.R, (h, k), reciprocal_chain),
    ):  # fmt: skip
        assert differentiate(tensor[refs], let.Q, (h, p, q)) == chain(refs, (h, p, q))
    raw = differentiate(let.E[h, j, k] * let.R[h, k], let.Q, (h, p, q))
    point = exact_point(Random(2), 2, 3, 1, 2, 2)
    assert (evaluate(raw, point, (h, j, k, p, q)) == evaluate(derive().softmax, point, (h, j, k, p, q))).all()


@pytest.mark.parametrize(
    ("expr", "target", "at", "message"),
    [
        (let.AHAT[j, k], let.ALPHA, (h, k), "derivative in alpha: no rule for Ahat, which may depend on it"),
        (let.W[h, k], let.ALPHA, (h, k), "derivative in alpha: no rule for w, which may depend on it"),
        (let.ALPHA[h, k], let.W, (h, k), "derivative in w: no rule for alpha, which may depend on it"),
        (let.B[h, j, k], let.Q, (h, p, q), "derivative in Q: no rule for b, which may depend on it"),
        (let.DEL[j, k], let.ALPHA, (h, k), "derivative in alpha: no rule for del, which may depend on it"),
        (let.G[j, k], let.AHAT, (j, k), "derivative in Ahat: no rule for G, which may depend on it"),
        (scalar("nDQ", 2), let.Q, (h, p, q), "derivative in Q: no rule for nDQ, which may depend on it"),
        (let.Z[a, k], let.Z, (a, k), "no rule of differentiation in Z"),
        (let.S[h, j, k], let.S, (h, j, k), "no rule of differentiation in s"),
    ],
)
def test_a_dependence_without_a_rule_is_not_zero(expr: Any, target: Any, at: Any, message: str) -> None:
    with pytest.raises(KernelError) as caught:
        differentiate(expr, target, at)
    assert str(caught.value) == message


def test_inverse_of_the_test_points() -> None:
    point = exact_point(Random(0), 3, 4, 2, 1, 1)
    M, _ = system(point.arrays["Z"], 3, 2 * point.scalars["tau"])
    assert (inverse(M) @ M == np.eye(3, dtype=int)).all()
