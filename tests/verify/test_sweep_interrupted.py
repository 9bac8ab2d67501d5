"""A sweep cut short and taken up again, and in several processes: nothing is lost, nothing is left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import verify.theories.yang2024.family.training
from small_runs import comparable
from small_sweeps import TARGET, sweep
from verify.pipeline.pool import processes
from verify.pipeline.sweep_parts import FOLDER, SweepParts

import verify
import verify.pipeline.provenance
import verify.theories.yang2024.family.row
import verify.theories.yang2024.family.sweep
from numeric.errors import InputError
from verify.cli import main
from verify.record import Record
from verify.theories.yang2024.family.row import Start
from verify.theories.yang2024.job import Interrupted
from verify.theories.yang2024.options import load_config

ROOT = Path(__file__).resolve().parents[2]


def stopping(stage: str, after: int) -> Callable[[str, int, int], None]:
    """Ctrl-C when a stage has reported so many times."""
    seen: list[str] = []

    def progress(now: str, done: int, total: int) -> None:
        if now.startswith(stage):
            seen.append(now)
            if len(seen) == after:
                raise KeyboardInterrupt

    return progress


def test_ctrl_c_keeps_what_is_finished(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the constants; in the second of two chunks; then to the end, with the first chunk not trained again."""
    monkeypatch.setitem(verify.theories.yang2024.family.training.MOST, "cpu", 2)
    whole, partial = sweep(tiny), None
    for stage, after, kept in (("certified constants", 3, 2), ("certified last iterates", 5, 7)):
        with pytest.raises(Interrupted) as caught:
            sweep(tiny, out=tmp_path, progress=stopping(stage, after), resume=partial)
        partial = caught.value.record
        assert (partial.status, partial.exit_code) == ("partial", 130)
        assert len(list((tmp_path / FOLDER).glob("*.json"))) == kept
    assert "after 3 of 4 instances" in partial.status_reason
    stages: list[str] = []
    done = sweep(tiny, out=tmp_path, resume=partial, progress=lambda stage, now, total: stages.append(stage))
    assert comparable(done) == comparable(whole)
    assert len(done.provenance.resumed) == 2
    assert {stage for stage in stages if "descent" in stage} == {"gradient descent · 2 of 2"}


KILLED = """
import os, signal, sys
from verify.pipeline import provenance
provenance.code = provenance.commit = lambda: "as it was"
from verify import cli
from verify.pipeline.sweep_parts import SweepParts
right, wanted, kept = SweepParts.put, int(sys.argv.pop(1)), []
def put(self, name, part):
    right(self, name, part)
    kept.append(name)
    if len(kept) == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
SweepParts.put = put
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_killed_and_resumed_to_the_identical_record(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """kill -9 among the last iterates of a chunk; constants that were kept are not worked out again."""
    out = tmp_path / "out"
    words = f"sweep {tiny} --instances 4 --seed 1 --target {TARGET} --device cpu --out {out}".split()
    call = [sys.executable, "-c", KILLED, "6", *words]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    kept = sorted(path.name for path in (out / FOLDER).iterdir())
    assert kept == [f"seen-{n:05}.json" for n in (1, 3)] + [f"start-{n:05}.json" for n in (1, 2, 3, 4)]
    assert Record.load(out / "record.json").status == "partial"
    for name in ("code", "commit"):
        monkeypatch.setattr(verify.pipeline.provenance, name, lambda: "as it was")
    assert main([*words, "--resume", "--max-steps", "9"]) == 2
    assert "whose max_steps is 9" in capsys.readouterr().err
    monkeypatch.setattr(verify.theories.yang2024.family.row, "Laboratory", None)
    assert main([*words, "--resume"]) == 0
    monkeypatch.undo()
    resumed = Record.load(out / "record.json")
    assert comparable(resumed) == comparable(sweep(tiny))
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "record.json"]
    assert main([*words, "--resume"]) == 2
    assert "resume = a complete record" in capsys.readouterr().err


def test_parts_of_another_sweep_are_not_taken(tiny: Path, tmp_path: Path) -> None:
    kept = SweepParts(tmp_path)
    kept.put("start-00001", Start(digest="another", not_run="nothing"))
    assert kept.get("start-00001", Start) is not None
    sweep(tiny, out=tmp_path, instances=1)
    with pytest.raises(
        InputError, match="not as it was written"
    ):  # its digest is that of a sweep, and kept knows none
        kept.get("start-00001", Start)
    found = Start.model_validate(json.loads((tmp_path / FOLDER / "start-00001.json").read_text())["part"])
    assert found.digest == load_config(tiny, 1)[0].digest
    (tmp_path / FOLDER / "start-00001.json").write_text("{")
    with pytest.raises(InputError, match=r"start-00001\.json: needs a part of a sweep"):
        kept.get("start-00001", Start)
    kept.clear()
    assert kept.get("start-00001", Start) is None
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(InputError, match="--out"):
        kept.put("start-00001", found)


def test_a_part_that_was_edited_is_found(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as caught:
        sweep(tiny, out=tmp_path, progress=stopping("certified last iterates", 3))
    path = tmp_path / FOLDER / "seen-00001.json"
    text = path.read_text()
    assert '"verdict": "holds"' in text
    path.write_text(text.replace('"margin": 0.', '"margin": 0.9'))
    with pytest.raises(
        InputError,
        match=r"seen-00001\.json: needs a part of a sweep \(not as it was written\); remove it, and",
    ):
        sweep(tiny, out=tmp_path, resume=caught.value.record)
    path.unlink()
    assert comparable(sweep(tiny, out=tmp_path, resume=caught.value.record)) == comparable(sweep(tiny))


# In several processes.


@pytest.mark.slow
def test_several_processes_give_what_one_gives(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.theories.yang2024.family.sweep, "WORTH", 1)
    assert comparable(sweep(tiny, workers=2)) == comparable(sweep(tiny))


def test_an_error_in_another_process_is_raised_here_and_ends_them() -> None:
    with pytest.raises(ValueError, match="literal"), processes(2) as mapped:
        list(mapped(int, ["1", "2", "x", "4"]))
    with processes(1) as mapped:
        assert list(mapped(int, ["1", "2"])) == [1, 2]


ORPHANS = """
import os, signal, time
from multiprocessing import active_children
from verify.pipeline.pool import processes
if __name__ == "__main__":
    with processes(2) as mapped:
        results = mapped(time.sleep, [0, 0, 60, 60])
        next(results), next(results)
        print(*(child.pid for child in active_children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_processes_end_with_the_one_that_waits_for_them(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    children = [int(pid) for pid in done.stdout.split()]
    assert len(children) == 2
    until = time.monotonic() + 10
    while any(map(alive, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, children))
