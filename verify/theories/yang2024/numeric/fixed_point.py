"""The map A of (34) as a family of the probe: ridge regression with λ = mτ, and at a labelled token the label itself."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.families.ridge import Ridge
from numeric.probe.family import Family


class FixedPoint(Family):
    """ŷ = Aᵀy with A = (I_N, Zᵀ(mτI + ZZᵀ)⁻¹Z^Q): labelled tokens tell A from ridge regression."""

    name, parameters = "fixed point A", ("τ",)

    def refusal(self, prompts: Prompts) -> str:
        return "" if prompts.own.any() else "no labelled token is asked about"

    def includes(self, name: str, order: Hashable, prompts: Prompts) -> bool:
        """With as few labels as features and τ small, A is least squares."""
        return name == "least squares" and bool(prompts.n.max() <= prompts.m)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        return Ridge().starts(prompts, "1") / prompts.m

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        ridge = Ridge().answers(prompts, "1", prompts.m * parameters)
        return np.where(prompts.own, prompts.returned, ridge)
