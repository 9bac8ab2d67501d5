"""Tokens and features: unit norm to the letter of A0, distinct, balanced, repeatable."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_digits

from numeric.errors import InputError
from verify.theories.yang2024.numeric import dictionaries
from verify.theories.yang2024.numeric.dictionaries import (
    digit_tokens,
    digits,
    gaussian_tokens,
    identity,
    quadratic,
    random_fourier,
    synthetic,
    unit_columns,
)
from verify.theories.yang2024.numeric.instance import Array, TaskLaw

UNIT = Fraction(1, 2**50)


def worst_norm(tokens: Array) -> Fraction:
    """max | ‖v‖² − 1 | over exact rationals."""
    return max(abs(sum(Fraction(x) ** 2 for x in column) - 1) for column in tokens.T.tolist())


def test_the_default_is_as_stated() -> None:
    instance = digits()
    assert (instance.N, instance.K, instance.m, instance.H, instance.d) == (6, 20, 10, 96, 64)
    assert (instance.tau, instance.beta, instance.m * instance.tau) == (0.1, 20.0, 1.0)
    assert worst_norm(instance.tokens) <= UNIT
    assert instance.m > instance.N


def test_all_digits_are_distinct_and_of_unit_norm() -> None:
    tokens = digit_tokens(dictionaries.DIGIT_IMAGES)
    assert worst_norm(tokens[:, :300]) <= UNIT
    assert np.unique(tokens, axis=1).shape == tokens.shape


def test_classes_are_balanced_wherever_one_looks() -> None:
    images, labels = load_digits(return_X_y=True)
    found = {unit.tobytes(): label for unit, label in zip(unit_columns(images.T).T, labels, strict=True)}
    drawn = [int(found[column.tobytes()]) for column in digit_tokens(100, seed=4).T]
    for start in range(len(drawn) - 10):
        assert len(set(drawn[start : start + 10])) == 10
    assert drawn[:10] != [int(found[column.tobytes()]) for column in digit_tokens(10, seed=5).T]


def test_some_pixel_tells_the_default_prompt_apart() -> None:
    assert any(len(set(row)) == 6 for row in digits().V.tolist())


@pytest.mark.parametrize("build", [digits, synthetic])
def test_the_seed_decides_everything(build: Any) -> None:
    small = {"N": 2, "K": 5, "m": 3, "H": 2}
    assert build(**small, seed=7).digest == build(**small, seed=7).digest
    one, other = build(**small, seed=7), build(**small, seed=8)
    assert not np.array_equal(one.tokens, other.tokens)
    assert not np.array_equal(one.features, other.features)


def test_more_tokens_begin_with_the_same_ones() -> None:
    assert np.array_equal(digit_tokens(30)[:, :20], digit_tokens(20))
    assert np.array_equal(random_fourier(digit_tokens(30), 10)[:, :20], digits().features)


def test_the_paper_sizes() -> None:
    paper = synthetic(unit_norm=False)
    assert (paper.N, paper.K, paper.d, paper.m, paper.H, paper.tau) == (30, 200, 100, 20, 64, 0.01)
    assert worst_norm(paper.tokens) > Fraction(1, 10)
    assert worst_norm(synthetic(K=40).tokens) <= UNIT


def test_gaussian_entries_are_standard() -> None:
    entries = gaussian_tokens(100, 400, unit_norm=False).ravel()
    count = entries.size
    assert abs(entries.mean()) < 4 / np.sqrt(count)
    assert abs(entries.var() - 1) < 4 * np.sqrt(2 / count)


def test_tokens_and_features_are_drawn_apart() -> None:
    instance = synthetic(d=20, m=20, unit_norm=False)
    assert abs(np.corrcoef(instance.tokens.ravel(), instance.features.ravel())[0, 1]) < 0.1


@settings(deadline=None, max_examples=100)
@given(
    arrays(
        np.float64, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=st.floats(-1e308, 1e308)
    ).filter(lambda drawn: bool(np.all(np.any(drawn != 0, axis=0))))
)
def test_unit_norm_is_exact_to_its_bound(drawn: Array) -> None:
    assert worst_norm(unit_columns(drawn)) < UNIT


def test_random_fourier_features_approach_the_gaussian_kernel() -> None:
    """Each product of cosines, times two, has a variance of at most 3/2 + ... < 4."""
    tokens = digit_tokens(6)
    m, bandwidth = 10_000, 0.7
    features = random_fourier(tokens, m, bandwidth)
    squares = np.sum((tokens[:, :, None] - tokens[:, None, :]) ** 2, axis=0)
    assert np.max(np.abs(features.T @ features - np.exp(-squares / (2 * bandwidth**2)))) < 4 * 2 / np.sqrt(m)


def test_random_fourier_features_follow_their_formula() -> None:
    """The phase of one token is that of half the doubled token: f is a function of v, the same at every v."""
    tokens = gaussian_tokens(3, 4)
    features = random_fourier(tokens, 5, 0.3, seed=2)
    repeated = random_fourier(tokens[:, [1, 1, 3]], 5, 0.3, seed=2)
    np.testing.assert_allclose(repeated, features[:, [1, 1, 3]], rtol=1e-13)
    assert np.max(np.abs(features)) <= np.sqrt(2 / 5)
    wide = random_fourier(tokens, 5, 1e9, seed=2)
    np.testing.assert_allclose(wide, wide[:, [0, 0, 0, 0]], rtol=1e-6)


def test_quadratic_features_hold_every_monomial_once() -> None:
    tokens = np.array([[2.0], [3.0], [5.0]])
    assert quadratic(tokens).ravel().tolist() == [1, 2, 3, 5, 4, 6, 10, 9, 15, 25]
    assert np.array_equal(identity(tokens), tokens)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: digits(K=0), "K = 0: needs a whole number of at least 1; set K to 1 or more"),
        (lambda: digits(K=1798), "K = 1798: needs at most 1797, the number of images; lower K or give"),
        (lambda: digits(m=0), "m = 0: needs a whole number of at least 1; set m to 1 or more"),
        (lambda: digits(m=10**12), "features shape = (1000000000000, 64): needs 1.36 PiB of memory, and "),
        (lambda: digits(bandwidth=0.0), "bandwidth = 0.0: needs a positive number; 0.5 suits unit-norm"),
        (lambda: digits(seed=-1), "seed = -1: needs a whole number from 0 to 2^63 - 1; pass --seed 0"),
        (lambda: digits(seed=True), "seed = True: needs a whole number from 0 to 2^63 - 1; pass --seed 0"),
        (lambda: digits(N=21), "N = 21: needs at most K = 20; label fewer tokens"),
        (lambda: synthetic(d=0), "d = 0: needs a whole number of at least 1; set d to 1 or more"),
        (lambda: synthetic(K=10**12), "tokens shape = (100, 1000000000000): needs 2.13 PiB of memory, and "),
        (lambda: synthetic(m=2.5), "m = 2.5: needs a whole number"),  # type: ignore[arg-type]
        (lambda: unit_columns(np.zeros((2, 1))), "tokens column 1 = all zeros: needs a column that is not"),
    ],
)
def test_errors_name_argument_value_and_remedy(build: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        build()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("kind", ["gaussian", "rademacher", "uniform", "laplace"])
@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.0, 2.0), (-0.5, 0.0)])
def test_task_laws_have_their_moments(kind: Any, mean: float, std: float) -> None:
    law, count, m = TaskLaw(kind, mean, std), 20_000, 3
    drawn = law.sample(np.random.default_rng(1), count, m)
    assert drawn.shape == (count, m)
    products = np.einsum("ni,nj->nij", drawn, drawn)
    for sample, expected in ((drawn, np.full(m, mean)), (products, law.second_moment(m))):
        error = 5 * sample.std(axis=0) / np.sqrt(count) + 1e-12
        assert np.all(np.abs(sample.mean(axis=0) - expected) <= error)


def test_the_four_laws_differ() -> None:
    drawn = [TaskLaw(kind).sample(np.random.default_rng(0), 5000, 1) for kind in ("rademacher", "uniform", "gaussian", "laplace")]  # type: ignore[arg-type]  # fmt: skip
    fourth = [float(np.mean(sample**4)) for sample in drawn]
    assert all(low < high for low, high in pairwise(fourth))
