"""Families that a probe must refuse in one line."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.families.ridge import Ridge
from numeric.probe.family import Family

EMPTY = "no family"


class Raising(Family):
    name = "raising"

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        raise KeyError("weights")


class Short(Family):
    name = "short"

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return np.zeros(2)


class Endless(Family):
    name = "endless"

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return np.full(prompts.M, np.inf)


class Negative(Family):
    name, parameters = "negative", ("α",)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        return np.array([[-1.0], [1.0]])

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return np.zeros(prompts.M)


RAISING, SHORT, ENDLESS, NEGATIVE, TWICE = Raising(), Short(), Endless(), Negative(), Ridge()
