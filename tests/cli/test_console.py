"""What `run` prints: the answer first, only rows that are not as expected, 80 columns, colour by verdict; completion; public names."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import verify
from tests.cli.conftest import make_record
from verify.cli import main
from verify.commands import completion, console
from verify.output import answers
from verify.output.phrases import folded
from verify.record import Answer, Record, Study


def rows(**changes: Any) -> Record:
    """Three statements: one as expected, one with the changes, one of which nothing is expected."""
    claim = make_record().claims[0]
    other = claim.model_copy(update={"id": "eq-33", **changes})
    mine = claim.model_copy(update={"id": "mine", "expected": None})
    return make_record(
        claims=[claim, other, mine],
        answers=[answers.truth([claim, other, mine])],
        studies=[Study(id="s", title="A study", finding="Found.")],
    )


def shown(record: Record, capsys: pytest.CaptureFixture[str], every: bool = False) -> str:
    console.show(record, every)
    return capsys.readouterr().out


def test_the_answer_comes_first_and_then_what_is_not_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    record = rows(verdict="fails", strength=None, refutation="certified", contradiction="it does not")
    out = shown(record, capsys)
    assert out.startswith("Is it true? 3 printed statements: 2 hold (2 proved), 1 fails (1 certified).")
    table = [line.split()[0] for line in out.splitlines() if " printed " in line and "verdict" not in line][
        1:
    ]
    assert table == ["eq-33", "mine"]
    assert "As expected: 1 of 3 verdicts; -v lists them all." in out
    assert "against expectation: eq-33 (printed): it does not" in out
    assert "A study" not in out
    assert record.headline not in out


def test_verbose_lists_every_statement_and_study(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(rows(), capsys, every=True)
    for part in ("lemma-5", "eq-33", "mine", "A study: Found.", "All verdicts as expected."):
        assert part in out
    assert "-v lists" not in out


def test_a_run_as_expected_has_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(make_record(), capsys)
    assert "how known" not in out
    assert "As expected: 1 of 1 verdict; -v lists them all." in out


def test_lines_are_at_most_80_columns_and_text_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["a premise of many words that goes on and on until the line is full \x1b[31m"] * 3
    record = rows(
        id="a-statement-with-a-long-name", verdict="not refuted", strength="proved given", given=given
    )
    out = shown(
        record.model_copy(update={"warnings": ["\x1b]0;title\x07 " + "word " * 40]}), capsys, every=True
    )
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert "\x07" not in out


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("1", False)])
def test_verdicts_have_colours_on_a_terminal(
    no_color: str | None, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", out := Terminal())
    console.show(rows(verdict="fails", strength=None, refutation="certified"))
    assert ("\x1b[1;31mfails" in out.getvalue()) == coloured
    assert ("\x1b[32mholds" in out.getvalue()) == coloured


def test_each_answer_is_a_line() -> None:
    tight = Answer(
        question="How tight is it?", answer="Six times.", figures={"asked": "1,652", "ratio": 4.0512, "of": 3}, note="Or less.",
    )  # fmt: skip
    bare = Answer(question="Is it true?", answer="Theorem 1 is proved.")
    assert answers.lines(make_record(answers=[bare, tight])) == [
        "Is it true? Theorem 1 is proved.",
        "How tight is it? Six times. (asked: 1,652; ratio: 4.05; of: 3) Or less.",
    ]


def test_a_record_without_answers_has_its_headline() -> None:
    record = make_record()
    assert answers.lines(record) == [record.headline]


def test_the_answers_of_a_record_are_its_first_lines(capsys: pytest.CaptureFixture[str]) -> None:
    told = [
        Answer(question="Is it true?", answer="Yes.", note="Not all."),
        Answer(question="How tight?", answer="By 4.", figures={"n": 4}),
    ]
    out = shown(make_record(answers=told), capsys)
    assert out.startswith("Is it true? Yes. Not all.\nHow tight? By 4. (n: 4)\nAs expected: 1 of 1 verdict")


def test_folded_lines_keep_their_indent() -> None:
    assert folded("  witness: one two three four", 16) == "  witness: one\n    two three\n    four"
    assert folded("  12. one two three", 13) == "  12. one two\n      three"
    assert folded("x" * 200) == "x" * 200


def test_a_notebook_shows_the_answers_and_every_verdict() -> None:
    title = "<script>alert(1)</script>"
    made = rows(verdict="fails", strength=None, refutation="certified", title=title)._repr_html_()
    assert "<p>Is it true? 3 printed statements: 2 hold (2 proved), 1 fails (1 certified). (printed" in made
    assert "Not as expected, or nothing is expected: 2." in made
    assert made.count("<td>eq-33</td>") == 2
    assert made.count("<td>lemma-5</td>") == 1
    assert "<script" not in made
    assert html.escape(title) in made
    assert make_record(claims=[])._repr_html_() == "<div><p>All verdicts as expected.</p></div>"


def test_public_names_alone_are_listed() -> None:
    assert dir(verify) == sorted(verify.__all__)


def complete(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv(completion.ASKED, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    assert main([]) == 0
    return capsys.readouterr().out.split()


def test_commands_and_options_are_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complete("icl-verify ex", monkeypatch, capsys) == ["examples", "explain", "export"]
    assert "--markdown" in complete("icl-verify export --m", monkeypatch, capsys)
    assert "tightness" in complete("icl-verify ti", monkeypatch, capsys)
    assert complete("icl-verify --theory zhang2024 ti", monkeypatch, capsys) == []


def test_completion_runs_no_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("raise SystemExit(3)")
    assert complete(f"icl-verify --theory {tmp_path}/mine.py expl", monkeypatch, capsys) == ["explain"]


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_the_script_of_a_shell(shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"complete_{shell}" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        assert (
            subprocess.run([shell, "-n", "script"], cwd=tmp_path, env=os.environ, check=False).returncode == 0
        )


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bahs"]) == 2
    assert capsys.readouterr().err == "icl-verify: SHELL = bahs: needs a shell; did you mean bash?\n"
