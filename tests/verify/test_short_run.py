"""What a short run, a number that float64 does not resolve, and an end of an enclosure may say."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from small_runs import checked, claim

from numeric import balls
from verify.theories.yang2024.certificates import Certificates
from verify.theories.yang2024.studies.beyond import ASTRAY, REST_BEFORE, STOPPED, TO_A, UNDER_WAY, Beyond
from verify.theories.yang2024.summary import DIGITS, enclosure


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("id", ["eq-43a", "eq-43b"])
def test_a_short_run_leaves_a_statement_of_every_step_open(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is certified of the steps that are not taken."""
    assert claim(checked(id, max_steps=50), id).here == "holds"
    monkeypatch.setattr(Certificates, "printed", "nothing is certified of every step")
    short, whole = (claim(checked(id, **budget), id) for budget in ({"max_steps": 50}, {}))
    assert (short.verdict, short.here, whole.here) == ("not refuted", "undecided", "holds")
    assert any("The statement is of every step" in e.statement for e in short.evidence)


def beyond(**known: float) -> Beyond:
    made = object.__new__(Beyond)
    made.__dict__.update(known)
    return made


def test_a_least_eigenvalue_below_rounding_is_a_bound() -> None:
    made = beyond(zeta0=2.0, resolved=1e-20)
    assert made._of_zeta0(1.0) == 0.5
    assert made._of_zeta0(1e-140) == "< 5e-21"
    assert isinstance(beyond(zeta0=0.0, resolved=1e-20)._of_zeta0(1.0), float)
    assert math.isnan(float(made._of_zeta0(math.nan)))


@pytest.mark.parametrize(
    ("gap", "stopped", "rests", "came"),
    [
        (1e-4, "", True, TO_A), (0.5, "", True, REST_BEFORE), (0.5, "", False, UNDER_WAY), (1e45, "", False, ASTRAY),
        (math.nan, "", False, ASTRAY), (0.5, "step 3: overflow", False, STOPPED),
    ],
)  # fmt: skip
def test_every_run_came_to_one_end(gap: float, stopped: str, rests: bool, came: str) -> None:
    options = SimpleNamespace(bound_target=1e-3)
    base = SimpleNamespace(outcome=SimpleNamespace(gaps=[1.0]))
    made = beyond(base=base, rests=lambda row: rests, laboratory=SimpleNamespace(options=options))
    assert made._came(SimpleNamespace(outcome=SimpleNamespace(gap=gap, stopped=stopped))) == came


@given(
    st.floats(min_value=1e-300, max_value=1e300), st.sampled_from([1, -1]), st.floats(0, 1e-12), st.integers(-2000, 2000)
)  # fmt: skip
def test_the_ends_of_an_enclosure_enclose_it_and_hardly_more(
    x: float, sign: int, width: float, power: int
) -> None:
    with balls.precision(256):
        ball = sign * arb(x, x * width) * arb(10) ** power
        told = enclosure("x", "", "", ball, 256)
        low, high = arb(told.lower), arb(told.upper)
        assert low <= ball.lower()
        assert high >= ball.upper()
        unit = abs(ball).upper() * arb(10) ** (2 - DIGITS)
        assert high - low <= ball.upper() - ball.lower() + 2 * unit
