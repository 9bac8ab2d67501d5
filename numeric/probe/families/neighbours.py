"""Nearest neighbours: the mean label of the k labelled tokens nearest to the query."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import cast

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Family

MOST = 10  # neighbours


class Neighbours(Family):
    """Where the prompt has fewer labels than k, all are neighbours. Of tokens at one distance the first ones count."""

    name = "nearest neighbours"

    def count(self, order: Hashable) -> int:
        return cast(int, order)

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        longest = int(prompts.n.max())
        return tuple(range(1, min(MOST, max(1, longest - 1)) + 1))

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        weights = []
        for squares in prompts.squares:
            k = min(self.count(order), squares.shape[2])
            weight = np.zeros(squares.shape)
            nearest = np.argsort(np.round(squares, 12), axis=2, kind="stable")[:, :, :k]
            np.put_along_axis(weight, nearest, 1.0 / k, axis=2)
            weights.append(weight)
        return prompts.weighted(weights)
