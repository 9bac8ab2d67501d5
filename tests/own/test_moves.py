"""Each move of the search for certificates finds a proof that is found by no other, and none of a false twin."""

from __future__ import annotations

import pytest

from benchmarks.finding import classical
from benchmarks.finding.sets import lemma
from symbolic.dimension import Dimension
from symbolic.find import inequality
from symbolic.find.degrees import Degrees
from symbolic.find.differences import Shortened, differences
from symbolic.indexed import Index, Tensor
from verify import check, total

HAT = classical.HAT
# The move: a true statement, and the left side and the right one of a false twin.
MOVES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "a letter for a difference": (
        ("total(total(X[i, j] * (w[j] - t[j]), j) ** 2, i)", "total(X[i, j] ** 2, i, j) * total((w[j] - t[j]) ** 2, j)"),
        ("total(total(X[i, j] * (w[j] - t[j]), j) ** 2, i)", "total(X[i, j] ** 2, i, j) * total(w[j] ** 2 + t[j] ** 2, j)"),
    ),
    "a letter for a difference of vectors of other slots": (
        ("total(total(s[i] * (X[i, j] - w[j]), i) ** 2, j)",
         "total(s[i] * total((X[i, j] - w[j]) ** 2, j), i)"),
        ("total(total(s[i] * (X[i, j] - w[j]), i) ** 2, j)", "total(s[i] * total((X[i, j] - w[j]) ** 2, j), i) / 2"),
    ),
    "a vector before a product of matrices": (
        (f"total(w[j] * {HAT} * w[n], j, n)", "total(w[j] ** 2, j)"), (f"total(w[j] * {HAT} * w[n], j, n)", "total(w[j] ** 2, j) / 2"),
    ),
    "a fact at a unit vector": (("0", "P[i, i]"), ("0", "P[i, k]")),
    "a fact at a unit vector and another": (("X[i, j] ** 2", "sX ** 2"), ("X[i, j] ** 2", "sX ** 2 / 2")),
    "one of the terms of a sum of nonnegative ones": (("z[i]", "1"), ("z[i]", "Rational(1, 2)")),
    "the mean value theorem along a vector": (
        ("total((y[i] - z[i]) ** 2, i)", "total((u[i] - v[i]) ** 2, i) / 4"),
        ("total((y[i] - z[i]) ** 2, i)", "total((u[i] - v[i]) ** 2, i) / 9"),
    ),
}  # fmt: skip


def letters() -> tuple[object, dict[str, object]]:
    S, names = classical.matrices()
    return S, names | {"t": S.letters(t=names["q"])}


@pytest.mark.parametrize("move", MOVES)
def test_a_proof_is_found_and_both_checkers_accept_it(move: str) -> None:
    statement = lemma(move, "<=", *MOVES[move][0], letters)  # type: ignore[arg-type]
    found = statement.found(inequality.BUDGETS["fast"])
    assert found is not None
    assert statement.accepted(found)


@pytest.mark.parametrize("move", MOVES)
def test_nothing_is_found_for_a_false_twin(move: str) -> None:
    assert lemma(move, "<=", *MOVES[move][1], letters).found(inequality.QUICK) is None  # type: ignore[arg-type]


@pytest.mark.slow
def test_softmax_is_half_lipschitz_by_a_rule_that_is_named() -> None:
    S, names = classical.matrices()
    y, z, u, v, i = (names[name] for name in "yzuvi")
    S.inequality("Lipschitz", total((y[i] - z[i]) ** 2, i), total((u[i] - v[i]) ** 2, i) / 4)
    (row,) = check(S).claims
    said = next(one.statement for one in row.evidence if one.check == "prove")
    assert (row.verdict, row.strength) == ("holds", "proved")
    assert "Rules of analysis: mean value theorem along a vector." in said


def test_a_difference_makes_a_target_shorter_and_is_written_out_again() -> None:
    """‖X(w − t)‖² has six terms in w and t, and one in w − t."""
    statement = lemma("difference", "<=", *MOVES["a letter for a difference"][0], letters)  # type: ignore[arg-type]
    short = Shortened.of(statement.gap, (), ())
    assert short is not None
    assert [one.whole.name for one in short.differences] == ["t - w"]
    assert (len(statement.gap.terms), len(short.target.terms)) == (6, 2)
    (one,) = short.differences
    assert one.written_out(short.target) == statement.gap


def test_what_has_other_degrees_than_the_target_is_told_from_the_letters() -> None:
    statement = lemma("means", "<=", "total(w[j], j) ** 2", "q.size * total(w[j] ** 2, j)", letters)  # type: ignore[arg-type]
    fourth = lemma("fourth", "<=", "0", "total(w[j] ** 4, j)", letters).gap  # type: ignore[arg-type]
    degrees = Degrees([statement.gap])
    (of_target,) = {degrees.of(monomial) for monomial in statement.gap.terms}
    (other,) = {degrees.of(monomial) for monomial in fourth.terms}
    assert other == tuple(2 * degree for degree in of_target) != of_target


def test_an_index_that_stands_twice_beside_a_difference_is_one_index() -> None:
    """y[i, j, j] has one free index beside those of x[i]."""
    p = Dimension("p")
    i, j = Index("i", p), Index("j", p)
    x, y = Tensor("x", (p,)), Tensor("y", (p, p, p))
    assert differences([(x[(i,)] * y[(i, j, j)]).sum(i)]) == []  # x − y makes nothing shorter


def test_a_difference_is_seen_where_weights_are_gone() -> None:
    """Σ_i s_ik (v_ij − m_jk)²: the term m² has no weight, since the weights sum to one."""
    p, q, r = Dimension("p"), Dimension("q"), Dimension("r")
    i, j, k = Index("i", p), Index("j", q), Index("k", r)
    s, v, m = Tensor("s", (p, r), unit_sum=0, nonneg=True), Tensor("v", (p, q)), Tensor("m", (q, r))
    spread = (s[i, k] * (v[i, j] - m[j, k]) ** 2).sum(i, j)
    (one, *_) = differences([spread])
    assert (one.x, one.y) == (v, m)
    assert len(one.shorter(spread).terms) == 1
