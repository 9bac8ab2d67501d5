"""Conditions of a statement: a counterexample meets them, and what is so wherever they hold is not refuted."""

from __future__ import annotations

import pytest
import sympy as sp

from verify import InputError, Setting, check, total
from verify.own.terms import supposed
from verify.record import ClaimRecord

S = Setting("conditions")
p = S.dims("p")
i = p.index("i")
u = S.letters(u=p)
a, b = S.scalars("a b")
ONE, ZERO = [a <= 1, a >= 1], [total(u[i], i) <= 0, total(u[i], i) >= 0]
TRUE = {
    "at a = 1": (a * b, b, ONE),
    "at a sum of 0": (total(u[i], i) * a, 0, ZERO),
}
FALSE = {
    "at a = 1": (a * b, 2 * b, ONE), "at a sum of 0": (total(u[i] ** 2, i), 0, ZERO),
    "between": (a, b, [a < 1, b < 1]),
}  # fmt: skip


def judged(lhs: sp.Expr, rhs: sp.Expr, when: list[sp.Basic]) -> ClaimRecord:
    S.statements.clear()
    S.identity("x", lhs, rhs, when=when)
    return check(S).claims[0]


@pytest.mark.usefixtures("verdicts_alone")
@pytest.mark.parametrize("name", TRUE)
def test_an_identity_that_follows_from_its_equations_is_proved(name: str) -> None:
    row = judged(*TRUE[name])
    assert (row.verdict, row.strength) == ("holds", "proved")
    assert row.witness is None


@pytest.mark.usefixtures("verdicts_alone")
@pytest.mark.parametrize("name", FALSE)
def test_a_false_one_is_refuted_where_they_hold(name: str) -> None:
    row = judged(*FALSE[name])
    assert (row.verdict, row.refutation) == ("fails", "exact witness")
    assert row.witness is not None
    values = {
        name: [sp.Rational(x) for x in text.strip("()").split(", ")]
        for name, text in row.witness.values.items()
    }
    match name:
        case "at a = 1":
            assert values["a"] == [1]
        case "at a sum of 0":
            assert sum(values["u"]) == 0
        case "between":
            assert max(values["a"][0], values["b"][0]) < 1


@pytest.mark.usefixtures("verdicts_alone")
def test_the_evidence_says_how_often_the_conditions_hold() -> None:
    S.statements.clear()
    S.inequality("x", total(u[i] ** 2, i) * a, a, when=[total(u[i] ** 2, i) <= 1])
    (row,) = check(S).claims
    certified, searched = (one.statement for one in row.evidence if one.check in ("certify", "search"))
    assert " points as they were drawn, and at " in certified
    assert "of the points that were drawn and moved towards them." in searched


def test_what_is_supposed_nowhere_is_vacuous() -> None:
    S.statements.clear()
    S.inequality("x", a, b, when=[a <= 1, a >= 2])
    (row,) = check(S).claims
    assert row.verdict == "vacuous"


def test_an_equation_of_sympy_is_two_conditions() -> None:
    S.statements.clear()
    S.identity("as an equation", a * b, b, when=[sp.Eq(a, 1)])
    S.identity("as a pair", a * b, b, when=[a <= 1, a >= 1])
    one, other = (S.statements[name].when for name in S.statements)
    assert one == other


@pytest.mark.slow
@pytest.mark.usefixtures("verdicts_alone")
def test_a_statement_is_shown_with_its_conditions() -> None:
    S.statements.clear()
    S.inequality("strict", a * b, 4, when=[a <= 2, b < 2])
    S.inequality("entries", total(u[i], i), p.size, when=[u[i] <= 1, total(u[i], i) <= a])
    strict, entries = check(S).claims
    for row in (strict, entries):
        assert row.statement == row.formal
        assert "<mtext>if</mtext>" in row.statement[0].mathml
        assert "supposed" not in row.reading
    assert strict.statement[0].latex.endswith(r"\leq 4 \quad\text{if}\quad a \le 2\text{ and }b < 2")
    assert (
        r"u_{i} \le 1\text{ for every }i\text{ and }\sum_{i=1}^{p} u_{i} \le a" in entries.statement[0].latex
    )


@pytest.mark.whole
def test_a_false_variant_whose_index_does_not_fit_a_condition_is_left_out() -> None:
    """The free index is over one part; over the other one the condition on z cannot be read."""
    S = Setting("parts")
    K = S.dim("K", "N U")
    m = K.parts[1].index("m")
    x, y = S.letters(x=K, y=K)
    z = S.letters(z=K.parts[1])
    S.identity("same", x[m], y[m], when=[x[m] <= y[m], y[m] <= x[m], z[m] >= 0])
    (row,) = check(S).claims
    assert row.verdict != "fails"


@pytest.mark.usefixtures("verdicts_alone")
def test_a_condition_in_other_words_above_costs_no_proof() -> None:
    """The same condition stands in both statements under two names."""
    S = Setting("twice")
    c, d = S.scalars("c", positive=False), S.scalars("d", positive=False)
    S.inequality("above", 2, 2 * c + d**2, when=[c >= 1])
    S.inequality("below", 2, 2 * c + d**2, when=[c - 1 >= 0])
    assert [row.strength for row in check(S).claims] == ["proved", "proved"]


@pytest.mark.parametrize(
    ("factor", "low", "strength"),
    [(1, 1, "proved"), (2, 1, None), (1, 2, None)],
    ids=["the condition", "twice the condition", "another condition"],
)
def test_a_proof_may_name_what_a_condition_says(factor: int, low: int, strength: str | None) -> None:
    """a(1 − a) is the difference of the sides; twice that is not, nor is what the statement does not suppose."""
    S = Setting("given")
    tau = S.scalars("tau")
    S.inequality("small", tau**2, tau, when=tau <= 1, proof=factor * tau * supposed(tau <= low))
    if low == 2:
        with pytest.raises(InputError):
            check(S, controls=False)
        return
    (row,) = check(S, controls=False).claims
    assert row.strength == strength or (strength is None and row.strength not in ("proved", "proved given"))
