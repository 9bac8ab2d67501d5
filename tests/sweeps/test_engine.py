"""Cells that fail, never end, or end their process; sweeps that are cut short; two sweeps on one store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from small_cells import comparable, ran, stored

from verify.cli import main
from verify.sweeps.columns import DONE, ERROR, TIME_LIMIT
from verify.sweeps.engine import Engine
from verify.sweeps.here import Processes, here
from verify.sweeps.store import Store
from verify.sweeps.sweep import read
from verify.sweeps.task import Claim, Task, given, perform

ROOT = Path(__file__).resolve().parents[2]
File = Callable[..., Path]


def runs(ledger: Path) -> Counter[str]:
    """How often each cell was begun."""
    return Counter(line.rpartition(" ")[0] for line in ledger.read_text().splitlines())


def test_finished_cells_are_not_run_again(file: File, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    path = file({"x": [1, 2, 3], "ledger": [str(ledger)]})
    first = comparable(ran(path, tmp_path / "s"))
    assert comparable(ran(path, tmp_path / "s")) == first
    ran(file({"x": [1, 2, 3, 4], "ledger": [str(ledger)]}), tmp_path / "s")
    assert runs(ledger) == {"1 0": 1, "2 0": 1, "3 0": 1, "4 0": 1}


def test_an_error_is_recorded_in_a_line_and_stops_nothing(file: File, tmp_path: Path) -> None:
    path = file({"x": [1, 2], "act": ["none", "raise"]})
    rows = ran(path, tmp_path / "s").table().to_pylist()
    assert Counter((row["status"], row["error"]) for row in rows) == {
        (DONE, ""): 2, (ERROR, "ArithmeticError: x is no good"): 2
    }  # fmt: skip
    assert [row["x"] for row in rows if row["status"] == ERROR and row["y"] is None] in ([1, 2], [2, 1])
    ledger = tmp_path / "ledger"
    path = file({"x": [1], "act": ["raise"], "ledger": [str(ledger)]})
    for retry, times in ((False, 1), (False, 1), (True, 2)):
        ran(path, tmp_path / "s", retry=retry)
        assert runs(ledger) == {"1 0": times}


def test_progress_tells_cells_and_the_time_that_is_left(file: File, tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    ran(file({"x": [1, 2, 3]}), tmp_path / "s", progress=lambda *at: said.append(at))
    assert [(done, total) for _, done, total in said] == [(0, 3), (1, 3), (2, 3), (3, 3), (3, 3)]
    assert all(
        stage.startswith("cells · about ") and stage.endswith(" left")
        for stage, done, _ in said
        if 0 < done < 3
    )


def test_ctrl_c_leaves_a_store_to_go_on_from(file: File, tmp_path: Path) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    path = file({"x": [1, 2, 3, 4]})
    with pytest.raises(KeyboardInterrupt):
        ran(path, tmp_path / "s", progress=stop)
    assert len(Store(tmp_path / "s").statuses()) == 2
    assert comparable(ran(path, tmp_path / "s")) == comparable(ran(path, tmp_path / "whole"))


def test_a_claimed_cell_is_left_to_the_one_who_runs_it(file: File, tmp_path: Path) -> None:
    sweep = read(file({"x": [1]}))
    store = stored(sweep, tmp_path / "s")
    task = Task(next(sweep.cells()), str(store.folder), "a", 1)
    with Claim(store, task) as claim:
        assert claim.mine
        outcome: list[str] = []
        other = threading.Thread(
            target=lambda: outcome.append((Claim(store, task).__enter__().mine and "mine") or "elsewhere")
        )
        other.start()
        other.join()
        assert outcome == ["elsewhere"]
    assert perform(task) == "published"
    assert {path.suffix for path in (store.folder / "work").iterdir()} <= {".lock"}


def test_a_cell_that_ends_its_process_is_given_up_after_three_times(file: File, tmp_path: Path) -> None:
    """The notes of processes that were killed, without the processes."""
    sweep = read(file({"x": [1]}))
    store = stored(sweep, tmp_path / "s")
    cell = next(sweep.cells())
    for death in range(3):
        claim = Claim(store, Task(cell, str(store.folder), "a", 1))
        with claim:
            assert claim.settled() is (death == 3)
            claim._note(death)
            content = claim.note.read_bytes()
        claim.note.write_bytes(content)
    other = Claim(store, Task(cell, str(store.folder), "b", 1))
    with other:
        assert not other.settled()  # another sweep tries anew
        other.note.write_bytes(content)
    other.note.write_bytes(content)
    assert perform(Task(cell, str(store.folder), "a", 1)) == "published"
    (row,) = store.table().to_pylist()
    assert (row["status"], row["error"]) == (ERROR, "the process ended without a word, 3 times")


def test_a_worker_with_other_code_is_refused(
    file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = read(file({"x": [1]}))
    store = stored(sweep, tmp_path / "s")
    monkeypatch.setattr("verify.sweeps.task.identity", lambda: {"code": "another"})
    with here(1) as executor, pytest.raises(Exception, match="needs workers with the code and the packages"):
        Engine(store, executor).run(sweep.cells(), 1)
    assert store.statuses() == {}


def test_a_cell_has_the_threads_that_it_is_given() -> None:
    import torch

    before = torch.get_num_threads()
    with given(3):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == before


def test_two_sweeps_on_one_store(file: File, tmp_path: Path) -> None:
    """In threads, each with overlapping cells: every cell is run once, and stands once."""
    ledger = tmp_path / "ledger"
    paths = [file({"x": xs, "patience": [0.02], "ledger": [str(ledger)]}) for xs in ([1, 2, 3, 4, 5],)]
    sweep = read(paths[0])
    store = stored(sweep, tmp_path / "s")
    threads = [
        threading.Thread(target=lambda: _engine(Store(store.folder)).run(sweep.cells(), sweep.total))
        for _ in range(2)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(runs(ledger)) == {f"{x} 0" for x in range(1, 6)}
    assert [row["status"] for row in store.table().to_pylist()] == [DONE] * 5


def _engine(store: Store) -> Engine:
    from verify.sweeps.here import InThisProcess

    return Engine(store, InThisProcess())


# In processes.


@pytest.mark.slow
def test_processes_that_are_killed_or_never_end(file: File, tmp_path: Path) -> None:
    path = file({"x": [1], "act": ["none", "kill", "endless"]}, time_limit=4)
    sweep = read(path)
    store = stored(sweep, tmp_path / "s")
    with here(2, isolated=True) as executor:
        Engine(store, executor, time_limit=sweep.time_limit).run(sweep.cells(), sweep.total)
    found = {(row["x"], row["act"]): row for row in store.table().to_pylist()}
    assert len(found) == 3
    for (_, act), row in found.items():
        assert row["status"] == {"none": DONE, "kill": ERROR, "endless": TIME_LIMIT}[act]
    assert found[1, "kill"]["error"] == "the process ended without a word, 3 times"
    assert "the time limit of 4 s, at " in found[1, "endless"]["error"]
    assert "toy.py" in found[1, "endless"]["error"]


@pytest.mark.slow
def test_killed_at_random_moments(file: File, tmp_path: Path) -> None:
    """kill -9 of the client, then of a worker: nothing that is finished is lost or run twice, and the end is that of a serial run.
    ICL_MOMENTS sets how many moments there are."""
    moments = int(os.environ.get("ICL_MOMENTS", "4"))
    ledger, random = tmp_path / "ledger", Random(7)
    path = file({"x": {"from": 1, "to": 6 * moments}, "patience": [0.05], "ledger": [str(ledger)]})
    words = [
        sys.executable,
        "-m",
        "verify",
        "sweep",
        str(path),
        "--store",
        str(tmp_path / "s"),
        "--workers",
        "2",
    ]
    finished: set[str] = set()
    for number in range(moments):
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begun = len(ledger.read_text().splitlines()) if ledger.exists() else 0
        until = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < until:
            if ledger.exists() and len(ledger.read_text().splitlines()) > begun + random.randrange(4):
                break
            time.sleep(0.01)
        victim = process.pid if number % 2 == 0 else int(ledger.read_text().split()[-1])
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            assert number % 2
        if victim != process.pid:
            process.send_signal(signal.SIGINT)
        process.wait()
        now = set(Store(tmp_path / "s").statuses())
        assert finished <= now
        finished = now
    assert subprocess.run(words, cwd=ROOT, check=False, capture_output=True).returncode == 0
    store = Store(tmp_path / "s")
    rows = comparable(store)
    assert len(rows) == len({row["digest"] for row in rows}) == 6 * moments
    assert rows == comparable(ran(path, tmp_path / "serial"))


@pytest.mark.slow
def test_processes_end_with_the_one_that_waits_for_them(file: File, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    path = file({"x": [1, 2], "act": ["endless"], "ledger": [str(ledger)]})
    words = [
        sys.executable,
        "-m",
        "verify",
        "sweep",
        str(path),
        "--store",
        str(tmp_path / "s"),
        "--workers",
        "2",
    ]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while (not ledger.exists() or len(ledger.read_text().splitlines()) < 2) and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.wait()
    workers = {int(line.split()[-1]) for line in ledger.read_text().splitlines()}
    assert len(workers) == 2
    until = time.monotonic() + 30
    while any(alive(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in workers)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_a_process_has_the_threads_of_the_sweep() -> None:
    processes = Processes(1, 3)
    try:
        environment = processes.pools[0].submit(os.getenv, "OMP_NUM_THREADS").result()
    finally:
        processes.close()
    assert environment == "3"


def test_the_command(
    file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("verify.sweeps.here.here", lambda *_, **__: here(1))
    path, store = file({"x": [1, 2], "act": ["none", "raise"]}), str(tmp_path / "s")
    assert main(["sweep", str(path), "--store", store, "--plan", "--workers", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"cells: 4, of which 0 are in the store {store} and 4 are left",
        "memory: at most about 1 MiB a cell, 2 MiB for 2 at a time",
        "time: at most about 3 s a cell, predicted; 6 s for 2 at a time",
    ]
    assert not Path(store).exists()
    assert main(["sweep", str(path), "--store", store]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "cells: 2 done, 2 error; 0 left", "the first error: ArithmeticError: x is no good", f"store: {store}"
    ]  # fmt: skip
    assert main(["sweep", "--status", store]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "cells: 2 done, 2 with an error, 0 at the time limit", "under way: 0", "sweep toy: 0 left",
        "2 of them: ArithmeticError: x is no good",
    ]  # fmt: skip
