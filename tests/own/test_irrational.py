"""Identities between irrational letters: false ones are refuted, true ones are not, and the row says what each letter is."""

from __future__ import annotations

from functools import cache

import pytest

from verify import Setting, check, total
from verify.record import ClaimRecord


@cache
def rows() -> dict[str, ClaimRecord]:
    S = Setting("irrational letters")
    p = S.dims("p")
    i, k = p.index("i"), p.index("k")
    u = S.letters(u=p)
    P = S.letters(kind="positive definite", P=(p, p))
    s, t = S.softmax("s", u[i], i, over=i), S.softmax("t", 2 * u[i], i, over=i)
    r = S.root("r", P[i, k], i, k)
    n1, n2, n2u = S.norm("n1", u[i], i, kind="1"), S.norm("n2", u[i], i), S.norm("n2u", 2 * u[i], i)
    S.identity("squares of a softmax", t[i], s[i] ** 2)
    S.identity("squares of a root", total(r[i, i] ** 2, i), total(P[i, i], i))
    S.identity("two norms", n1, n2)
    S.identity("a norm of twice", n2u, 2 * n2)
    S.identity("shares", t[i] * total(s[k] ** 2, k), s[i] ** 2)
    return {row.id: row for row in check(S).claims}


@pytest.mark.parametrize("name", ["squares of a softmax", "squares of a root", "two norms"])
def test_a_false_one_is_refuted(name: str) -> None:
    row = rows()[name]
    assert row.verdict == "fails"
    assert row.witness is not None
    assert {"u", "P"} & row.witness.values.keys()  # the letters that were drawn


@pytest.mark.parametrize("name", ["a norm of twice", "shares"])
def test_a_true_one_is_not(name: str) -> None:
    row = rows()[name]
    assert (row.verdict, row.strength) == ("not refuted", "tested")
    assert "no cofactors" in row.evidence[0].statement


def test_the_row_says_what_the_letters_are() -> None:
    assert (
        rows()["squares of a root"].reading
        == "Here P is positive definite; r[i, k] is the symmetric root of the matrix P[i, k]."
    )
    assert rows()["two norms"].reading.endswith("n2 is the root of Sum(u[p1]**2, (p1, 1, p)).")
