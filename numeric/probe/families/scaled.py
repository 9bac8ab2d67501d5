"""Scaled least squares: the answers of least squares, multiplied by a number."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Spectral


class Scaled(Spectral):
    """g(μ) = α/μ."""

    name, parameters, contains = "scaled least squares", ("α",), ("least squares",)

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        return (prompts.normaliser,)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        return np.geomspace(1e-3, 1e3, 13)[:, None]

    def filter(self, mu: Array, divisor: Array, order: Hashable, parameters: Array) -> Array:
        filtered: Array = parameters[0] / mu
        return filtered
