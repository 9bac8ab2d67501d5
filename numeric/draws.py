"""Random numbers that are the same float64 on every machine.

numpy's generators draw bits that no machine differs in, and mostly do with them what IEEE 754 rounds in one way. Three things do
not: logarithms and powers, which libraries of C compute with an error of their own in the last bit; the tail of the normal law, which
is drawn by a logarithm; and a·u + b, which some compilers round once and some twice. What comes from one of the first two is
rounded to 24 bits here, so that an error in the 53rd bit is lost but with a probability of about 2⁻²⁷ a number.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

Array = NDArray[np.float64]
BITS = 24
TAIL = 3.6541528853610088  # where numpy's ziggurat ends: what lies beyond is drawn by a logarithm


class Draws(np.random.Generator):
    """A numpy generator with portable standard normal, uniform and Laplace laws, and `decades`; whole numbers, permutations and
    `random` are numpy's own, and portable. Other laws of numpy are not."""

    def standard_normal(self, size: Any = None) -> Any:  # type: ignore[override]
        """N(0, 1): numpy's own draws, those beyond TAIL rounded to 24 bits."""
        drawn = np.asarray(super().standard_normal(size))
        beyond = np.abs(drawn) >= TAIL
        return (np.where(beyond, coarse(drawn), drawn) if beyond.any() else drawn)[()]

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """Uniform on [low, high): product and sum are rounded one after the other."""
        return low + (high - low) * self.random(size)

    def laplace(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Laplace with this location and scale, every draw rounded to 24 bits before it is scaled."""
        return loc + scale * coarse(super().laplace(size=size))

    def decades(self, low: float, high: float) -> float:
        """10 to a power that is uniform on [low, high), rounded to 24 bits."""
        return float(coarse(10.0 ** self.uniform(low, high)))


class _Key(ISeedSequence):
    """The key of a counter-based generator. Philox(key=…) would first ask the machine for entropy, of which no draw is made."""

    def __init__(self, *words: int) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
        return np.array(self.words, dtype=dtype)


def coarse(values: Any) -> Any:
    """Rounded to 24 bits, shape unchanged."""
    mantissas, exponents = np.frexp(values)
    return np.ldexp(np.rint(np.ldexp(mantissas, BITS)), exponents - BITS)


def draws(*words: int) -> Draws:
    """The stream of these words, each a whole number of at least 0."""
    return Draws(np.random.PCG64(np.random.SeedSequence(list(words))))


def keyed(seed: int, counter: int) -> Draws:
    """The stream `counter` of a seed, without those before it: a counter-based generator."""
    return Draws(np.random.Philox(_Key(seed, counter)))  # type: ignore[arg-type]


def named(seed: int, purpose: str) -> Draws:
    """The stream of a seed for one purpose, so that adding a draw for another purpose never shifts this one."""
    words = np.frombuffer(hashlib.sha256(purpose.encode()).digest()[:16], dtype=np.uint32)
    return draws(seed, *(int(word) for word in words))
