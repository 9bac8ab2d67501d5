"""Arguments of calculus: true lines check, false ones do not, and the two arguments agree with their lines evaluated."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
import sympy as sp

from symbolic.argument import RULES, Argument, ArgumentError, Line, at_least_zero
from symbolic.double import double_check
from symbolic.indexed import Expr, number
from symbolic.proof import Proof
from symbolic.written import Written
from verify.theories.yang2024.symbolic.chi_square import chernoff, halved
from verify.theories.yang2024.symbolic.exponentials import at_most_one_less, slope
from verify.theories.yang2024.symbolic.letters import XI, index

x = sp.Symbol("x", positive=True)
y = sp.Symbol("y", nonnegative=True)
z = sp.Symbol("z", real=True)
c = sp.Symbol("c", real=True, nonzero=True)

J = index("j", "N")

ARGUMENTS = {"exponentials": at_most_one_less, "tail": chernoff, "half the tail": halved}


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        (Line("", zero=(x + y) ** 2 - x**2 - 2 * x * y - y**2), True),
        (Line("", zero=(x + y) ** 2 - x**2 - x * y - y**2), False),
        (Line("", zero=sp.diff(sp.exp(z * x), x) - z * sp.exp(z * x)), True),
        (Line("", zero=sp.diff(sp.exp(z * x), x) - x * sp.exp(z * x)), False),
        (Line("", zero=1 / (1 - x) - 1 - x / (1 - x)), True),
        (Line("", positive=(x + y) / (1 + y)), True),
        (Line("", positive=(x - y) / (1 + y)), False),
        (Line("", positive=-x / (-1 - y)), True),
        (Line("", positive=x / (1 - y)), False),
        (Line("", positive=1 / y), False),
        (Line("", positive=sp.Integer(0)), True),
        (Line("", positive=sp.Integer(0), strict=True), False),
        (Line("", positive=y, strict=True), False),
        (Line("", positive=x + y, strict=True), True),
        (Line("", nonzero=c * sp.exp(z)), True),
        (Line("", nonzero=c * z), False),
        (Line("", nonzero=c - c), False),
        (Line("", same=(XI[J] * XI[J], XI[J] ** 2, Proof())), True),
        (Line("", same=(XI[J], XI[J] ** 2, Proof())), False),
        (Line("it is so", rule="Rolle"), True),
    ],
)
def test_a_line(line: Line, holds: bool) -> None:
    assert line.holds() is holds
    assert line.checked is not bool(line.rule)
    assert ("open" in line.text()) is not holds


def test_the_slope_of_exponentials_has_no_false_twin() -> None:
    """What the kernel finds, with another sign or without the exponents, is refused by the second checker, which has a rule of its own."""
    true = slope()
    for value in (-1 * true.value, number(0), true.value + true.value):
        side = replace(true.terms[0].factors[0][0], value=value)  # type: ignore[type-var]
        false = Written(value, (side.term({}),))
        assert "the derivative is another" in double_check(false, value, Proof()).contradiction


def test_a_line_that_can_be_none() -> None:
    with pytest.raises(ArgumentError, match=r"^it is so: a line is checked once, or given by a rule$"):
        Line("it is so")
    with pytest.raises(ArgumentError, match="checked once"):
        Line("twice", zero=x, positive=x)
    with pytest.raises(ArgumentError, match=r"^by magic: magic is no declared rule$"):
        Line("by magic", rule="magic")
    with pytest.raises(ArgumentError, match="the sign of z is open"):
        at_least_zero(x + z)
    with pytest.raises(ArgumentError, match="no term of a polynomial"):
        at_least_zero(sp.exp(x))


def test_open_lines_keep_their_order() -> None:
    argument = Argument("something", (Line("a", zero=x), Line("b", zero=x - x), Line("c", positive=-x)))
    assert [line.says for line in argument.open_lines()] == ["a", "c"]
    assert argument.text() == ["a (open)", "b (checked)", "c (open)", "hence something"]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_arguments_hold_and_name_their_rules(name: str) -> None:
    argument = ARGUMENTS[name]()
    assert argument.open_lines() == []
    assert set(argument.rules()) <= set(RULES)
    assert sum(line.checked for line in argument.lines) >= 5


@pytest.mark.parametrize("name", ARGUMENTS)
def test_checked_lines_are_true_at_numbers(name: str) -> None:
    """Another road than the normal form: sixty digits at random rational values."""
    random = Random(0)
    for line in ARGUMENTS[name]().lines:
        if not line.checked:
            continue
        if line.same is not None:  # both checkers, and with one more on the right neither
            lhs, rhs, proof = line.same
            assert isinstance(rhs, Expr)
            assert double_check(lhs, rhs, proof).proved
            refused = double_check(lhs, rhs + 1, proof)
            assert refused.kernel
            assert refused.replayer
            continue
        expr = next(part for part in (line.zero, line.positive, line.nonzero) if part is not None)
        for _ in range(5):
            at = {s: sp.Rational(random.randint(1, 40), 97) for s in expr.free_symbols}
            at |= {s: 3 + value for s, value in at.items() if s.name in ("N", "N_")}
            found = sp.N(expr.subs(at), 60)
            if line.zero is not None:
                assert abs(found) < 1e-50, line.says
            elif line.positive is not None:
                assert found >= 0, line.says
            else:
                assert found != 0, line.says


@pytest.mark.parametrize(
    ("root", "linear"),
    [(1, 2), (2, 1), (0, 2), (2, 0), (Fraction(199, 100), 2), (2, Fraction(199, 100))],
)
def test_a_smaller_constant_leaves_the_last_line_open(root: Fraction, linear: Fraction) -> None:
    (left,) = chernoff(root, linear).open_lines()
    assert left.says.startswith("there the exponent")


@pytest.mark.parametrize(("root", "linear"), [(2, 2), (3, 2), (2, 5)])
def test_a_larger_constant_closes_it(root: int, linear: int) -> None:
    assert chernoff(root, linear).open_lines() == []
