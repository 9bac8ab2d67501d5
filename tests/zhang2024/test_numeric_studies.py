"""What a run measures beside its statements, and what becomes of a figure that is outside its bounds."""

from dataclasses import replace

from verify.theories.zhang2024 import studies
from verify.theories.zhang2024.numeric import observations
from verify.theories.zhang2024.numeric.instance import diabetes

FIGURES = [
    observations.Observation("eq-4-6", "a figure", 0.5, most=1.0),
    observations.Observation(
        "not-ridge", "M = 5: relative distance of the limit to the nearest ridge predictor", 0.25
    ),
]


SMALL = diabetes((2, 3))


def test_figures_become_a_table_and_a_finding():
    found = studies.measured("here", "Measured", SMALL, FIGURES)
    assert found.contradiction is None
    assert found.finding.startswith("1 figures are within what is stated or allowed, 0 are not.")
    assert found.finding.endswith("over all λ, is 0.25 at M = 5.")
    assert found.tables[0].rows[0] == ["eq-4-6", "a figure", "0.5", "≤ 1"]
    assert found.tables[0].caption == "diabetes: d = 2, N = 20, M = 40, σ = 0.25"


def test_a_figure_outside_its_bounds_is_a_contradiction():
    broken = [replace(FIGURES[0], value=1.5)]
    assert studies.measured("here", "Measured", SMALL, broken).contradiction == "eq-4-6: a figure is 1.5"


def test_a_figure_with_bounds_is_evidence_for_or_against_its_statement(monkeypatch):
    monkeypatch.setattr(observations, "observe", lambda instance: FIGURES)
    assert list(studies.studies(0).observed) == ["eq-4-6"]
    within, outside = (studies.evidence(replace(FIGURES[0], value=value), SMALL) for value in (0.5, 1.5))
    assert (within.scope, within.verdict, within.strength) == ("here", "holds", "observed")
    assert (outside.verdict, outside.refutation) == ("fails", "statistical")
    assert within.figures == {"figure": 0.5, "at most": 1.0}


def test_without_torch_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(studies, "torch_here", lambda: None)
    (only,) = studies.studies(0).studies
    assert "torch" in only.finding
    assert only.contradiction is None
    assert only.tables == []
