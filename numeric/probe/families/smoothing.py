"""Kernel smoothing (Nadaraya–Watson): the mean of the labels, weighted by how near each token is to the query."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Family


def softmax(scores: Array) -> Array:
    """Weights over the last axis."""
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Array = weights / weights.sum(axis=-1, keepdims=True)
    return shares


class Gaussian(Family):
    """Weights ∝ exp(−‖z − q‖²/(2h²)); a wide kernel is the mean, a narrow one the nearest neighbour."""

    name, parameters, contains = "Nadaraya–Watson", ("h",), ("constant mean",)

    def includes(self, name: str, order: Hashable, prompts: Prompts) -> bool:
        return super().includes(name, order, prompts) or (name == "nearest neighbours" and order == 1)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        typical = float(np.sqrt(np.median(np.concatenate([one.ravel() for one in prompts.squares]))))
        return (np.geomspace(0.02, 50.0, 14) * (typical or 1.0))[:, None]

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return prompts.weighted([softmax(-one / (2 * parameters[0] ** 2)) for one in prompts.squares])


class Softmax(Family):
    """Weights ∝ exp(⟨z, q⟩/h), as a head of softmax attention has them; h large is the mean."""

    name, parameters, contains = "softmax smoothing", ("h",), ("constant mean",)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        typical = float(np.median(np.concatenate([np.abs(one).ravel() for one in prompts.products])))
        return (np.geomspace(0.01, 1e3, 14) * (typical or 1.0))[:, None]

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return prompts.weighted([softmax(one / parameters[0]) for one in prompts.products])
