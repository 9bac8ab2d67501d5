"""Every command: what it writes, prints and returns."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

import reports
from verify.cli import commands, main, program
from verify.commands import console
from verify.record import Record
from verify.theories.named import find
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import load

COMMANDS = (
    "run", "check", "theories", "probe", "assumptions", "init", "examples", "tightness", "sweep",
    "plot", "gallery", "derive", "render", "claims", "explain", "impact", "schema", "diff", "export", "replay", "proofs",
    "mutants", "completion", "rocq",
)  # fmt: skip


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are tested elsewhere; here any will do."""

    def render(record: Record, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "index.html"
        path.write_text(f"<title>{record.headline}</title>")
        return path

    monkeypatch.setattr(reports, "render", render)


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.usefixtures("page")
def test_run_writes_a_record_and_a_page(
    calls: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["run", "-v"]) == 0
    assert written(tmp_path) == ["out", "out/index.html", "out/record.json"]
    assert Record.load(tmp_path / "out" / "record.json") == calls.outcome
    printed = capsys.readouterr()
    assert printed.err == "icl-verify: claims · lemma-5 (1 of 3)\n"
    for part in (
        "lemma-5",
        "printed",
        "proved",
        "All verdicts as expected.",
        "out/record.json",
        "out/index.html",
    ):
        assert part in printed.out
    instance, options, command = calls.seen[0]
    assert instance.digest == load().digest
    assert (options.device, options.dtype, options.tier, options.only) == ("auto", "float64", "fast", ())
    assert command == "icl-verify run"


@pytest.mark.usefixtures("page", "capsys")
def test_run_passes_its_options_on(calls: Any, tmp_path: Path) -> None:
    file = tmp_path / "my file.toml"
    file.write_text('kind = "digits"\nseed = 3\n[training]\nbound_target = 0.5\nmax_steps = 7\n')
    words = ["--device", "cpu", "--dtype", "float32", "--seed", "5", "--tier", "full", "--out", "a/b"]
    assert main(["run", str(file), *words, "--only", "eq-36", "--only", "w1", "--only", "lemma-5"]) == 0
    instance, options, command = calls.seen[0]
    assert instance.seed == 5
    assert (options.device, options.dtype, options.tier) == ("cpu", "float32", "full")
    assert (options.bound_target, options.max_steps) == (0.5, 7)
    assert options.only == ("lemma-5", "w1")
    assert command == (
        f"icl-verify run '{file}' --out a/b --device cpu --dtype float32 --tier full --seed 5 "
        "--only lemma-5 --only w1"
    )
    assert (tmp_path / "a" / "b" / "record.json").exists()


@pytest.mark.usefixtures("page", "capsys")
def test_exit_code_is_the_records(calls: Any) -> None:
    calls.outcome = calls.outcome.model_copy(update={"exit_code": 1})
    assert main(["run"]) == 1


@pytest.mark.usefixtures("page")
def test_interruption_leaves_a_partial_record(
    calls: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    partial = calls.outcome.model_copy(update={"status": "partial", "status_reason": "Ctrl-C in training"})
    calls.outcome = sys.modules["verify.theories.yang2024.job"].Interrupted(partial)  # type: ignore[attr-defined]
    assert main(["run"]) == 130
    assert Record.load(tmp_path / "out" / "record.json").status == "partial"
    printed = capsys.readouterr()
    assert "partial record: Ctrl-C in training" in printed.out
    assert "to go on: icl-verify run --resume" in printed.out
    assert printed.err.splitlines()[-1] == "icl-verify: interrupted"


@pytest.mark.usefixtures("capsys", "page")
def test_the_training_is_kept_until_the_record_is_complete(calls: Any, tmp_path: Path) -> None:
    """One of an older run is removed first; Ctrl-C leaves it; --resume finds it; a complete record takes it away."""
    out, whole = tmp_path / "out", calls.outcome
    out.mkdir()
    (out / "training.npz").write_text("of an older run")
    calls.keeps = True
    calls.outcome = sys.modules["verify.theories.yang2024.job"].Interrupted(
        whole.model_copy(update={"status": "partial"})
    )  # type: ignore[attr-defined]
    assert main(["run"]) == 130
    assert written(out) == ["index.html", "record.json", "training.npz"]
    calls.outcome = whole
    assert main(["run", "--resume"]) == 0
    assert written(out) == ["index.html", "record.json"]
    assert calls.kept == [False, True]


@pytest.mark.usefixtures("capsys")
def test_what_is_finished_is_written_before_the_end(calls: Any, tmp_path: Path) -> None:
    """A partial record takes the place of an older one whole, and of its page, whatever ends the run."""
    (tmp_path / "out").mkdir()
    for name in ("index.html", "record.json"):
        (tmp_path / "out" / name).write_text("of an older run")
    calls.partial = calls.outcome.model_copy(update={"status": "partial", "status_reason": "under way"})
    calls.outcome = ZeroDivisionError("bad luck")
    assert main(["run", "--force"]) == 3
    assert written(tmp_path) == ["out", "out/record.json"]
    assert Record.load(tmp_path / "out" / "record.json") == calls.partial


@pytest.mark.usefixtures("page", "capsys")
def test_resume_hands_the_partial_record_on(calls: Any, tmp_path: Path) -> None:
    partial = calls.outcome.model_copy(update={"status": "partial"})
    (tmp_path / "a").mkdir()
    partial.save(tmp_path / "a" / "record.json")
    assert main(["run", "--resume", "--out", "a", "--seed", "3"]) == 0
    assert calls.resumed == partial
    assert calls.seen[0][2] == "icl-verify run --out a --seed 3"
    assert main(["run", "--out", "a", "--force"]) == 0
    assert calls.resumed is None


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("text", [None, "{", "{}"])
def test_resume_without_a_record_is_refused(
    text: str | None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    if text is not None:
        (tmp_path / "out" / "record.json").write_text(text)
    assert main(["run", "--resume"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("icl-verify: --resume = out/record.json: needs a record ")
    assert err.count("\n") == 1


def test_interruption_before_any_evidence(
    calls: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    calls.outcome = KeyboardInterrupt()
    assert main(["run"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "icl-verify: interrupted"
    assert written(tmp_path) == []


def test_internal_error(
    calls: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls.outcome = ZeroDivisionError("one\nhalf")
    assert main(["run"]) == 3
    line = "icl-verify: internal error: ZeroDivisionError: one half; "
    assert capsys.readouterr().err.splitlines()[-1] == line + "repeat it with --debug for the traceback"
    assert main(["run", "--debug"]) == 3
    assert "Traceback" in (shown := capsys.readouterr().err)
    assert shown.endswith(line + "see the traceback\n")
    monkeypatch.setenv("ICL_VERIFY_DEBUG", "1")
    assert main(["run"]) == 3
    assert "Traceback" in capsys.readouterr().err
    assert written(tmp_path) == []


@pytest.mark.usefixtures("calls", "capsys")
def test_a_page_that_cannot_be_made_leaves_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(record: Record, folder: Path) -> Path:
        raise RuntimeError

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("of an older record")
    monkeypatch.setattr(reports, "render", broken)
    assert main(["run"]) == 3
    assert written(tmp_path) == ["out", "out/record.json"]


@pytest.mark.usefixtures("page")
def test_differences_stand_out(calls: Any, capsys: pytest.CaptureFixture[str]) -> None:
    claim = calls.outcome.claims[0].model_copy(update={"verdict": "fails", "contradiction": "it does not"})
    calls.outcome = calls.outcome.model_copy(update={"claims": [claim], "warnings": ["A1 fails\nhere"]})
    main(["run"])
    out = capsys.readouterr().out
    assert "NO, holds" in out
    assert "against expectation: lemma-5 (printed): it does not" in out
    assert "warning: A1 fails here" in out


@pytest.mark.usefixtures("page")
def test_progress_is_bars_on_a_terminal(
    calls: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["run"]) == 0
    err = capsys.readouterr().err
    assert "claims: eq-33" in err
    assert "2/3" in err


def test_progress_is_a_line_a_stage_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of each stage, and one more where half a minute passed in silence."""
    clock = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: clock[0])
    with console.progress_bar() as progress:
        for moment, stage, done, total in (
            (0, "certified constants", 0, 1), (9, "certified constants", 1, 1), (10, "claims · eq-9", 0, 20),
            (11, "claims · eq-10", 1, 20), (12, "search · N = 2", 1, 8), (41, "claims · eq-33", 9, 20),
            (42, "claims · eq-34", 10, 20), (43, "search", 8, 8), (90, "claims", 20, 20),
        ):  # fmt: skip
            clock[0] = moment
            progress(stage, done, total)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "icl-verify: certified constants",
        "icl-verify: claims · eq-9 (0 of 20)",
        "icl-verify: search · N = 2 (1 of 8)",
        "icl-verify: claims · eq-34 (10 of 20)",
    ]


def test_stages_come_and_go() -> None:
    """The claims stay in sight, with the one under way by name; their stages leave as they end, or with the claim."""
    with Progress(console=Console(file=StringIO())) as bar:
        stages = console.Stages(bar)

        def shown(stage: str, done: int, total: int) -> list[tuple[str, float, float | None]]:
            stages(stage, done, total)
            return [(task.description, task.completed, task.total) for task in bar.tasks]

        constants = ("certified constants", 0, None)
        assert shown("certified constants", 0, 0) == [constants]
        assert shown("claims · eq-9", 0, 2) == [("claims: eq-9", 0, 2)]
        assert shown("search · N = 2", 5, 8) == [("claims: eq-9", 0, 2), ("search: N = 2", 5, 8)]
        assert shown("search · N = 3", 6, 8) == [("claims: eq-9", 0, 2), ("search: N = 3", 6, 8)]
        assert shown("search", 8, 8) == [("claims: eq-9", 0, 2)]
        assert shown("descent", 1, 2) == [("claims: eq-9", 0, 2), ("descent", 1, 2)]
        assert shown("claims · eq-10", 1, 2) == [("claims: eq-10", 1, 2)]
        assert shown("claims", 2, 2) == [("claims", 2, 2)]
        assert shown("descent", 2, 2) == [("claims", 2, 2)]


@pytest.mark.usefixtures("page", "capsys")
def test_a_saved_instance_runs(calls: Any, tmp_path: Path) -> None:
    load().save(tmp_path / "saved.npz")
    assert main(["run", "saved.npz", "--seed", "9"]) == 0
    assert calls.seen[0][0].seed == 9
    assert calls.seen[0][0].tokens.tobytes() == load().tokens.tobytes()


@pytest.mark.usefixtures("calls")
def test_init_writes_a_file_that_loads(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["init"]) == 0
    assert load(tmp_path / "instance.toml").digest == load().digest
    assert capsys.readouterr().out == "instance.toml\nnext: icl-verify run instance.toml\n"
    (tmp_path / "instance.toml").write_text("mine")
    assert main(["init"]) == 2
    assert (tmp_path / "instance.toml").read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert (tmp_path / "instance.toml").read_text() != "mine"
    assert main(["init", "a/b.toml"]) == 0
    assert (tmp_path / "a" / "b.toml").exists()


@pytest.mark.usefixtures("calls")
def test_examples_are_written_and_load(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names = ["own_loop.py", "paper-unnormalised.toml", "paper.toml", "tiny.toml"]
    assert main(["examples"]) == 0
    assert written(tmp_path) == ["examples", *(f"examples/{name}" for name in names)]
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [*(f"examples/{name}" for name in names), "next"]
    assert lines[0].endswith(
        ": Train Q and w in a loop of your own, save them, and have them judged against A without training."
    )
    assert load(tmp_path / "examples" / "paper.toml").K == 200
    (tmp_path / "examples" / "tiny.toml").write_text("mine")
    (tmp_path / "examples" / "paper.toml").unlink()
    assert main(["examples"]) == 2
    assert "PATH = examples/own_loop.py: needs a name that is free" in capsys.readouterr().err
    assert not (tmp_path / "examples" / "paper.toml").exists()
    assert main(["examples", "--force"]) == 0
    assert (tmp_path / "examples" / "tiny.toml").read_text() != "mine"


@pytest.mark.usefixtures("calls")
def test_derive(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive"]) == 0
    assert capsys.readouterr().out == "1. The loss  [loss]\n   by (9)\n   x\n\n"
    assert main(["derive", "--sympy"]) == 0
    assert "   Eq(x, y)\n" in capsys.readouterr().out
    assert main(["derive", "--latex"]) == 0
    assert "   x = y\n" in capsys.readouterr().out


@pytest.mark.usefixtures("calls")
def test_replay(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "eq-33"]) == 0
    assert capsys.readouterr().out == "eq-33: 2 != 3\n"
    assert main(["replay", "eq-36"]) == 1
    assert capsys.readouterr().out == "lemma-5: 2 != 3\n"


@pytest.mark.usefixtures("page")
def test_render(calls: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    calls.outcome.save(tmp_path / "record.json")
    assert main(["render", "record.json"]) == 0
    assert capsys.readouterr().out == "report: index.html\n"
    assert main(["render", "record.json", "--out", "new/place"]) == 0
    assert (tmp_path / "new" / "place" / "index.html").exists()


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("which", ["record", "instance"])
def test_schema(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", which]) == 0
    assert "properties" in (text := capsys.readouterr().out)
    assert json.loads(text)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_ends_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert f"Example: icl-verify {command}" in " ".join(capsys.readouterr().out.split("\n\n")[-1].split())


def test_every_command_is_tested_here() -> None:
    assert sorted(commands(program(find(None)))) == sorted(COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("icl-verify 0.")


def test_saved_instances_are_plain(tmp_path: Path) -> None:
    load().save(tmp_path / "a.npz")
    assert Instance.load(tmp_path / "a.npz").digest == load().digest
