"""Eigenvalues of B_k B_kᵀ (13) in float64, for plots; what is certified comes from `constants.enclose_spectrum`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.instance import Instance

Array = NDArray[np.float64]


def attention(instance: Instance, X: Array | None = None) -> Array:
    """s^h_{jk} (28), shape (H, N, K), at Q_h = Q_h^(0) + V X_h V̂ᵀ; X (H, N, K), None for zero."""
    scores = instance.scores0
    if X is not None:
        V, V_hat = instance.V, instance.tokens
        scores = scores + (V.T @ V) @ X @ (V_hat.T @ V_hat)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def gram_eigenvalues(instance: Instance, X: Array | None = None) -> Array:
    """Ascending eigenvalues of B_k B_kᵀ for each token, shape (K, N), at Q_h = Q_h^(0) + V X_h V̂ᵀ."""
    return eigenvalues_at(instance, attention(instance, X))


def eigenvalues_at(instance: Instance, s: Array) -> Array:
    """The same at attention s (H, N, K): squared singular values of RᵀC_k, where R Rᵀ = ZᵀZ + mτI shares them with Z̄C_k.

    Raises LinAlgError where ZᵀZ + mτI is singular in float64.
    """
    N = instance.N
    root = np.linalg.cholesky(instance.Z.T @ instance.Z + instance.m * instance.tau * np.eye(N)).T
    singular = np.linalg.svd(root @ s.transpose(2, 1, 0), compute_uv=False)
    padded = np.zeros((instance.K, N))
    padded[:, : singular.shape[1]] = singular**2
    return np.sort(padded, axis=1)
