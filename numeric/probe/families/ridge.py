"""Ridge regression: the minimiser of ‖y − Zβ‖²/c + λ‖β‖², where c is the normaliser."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Spectral


class Ridge(Spectral):
    """g(μ) = 1/(μ + cλ)."""

    name, parameters, contains = "ridge", ("λ",), ("least squares",)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        mu = prompts.eigenvalues / float(np.median(prompts.divisor(self.normaliser(order))))
        return np.geomspace(mu[0] * 1e-6, mu[-1] * 1e3, 16)[:, None]

    def filter(self, mu: Array, divisor: Array, order: Hashable, parameters: Array) -> Array:
        filtered: Array = 1.0 / (mu + divisor * parameters[0])
        return filtered
