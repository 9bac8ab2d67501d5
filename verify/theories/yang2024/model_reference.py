"""What a model must return at one θ, by the derived formulas, and by how much rounding may change each figure.

The error bound is a running analysis in absolute values, to first order. A figure is a polynomial in V, Z, w, the softmax s and
τ. Its size is the same polynomial with absolute values of coefficients and letters. A computation that adds up one dimension after
another, or pairwise, is off by at most (gρ + n u) times that size: u is the unit roundoff, n counts the roundings of the longest
chain, ρ is the largest relative error of an entry of s, and g is how many factors s the terms have, those of Â and G included. ρ is
twice the error of a score, (2d + 4) u |v_j|ᵀ|Q_h||v_k|, and the roundings of exponential, quotient and sum. The rounding of
float64 is added to u, since the reference has it too.

Loss and gradients may also be computed as in (36), from Â − A. An inverse of M = ZᵀZ + mτI is off by n u cond(M) relative to
itself. A difference that this explains does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from symbolic.evaluate import evaluate
from symbolic.indexed import Expr, Index
from verify.conformance.model import UNITS
from verify.theories.yang2024.binding import HEAD, PROMPT, TOKEN, float_point, theta_point
from verify.theories.yang2024.checks.compare import COLUMN, ROW
from verify.theories.yang2024.laboratory import Theta
from verify.theories.yang2024.numeric.instance import Array, Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.symbolic.dependence import score, weight
from verify.theories.yang2024.symbolic.derivation import derive

ENTRY = (HEAD, PROMPT, TOKEN)
BLUNT = 0.01


@dataclass(frozen=True)
class Known:
    """A value, by how much rounding may change each entry, and by how much more with an inverse of ZᵀZ + mτI."""

    value: Array
    error: Array
    inverted: Array = field(default_factory=lambda: np.zeros(()))


class Reference:
    """The figures of the theory at θ.

    unit, tiny  unit roundoff and least normal number of the dtype of the model
    chain       n u, the relative error of a sum of products
    rho         ρ, the relative error of an entry of s
    """

    def __init__(self, instance: Instance, theta: Theta, unit: float, tiny: float) -> None:
        i = self.instance = instance
        self.theta, self.tiny, unit = theta, tiny, unit + UNITS["float64"]
        self.point = theta_point(i, theta)
        positive = {
            "V": np.abs(i.tokens),
            "Z": np.abs(i.features),
            "Q": np.abs(theta.Q),
            "w": np.abs(theta.w),
        }
        scores = evaluate(score(*ENTRY), self.point, ENTRY)
        terms = evaluate(score(*ENTRY), float_point(i, **positive), ENTRY)
        spread = scores.max(axis=1, keepdims=True) - scores
        self.rho = (
            float((2 * (2 * i.d + 4) * terms.max(axis=1, keepdims=True) + spread + i.N + 8).max()) * unit
        )
        self.chain = (2 * (i.N + i.K + i.m + i.H + i.d) + 32) * unit
        # An entry of s that underflows is off by the least normal number.
        positive["s"] = self.point.arrays["s"] + tiny / self.rho
        positive["Ahat"] = evaluate(weight(PROMPT, TOKEN), float_point(i, **positive), (PROMPT, TOKEN))
        residual = absolute(derive().residual)
        positive["G"] = evaluate(residual, float_point(i, **positive), (PROMPT, TOKEN))
        self.size = float_point(i, **positive)

    @property
    def blunt(self) -> bool:
        """Whether rounding alone may change a prediction so much that a comparison says little."""
        return not self.rho + self.chain <= BLUNT

    @property
    def A_hat(self) -> Array:
        """Â(θ) (35), (N, K)."""
        return self.point.arrays["Ahat"]

    def predictions(self, y: Array) -> Known:
        """ŷ (8) for labels (B, N)."""
        return Known(y @ self.A_hat, self._off(np.abs(y) @ self.size.arrays["Ahat"], 1))

    @cached_property
    def loss(self) -> Known:
        """𝓛 (9), under A1."""
        known, (off, A) = self._known(derive().loss, (), 2), self._inverse
        size = float(np.linalg.norm(self.size.arrays["Ahat"])) + A
        return replace(known, inverted=np.asarray(off * size / self.instance.K))

    @cached_property
    def gradient(self) -> Mapping[str, Known]:
        """∂𝓛/∂Q (H, d, d) and ∂𝓛/∂w (H, K), under A1."""
        formulas = {
            "Q": (derive().gradient_Q, (HEAD, ROW, COLUMN), 3),
            "w": (derive().gradient_w, (HEAD, TOKEN), 2),
        }
        G = np.full((self.instance.N, self.instance.K), self._inverse[0])
        by_inverse = replace(self.size, arrays={**self.size.arrays, "G": G})
        return {
            name: replace(
                self._known(expr, axes, degree), inverted=evaluate(absolute(expr), by_inverse, axes)
            )
            for name, (expr, axes, degree) in formulas.items()
        }

    @cached_property
    def _inverse(self) -> tuple[float, float]:
        """By how much an inverse of M may change M(Â − A), and ‖A‖_F; no bounds where M is singular in float64."""
        i = self.instance
        M = i.Z.T @ i.Z + i.m * i.tau * np.eye(i.N)
        try:
            A = float(np.linalg.norm(least_squares(label_covariance(i), i.N).A))
        except np.linalg.LinAlgError:
            return np.inf, np.inf
        return self.chain * float(np.linalg.cond(M) * np.linalg.norm(M)) * A, A

    def sample_loss(self, y: Array) -> Known:
        """(1/2BK) Σ (ŷ_k − y_k)² over prompts with labels (B, K) of all tokens."""
        known = self.predictions(y[:, : self.instance.N])
        size = np.abs(y) + np.abs(y[:, : self.instance.N]) @ self.size.arrays["Ahat"]
        rounded = self._off(np.mean(size**2) / 2, 2) + len(y) * self.chain * np.mean(size**2) / 2
        return Known(np.asarray(np.mean((known.value - y) ** 2) / 2), np.asarray(rounded))

    def loss_with(self, tau: float, factor: float = 1.0) -> float:
        """𝓛 with another noise level, times a factor: what some mistakes would give."""
        scalars = {**self.point.scalars, "tau": tau}
        return factor * float(evaluate(derive().loss, replace(self.point, scalars=scalars)))

    def _known(self, expr: Expr, axes: tuple[Index, ...], degree: int) -> Known:
        size = evaluate(absolute(expr), self.size, axes)
        return Known(evaluate(expr, self.point, axes), self._off(size, degree))

    def _off(self, size: Array | np.floating[Any], degree: int) -> Array:
        """The bound of rounding for a polynomial of this size and of this degree in s."""
        return np.asarray((degree * self.rho + self.chain) * size + self.tiny)


def absolute(expr: Expr) -> Expr:
    """The same polynomial with absolute values of its coefficients."""
    return Expr({monomial: abs(coefficient) for monomial, coefficient in expr.terms.items()})
