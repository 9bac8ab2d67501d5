"""The random numbers of torch's CPU generator, without torch: a search draws the same points whether or not torch is installed.

The words are those of the Mersenne Twister; how torch makes numbers of them is repeated here and held against torch by a test.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BLOCK = 16  # torch draws so many normal numbers or more in blocks of this length, fewer one after the other


class Twister:
    """The stream of `torch.Generator().manual_seed(seed)`."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.RandomState(seed % 2**32)
        self._spare: float | None = None

    def _words(self, count: int) -> NDArray[np.uint64]:
        return self._bits.randint(0, 2**32, size=count, dtype=np.uint32).astype(np.uint64)

    def uniform(self, *shape: int) -> Array:
        """`torch.rand` of float64."""
        words = self._words(2 * prod(shape))
        joined = (words[0::2] << np.uint64(32)) | words[1::2]
        return np.ldexp((joined & np.uint64(2**53 - 1)).astype(np.float64), -53).reshape(shape)

    def normal(self, *shape: int) -> Array:
        """`torch.randn` of float64."""
        count = prod(shape)
        if count < BLOCK:
            return np.array([self._one() for _ in range(count)]).reshape(shape)
        uniform, whole = self.uniform(count), count // BLOCK * BLOCK
        drawn = np.concatenate([_blocks(uniform[:whole]), np.empty(count - whole)])
        if whole < count:
            drawn[-BLOCK:] = _blocks(self.uniform(BLOCK))
        return drawn.reshape(shape)

    def _one(self) -> float:
        if self._spare is not None:
            found, self._spare = self._spare, None
            return found
        angle, length = self.uniform(2)
        radius = np.sqrt(-2 * np.log1p(-length))
        self._spare = float(radius * np.sin(2 * np.pi * angle))
        return float(radius * np.cos(2 * np.pi * angle))

    def permutation(self, count: int) -> NDArray[Any]:
        """`torch.randperm`."""
        order = np.arange(count)
        for place, word in enumerate(self._words(max(count - 1, 0)).tolist()):
            other = place + word % (count - place)
            order[[place, other]] = order[[other, place]]
        return order


def _blocks(uniform: Array) -> Array:
    """Normal numbers by the method of Box and Muller: of each block, the first half of the uniform ones says how far."""
    length, angle = np.moveaxis(uniform.reshape(-1, 2, BLOCK // 2), 1, 0)
    radius = np.sqrt(-2 * np.log(1 - length))
    both = [radius * np.cos(2 * np.pi * angle), radius * np.sin(2 * np.pi * angle)]
    return np.stack(both, axis=1).ravel()
