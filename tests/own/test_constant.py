"""The least constant of an inequality: its interval is sound at both ends, sharp for known ones, and open where there is no constant."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from chained import statement
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.finding.sought import value
from numeric.errors import InputError
from symbolic.bound import Fact
from symbolic.find import inequality
from symbolic.find.least import root_above
from symbolic.proof import Axiom
from verify import Setting, check, total
from verify.own.constant import Constant

S = Setting("constants")
p = S.dims("p")
i = p.index("i")
u, v = S.letters(u=p, v=p)
s = S.letters(kind="simplex", s=p)
tau = S.scalars("tau")
nu, nv, nuv = S.norm("nu", u[i], i), S.norm("nv", v[i], i), S.norm("nuv", u[i] + v[i], i)

SHARP = {
    "means": (total(u[i], i) ** 2, p.size * total(u[i] ** 2, i), 1),
    "Young": (total(u[i] * v[i], i), total(u[i] ** 2, i) + total(v[i] ** 2, i), Fraction(1, 2)),
    "parallelogram": (nuv**2, nu**2 + nv**2, 2),
    "triangle": (nuv, nu + nv, 1),
    "simplex": (total(s[i] ** 2, i), sp.Integer(1), 1),
    "a scalar": (3 * tau, tau + 1, 3),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", SHARP)
def test_known_constants_are_found(name: str) -> None:
    lhs, rhs, least = SHARP[name]
    found = S.find_constant("c", lhs, rhs)
    assert found.high == least
    assert found.proof
    assert found.low is not None
    assert least * (1 - Fraction(1, 10**6)) <= found.low < least
    assert found.witness is not None


def test_bounds_of_letters_lead_to_a_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far softmax moves by the largest difference of the scores; nothing is found without bounds."""
    one = statement("softmax of bounded scores", "far ** 2")
    axioms = [what for what in one.premises if isinstance(what, Axiom)]
    facts = [what for what in one.premises if isinstance(what, Fact)]
    positive = frozenset(one.setting.premises.positive)

    def least() -> Fraction | None:
        return inequality.least(value(one.lhs), value(one.rhs), (), axioms, facts, positive, Fraction(1))

    assert least() == Fraction(1, 2)
    monkeypatch.setattr(inequality, "bounds_of", lambda *given: ())
    assert least() is None


@pytest.mark.slow
def test_both_ends_are_what_the_checks_of_a_statement_say() -> None:
    lhs, rhs, _ = SHARP["parallelogram"]
    found = S.find_constant("c", lhs, rhs)
    assert found.low is not None
    assert found.high is not None
    again = Setting("again")
    q = again.dims("q")
    j = q.index("j")
    x, y = again.letters(x=q, y=q)
    nx, ny, nxy = again.norm("nx", x[j], j), again.norm("ny", y[j], j), again.norm("nxy", x[j] + y[j], j)
    for name, c in (("low", found.low), ("high", found.high)):
        again.inequality(name, nxy**2, sp.Rational(c.numerator, c.denominator) * (nx**2 + ny**2))
    low, high = check(again).claims
    assert (low.verdict, high.verdict, high.strength) == ("fails", "holds", "proved")


def test_no_constant_is_claimed_where_there_is_none() -> None:
    found = S.find_constant("c", total(u[i], i) ** 2, total(u[i] ** 2, i))
    assert (found.high, found.proof) == (None, ())
    assert found.low is not None
    assert found.low > 10  # it grows with p
    assert (
        str(found) == "the least constant: c > 11.99999 by a counterexample; no proof is found for any number"
    )


def test_what_no_number_helps_is_unbounded_as_far_as_is_seen() -> None:
    found = S.find_constant("c", nu, nu - nv)
    assert found.high is None
    assert found.low == 10**9


def test_a_left_side_that_is_never_positive_needs_no_constant() -> None:
    found = S.find_constant("c", -(nu**2), nv**2)
    assert (found.low, found.witness, found.high) == (None, None, 0)


def test_a_point_with_a_negative_right_side_is_no_lower_end() -> None:
    """−2τ ≤ −cτ holds with c = 0 and fails with c = 3, so that a larger number helps nobody."""
    found = S.find_constant("c", -2 * tau, -tau)
    assert (found.low, found.witness, found.high) == (None, None, 0)


def test_conditions_count() -> None:
    free = S.find_constant("c", nu, nv + 1)
    bounded = S.find_constant("c", nu, nv + 1, when=[nu <= 2])
    assert free.high is None
    assert (bounded.high, bounded.low is not None and bounded.low > Fraction(3, 2)) == (2, True)


def test_the_same_twice() -> None:
    lhs, rhs, _ = SHARP["Young"]
    one, two = (S.find_constant("c", lhs, rhs) for _ in "12")
    assert one == two
    assert isinstance(one, Constant)
    assert str(one) == "the least constant: c > 0.4999999 by a counterexample; c <= 0.5 by a proof"


def test_nothing_is_added_to_the_setting() -> None:
    before = dict(S.statements)
    S.find_constant("c", nu, nu)
    assert S.statements == before


@pytest.mark.parametrize(
    ("given_", "line"),
    [
        ({"lhs": nu, "rhs": 0}, "c = 0 as the right side: needs a right side that a constant can enlarge"),
        ({"lhs": nu, "rhs": nv, "tier": "slow"}, "tier = 'slow': needs fast or full"),
        ({"lhs": nu, "rhs": nv, "seed": -1}, "seed = -1: needs a whole number"),
        ({"lhs": sp.sin(nu), "rhs": nv}, "sin"),
    ],
)
def test_wrong_use_is_one_line(given_: dict[str, object], line: str) -> None:
    with pytest.raises(InputError) as error:
        S.find_constant("c", **given_)  # type: ignore[arg-type]
    assert line in str(error.value)
    assert "\n" not in str(error.value)


@settings(deadline=None)
@given(st.fractions(min_value=0, max_value=10**6))
def test_a_root_is_never_below(square: Fraction) -> None:
    root = root_above(square)
    assert square <= root**2
    assert root - Fraction(1, 10**10) <= 0 or (root - Fraction(1, 10**10)) ** 2 < square or root**2 == square
