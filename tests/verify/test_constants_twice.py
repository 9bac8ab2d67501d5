"""The constants of the run against their printed formulas: a wrong formula, or a wrong ball, is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from small_runs import checked, claim, small

import verify.theories.yang2024.checks.constants
from verify.theories.yang2024.checks.constants import SYMBOL, CompareConstant
from verify.theories.yang2024.claims.rates import GAMMA, L, T
from verify.theories.yang2024.numeric.constants import enclose_constants

zeta0, K, tau = SYMBOL["zeta0"], SYMBOL["K"], SYMBOL["tau"]

WRONG = {
    "zeta0 at another power": CompareConstant("gamma", GAMMA * sp.sqrt(zeta0)),
    "16384 lost two digits": CompareConstant("L", L.xreplace({sp.Integer(16384): sp.Integer(164)})),
    "4096 lost a digit": CompareConstant("L", L.xreplace({sp.Integer(4096): sp.Integer(410)})),
    "the norm for its square": CompareConstant(
        "L", L.xreplace({SYMBOL["normZbar"] ** 2: SYMBOL["normZbar"]})
    ),
    "K for its power": CompareConstant("gamma", GAMMA / K ** sp.Rational(1, 4)),
    "a quarter of T": CompareConstant("T", T / 4),
    "τ for mτ": CompareConstant("T", T.xreplace({tau: tau / SYMBOL["m"]})),
    "twice ζ_0": CompareConstant("zeta0", 2 * zeta0),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_formula_fails(name: str) -> None:
    instance = small()
    assert WRONG[name].gap(instance, enclose_constants(instance)).verdict == "fails"


@pytest.mark.parametrize(("letter", "formula"), [("zeta0", zeta0), ("gamma", GAMMA), ("L", L), ("T", T)])
def test_the_printed_formula_holds(letter: str, formula: sp.Expr) -> None:
    instance = small()
    assert CompareConstant(letter, formula).gap(instance, enclose_constants(instance)).verdict == "holds"


def test_a_wrong_ball_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = small()
    constants = enclose_constants(instance)
    doubled = verify.theories.yang2024.checks.constants.IN_USE | {"L": lambda c, i: 2 * c.L}
    monkeypatch.setattr(verify.theories.yang2024.checks.constants, "IN_USE", doubled)
    assert CompareConstant("L", L).gap(instance, constants).verdict == "fails"


def test_no_rates_nothing_to_compare() -> None:
    instance = replace(small(), H=1)
    assert CompareConstant("gamma", GAMMA).gap(instance, enclose_constants(instance)).verdict == "undecided"


def test_features_beyond_float64_are_left_open() -> None:
    instance = small()
    record = checked("eq-17", "lemma-4", instance=replace(instance, features=instance.features * 1e200))
    assert record.exit_code == 0
    assert claim(record, "eq-17").here == "undecided"
