"""What a record says of 𝓛* and inf_θ 𝓛 where one head cannot reach A: both are named, and no two sentences contradict each other."""

from __future__ import annotations

import pytest
from small_runs import small, stated

from verify.record import Enclosure
from verify.theories.yang2024.checks.reach import LeastHere
from verify.theories.yang2024.checks.signs import SignsHere
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.summary import constants


@pytest.fixture(scope="module")
def one_head() -> Laboratory:
    return Laboratory(digits(N=3, K=8, m=4, H=1))


def by_symbol(laboratory: Laboratory) -> dict[str, Enclosure]:
    assert laboratory.constants
    return {row.symbol: row for row in constants(laboratory)}


def test_the_minimum_over_weights_is_not_called_the_infimum(one_head: Laboratory) -> None:
    """inf_θ 𝓛 is at least 0.326557 there; 0.309036 was certified of it."""
    rows = by_symbol(one_head)
    assert "inf 𝓛" not in rows
    assert float(rows["min_Â 𝓛"].upper) < 0.3091
    lower, upper = (float(end) for end in (rows["inf_θ 𝓛"].lower, rows["inf_θ 𝓛"].upper))
    assert 0.326557 <= lower <= upper <= 0.326559
    start = float(rows["𝓛(θ^{(0)})"].lower)
    gap = rows["Δ^{(0)}"]
    assert float(gap.lower) == pytest.approx(start - upper, abs=1e-12)
    assert float(gap.upper) == pytest.approx(start - lower, abs=1e-12)
    excess = rows["𝓛(θ^{(0)}) − min_Â 𝓛"]
    assert float(excess.lower) == pytest.approx(start - float(rows["min_Â 𝓛"].lower), rel=1e-12)


def test_what_w3_certifies_fits_what_is_certified_of_the_infimum(one_head: Laboratory) -> None:
    (found,) = SignsHere()(stated("w3"), one_head)
    share = found.figures["least gap with one head over min_Â 𝓛"]
    assert share > 0
    rows = by_symbol(one_head)
    assert (1 + share) * float(rows["min_Â 𝓛"].lower) <= float(rows["inf_θ 𝓛"].upper)
    assert (
        "inf_θ 𝓛 lies between 0.32655794 and 0.32655795, certified, and min_Â 𝓛 is 0.30903597."
        in found.statement
    )


def test_eq_37_says_that_the_least_value_is_not_reached(one_head: Laboratory) -> None:
    (found,) = LeastHere()(stated("eq-37"), one_head)
    assert (found.scope, found.verdict) == ("here", "not applicable")
    assert "no θ comes near it, nor near δ_k = 0 for every k" in found.statement
    (other,) = LeastHere()(stated("eq-37"), Laboratory(digits(N=3, K=8, m=4, H=2)))
    assert other.verdict == "not applicable"
    assert other.statement.startswith(
        "Here A2 is not certified: inf_θ 𝓛 lies between 0.30903597 and 0.30903598"
    )


def test_under_A2_they_are_one_number() -> None:
    laboratory = Laboratory(small())
    rows = by_symbol(laboratory)
    assert laboratory.reach is None
    assert rows["min_Â 𝓛"].lower == rows["inf_θ 𝓛"].lower
    assert "𝓛(θ^{(0)}) − min_Â 𝓛" not in rows
    assert float(rows["Δ^{(0)}"].lower) > 0
    (found,) = LeastHere()(stated("eq-37"), laboratory)
    assert found.verdict == "holds"
