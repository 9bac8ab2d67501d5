"""Training is measured as the page says: both sides do the same, what is counted is right, and no part loses another."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from benchmarks import shared
from benchmarks.training import __main__ as run
from benchmarks.training import (
    autograd,
    cases,
    certificate,
    gpu,
    largest,
    machine,
    montecarlo,
    scaling,
    section,
    trials,
)
from benchmarks.training.course import TARGETS, Course
from benchmarks.training.process import Bench, Failed
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import Sizes
from verify.theories.yang2024.numeric.gradient import gradient, softmax
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.model import Transformer

TINY = Sizes(N=3, K=5, d=4, m=2, H=6, tau=0.1, beta=2.0)


class Here(Bench):
    """Calls in this process, with settings that make it short."""

    SHORT: ClassVar[dict[str, dict[str, Any]]] = {
        "autograd:agreement": {"count": 2, "steps": 5}, "autograd:per_step": {"count": 2, "seconds": 0.004},
        "montecarlo:exact": {"budget": 0.05}, "montecarlo:searched": {"budget": 0.05}, "montecarlo:sampled": {"budget": 0.03},
        "machine:reached": {"seconds": 0.004}, "machine:where": {"steps": 2}, "scaling:sample": {"seconds": 0.001},
        "watching:extra": {"steps": 40, "rounds": 2},
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(600.0, threads=(1,))
        self.calls: list[str] = []

    def fresh(self, function: str, threads: int, **settings: object) -> dict[str, Any]:
        self.calls.append(function)
        module, name = function.split(":")
        call = getattr(import_module(f"benchmarks.training.{module}"), name)
        found: dict[str, Any] = json.loads(json.dumps(call(**settings | self.SHORT.get(function, {}))))
        return found


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case at sizes of no weight."""
    monkeypatch.setattr(cases, "SIZES", dict.fromkeys(cases.SIZES, TINY))
    monkeypatch.setattr(cases, "LARGEST", TINY)
    monkeypatch.setattr(cases, "instances", lambda case, count=2: _tiny(2 if case == "batched" else 1))
    monkeypatch.setattr(machine, "SQUARE", 16)
    monkeypatch.setattr(scaling, "resident", lambda: 0.0)  # the growth would be lost in what the process has
    monkeypatch.setattr(machine, "PROFILED", dict.fromkeys(machine.PROFILED, 3))
    monkeypatch.setattr(scaling, "BASE", replace(TINY, N=2))
    monkeypatch.setattr(
        scaling, "LADDERS", {letter: (2, 4) if letter == "N" else (4, 8) for letter in "NKHdm"}
    )
    monkeypatch.setattr(trials, "WAYS", {k: v for k, v in trials.WAYS.items() if v[0] is not trials.Compiled})
    monkeypatch.setattr(trials, "SECONDS", 0.001)
    monkeypatch.setattr(certificate, "STEPS", dict.fromkeys(certificate.STEPS, 20))
    monkeypatch.setattr(certificate, "BASE", TINY)
    monkeypatch.setattr(certificate, "LADDERS", {"K": (5, 8), "H": (6, 9)})


def _tiny(count: int) -> list[Instance]:
    return [cases.of_sizes(TINY, seed) for seed in range(count)]


@pytest.mark.parametrize(("case", "count"), [("default", 1), ("batched", 3)])
def test_both_sides_go_the_same_way(case: str, count: int) -> None:
    found = autograd.agreement(case, count)
    assert found["difference"] <= found["wanted"]
    assert found["moved"] > 1e-5  # Q has a part in it


def test_another_way_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check fails where Q stays: at these rates its moves are seen in the gap."""

    class Lazy(autograd.Autograd):
        def __init__(self, instances: Any, rates: Any) -> None:
            super().__init__(instances, [replace(one, eta_Q=0.0) for one in rates])

    monkeypatch.setattr(autograd, "Autograd", Lazy)
    assert autograd.agreement("default")["difference"] > 100 * autograd.AGREE
    with pytest.raises(Failed, match="default: the two sides differ by"):
        autograd.measure(Here())


def test_ratios_are_of_the_best_medians() -> None:
    here = autograd.best({1: [2.0, 4.0, 3.0], 2: [9.0, 1.0, 5.0]})
    other = autograd.best({1: [30.0], 2: [12.0, 20.0]})
    assert (here["threads"], here["median"], here["least"], here["most"]) == (1, 3.0, 2.0, 4.0)
    assert (other["threads"], other["median"]) == (2, 16.0)
    assert here["tried"]["2"]["median"] == 5.0
    sides = {("batched", "here"): here, ("default", "autograd"): other}
    assert autograd.row(sides, "a step", "batched", "default", 5)["ratio"] == 16 / 3


def test_blocks_are_timed_per_step(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(autograd.time, "perf_counter", lambda: clock[0])

    def work(steps: int) -> None:
        clock[0] += 0.25 * steps

    found, steps = autograd.blocks(work, 3.0)
    assert found == [0.25] * autograd.BLOCKS
    assert steps * autograd.BLOCKS * 0.25 == pytest.approx(3.0)


def test_operations_are_those_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted call by call: (n, p) by (p, q) is 2npq of them, as often as there are in the batch."""
    descent = Descent([cases.of_sizes(TINY)], [Rates(1.0, 1e-6, 1e-6)], torch.float64, "cpu")
    counted = 0

    def counting(name: str, first: int) -> None:
        product = getattr(torch, name)

        def call(*tensors: torch.Tensor, **options: Any) -> torch.Tensor:
            nonlocal counted
            left, right = tensors[first:]
            counted += 2 * len(left) * left.shape[1] * left.shape[2] * right.shape[2]
            return product(*tensors, **options)

        monkeypatch.setattr(torch, name, call)

    counting("bmm", 0)
    counting("baddbmm", 1)
    descent.step(torch.zeros(1, 1, 1, dtype=torch.float64))
    assert counted == machine.flops(TINY.N, TINY.K, TINY.H)


def test_exponents_of_planted_powers() -> None:
    sizes = [16, 32, 64, 128]
    exact = scaling.exponent(sizes, [3e-9 * n**1.7 for n in sizes])
    assert exact["exponent"] == pytest.approx(1.7)
    assert exact["off"] == pytest.approx(1.0)
    bent = scaling.exponent(sizes, [1.0, 2.0, 4.0, 80.0])
    assert bent["exponent"] > 1.5
    assert bent["off"] > 1.5


@pytest.mark.slow
def test_sampled_training_has_the_gradient_of_the_loss_in_the_mean() -> None:
    """Its Â is the literal model's, its step by (9) has the gradient of (9), and the mean over many prompts comes near it."""
    instance = cases.of_sizes(replace(TINY, H=3))
    quadratic = least_squares(label_covariance(instance), instance.N)
    w = np.linspace(-1.0, 1.0, instance.H * instance.K).reshape(instance.H, instance.K)
    instance = replace(instance, w_given=w)
    model = montecarlo.Sampled(instance, quadratic, fresh=True)
    literal = Transformer.from_instance(instance).A_hat().detach().numpy()
    np.testing.assert_allclose(model.D() + quadratic.A, literal, rtol=1e-4, atol=1e-5)
    wanted = gradient(instance, quadratic, softmax(np.array(instance.scores0)), w).w
    model.step(exact=True)
    np.testing.assert_allclose(model.w.grad.numpy(), wanted, rtol=1e-3, atol=1e-5)
    total, count = np.zeros_like(wanted), 200
    model = montecarlo.Sampled(instance, quadratic, fresh=True)
    for _ in range(count):
        with torch.no_grad():
            model.w.copy_(torch.tensor(w))
            model.Q.copy_(torch.tensor(np.stack(list(instance.heads()))))
        model.step()
        total += model.w.grad.numpy()
    assert np.linalg.norm(total / count - wanted) < 0.05 * np.linalg.norm(wanted)


@pytest.mark.slow
def test_prompts_drawn_once_come_again_and_fresh_ones_do_not() -> None:
    instance = cases.of_sizes(TINY)
    quadratic = least_squares(label_covariance(instance), instance.N)
    batches = montecarlo.TRAINING // montecarlo.BATCH
    for fresh in (False, True):
        model = montecarlo.Sampled(instance, quadratic, fresh)
        once = {tuple(row) for _ in range(batches) for row in model.prompts().tolist()}
        again = {tuple(row) for _ in range(batches) for row in model.prompts().tolist()}
        assert len(once) == batches * montecarlo.BATCH
        assert (len(once & again) > 0.9 * len(once)) is not fresh


def test_a_course_tells_when_targets_were_met() -> None:
    instance = cases.of_sizes(TINY)
    course = Course(instance, least_squares(label_covariance(instance), instance.N))
    for step, size in enumerate((1.0, 1e-2, 1e-5, 1e-2)):
        course.spent = float(step)
        course.look(step, np.full((instance.N, instance.K), size))
    told = course.told()
    assert told["in domain"]["first"] == {"0.001": [1.0, 1], "1e-06": [2.0, 2]}
    assert told["in domain"]["half"] == told["in domain"]["least"] < 1e-6 < told["in domain"]["end"]
    assert told["out of domain"]["end"] > told["in domain"]["end"]
    assert course.there
    y = course.prompts["in domain"]
    D = np.arange(instance.N * instance.K, dtype=float).reshape(instance.N, instance.K)
    by_hand = np.mean([np.sum((D.T @ one) ** 2) / instance.K for one in y])
    assert course.error(D)["in domain"] == pytest.approx(by_hand)


def test_a_target_that_one_run_missed_is_not_met() -> None:
    law = {"first": {f"{one:g}": [1.0, 5] for one in TARGETS}, "half": 1.0, "end": 1.0}
    missed = {**law, "first": {**law["first"], "1e-06": None}}
    good, bad = (
        {"steps": 9, "seconds": 2.0, "in domain": one, "out of domain": law} for one in (law, missed)
    )
    seconds = montecarlo.summary([good, bad])["in domain"]["seconds"]
    assert seconds["0.001"] == {"median": 1.0, "least": 1.0, "most": 1.0}
    assert seconds["1e-06"] is None


def test_exact_descent_meets_the_targets() -> None:
    found = montecarlo.exact("default", "raised", 60.0)
    assert found["in domain"]["first"]["1e-06"]
    assert found["out of domain"]["first"]["1e-06"]


def test_another_way_of_a_step_is_held_to_the_same_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "SECONDS", 0.001)

    class Wrong(trials.Formulas):
        def scores(self, X: torch.Tensor) -> torch.Tensor:
            return super().scores(X) * (1 + 1e-9)

    names = [name for name, (kind, _) in trials.WAYS.items() if kind is not trials.Compiled]
    found = trials.ways("default", names)
    assert all(one["difference"] <= 1e-4 and one["seconds"] > 0 for one in found.values())
    monkeypatch.setitem(trials.WAYS, "wrong", (Wrong, torch.float64))
    with pytest.raises(Failed, match="wrong: gaps differ"):
        trials.ways("default", [names[0], "wrong"])


def test_the_clock_is_asked_at_each_step() -> None:
    clock, instance = scaling.Clock(), cases.of_sizes(TINY)
    scaling.train(instance, scaling.RATES, max_steps=4, watch=clock, watch_at=lambda t: True)
    assert len(clock.times) == 5
    clock.times = [0.0, 9.0, 10.0, 12.0, 13.0]
    assert clock.step == 1.0
    clock.times = [0.0, 9.0, 10.0, 12.0]
    assert clock.step == 2.0


def test_the_largest_size_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads in blocks lead to the same gaps, whose products are what the machine is asked for."""
    monkeypatch.setattr(machine, "SQUARE", 16)
    whole = largest.steps(asdict(TINY))
    monkeypatch.setattr("verify.theories.yang2024.numeric.descent.BLOCK_ENTRIES", 2 * TINY.N * TINY.K)
    blocks = largest.steps(asdict(TINY))
    np.testing.assert_allclose(blocks["gaps"], whole["gaps"], rtol=1e-12)
    assert len(Descent([cases.of_sizes(TINY)], [Rates(1.0, 1e-6, 1e-6)], torch.float64, "cpu").blocks) == 3
    assert len(blocks["steps"]) == largest.STEPS
    assert sum(blocks["shares"].values()) == pytest.approx(1.0)
    assert blocks["memory"] >= blocks["of which before"] > 1e7


def test_the_largest_size_is_not_begun_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(largest, "available", lambda: 8 * 2.0**30)
    with pytest.raises(Failed, match=r"it needs 21\.\d GiB of memory, and 8\.0 GiB are available"):
        largest.measure(Here())
    assert largest.needed(cases.LARGEST) < 24 * 2**30


def test_float32_on_the_same_device_agrees_and_is_told_apart() -> None:
    found = gpu.agreement("default", "float32", "cpu", steps=50)
    assert 1e-12 < found["difference"] <= found["wanted"]
    assert gpu.measure(Bench(1.0)) == {"run": False}


def test_where_nothing_is_certified_no_time_is_told() -> None:
    with pytest.raises(Failed, match="there are no printed rates"):
        certificate.certified(cases.of_sizes(replace(TINY, H=2)))


@pytest.mark.sampled(3)
@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("part", run.PARTS)
def test_every_part_goes_on_the_page(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(json.dumps(run.measure(part, Here())))
    text = section.section({"schema": 1, "parts": {part: found}})
    assert text.count("Not measured yet.") == len(run.PARTS) - 1
    assert "it took" in text
    for line in text.splitlines():
        assert line.count("|") in (
            0,
            *{row.count("|") for row in text.splitlines() if row.startswith("| ---")},
        )
    if part == "autograd":
        assert f"| {found['rows'][0]['ratio']:.3g} | ≥ 6 |" in text
    if part == "gpu":
        assert "GPU: not run." in text


def test_a_part_that_fails_loses_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(bench: Bench) -> dict[str, Any]:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(run, "RECORD", tmp_path / "record.json")
    monkeypatch.setattr(run, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(run, "device", lambda: "cpu")
    run.PAGE.write_text(f"before\n{section.BEGIN}\n{shared.END}\nafter\n", encoding="utf-8")
    old = {"run": False, "took": 1.0, "circumstances": shared.circumstances(())}
    shared.write(run.RECORD, {"schema": 1, "parts": {"gpu": old, "autograd": {"kept": True}}})
    with monkeypatch.context() as patch:
        patch.setattr(section, "WRITTEN", {"gpu": section.WRITTEN["gpu"]})
        patch.setattr("benchmarks.training.machine.measure", broken)
        patch.setattr(sys, "argv", ["training", "machine", "gpu"])
        assert run.main() == 1
    record = run.recorded()["parts"]
    assert list(record) == ["autograd", "gpu"]  # in the order of the page
    assert record["autograd"] == {"kept": True}
    assert record["gpu"]["circumstances"]["date"] >= old["circumstances"]["date"]
    page = run.PAGE.read_text(encoding="utf-8")
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "GPU: not run." in page
    said = capsys.readouterr().err
    assert "machine: ZeroDivisionError: by nothing" in said
    assert "not measured: machine; what the record had of it stays" in said.replace("of them", "of it")


def test_a_part_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["training", "autgrad"])
    with pytest.raises(SystemExit):
        run.main()
    assert "PART = autgrad: needs one of autograd, monte-carlo" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "limit", "message"),
    [
        ("raise ValueError('none')", 60.0, r"part:side \{\}, 2 threads: exit 1, ValueError: none"),
        ("import time; time.sleep(60)", 0.5, "not over when the time of the part was"),
    ],
)
def test_a_process_without_a_result(
    code: str, limit: float, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "benchmarks" / "training"
    folder.mkdir(parents=True)
    for name in (tmp_path / "benchmarks", folder):
        (name / "__init__.py").write_text("")
    (folder / "process.py").write_text(code)
    monkeypatch.setattr("benchmarks.training.process.ROOT", tmp_path)
    with pytest.raises(Failed, match=message):
        Bench(limit).fresh("part:side", 2)


def test_a_fresh_process_has_its_threads() -> None:
    found = Bench(60.0).fresh("cases:shown", 1, case="paper")
    assert found == asdict(cases.PAPER)


def test_the_page_is_the_records() -> None:
    text = (shared.ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert section.section(run.recorded()) in text


def test_every_part_is_written_and_measured() -> None:
    assert list(section.WRITTEN) == list(run.PARTS)
    for name, _ in run.PARTS.values():
        found: ModuleType = import_module(f"benchmarks.training.{name}")
        assert callable(found.measure)
