"""Every step in a run: what the certificate says of Theorem 1 and its induction, and that steps which leave it end the run with exit 1."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from small_runs import small

import verify.theories.yang2024.certified_training
import verify.theories.yang2024.laboratory
from numeric import balls
from verify.cli import main
from verify.known import known
from verify.own.stored import SUFFIX, opened
from verify.own.theory import theory as of_setting
from verify.pipeline.bench import Bench
from verify.pipeline.judge import judge
from verify.record import ClaimRecord, Evidence
from verify.statement import Claim, Identity
from verify.theories.shipped import theory
from verify.theories.yang2024 import lemmas_every_step
from verify.theories.yang2024.certified_training import train_certified
from verify.theories.yang2024.checks.every_step import EveryStep, shown
from verify.theories.yang2024.checks.stepped import stepped
from verify.theories.yang2024.checks.train import WatchBound
from verify.theories.yang2024.checks.watched import Watched
from verify.theories.yang2024.job import check_assumptions
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric import enclosed_descent
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.enclosed_descent import HORIZON, affordable, descend, watch
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.studies import certificate, own_theorem, plan
from verify.theories.yang2024.weights import read_weights


def of(found: ClaimRecord, check: str) -> Evidence:
    (one,) = [e for e in found.evidence if e.scope == "here" and e.check == check]
    return one


def stated(id: str, form: str = "printed") -> Claim:
    (one,) = [c for c in theory().claims if c.key == (id, form)]
    return one


def judged(laboratory: Laboratory) -> ClaimRecord:
    """The row of Theorem 1 from what is seen at the instance, with its assumptions; what supports it in general is supposed."""
    general = Evidence(check="sample", **known("general", "not refuted", "tested"), statement="supposed")
    claim = stated("theorem-1")
    evidence = [e for check in (WatchBound(), EveryStep("loss")) for e in check(claim, laboratory)]
    assumptions = {one.id: one for one in check_assumptions(laboratory.instance, laboratory)}
    return judge(claim, [general, *evidence], assumptions, lambda id: id)


def test_theorem_1_and_its_induction_are_certified_for_every_step() -> None:
    laboratory, budgets = Laboratory(small(), Options(max_steps=20)), set()
    for id in ("theorem-1", "eq-43a", "eq-43b", "eq-43c"):
        for form in ("printed", "repaired"):
            one = stated(id, form)
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
            for seen in watching:  # twenty steps settle nothing of every step
                assert [e.verdict for e in seen(one, laboratory)] == ["not applicable"]
    assert len(budgets) == 2  # each form at its own rates


def test_steps_that_leave_the_enclosure_end_the_run_with_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def slightly_off(instance, rates, **options):  # type: ignore[no-untyped-def]
        return train(instance, replace(rates, eta_w=rates.eta_w * 1.001), **options)

    monkeypatch.setattr(verify.theories.yang2024.laboratory, "train", slightly_off)
    found = judged(Laboratory(small(), Options(max_steps=60)))
    assert of(found, "compare").verdict == "fails"
    assert "one of the two routes is wrong" in of(found, "compare").statement
    assert found.here == "fails"
    assert found.contradiction == "the verdict is not refuted, and at this instance it fails"


def test_an_instance_outside_the_theorem_is_certified_beside_it() -> None:
    """Tokens that have no unit norm: Theorem 1 does not apply, and (18) is certified all the same."""
    found = judged(Laboratory(small(unit_norm=False), Options(max_steps=20)))
    assert (found.here, of(found, "certificate").verdict) == ("not applicable", "holds")


def test_where_it_does_not_close_the_run_says_so_and_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Laboratory(small()).constants.rates
    assert rates is not None
    laboratory = Laboratory(small())
    faster = laboratory.certificates.at(replace(rates, eta_Q=1e6 * rates.eta_Q))
    assert isinstance(faster, str)
    assert "misses by a factor of" in faster
    monkeypatch.setattr("verify.theories.yang2024.certificates.Certificates.at", lambda self, rates: faster)
    found = judged(Laboratory(small(), Options(max_steps=20)))
    assert of(found, "certificate").verdict == "not applicable"
    assert (of(found, "train").verdict, found.here, found.contradiction) == ("undecided", "undecided", None)
    assert of(found, "enclose").verdict == "not applicable"  # of a horizon, and not of every step
    assert "(18) holds at each of steps 1 to 32, the only ones looked at." in of(found, "enclose").statement
    assert (of(found, "compare").verdict, of(found, "compare").figures["steps"]) == ("holds", 20)


def test_steps_in_balls_lie_inside_the_certificate() -> None:
    laboratory = Laboratory(small())
    made = laboratory.certificates.printed
    assert isinstance(made, Certificate)
    induction = made.induction_holds()
    with balls.precision(made.bits):
        gamma = (arb(made.rates.eta_w) / made.rates.eta_Q).sqrt()
        for one in watch(laboratory.exact, made.rates, 12):
            at = made.at(one.t)
            assert one.gap.overlaps(at.gap)
            assert (one.weights / gamma).overlaps(at.alpha)
            assert one.least >= induction.root**2


def test_steps_in_balls_break_what_is_false_and_leave_open_what_is_not_told() -> None:
    laboratory = Laboratory(small())
    rates = laboratory.constants.rates
    assert rates is not None
    far = replace(rates, eta_Q=1e12 * rates.eta_Q)  # attention turns over at once
    (rank,) = stepped("rank", far, laboratory)
    assert (rank.verdict, rank.refutation) == ("fails", "certified")
    (loss,) = stepped("loss", far, laboratory)
    assert loss.verdict == "not applicable"
    assert "the enclosures are too wide to tell" in loss.statement
    assert 0 < int(str(loss.figures["steps enclosed"])) < HORIZON


def test_a_false_enclosure_of_the_steps_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def faster(exact, rates, steps):  # type: ignore[no-untyped-def]
        return descend(exact, replace(rates, eta_w=1.5 * rates.eta_w), steps)

    monkeypatch.setattr(enclosed_descent, "descend", faster)
    laboratory = Laboratory(small(), Options(max_steps=20))
    rates = laboratory.constants.rates
    assert rates is not None
    _, compared = stepped("loss", rates, laboratory)
    assert (compared.verdict, compared.refutation) == ("fails", "statistical")
    assert "one of the two routes is wrong" in compared.statement


def test_no_step_is_enclosed_where_one_of_them_costs_too_much() -> None:
    exact = ExactInstance(synthetic())
    assert affordable(exact) == 0
    assert affordable(ExactInstance(small())) == HORIZON


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


def test_the_theorem_of_our_own_has_a_chapter_with_each_statement_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = own_theorem.study(Laboratory(small()))
    assert found.contradiction is None
    assert {(row.form, row.verdict, row.strength) for row in found.statements} == {
        ("ours", "holds", "proved")
    }
    (derivation,) = found.tables
    steps = [str(row[0]) for row in derivation.rows]
    parts = list(dict.fromkeys(row.part for row in found.statements))
    assert [
        step for step in steps if step in parts
    ] == parts  # each statement stands under a step, in the order of the derivation

    monkeypatch.setattr(own_theorem, "gather", lambda claim, check, bench: [])
    lost = own_theorem.study(Laboratory(small())).contradiction
    assert lost == "one step of the residual: the verdict is undecided, expected was holds"


def test_the_plan_has_the_table_and_trains_nothing() -> None:
    laboratory = Laboratory(small(), Options())
    found = plan.before(laboratory)
    assert found.tables[-1].columns == certificate.COLUMNS
    assert {row[5] for row in found.tables[-1].rows} == {"–"}
    assert "trajectory" not in laboratory.__dict__


def test_the_derivation_is_proved_from_its_stored_proofs_and_a_false_step_is_not() -> None:
    folder = Path(lemmas_every_step.__file__)
    kept = opened(folder.with_suffix(SUFFIX), [lemmas_every_step.S], update=False)
    claims = of_setting(lemmas_every_step.S, kept[lemmas_every_step.S.name]).claims
    for claim in claims:
        (found,) = claim.checks[0](claim, Bench(0))
        assert (found.verdict, found.strength) == ("holds", "proved"), claim.id
        (statement,) = claim.statements
        assert (
            "stored in" in statement.origin() or "Cauchy" in claim.id
        )  # which has its proof in its own file
    (step,) = [claim for claim in claims if claim.id == "one step of the residual"]
    (statement,) = step.statements
    assert isinstance(statement, Identity)
    lost = replace(statement, rhs=statement.rhs.args[0])
    false = replace(step, formal=lambda: (lost,))
    assert {e.verdict for check in false.checks for e in check(false, Bench(0))} <= {"fails", "undecided"}
    assert "fails" in {e.verdict for check in false.checks for e in check(false, Bench(0))}


def test_training_at_certified_rates_leaves_a_record_and_weights(tmp_path: Path) -> None:
    instance = small()
    record = train_certified(
        instance,
        Options(),
        progress=None,
        command="icl-verify run --rates certified",
        weights=tmp_path / "weights.npz",
    )
    (found,) = record.studies
    assert (record.exit_code, record.claims, found.contradiction) == (0, [], None)
    assert "The gap lies inside its enclosure at each step" in found.finding
    for _, low, seen, high in found.tables[0].rows:
        assert float(str(low)) <= float(str(seen)) * 1.01
        assert float(str(seen)) <= float(str(high)) * 1.01
    weights = read_weights([str(tmp_path / "weights.npz")], "Q_offset", None)
    weights.fit(instance)
    assert weights.H == instance.H


def test_training_at_other_rates_than_the_certified_ones_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slower(instance, rates, **options):  # type: ignore[no-untyped-def]
        return train(instance, replace(rates, eta_w=rates.eta_w / 50), **options)

    monkeypatch.setattr(verify.theories.yang2024.certified_training, "train", slower)
    record = train_certified(
        small(),
        Options(),
        progress=None,
        command="icl-verify run --rates certified",
        weights=tmp_path / "weights.npz",
    )
    assert record.exit_code == 1
    assert "outside its enclosure" in str(record.studies[0].contradiction)


def test_rates_have_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--rates", "large", "--out", str(tmp_path)]) == 2
    assert "--rates = large: needs one of printed, certified" in capsys.readouterr().err
    assert main(["run", "--rates", "certified", "--only", "theorem-1", "--out", str(tmp_path)]) == 2
    assert "--only" in capsys.readouterr().err


def test_without_A1_the_loss_alone_is_certified() -> None:
    laboratory = Laboratory(small(tasks=TaskLaw("uniform", 0.5, 1.5)), Options(max_steps=20))
    found = {of: next(iter(EveryStep(of)(stated(id), laboratory))).verdict for of, id in (
        ("loss", "eq-43c"), ("alpha", "eq-43a"), ("rank", "eq-43b")
    )}  # fmt: skip
    assert found == {"loss": "holds", "alpha": "not applicable", "rank": "not applicable"}


def test_a_bound_is_never_shown_sharper_than_it_is() -> None:
    with balls.precision(128):
        x = arb("11.155291") + arb(0, arb("1e-20"))
        assert (shown(x, "least"), shown(x), shown(x, "most")) == ("11.15", "11.16", "11.16")
        assert shown(arb("1.23449e-214"), "most") == "1.235·10^−214"
        assert shown(arb("1.23449e-400"), "least") == "1.234·10^−400"
