"""A family of one's own for the probe: the mean of the labels, weighted by how recent each one is.

icl-verify probe predictions.npz --families examples/models/own_family.py
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Family


class Recency(Family):
    """The label at distance a from the query has a weight ∝ exp(−a/h); h large is the mean."""

    name, parameters, contains = "mean of recent labels", ("h",), ("constant mean",)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        return np.geomspace(0.1, 100.0, 10)[:, None]

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        weights = []
        for squares in prompts.squares:  # (contexts, queries, labels) for each length of prompts
            weight = np.exp(-np.arange(squares.shape[2])[::-1] / parameters[0])
            weights.append(np.broadcast_to(weight / weight.sum(), squares.shape))
        return prompts.weighted(weights)


RECENCY = Recency()
