"""Dictionaries: where tokens v_k and features z_k = f(v_k) come from (theory §1, §5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from flint import arb

from numeric import balls
from numeric.draws import Draws, named
from numeric.errors import InputError
from numeric.memory import available, in_words
from verify.theories.yang2024.numeric.instance import LARGEST_FILE_SEED, Array, Instance

DIGIT_IMAGES = 1797


@dataclass(frozen=True, slots=True)
class Sizes:
    """One named choice of sizes, noise level and initial deviation."""

    N: int
    K: int
    d: int
    m: int
    H: int
    tau: float
    beta: float


DIGITS = Sizes(N=6, K=20, d=64, m=10, H=96, tau=0.1, beta=20.0)
"""The default run. N < m, so that the prompt does not determine the template; mτ = 1; H = 16 N."""

PAPER = Sizes(N=30, K=200, d=100, m=20, H=64, tau=0.01, beta=1.0)
"""Figure 2(a) of the paper. It gives no τ for that figure; 0.01 is the τ of its Figure 3."""

DIGITS_BANDWIDTH = 0.5
"""Less than the usual distance between two unit-norm digits, so that the features tell them apart."""


def _check_sizes(**sizes: int) -> None:
    for name, value in sizes.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(name, value, "a whole number of at least 1", f"set {name} to 1 or more")


def _check_memory(name: str, rows: int, columns: int) -> None:
    """Raises InputError where an array and two copies of it would not fit into the memory that is free."""
    size, room = 24 * rows * columns, available()
    if room is not None and size > room:
        needed = f"{in_words(size)} of memory, and {in_words(room)} is free here"
        raise InputError(f"{name} shape", (rows, columns), needed, "choose smaller sizes")


def stream(seed: int, purpose: str) -> Draws:
    """A generator of its own for each purpose, before there is an Instance to ask.

    Raises InputError unless 0 ≤ seed < 2^63.
    """
    whole = not isinstance(seed, bool) and isinstance(seed, int | np.integer)
    if not (whole and 0 <= seed <= LARGEST_FILE_SEED):
        raise InputError("seed", seed, "a whole number from 0 to 2^63 - 1", "pass --seed 0, for example")
    return named(int(seed), f"dictionary:{purpose}")


def unit_columns(array: Array, argument: str = "tokens") -> Array:
    """Columns scaled to unit norm, shape unchanged, with | ‖v‖² − 1 | < 2⁻⁵⁰ over exact rationals (A0).

    With u = 2⁻⁵³: the squares are off by a factor 1 + u each and their sum is rounded once (fsum), so
    the root is off by at most 2u; the division adds u. Hence ‖v‖² is off by at most 6u + O(u²) < 8u = 2⁻⁵⁰.
    Raises InputError on a zero column, which has no direction.
    """
    result = np.array(array, dtype=np.float64)
    for k in range(result.shape[1]):
        largest = float(np.max(np.abs(result[:, k]), initial=0.0))
        if largest == 0.0:
            needed = "a column that is not all zeros, to scale it to unit norm"
            raise InputError(f"{argument} column {k + 1}", "all zeros", needed, f"remove it from {argument}")
        # A power of two scales exactly, and keeps the squares away from overflow and underflow.
        column = np.ldexp(result[:, k], -math.frexp(largest)[1])
        result[:, k] = column / math.sqrt(math.fsum(column * column))
    return result


def _digit_images() -> tuple[Array, Array]:
    """Pixels (1797, 64) and classes (1797,). From scikit-learn's file where it lies as usual: its import takes longer than a plan."""
    package = find_spec("sklearn")
    if package is not None and package.origin is not None:
        file = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
        if file.exists():
            table = np.loadtxt(file, delimiter=",")
            return table[:, :-1], table[:, -1]
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return images, labels


def digit_tokens(K: int, seed: int = 0) -> Array:
    """K distinct handwritten digits as columns of unit norm, shape (64, K).

    scikit-learn's bundled copy of the UCI optical digits: 1797 images of 8 x 8 pixels, each 0 to 16. The
    classes are dealt in turn, in an order drawn from the seed: any N neighbours are as balanced as can be.
    """
    _check_sizes(K=K)
    if K > DIGIT_IMAGES:
        raise InputError(
            "K", K, f"at most {DIGIT_IMAGES}, the number of images", "lower K or give your own arrays"
        )
    images, labels = _digit_images()
    rng = stream(seed, "images")
    piles = [rng.permutation(np.flatnonzero(labels == label)).tolist() for label in rng.permutation(10)]
    chosen: list[int] = []
    turn = 0
    while len(chosen) < K:
        pile = piles[turn % len(piles)]
        turn += 1
        if pile:
            chosen.append(pile.pop())
    return unit_columns(np.asarray(images, dtype=np.float64)[chosen].T)


def random_fourier(tokens: Array, m: int, bandwidth: float = DIGITS_BANDWIDTH, seed: int = 0) -> Array:
    """f(v) = √(2/m) cos(Ωv + b), shape (m, K).

    Ω (m, d) has i.i.d. N(0, 1/bandwidth²) entries and b uniform entries on [0, 2π), so that f(u)ᵀf(v) has the
    mean exp(−‖u − v‖² / (2 bandwidth²)): a fixed, bounded, non-linear map. Each entry is the exact value, rounded once to
    nearest, so that every machine has the same features.
    Reference: Rahimi & Recht, Random features for large-scale kernel machines, NeurIPS 2007.
    """
    _check_sizes(m=m)
    if not (np.isfinite(bandwidth) and bandwidth > 0):
        raise InputError(
            "bandwidth", bandwidth, "a positive number", f"{DIGITS_BANDWIDTH} suits unit-norm tokens"
        )
    d, K = tokens.shape
    _check_memory("features", m, max(d, K))
    rng = stream(seed, "random Fourier features")
    with np.errstate(over="ignore", invalid="ignore"):
        Omega = rng.standard_normal((m, d)) / bandwidth
        finite = bool(np.isfinite(Omega @ tokens).all())
    if not finite:
        needed = "a bandwidth at which ‖v‖ / bandwidth is in the range of float64"
        raise InputError("bandwidth", bandwidth, needed, f"{DIGITS_BANDWIDTH} suits unit-norm tokens")
    b = rng.uniform(0.0, 2.0 * np.pi, (m, 1))

    def features() -> list[float]:
        scale, phases = (arb(2) / m).sqrt(), balls.exact(Omega) * balls.exact(tokens)
        rows = zip(phases.tolist(), b[:, 0].tolist(), strict=True)
        return [balls.nearest(scale * (phase + shift).cos()) for row, shift in rows for phase in row]

    return np.array(balls.refine(features, lambda _: [])[0]).reshape(m, K)


def identity(tokens: Array) -> Array:
    """f(v) = v, shape (d, K): linear templates."""
    return np.array(tokens, dtype=np.float64)


def quadratic(tokens: Array) -> Array:
    """f(v) = (1, v_i, v_i v_j for i ≤ j), shape (1 + d + d(d+1)/2, K): templates of degree two."""
    d, K = tokens.shape
    _check_memory("features", 1 + d + d * (d + 1) // 2, K)
    i, j = np.triu_indices(d)
    return np.vstack([np.ones((1, K)), tokens, tokens[i] * tokens[j]])


def digits(
    N: int = DIGITS.N,
    K: int = DIGITS.K,
    m: int = DIGITS.m,
    H: int = DIGITS.H,
    tau: float = DIGITS.tau,
    beta: float = DIGITS.beta,
    seed: int = 0,
    *,
    bandwidth: float = DIGITS_BANDWIDTH,
) -> Instance:
    """The default, real dictionary: handwritten digits (64, K) with random Fourier features (m, K)."""
    tokens = digit_tokens(K, seed)
    features = random_fourier(tokens, m, bandwidth, seed)
    return Instance("digits", tokens, features, N=N, H=H, tau=tau, beta=beta, seed=seed)


def gaussian_tokens(d: int, K: int, seed: int = 0, *, unit_norm: bool = True) -> Array:
    """Standard Gaussian tokens (d, K). Without unit_norm they violate A0, and are what the paper ran."""
    _check_sizes(d=d, K=K)
    _check_memory("tokens", d, K)
    drawn = stream(seed, "Gaussian tokens").standard_normal((d, K))
    return unit_columns(drawn) if unit_norm else drawn


def gaussian_features(m: int, K: int, seed: int = 0) -> Array:
    """Standard Gaussian features (m, K), drawn apart from the tokens as in Appendix A."""
    _check_sizes(m=m, K=K)
    _check_memory("features", m, K)
    drawn: Array = stream(seed, "Gaussian features").standard_normal((m, K))
    return drawn


def synthetic(
    N: int = PAPER.N,
    K: int = PAPER.K,
    d: int = PAPER.d,
    m: int = PAPER.m,
    H: int = PAPER.H,
    tau: float = PAPER.tau,
    beta: float = PAPER.beta,
    seed: int = 0,
    *,
    unit_norm: bool = True,
) -> Instance:
    """Appendix A of the paper: Gaussian tokens (d, K) and features (m, K); by default Figure 2(a)."""
    tokens = gaussian_tokens(d, K, seed, unit_norm=unit_norm)
    features = gaussian_features(m, K, seed)
    return Instance("synthetic", tokens, features, N=N, H=H, tau=tau, beta=beta, seed=seed)
