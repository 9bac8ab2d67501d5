"""The proof of Proposition 1: spans of random columns, zeros of sums of exponentials, directions that separate tokens."""

from __future__ import annotations

import numpy as np
import pytest
from flint import fmpq
from small_runs import small

import verify.theories.yang2024.checks.span
import verify.theories.yang2024.checks.zeros
from verify.theories.yang2024.checks.span import (
    SMALLEST,
    Conditioned,
    Law,
    normaliser,
    orthogonal,
    probabilities,
)
from verify.theories.yang2024.checks.zeros import (
    AtMost,
    DistinctSuffice,
    NullSet,
    Sum,
    argue,
    measure,
    no_row_separates,
    project,
    separating,
)
from verify.theories.yang2024.claims import initialisation
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.symbolic.chi_square import chernoff


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


def test_spans_by_hand() -> None:
    """Two columns, neither a multiple of the other: column 1 is in the span of column 2 where they are equal."""
    assert probabilities(SMALLEST) == (fmpq(1, 2), fmpq(1, 2))
    assert probabilities(SMALLEST, coupled=True) == (fmpq(1), fmpq(1, 2))
    three = Law(tuple(tuple(fmpq(x) for x in column) for column in ((1, 1, 1), (1, 2, 1), (1, 3, 1))))
    # All three lie in one plane: any two different ones span it; two equal ones leave the other two outside.
    assert probabilities(three) == (fmpq(2, 3) + fmpq(1, 3) * fmpq(1, 3), fmpq(1))
    assert normaliser()


def test_orthogonal_vectors() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        N = int(rng.integers(2, 5))
        columns = [tuple(fmpq(int(x)) for x in rng.integers(1, 4, N)) for _ in range(N - 1)]
        basis = orthogonal(columns, N)
        assert basis
        assert all(
            sum((a * b for a, b in zip(y, x, strict=True)), fmpq(0)) == 0 for y in basis for x in columns
        )


def test_a_missing_normaliser_is_no_proof(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.theories.yang2024.checks.span, "normaliser", lambda: False)
    (found,) = Conditioned()(initialisation.CLAIMS[1], laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)


def test_merged_exponents() -> None:
    one, two = fmpq(1), fmpq(2)
    assert Sum((one, -one), (two, two)).zeros() is None
    assert Sum((one, one), (two, two)).merged() == Sum((two,), (two,))
    assert Sum((one, -two), (fmpq(0), one)).zeros() is not None
    assert measure(None, 1.0) == 1


def test_an_open_argument_proves_nothing() -> None:
    found = argue(chernoff(2, 1))
    assert (found.verdict, found.strength) == ("undecided", None)
    assert "1 lines of the argument do not check" in found.statement


def test_zeros_that_are_too_wide_certify_nothing(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify.theories.yang2024.checks.zeros, "ALLOWED", 0.0)
    (found,) = NullSet()(initialisation.CLAIMS[3], laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)


def test_the_smallest_counterexamples() -> None:
    two = AtMost(None, 2).refute()
    assert two is not None
    assert (two.sizes, two.values, two.lhs, two.rhs) == ({"N": 2}, {"c": "(-1, 1)", "a": "(0, 1)"}, "1", "0")
    equal = AtMost(None, distinct=False).refute()
    assert equal is not None
    assert (equal.sizes, equal.lhs) == ({"N": 2}, "infinitely many")
    assert AtMost(None).refute() is NullSet().refute() is None


def test_separating_directions() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        tokens = no_row_separates(rng)
        columns = list(zip(*tokens, strict=True))
        assert all(len(set(row)) < len(columns) for row in tokens)
        assert len(set(project(tokens, separating(tokens)))) == len(columns)
    with pytest.raises(ValueError, match="two tokens are equal"):
        separating([[fmpq(1), fmpq(1)], [fmpq(2), fmpq(2)]])


def test_tokens_that_no_row_separates(laboratory: Laboratory) -> None:
    (found,) = DistinctSuffice()(initialisation.CLAIMS[3], laboratory)
    assert (found.verdict, found.strength) == ("not refuted", "certified")
