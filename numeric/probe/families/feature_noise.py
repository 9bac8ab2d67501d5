"""The posterior mean where tasks are N(0, s²I) and chance is in the features, y = ⟨w, z + ε⟩ with ε ~ N(0, τI).

The noise of a label then has the variance τ‖w‖², which depends on the task, so that ridge regression is only the best linear
predictor. Given the noise v = τ‖w‖², which a contour integral over a penalty κ fixes, the task is Gaussian. The integral over v is a
Bessel function, and the posterior mean is a mixture of ridge regressions:

    ∫ W(κ) (G + κ)⁻¹ Zᵀy dκ / ∫ W(κ) dκ,   W(κ) = |G + κ|^(−1/2) e^(κ/2τ) R^(a/2) K_a(√(R/τ)/s),
    G = ZᵀZ,   R(κ) = ‖y‖² − yᵀZ(G + κ)⁻¹Zᵀy,   a = (m − n)/2.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from scipy.special import kve

from numeric.draws import Array
from numeric.probe.data import Labels, Prompts, halved
from numeric.probe.family import Family

MOST = 200  # labels beyond the number of features, for which the Bessel function is a float
REACH, NODES = (
    9.0,
    16,
)  # of the contour, in standard deviations of W; the integrand is even, and half of the nodes are taken
HALVINGS = 12
WIDE = 1e6  # a saddle is sought within this factor of its typical size


class FeatureNoise(Family):
    """Not linear in the labels: each prompt has a filter of its own."""

    name, parameters, last = "posterior with feature noise", ("s", "τ"), True

    def refusal(self, prompts: Prompts) -> str:
        return f"more than {MOST} labels beyond features" if prompts.n.max() > prompts.m + MOST else ""

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        size = prompts.typical
        return np.array(
            [
                (s * prompts.typical_task, tau * size**2)
                for s in (0.3, 1.0, 3.0)
                for tau in np.geomspace(0.003, 3.0, 5)
            ]
        )

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        filtered = filters(prompts.labels, prompts.m, float(parameters[0]), float(parameters[1]))
        answers: Array = np.einsum("ij,ij->i", prompts.spectrum.terms, filtered[prompts.labels.place])
        return answers


def filters(labels: Labels, m: int, s: float, tau: float) -> Array:
    """(P, m) the filter g of each prompt, by the trapezoidal rule along κ = κ₀ + D(1 + iu)², a parabola around all singularities,
    which are real and at most κ₀, through the saddle of W."""
    mu, energy, first = labels.mu, labels.energy, labels.edge
    a = (m - labels.n) / 2

    def slope(kappa: Array) -> Array:
        """(P,) about the derivative of log W, by a bound of a ratio of Bessel functions: for the contour this is enough."""
        R, b = labels.misfit(kappa), a - 0.5
        mean = (np.sqrt(b**2 + R / (tau * s**2)) - b) / R  # of 1/v
        shrunk = mu + kappa[:, None]
        found: Array = (1 / tau - (1 / shrunk).sum(axis=1) - (energy * mu / shrunk**2).sum(axis=1) * mean) / 2
        return found

    scale = mu.max(axis=1) + m * tau
    ends = np.log(scale / WIDE), np.log(scale * WIDE)
    D = np.exp(halved(*ends, HALVINGS, lambda t: slope(first + np.exp(t))))
    bend = (slope(first + 1.01 * D) - slope(first + 0.99 * D)) / (0.02 * D)
    x = np.linspace(0.0, REACH, NODES)[:, None]
    along = 1 + 1j * x / (2 * D * np.sqrt(bend))
    kappa = first + D * along**2
    R, shrunk = labels.misfit(kappa), mu + kappa[..., None]
    root = np.sqrt(R / tau) / s
    W = kappa / (2 * tau) - np.log(shrunk).sum(axis=-1) / 2 + a / 2 * np.log(R) + np.log(kve(a, root)) - root
    weight = np.exp(W - W[:1].real) * along
    weight[0] /= 2
    found: Array = (weight[..., None] / shrunk).real.sum(axis=0) / weight.real.sum(axis=0)[:, None]
    return found
