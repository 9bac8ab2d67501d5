"""A sweep of tiny instances: what it says of each, broken on purpose, and bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_runs import comparable
from small_sweeps import TARGET, TINY, sweep, table

import verify
import verify.theories.yang2024.family.cell
import verify.theories.yang2024.family.row
from verify.cli import main
from verify.record import Record
from verify.theories.yang2024.family.row import Row, Seen, Start
from verify.theories.yang2024.numeric.constants import enclose_constants, steps_for_bound
from verify.theories.yang2024.numeric.train import TrainingError, train
from verify.theories.yang2024.options import load_config

ROOT = Path(__file__).resolve().parents[2]


def test_each_instance_is_judged_as_it_would_be_alone(tiny: Path) -> None:
    record = sweep(tiny)
    assert (record.status, record.exit_code, record.claims) == ("complete", 0, [])
    rows = table(record)
    assert [row["seed"] for row in rows] == [1, 2, 3, 4]
    for row in rows:
        instance = load_config(tiny, row["seed"])[0]
        rates = enclose_constants(instance).rates
        assert rates is not None
        assert rates.log_rate is not None
        steps = steps_for_bound(rates.log_rate, TARGET)
        assert (row["steps needed"], row["steps run"], row["(18)"]) == (steps, steps, "holds")
        alone = train(instance, rates, max_steps=steps, stop=TARGET)
        margin, at = alone.worst_margin(rates.log_rate, since=1)
        assert row["at step"] == at
        assert row["smallest margin"] == pytest.approx(margin, rel=1e-9)
        assert row["movement of Q"] == pytest.approx(float(alone.relative_movement().max()), rel=1e-9)
        assert row["gap over its start, enclosed"] == pytest.approx(alone.gap[-1] / alone.gap[0], rel=1e-9)
        ratio = alone.observed_log_rate() / rates.log_rate
        assert row["observed over guaranteed rate"] == pytest.approx(ratio, rel=1e-9)
        assert 0 < row["recorded gap off by"] < 1e-12
        assert row["λ_min at the end over ζ_0, 1/2 needed"] > 0.99
    closest = min(rows, key=lambda row: row["smallest margin"])
    assert (
        f"instance {closest['instance']} (seed {closest['seed']}) at step {closest['at step']}"
        in record.headline
    )
    assert f"smallest margin {closest['smallest margin']:.3g}" in record.headline
    assert "the bound (18) holds at every step taken on all 4 instances, run until" in record.headline
    assert "in order on 4 of 4; (43b) is certain there on 4." in record.studies[0].finding
    assert (
        "(18) is certified for every step of exact descent, without taking one, on 4 of 4."
        in record.studies[0].finding
    )


def test_the_same_sweep_gives_the_same_record_and_one_instance_the_same_row(tiny: Path) -> None:
    first = sweep(tiny)
    assert comparable(first) == comparable(sweep(tiny))
    fewer = table(sweep(tiny, instances=1, seed=3))
    assert [row | {"instance": 3} for row in fewer] == [table(first)[2]]


def test_what_varies_stands_in_the_table(tiny: Path) -> None:
    rows = table(sweep(tiny, vary="tau=0.4..0.6,H=20/24"))
    assert [row["H"] for row in rows] == [20, 24, 20, 24]
    assert rows[0]["τ"] == rows[1]["τ"] != rows[2]["τ"]
    assert all(row["(18)"] == "holds" for row in rows)


def test_what_is_not_run_is_listed_with_its_reason(tiny: Path) -> None:
    """No rank: no rates. Too many steps: how many. Neither is passed over, and neither is a fault."""
    record = sweep(tiny, instances=2, vary="H=1/24")
    lost, run = table(record)
    assert (lost["steps needed"], lost["steps run"], lost["(18)"]) == (None, 0, "not applicable")
    assert "A2 fails: H = 1 heads are fewer than N = 2" in lost["why not settled"]
    assert run["(18)"] == "holds"
    finding = record.studies[0].finding
    assert "holds at every step taken on 1 of 2 instances" in finding
    assert "1 instance was not run: no rates" in finding
    assert "without taking one, on 1 of 2." in finding
    assert "1 instance was outside the theorem: a hypothesis fails there" in finding
    assert record.exit_code == 0
    slow = sweep(tiny, instances=2, max_steps=5)
    for row in table(slow):
        assert (row["(18)"], row["steps run"]) == ("undecided", 0)
        assert row["why not settled"] == f"{row['steps needed']} steps needed, the budget is 5"
    assert "settled on none of 2 instances" in slow.headline
    assert re.search(
        r"2 instances were not run: \d+ to \d+ steps needed, the budget is 5", slow.studies[0].finding
    )
    assert slow.exit_code == 0


def test_a_broken_hypothesis_is_named_and_the_run_is_seen_all_the_same(tiny: Path) -> None:
    tiny.write_text(TINY + "[tokens]\nunit_norm = false\n")
    row, other = table(sweep(tiny, instances=2))
    assert row["(18)"] == other["(18)"] == "not applicable"
    assert row["why not settled"].startswith("A0 fails: token 1")
    assert row["smallest margin"] is not None or row["steps needed"] > 200_000


def hasty(factor: float, seed: int) -> Callable[..., Start]:
    """Certified constants, and rates so many times too large for one instance, whose bound is left as it was."""
    right = verify.theories.yang2024.family.row.start

    def start(instance: Any, options: Any) -> Start:
        found = right(instance, options)
        assert found.rates is not None
        wrong = {"eta_Q": found.rates.eta_Q * factor, "eta_w": found.rates.eta_w * factor}
        return found.model_copy(
            update={"rates": found.rates.model_copy(update=wrong)} if instance.seed == seed else {}
        )

    return start


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e9])
def test_rates_that_break_the_bound_are_found_out(
    factor: float,
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Too slow for the bound that was promised, diverging, or no longer finite."""
    monkeypatch.setattr(verify.theories.yang2024.family.cell, "start", hasty(factor, 3))
    out = tmp_path / "out"
    words = [
        "sweep",
        str(tiny),
        "--instances",
        "4",
        "--seed",
        "1",
        "--target",
        str(TARGET),
        "--device",
        "cpu",
    ]
    assert main([*words, "--out", str(out)]) == 1
    record = Record.load(out / "record.json")
    (study,) = record.studies
    assert study.contradiction is not None
    assert study.contradiction.startswith("instance 3 (seed 3): (18) is broken")
    assert "seed 2)" not in study.contradiction
    assert [row["(18)"] for row in table(record)] == ["holds", "holds", "fails", "holds"]
    assert "the bound (18) is broken on 1 of 4 instances" in capsys.readouterr().out
    assert "Contradiction" in (out / "index.html").read_text()


def test_a_gap_that_is_not_what_it_says_breaks_the_run(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far below the bound, so that the margin says nothing of it."""
    right = verify.theories.yang2024.family.row.seen

    def flattering(instance: Any, before: Start, run: Any, dtype: str) -> Seen:
        run.gap[-1] *= 1 + 1e-6
        return right(instance, before, run, dtype)

    monkeypatch.setattr(verify.theories.yang2024.family.cell, "seen", flattering)
    record = sweep(tiny, instances=1)
    assert table(record)[0]["(18)"] == "holds"
    assert record.exit_code == 1
    assert "the recorded gap is off from its enclosure by 1e-06" in (record.studies[0].contradiction or "")


def row(**changes: Any) -> Row:
    start = Start(digest="", inapplicable=changes.pop("inapplicable", ""))
    seen = Seen(digest="", verdict="holds", steps=1).model_copy(update=changes)
    return Row(number=1, seed=0, H=1, tau=1.0, beta=1.0, start=start, seen=seen)


def test_what_must_not_be() -> None:
    assert row(kept=None, off=1e-9, allowed=1e-8).broken == ""
    assert row(kept=False).broken == "(43b) is broken at the last iterate"
    assert "rounding explains 1e-10" in row(off=1e-9, allowed=1e-10).broken
    assert row(kept=False, verdict="fails", off=1.0, allowed=0.0, inapplicable="A1 fails").broken == ""


# From the command line.


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--instances", "0"], ("--instances = 0", "from 1 to", "100 is usual")),
        (["--instances", "many"], ("--instances = many", "a whole number", "pass --instances 100")),
        (["--target", "x"], ("--target = x", "between 0 and 1", "pass --target 1e-3")),
        (["--max-steps", ""], ('--max-steps = ""', "a whole number", "pass --max-steps 200000")),
        (["--vary", "sede"], ("--vary = sede", "did you mean seed?")),
        (["--vary", "tau=1/2"], ("--instances = 100", "at most 2", "--vary seed as well")),
        (["--target", "1"], ("--target = 1.0", "between 0 and 1", "1e-3")),
        (["--max-steps", "0"], ("--max-steps = 0", "at least 1", "raise it")),
        (["--dtype", "float16"], ("dtype = float16", "float64 or float32", "pass --dtype float64")),
        (["--device", "tpu"], ("device = tpu", "auto, cpu", "pass --device cpu")),
        (["--seed", "-1"], ("--seed = -1", "2^63", "pass --seed 0")),
        (["--out", ""], ("--out", "name of a folder")),
        (["--workers", "0"], ("--workers = 0", "at least 1", "pass --workers 2")),
        (["--threads", "x"], ("--threads = x", "a whole number", "pass --threads 1")),
        (["--store", "s"], ("--store = s", "the file of a sweep", "docs/sweeps.md")),
        (["--plan"], ("--plan = set", "the file of a sweep", "docs/sweeps.md")),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    extra: list[str], said: tuple[str, ...], tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(tmp_path.iterdir())
    out = [] if "--out" in extra else ["--out", str(tmp_path / "out")]
    assert main(["sweep", str(tiny), *out, *extra]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    for part in said:
        assert part in err
    assert sorted(tmp_path.iterdir()) == before


def test_an_overflow_names_step_and_quantity(tiny: Path) -> None:
    instance = load_config(tiny)[0]
    rates = enclose_constants(instance).rates
    assert rates is not None
    with pytest.raises(TrainingError) as caught:
        train(instance, hasty(1e9, 0)(instance, verify.Options()).rates.rates(), max_steps=2000)  # type: ignore[union-attr]
    before = Start(digest=instance.digest)
    found = verify.theories.yang2024.family.row.seen(instance, before, caught.value, "float64")
    assert found.verdict == "fails"
    assert f"is not finite at step {caught.value.step}" in found.reason
