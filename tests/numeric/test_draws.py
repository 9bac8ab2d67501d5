"""Draws are numpy's own wherever numpy's are the same on every machine, and coarse elsewhere; instances have one digest."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
import pytest
from flint import arb

from numeric import balls
from numeric.draws import BITS, TAIL, coarse, draws, keyed
from verify.theories.yang2024.numeric.dictionaries import (
    DIGITS_BANDWIDTH,
    digit_tokens,
    digits,
    random_fourier,
    stream,
    synthetic,
)


def of(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, 7])


def test_normal_draws_are_those_of_numpy_but_for_the_tail() -> None:
    theirs, mine = of(3).standard_normal((50_000, 6)), draws(3, 7).standard_normal((50_000, 6))
    tail = np.abs(theirs) >= TAIL
    assert 30 < tail.sum() < 150  # 77 of 300,000 are expected
    assert np.array_equal(mine[~tail], theirs[~tail])
    assert (mine[tail] != theirs[tail]).all()
    assert np.array_equal(mine[tail], coarse(theirs[tail]))
    assert draws(3, 7).standard_normal() == mine[0, 0]


def test_uniform_and_laplace_draws_are_those_of_numpy() -> None:
    assert np.array_equal(draws(1, 7).uniform(-2, 3, (4, 5)), of(1).uniform(-2, 3, (4, 5)))
    theirs, mine = of(1).laplace(0.5, 2.0, 1000), draws(1, 7).laplace(0.5, 2.0, 1000)
    np.testing.assert_allclose(mine, theirs, atol=2.0**-BITS * 30, rtol=0)
    assert abs(math.log10(draws(4).decades(-30, -20)) + 25) <= 5


@pytest.mark.parametrize("value", [1e300, -1e-300, 1 / 3, 0.0, 5e-324, -math.pi])
def test_coarse_numbers_have_24_bits_and_no_last_bit_counts(value: float) -> None:
    found = float(coarse(value))
    assert abs(found - value) <= abs(value) * 2.0**-BITS
    assert coarse(found) == found
    assert int(math.ldexp(math.frexp(found)[0], BITS)) == math.ldexp(math.frexp(found)[0], BITS)
    if abs(value) > 1e-307:
        assert coarse(np.nextafter(value, np.inf)) == coarse(np.nextafter(value, -np.inf)) == found


def test_heads_can_be_drawn_one_by_one() -> None:
    assert np.array_equal(digits().Q0(5), 20 * keyed(0, 5).standard_normal((64, 64)))


def test_features_are_the_exact_values_rounded_once() -> None:
    """Against 200-digit arithmetic: no float64 is nearer to the exact value."""
    tokens, m = digit_tokens(7), 9
    found, rng = random_fourier(tokens, m), stream(0, "random Fourier features")
    Omega, b = rng.standard_normal((m, 64)) / DIGITS_BANDWIDTH, rng.uniform(0, 2 * np.pi, (m, 1))
    with balls.precision(664):
        for (i, k), value in np.ndenumerate(found):
            phase = sum((arb(x) * arb(v) for x, v in zip(Omega[i], tokens[:, k], strict=True)), arb(b[i, 0]))
            exact = (arb(2) / m).sqrt() * phase.cos()
            for other in (math.nextafter(value, -2), math.nextafter(value, 2)):
                assert abs(exact - value) < abs(exact - other)


def drawn(instance: Any) -> str:
    """SHA-256 of the initial matrices Q_h, which the digest names by their seed alone."""
    state = hashlib.sha256()
    for Q in instance.heads():
        state.update(Q.tobytes())
    return state.hexdigest()


@pytest.mark.parametrize(
    ("build", "digest", "heads"),
    [
        (
            digits,
            "69ae7fdcb66cf6dedbc094937bb38a4fc7faccd3abd3e1944fdaaee71327cf5b",
            "2447b2968facd8847ec8170416f8e08e2f9a86191a63943653b27c4295f8dad7",
        ),
        (
            lambda: digits(seed=3),
            "0504ec4211c5e98af9ed6193ccccb92545a6e0374519cbad84a8532e40e0665d",
            "349656013cbafaeac311518ec9b05815513207e8a27d5405291f8300ef66cc63",
        ),
        (
            synthetic,
            "bdd4289cfeec618dbb1ecccfbbaf844d7734a19e942711d64c66b33a4eb39f4a",
            "f7188da31004917deb33ff5794d7a2bb340effa5afc76f9743638bc1ae137474",
        ),
        (
            lambda: synthetic(unit_norm=False),
            "e2f5a432178beed3a528ca17687aa764feae41aa1cf511d51bd162dc17ef0ebb",
            "f7188da31004917deb33ff5794d7a2bb340effa5afc76f9743638bc1ae137474",
        ),
    ],
    ids=["digits", "digits, seed 3", "synthetic", "synthetic, not of unit norm"],
)
def test_an_instance_is_the_same_on_every_machine(build: Any, digest: str, heads: str) -> None:
    """Constants: whatever processor, library of C or kernel computes them."""
    instance = build()
    assert (instance.digest, drawn(instance)) == (digest, heads)
