"""Runs that are killed, from the command line, go on where they ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cut_runs import ONLY, whole
from small_runs import comparable, small

from verify.cli import main
from verify.pipeline.folder import LOCK
from verify.pipeline.resume import REMEDY
from verify.record import Record
from verify.theories.yang2024.numeric.descent import Descent

ROOT = Path(__file__).resolve().parents[2]

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
