"""The largest eigenvalue of the Hessian, against a dense one of the literal model in all its parameters."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from numeric.errors import InputError
from verify.theories.yang2024.numeric import curvature
from verify.theories.yang2024.numeric.curvature import Curvature
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.loss import label_covariance, population_loss
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.train import Iterate

SIZES = {"m": 2, "tau": 0.5, "beta": 2.0, "seed": 3}


def some_point(instance, seed=0, size=1.0):
    rng = np.random.default_rng(seed)
    shape = (instance.H, instance.N, instance.K)
    return Iterate(5, size * rng.standard_normal(shape), rng.standard_normal((instance.H, instance.K)))


def dense(instance, iterate, gamma):
    """∇²ℓ in (Q, α), all H·d·d + H·K of them, by automatic differentiation of the literal model."""
    covariance, eye = torch.tensor(label_covariance(instance)), torch.eye(instance.N, dtype=torch.float64)
    Q = np.stack(list(instance.heads())) + instance.V @ iterate.X @ instance.tokens.T
    model = Transformer(torch.tensor(instance.tokens), torch.tensor(Q), torch.tensor(iterate.w), instance.N)

    def loss(flat):
        moved = {
            "Q_offset": flat[: Q.size].view(Q.shape),
            "w": model.w + gamma * flat[Q.size :].view(iterate.w.shape),
        }
        return population_loss(torch.func.functional_call(model, moved, (eye,)), covariance)

    at = torch.zeros(Q.size + iterate.w.size, dtype=torch.float64)
    return torch.autograd.functional.hessian(loss, at).detach().numpy()


@pytest.mark.parametrize(
    "sizes",
    [
        {"N": 2, "K": 3, "d": 4, "H": 3},  # more coordinates than tokens: directions that change nothing
        {"N": 2, "K": 4, "d": 2, "H": 2},  # fewer: V̂ᵀ has a kernel, and X counts it
        {"N": 1, "K": 2, "d": 1, "H": 1},  # two or three coordinates: no room for Lanczos
    ],
)
@pytest.mark.parametrize("gamma", [0.1, 1.0, 30.0])
def test_the_largest_eigenvalue_is_that_of_the_dense_hessian(sizes, gamma):
    instance = synthetic(**SIZES, **sizes)
    iterate = some_point(instance)
    values, vectors = np.linalg.eigh(dense(instance, iterate, gamma))
    at = int(np.abs(values).argmax())
    found = Curvature(instance).largest(iterate, gamma)
    assert found.value == pytest.approx(values[at], rel=1e-7)
    cut = instance.H * instance.d**2
    assert found.of_Q == pytest.approx(np.sum(vectors[:cut, at] ** 2), abs=1e-5)


def test_a_product_is_that_with_the_dense_hessian_in_orthonormal_coordinates():
    instance = synthetic(N=2, K=3, d=4, H=2, **SIZES)
    iterate, gamma = some_point(instance, 1), 2.0
    seen, whole = Curvature(instance), dense(instance, iterate, gamma)
    product, vector = seen.products(iterate, gamma), np.random.default_rng(2).standard_normal(seen.size)
    U_V, U = np.linalg.qr(instance.V)[0], np.linalg.qr(instance.tokens)[0]
    of_Y, _ = seen.shapes
    cut, rows = int(np.prod(of_Y)), instance.H * instance.d**2

    def lifted(flat):
        return np.concatenate([(U_V @ flat[:cut].reshape(of_Y) @ U.T).ravel(), flat[cut:]])

    there = whole @ lifted(vector)
    back = np.concatenate([(U_V.T @ there[:rows].reshape(instance.H, 4, 4) @ U).ravel(), there[rows:]])
    assert product(vector) == pytest.approx(back, rel=1e-10)
    assert np.linalg.norm(lifted(vector)) == pytest.approx(np.linalg.norm(vector))


def test_the_metric_of_Q_matters():
    """The same X_h for tokens of twice the length is four times the movement of Q, and another curvature."""
    instance = synthetic(N=2, K=3, d=4, H=2, **SIZES)
    iterate = some_point(instance)
    longer = replace(instance, tokens=2 * instance.tokens, Q_given=np.stack(list(instance.heads())) / 4)
    same_scores = Iterate(iterate.t, iterate.X / 16, iterate.w)
    here, there = (
        Curvature(i).largest(x, 0.01).value for i, x in ((instance, iterate), (longer, same_scores))
    )
    assert there == pytest.approx(
        16 * here, rel=1e-3
    )  # Q rules at a small γ, and ∂²ℓ/∂Q² has four tokens in it


def test_what_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(curvature, "LARGEST", 5)
    with pytest.raises(
        InputError, match="H·N·K = 12: needs at most 5; ask for the curvature of a smaller instance"
    ):
        Curvature(synthetic(N=2, K=3, d=2, H=2, **SIZES))
