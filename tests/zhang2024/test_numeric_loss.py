"""The population loss by pairings against the literal layer, run on polynomials and on samples."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from sympy import QQ, ring

from verify.theories.zhang2024.numeric.instance import diabetes, gamma
from verify.theories.zhang2024.numeric.loss import loss_gradient, population_loss, sampled_loss
from verify.theories.zhang2024.numeric.model import LinearSelfAttention

LAMBDA = {
    1: np.array([[Fraction(3)]]),
    2: np.array([[Fraction(2), Fraction(1, 2)], [Fraction(1, 2), Fraction(1)]]),
}


def fractions(rng, *shape):
    return np.array([Fraction(int(k), 2) for k in rng.integers(-4, 5, np.prod(shape))]).reshape(shape)


def normal_moment(exponents, covariance):
    """E of a monomial in jointly normal numbers, by Stein's identity on its first factor: no graph, no pairing."""

    @cache
    def moment(powers):
        first = next((i for i, power in enumerate(powers) if power), None)
        if first is None:
            return Fraction(1)
        left = (*powers[:first], powers[first] - 1, *powers[first + 1 :])
        return sum(
            (
                covariance[first][j] * power * moment((*left[:j], power - 1, *left[j + 1 :]))
                for j, power in enumerate(left)
                if power and covariance[first][j]
            ),
            Fraction(0),
        )

    return moment(tuple(exponents))


def literal_loss(W_PV, W_KQ, Lambda, N, masked=False):
    """½ E(ŷ − ⟨w, x_query⟩)² of (3.3) as it is printed, with every entry of E a polynomial in x, w and x_query."""
    d = len(Lambda)
    names = [f"x{i}_{k}" for i, k in product(range(N + 1), range(d))] + [f"w{k}" for k in range(d)]
    variables = ring(names, QQ)[1:]
    x = np.array(variables[: (N + 1) * d], dtype=object).reshape(N + 1, d)
    w = np.array(variables[(N + 1) * d :], dtype=object)
    labels = [x[i] @ w for i in range(N)] + [0 * w[0]]
    E = np.vstack([x.T, np.array(labels, dtype=object)[None]])
    M = np.diag([1] * N + [0 if masked else 1])
    f = E + W_PV @ E @ M @ (E.T @ W_KQ @ E) * QQ(1, N)
    error = f[d, N] - w @ x[N]
    covariance = np.zeros((len(names), len(names)), dtype=object)
    for i in range(N + 1):
        covariance[i * d : (i + 1) * d, i * d : (i + 1) * d] = Lambda
    covariance[(N + 1) * d :, (N + 1) * d :] = np.eye(d, dtype=int)
    rows = tuple(tuple(row) for row in covariance)
    return (
        sum(
            (
                Fraction(int(c.numerator), int(c.denominator)) * normal_moment(powers, rows)
                for powers, c in (error**2).terms()
            ),
            Fraction(0),
        )
        / 2
    )


def matrices(U):
    """W^{PV} and W^{KQ} with other entries, which the prediction must not depend on."""
    n = len(U)
    W_PV, W_KQ = np.full((n, n), Fraction(7)), np.full((n, n), Fraction(-5))
    W_PV[-1], W_KQ[:, :-1] = U[:, -1], U[:, :-1]
    return W_PV, W_KQ


@pytest.mark.parametrize(("d", "N"), [(1, 1), (1, 2), (1, 3), (2, 1)])
@pytest.mark.parametrize("masked", [False, True])
def test_pairings_give_the_loss_of_the_literal_layer(d, N, masked):
    rng = np.random.default_rng(d + 10 * N)
    U = fractions(rng, d + 1, d + 1)
    W_PV, W_KQ = matrices(U)
    W = np.array([[Fraction(int(i == j)) for j in range(d)] for i in range(d)])
    found = population_loss(
        U, [(1, LAMBDA[d])], W, N, query_in_prompt=not masked, number=lambda weight: weight
    )
    expected = literal_loss(W_PV, W_KQ, LAMBDA[d], N, masked)
    assert found == expected


@pytest.mark.parametrize("N", [1, 4])
def test_torch_differentiates_to_the_same_gradient(N):
    instance = diabetes((2, 3, 8), N=N)
    U = np.random.default_rng(5).standard_normal((4, 4))
    leaf = torch.tensor(U, requires_grad=True)
    laws = [(1.0, torch.tensor(instance.Lambda))]
    population_loss(leaf, laws, torch.eye(3, dtype=torch.float64), N).backward()
    found = loss_gradient(U, instance.laws, np.eye(3), N)
    np.testing.assert_allclose(found, leaf.grad.numpy(), rtol=1e-10, atol=1e-10)


def random_U(instance, seed=2):
    return np.random.default_rng(seed).standard_normal((instance.d + 1, instance.d + 1)) / 2


def test_sampling_agrees_and_is_sharp_enough_to_tell_N_from_N_plus_1():
    """Allowed: 5 standard errors, which a right loss exceeds with probability 6e-7 for one seed; a wrong N is 10 or more away."""
    instance = diabetes((2, 3, 8), N=3)
    U, W = random_U(instance), np.eye(3)
    found = sampled_loss(U, instance, 100_000, instance.rng("population loss"))
    assert found.deviation(population_loss(U, instance.laws, W, 3)) < 5
    assert found.deviation(population_loss(U, instance.laws, W, 4)) > 10
    assert found.deviation(population_loss(U, instance.laws, W, 3, query_in_prompt=False)) > 10


def test_the_prediction_does_not_read_the_other_entries():
    instance = diabetes((2, 3), N=3)
    layer = LinearSelfAttention.of(random_U(instance))
    x, y, query = (torch.randn(5, *shape, dtype=torch.float64) for shape in ((2, 3), (3,), (2,)))
    layer.predict(x, y, query).sum().backward()
    assert (layer.W_PV.grad[:-1] == 0).all()
    assert (layer.W_KQ.grad[:, -1] == 0).all()
    assert (layer.W_PV.grad[-1] != 0).all()
    assert (layer.W_KQ.grad[:, :-1] != 0).all()


def test_the_limit_by_hand():
    """Λ = diag(3, 1), N = 5: Γ = diag(22/5, 2), and the least loss is ½ (tr Λ − tr Λ²Γ⁻¹) = ½ (4 − 45/22 − 1/2) = 8/11."""
    Lambda = np.diag([3.0, 1.0])
    np.testing.assert_allclose(gamma(Lambda, 5), np.diag([22 / 5, 2.0]), rtol=1e-15)
    exact = np.array([[Fraction(3), Fraction(0)], [Fraction(0), Fraction(1)]])
    U = np.array([[Fraction(5, 22), 0, 0], [0, Fraction(1, 2), 0], [0, 0, Fraction(1)]])
    W = np.array([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]])
    assert population_loss(U, [(1, exact)], W, 5, number=lambda weight: weight) == Fraction(8, 11)
