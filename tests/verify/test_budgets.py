"""What is not finished is not claimed: small budgets, float32, Ctrl-C, odd little instances, CUDA."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from small_runs import (
    checked,
    claim,
    comparable,
    shared_searches,
    short_searches,
    small,
    small_digits,
    stated,
)

import reports
import verify.prove.identity
import verify.theories.yang2024.checks.bound_18
import verify.theories.yang2024.checks.compare
import verify.theories.yang2024.checks.rank
import verify.theories.yang2024.checks.train
import verify.theories.yang2024.laboratory
from numeric.balls import Undecided
from verify.record import ClaimRecord, Evidence, Record
from verify.theories.yang2024.checks.compare import BLUNT, Gap, relative
from verify.theories.yang2024.job import Interrupted, run
from verify.theories.yang2024.laboratory import SHORT_STEPS, Laboratory
from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import unit_columns
from verify.theories.yang2024.numeric.instance import Inference, Instance, TaskLaw
from verify.theories.yang2024.options import Options


@pytest.fixture(autouse=True)
def one_sample_each(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is sampled and searched in general has nothing to do with budgets, devices and instances."""
    monkeypatch.setitem(verify.theories.yang2024.checks.train.SAMPLES, "fast", 1)
    monkeypatch.setitem(verify.theories.yang2024.checks.rank.SAMPLES, "fast", 1)
    monkeypatch.setattr(verify.theories.yang2024.laboratory, "RANDOM_THETAS", 4)
    with short_searches(), shared_searches():
        yield


# Budgets.


def local(found: ClaimRecord, check: str) -> Evidence:
    """What one check says of this instance."""
    (one,) = [e for e in found.evidence if e.scope == "here" and e.check == check]
    return one


@pytest.mark.slow
def test_too_few_steps_leave_it_to_the_certificate() -> None:
    record = checked("theorem-1", "theorem-2", "eq-10", max_steps=50)
    for id, needed in (("theorem-1", "216 steps"), ("theorem-2", "T = 378")):
        found = claim(record, id)
        assert (found.verdict, found.here, found.contradiction) == ("not refuted", "holds", None)
        watched, every_step = local(found, "train"), local(found, "certificate")
        assert (watched.verdict, watched.strength, watched.margin) == ("not applicable", None, None)
        assert (every_step.verdict, every_step.strength) == ("holds", "certified")
        assert needed in watched.statement
        assert "the budget is 50" in watched.statement
        predicted = watched.figures["predicted seconds"]
        assert isinstance(predicted, float)
        assert predicted > 0
    assert local(claim(record, "theorem-1"), "compare").figures["steps outside"] == 0
    assert record.training is not None
    assert (record.training.status, record.training.steps) == ("budget", 50)
    assert (record.training.figures["steps_for_bound"], record.training.figures["T_of_21"]) == ("216", "378")
    assert record.training.figures["predicted_seconds"] is not None
    (warning,) = record.warnings
    assert warning.startswith("training to the bound needs 216 steps, the budget is 50")
    assert record.exit_code == 0
    assert "Gradient descent at the printed rates" not in record.headline
    assert claim(record, "eq-10").here == "holds"  # the steps that were taken are what they should be
    reports.html(record)


@pytest.mark.slow
def test_astronomical_step_counts_are_printed_not_run() -> None:
    """H near N: the guarantee needs more steps than there are atoms."""
    record = checked("theorem-1", "theorem-2", instance=small(N=3, H=3, beta=1e-6))
    found = claim(record, "theorem-1")
    assert (found.here, found.evidence[-1].figures["steps outside"]) == ("holds", 0)
    assert record.training is not None
    assert record.training.steps == SHORT_STEPS
    assert "e" in str(record.training.figures["steps_for_bound"])
    assert record.exit_code == 0


def test_T_beyond_the_budget_leaves_theorem_2_undecided_alone() -> None:
    demanding = small(inference=Inference(TaskLaw("gaussian", 1.0, 2.0), B=16.0, epsilon=1e-4))
    plan = Laboratory(demanding).plan
    assert plan.bound_steps is not None
    assert plan.theorem2 is not None
    assert plan.bound_steps < plan.theorem2
    record = checked("theorem-1", "theorem-2", instance=demanding, max_steps=plan.theorem2 - 1)
    assert claim(record, "theorem-1").here == "holds"
    assert claim(record, "theorem-2").here == "holds"
    watched, every_step = (local(claim(record, "theorem-2"), check) for check in ("train", "certificate"))
    assert watched.verdict == "not applicable"
    assert watched.figures["T of (21)"] == every_step.figures["T of (21)"] == str(plan.theorem2)
    assert int(every_step.figures["first step, at most"].replace(",", "")) < plan.theorem2
    enough = checked("theorem-2", instance=demanding, max_steps=plan.theorem2)
    assert claim(enough, "theorem-2").here == "holds"


def test_T_within_the_budget_is_run_where_the_bound_is_not() -> None:
    easy = small(inference=Inference(TaskLaw("gaussian", 1.0, 2.0), B=16.0, epsilon=30.0))
    plan = Laboratory(easy, Options(max_steps=200)).plan
    assert (plan.theorem2, plan.bound_steps, plan.steps) == (128, 216, 128)
    record = checked("theorem-1", "theorem-2", instance=easy, max_steps=200)
    assert local(claim(record, "theorem-1"), "train").verdict == "not applicable"
    assert [claim(record, id).here for id in ("theorem-1", "theorem-2")] == ["holds", "holds"]


# float32.


@pytest.mark.parametrize("make", [small, small_digits])
def test_float32_ends_well(make) -> None:
    record = checked("eq-10", "theorem-1", "theorem-2", instance=make(), dtype="float32")
    assert record.exit_code == 0
    assert record.settings.dtype == "float32"
    assert [c.here for c in record.claims if c.form == "printed"] == ["holds"] * 3
    steps = next(e for e in claim(record, "eq-10").evidence if e.scope == "here")
    assert "float32" in steps.budget
    assert steps.figures["tolerance"] == pytest.approx(1e5 * np.finfo(np.float32).eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_below_rounding_nothing_is_said(dtype: str) -> None:
    """A bound far below what iterates resolve: no false alarm, and the steps that count are named."""
    record = checked("theorem-1", dtype=dtype, bound_target=1e-45, max_steps=20_000)
    watched = local(record.claims[0], "train")
    assert record.exit_code == 0
    assert watched.figures["steps above rounding"] < watched.figures["steps"]
    assert f"t = 1..{watched.figures['steps above rounding']}" in watched.statement
    assert "below that step rounding rules" in watched.statement


def test_a_rate_outside_float32_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    far = small(N=3, H=3, beta=1e-6)
    rates = enclose_constants(far).rates
    assert rates is not None
    assert rates.eta_Q < np.finfo(np.float32).tiny
    record = checked("theorem-1", "eq-10", instance=far, dtype="float32")
    assert record.exit_code == 0
    assert [c.here for c in record.claims if c.form == "printed"] == ["undecided"] * 2
    assert record.training is not None
    assert record.training.reason.endswith("is outside the range of float32")


# Ctrl-C.


def partial(stop: Interrupted, tmp_path: Path) -> Record:
    stop.record.save(tmp_path / "record.json")
    record = Record.load(tmp_path / "record.json")
    page = reports.html(record)
    assert record == stop.record
    assert (record.status, record.exit_code) == ("partial", 130)
    assert record.status_reason.startswith(f"interrupted by Ctrl-C after {len(record.claims)} of ")
    assert "partial" in page.lower()
    return record


def interrupt(*args, **kwargs):
    raise KeyboardInterrupt


def test_interrupted_within_a_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verify.theories.yang2024.checks.rank, "enclose_spectrum", interrupt)
    with pytest.raises(Interrupted) as stop:
        checked("prop-1", "eq-20")
    record = partial(stop.value, tmp_path)
    assert record.claims == []
    assert len(record.assumptions) == 8


def test_interrupted_between_claims(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verify.theories.yang2024.checks.compare.CompareRidge, "__call__", interrupt)
    with pytest.raises(Interrupted) as stop:
        checked("prop-1", "eq-10", "eq-20", "lemma-4")
    record = partial(stop.value, tmp_path)
    assert [c.id for c in record.claims] == ["eq-10", "prop-1"]
    assert record.training is not None
    assert record.training.status == "reached"


@pytest.mark.parametrize("at", [0, 3, 1100])
def test_interrupted_within_training(at: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the first block of steps nothing is known yet; later what was seen is kept."""
    right, taken = Descent.step, []

    def step(self, gap):
        if len(taken) == at:
            raise KeyboardInterrupt
        taken.append(1)
        right(self, gap)

    monkeypatch.setattr(verify.theories.yang2024.checks.train.SampleDescents, "__call__", lambda *_: [])
    monkeypatch.setattr(Descent, "step", step)
    with pytest.raises(Interrupted) as stop:
        checked("theorem-1", bound_target=1e-30)
    record = partial(stop.value, tmp_path)
    assert record.training is not None
    if at < 1024:
        assert (record.training.status, record.training.steps) == ("not run", 0)
    else:
        assert (record.training.status, record.training.steps) == ("interrupted", 1024)


def test_interrupted_while_the_assumptions_are_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("verify.theories.yang2024.laboratory.enclose_spectrum", interrupt)
    with pytest.raises(Interrupted) as stop:
        checked("eq-9")
    assert [a.id for a in partial(stop.value, tmp_path).assumptions] == ["A0", "A1"]


# What cannot be told is not passed.


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [
        (Gap(0.0, 1e-12), "holds"),
        (Gap(1e-12, 1e-12), "holds"),
        (Gap(1.1e-12, 1e-12), "fails"),
        (Gap(float("inf"), 1e-12), "fails"),
        (Gap(float("nan"), 1e-12), "undecided"),
        (Gap(1e-15, 2 * BLUNT), "undecided"),
        (Gap(1e-15, float("inf")), "undecided"),
    ],
)
def test_a_gap(gap: Gap, verdict: str) -> None:
    assert gap.verdict == verdict
    assert gap.worse(Gap()).verdict == Gap().worse(gap).verdict == verdict


def test_the_worst_gap_wins_whatever_the_order() -> None:
    fails, lost, close, fine = Gap(1e-3), Gap(float("nan")), Gap(5e-13), Gap(1e-15)
    for first, second in ((fails, lost), (lost, close), (close, fine), (fails, fine)):
        assert first.worse(second) == second.worse(first) == first


def test_cancellation_is_allowed_for_and_no_more() -> None:
    one = np.ones(1)
    assert relative(0 * one, 0 * one).verdict == "holds"
    assert relative(1e-16 * one, 0 * one, terms=1.0).verdict == "undecided"
    assert relative(1e-10 * one, 0 * one, terms=1.0).verdict == "fails"
    assert relative(1e-14 * one, 1e-6 * one, terms=1.0).verdict == "holds"
    assert relative(1e-12 * one, 1e-6 * one, terms=1.0).verdict == "fails"
    assert relative(1e-15 * one, 1e-15 * one, terms=1.0).verdict == "undecided"


def test_near_duplicates_raise_no_false_alarm() -> None:
    """Prompt tokens at distance 1e-6: the gradient in Q cancels to six places."""
    tokens = small().tokens.copy()
    tokens[:, 1] = tokens[:, 0] + 1e-6 * np.array([1.0, -1.0, 0.5])
    record = checked("eq-82", "lemma-1", instance=small(tokens=unit_columns(tokens)))
    assert record.exit_code == 0
    assert [c.here for c in record.claims] == ["holds"] * 2


def test_wide_enclosures_say_nothing_and_more_bits_make_them_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = small(N=3, m=2, tau=1e-90)
    assert claim(checked("eq-34", instance=tiny), "eq-34").here == "holds"
    monkeypatch.setattr("numeric.balls.LIMIT_BITS", 256)
    found = claim(checked("eq-34", instance=tiny), "eq-34")
    assert (found.verdict, found.here) == ("holds", "undecided")


def test_what_a_check_cannot_decide_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(*_):
        raise Undecided("not decided with 4096 bits")

    monkeypatch.setattr(verify.theories.yang2024.checks.bound_18, "enclose_gap", undecided)
    monkeypatch.setattr(verify.theories.yang2024.checks.train.SampleDescents, "__call__", lambda *_: [])
    found = checked("theorem-1").claims[0]
    assert found.here == "undecided"
    assert "Not decided: not decided with 4096 bits." in [one.statement for one in found.evidence]


# Odd little instances.

ODD = {
    "one token": {"N": 1, "K": 1, "d": 1, "m": 1, "H": 1},
    "one feature": {"m": 1},
    "one labelled": {"N": 1},
    "all labelled": {"N": 4},
    "one dimension": {"N": 1, "K": 2, "d": 1},
    "one head": {"N": 1, "H": 1},
    "N = H": {"N": 2, "H": 2},
    "N > m": {"N": 3, "m": 2},
    "little noise": {"tau": 1e-12, "N": 3, "m": 2},
    "hardly any noise": {"tau": 1e-200, "N": 3, "m": 2},
    "much noise": {"tau": 1e12},
    "too much noise": {"tau": 1e300},
    "features of one": {"features": np.ones((3, 4))},
    "features of zero": {"features": np.zeros((3, 4))},
    "huge features": {"features": np.full((3, 4), 1e160)},
    "huge tokens": {"tokens": np.full((3, 4), 1e200)},
    "tiny tokens": {"tokens": np.eye(3, 4) * 1e-200},
    "Q of zero": {"Q_given": np.zeros((24, 3, 3))},
    "huge Q": {"Q_given": np.full((24, 3, 3), 1e200) * np.arange(1, 25)[:, None, None]},
    "huge w": {"w_given": np.full((24, 4), 1e12)},
    "one prompt": {"inference": Inference(prompts=1)},
    "no λ but its mean": {"tasks": TaskLaw("gaussian", 1.0, 0.0)},
}  # fmt: skip


@pytest.mark.sampled(24)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ODD)
def test_odd_instances_run_to_a_report(name: str) -> None:
    only = (
        "prop-1",
        "eq-9",
        "eq-10",
        "theorem-1",
        "eq-20",
        "theorem-2",
        "lemma-1",
        "lemma-4",
        "eq-34",
        "eq-82",
    )
    for dtype in ("float64", "float32"):
        chosen = only if dtype == "float64" else ("eq-10", "theorem-1", "theorem-2")
        record = checked(*chosen, instance=small(**ODD[name]), dtype=dtype, max_steps=2000)
        assert record.exit_code == 0, [
            (c.id, c.contradiction, c.evidence) for c in record.claims if c.contradiction
        ]
        assert len(record.warnings) <= 2
        Record.model_validate_json(record.model_dump_json())
    if name in ("one token", "all labelled", "huge features", "huge Q"):  # a second each
        assert reports.html(record)


# Where floats enter.


def test_floats_enter_exactly() -> None:
    from verify.theories.yang2024.binding import ball_point, balls

    instance = small()
    point = ball_point(instance, {"y": np.array([0.1, -0.2, 1e-300, 3.0])}, rooted=True)
    for name, array in (("Z", instance.features), ("y", np.array([0.1, -0.2, 1e-300, 3.0]))):
        for ball, number in zip(point.arrays[name].flat, array.flat, strict=True):
            assert ball.is_exact()
            assert float(ball) == number
    assert balls(np.array([0.1]))[0].is_exact()
    assert point.scalars["tau"].is_exact()
    for ball in point.arrays["Zbar"].flat:
        assert ball.rel_accuracy_bits() > 30


# CUDA.

CUDA = pytest.param(
    "cuda",
    marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")],
)


@pytest.mark.parametrize("device", ["cpu", CUDA])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_on_each_device(device: str, dtype: str) -> None:
    record = run(small(), Options(device=device, dtype=dtype, only=("eq-10", "theorem-1", "theorem-2")))
    assert (record.exit_code, record.settings.device, record.settings.dtype) == (0, device, dtype)
    assert record.settings.gpu.startswith("GPU: ")
    assert (record.settings.gpu == "GPU: not run") == (device == "cpu")
    assert [c.here for c in record.claims if c.form == "printed"] == ["holds"] * 3


def test_auto_takes_what_is_there() -> None:
    record = run(small(), Options(only=("eq-33",)))
    assert record.settings.device == ("cuda" if torch.cuda.is_available() else "cpu")
    assert comparable(record)["claims"] == comparable(checked("eq-33"))["claims"]
    assert stated("eq-33").expected == "fails"
    assert isinstance(small(), Instance)
    assert len(set(verify.prove.identity.DISTINCT)) == len(verify.prove.identity.DISTINCT)
