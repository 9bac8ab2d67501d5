"""icl-verify check FILE: files that are good, and files that loop, raise, end the program or define nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from numeric.errors import InputError
from verify.cli import main
from verify.own.files import settings
from verify.record import Record

GOOD = """
from verify import Setting, total
S = Setting("two lemmas")
p = S.dims("p")
i, k = p.index("i"), p.index("k")
u = S.letters(u=p)
s = S.letters(s=p, kind="simplex")
S.inequality(
    "mean", total(s[i] * u[i], i) ** 2, total(s[i] * u[i] ** 2, i), expected="holds",
    proof=total(s[i] * s[k] * (u[i] - u[k]) ** 2, i, k) / 2,
)
S.inequality("no weights", total(u[i], i) ** 2, total(u[i] ** 2, i), expected="fails")
"""

BAD = {
    "raises": ("x = 1 / 0", "needs a file that can be read (ZeroDivisionError: division by zero); mend it; see line 1"),
    "does not parse": ("x = (", "SyntaxError"),
    "ends the program": ("import sys\nsys.exit(3)", "needs a file that does not end the program"),
    "defines nothing": ("x = 1", "needs a file that defines a Setting"),
    "misuses a setting": (
        'from verify import Setting\nS = Setting("a")\np = S.dims("p")\nS.dims("p")', "see line 4",
    ),
    "compares twice in one condition": (
        'from verify import Setting\nS = Setting("a")\nc = S.scalars("c")\nS.inequality("b", c, 2, when=[1 <= c <= 2])',
        "write 1 <= c <= 2 as [1 <= c, c <= 2]; see line 4",
    ),
    "runs a text": (
        'from verify import Setting\nS = Setting("a")\nS.define("n", "print(1)")',
        "n = 'print(1)': needs an expression in letters of the setting; write it without quotation marks; see line 3",
    ),
    "has two settings of one name": ('from verify import Setting\nS, T = Setting("a"), Setting("a")', "a is the name of two"),
    "states nothing": ('from verify import Setting\nS = Setting("a")', "check = a: needs a statement"),
}  # fmt: skip


def write(folder: Path, text: str) -> Path:
    path = folder / "lemmas.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_checked_and_its_page_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write(tmp_path, GOOD), tmp_path / "out"
    assert main(["check", str(path), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "2 statements: 1 holds (1 proved), 1 fails (1 by an exact witness)." in told
    record = Record.load(out / "record.json")
    assert [row.verdict for row in record.claims] == ["holds", "fails"]
    assert record.instance is None
    assert "There is no instance" in (out / "index.html").read_text(encoding="utf-8")
    assert main(["explain", "mean", "--record", str(out / "record.json")]) == 0
    assert "holds" in capsys.readouterr().out


def test_a_verdict_that_was_not_expected_is_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, GOOD.replace('expected="fails"', 'expected="holds"'))
    assert main(["check", str(path)]) == 1
    assert "NO, holds" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [path] or not (tmp_path / "out-check").exists()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_and_exit_2(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, said = BAD[name]
    assert main(["check", str(write(tmp_path, text)), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_file_that_loops_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a file that is read within"):
        settings(str(write(tmp_path, "while True: pass")), seconds=0.3)


def test_no_such_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "nowhere.py"]) == 2
    assert "FILE = nowhere.py: needs a Python file" in capsys.readouterr().err


def test_theories_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theories"]) == 0
    assert capsys.readouterr().out.startswith("yang2024  ")


TINY = """
kind = "synthetic"
[sizes]
N = 4
K = 6
m = 2
d = 3
H = 2
[tasks]
mean = 1.0
"""


def test_assumptions_say_what_would_mend_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    assert main(["assumptions", str(path)]) == 1
    told = capsys.readouterr().out
    assert "A1: fails" in told
    assert "to make it hold: draw λ with mean 0 and deviation 1" in told
    assert "to make it hold: take H = 4 heads, where there are 2" in told
    assert "Theorem 1, here: guarantees nothing, since A1, A2 do not hold" in told
    assert "Theorem 1, with these changes: with γ = " in told
