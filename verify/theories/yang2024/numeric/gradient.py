"""The gradient of the loss (9) at any attention, in numpy, and how far a step along it can go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic

Array = NDArray[np.float64]
REACH = np.logspace(-8.0, 2.0, 81)  # steps that are tried, by the largest change of a score


@dataclass(frozen=True)
class Gradient:
    """∂𝓛/∂w (H, K) and ∂𝓛/∂(scores) (H, N, K), so that ∂𝓛/∂Q_h = V scores_h V̂ᵀ; attention s (H, N, K) and D = Â − A (N, K)."""

    instance: Instance
    quadratic: Quadratic
    s: Array
    D: Array
    w: Array
    scores: Array

    @property
    def gap(self) -> float:
        """𝓛 − min_Â 𝓛."""
        return self.quadratic.gap(self.quadratic.A + self.D)

    @property
    def norm_w(self) -> float:
        return float(np.linalg.norm(self.w))

    @property
    def norm_Q(self) -> float:
        """The Frobenius norm over all Q_h."""
        V, tokens = self.instance.V, self.instance.tokens
        return float(np.sqrt(sum(np.sum((V @ g @ tokens.T) ** 2) for g in self.scores)))

    def gain_w(self) -> float:
        """The part of the gap that the best step along −∂𝓛/∂w takes off; exact, since the loss is quadratic in w."""
        down = self.quadratic.root @ np.einsum("hnk,hk->nk", self.s, self.w)
        curvature = float(np.sum(down**2)) / self.instance.K
        if not (curvature > 0 and self.gap > 0):
            return 0.0
        square = self.norm_w * self.norm_w
        return square / curvature * (square / self.gap) / 2  # in this order the quotients are of order one

    def gain_Q(self, w: Array, scores: Array) -> float:
        """The same along −∂𝓛/∂Q: the best of 81 steps, each larger than the last; w and scores those of this θ."""
        i = self.instance
        change = (i.V.T @ i.V) @ self.scores @ (i.tokens.T @ i.tokens)
        largest = float(np.abs(change).max())
        if not (largest > 0 and self.gap > 0):
            return 0.0
        best = min(
            self.quadratic.gap(np.einsum("hnk,hk->nk", softmax(scores - reach / largest * change), w))
            for reach in REACH
        )
        return max(0.0, 1 - best / self.gap)


def softmax(scores: Array) -> Array:
    """Of scores (H, N, K) over the N prompt tokens (28)."""
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def gradient(instance: Instance, quadratic: Quadratic, s: Array, w: Array) -> Gradient:
    """At attention s (H, N, K) and w (H, K)."""
    D = np.einsum("hnk,hk->nk", s, w) - quadratic.A
    of_A_hat = quadratic.root.T @ (quadratic.root @ D) / instance.K
    of_w = np.einsum("hnk,nk->hk", s, of_A_hat)
    of_scores = w[:, None, :] * s * (of_A_hat - of_w[:, None, :])
    return Gradient(instance, quadratic, s, D, of_w, of_scores)
