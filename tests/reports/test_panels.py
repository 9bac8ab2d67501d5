"""How tables and charts of a panel are set."""

import re

import pytest

from reports import panels
from verify.record import Chart, Series, Study, Table


def made(columns, *rows):
    return panels.table(Table(caption="a", columns=list(columns), rows=[list(row) for row in rows]))


def test_figures_stand_to_the_right_and_words_to_the_left():
    seen = made("abcde", ["x", 1.5, "1,652", "–", "not yet"], ["y", None, "≥ 4.4e26", 3, "7"])
    assert seen.right == [False, True, True, True, False]
    assert (seen.numbered, seen.stacked) == (False, True)
    assert made("ab", ["1", "6 of 6"]).right == [False, False]


def test_rows_named_by_figures_are_labelled_and_few_columns_are_not_broken_up():
    seen = made("ab", ["1", "x"], ["18", "y"])
    assert (seen.numbered, seen.stacked) == (True, False)


@pytest.mark.parametrize("curve", [[1.0, 0.5, 0.1], [1.0]])
def test_a_curve_that_ended_early_is_drawn_as_far_as_it_goes(curve):
    shown = panels.chart("c", Chart(caption="gap", series=Series(x=[0, 1, 2], y={"η_Q × 10": curve})))
    assert shown.caption == "Logarithmic scale."
    (label,) = re.findall(r">(η.*?)</text>", shown.svg)
    assert label == ('η<tspan dy="0.3em" font-size="75%">Q</tspan><tspan dy="-0.225em">&#8203;</tspan> × 10')


def test_a_study_is_seen_with_all_its_tables():
    one = Study(id="s", title="t", finding="f", tables=[Table(caption="a", columns=["x"], rows=[["1"]])] * 2)
    (view,) = panels.views([one], "study")
    assert (view.anchor, len(view.tables)) == ("study-s", 2)
