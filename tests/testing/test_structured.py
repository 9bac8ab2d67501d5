"""Matrices of a stated structure: what they promise, by exact arithmetic, and what they shrink to."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import find, given, settings
from patient import patient

from verify.strategies import ill_conditioned, orthogonal, with_rank, with_spectrum

some = settings(patient, max_examples=50)


def exact(matrix: Any) -> fmpq_mat:
    return fmpq_mat(*matrix.shape, [fmpq(x.numerator, x.denominator) for x in matrix.flat])


def unit(size: int) -> fmpq_mat:
    return fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])


def is_orthogonal(matrix: Any) -> bool:
    found = exact(matrix)
    return bool(found * found.transpose() == unit(len(matrix)))


def has_spectrum(*eigenvalues: Fraction) -> Callable[[Any], bool]:
    """Whether a symmetric matrix has these eigenvalues: whether their polynomial is the characteristic one."""

    def told(matrix: Any) -> bool:
        wanted = exact(np.diag(np.array([*map(Fraction, eigenvalues)], dtype=object)))
        return bool((matrix == matrix.T).all() and exact(matrix).charpoly() == wanted.charpoly())

    return told


def has_rank(rank: int) -> Callable[[Any], bool]:
    return lambda matrix: exact(matrix).rank() == rank


KEPT: dict[str, tuple[Any, Callable[[Any], bool]]] = {
    "orthogonal": (orthogonal(3, values="exact"), is_orthogonal),
    "one by one": (orthogonal(1, values="exact"), is_orthogonal),
    "a spectrum": (with_spectrum([2, 2, Fraction(-1, 3)], values="exact"), has_spectrum(2, 2, Fraction(-1, 3))),  # type: ignore[arg-type]
    "ill-conditioned": (ill_conditioned(3, 10**8, values="exact"), has_spectrum(1, 1, Fraction(1, 10**8))),  # type: ignore[arg-type]
    "rank two": (with_rank(4, 3, 2, values="exact"), has_rank(2)),
    "full rank": (with_rank(2, 3, 2, values="exact"), has_rank(2)),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_each_matrix_is_what_its_strategy_promises(name: str) -> None:
    strategy, promised = KEPT[name]
    seen = set()

    @some
    @given(strategy)
    def run(matrix: Any) -> None:
        assert promised(matrix)
        seen.add(str(matrix))

    run()
    assert len(seen) > 10 or name == "one by one"


def test_the_promises_are_not_kept_by_any_matrix() -> None:
    other = np.array([[Fraction(1), Fraction(1)], [Fraction(0), Fraction(1)]], dtype=object)
    assert not is_orthogonal(other)
    assert not has_spectrum(Fraction(1), Fraction(1))(other)
    assert not has_rank(1)(other)


@pytest.mark.slow
def test_they_shrink_to_simple_ones() -> None:
    assert find(orthogonal(2), lambda found: True).tolist() == [[1, 0], [0, 1]]
    assert find(orthogonal(2, values="exact"), lambda found: found[0, 1] != 0).tolist() == [[0, -1], [1, 0]]
    assert find(with_spectrum([3, 1]), lambda found: True).tolist() == [[3, 0], [0, 1]]
    assert find(with_rank(2, 2, 1), lambda found: True).tolist() == [[1, 0], [0, 0]]
    assert find(ill_conditioned(2, 4), lambda found: True).tolist() == [[1, 0], [0, 0.25]]
