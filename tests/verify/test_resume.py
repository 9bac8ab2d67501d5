"""A run that is cut short is kept claim by claim, goes on where it ended, and ends as if it had never been cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cut_runs import OPTIONS, ROWS, cut, interrupted, whole
from small_runs import comparable, small

from verify.record import Record
from verify.theories.yang2024.job import Interrupted, run


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
