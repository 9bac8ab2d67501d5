"""W1, on the speed of training: (15), (17) in float64 from numpy's norms against what is claimed, and the check on false input."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from small_runs import checked, claim, small

from symbolic.double import double_check
from symbolic.proof import Proof
from verify.theories.yang2024.checks import speed
from verify.theories.yang2024.checks.clauses import Equality, proved
from verify.theories.yang2024.checks.constants import measured
from verify.theories.yang2024.claims import rates, words, words_rates
from verify.theories.yang2024.claims import words_tradeoffs as trade
from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.instance import Instance


def float_decrease(instance: Instance, **sizes: int) -> float:
    """η_wζ_0/(2K) of the printed formulas."""
    values = {
        speed_symbol: measured(instance)[name]
        for name, speed_symbol in rates.SYMBOL.items()
        if name not in ("gamma", "rate")
    }
    values |= {rates.SYMBOL[name]: size for name, size in sizes.items()}
    gamma = float(rates.GAMMA.subs(values))
    return (
        gamma**2
        / float(rates.L.subs(values | {rates.gamma: gamma}))
        * float(values[rates.zeta0])
        / (2 * values[rates.K])
    )


def test_faster_by_the_formulas_too() -> None:
    one = speed.exact_instance([[1, -1]], [[1, 1]], 1, 1 / 256, [[1]])
    assert float_decrease(one, K=3) > float_decrease(one)
    assert float_decrease(one, H=2) > float_decrease(one)


def test_faster_with_a_token_and_with_a_head_too() -> None:
    tokens = [speed.exact_instance([[1, -1][:K]], [[1 / 16, 1][:K]], 1, 1 / 256, [[1]]) for K in (1, 2)]
    heads = [speed.exact_instance([[1, -1]], [[1, 1]], 2, 1.0, [[0], [1], [-1]][:H]) for H in (2, 3)]
    for before, after in (tokens, heads):
        assert float_decrease(after) > float_decrease(before)
        assert speed.change(enclose_constants(before), enclose_constants(after)) == "faster"
        assert speed.change(enclose_constants(after), enclose_constants(before)) == "slower"


def test_slower_where_the_repair_says_so() -> None:
    """Constants over many orders of magnitude, taken at random: where u/b is above the ratio, S rises with the letter."""
    rng, expr = np.random.default_rng(0), trade.slowness()[0]
    symbols = (
        rates.zeta0,
        rates.Zbar,
        rates.f_max,
        rates.ZtZ,
        rates.Delta0,
        rates.N,
        rates.K,
        rates.m,
        rates.H,
        rates.tau,
    )
    bracket = trade.slowness()[1] + 1 + rates.ZtZ / (rates.m * rates.tau)
    whole = expr.subs(trade.X, bracket).subs(rates.gamma, rates.GAMMA)
    value = sp.lambdify(symbols, (whole, trade.slowness()[1], 1 + rates.ZtZ / (rates.m * rates.tau)))
    printed = sp.lambdify(symbols, (rates.K**2 * rates.L**2 / rates.gamma**4).subs(rates.gamma, rates.GAMMA))
    seen = {"K": 0, "H": 0}
    for _ in range(3000):
        at = dict(zip(symbols, 10 ** rng.uniform(-3, 3, len(symbols)), strict=True))
        S, u, b = value(*at.values())
        assert printed(*at.values()) == pytest.approx(S)
        for name, letter, ratio in (("K", rates.K, words.FROM_K), ("H", rates.H, words.FROM_H)):
            if u >= float(ratio) * b:
                seen[name] += 1
                assert value(*(at | {letter: at[letter] * 1.01}).values())[0] > S
    assert min(seen.values()) > 300


@pytest.mark.parametrize(
    ("letter", "ratio"), [(rates.K, Fraction(9, 10)), (rates.H, Fraction(3, 2)), (rates.H, Fraction(1, 2))]
)
def test_below_the_ratio_no_proof_closes(letter: sp.Symbol, ratio: Fraction) -> None:
    """The slope is found by both checkers; that it is not negative from a smaller u/b on is refused by both."""
    expr, moving = trade.slowness()
    slope, above, least = words_rates.rises(expr, moving, letter, ratio)
    assert isinstance(slope, Equality)
    assert double_check(slope.lhs, slope.rhs, slope.proof).proved
    assert proved("x", slope, above, points=lambda: ()).verdict == "holds"
    assert proved("x", least, points=lambda: ()).verdict == "undecided"


def test_a_wrong_slope_is_contradicted() -> None:
    expr, _ = trade.slowness()
    S = words_rates.in_kernel(expr)
    slope = words_rates.slope(S, "K")
    wrong = replace(slope, value=2 * slope.value)
    assert double_check(slope, slope.value, Proof()).proved
    assert double_check(wrong, wrong.value, Proof()).contradiction


def test_exponents_are_read_exactly() -> None:
    x, y = sp.symbols("x y", positive=True)
    terms = speed.posynomial(3 * x**2 * sp.sqrt(y) + y / x)
    assert sorted(tuple(sorted((str(s), p) for s, p in term.items())) for term in terms) == [
        (("x", -1), ("y", 1)), (("x", 2), ("y", Fraction(1, 2))),
    ]  # fmt: skip
    assert speed.elasticity(x**3 / y, x) == 3
    for wrong in (x - y, x * sp.Symbol("z"), (x + y) ** sp.Rational(1, 2)):
        with pytest.raises(speed.NoPosynomial):
            speed.posynomial(wrong)
    with pytest.raises(speed.NoPosynomial):
        speed.elasticity(x + 1, x)


def test_a_sum_that_does_not_rise_has_no_ratio() -> None:
    x, X = sp.symbols("x X", positive=True)
    half = Fraction(1, 2)
    assert speed.rising_from(speed.posynomial(X**2 / sp.sqrt(x) + x), x, {}, X, half) == 1
    assert speed.rising_from(speed.posynomial(X**2), x, {}, X, half) == 0
    assert (
        speed.rising_from(speed.posynomial(X + 1 / x), x, {}, X, half) is None
    )  # a term that falls for good
    assert speed.rising_from(speed.posynomial(X / x), x, {}, X, half) is None
    assert speed.rising_from(speed.posynomial(sp.Integer(3)), x, {}, X, half) is None  # constant


def test_no_rates_no_verdict_on_speed() -> None:
    deficient = replace(small(), H=1)
    assert speed.change(enclose_constants(deficient), enclose_constants(small())) == "open"
    found = claim(checked("w1", instance=deficient), "w1")
    assert (found.verdict, found.here) == ("fails", "not applicable")
    with pytest.raises(ArithmeticError):
        speed.factor(enclose_constants(deficient))


def test_speed_here_can_fail() -> None:
    """An instance on which the printed W1 is false, and nothing is claimed by the repair."""
    instance = speed.exact_instance([[1, -1]], [[1, 1]], 1, 1 / 256, [[1]])
    run = checked("w1", instance=instance)
    assert claim(run, "w1").here == "fails"
    assert [e.verdict for e in claim(run, "w1", "repaired").evidence if e.scope == "here"] == [
        "not applicable"
    ]
    assert run.exit_code == 0
