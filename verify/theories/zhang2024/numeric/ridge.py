"""What the limit computes: one preconditioned step of gradient descent from 0, and how far that is from ridge regression at every λ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from numeric.errors import InputError
from verify.theories.zhang2024.numeric.model import LinearSelfAttention

Array = NDArray[np.float64]
STEPS_OF_TEN = (-6, 6)
"""The nearest λ is sought between 10⁻⁶ and 10⁶ times the mean eigenvalue of (1/M) Σ x_i x_iᵀ; λ = 0 and λ = ∞ are tried as well."""


@dataclass(frozen=True)
class Prompts:
    """Test prompts: x (count, d, M), labels y (count, M), queries (count, d)."""

    x: Array
    y: Array
    query: Array

    @property
    def M(self) -> int:
        return int(self.x.shape[2])

    @property
    def gram(self) -> Array:
        """(1/M) Σ x_i x_iᵀ, (count, d, d)."""
        gram: Array = self.x @ self.x.mT / self.M
        return gram


def layer_predictions(U: Array, prompts: Prompts) -> Array:
    """ŷ of the literal layer (3.3), (count,)."""
    with torch.no_grad():
        parts = (torch.tensor(part) for part in (prompts.x, prompts.y, prompts.query))
        predicted: Array = LinearSelfAttention.of(U).predict(*parts).numpy()
    return predicted


def step_predictions(B: Array, prompts: Prompts) -> Array:
    """⟨w₁, x_query⟩ with w₁ = 0 − B ∇R(0), R(w) = (1/2M) Σ (⟨w, x_i⟩ − y_i)², (count,): one step that B preconditions."""
    w = torch.zeros(len(prompts.y), len(B), dtype=torch.float64, requires_grad=True)
    x, y = torch.tensor(prompts.x), torch.tensor(prompts.y)
    residual = torch.einsum("cd,cdn->cn", w, x) - y
    (residual**2).sum().div(2 * prompts.M).backward()  # type: ignore[no-untyped-call]
    assert w.grad is not None
    predicted: Array = np.einsum("cd,cd->c", -w.grad.numpy() @ B.T, prompts.query)
    return predicted


class Ridge:
    """Ridge predictors x_queryᵀ((1/M) Σ x_i x_iᵀ + λI)⁻¹ (1/M) Σ y_i x_i on these prompts, for every λ from one decomposition."""

    def __init__(self, prompts: Prompts) -> None:
        values, vectors = np.linalg.eigh(prompts.gram)
        self._values = values.clip(0)
        moments = np.einsum("cdn,cn->cd", prompts.x, prompts.y) / prompts.M
        self._products = np.einsum("cdk,cd->ck", vectors, moments) * np.einsum(
            "cdk,cd->ck", vectors, prompts.query
        )
        self.scale = float(values.mean())

    def predictions(self, alpha: float) -> Array:
        """ŷ at λ = alpha, (count,); at 0 least squares of least norm, where eigenvalues below 10⁻¹² of the largest count as 0."""
        shifted = self._values + alpha
        kept = shifted > 1e-12 * shifted.max(axis=1, keepdims=True)
        predicted: Array = np.sum(np.where(kept, self._products, 0.0) / np.where(kept, shifted, 1.0), axis=1)
        return predicted


@dataclass(frozen=True)
class Nearest:
    """The ridge predictor that is nearest to given predictions: λ and the root mean square of the difference, relative to theirs."""

    alpha: float
    distance: float


def relative_distance(predicted: Array, other: Array) -> float:
    """√(Σ (other − predicted)² / Σ predicted²) over the prompts. Raises InputError where all of `predicted` are 0."""
    size = float(np.sum(predicted**2))
    if size == 0:
        raise InputError("predictions", "all zero", "one that is not 0", "draw other prompts")
    return float(np.sqrt(np.sum((other - predicted) ** 2) / size))


def nearest_ridge(predicted: Array, prompts: Prompts, *, points: int = 121) -> Nearest:
    """The λ in [0, ∞] with the least mean square of ŷ_ridge − predicted: a grid, then a bounded search around its best point.

    With the true values in the place of predictions, the ridge predictor of least risk.
    """
    from scipy.optimize import minimize_scalar

    ridge = Ridge(prompts)

    def distance(power: float) -> float:
        return relative_distance(predicted, ridge.predictions(ridge.scale * 10.0**power))

    powers = np.linspace(*STEPS_OF_TEN, points)
    best = int(np.argmin([distance(power) for power in powers]))
    low, high = powers[max(best - 1, 0)], powers[min(best + 1, points - 1)]
    found = minimize_scalar(distance, bounds=(low, high), method="bounded", options={"xatol": 1e-8})
    candidates = [
        Nearest(0.0, relative_distance(predicted, ridge.predictions(0.0))),
        Nearest(ridge.scale * 10.0 ** float(found.x), float(found.fun)),
        Nearest(float("inf"), 1.0),  # ŷ = 0
    ]
    return min(candidates, key=lambda candidate: candidate.distance)


def nearest_ridge_of_long_prompts(Lambda: Array, N: int) -> Nearest:
    """The same for the limit of training at M = ∞, w ~ N(0, I): (1/M) Σ x_i x_iᵀ is Λ then, and the distance is exact in float64.

    Γ = ((N+1)/N)(Λ + λI) with λ = tr(Λ)/(N+1): the limit is N/(N+1) times the ridge predictor of that λ, at distance 1/N from it.
    """
    from scipy.optimize import minimize_scalar

    values = np.linalg.eigvalsh(Lambda)
    predicted = values**1.5 / ((1 + 1 / N) * values + values.sum() / N)

    def distance(power: float) -> float:
        return relative_distance(predicted, values**1.5 / (values + values.mean() * 10.0**power))

    found = minimize_scalar(distance, bounds=STEPS_OF_TEN, method="bounded", options={"xatol": 1e-10})
    return Nearest(values.mean() * 10.0 ** float(found.x), float(found.fun))
