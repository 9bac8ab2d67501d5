"""The population loss (9) from its definition, its infimum as a least-squares problem, and Monte Carlo.

Nothing here uses A (34) or the closed form (36): those are claims, tested against this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from numeric.estimate import Estimate, estimate
from verify.theories.yang2024.numeric.instance import Instance

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]
BATCH_ENTRIES = 2_000_000  # floats alive at once in `monte_carlo_loss`, 16 MB


def label_covariance(instance: Instance) -> Array:
    """E[yyᵀ] = ẐᵀSẐ + τ tr(S) I_K, (K, K), with S = E[λλᵀ]; from (1). Under A1 it is ẐᵀẐ + mτ I_K.

    Raises InputError where S = 0: every label is 0 then, and every prediction as good as any other.
    """
    S = instance.tasks.second_moment(instance.m)
    if not S.any():
        raise InputError(
            "tasks.std", instance.tasks.std, "E[λλᵀ] ≠ 0 in float64", "set std above 0; A1 asks for 1"
        )
    noise = instance.tau * np.trace(S) * np.eye(instance.K)
    covariance: Array = instance.features.T @ S @ instance.features + noise
    return covariance


def population_loss(A_hat: Tensor, covariance: Tensor) -> Tensor:
    """𝓛 (9) = (1/2K) Σ_k r_kᵀ E[yyᵀ] r_k, a scalar, with r_k = (Â_k; 0) − e_k: ŷ_k − y_k is r_kᵀy.

    A_hat (N, K) and covariance (K, K); differentiable.
    """
    import torch

    N, K = A_hat.shape
    R = torch.cat([A_hat, A_hat.new_zeros(K - N, K)]) - torch.eye(K, dtype=A_hat.dtype, device=A_hat.device)
    return (R * (covariance @ R)).sum() / (2 * K)


@dataclass(frozen=True)
class Quadratic:
    """The loss (9) as a quadratic in Â, completed to a square by least squares.

    A         (N, K), the minimiser; (34) where A1 holds
    root      (N, N) upper triangular R with RᵀR = E[y_{1:N} y_{1:N}ᵀ]
    infimum   min_Â 𝓛; inf_θ 𝓛 wherever some θ attains A, as it does under A2
    """

    A: Array
    root: Array
    infimum: float

    def gap(self, A_hat: Array) -> float:
        """𝓛(Â) − infimum = (1/2K) ‖R(Â − A)‖_F² for A_hat (N, K); nothing cancels."""
        return float(np.sum((self.root @ (A_hat - self.A)) ** 2) / (2 * self.A.shape[1]))


def least_squares(covariance: Array, N: int) -> Quadratic:
    """Minimise (1/2K) Σ_k ‖F((a_k; 0) − e_k)‖² over a_k ∈ R^N, where FᵀF = covariance (K, K), F triangular.

    Columns 1..N of F end in zeros, so the top N rows are solved exactly, and the rest is the residual: the trace of FᵀF less what
    the top rows have of it. Only these rows are factored, in N²K operations where all of F takes K³/3.
    Raises LinAlgError where the covariance is not finite.
    """
    import scipy.linalg

    if not np.isfinite(covariance).all():
        raise np.linalg.LinAlgError("E[yyᵀ] is outside the range of float64")
    K, block = len(covariance), covariance[:N, :N]
    try:
        root = np.asarray(np.linalg.cholesky(block).T, dtype=np.float64)
    except np.linalg.LinAlgError:  # singular to working precision: a root by eigenvalues, then triangular
        values, vectors = np.linalg.eigh(block)
        root = np.asarray(
            np.linalg.qr(np.sqrt(values.clip(0))[:, None] * vectors.T, mode="r"), dtype=np.float64
        )
    top = scipy.linalg.solve_triangular(root, covariance[:N], trans="T")
    A: Array = scipy.linalg.solve_triangular(root, top)
    rest = np.diagonal(covariance)[N:] - np.sum(top[:, N:] ** 2, axis=0)
    return Quadratic(A, root, float(np.sum(rest.clip(0)) / (2 * K)))


def sample_labels(instance: Instance, lam: Array, rng: np.random.Generator) -> Array:
    """y_k = λᵀ(f(v_k) + ε_k) (1) for tasks λ as rows, (count, m) to (count, K).

    Draws λᵀε_k directly: given λ it is N(0, τ‖λ‖²), independent over k. The same law, m times less to draw.
    """
    deviation = np.sqrt(instance.tau) * np.linalg.norm(lam, axis=1, keepdims=True)
    labels: Array = lam @ instance.features + deviation * rng.standard_normal((len(lam), instance.K))
    return labels


def monte_carlo_loss(A_hat: Array, instance: Instance, samples: int, rng: np.random.Generator) -> Estimate:
    """Estimate 𝓛 (9) by drawing λ and ε; predictions (8) are y_{1:N}ᵀÂ with the same y as in the target.

    A_hat (N, K), from the literal model. Raises InputError for fewer than two samples.
    """
    batch = max(1, BATCH_ENTRIES // (3 * instance.K + instance.m))

    def losses() -> Iterator[Array]:
        for done in range(0, samples, batch):
            size = min(batch, samples - done)
            y = sample_labels(instance, instance.tasks.sample(rng, size, instance.m), rng)
            yield np.sum((y[:, : instance.N] @ A_hat - y) ** 2, axis=1) / (2 * instance.K)

    return estimate(losses())
