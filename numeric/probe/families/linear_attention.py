"""The minimiser of a layer of linear attention: one step with Γ⁻¹, Γ = (1 + 1/N)Λ + (tr Λ + ρ)/N · I.

Λ is the second moment of the inputs, N the length of the prompts of the training, ρ = (noise/task scale)²; see Zhang, Frei and Bartlett
(JMLR 2024). Where prompts of several lengths are trained on, 1/N is the mean over these.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from numeric.draws import Array
from numeric.probe.data import NORMALISERS, Prompts
from numeric.probe.family import Family

LONGEST = 1e4  # N


class LinearAttention(Family):
    """Λ is the second moment of the queries; where all its eigenvalues are equal, this is one step of gradient descent."""

    name, parameters = "minimiser of linear attention", ("N", "ρ")

    def includes(self, name: str, order: Hashable, prompts: Prompts) -> bool:
        """One step with any η is its limit for large ρ."""
        return name == "gradient descent" and isinstance(order, tuple) and order[0] == 1

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        return prompts.normalisers

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        trace = float(prompts.moment.values.sum()) or 1.0
        return np.array(
            [(N, rho * trace) for N in np.geomspace(1.0, LONGEST, 6) for rho in np.geomspace(1e-3, 1e3, 7)]
        )

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        N, rho = parameters
        divisor = NORMALISERS[str(order)]
        values, terms = prompts.moment
        Gamma = (1 + 1 / N) * values + (values.sum() + rho) / N
        answers: Array = (terms @ (1 / Gamma)) * (divisor(N) / N) / divisor(prompts.n)[:, 0]
        return answers
