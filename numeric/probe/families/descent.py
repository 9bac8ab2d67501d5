"""Gradient descent: k steps of size η from zero on ‖y − Zβ‖²/(2c), where c is the normaliser. One step is k = 1."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import cast

import numpy as np

from numeric.draws import Array
from numeric.probe.data import NORMALISERS, Prompts
from numeric.probe.family import Spectral

LENGTHS = (*range(1, 13), 14, 16, 20, 25, 32, 40, 50, 64, 100)  # numbers of steps that are tried


class Descent(Spectral):
    """g(μ) = (1 − (1 − ημ/c)^k)/μ."""

    name, parameters, contains = "gradient descent", ("η",), ("least squares",)

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        return tuple((k, normaliser) for normaliser in prompts.normalisers for k in LENGTHS)

    def count(self, order: Hashable) -> int:
        return cast(tuple[int, str], order)[0]

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        k = self.count(order)
        divisor = NORMALISERS[self.normaliser(order)](prompts.spectrum.n)
        largest = float((prompts.spectrum.mu / divisor).max())
        top = 1e3 if k == 1 else 2.0  # one step may be of any size; more steps diverge beyond 2/μ
        return np.geomspace(1e-3 / k, top, 12)[:, None] / largest

    def filter(self, mu: Array, divisor: Array, order: Hashable, parameters: Array) -> Array:
        k = self.count(order)
        if k == 1:
            return np.broadcast_to(parameters[0] / divisor, mu.shape)
        filtered: Array = (1.0 - power(1.0 - parameters[0] * mu / divisor, k)) / mu
        return filtered


def power(base: Array, k: int) -> Array:
    """base^k by repeated squares, several times faster than the power function of floats."""
    result = base if k % 2 else np.ones_like(base)
    while k := k // 2:
        base = base * base
        if k % 2:
            result = result * base
    return result
