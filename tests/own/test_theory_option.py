"""--theory: a name, a file, one setting of a file, a module, an entry point; and the commands that speak of a theory of one's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from verify.cli import main
from verify.record import Record
from verify.theories import named

FILE = """
from verify import Setting, total
S = Setting("two lemmas")
p = S.dims("p")
i, k = p.index("i"), p.index("k")
u, v = S.letters(u=p, v=p)
S.inequality(
    "cauchy", total(u[i] * v[i], i) ** 2, total(u[i] ** 2, i) * total(v[i] ** 2, i),
    proof=total((u[i] * v[k] - u[k] * v[i]) ** 2, i, k) / 2,
)
S.inequality("too sharp", total(u[i], i) ** 2, 4 * total(u[i] ** 2, i), reason="it is Cauchy-Schwarz with p = 4")
S.identity("parallelogram", total((u[i] + v[i]) ** 2, i), 2 * total(u[i] ** 2 + v[i] ** 2, i), expected="fails")
"""
OTHER = """
T = Setting("another note")
q = T.dims("q")
w = T.letters(w=q)
T.identity("trivial", w[q.index("j")], w[q.index("j")])
"""


@pytest.fixture
def lemmas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "lemmas.py").write_text(FILE, encoding="utf-8")
    (tmp_path / "both.py").write_text(FILE + OTHER, encoding="utf-8")
    yield "lemmas.py"
    for name in ("lemmas", "both"):
        sys.modules.pop(name, None)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_run_writes_a_record_that_explain_and_replay_read(
    lemmas: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--theory", lemmas]) == 0
    told = said(capsys)
    assert "3 statements: 1 holds (1 proved), 2 fail (2 by an exact witness)." in told
    record = Record.load("out-check/record.json")
    assert [row.id for row in record.claims] == ["cauchy", "too sharp", "parallelogram"]
    assert record.claims[0].command == "icl-verify run --theory lemmas.py --only cauchy"
    kept = ["--record", "out-check/record.json", f"--theory={lemmas}"]
    assert main(["explain", "cauchy", *kept]) == 0
    assert "verdict: holds, proved" in said(capsys)
    assert main(["replay", "too sharp", *kept]) == 0
    told = said(capsys)
    assert "verdict: fails, the witness is confirmed" in told
    assert "left side  = 25" in told
    assert main(["replay", "parallelogram", *kept]) == 0
    assert "the witness is confirmed" in said(capsys)


@pytest.mark.slow
def test_without_a_record_they_check_anew(lemmas: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--theory", lemmas, "explain", "too sharp"]) == 0
    assert "verdict: fails, exact witness" in said(capsys)
    assert main(["replay", "too sharp", "--theory", lemmas]) == 0
    assert "the witness is confirmed" in said(capsys)
    assert main(["replay", "cauchy", "--theory", lemmas]) == 1
    assert "there is no witness to replay" in said(capsys)
    assert main(["claims", "--json", "--theory", lemmas]) == 0
    assert [row["verdict"] for row in json.loads(said(capsys))] == ["holds", "fails", "fails"]


@pytest.mark.parametrize("value", ["1, 1, 1, 1", "1/2, 0, 0, 0, 0"])
def test_a_witness_that_breaks_nothing_is_not_confirmed(
    value: str, lemmas: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--theory", lemmas, "--only", "too sharp"]) == 0
    path = Path("out-check/record.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    (row,) = data["claims"]
    row["witness"] |= {"values": {"u": f"({value})"}, "sizes": {"p": value.count(",") + 1}}
    path.write_text(json.dumps(data), encoding="utf-8")
    capsys.readouterr()
    assert main(["replay", "too sharp", "--theory", lemmas, "--record", str(path)]) == 1
    assert "the witness is not confirmed" in said(capsys)


def test_proofs_of_a_file_are_written_and_compared(lemmas: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proofs", "--theory", lemmas, "--write", "mine.json"]) == 0
    assert "1 proofs, 0 refused" in said(capsys)
    assert main(["proofs", "--theory", lemmas, "--check", "mine.json"]) == 0
    capsys.readouterr()
    data = json.loads(Path("mine.json").read_text(encoding="utf-8"))
    Path("mine.json").write_text(json.dumps(data | {"proofs": []}), encoding="utf-8")
    assert main(["proofs", "--theory", lemmas, "--check", "mine.json"]) == 1


def test_one_setting_of_a_file_and_a_module(lemmas: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--theory", "both.py:T"]) == 0
    assert "another note" in said(capsys)
    assert main(["claims", "--theory", "both:T"]) == 0
    assert "trivial" in said(capsys)
    assert main(["check", "both.py"]) == 0
    assert said(capsys).count("statement") >= 2


def test_an_entry_point_is_a_theory(
    lemmas: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("my-lemmas", "both:S", named.GROUP)
    monkeypatch.setattr(named, "entry_points", lambda group: [point] if group == named.GROUP else [])
    assert main(["theories"]) == 0
    assert said(capsys).splitlines()[-1] == "my-lemmas  brought by both:S"
    assert main(["claims", "--theory", "my-lemmas"]) == 0
    assert "cauchy" in said(capsys)


def test_the_first_theory_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lemma-5", "--theory", "yang2024"]) == 0
    named = said(capsys)
    assert main(["explain", "lemma-5"]) == 0
    assert said(capsys) == named


def test_records_of_other_theories_are_not_read_nor_overwritten(
    lemmas: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "both.py:T", "--out", "kept"]) == 0
    record = Path("kept/record.json").read_bytes()
    assert main(["claims", "--theory", lemmas, "--record", "kept/record.json"]) == 2
    assert "needs a record of two lemmas, and this one is of another note" in capsys.readouterr().err
    assert main(["check", lemmas, "--only", "parallelogram", "--out", "kept"]) == 2
    assert "holds the record of `icl-verify check both.py:T`" in capsys.readouterr().err
    assert Path("kept/record.json").read_bytes() == record


REFUSED = {
    "two settings": (["run", "--theory", "both.py"], "--theory = both.py: needs one theory, and both.py has two lemmas, another note"),
    "two settings in one folder": (["check", "both.py", "--out", "out"], "--out = out: needs one setting, and both.py has two lemmas"),
    "no such name in a file": (["run", "--theory", "both.py:U"], "needs the name of a setting in both.py (S, T"),
    "a typo": (["run", "--theory", "yang2023"], "--theory = yang2023: needs a theory, a Python file or a module; did you mean yang2024?"),
    "nothing": (["run", "--theory"], '--theory = "": needs a theory'),
    "no such module": (["run", "--theory", "no_such_module"], "--theory = no_such_module: needs a module that can be found"),
    "two theories": (["run", "--theory", "both.py", "--theory=yang2024"], "--theory = both.py, yang2024: needs one theory"),
    "a command of another theory": (["tightness", "--theory", "lemmas.py"], "needs a theory that brings the command tightness"),
    "a sweep without instances": (["sweep", "--theory", "lemmas.py"], "needs a theory with instances, or the file of a sweep"),
    "no derivation": (["derive", "--theory", "lemmas.py"], "needs a theory that has a derivation"),
    "no instances": (["schema", "instance", "--theory", "lemmas.py"], "needs a theory that has instances"),
    "no such statement": (["explain", "cauchi", "--theory", "lemmas.py"], "ID = cauchi: needs the id of a claim; did you mean cauchy?"),
    "no such statement to check": (["check", "lemmas.py", "--only", "cauchi"], "only = 'cauchi': needs the name of a statement"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_one_line(name: str, lemmas: str, capsys: pytest.CaptureFixture[str]) -> None:
    words, line = REFUSED[name]
    before = sorted(Path().iterdir())
    assert main(words) == 2
    told = capsys.readouterr().err
    assert line in told
    assert len([one for one in told.splitlines() if "needs" in one]) == 1
    assert [path for path in sorted(Path().iterdir()) if path.name != "__pycache__"] == before
