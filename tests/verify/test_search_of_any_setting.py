"""The search in any setting: what is false fails at a point of the domain, what is true does not, and no point leaves its domain."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from math import isclose

import numpy as np
import pytest
import sympy as sp
from any_setting import FALSE, TRUE, stated

import verify.search.feasible
import verify.search.height
import verify.search.search
import verify.search.shrink
from numeric.twister import Twister
from symbolic.kinds import Free
from verify.points.batched import BatchValues
from verify.points.certify import certify
from verify.points.compare import Outcome, decide
from verify.points.equations import gaps
from verify.points.evaluation import Posed, pose
from verify.points.exact_points import ExactPoint, Instances
from verify.points.witness import replay, store
from verify.search.climb import climb, look
from verify.search.constrained import moved
from verify.search.height import apart
from verify.search.layout import Layout, exact
from verify.search.lines import on_lines
from verify.search.search import BUDGETS, DENOMINATORS, search
from verify.search.shrink import shrink


def misplaced(posed: Posed, values: Mapping[str, np.ndarray | Fraction], slack: float = 0.0) -> str:
    """The first letter that lies outside of its domain, by what its kind says in words; floats may miss by a share of their size."""
    for name in posed.parameters:
        kind, value = posed.free(name), np.asarray(values[name], dtype=object)
        entries, room = list(value.flat), slack * max((abs(x) for x in value.flat), default=0)
        scalar = name in posed.setting.language.scalars
        if not (entries[0] > 0 if scalar else _inside(kind, value, entries, room)):
            return f"{name} = {value.tolist()}"
    return ""


def _inside(kind: Free, value: np.ndarray, entries: list[Fraction], room: float) -> bool:
    match kind.domain:
        case "any":
            return True
        case "nonnegative":
            return min(entries, default=0) >= 0
        case "positive":
            return min(entries, default=1) > 0
        case "simplex":
            sums = np.atleast_1d(value.sum(axis=0))
            return min(entries) >= 0 and all(isclose(total, 1, abs_tol=room) for total in sums)
        case "unit columns":
            return all(isclose(total, 1, abs_tol=4 * room) for total in (value * value).sum(axis=0))
    if any(abs(x) > room for x in (value - value.T).flat):
        return False
    if kind.domain == "symmetric" or not len(value):
        return True
    if isinstance(entries[0], float):
        least = np.linalg.eigvalsh(value.astype(float))[0]
        return bool(least >= -room * len(value))
    matrix = sp.Matrix(*value.shape, [sp.Rational(x.numerator, x.denominator) for x in entries])
    if kind.domain == "positive definite":
        return all(matrix[:size, :size].det() > 0 for size in range(1, len(value) + 1))
    chosen = (some for size in range(1, len(value) + 1) for some in combinations(range(len(value)), size))
    return all(matrix.extract(some, some).det() >= 0 for some in chosen)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted_within_the_domain(name: str) -> None:
    inequality = stated(FALSE[name])
    found = search(inequality, BUDGETS["fast"])
    assert found.above is not None
    point, outcome = shrink(found.posed, *found.above)
    assert outcome.relation == "above"
    assert not misplaced(found.posed, {letter: point.parameter(letter) for letter in found.posed.parameters})
    again = replay((inequality,), store(found.posed, point))
    assert again is not None
    assert again.exact or "ball arithmetic" in again.method


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_not_refuted(name: str) -> None:
    inequality = stated(TRUE[name])
    found = search(inequality, BUDGETS["fast"])
    assert found.above is None
    assert found.points > 0
    assert not found.posed.bounded or found.met > found.drawn / 8
    tally = certify(inequality, Instances(0), 30)
    assert tally.broken is None
    assert tally.decided >= 30


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many points were evaluated exactly, and in float64; each is held against its domain."""
    counts = [0, 0]

    def deciding(posed: Posed, point: ExactPoint) -> Outcome:
        counts[0] += 1
        assert not misplaced(posed, {name: point.parameter(name) for name in posed.parameters})
        return decide(posed, point)

    truth = verify.search.height.height_of

    def measuring(posed: Posed, values: BatchValues, count: int) -> tuple[object, object]:
        letters = {name: np.asarray(values.arithmetic.constant(values[name])) for name in posed.parameters}
        for row in range(0, count, 7):
            here = {name: value[row if len(value) > 1 else 0] for name, value in letters.items()}
            if all(np.isfinite(value).all() for value in here.values()):
                counts[1] += 1
                assert not misplaced(posed, here, 1e-9)
        return truth(posed, values, count)

    for module in (verify.search.search, verify.search.shrink, verify.search.feasible):
        monkeypatch.setattr(module, "decide", deciding)
    monkeypatch.setattr(verify.search.height, "height_of", measuring)
    return counts


def test_a_move_keeps_the_conditions() -> None:
    """Points that meet the conditions are moved to others that do; the same moves alone lead most of them elsewhere."""
    layout = Layout.of(pose(stated(TRUE["fourth powers"])), {"p": 6, "q": 1, "t": 1, "f": 1})
    random = Twister(1)
    rows = look(layout, 40, random).rows
    move = 0.3 * random.normal(*rows.shape)
    kept, left = (_met(layout, at) for at in (moved(layout, rows, move), rows + move))
    assert kept.mean() > 0.9
    assert left.mean() < 0.5


def test_points_on_lines_meet_the_equations() -> None:
    posed = pose(stated(FALSE["fifth powers, up to 4"]))
    points = list(on_lines(posed, {"p": 7, "q": 1, "t": 1, "f": 1}))
    drawn = [{"u": point.parameter("u")} for point in points]
    assert len(points) > 20
    assert all(not any(gaps(posed, point.sizes, its)) for point, its in zip(points, drawn, strict=True))
    fifth = [sum(x**5 for x in its["u"]) for its in drawn]
    assert any(fifth), "every point is a trivial one, in which the entries cancel in pairs"
    assert not list(on_lines(pose(stated(TRUE["within balls"])), {"p": 2, "q": 1, "t": 1, "f": 1}))


def _met(layout: Layout, rows: np.ndarray) -> np.ndarray:
    """Whether every condition holds at each row, within what the grid of coordinates allows."""
    found = apart(layout.posed, layout.values(rows), len(rows))
    return np.all([(gap <= 1e-4).all(axis=1) for gap, _ in found], axis=0)


KINDS = (
    "no slots beside a vector", "any near a positive one", "positive near another one", "nonnegative near another one",
    "a simplex near another one", "unit columns near others", "a simplex of matrices", "semidefinite entries", "two definite matrices",
    "a definite box, up to 4", "shares within bounds", "a least eigenvalue",
)  # fmt: skip


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", KINDS)
def test_every_point_lies_in_its_domain(name: str, watched: list[int]) -> None:
    found = search(stated(FALSE[name]), BUDGETS["fast"], seed=1)
    assert found.above is not None
    shrink(found.posed, *found.above)
    assert watched[0] >= 1
    assert watched[1] >= 10


@pytest.mark.sampled(4)
@pytest.mark.parametrize("seed", range(4))
def test_rows_are_points_of_the_domain_as_fractions(seed: int) -> None:
    """Whatever the coordinates, climbed ones among them, and however coarse the fractions."""
    for name in KINDS:
        posed = pose(stated(FALSE[name]))
        layout = Layout.of(posed, dict.fromkeys(posed.setting.sizes, 2 + seed % 2) | {"t": 4, "f": 2})
        random = Twister(seed)
        seen = look(layout, 16, random)
        climbed = climb(layout, seen, climbers=4, steps=3, random=random)
        for row in (*seen.rows[:4], *climbed.rows[:2], *(3 * random.normal(2, layout.width))):
            for denominator in DENOMINATORS:
                point = exact(layout, row, denominator)
                assert not misplaced(posed, {letter: point.parameter(letter) for letter in posed.parameters})


def test_drawn_points_lie_in_the_domain() -> None:
    points = Instances(3)
    for name in KINDS:
        posed = pose(stated(FALSE[name]))
        for point in (*(points.at(number, posed) for number in range(70)), *points.larger(posed)):
            if max(point.sizes.values()) <= 6:
                assert not misplaced(posed, {letter: point.parameter(letter) for letter in posed.parameters})


def test_a_condition_that_holds_nowhere_leaves_nothing_to_search() -> None:
    found = search(stated(("alpha", "1", "alpha <= 1, alpha >= 2")), BUDGETS["fast"])
    assert (found.met, found.above) == (0, None)
    assert found.drawn > 0


def test_a_counterexample_at_the_bound_is_none_of_a_strict_condition() -> None:
    """At α = 1 alone the left side is larger."""
    row = ("2 - (alpha - 1) ** 2 * beta", "2", "alpha > 1, beta >= 1")
    assert search(stated(row), BUDGETS["fast"]).above is None
    posed = pose(stated(row))
    point = ExactPoint(posed.setting, dict.fromkeys(posed.setting.sizes, 1), lambda name: Fraction(1))
    assert decide(posed, point).relation == "outside"


def test_there_are_as_many_as_are_asked_for() -> None:
    assert len(FALSE) >= 30
    assert len(TRUE) >= 15
