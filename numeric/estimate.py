"""Monte Carlo means with their standard errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A Monte Carlo mean with its standard error, and how many samples it has."""

    mean: float
    standard_error: float
    samples: int

    def deviation(self, value: float) -> float:
        """|mean − value| in standard errors."""
        return abs(self.mean - value) / self.standard_error


def estimate(batches: Iterable[Array]) -> Estimate:
    """The mean of all numbers in these batches, merged batch by batch as Chan does. Raises InputError for fewer than two numbers."""
    count, mean, square = 0, 0.0, 0.0
    for batch in batches:
        shift, total = batch.mean() - mean, count + len(batch)
        mean += shift * len(batch) / total
        square += float(np.sum((batch - batch.mean()) ** 2) + shift**2 * count * len(batch) / total)
        count = total
    if count < 2:
        raise InputError("samples", count, "at least 2", "a standard error needs two")
    return Estimate(float(mean), float(np.sqrt(square / (count - 1) / count)), count)
