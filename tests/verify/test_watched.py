"""The watched run in a record: evidence of the claims, the study, alarms that make a run exit 1, and instances without a run."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from small_runs import checked, claim, small, stated

from verify.theories.yang2024.checks.watched import Watched, told
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric import margins
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.margins import Along, Levels
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.studies.always import ALWAYS
from verify.theories.yang2024.studies.watched import CHARTS, SOURCES, study

CLAIMS = {
    "eq-43a": 1, "eq-43b": 1, "eq-47": 1, "eq-48-frobenius": 1, "eq-48-drift": 2, "lemma-7": 1, "eq-49": 1, "eq-49-identity": 1,
    "eq-62": 1, "step-4": 1, "step-4-contraction": 2,
}  # fmt: skip


@cache
def lab():
    return Laboratory(small(), Options(device="cpu", bound_target=1e-12))


def of(id, laboratory=None):
    found = stated(id)
    checks = [check for check in found.checks if isinstance(check, Watched)]
    return [evidence for check in checks for evidence in check(found, laboratory or lab())]


def test_every_watched_claim_has_its_evidence():
    for id, count in CLAIMS.items():
        found = of(id)
        assert len(found) == count, id
        for evidence in found:
            assert (evidence.scope, evidence.verdict, evidence.strength) == ("here", "holds", "observed"), id
            margin = evidence.agreement if evidence.margin is None else evidence.margin
            assert margin is not None
            assert margin > 0
            assert evidence.figures["smallest margin"] == margin
            assert (evidence.margin is None) == (id == "eq-49-identity")
            assert 0 < evidence.figures["steps told"] <= evidence.figures["steps watched"]


def test_every_quantity_is_in_the_table_and_no_other():
    assert set(SOURCES) == set(lab().watched)
    (table,) = study(lab()).tables
    assert [row[0] for row in table.rows] == list(SOURCES.values())
    assert {row[-1] for row in table.rows} == {"holds"}
    every = {row[0]: row[4] for row in table.rows}
    assert every["(43c), (18)"] == every["Step 4, as a whole"] == lab().trajectory.steps
    assert every["(43b)"] == len(lab().watch.steps)
    assert all(row[2] > 0 for row in table.rows)


def test_charts_stay_below_the_bound():
    found = study(lab())
    assert len(found.charts) == len(CHARTS)
    for chart in found.charts:
        assert chart.series.x == sorted(chart.series.x)
        for values in chart.series.y.values():
            assert len(values) == len(chart.series.x)
            assert max(values) < 1


def test_the_study_is_made_by_every_run():
    assert ALWAYS["watched"] is study
    found = study(lab())
    assert found.finding.startswith(f"{len(SOURCES)} of {len(SOURCES)} inequalities hold")
    assert found.contradiction is None
    assert found.method.startswith(f"{len(lab().watch.steps)} of {lab().trajectory.steps} steps")


@pytest.mark.slow
def test_an_alarm_makes_the_run_exit_1(monkeypatch):
    """A bound of α that is a tenth of (44)."""
    true = Levels.of
    monkeypatch.setattr(margins.Levels, "of", lambda c, r: replace(true(c, r), alpha=true(c, r).alpha / 10))
    record = checked("eq-43a")
    row = claim(record, "eq-43a")
    assert (row.here, record.exit_code) == ("fails", 1)
    assert row.contradiction == "the verdict is not refuted, and at this instance it fails"
    (seen,) = [e for e in row.evidence if e.check == "train"]
    assert "broken at step" in seen.statement


def test_an_alarm_is_the_finding_of_the_study(monkeypatch):
    def wrong(self):
        for block in self.blocks:
            block.w.addcmul_(block.dw, block.eta_w, value=1)

    monkeypatch.setattr(Descent, "update_w", wrong)
    laboratory = Laboratory(small(), Options(device="cpu"))
    found = study(laboratory)
    assert "Step 4, descent" in found.finding
    assert "broken at step 0" in found.finding
    (evidence,) = of("step-4", laboratory)
    assert (evidence.verdict, evidence.figures["at step"]) == ("fails", 0)


def test_an_alarm_that_an_assumption_explains_says_so():
    """Tokens ten times too long, without A0: B moves by more than (48) allows for what Q moves, and no claim is contradicted."""
    long = replace(small(), tokens=10 * small().tokens, beta=0.01)
    laboratory = Laboratory(long, Options(device="cpu", max_steps=40))
    assert laboratory.watched["eq-48-frobenius"].verdict == "fails"
    found = study(laboratory)
    assert "(48), first step" in found.finding
    assert "It needs A0, which fails here." in found.finding
    assert found.contradiction is None
    row = claim(checked("eq-48-frobenius", instance=long, max_steps=40), "eq-48-frobenius")
    assert (row.here, row.contradiction) == ("not applicable", None)


@pytest.mark.whole
def test_without_rates_it_says_so_and_leaves_here_alone():
    laboratory = Laboratory(small(H=1), Options(device="cpu"))
    reason = "zeta0 is not certified positive: H = 1 heads are fewer than N = 2"
    assert study(laboratory).finding == f"Nothing was trained, so nothing was watched: {reason}."
    for id in CLAIMS:
        for evidence in of(id, laboratory):
            assert (evidence.verdict, evidence.strength) == ("not applicable", None)
            assert reason in evidence.statement
    record = checked("eq-62", "eq-49", instance=small(H=1))
    assert (claim(record, "eq-62").here, claim(record, "eq-49").here) == ("holds", "not applicable")


@pytest.mark.whole
def test_a_start_that_is_no_zero_is_judged_by_its_assumption():
    """w^(0) far from 0: (43a) fails at the start, and is not applicable; what is true of every point still holds."""
    start = 100 * np.random.default_rng(0).standard_normal((24, 4))
    record = checked("eq-43a", "lemma-7", instance=small(w_given=start))
    assert claim(record, "eq-43a").here == "not applicable"
    assert claim(record, "lemma-7").here == "holds"


def test_a_run_in_single_precision_breaks_nothing():
    laboratory = Laboratory(small(), Options(device="cpu", dtype="float32"))
    assert {one.verdict for one in laboratory.watched.values()} <= {"holds", "undecided"}
    assert "rounding rules" in told(laboratory.watched["step-4-whole"], laboratory.trajectory.steps)


@pytest.mark.parametrize(
    ("left", "rounding", "said"),
    [
        (1.0, 0.0, "x: it holds at each of 2 watched steps, the last of them t = 4, with a margin of at least 0.3."),
        (3.0, 0.0, "x: broken at step 0, margin -0.2, which rounding does not explain."),
        (3.0, 2.0, "x: rounding leaves it open; the smallest margin is -0.2, at t = 0."),
    ],
)  # fmt: skip
def test_what_is_said(left, rounding, said):
    t, columns = np.array([0, 4]), [np.full((2, 1), value) for value in (left, 2.0, rounding)]
    assert told(Along("id", "x", t, *columns), 4) == said
