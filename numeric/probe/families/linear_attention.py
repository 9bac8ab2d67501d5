"""What a trained layer of linear attention computes: one step with Γ⁻¹, Γ = aΛ + cI, where Λ is the second moment of the inputs.

The minimiser of the loss over Gaussian inputs and prompts of N pairs, whose sums are divided by N, has a = 1 + 1/N and
c = (tr Λ + ρ)/N with ρ = (noise/task scale)²; see Zhang, Frei and Bartlett (JMLR 2024).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from numeric.draws import Array
from numeric.probe.data import NORMALISERS, Prompts
from numeric.probe.family import Family

SHARES = (0.02, 0.3, 0.7, 0.98)  # of aΛ in Γ


class LinearAttention(Family):
    """Λ is the second moment of the queries; where all its eigenvalues are equal, this is one step of gradient descent."""

    name, parameters = "minimiser of linear attention", ("a", "c")

    def includes(self, name: str, order: Hashable, prompts: Prompts) -> bool:
        """One step is its limit for small a."""
        return name == "gradient descent" and isinstance(order, tuple) and order[0] == 1

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        return prompts.normalisers

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        mu = prompts.eigenvalues / float(np.median(prompts.divisor(str(order))))
        size = float(prompts.moment.values.mean()) or 1.0
        sizes = np.geomspace(mu[0] * 1e-2, mu[-1] * 1e3, 10)
        return np.array([(one * share / size, one * (1 - share)) for one in sizes for share in SHARES])

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        values, terms = prompts.moment
        answers: Array = terms @ (1 / (parameters[0] * values + parameters[1]))
        return answers / NORMALISERS[str(order)](prompts.n)[:, 0]
