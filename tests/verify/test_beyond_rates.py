"""What a run tells of training beyond the theorem's rates: trained and untrained instances, and its words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from small_runs import small

from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.beyond import Outcome
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.studies import beyond
from verify.theories.yang2024.studies.beyond import Beyond, Row


def made(instance):
    laboratory = Laboratory(instance, Options(device="cpu"))
    return laboratory, beyond.study(laboratory)


def rows(study):
    (table,) = study.tables
    return {row[0]: dict(zip(table.columns[1:], row[1:], strict=True)) for row in table.rows}


def test_an_instance_at_its_printed_rates_and_beyond():
    _, study = made(small())
    found = rows(study)
    printed = found["printed rates"]
    assert printed["course of the gap"] == "decreases at every step"
    assert printed["relative change of Q"] < 1e-4
    raised = [row for name, row in found.items() if name.startswith("η_Q")]
    moves = [row["relative change of Q"] for row in raised]
    assert max(moves) > 1e-2
    (both,) = (row for name, row in found.items() if name.startswith("η_w") and "and η_Q" in name)
    assert both["steps to the final gap of the first row"] < 100
    search = found["alternating line searches in w and Q"]
    assert (
        search["course of the gap"] == "depends on rounding"
        or search["steps to the final gap of the first row"] < 100
    )
    assert re.search(
        r"With η_Q multiplied by \S+ the gap still decreases at each of 200 steps, and Q changes by \S+ %\.",
        study.finding,
    )
    assert (
        "converged to A, which means that the gap decreased to 0.001 of its initial value within 200 steps"
        in study.finding
    )
    (chart,) = study.charts
    assert "guaranteed (18)" in chart.series.y
    assert len(chart.series.y["printed rates"]) == len(chart.series.x)
    assert all(len(curve) <= len(chart.series.x) for curve in chart.series.y.values())


@pytest.mark.slow
def test_the_same_seed_says_the_same():
    first, second = made(small())[1], made(small())[1]
    assert replace_seconds(first) == replace_seconds(second)


def replace_seconds(study):
    return study.model_copy(update={"seconds": 0.0})


def test_too_few_heads_are_trained_below_what_w_alone_reaches():
    laboratory, study = made(small(N=3, K=5, H=2))
    assert laboratory.constants.rates is None
    assert "Training Q helps here: the gap decreases to" in study.finding
    first = next(iter(rows(study).values()))
    assert first["least λ_min(B_k B_kᵀ) / ζ_0"] is None
    assert first["least gap of w with the final Q fixed"] > 0


def test_divergence_in_w_is_a_row_of_the_table():
    _, study = made(small())
    raised = {
        name: row
        for name, row in rows(study).items()
        if name.startswith("η_w × 1") and "(" not in name and "and" not in name
    }
    assert raised
    last = raised[max(raised)]
    assert last["course of the gap"].startswith(
        ("first exceeds its initial value at step", "is not computed to the end (step ")
    )


@pytest.fixture(scope="module")
def judge():
    found = Beyond(Laboratory(small(), Options(device="cpu")))
    found.base = row([1.0, 0.5, 0.25, 0.2])
    return found


def row(gaps, stopped="", moved=0.5, factor=1.0):
    s, w = np.full((24, 2, 4), 0.5), np.zeros((24, 4))
    return Row(Outcome("a", np.array(gaps), s, w, moved, len(gaps), stopped), 0.1, 0.1, 0.0, factor)


@pytest.mark.parametrize(
    ("gaps", "how", "steady"),
    [
        ([1.0, 0.5, 0.2, 0.1], "decreases at every step", True),
        ([1.0, 0.6, 0.5, 0.4], "decreases at every step", False),
        ([1.0, 0.1, 0.2, 0.1], "increases at 1 step, first at step 2", False),
        ([1.0, 0.1, 2.0, 0.1], "first exceeds its initial value at step 2, but not at the end", False),
        ([1.0, 0.1, 2.0, 3.0], "first exceeds its initial value at step 2, and exceeds it at the end", False),
        ([1.0, 0.1, 0.1, 0.1], "decreases and comes to rest above zero", False),
    ],
)
def test_words_for_how_it_went(judge, gaps, how, steady):
    assert judge.how(row(gaps)) == how
    assert judge.steady(row(gaps)) == steady


def test_a_run_that_stopped_is_told_as_it_stopped(judge):
    stopped = row([1.0], "step 7: the loss is not finite")
    assert judge.how(stopped) == "is not computed to the end (step 7: the loss is not finite)"
    assert not judge.steady(stopped)


def test_the_largest_factor_ends_at_the_first_that_is_not_steady(judge):
    good, bad = [1.0, 0.5, 0.2, 0.1], [1.0, 0.5, 0.6, 0.1]
    run = [row(good, factor=10.0), row(good, factor=100.0), row(bad, factor=1e3), row(good, factor=1e4)]
    assert judge.largest(run) == 100.0
    assert judge.largest(run[2:]) == 1.0
    assert judge.largest([]) == 1.0


def test_a_run_whose_numbers_overflowed_has_no_figures(judge):
    lost = judge.worth(replace(row([1.0]).outcome, s=np.full((24, 2, 4), np.nan)))
    assert np.isnan([lost.distance, lost.zeta, lost.reach]).all()


# What rounding decides is quoted nowhere.


def test_runs_from_neighbouring_starts_are_alike_to_a_thousandth(judge):
    gaps = np.array([1.0, 0.5, 1e-40])
    one = row(gaps).outcome
    assert judge.alike(one, replace(one, gaps=gaps * (1 + 9e-4)))
    assert judge.alike(one, replace(one, gaps=gaps + judge.rounding / 2))
    assert not judge.alike(one, replace(one, gaps=np.array([1.0, 0.501, 1e-40])))
    assert not judge.alike(one, replace(one, gaps=gaps[:2]))
    assert not judge.alike(one, replace(one, gaps=np.array([1.0, np.nan, 1e-40])))


def test_a_run_that_rounding_decides_is_told_as_such_and_raises_no_rate(judge):
    good, chaotic = row([1.0, 0.5, 0.2, 0.1], factor=10.0), row([1.0, 0.5, 0.2, 0.1], factor=100.0)
    chaotic = replace(chaotic, settled=False)
    assert judge.steady(good)
    assert not judge.steady(chaotic)
    assert judge.how(chaotic) == "depends on rounding"
    assert judge.largest([good, chaotic]) == 10.0
    judge.rows = [judge.base, good, chaotic]
    judge.of_Q = [good, chaotic]
    assert judge._movers() == [judge.base, good]
    assert "With η_Q multiplied by 100 the gap depends on rounding." in judge._said_of_Q()
    assert judge._limit().endswith(" 1 run is not counted, because the gap depends on rounding.")


def test_rates_far_beyond_are_chaotic_and_the_printed_ones_are_not():
    found = Beyond(Laboratory(digits(), Options(device="cpu")))
    assert found._at("printed rates", 1.0, 1.0).settled
    assert not found._at("η_Q × 1e12", 1e12, 1.0).settled
