"""Every step in a run: what the certificate says of Theorem 1 and its induction, and that steps which leave it end the run with exit 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from small_runs import checked, claim, short_searches, small

import verify.theories.yang2024.checks.train
import verify.theories.yang2024.laboratory
from verify.record import ClaimRecord, Evidence, Record
from verify.theories.shipped import theory
from verify.theories.yang2024.checks.every_step import EveryStep
from verify.theories.yang2024.checks.train import WatchBound
from verify.theories.yang2024.checks.watched import Watched
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.studies import certificate, plan


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(verify.theories.yang2024.checks.train.SAMPLES, "fast", 1)
    with short_searches():
        yield


def of(found: ClaimRecord, check: str) -> Evidence:
    (one,) = [e for e in found.evidence if e.scope == "here" and e.check == check]
    return one


def test_theorem_1_and_its_induction_are_certified_for_every_step() -> None:
    laboratory, budgets = Laboratory(small(), Options(max_steps=20)), set()
    for id in ("theorem-1", "eq-43a", "eq-43b", "eq-43c"):
        for form in ("printed", "repaired"):
            (one,) = [c for c in theory().claims if c.key == (id, form)]
            (check,) = [c for c in one.checks if isinstance(c, EveryStep)]
            found, *stepping = check(one, laboratory)
            assert (found.verdict, found.strength) == ("holds", "certified")
            assert found.margin is not None
            assert found.margin > 0
            assert found.statement.startswith("For every t")
            budgets.add((form, found.budget))
            assert [e.figures["steps outside"] for e in stepping] == [0] * (
                found.statement.count("(18)") > 0 and form == "printed"
            )
            watching = [c for c in one.checks if isinstance(c, Watched | WatchBound)]
            for watch in watching:  # twenty steps settle nothing of every step
                assert [e.verdict for e in watch(one, laboratory)] == ["not applicable"]
    assert len(budgets) == 2  # each form at its own rates


def test_steps_that_leave_the_enclosure_end_the_run_with_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def slightly_off(instance, rates, **options):  # type: ignore[no-untyped-def]
        return train(instance, replace(rates, eta_w=rates.eta_w * 1.001), **options)

    monkeypatch.setattr(verify.theories.yang2024.laboratory, "train", slightly_off)
    record = checked("theorem-1", max_steps=60)
    found = claim(record, "theorem-1")
    assert of(found, "compare").verdict == "fails"
    assert "one of the two routes is wrong" in of(found, "compare").statement
    assert (found.here, record.exit_code) == ("fails", 1)


def test_an_instance_outside_the_theorem_is_certified_beside_it() -> None:
    """Tokens that have no unit norm: Theorem 1 does not apply, and (18) is certified all the same."""
    record = checked("theorem-1", instance=small(unit_norm=False), max_steps=20)
    found = claim(record, "theorem-1")
    assert (found.here, of(found, "certificate").verdict) == ("not applicable", "holds")


def test_where_it_does_not_close_the_run_says_so_and_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Laboratory(small()).constants.rates
    assert rates is not None
    laboratory = Laboratory(small())
    faster = laboratory.certificates.at(replace(rates, eta_Q=1e6 * rates.eta_Q))
    assert isinstance(faster, str)
    assert "misses by a factor of" in faster
    monkeypatch.setattr("verify.theories.yang2024.certificates.Certificates.at", lambda self, rates: faster)
    record: Record = checked("theorem-1", max_steps=20)
    found = claim(record, "theorem-1")
    assert of(found, "certificate").verdict == "not applicable"
    assert (of(found, "train").verdict, found.here, record.exit_code) == ("undecided", "undecided", 0)


def test_the_study_sets_the_theorem_beside_what_is_certified_and_seen() -> None:
    laboratory = Laboratory(small())
    found = certificate.study(laboratory)
    assert found.contradiction is None
    steps, bounds = found.tables
    rows = {str(row[0]): row for row in steps.rows}
    assert list(rows) == [
        "the theorem, L of (17)", "L of the repaired (61)", "L of the sharper Lemma 10", "the largest that are certified here",
    ]  # fmt: skip
    asked, least = rows["the theorem, L of (17)"][3], rows["the largest that are certified here"][4]
    assert asked == "216"
    assert int(str(least).split(" to ")[-1].replace(",", "")) < 216
    trajectory, made = laboratory.trajectory, laboratory.certificates.printed
    assert trajectory is not None
    assert isinstance(made, Certificate)
    seen = int(np.argmax(trajectory.gap <= laboratory.options.bound_target * trajectory.gap[0]))
    assert rows["the theorem, L of (17)"][5] == str(seen)
    low, high = made.first(laboratory.constants.Delta0 * laboratory.options.bound_target)
    assert low <= seen <= high
    assert str(bounds.rows[0][0]).startswith("length of the path")


def test_the_plan_has_the_table_and_trains_nothing() -> None:
    laboratory = Laboratory(small(), Options())
    found = plan.before(laboratory)
    assert found.tables[-1].columns == certificate.COLUMNS
    assert {row[5] for row in found.tables[-1].rows} == {"–"}
    assert "trajectory" not in laboratory.__dict__
