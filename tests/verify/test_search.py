"""The search: it finds what is false, breaks nothing that is true, and says the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from paper_points import SIZES, ExactPoint
from small_runs import small, stated

from numeric.twister import Twister
from verify.points.batched import Batched
from verify.points.compare import Outcome, decide
from verify.points.evaluation import pose
from verify.points.witness import replay, store
from verify.prove.methods import BOUND_CHECKS
from verify.search import search as module
from verify.search.climb import climb, look
from verify.search.height import IMPROPER, height
from verify.search.layout import Layout, Rows
from verify.search.search import BUDGETS, Budget, Search, rates, search, smallest
from verify.search.shrink import complexity, shrink, smaller
from verify.search.sizes import LARGEST, plan
from verify.statement import Claim, Domain, Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let

i, j, k, h, p, q = sp.symbols("i j k h p q", integer=True)
xs, xi, y, alpha, b, gQ, gQ2, zd = (
    let.TABLE[name].base for name in ("xs", "xi", "y", "alpha", "b", "gQ", "gQ2", "zd")
)
abar, fmax, nZbar, nA, nDQ, nDA, eta = (
    let.scalar_symbol(name) for name in ("abar", "fmax", "nZbar", "nA", "nDQ", "nDA", "eta")
)
ROOT = Path(__file__).resolve().parents[2]
QUICK = (Budget(4, 64, 1, 32, 12),)


def over(dim: str, body: sp.Expr, *symbols: sp.Symbol) -> sp.Expr:
    return sp.Sum(body, *((symbol, 1, let.SIZE[dim]) for symbol in symbols))


LEMMA_3 = inequality(
    over("d", over("N", xs[i, p], i) ** 2, p), let.N * over("d", over("N", xs[i, p] ** 2, i), p), squared=True
)
LEMMA_9 = inequality(over("N", b[h, j, k] ** 2, j), nZbar**2, {"h": "H", "k": "K"}, squared=True)
REACH = abar * let.gamma * let.H
EQ_59 = inequality(
    over("H", over("d", (gQ[h, p, q] - gQ2[h, p, q]) ** 2, p, q), h),
    8 * (let.gamma * fmax * nZbar / let.K)
    * (
        (2 * let.K * abar) ** 2 * (REACH**2 + 4 * let.N * (REACH + nA) ** 2) * nDQ**2
        + let.K * (REACH**2 + (REACH + nA) ** 2) * nDA**2
    ),
)  # fmt: skip


def claim_of(*statements: Inequality) -> Claim:
    return replace(stated("lemma-5"), id="small", formal=lambda: statements, typing=None, checks=BOUND_CHECKS)


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


@pytest.mark.slow
def test_59_as_printed_is_broken_and_shrunk() -> None:
    """The first power of γ f̄_max‖Z̄‖₂/K where squaring (58) gives the square."""
    stored = smallest(EQ_59, BUDGETS["fast"])
    assert stored is not None
    assert max(stored.sizes.values()) <= 3
    assert sum(len(word) for text in stored.values.values() for word in text.split()) <= 30, stored
    found = replay((EQ_59,), stored)
    assert found is not None
    assert found.method.startswith("ball arithmetic")


@pytest.mark.parametrize("inequality", [LEMMA_3, LEMMA_9], ids=["3", "9"])
def test_true_ones_are_not_broken_and_the_closest_ratio_is_theirs(inequality: Inequality) -> None:
    """Both are attained, so the closest ratio is 1; above it would be a refutation of a theorem."""
    found = search(inequality, BUDGETS["fast"])
    assert found.above is None
    assert found.closest == pytest.approx(1.0, abs=1e-9)
    assert found.points >= 7 * 128


def test_the_same_seed_finds_the_same() -> None:
    false = replace(LEMMA_3, rhs=sp.Rational(99, 100) * LEMMA_3.rhs)
    one, other = (search(false, QUICK, seed=3) for _ in range(2))
    assert one.above is not None
    assert other.above is not None
    assert store(one.posed, one.above[0]) == store(other.posed, other.above[0])
    again = [search(LEMMA_9, QUICK, seed=3) for _ in range(2)]
    assert again[0].closest == again[1].closest
    assert again[0].alarms == again[1].alarms


def test_a_larger_budget_begins_with_the_smaller() -> None:
    assert BUDGETS["full"][: len(BUDGETS["fast"])] == BUDGETS["fast"]


def test_a_violation_in_one_corner_needs_the_climb() -> None:
    """2ab ≤ 0.999999 (a² + b²) at 777η = γ: neither random points nor powers of ten see it."""
    statement = inequality(
        2 * 777 * eta * let.gamma, sp.Rational(999999, 10**6) * (eta**2 * 777**2 + let.gamma**2)
    )
    drawn_only = search(statement, (Budget(1, 32, 0, 0, 1),))
    assert drawn_only.above is None
    assert drawn_only.climbs == 0
    climbed = search(statement, (Budget(1, 32, 1, 16, 40),))
    assert climbed.above is not None


def test_hypotheses_are_kept() -> None:
    """False without the hypothesis, true with it: the domain decides."""
    statement = inequality(eta * let.gamma, sp.Integer(1))
    assert search(statement, QUICK).above is not None
    bounded = replace(statement, domain=Domain(given={"eta": ("<=", 1 / let.gamma)}))
    found = search(bounded, QUICK)
    assert found.above is None
    assert found.closest == pytest.approx(1.0)
    tokens = inequality(over("d", let.TABLE["V"].base[p, k] ** 2, p), sp.Integer(1), {"k": "K"})
    assert search(tokens, QUICK).above is None
    broken = search(replace(tokens, domain=Domain(relaxed=("A0",))), QUICK)
    assert broken.above is not None


# What float64 believes is not believed.


def test_alarms_of_float64_are_refused() -> None:
    """lhs − rhs = −10⁻³⁰ of the sides: float64 cannot tell, and nothing is claimed."""
    square = over("N", xi[j] ** 2, j)
    found = search(inequality(square, square * (1 + sp.Rational(1, 10**30))), QUICK)
    assert found.above is None


def test_an_invented_candidate_is_confirmed_or_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """float64 that sees a violation everywhere: balls refuse every one of them."""
    import verify.search.climb

    for name in ("height", "slopes"):
        truth = getattr(verify.search.climb, name)

        def lying(layout: Layout, rows: Rows, *arithmetic: Batched, truth=truth) -> tuple[Rows, ...]:
            found, ratio, *slope = truth(layout, rows, *arithmetic)
            return found + 5.0, ratio * 150.0, *slope

        monkeypatch.setattr(verify.search.climb, name, lying)
    found = search(LEMMA_3, QUICK)
    assert found.above is None
    assert found.alarms > 0


def test_what_is_not_finite_is_left_out() -> None:
    posed = pose(inequality(let.gamma**200, 1 + let.gamma**201))
    layout = Layout.of(posed, dict.fromkeys(SIZES, 1))
    rows = np.array([[0.0], [4.0], [float("nan")]])
    heights, ratios = height(layout, rows)
    assert np.isfinite(heights).tolist() == [True, False, False]
    assert np.isfinite(ratios).tolist() == [True, False, False]
    seen = look(layout, 64, Twister(0))
    climbed = climb(layout, seen, climbers=16, steps=10, random=Twister(0))
    assert np.isfinite(climbed.heights).all()
    assert (climbed.heights[:-1] >= climbed.heights[1:]).all(), "best first"


def test_sides_that_are_not_positive_rank_below_or_above_all_others() -> None:
    posed = pose(inequality(xi[j], y[j], {"j": "N"}))
    layout = Layout.of(posed, dict.fromkeys(SIZES, 1))
    names = [name for name, _, _ in layout.blocks]
    assert names == ["xi", "scale of xi", "y", "scale of y"]
    rows = np.array([[1.0, 0, -1, 0], [-1, 0, 1, 0], [1, 0, 1, 0], [-2, 0, -1, 0]])
    heights, ratios = height(layout, rows)
    assert heights[0] > IMPROPER - 3
    assert heights[1] < 3 - IMPROPER
    assert abs(heights[2]) < 1e-12
    assert heights[3] < 3 - IMPROPER
    assert ratios[0] > 1
    assert not (ratios[1:] > 1).any()


def test_climbing_goes_up() -> None:
    posed = pose(LEMMA_9)
    layout = Layout.of(posed, {"N": 3, "K": 3, "m": 2, "d": 2, "H": 1})
    random = Twister(0)
    seen = look(layout, 64, random)
    climbed = climb(layout, seen, climbers=16, steps=30, random=random)
    assert climbed.best > seen.best - 1e-12
    assert np.median(climbed.heights) > np.median(seen.heights)


# Sizes.


def test_plans_stay_within_the_sizes_that_matter() -> None:
    posed = pose(LEMMA_3)
    whole = plan(posed, 100, 0)
    assert len(whole) == 16
    assert all(sizes["m"] == sizes["H"] == 1 for sizes in whole)
    assert all(sizes["K"] == sizes["N"] for sizes in whole)
    some = plan(pose(LEMMA_9), 8, 0)
    assert len(some) == 8
    sums = [sum(sizes.values()) for sizes in some]
    assert sums == sorted(sums), "the smallest first"
    for level in range(1, LARGEST + 1):
        assert any(set(sizes.values()) == {level} for sizes in some)
    assert plan(pose(LEMMA_9), 8, 0) == some
    assert all(posed.allows(sizes) for sizes in (*whole, *some))


def test_plans_obey_the_domain() -> None:
    ranked = pose(inequality(let.scalar_symbol("zeta"), sp.Integer(1), domain=Domain(least={"N": 2})))
    found = plan(ranked, 1000, 0)
    assert found
    assert all(2 <= sizes["N"] <= min(sizes["H"], sizes["K"]) for sizes in found)
    assert all(sizes["K"] <= 2 for sizes in found if sizes["d"] == 1)


# Shrinking.


def point_of(posed, sizes: dict[str, int], **values) -> tuple[ExactPoint, Outcome]:
    arrays = {name: np.array(value, dtype=object) for name, value in values.items()}
    found = {
        name: np.array([Fraction(x) for x in array.flat], dtype=object).reshape(array.shape)
        for name, array in arrays.items()
    }
    point = ExactPoint(dict.fromkeys(SIZES, 1) | sizes, found.__getitem__)
    return point, decide(posed, point)


def test_indices_go_first_and_numbers_become_simple() -> None:
    posed = pose(replace(LEMMA_3, rhs=over("d", over("N", xs[i, p] ** 2, i), p)))
    start, outcome = point_of(
        posed, {"N": 3, "K": 3, "d": 2}, xs=[["17/3", "2/7"], ["31/5", "-1/9"], ["44/7", "1/100"]]
    )
    assert outcome.relation == "above"
    point, outcome = shrink(posed, start, outcome)
    assert outcome.relation == "above"
    assert (point.sizes["N"], point.sizes["d"]) == (2, 1)
    assert point.parameter("xs").tolist() == [[1], [1]]
    fewer, _ = smaller(posed, start, decide(posed, start))
    assert complexity({"xs": fewer.parameter("xs")}) > complexity({"xs": point.parameter("xs")})


def test_shrinking_keeps_tokens_on_the_sphere_and_apart() -> None:
    stored = smallest(inequality(over("N", let.TABLE["s"].base[h, j, k] ** 2, j), sp.Rational(3, 5), {"h": "H", "k": "K"},
                                 domain=Domain(least={"N": 2, "d": 2})), BUDGETS["fast"])  # fmt: skip
    assert stored is not None
    V = np.array([Fraction(x) for x in stored.values["V"].split()], dtype=object).reshape(2, -1)
    assert all(sum(x * x for x in column) == 1 for column in V.T)
    assert len({tuple(column) for column in V.T}) == V.shape[1]


def test_a_point_that_cannot_shrink_stays() -> None:
    posed = pose(inequality(xi[j] ** 2, sp.Rational(1, 2), {"j": "N"}))
    start, outcome = point_of(posed, {}, xi=["1"])
    point, again = shrink(posed, start, outcome)
    assert point.parameter("xi").tolist() == [1]
    assert again.relation == "above"


# What is said.


def test_none_found_says_how_far_it_looked(laboratory: Laboratory) -> None:
    (found,) = Search()(claim_of(LEMMA_9, LEMMA_3), laboratory)
    assert (found.check, found.scope, found.verdict, found.strength) == (
        "search",
        "general",
        "not refuted",
        "tested",
    )
    rate = rates()["fast"]
    assert f"finds at least {rate['at least']} of {rate['tried']} planted falsehoods" in found.statement
    assert "left/right = 1." in found.statement
    assert found.figures["closest ratio"] == pytest.approx(1.0)
    assert found.figures["points"] > 1000
    assert "14 tuples of sizes up to 4 and 6 of larger sizes" in found.budget
    assert "sizes up to 12" in found.budget


def test_a_violation_is_evidence_with_a_small_witness(laboratory: Laboratory) -> None:
    false = replace(LEMMA_3, rhs=sp.Rational(99, 100) * LEMMA_3.rhs)
    (found,) = Search()(claim_of(LEMMA_3, false), laboratory)
    assert (found.verdict, found.known) == ("fails", "exact witness")
    assert found.witness is not None
    assert found.witness.values == {"xs": "[(1)]"}
    assert found.witness.method == "exact rational arithmetic"


def test_a_domain_without_points_of_the_sizes_that_are_searched_is_vacuous(laboratory: Laboratory) -> None:
    (found,) = Search()(claim_of(replace(LEMMA_3, domain=Domain(least={"N": 13}))), laboratory)
    assert (found.verdict, found.strength) == ("vacuous", None)


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    laboratory = Laboratory(small(), Options(device="cpu"), lambda *news: told.append(news))
    _ = list(Search()(claim_of(LEMMA_3), laboratory))
    assert {stage for stage, _, _ in told} == {"search · small"}
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert told[-1][1] == told[-1][2]


def test_a_claim_without_inequalities_is_none_of_its_business(laboratory: Laboratory) -> None:
    assert list(Search()(claim_of(), laboratory)) == []


def test_the_command_prints_what_a_claim_may_keep(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    false = replace(LEMMA_3, rhs=sp.Rational(99, 100) * LEMMA_3.rhs)
    other = replace(theory(), claims=(claim_of(LEMMA_3, false),))
    monkeypatch.setattr("verify.theories.named.find", lambda name: SimpleNamespace(theory=other))
    assert module.main(["small", "--tier", "fast"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("inequality 0: none found")
    assert second.endswith(f"inequality 1: {smallest(false, BUDGETS['fast'], 0, 1)}")
    assert module.main(["nothing-of-the-kind"]) == 1


CLIMBED = """
from verify.theories.shipped import theory
from verify.search.search import Budget, search
for claim in theory().claims:
    if claim.id in ("lemma-7", "eq-58"):
        for inequality in claim.inequalities():
            print(search(inequality, (Budget(2, 16, 1, 8, 6),), 0).closest.hex())
"""


@pytest.mark.whole
def test_the_same_climb_in_another_process() -> None:
    """Slopes are summed in the order in which letters are computed, which no hash seed may decide."""
    said = {
        subprocess.run(
            [sys.executable, "-c", CLIMBED], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT,
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert len(said) == 1
    assert len(said.pop().split()) >= 2
