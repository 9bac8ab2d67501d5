"""What the repaired and the sharper smoothness cost: the balls agree with the statements that are proved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import sympy as sp
from flint import arb

from verify.theories.yang2024.claims import lipschitz_rates
from verify.theories.yang2024.claims import lipschitz_statements as lip
from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.symbolic.letters import H, K, N, gamma, scalar_symbol

VALUES = {"abar": "3/7", "fmax": "5/2", "nZbar": "3", "nA": "2"}
SIZES = (2, 3, 2, 2)


def constants() -> Any:
    """An instance at which nothing is special, as far as (61) is concerned."""
    number = {name: arb(sp.Rational(value).p) / sp.Rational(value).q for name, value in VALUES.items()}
    return SimpleNamespace(
        sizes=SIZES,
        f_max=number["fmax"],
        norm_Zbar=number["nZbar"],
        norm_A=number["nA"],
        alpha=lambda _: number["abar"],
    )


@pytest.mark.parametrize("at", ["1/3", "2", "41"])
def test_the_sharper_smoothness_is_the_one_that_is_proved(at: str) -> None:
    (proved,) = lip.lemma_10_sharper()
    rhs = sp.expand(proved.rhs)
    values = {scalar_symbol(name): sp.Rational(value) for name, value in VALUES.items()}
    values |= {
        scalar_symbol("root2"): sp.sqrt(2),
        gamma: sp.Rational(at),
        N: SIZES[0],
        K: SIZES[1],
        H: SIZES[3],
    }
    squares = [rhs.coeff(scalar_symbol(name), 2).subs(values) for name in ("nDQ", "nDA")]
    rate = sp.Rational(at)
    found = lipschitz_rates.sharper_61(constants(), arb(rate.p) / rate.q)
    assert squares[0] == squares[1]
    expected = sp.sqrt(squares[0]).evalf(30)
    assert abs(found - arb(str(expected))) < arb("1e-12") * found


def test_the_consequence_says_by_what_factors() -> None:
    instance = Instance(
        name="two", tokens=sp.matrix2numpy(sp.Matrix([[1, -1]]), dtype=float), features=sp.matrix2numpy(sp.Matrix([[2, -1]]), dtype=float),
        N=1, H=1, tau=0.5, Q_given=sp.matrix2numpy(sp.Matrix([[1]]), dtype=float).reshape(1, 1, 1),
    )  # fmt: skip
    found = enclose_constants(instance)
    said = lipschitz_rates.consequence(SimpleNamespace(constants=found))  # type: ignore[arg-type]
    assert found.gamma is not None
    assert found.L is not None
    ratio = found.L_repaired(found.gamma) / found.L
    assert f"{ratio.mid().str(4, radius=False)} times that of (17)" in said
    none = SimpleNamespace(gamma=None, L=None, log_rate=None, no_rates="A2 fails")
    said = lipschitz_rates.consequence(SimpleNamespace(constants=none))  # type: ignore[arg-type]
    assert said.endswith("At this instance there are no rates to compare: A2 fails.")
