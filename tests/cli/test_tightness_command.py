"""`icl-verify tightness`: what it prints and writes, what it refuses, and what Ctrl-C leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verify.small_sweeps import TINY
from verify.cli import main
from verify.commands import shared
from verify.record import Record, Study
from verify.search.search import Budget
from verify.theories.yang2024.options import Options, load
from verify.theories.yang2024.tightness import searched
from verify.theories.yang2024.tightness.run import tightness
from verify.theories.yang2024.tightness.searched import Effort
from verify.theories.yang2024.tightness.slack import Along

LINES = {
    "--tier sloww": "tier = sloww: needs fast or full; pass --tier fast",
    "--seed -1": "--seed = -1: needs a whole number from 0 to 2^63 - 1; pass --seed 0, for example",
    "--device abacus": "device = abacus: needs one of auto, cpu, cuda, cuda:0; pass --device cpu",
    "--out small.toml": "--out = small.toml: needs a folder, and",
    "--only lemma-7": "No such option: --only",
    "--jsonn": "No such option: --jsonn; did you mean --json?",
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "small.toml").write_text(TINY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(searched.EFFORTS, "fast", Effort(1, (Budget(1, 4, 0, 1, 1),)))
    return tmp_path


@pytest.mark.whole
def test_studies_are_printed_and_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tightness", "small.toml", "--device", "cpu", "--out", "o"]) == 0
    out = capsys.readouterr().out
    for part in (
        "Lemma 10, (61) repaired",
        "(43c), (18)",
        "The product, factor by factor",
        "times fewer",
        "closest",
    ):
        assert part in out
    assert "warning: only how tight the proofs are was asked" in out
    record = Record.load(place / "o" / "record.json")
    assert (record.status, record.exit_code, record.claims) == ("complete", 0, [])
    assert [study.id for study in record.studies] == [
        "tightness", "tightness-factors", "tightness-rates", "tightness-searched",
    ]  # fmt: skip
    assert record.provenance.command == "icl-verify tightness small.toml --out o --device cpu"
    page = (place / "o" / "index.html").read_text(encoding="utf-8")
    for study in record.studies:
        assert f'id="study-{study.id}"' in page
        assert study.bars == [] or f"fig-{study.id}-bars-0" in page


@pytest.mark.whole
def test_studies_as_data_are_those_of_a_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        shared, "page", lambda record, folder: folder / "index.html"
    )  # it takes seconds to draw
    assert main(["tightness", "small.toml", "--device", "cpu", "--json", "--out", "o"]) == 0
    printed = [Study.model_validate(one) for one in json.loads(capsys.readouterr().out)]
    again = tightness(load("small.toml"), Options(device="cpu")).studies
    assert len(again) == 4
    for one, other in zip(printed, again, strict=True):
        assert one == other.model_copy(update={"seconds": one.seconds})


@pytest.mark.parametrize(("words", "line"), LINES.items(), ids=list(LINES))
def test_what_is_wrong_is_one_line(
    words: str, line: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tightness", "small.toml", "--out", "o", *words.split()]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"icl-verify: {line}")
    assert err.count("\n") == 1
    assert not (place / "o").exists()


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tightness", "none.toml"]) == 2
    assert capsys.readouterr().err.startswith("icl-verify: INSTANCE = none.toml: needs a file that exists")


def test_ctrl_c_leaves_what_was_finished(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*at: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("verify.theories.yang2024.tightness.study.measured", interrupted)
    assert main(["tightness", "small.toml", "--device", "cpu", "--out", "o"]) == 130
    record = Record.load(place / "o" / "record.json")
    assert record.status == "partial"
    assert [study.id for study in record.studies] == ["tightness", "tightness-factors"]
    assert (place / "o" / "index.html").exists()
    assert "partial record: interrupted by Ctrl-C" in capsys.readouterr().out
    monkeypatch.setattr(Along, "slacks", interrupted)
    monkeypatch.setattr(shared, "page", lambda record, folder: folder / "index.html")
    assert main(["tightness", "small.toml", "--device", "cpu", "--out", "o"]) == 130
    assert (
        Record.load(place / "o" / "record.json").headline == "Nothing was found out: the run was cut short."
    )
