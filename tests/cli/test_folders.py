"""A folder belongs to one run: separate defaults, a lock that dies with its process, and no record overwritten unasked."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reports
import verify.theories.yang2024.job
from numeric.errors import InputError
from tests.cli.conftest import make_record
from tests.verify.small_sweeps import TINY, sweep
from verify.cli import main
from verify.pipeline.folder import LOCK, kind, locked
from verify.record import Record
from verify.theories.yang2024.commands import judging
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import load

HOLDER = """
import sys, time
from pathlib import Path
from verify.pipeline.folder import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are tested elsewhere."""

    def render(record: Record, folder: Path) -> Path:
        (folder / "index.html").write_text(record.headline)
        return folder / "index.html"

    monkeypatch.setattr(reports, "render", render)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of a run stands a record that says which command and instance it is of, as that of a run does."""

    def run(instance: Instance, options: Any = None, *, command: str = "", **how: Any) -> Record:
        made = make_record()
        return made.model_copy(
            update={
                "provenance": made.provenance.model_copy(update={"command": command}),
                "instance": made.instance.model_copy(
                    update={"digest": instance.digest, "name": instance.name}
                ),
            }
        )

    def judge(instance: Instance, weights: Any, options: Any, progress: Any, command: str) -> Record:
        return run(instance, command=command)

    monkeypatch.setattr(verify.theories.yang2024.job, "run", run)
    monkeypatch.setattr(judging, "judge", judge)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "theta.npz", Q=rng.standard_normal((2, 64, 64)), w=rng.standard_normal((2, 4)))
    (tmp_path / "tiny.toml").write_text('kind = "digits"\n[sizes]\nN = 2\nK = 4\nm = 3\n')
    make_record().save(tmp_path / "other.json")
    return tmp_path


WEIGHTS = "run tiny.toml --weights theta.npz"


@pytest.mark.usefixtures("capsys")
@pytest.mark.parametrize(
    ("words", "folder"), [("run", "out"), ("run --only w1", "out-only"), (WEIGHTS, "out-weights")]
)
def test_each_kind_of_run_has_a_folder_of_its_own(words: str, folder: str, place: Path) -> None:
    assert main(words.split()) == 0
    assert sorted(path.name for path in place.iterdir() if path.is_dir()) == [folder]
    assert sorted(path.name for path in (place / folder).iterdir()) == ["index.html", "record.json"]


@pytest.mark.parametrize(
    ("first", "second", "part"),
    [
        ("run", "run --only w1", "the record of `icl-verify run`; "),
        ("run --only w1", "run", "the record of `icl-verify run --only`; "),
        ("run", "run --seed 7", "the record of `icl-verify run`, another instance (digits); "),
        ("run", "run --tier full", "the record of `icl-verify run`; "),
        ("run --tier full", "run", "the record of `icl-verify run --tier full`; "),
        ("run", WEIGHTS, "the record of `icl-verify run`, another instance (digits); "),
        ("run", "tightness", "the record of `icl-verify run`; "),
        ("run", "sweep --instances 2", "the record of `icl-verify run`, another instance (digits); "),
        ("run", "render other.json", "the record of `icl-verify run`, another instance (digits); "),
    ],
)
def test_the_record_of_another_run_is_not_overwritten(
    first: str, second: str, part: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*first.split(), "--out", "o"]) == 0
    before = {path: path.read_bytes() for path in (place / "o").iterdir()}
    capsys.readouterr()
    assert main([*second.split(), "--out", "o"]) == 2
    printed = capsys.readouterr()
    line = "icl-verify: --out = o: needs a folder of its own, and this one holds "
    assert printed.err == f"{line}{part}name another folder, or pass --force to overwrite that record\n"
    assert printed.out == ""
    assert {path: path.read_bytes() for path in (place / "o").iterdir()} == before


@pytest.mark.usefixtures("capsys")
def test_force_overwrites_and_the_same_run_needs_no_force(place: Path) -> None:
    for words in ("run", "run", "run --seed 7 --force", "run --seed 7"):
        assert main([*words.split(), "--out", "o"]) == 0
    assert Record.load(place / "o" / "record.json").provenance.command == "icl-verify run --out o --seed 7"


def test_a_file_that_is_no_record_is_not_overwritten(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "out").mkdir()
    (place / "out" / "record.json").write_text('{"my": "notes"}')
    assert main(["run"]) == 2
    assert "the record.json in this one is no record of a run" in capsys.readouterr().err
    assert (place / "out" / "record.json").read_text() == '{"my": "notes"}'


def test_what_makes_another_kind() -> None:
    assert kind("icl-verify run my.toml --out 'a b' --seed 3") == "icl-verify run"
    assert kind("icl-verify run --tier full --only w1") == "icl-verify run --only --tier full"
    assert kind("icl-verify sweep --vary seed") == "icl-verify sweep"
    assert kind("verify.run(instance)") == "verify.run(instance)"


# Two runs at once.


def test_a_folder_is_held_by_one_process_and_free_once_that_is_killed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with another_process(place / "out") as process:
        for words in ("run", "run --force", "run --resume"):
            assert main(words.split()) == 2
            err = capsys.readouterr().err
            line = f"icl-verify: --out = out: needs a folder that no other run writes to (process {process.pid} does); "
            assert err == f"{line}wait for that run to end, or name another folder\n"
        assert [path.name for path in (place / "out").iterdir()] == [LOCK]
        assert main(["run", "--out", "elsewhere"]) == 0
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert (place / "out" / LOCK).exists()
    assert main(["run"]) == 0
    assert sorted(path.name for path in (place / "out").iterdir()) == ["index.html", "record.json"]


def test_a_sweep_in_python_holds_its_folder(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TINY)
    with another_process(tmp_path / "o"), pytest.raises(InputError, match="no other run writes to"):
        sweep(tmp_path / "tiny.toml", instances=1, out=tmp_path / "o")
    seen: list[bool] = []
    sweep(
        tmp_path / "tiny.toml",
        instances=1,
        out=tmp_path / "o",
        progress=lambda *_: seen.append((tmp_path / "o" / LOCK).exists()),
    )
    assert all(seen)
    assert not (tmp_path / "o" / LOCK).exists()


def test_a_folder_that_stays_empty_is_removed(tmp_path: Path) -> None:
    with locked(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / LOCK).exists()
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path / "a" / "b"):
        (tmp_path / "a" / "kept").write_text("x")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["kept"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with (
        pytest.raises(InputError, match=r"--out = .*/f/o: needs a folder that can be written"),
        locked(tmp_path / "f" / "o"),
    ):
        pass


def test_the_default_instance_is_told_by_its_digest(place: Path) -> None:
    assert main(["run"]) == 0
    assert Record.load(place / "out" / "record.json").instance.digest == load().digest
