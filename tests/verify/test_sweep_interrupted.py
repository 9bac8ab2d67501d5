"""A sweep of one family that is cut short, and in several processes: nothing is lost, and the record is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_runs import comparable
from small_sweeps import TARGET, sweep

import verify.theories.yang2024.family.cell
import verify.theories.yang2024.family.sweep
from verify.cli import main
from verify.record import Record
from verify.sweeps.store import Store
from verify.theories.yang2024.family.row import Row, Start
from verify.theories.yang2024.family.sweep import STORE, prepared
from verify.theories.yang2024.job import Interrupted
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options, load_config


def stop(after: int) -> object:
    """Ctrl-C when so many cells are done."""

    def progress(stage: str, done: int, total: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    return progress


def test_ctrl_c_keeps_what_is_finished(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sweep(tiny)
    with pytest.raises(Interrupted) as caught:
        sweep(tiny, out=tmp_path, progress=stop(2))
    partial = caught.value.record
    assert (partial.status, partial.exit_code) == ("partial", 130)
    assert partial.status_reason == "interrupted by Ctrl-C after 2 of 4 instances"
    assert "2 instances were not reached" in partial.studies[0].finding
    begun: list[int] = []
    right = verify.theories.yang2024.family.cell.start
    monkeypatch.setattr(
        verify.theories.yang2024.family.cell,
        "start",
        lambda one, options: begun.append(one.seed) or right(one, options),
    )
    assert comparable(sweep(tiny, out=tmp_path)) == comparable(whole)
    assert begun == [3, 4]


def test_ctrl_c_from_the_command_line(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = f"sweep {tiny} --instances 2 --target {TARGET} --out {out} --seed 1 --device cpu".split()
    with monkeypatch.context() as patch:
        patch.setattr(
            verify.theories.yang2024.family.cell, "seen", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        assert main(words) == 130
    assert f"to go on: icl-verify {' '.join(words)}" in capsys.readouterr().out
    assert Record.load(out / "record.json").status == "partial"
    assert main(words) == 0
    assert Record.load(out / "record.json").status == "complete"
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "record.json", STORE]
    assert set(Store(out / STORE).statuses().values()) == {"done"}


@pytest.mark.whole
def test_several_processes_give_what_one_gives(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.theories.yang2024.family.sweep, "WORTH", 1)
    assert comparable(sweep(tiny, workers=2)) == comparable(sweep(tiny))


def test_a_row_is_read_back_from_the_record_of_its_cell(tiny: Path) -> None:
    instance = load_config(tiny, 1)[0]
    record = verify.theories.yang2024.family.cell.bound(instance, Options(device="cpu", bound_target=TARGET))
    row = verify.theories.yang2024.family.cell.row(Record.model_validate_json(record.model_dump_json()))
    assert isinstance(row, Row)
    assert isinstance(row.start, Start)
    assert row.start.digest == instance.digest
    assert row.seen is not None
    assert row.seen.enclosed is not None
    assert row.seen.gap is not None
    assert row.seen.enclosed.lower * (1 - 1e-9) < row.seen.gap < row.seen.enclosed.upper * (1 + 1e-9)
    assert Laboratory(instance, Options(device="cpu")).constants.zeta0 > 0


def test_cells_of_one_family_and_of_another_are_told_apart(tiny: Path) -> None:
    def digests(**changes: object) -> list[str]:
        given = {
            "instances": 2, "vary": "seed", "seed": 1, "target": None, "max_steps": None, "device": "cpu", "dtype": "float64",
            "command": "",
        }  # fmt: skip
        return [one.digest for one in prepared(tiny, **(given | changes)).cells]

    first = digests()
    assert first == digests()
    assert first[1:] == digests(seed=2)[:1]
    for changes in ({"target": 0.5}, {"max_steps": 7}, {"vary": "tau=0.1/0.2"}, {"dtype": "float32"}):
        assert not set(first) & set(digests(**changes))
