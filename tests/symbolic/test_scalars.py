"""Scalars that an equation defines are cleared from a certificate by explicit cofactors."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbolic.bound import BoundError, Weight
from symbolic.check import check
from symbolic.indexed import Expr, number, scalar
from verify.theories.yang2024.symbolic.scalars import (
    ROOT2,
    clear,
    closed,
    defines,
    inverse,
    power_of,
    root2_above_one,
    root2_below_two,
    square_of_root2,
)

sigma, zeta, K = scalar("sigma"), scalar("zeta"), scalar("K")
SIGMA = defines("sigma", zeta * scalar("gamma", 2) * scalar("K", -1))


def cleared(expr: Expr, *axioms) -> Expr:
    """What is left after the uses, each of which is a cofactor times an axiom."""
    for axiom in axioms:
        for use in clear(expr, axiom):
            expr = expr - use.value()
    return expr


@pytest.mark.parametrize("power", [-3, -2, -1, 0, 1, 2, 3])
def test_every_power_becomes_its_definition(power: int) -> None:
    expected = number(1)
    for _ in range(abs(power)):
        expected = expected * (SIGMA.rhs if power > 0 else inverse(SIGMA.rhs))
    assert cleared(5 * zeta * scalar("sigma", power) + 1, SIGMA) == 5 * zeta * expected + 1


@pytest.mark.parametrize(
    ("power", "value"), [(1, ROOT2), (2, 2), (3, 2 * ROOT2), (4, 4), (-2, Fraction(1, 2))]
)
def test_powers_of_root_two(power: int, value: Expr | int | Fraction) -> None:
    assert cleared(K * scalar("root2", power), square_of_root2()) == K * value


def test_what_is_no_whole_power_or_no_monomial_is_refused() -> None:
    with pytest.raises(BoundError, match="under a root"):
        power_of((("sigma", Fraction(1, 2)),), "sigma")
    with pytest.raises(BoundError, match="inverse of a sum"):
        inverse(zeta + 1)
    with pytest.raises(BoundError, match="inverse of a sum"):
        clear(scalar("sigma", -1), defines("sigma", zeta + 1))


def test_root_two_lies_between_one_and_two() -> None:
    check(root2_above_one())
    check(root2_below_two())
    for positive in (ROOT2**2 - 3, Fraction(3, 2) - ROOT2**2):
        with pytest.raises(BoundError):
            check(closed("false", number(1) * positive, (Weight(number(Fraction(1, 2))),)))


def test_a_wrong_definition_does_not_close() -> None:
    weight = Weight(zeta * scalar("gamma", 2) * scalar("K", -1))
    check(closed("σ", sigma, (weight,), given=(SIGMA,)))
    wrong = defines("sigma", 2 * SIGMA.rhs)
    with pytest.raises(BoundError):
        check(closed("σ", sigma, (weight,), given=(wrong,)))
