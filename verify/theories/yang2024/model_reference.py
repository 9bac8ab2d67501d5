"""What a model must return at one θ, by the derived formulas, and by how much rounding may change each figure.

The error bound is a running analysis in absolute values, to first order. A figure is a polynomial in V, Z, w, the softmax s and
τ. Its size is the same polynomial with absolute values of coefficients and letters. A computation that adds up one dimension after
another, or pairwise, is off by at most (3ρ + n u) times that size: u is the unit roundoff, n counts the roundings of the longest
chain, ρ is the largest relative error of an entry of s, and no figure has s in more than three factors. ρ is twice the error of
a score, (2d + 4) u |v_j|ᵀ|Q_h||v_k|, and the roundings of exponential, quotient and sum. The rounding of float64 is added to u,
since the reference has it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from symbolic.evaluate import evaluate
from symbolic.indexed import Expr, Index
from verify.conformance.model import UNITS
from verify.theories.yang2024.binding import HEAD, PROMPT, TOKEN, float_point, theta_point
from verify.theories.yang2024.checks.compare import BLUNT, COLUMN, ROW
from verify.theories.yang2024.laboratory import Theta
from verify.theories.yang2024.numeric.instance import Array, Instance
from verify.theories.yang2024.symbolic.dependence import score, weight
from verify.theories.yang2024.symbolic.derivation import derive

ENTRY = (HEAD, PROMPT, TOKEN)


@dataclass(frozen=True)
class Known:
    """A value, and by how much rounding may change each entry."""

    value: Array
    error: Array


class Reference:
    """The figures of the theory at θ.

    unit, tiny  unit roundoff and least normal number of the dtype of the model
    chain       n u, the relative error of a sum of products
    relative    3ρ + n u
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
        rho = float((2 * (2 * i.d + 4) * terms.max(axis=1, keepdims=True) + spread + i.N + 8).max()) * unit
        self.chain = (2 * (i.N + i.K + i.m + i.H + i.d) + 32) * unit
        self.relative = 3 * rho + self.chain
        # An entry of s that underflows is off by the least normal number.
        positive["s"] = self.point.arrays["s"] + tiny / self.relative
        positive["Ahat"] = evaluate(weight(PROMPT, TOKEN), float_point(i, **positive), (PROMPT, TOKEN))
        residual = absolute(derive().residual)
        positive["G"] = evaluate(residual, float_point(i, **positive), (PROMPT, TOKEN))
        self.size = float_point(i, **positive)

    @property
    def blunt(self) -> bool:
        """Whether rounding alone may change a figure so much that no comparison could fail."""
        return not self.relative <= BLUNT

    @property
    def A_hat(self) -> Array:
        """Â(θ) (35), (N, K)."""
        return self.point.arrays["Ahat"]

    def predictions(self, y: Array) -> Known:
        """ŷ (8) for labels (B, N)."""
        return Known(y @ self.A_hat, self._off(np.abs(y) @ self.size.arrays["Ahat"]))

    @cached_property
    def loss(self) -> Known:
        """𝓛 (9), under A1."""
        return self._known(derive().loss, ())

    @cached_property
    def gradient(self) -> Mapping[str, Known]:
        """∂𝓛/∂Q (H, d, d) and ∂𝓛/∂w (H, K), under A1."""
        return {
            "Q": self._known(derive().gradient_Q, (HEAD, ROW, COLUMN)),
            "w": self._known(derive().gradient_w, (HEAD, TOKEN)),
        }

    def sample_loss(self, y: Array) -> Known:
        """(1/2BK) Σ (ŷ_k − y_k)² over prompts with labels (B, K) of all tokens."""
        known = self.predictions(y[:, : self.instance.N])
        size = np.abs(y) + np.abs(y[:, : self.instance.N]) @ self.size.arrays["Ahat"]
        rounded = (2 * self.relative + len(y) * self.chain) * np.mean(size**2) / 2
        return Known(np.asarray(np.mean((known.value - y) ** 2) / 2), np.asarray(rounded + self.tiny))

    def loss_with(self, tau: float, factor: float = 1.0) -> float:
        """𝓛 with another noise level, times a factor: what some mistakes would give."""
        scalars = {**self.point.scalars, "tau": tau}
        return factor * float(evaluate(derive().loss, replace(self.point, scalars=scalars)))

    def _known(self, expr: Expr, axes: tuple[Index, ...]) -> Known:
        return Known(evaluate(expr, self.point, axes), self._off(evaluate(absolute(expr), self.size, axes)))

    def _off(self, size: Array) -> Array:
        return np.asarray(self.relative * size + self.tiny)


def absolute(expr: Expr) -> Expr:
    """The same polynomial with absolute values of its coefficients."""
    return Expr({monomial: abs(coefficient) for monomial, coefficient in expr.terms.items()})
