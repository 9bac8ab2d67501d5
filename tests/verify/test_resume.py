"""A run that is cut short is kept claim by claim, goes on where it ended, and ends as if it had never been cut."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from small_runs import comparable, small

import verify.pipeline.provenance
from numeric.errors import InputError
from verify.cli import main
from verify.pipeline.folder import LOCK
from verify.pipeline.machine import processor
from verify.pipeline.resume import REMEDY, digest, identity
from verify.record import Machine, Record
from verify.theories.yang2024.job import Interrupted, run
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.options import Options

ROOT = Path(__file__).resolve().parents[2]
# Training and the constants are asked for by the second claim and by none after it.
ONLY = ("eq-9", "eq-10", "lemma-4", "eq-33", "eq-34", "eq-45", "eq-65", "eq-76")
ROWS = 9
OPTIONS = Options(device="cpu", only=ONLY)


@cache
def whole() -> Record:
    return run(small(), OPTIONS)


def cut(at: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[str, int, int], None]:
    """A progress that ends the run as claim `at` begins."""

    def progress(stage: str, done: int, total: int) -> None:
        if stage.startswith("claims · ") and done == at:
            raise error

    return progress


def interrupted(at: int, tmp_path: Path, resume: Record | None = None) -> Record:
    """The partial record of a run cut at a claim, through a file."""
    with pytest.raises(Interrupted) as stop:
        run(small(), OPTIONS, progress=cut(at), resume=resume)
    stop.value.record.save(tmp_path / "record.json")
    return Record.load(tmp_path / "record.json")


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 1, 2, ROWS - 1])
def test_a_resumed_run_is_the_uninterrupted_one(at: int, tmp_path: Path) -> None:
    partial = interrupted(at, tmp_path)
    assert (partial.status, len(partial.claims)) == ("partial", at)
    assert partial.status_reason == f"interrupted by Ctrl-C after {at} of {ROWS} claims"
    resumed = run(small(), OPTIONS, resume=partial)
    assert comparable(resumed) == comparable(whole())
    assert resumed.claims[:at] == [
        row.model_copy(update={"digest": ""}) for row in partial.claims
    ]  # times and all
    origin = resumed.provenance
    assert origin.started == partial.provenance.started
    assert len(origin.resumed) == 1
    assert origin.seconds >= partial.provenance.seconds


@pytest.mark.slow
def test_finished_rows_are_not_worked_out_again(tmp_path: Path) -> None:
    partial, begun = interrupted(8, tmp_path), []
    run(small(), OPTIONS, resume=partial, progress=lambda stage, *_: begun.append(stage))
    assert [stage for stage in begun if stage.startswith("claims · ")] == ["claims · eq-76"]


@pytest.mark.slow
def test_cut_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time before anything of it is known again: rows, constants and the fact of training are kept."""
    partial = interrupted(4, tmp_path)
    again = interrupted(7, tmp_path, partial)
    assert again.training == partial.training
    assert again.constants == partial.constants
    resumed = run(small(), OPTIONS, resume=again)
    assert comparable(resumed) == comparable(whole())
    assert len(resumed.provenance.resumed) == 2


def test_cut_while_the_assumptions_are_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    partial = interrupted(5, tmp_path)
    monkeypatch.setattr("verify.theories.yang2024.job._assumption", interrupt)
    with pytest.raises(Interrupted) as stop:
        run(small(), OPTIONS, resume=partial)
    assert stop.value.record.claims == partial.claims
    monkeypatch.setattr("verify.pipeline.resume.finished", interrupt)
    with pytest.raises(Interrupted) as stop:
        run(small(), OPTIONS, resume=partial)
    assert stop.value.record == partial


@pytest.mark.slow
def test_every_claim_is_saved_as_it_ends() -> None:
    saved: list[Record] = []
    with pytest.raises(ZeroDivisionError):
        run(small(), OPTIONS, progress=cut(4, ZeroDivisionError), save=saved.append)
    assert [len(record.claims) for record in saved] == [0, 1, 2, 3, 4]
    last = Record.model_validate_json(saved[-1].model_dump_json())
    assert (last.status, last.exit_code) == ("partial", 130)
    assert last.status_reason == f"under way, or ended without a word, after 4 of {ROWS} claims"
    assert comparable(run(small(), OPTIONS, resume=last)) == comparable(whole())


@pytest.mark.slow
def test_a_run_cut_after_its_last_claim(tmp_path: Path) -> None:
    saved: list[Record] = []
    run(small(), OPTIONS, save=saved.append)
    assert (len(saved), saved[-1].status) == (ROWS + 1, "partial")
    assert comparable(run(small(), OPTIONS, resume=saved[-1])) == comparable(whole())


# A row that was edited is found, and rows that are taken up are held against what is expected.


def edited(record: Record, number: int, **changes: Any) -> Record:
    """The record through its JSON, with one row changed by hand."""
    data = json.loads(record.model_dump_json())
    data["claims"][number] |= changes
    return Record.model_validate(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "fails"}, {"here": "fails"}, {"strength": "observed"}, {"margin": 0.5}, {"expected": None}, {"evidence": []},
        {"contradiction": "none"}, {"digest": ""}, {"digest": "0" * 64},
    ],
    ids=str,
)  # fmt: skip
def test_an_edited_row_is_found(changes: dict[str, Any], early: Record) -> None:
    began: list[str] = []
    with pytest.raises(InputError) as refused:
        run(
            small(),
            OPTIONS,
            resume=edited(early, 1, **changes),
            progress=lambda stage, *_: began.append(stage),
        )
    needed = "needs rows as the run wrote them; run without --resume to begin anew"
    row = early.claims[1]
    assert (
        str(refused.value)
        == f"resume = a record whose row {row.id}, {row.form}, was changed after it was written: {needed}"
    )
    assert began == []


def test_rows_of_another_run_are_found(early: Record) -> None:
    """Each carries what it was computed from, so that rows cannot be moved from one record into another."""
    with pytest.raises(Interrupted) as stop:
        run(small(seed=2), OPTIONS, progress=cut(2))
    other = stop.value.record
    assert other.claims[0].verdict == early.claims[0].verdict
    with pytest.raises(InputError, match="a record whose row eq-9, printed, was changed"):
        run(small(), OPTIONS, resume=early.model_copy(update={"claims": other.claims}))


def test_rows_taken_up_are_held_against_what_is_expected(early: Record) -> None:
    """The digest keeps no secret: where somebody computes it anew, the run still says that the verdict differs."""
    forged = early.claims[0].model_copy(update={"verdict": "fails", "expected": "fails"})
    forged = forged.model_copy(update={"digest": digest(forged, identity(early))})
    record = run(small(), OPTIONS, resume=early.model_copy(update={"claims": [forged, *early.claims[1:]]}))
    assert record.claims[0].expected == "holds"
    assert record.claims[0].contradiction == "the verdict is fails, expected was holds"
    assert record.exit_code == 1


def test_only_a_partial_record_has_digests(early: Record) -> None:
    assert all(len(row.digest) == 64 for row in early.claims)
    assert {row.digest for row in whole().claims} == {""}


# What is of another run is refused.


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return interrupted(2, tmp_path_factory.mktemp("early"))


@pytest.mark.parametrize(
    ("instance", "options", "name"),
    [
        ({"seed": 2}, {}, "instance"),
        ({"tau": 0.25}, {}, "instance"),
        ({}, {"tier": "full"}, "tier"),
        ({}, {"dtype": "float32"}, "dtype"),
        ({}, {"only": ONLY[:-1]}, "only"),
        ({}, {"only": ()}, "only"),
        ({}, {"max_steps": 77}, "max_steps"),
        ({}, {"bound_target": 0.5}, "bound_target"),
    ],
)
def test_another_run_is_refused(
    instance: dict[str, Any], options: dict[str, Any], name: str, early: Record
) -> None:
    began: list[str] = []
    with pytest.raises(InputError) as refused:
        run(
            small(**instance),
            Options(**({"device": "cpu", "only": ONLY} | options)),
            resume=early,
            progress=lambda stage, *_: began.append(stage),
        )
    assert str(refused.value).startswith(f"resume = a record with {name} ")
    assert "\n" not in str(refused.value)
    assert began == []


@pytest.mark.parametrize("name", ["version", "commit", "code", "python"])
def test_another_version_is_refused(name: str, early: Record) -> None:
    provenance = early.provenance.model_copy(update={name: "another"})
    with pytest.raises(InputError, match=r"a record with .* another"):
        run(small(), OPTIONS, resume=early.model_copy(update={"provenance": provenance}))


@pytest.mark.slow
def test_another_processor_goes_on(early: Record) -> None:
    """Another platform, another build of torch, other kernels: the rows stand, and both machines are listed."""
    packages = early.provenance.packages | {
        "torch": early.provenance.packages["torch"].partition("+")[0] + "+xyz"
    }
    elsewhere = Machine(processor="another", kernels={"torch": "another"}, threads={"torch": 64})
    origin = early.provenance.model_copy(
        update={"platform": "another", "packages": packages, "machines": [elsewhere]}
    )
    resumed = run(small(), OPTIONS, resume=early.model_copy(update={"provenance": origin}))
    assert comparable(resumed) == comparable(whole())
    assert resumed.claims[:2] == [row.model_copy(update={"digest": ""}) for row in early.claims]
    assert [one.processor for one in resumed.provenance.machines] == ["another", processor()]


def test_another_package_is_refused(early: Record) -> None:
    packages = early.provenance.packages | {"torch": "1.0"}
    provenance = early.provenance.model_copy(update={"packages": packages})
    with pytest.raises(InputError, match=r"a record with torch 1\.0: needs .* whose torch is"):
        run(small(), OPTIONS, resume=early.model_copy(update={"provenance": provenance}))


def test_a_record_of_an_older_program_is_refused(early: Record) -> None:
    """It says nothing of the code that wrote it."""
    provenance = early.provenance.model_copy(update={"code": ""})
    with pytest.raises(InputError, match="a record with source code unknown"):
        run(small(), OPTIONS, resume=early.model_copy(update={"provenance": provenance}))


def test_claims_out_of_order_are_refused(early: Record) -> None:
    with pytest.raises(InputError, match="needs the first claims of this run"):
        run(small(), OPTIONS, resume=early.model_copy(update={"claims": early.claims[::-1]}))


def test_assumptions_that_came_out_otherwise_are_refused(early: Record) -> None:
    changed = early.assumptions[0].model_copy(update={"verdict": "fails"})
    other = early.model_copy(update={"assumptions": [changed, *early.assumptions[1:]]})
    with pytest.raises(InputError, match=r"a record in which A0 fails: needs .*, and here it holds"):
        run(small(), OPTIONS, resume=other)


def test_a_complete_record_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        run(small(), OPTIONS, resume=whole())
    assert str(refused.value) == (
        "resume = a complete record: needs a partial one; "
        "nothing is left to do: render it, or run without --resume to begin anew"
    )


def test_the_code_that_decides_is_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of one byte, of a name, or of the border between two files is another code."""
    for package in ("verify", "symbolic", "numeric"):
        (tmp_path / package).mkdir()
    monkeypatch.setattr(verify.pipeline.provenance, "files", lambda name: tmp_path / name)
    first, second = tmp_path / "numeric" / "a.py", tmp_path / "symbolic" / "b.py"
    seen = set()
    for one, other in (("x", "y"), ("xy", ""), ("", "xy"), ("x", "z")):
        first.write_text(one)
        second.write_text(other)
        seen.add(verify.pipeline.provenance.code.__wrapped__())
    second.rename(tmp_path / "symbolic" / "c.py")
    seen.add(verify.pipeline.provenance.code.__wrapped__())
    assert len(seen) == 5


# From the command line.

KILLED = """
import os, signal, sys
from verify import cli
from verify.theories.yang2024.commands import running
right, saved = running.save_record, []
def save(record, folder):
    path = right(record, folder)
    saved.append(path)
    if len(saved) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return path
running.save_record = save
sys.exit(cli.main(sys.argv[1:]))
"""


def same_but_for_commands(one: Record, other: Record) -> None:
    found, expected = comparable(one), comparable(other)
    for record in (found, expected):
        for claim in record["claims"]:
            assert claim.pop("command").endswith(
                (f"--only {claim['id']}", f'("{claim["id"]}",)))', claim["id"])
            )
    assert found == expected


@pytest.mark.slow
def test_killed_and_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """kill -9 leaves what was finished, and no page that says otherwise; the run goes on from there."""
    small().save(tmp_path / "my.npz")
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text("of an older record")
    words = ["run", str(tmp_path / "my.npz"), "--out", str(out), "--device", "cpu"]
    for name in ONLY:
        words += ["--only", name]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert sorted(path.name for path in out.iterdir()) == [LOCK, "record.json", "training.npz"]
    assert len(Record.load(out / "record.json").claims) == 4
    assert main([*words, "--tier", "full", "--resume"]) == 2
    needed = "needs a record of this very run, whose tier is full"
    assert capsys.readouterr().err == f"icl-verify: resume = a record with tier fast: {needed}; {REMEDY}\n"
    assert len(Record.load(out / "record.json").claims) == 4
    assert main([*words, "--resume"]) == 0
    same_but_for_commands(Record.load(out / "record.json"), whole())
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "record.json"]
    assert main([*words, "--resume"]) == 2
    assert "resume = a complete record" in capsys.readouterr().err


KILLED_IN_TRAINING = """
import os, signal, sys
from verify.theories.yang2024.numeric import checkpoint, steps
from verify import cli
steps.BLOCK_STEPS, checkpoint.EVERY, checkpoint.SHARE = 50, 0.0, 1e9
right, written = checkpoint.Checkpoint.write, []
def write(self, trajectories):
    right(self, trajectories)
    written.append(1)
    if len(written) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint.Checkpoint.write = write
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_killed_while_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training goes on from where its file ends; the record is that of a run that was never cut."""
    small().save(tmp_path / "my.npz")
    out = tmp_path / "out"
    out.mkdir()
    (out / "training.npz").write_text("of an older run")
    words = ["run", str(tmp_path / "my.npz"), "--out", str(out), "--device", "cpu"]
    for name in ONLY:
        words += ["--only", name]
    done = subprocess.run([sys.executable, "-c", KILLED_IN_TRAINING, *words], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert (out / "training.npz").exists()
    partial = Record.load(out / "record.json")
    assert len(partial.claims) < 2
    right, taken = Descent.step, []

    def step(self: Descent, gap: Any) -> None:
        if len(self.instances) == 1 and self.instances[0].digest == small().digest:
            taken.append(1)
        right(self, gap)

    monkeypatch.setattr(Descent, "step", step)
    assert main([*words, "--resume"]) == 0
    record = Record.load(out / "record.json")
    assert record.training is not None
    assert len(taken) == record.training.steps - 150
    same_but_for_commands(record, whole())
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "record.json"]
    capsys.readouterr()
