"""Least squares: the minimiser of ‖y − Zβ‖², of least norm where there are several."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Spectral


class LeastSquares(Spectral):
    """g(μ) = 1/μ."""

    name = "least squares"

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        return (prompts.normaliser,)  # no normaliser changes the minimiser

    def filter(self, mu: Array, divisor: Array, order: Hashable, parameters: Array) -> Array:
        return 1.0 / mu
