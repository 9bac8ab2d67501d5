"""A mixture of two families: a part of the answers of one and the rest of another."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple, cast

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import ROUGHLY, Family, Fit

LEAST = 0.02  # part of a family in a mixture
ORDERS = 4  # orders of a family that are tried: the first ones
PAIRS = 6  # pairs of families that are fitted
SPACING = 12  # members of each order, at most


class Pair(NamedTuple):
    """Places of two families, and an order of each."""

    first: int
    second: int
    order: Hashable
    other: Hashable


class Mixture(Family):
    """a·f + (1 − a)·g. The best pair of members of a grid is taken, and fitted in all parameters at once.

    families  those that may be mixed
    """

    name, last = "mixture of two", True

    def __init__(self, families: Sequence[Family]) -> None:
        self.families = tuple(families)

    def parts(self, order: Hashable) -> tuple[Family, Family]:
        """The two families."""
        pair = cast(Pair, order)
        return self.families[pair.first], self.families[pair.second]

    def title(self, order: Hashable) -> str:
        first, second = self.parts(order)
        return f"mixture of {first.name} and {second.name}"

    def names(self, order: Hashable) -> tuple[str, ...]:
        """What the parameters of a mixture are called."""
        first, second = self.parts(order)
        return ("part of " + first.name, *first.parameters, *second.parameters)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        pair = cast(Pair, order)
        first, second = self.parts(order)
        grids = (first.starts(prompts, pair.order), second.starts(prompts, pair.other))
        ends = [np.stack([grid.min(axis=0), grid.max(axis=0)]) for grid in grids]
        return np.concatenate([np.array([[LEAST], [1 - LEAST]]), *ends], axis=1)

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        pair = cast(Pair, order)
        first, second = self.parts(order)
        a, rest = float(parameters[0]), parameters[1:]
        own, others = rest[: len(first.parameters)], rest[len(first.parameters) :]
        return a * first.answers(prompts, pair.order, own) + (1 - a) * second.answers(
            prompts, pair.other, others
        )

    def sketches(self, few: Prompts, target: Array) -> list[Fit]:
        members = [
            (place, order, point)
            for place, family in enumerate(self.families)
            for order in family.orders(few)[:ORDERS]
            for point in _spread(family.starts(few, order))
        ]
        columns = np.stack(
            [self.families[place].answers(few, order, point) for place, order, point in members]
        )
        left = target - columns
        gram, places = left @ left.T, np.array([place for place, _, _ in members])
        own = np.diag(gram)
        width = own[:, None] + own[None, :] - 2 * gram
        a = np.clip((own[None, :] - gram) / np.maximum(width, 1e-300), LEAST, 1 - LEAST)
        rss = a**2 * own[:, None] + (1 - a) ** 2 * own[None, :] + 2 * a * (1 - a) * gram
        rss[places[:, None] >= places[None, :]] = np.inf
        tried: dict[tuple[int, int], Fit] = {}
        for place in np.argsort(rss, axis=None):
            i, j = np.unravel_index(int(place), rss.shape)
            pair = Pair(members[i][0], members[j][0], members[i][1], members[j][1])
            if not np.isfinite(rss[i, j]) or len(tried) == PAIRS:
                break
            if pair[:2] not in tried:
                start = np.concatenate([[a[i, j]], members[i][2], members[j][2]])
                tried[pair[:2]] = self.polished(few, target, pair, start, ROUGHLY)
        return [min(tried.values(), key=lambda fit: fit.rss * (1 + 2 * fit.freedom / len(target)))]


def _spread(grid: Array) -> Array:
    return grid[:: max(1, len(grid) // SPACING)]
