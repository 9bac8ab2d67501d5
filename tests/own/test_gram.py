"""Gram blocks: exact factors, ranges and what cannot take part; statements that need them, and their false neighbours."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from benchmarks.finding.sets import lemma
from symbolic.bound import Fact
from symbolic.find import gram, inequality
from symbolic.find.sieve import Column, alive
from symbolic.indexed import scalar
from verify import Setting, total


def letters() -> tuple[Setting, dict[str, Any]]:
    S = Setting("lemmas that need Gram blocks")
    p, q = S.dims("p q")
    i, k, j = p.index("i"), p.index("k"), q.index("j")
    u, v, a = S.letters(u=p, v=p, a=p)
    X = S.letters(X=(p, q))
    c, e, f = S.letters(c=(), e=(), f=())
    s = S.letters(kind="simplex", s=p)
    P = S.letters(kind="positive semidefinite", P=(p, p))
    tau = S.scalars("tau")
    M = S.inverse("M", total(X[i, j] * X[k, j], j) + tau * sp.KroneckerDelta(i, k), i, k)
    return S, dict(locals(), total=total)


TRUE = {
    "three numbers": ("(c - 2 * e + 3 * f) ** 2", "14 * (c ** 2 + e ** 2 + f ** 2)"),
    "a form of degree four": (
        "4 * c ** 2 * e ** 2 + 10 * c * e ** 3", "c ** 4 + 6 * c ** 3 * e + 10 * c ** 2 * e ** 2 + 5 * e ** 4",
    ),
    "three vectors": (
        "total(s[i] * (2 * u[i] * c + 4 * a[i] * c - 2 * u[i] * a[i]), i)", "total(s[i] * (2 * u[i] ** 2 + 5 * a[i] ** 2 + c ** 2), i)",
    ),
    "a weighted quadratic form": (
        "2 * total(u[i] * P[i, k] * v[k], i, k)", "3 * total(u[i] * P[i, k] * u[k], i, k) + total(v[i] * P[i, k] * v[k], i, k) / 3",
    ),
    "variance on the simplex": (
        "total(s[i] * v[i] ** 2, i) - total(s[i] * v[i], i) ** 2", "total(v[i] ** 2, i) / 2",
    ),
    "trace of the hat matrix": ("total(M[i, k] * X[i, j] * X[k, j], i, k, j)", "q.size"),
}  # fmt: skip
FALSE = {
    "three numbers, thirteen": ("(c - 2 * e + 3 * f) ** 2", "13 * (c ** 2 + e ** 2 + f ** 2)"),
    "a form of degree four, four": (
        "4 * c ** 2 * e ** 2 + 10 * c * e ** 3", "c ** 4 + 6 * c ** 3 * e + 10 * c ** 2 * e ** 2 + 2 * e ** 4",
    ),
    "variance on the simplex, two fifths": (
        "total(s[i] * v[i] ** 2, i) - total(s[i] * v[i], i) ** 2", "2 * total(v[i] ** 2, i) / 5",
    ),
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", TRUE)
def test_found_with_blocks_and_not_without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = lemma(name, "<=", *TRUE[name], letters)
    found = statement.found(inequality.BUDGETS["fast"])
    assert isinstance(found, Fact)
    assert statement.accepted(found)
    if name != "trace of the hat matrix":  # where without blocks three thousand candidates are tried
        monkeypatch.setattr(gram, "certificate", lambda table, entries: None)
        assert statement.found(inequality.BUDGETS["fast"]) is None


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", FALSE)
def test_nothing_is_found_of_a_false_neighbour(name: str) -> None:
    assert lemma(name, "<=", *FALSE[name], letters).found(inequality.BUDGETS["fast"]) is None


@pytest.mark.slow
@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", FALSE)
def test_a_matrix_that_is_not_semidefinite_proves_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Factors of another matrix are refused by the kernel."""
    asked = 0

    def factored(matrix: list[list[Fraction]]) -> list[tuple[Fraction, list[Fraction]]]:
        nonlocal asked
        asked += 1
        size = range(len(matrix))
        return [(max(matrix[i][i], Fraction(1)), [Fraction(int(i == j)) for j in size]) for i in size]

    monkeypatch.setattr(gram, "factored", factored)
    monkeypatch.setattr(gram, "RANKS", (1e-5,))
    assert lemma(name, "<=", *FALSE[name], letters).found(inequality.BUDGETS["fast"]) is None


def test_factors_add_up_to_the_matrix() -> None:
    matrix = [
        [Fraction(4), Fraction(2), Fraction(0)],
        [Fraction(2), Fraction(1), Fraction(0)],
        [Fraction(0), Fraction(0), Fraction(3)],
    ]
    factors = gram.factored(matrix)
    assert factors is not None
    assert [value for value, _ in factors] == [4, 3]
    assert [[sum(d * line[i] * line[j] for d, line in factors) for j in range(3)] for i in range(3)] == matrix


@pytest.mark.parametrize("rows", [((1, 2), (2, 1)), ((0, 1), (1, 5)), ((-1, 0), (0, 1))])
def test_no_factors_where_the_matrix_is_not_semidefinite(rows: tuple[tuple[int, int], ...]) -> None:
    assert gram.factored([[Fraction(value) for value in row] for row in rows]) is None


def test_the_range_is_of_fractions() -> None:
    one, other = np.array([1.0, 0.5, 1 / 3]), np.array([0.0, 1.0, -2.0])
    square = 5 * np.outer(one, one) + np.outer(other, other)
    found = gram.span(square, 1e-6)
    assert found is not None
    rows, pivots = found
    assert len(rows) == len(pivots) == 2
    for row in rows:  # each is a combination of the two
        matrix = np.array([one, other, [float(value) for value in row]])
        assert abs(np.linalg.det(matrix)) < 1e-9
    assert gram.span(np.outer(one * [1, 1, 2**0.5], one * [1, 1, 2**0.5]), 1e-6) is None


def test_what_nothing_cancels_takes_no_part() -> None:
    x, y, z = scalar("x"), scalar("y"), scalar("z")
    columns = [
        Column(x**2, ("x",), True),
        Column(y**2, ("y",), True),
        Column(x * y, ("x", "y"), False),
        Column(z - y**2, ("use",), False),
        Column(z**2, ("z",), True),
    ]
    assert alive(x**2 + x * y, columns) == {"x"}
    assert alive(x**2 + z, columns) == {"x", "y", "use"}
