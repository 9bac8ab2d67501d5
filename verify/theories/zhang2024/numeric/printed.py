"""The closed forms of the paper on loss and flow, as printed: what is computed without them is compared with them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from verify.theories.zhang2024.numeric.instance import Instance, gamma

Array = NDArray[np.float64]


def limit(instance: Instance) -> Array:
    """U (d+1, d+1) of (4.12); of (4.1) where Λ is fixed, to which (4.12) then reduces.

    Raises InputError where Λ_τ is random and not diagonal: the paper names no limit then.
    """
    if len(instance.covariances) > 1 and any(np.any(L - np.diag(np.diag(L))) for L in instance.covariances):
        raise InputError("covariances", "random, not diagonal", "diagonal ones", "use Theorem 4.1 or 4.5")
    second = _mean(instance, lambda Lambda: Lambda @ Lambda)
    third = _mean(instance, lambda Lambda: gamma(Lambda, instance.N) @ Lambda @ Lambda)
    B = np.linalg.solve(third, second)
    scale = np.linalg.norm(B) ** 0.5
    U = np.zeros((instance.d + 1, instance.d + 1))
    U[:-1, :-1], U[-1, -1] = B / scale, scale
    return U


def least_u(instance: Instance) -> float:
    """The lower bound (A.14) of u₋₁ where Λ is fixed, (C.12) where it is random; 0 where σ is so large that none is printed."""
    second = _mean(instance, lambda Lambda: Lambda @ Lambda)
    factor = instance.sigma**2 / (2 * np.sqrt(instance.d) * np.linalg.norm(second, 2))
    return float(np.sqrt(max(0.0, factor * _bracket(instance))))


def decay(instance: Instance) -> float:
    """μ (5.7) where Λ is fixed, ν (C.13) where it is random and diagonal: ‖∇ℓ̃‖² ≥ μ(ℓ̃ − min ℓ̃) along the flow; 0 as for `least_u`."""
    bound = least_u(instance) ** 2
    if len(instance.covariances) == 1:
        inverse = np.linalg.inv(instance.Lambda)
        Gamma = gamma(instance.Lambda, instance.N)
        return float(2 * bound / (np.trace(np.linalg.solve(Gamma, inverse)) * np.trace(inverse)))
    xi, zeta = curvatures(instance)
    return float(min(xi.min(), zeta.min()) * bound)


def curvatures(instance: Instance) -> tuple[Array, Array]:
    """ξ (d,) and ζ (d, d) of (C.3), the curvatures of ℓ_rdm in u₋₁u_ii and u₋₁u_ij; ζ_ii is set to ξ_i."""
    N = instance.N

    def product(Lambda: Array) -> Array:
        lam = np.diag(Lambda)
        moments: Array = (N + 1) / N * np.outer(lam**2, lam) + np.outer(lam, lam) * lam.sum() / N
        return moments

    zeta = _mean(instance, product)
    return np.diag(zeta).copy(), zeta


def loss_5_5(U11: Array, u: float, Lambda: Array, N: int) -> float:
    """ℓ̃ (5.5) = tr[½ u₋₁² ΓΛU₁₁ΛU₁₁ᵀ − u₋₁Λ²U₁₁ᵀ]."""
    quadratic = gamma(Lambda, N) @ Lambda @ U11 @ Lambda @ U11.T
    return float(np.trace(u**2 * quadratic / 2 - u * Lambda @ Lambda @ U11.T))


def field_5_4(U11: Array, u: float, Lambda: Array, N: int) -> tuple[Array, float]:
    """The right sides dU₁₁/dt and du₋₁/dt of (5.4)."""
    Gamma = gamma(Lambda, N)
    matrix: Array = -(u**2) * Gamma @ Lambda @ U11 @ Lambda + u * Lambda @ Lambda
    return matrix, -float(np.trace(u * Gamma @ Lambda @ U11 @ Lambda @ U11.T - Lambda @ Lambda @ U11.T))


def _bracket(instance: Instance) -> float:
    """‖ΛΘ‖²_F[2 − √dσ²‖Γ‖_op] of (A.14), or 2‖E[Λ_τ]Θ‖²_F − √dσ²E[‖Γ_τ‖_op‖Λ_τ‖²_F] of (C.12)."""
    size = np.linalg.norm(_mean(instance, lambda Lambda: Lambda) @ instance.Theta) ** 2

    def product(Lambda: Array) -> Array:
        factor = size if len(instance.covariances) == 1 else np.linalg.norm(Lambda) ** 2
        return np.asarray(np.linalg.norm(gamma(Lambda, instance.N), 2) * factor)

    return float(2 * size - np.sqrt(instance.d) * instance.sigma**2 * _mean(instance, product))


def _mean(instance: Instance, of: Callable[[Array], Array]) -> Array:
    return np.asarray(sum(weight * of(Lambda) for weight, Lambda in instance.laws))
