"""What rounding may do to the watched numbers of a run: worst cases to first order, from sizes and from sums of magnitudes.

u is the unit roundoff of the run's dtype. A sum of n products is off by at most n·u times the sum of their sizes, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.watch import Observed

Array = NDArray[np.float64]
ALIKE = 0.005
SMALLEST = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Rounding:
    """Errors at the watched steps.

    residual   ‖error of Â − A‖_F (n,): Σ_h w_h s_h has H terms of size |w|, and a column of softmax is off by u times its
               score and N + 8 operations. The rounding of Q^(0)'s own scores is left out: it is the same at every step, so
               what descends is a neighbour of the instance
    softmax    relative error of an entry of C_k (n,), with that rounding, an inner product over d
    form       the root of the error of ⟨X, VᵀV X V̂ᵀV̂⟩, over ‖X‖_F; shift: the error of VᵀV X V̂ᵀV̂, over ‖X‖_F
    X, G       no ‖X_h‖_F and no ‖∂𝓛/∂(scores of head h)‖_F is above (n,)
    weight, noise, norm   ‖Z̄²‖_F, the smallest eigenvalue of Z̄², ‖Z̄‖₂
    tokens     ‖V‖₂‖V̂‖₂
    """

    u: float
    N: int
    K: int
    H: int
    weight: float
    noise: float
    norm: float
    tokens: float
    form: float
    shift: float
    residual: Array
    softmax: Array
    X: Array
    G: Array

    @classmethod
    def of(cls, instance: Instance, seen: Observed, dtype: str) -> Rounding:
        N, K, H, u = instance.N, instance.K, instance.H, float(np.finfo(dtype).eps) / 2
        noise = instance.m * instance.tau
        M = instance.Z.T @ instance.Z + noise * np.eye(N)
        values = np.linalg.eigvalsh(M)
        V, tokens = instance.V, instance.tokens
        scores = seen.score_max + seen.delta_max
        shift = 2 * (N + K + 2) * u * float(np.linalg.norm(V.T @ V) * np.linalg.norm(tokens.T @ tokens))
        return cls(
            u, N, K, H,
            weight=float(np.linalg.norm(M)),
            noise=max(float(values[0]), noise),
            norm=float(np.sqrt(values[-1])),
            tokens=float(np.linalg.norm(V, 2) * np.linalg.norm(tokens, 2)),
            form=float(np.sqrt(shift)),
            shift=shift,
            residual=2 * u * (H + scores + N + 8) * np.sqrt(np.sum(seen.w1**2, axis=1)),
            softmax=2 * u * ((instance.d + 2) * scores + N + 8),
            X=np.sqrt(N * K) * seen.X_max,
            G=np.sqrt(N * K) * seen.G_max,
        )  # fmt: skip

    def of_gap(self, gap: Array, residual: Array | float) -> Array:
        """Error of (1/2K)‖Z̄(Â − A)‖_F² where Â − A is off by `residual`, and of the KN terms of the sum that gives it."""
        off = self.norm * residual
        summed = 2 * self.u * (self.K * self.N + self.N) * self.weight / self.noise
        found: Array = np.sqrt(2 * gap / self.K) * off + off**2 / (2 * self.K) + summed * gap
        return found

    def of_gradient(self, gap: Array) -> Array:
        """‖error of ∂𝓛/∂Â‖_F: ‖Z̄²‖/K times that of Â − A, and the rounding of 3N + 8 operations on it."""
        size = np.sqrt(2 * self.K * gap / self.noise)
        found: Array = self.weight / self.K * (self.residual + 2 * self.u * (3 * self.N + 8) * size)
        return found


def least(values: Array) -> int:
    """Position of the first value that is within ALIKE of the smallest: which of those is smallest, rounding decides."""
    smallest = values.min()
    return int(np.argmax(values <= smallest + ALIKE * abs(smallest)))


def length(norms: Array) -> Array:
    """The root of the sum of squares of each row, (n, 1), of norms whose squares may be out of range."""
    largest = norms.max(axis=1, keepdims=True, initial=SMALLEST)
    return np.asarray(largest * np.sqrt(np.sum((norms / largest) ** 2, axis=1, keepdims=True)))


def root_error(norm: Array, error: Array) -> Array:
    """By how much a norm may be off whose square is off by error²."""
    share = np.divide(error, norm, out=np.ones_like(norm), where=norm > error)
    return np.asarray(np.hypot(norm, error) - norm * np.sqrt(1 - share**2))


def squared_error(norm: Array, error: Array) -> Array:
    """By how much norm² may be off where norm is off by error."""
    return 2 * norm * error + error**2
