"""Files of stored proofs: under which key a proof is looked up, what is written, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from stored_proofs import NAME, alone, key_of, with_data

from numeric.errors import InputError
from symbolic.operations import Data
from verify import Setting, check, total
from verify.cli import main
from verify.own import stored
from verify.own.files import settings


def declared(**changes: str) -> Setting:
    """A setting with one statement; what is written of it may be changed."""
    parts = {
        "name": '"one"', "kind": '"simplex"', "more": "", "sides": "total(s[i] * u[i], i) ** 2, tau * total(s[i] * u[i] ** 2, i)",
        "when": "[1 <= tau]", "positive": "True", "value": "u[i]",
    } | changes  # fmt: skip
    S = Setting("keys")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    names: dict[str, Any] = {"S": S, "p": p, "i": i, "u": u, "total": total}
    names["s"] = S.letters(kind=eval(parts["kind"]), s=p)
    (names["tau"],) = (S.scalars("tau", positive=eval(parts["positive"])),)
    names["y"] = S.define("y", eval(parts["value"], names), i)
    exec(parts["more"], names)
    exec(f"S.inequality({parts['name']}, {parts['sides']}, when={parts['when']})", names)
    return S


def key_in(S: Setting) -> str:
    return key_of(S, next(iter(S.statements)))


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("same", "changes"),
    [
        (True, {"name": '"another name"'}),
        (True, {"more": "v = S.letters(v=p)"}),
        (True, {"value": "2 * u[i]"}),
        (False, {"sides": "total(s[i] * u[i], i) ** 2, tau * total(s[i] * u[i] ** 2, i) + 1"}),
        (False, {"sides": "total(s[i] * y[i], i) ** 2, tau * total(s[i] * y[i] ** 2, i)"}),
        (False, {"kind": '"nonnegative"'}),
        (False, {"when": "[1 < tau]"}),
        (False, {"when": "[2 <= tau]"}),
        (False, {"when": "()"}),
        (False, {"positive": "False"}),
    ],
)
def test_the_key_is_that_of_what_is_stated(same: bool, changes: dict[str, str]) -> None:
    assert len(key_in(declared())) == 32
    assert (key_in(declared(**changes)) == key_in(declared())) is same


def test_the_key_tells_what_a_letter_stands_for() -> None:
    sides = "total(s[i] * y[i], i) ** 2, tau * total(s[i] * y[i] ** 2, i)"
    assert key_in(declared(sides=sides)) != key_in(declared(sides=sides, value="2 * u[i]"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[]", "it has no table of proofs for each setting"),
        (b'{"facts": [], "proofs": []}', "it has no table of proofs for each setting"),
        (b" " * (stored.LARGEST + 1), f"it has more than {stored.LARGEST} bytes"),
    ],
    ids=["cut", "bytes", "deep", "list", "another form", "huge"],
)
def test_a_file_that_is_none_is_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"needs a file that check --update wrote \\({said}\\); delete it"):
        stored.opened(path, [], update=False)
    assert stored.opened(path, [], update=True) == {}


@pytest.mark.parametrize(
    "data",
    [
        {"proofs": 3}, {"proofs": [3, {}, {"name": 4}]}, {"proofs": [{"name": "KEY"}]},
        {"proofs": [{"name": "KEY", "relation": "<=", "fact": 0}]},
        {"proofs": [{"name": "KEY", "relation": "<=", "fact": True}], "facts": [3]},
        {"proofs": [{"name": "KEY", "relation": "<=", "fact": 0}], "facts": {"0": {}}},
        {"proofs": [{"name": "KEY", "relation": "=", "uses": []}], "facts": []},
    ],
)  # fmt: skip
def test_tables_that_are_none_are_refused(data: Data, S: Setting) -> None:
    data = json.loads(json.dumps(data).replace("KEY", key_of(S, "Jensen")))
    found, _ = with_data(alone(S, "Jensen"), data)
    holds, said = found["Jensen"]
    assert holds
    assert said.endswith(("so that one was sought.", "so that one was sought anew."))


SMALL = """
from verify import Setting, total
S = Setting("a small file")
p = S.dims("p")
i = p.index("i")
u, v = S.letters(u=p, v=p)
y = S.define("y", u[i] + v[i], i)
S.identity("sum", total(y[i], i), total(u[i], i) + total(v[i], i))
S.identity("the same", total(y[i], i), total(u[i], i) + total(v[i], i))
T = Setting("another one")
y = T.letters(y=T.dims("r"))
T.identity("zero", 0, 0)
"""


def test_update_writes_and_nothing_else_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, beside = tmp_path / "lemmas.py", tmp_path / NAME
    path.write_text(SMALL, encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert not beside.exists()
    assert main(["check", str(path), "--update"]) == 0
    assert f"proofs: {beside}" in capsys.readouterr().out
    kept = json.loads(beside.read_text(encoding="utf-8"))
    assert {name: len(found["proofs"]) for name, found in kept.items()} == {
        "a small file": 1,
        "another one": 1,
    }
    S, _ = settings(str(path))
    assert isinstance(S, Setting)
    row, _ = check(S, stored=stored.opened(beside, [S], update=False)[S.name]).claims
    said = next(one.statement for one in row.evidence if one.check == "prove")
    assert (row.verdict, row.strength) == ("holds", "proved")
    assert said.endswith(f"The proof is stored in {NAME} and was replayed; none was sought.")
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "__pycache__") == [
        "lemmas.proofs.json",
        "lemmas.py",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["json.tool", "--update"], "--update = json.tool: needs a Python file"),
        (["FILE", "--update", "--only", "sum"], "needs the whole file"),
        (["FILE:S", "--update"], "needs the whole file"),
    ],
)
def test_what_cannot_be_updated_is_one_line(
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "lemmas.py"
    path.write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr("verify.own.files.objects", lambda *given: [])
    assert main(["check", *(word.replace("FILE", str(path)) for word in words)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / NAME).exists()


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a file that can be written"):
        stored.write(tmp_path / "nowhere" / NAME, {})
    assert list(tmp_path.iterdir()) == []
