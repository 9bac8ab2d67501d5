"""Bad input: one line on stderr that names argument, value and remedy, exit 2, and nothing written."""

from __future__ import annotations

import io
import os
import pickle
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from verify.cli import main

K = 4
TOKENS = np.eye(3, K) + 0.25


def csv(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text) and None


def npy(name: str, array: Any) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / name, np.asarray(array))


def raw(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def toml(text: str) -> Callable[[Path], None]:
    return csv("i.toml", text)


def digits(tail: str) -> Callable[[Path], None]:
    return toml(f'kind = "digits"\n{tail}\n')


def arrays(tokens: str, *, features: str = 'kind = "identity"', tail: str = "") -> Callable[[Path], None]:
    """A TOML file about arrays, with a good tokens.npy beside it."""

    def make(folder: Path) -> None:
        np.save(folder / "tokens.npy", TOKENS)
        text = f'kind = "arrays"\n[sizes]\nN = 2\nH = 2\n[noise]\ntau = 0.1\n[tokens]\n{tokens}\n'
        (folder / "i.toml").write_text(f"{text}[features]\n{features}\n{tail}\n")

    return make


def npz(name: str, **contents: Any) -> Callable[[Path], None]:
    return lambda folder: np.savez(folder / name, **contents)


def objects() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([[1, "a"]], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def directory(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).mkdir()


def archive(name: str, member: str, content: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / name, "w") as file:
            file.writestr(member, content)

    return make


RUN = ("run", "i.toml")
FILE = 'file = "t.csv"'
NPY = 'file = "t.npy"'
Case = tuple[tuple[str, ...], tuple[Callable[[Path], None], ...], tuple[str, ...]]

# What is typed, what lies in the folder, and what the line must say: argument, value, remedy.
CASES: dict[str, Case] = {
    "N > K": (RUN, (digits("[sizes]\nN = 21"),), ("N = 21", "at most K = 20", "label fewer tokens")),
    "N = 0": (RUN, (digits("[sizes]\nN = 0"),), ("sizes.N = 0", "at least 1", "write N = 6")),
    "H = 0": (RUN, (digits("[sizes]\nH = 0"),), ("sizes.H = 0", "at least 1", "write H = 96")),
    "K too large": (RUN, (digits("[sizes]\nK = 1798"),), ("K = 1798", "at most 1797", "lower K")),
    "tau < 0": (RUN, (digits("[noise]\ntau = -0.1"),), ("noise.tau = -0.1", "above 0", "write tau = 0.1")),
    "tau = 0": (RUN, (digits("[noise]\ntau = 0"),), ("noise.tau = 0", "above 0", "write tau")),
    "tau nan": (RUN, (digits("[noise]\ntau = nan"),), ("noise.tau = nan", "finite", "write tau")),
    "tau text": (RUN, (digits('[noise]\ntau = "0.1"'),), ("noise.tau = 0.1", "a number", "write tau = 0.1")),
    "beta = 0": (RUN, (digits("[initialisation]\nbeta = 0"),), ("initialisation.beta = 0", "above 0", "write")),
    "delta = 1": (RUN, (digits("[inference]\ndelta = 1"),), ("inference.delta = 1", "below 1", "write delta")),
    "B < 0": (RUN, (digits("[inference]\nB = -1"),), ("inference.B = -1", "above 0", "write B")),
    "true for N": (RUN, (digits("[sizes]\nN = true"),), ("sizes.N = True", "a whole number", "write N = 6")),
    "N = 2.5": (RUN, (digits("[sizes]\nN = 2.5"),), ("sizes.N = 2.5", "a whole number", "write N = 6")),
    "law": (RUN, (digits('[tasks]\nkind = "gausian"'),), ("tasks.kind = gausian", 'did you mean "gaussian"?')),
    "std < 0": (RUN, (digits("[tasks]\nstd = -1"),), ("tasks.std = -1", "at least 0", "write std")),
    "file seed": (RUN, (digits("seed = -1"),), ("seed = -1", "at least 0", "write seed = 0")),
    "unknown key": (RUN, (digits("[noise]\ntua = 1"),), ("noise.tua = 1", "did you mean noise.tau?")),
    "key elsewhere": (RUN, (digits("tau = 1"),), ("tau = 1", "did you mean noise.tau?")),
    "unknown table": (RUN, (digits("[zzz]\na = 1"),), ("zzz = {'a': 1}", "known key", "remove it")),
    "no table": (RUN, (digits("noise = 3"),), ("noise = 3", "a table", "write a line [noise]")),
    "kind": (RUN, (toml('kind = "digit"'),), ("kind = digit", 'did you mean "digits"?')),
    "no kind": (RUN, (toml(""),), ("kind = nothing", "one of digits", 'write kind = "digits"')),
    "kind misspelt": (RUN, (toml('kidn = "digits"'),), ("kidn = digits", "did you mean kind?")),
    "map": (RUN, (digits('[features]\nkind = "rf"'),), ("features.kind = rf", 'did you mean "rff"?')),
    "m of a map": (
        RUN,
        (digits('[sizes]\nm = 3\n[features]\nkind = "identity"'),),
        ("sizes.m = 3", "needs 64", "set sizes.m to 64"),
    ),
    "target": (RUN, (digits("[training]\nbound_target = 1"),), ("training.bound_target = 1", "below 1", "write")),
    "TOML syntax": (RUN, (toml('kind = "digits"\nN = = 3\n'),), ("i.toml", "line 2", "correct it")),
    "TOML not UTF-8": (RUN, (raw("i.toml", b'name = "\xff"'),), ("i.toml", "UTF-8", "byte 9", "name a .toml")),
    "TOML binary": (RUN, (raw("i.toml", b"\x00\x01\x02"),), ("i.toml", "valid TOML", "correct it")),
    "TOML missing": (RUN, (), ("INSTANCE = i.toml", "exists", "icl-verify init")),
    "TOML folder": (RUN, (directory("i.toml"),), ("INSTANCE = i.toml", "not a directory", "name a .toml")),
    "TOML suffix": (("run", "i.txt"), (csv("i.txt", "x"),), ("INSTANCE = i.txt", "a .toml file", "name a .toml")),
    "npz not saved": (("run", "i.npz"), (npz("i.npz", a=TOKENS),), ("i.npz", "saved instance", "Instance.save")),
    "npz damaged": (("run", "i.npz"), (raw("i.npz", b"PK\x03\x04junk"),), ("i.npz", "saved", "Instance.save")),
    "npz empty header": (
        ("run", "i.npz"),
        (npz("i.npz", header=np.array('{"format": 1}')),),
        ("i.npz", "saved instance", "Instance.save"),
    ),
    "no sizes": (RUN, (toml('kind = "arrays"'),), ("sizes = nothing", "a value", "write a line [sizes]")),
    "tokens missing": (RUN, (arrays(FILE),), ("tokens.file", "t.csv", "exists", "correct the path")),
    "tokens folder": (
        RUN,
        (arrays(FILE), directory("t.csv")),
        ("tokens.file", "t.csv", "not a directory", "name the file inside"),
    ),
    "tokens suffix": (RUN, (arrays('file = "t.txt"'),), ("tokens.file", "t.txt", ".safetensors", "save the array")),
    "empty CSV": (RUN, (arrays(FILE), csv("t.csv", "")), ("tokens.file", "t.csv", "not empty", "save the array")),
    "blank CSV": (RUN, (arrays(FILE), csv("t.csv", "\n\n")), ("t.csv", "not empty", "put one line of numbers")),
    "ragged CSV": (
        RUN,
        (arrays(FILE), csv("t.csv", "1,2,3\n\n4,5\n")),
        ("tokens.file line 3 = 2 cells", "3 cells, as many as line 1", "complete that line"),
    ),
    "CSV word": (
        RUN,
        (arrays(FILE), csv("t.csv", "1,2\n3,four\n")),
        ("tokens.file line 2, column 2 = four", "a number", "correct that cell"),
    ),
    "CSV header": (RUN, (arrays(FILE), csv("t.csv", "a,b\n1,2\n")), ("line 1, column 1 = a", "header line")),
    "CSV hole": (RUN, (arrays(FILE), csv("t.csv", "1,,3\n")), ("line 1, column 2 = an empty cell", "correct")),
    "CSV nan": (RUN, (arrays(FILE), csv("t.csv", "1,2\nnan,4\n")), ("line 2, column 1 = nan", "finite", "correct")),
    "CSV binary": (RUN, (arrays(FILE), raw("t.csv", b"1,\xfe\n")), ("tokens.file", "UTF-8", "byte 3", "save it")),
    "NaN in a token": (
        RUN,
        (arrays(NPY), npy("t.npy", [[1.0, 2.0], [3.0, np.nan]])),
        ("tokens.file row 2, column 2 = nan", "finite number", "correct that entry"),
    ),
    "one dimension": (RUN, (arrays(NPY), npy("t.npy", [1.0, 2.0])), ("tokens.file shape = (2,)", "2 dimensions", "save")),
    "no entries": (RUN, (arrays(NPY), npy("t.npy", np.ones((0, 3)))), ("shape = (0, 3)", "at least one", "put numbers")),
    "complex": (RUN, (arrays(NPY), npy("t.npy", [[1j, 2]])), ("tokens.file dtype = complex128", "real", "save")),
    "text array": (RUN, (arrays(NPY), npy("t.npy", [["a", "b"]])), ("tokens.file dtype = <U1", "real", "save")),
    "truth array": (RUN, (arrays(NPY), npy("t.npy", [[True]])), ("tokens.file dtype = bool", "real", "save")),
    "pickle as npy": (RUN, (arrays(NPY), raw("t.npy", pickle.dumps([[1.0]]))), ("tokens.file", "pickle", "dtype=float64")),
    "object npy": (RUN, (arrays(NPY), raw("t.npy", objects())), ("tokens.file", "pickle", "dtype=float64")),
    "object npz": (
        RUN,
        (arrays('file = "t.npz"'), archive("t.npz", "a.npy", objects())),
        ("tokens.file", "pickle", "dtype=float64"),
    ),
    "short npy": (RUN, (arrays(NPY), raw("t.npy", b"\x93NUMPY\x01\x00")), ("tokens.file", "readable .npy", "save it")),
    "not a zip": (RUN, (arrays('file = "t.npz"'), raw("t.npz", b"PK\x03\x04")), ("tokens.file", "t.npz", "save it")),
    "npy as npz": (
        RUN,
        (arrays('file = "t.npz"'), npy("t.npy", TOKENS), lambda f: os.replace(f / "t.npy", f / "t.npz")),
        ("tokens.file", "t.npz", "rename it to .npy"),
    ),
    "no array in npz": (RUN, (arrays('file = "t.npz"'), archive("t.npz", "a.txt", b"1")), ("t.npz", "arrays", "save it")),
    "key of npz": (
        RUN,
        (arrays('file = "t.npz"\nkey = "tokns"'), npz("t.npz", tokens=TOKENS, other=TOKENS)),
        ("tokens.key = tokns", "other, tokens", "did you mean tokens?"),
    ),
    "no key for npz": (
        RUN,
        (arrays('file = "t.npz"'), npz("t.npz", tokens=TOKENS, other=TOKENS)),
        ("tokens.key = nothing", "other, tokens", "set tokens.key"),
    ),
    "key for CSV": (RUN, (arrays(f'{FILE}\nkey = "a"'), csv("t.csv", "1")), ("tokens.key = a", "remove tokens.key")),
    "bad safetensors": (
        RUN,
        (arrays('file = "t.safetensors"'), raw("t.safetensors", b"junk")),
        ("tokens.file", "readable .safetensors", "float64"),
    ),
    "safetensors key": (
        RUN,
        (arrays('file = "t.safetensors"\nkey = "b"'), lambda f: save_file({"a": TOKENS}, f / "t.safetensors")),
        ("tokens.key = b", "t.safetensors: a", "set tokens.key"),
    ),
    "orientation": (RUN, (arrays(f'{FILE}\norientation = "row"'),), ("tokens.orientation = row", 'did you mean "rows"?')),
    "zero token": (
        RUN,
        (arrays(f"{FILE}\nunit_norm = true"), csv("t.csv", "1,0\n1,0\n")),
        ("tokens.file column 2 = all zeros", "not all zeros", "remove it"),
    ),
    "stated K": (
        RUN,
        (arrays('file = "tokens.npy"'), lambda f: grow(f, "K = 9")),
        ("sizes.K = 9", "needs 4", "set sizes.K to 4"),
    ),
    "features of other tokens": (
        RUN,
        (arrays('file = "tokens.npy"', features=f'kind = "given"\n{FILE}'), csv("t.csv", "1,2,3\n")),
        ("features.file = t.csv with 3 columns", "K = 4", "orientation"),
    ),
    "m for rff": (RUN, (arrays('file = "tokens.npy"', features='kind = "rff"'),), ("sizes.m = nothing", "set it")),
    "shape of Q": (
        RUN,
        (
            arrays('file = "tokens.npy"', tail='[initialisation]\nQ = "Q.npy"'),
            npy("Q.npy", np.zeros((2, 3, 2))),
        ),
        ("initialisation.Q shape = (2, 3, 2)", "2 x 3 x 3"),
    ),
    "Q flat": (
        RUN,
        (arrays('file = "tokens.npy"', tail='[initialisation]\nQ = "Q.npy"'), npy("Q.npy", np.zeros((2, 9)))),
        ("initialisation.Q shape = (2, 9)", "3 dimensions", "save Q.npy"),
    ),
    "Q and beta": (
        RUN,
        (digits('[initialisation]\nQ = "Q.npy"\nbeta = 2'),),
        ("initialisation.beta = 2", "not both", "remove one"),
    ),
    "key without Q": (RUN, (digits('[initialisation]\nQ_key = "a"'),), ("initialisation.Q_key = a", "remove it")),
    "no command": ((), (), ("Missing command", "see `icl-verify --help`")),
    "command": (("rnu",), (), ("'rnu'", "Did you mean 'run'?", "--help")),
    "option": (("run", "--devise", "cpu"), (), ("--devise", "did you mean --device?", "icl-verify run --help")),
    "option value": (("run", "--seed"), (), ("--seed", "requires an argument", "--help")),
    "second file": (("run", "a.toml", "b.toml"), (), ("b.toml", "unexpected", "--help")),
    "device": (("run", "--device", "tpu"), (), ("device = tpu", "auto, cpu, cuda", "pass --device cpu")),
    "device number": (("run", "--device", "cuda:x"), (), ("device = cuda:x", "cuda:0", "pass --device cpu")),
    "no CUDA": (("run", "--device", "cuda"), (), ("device = cuda", "torch finds none", "pass --device cpu")),
    "no cuda:3": (("run", "--device", "cuda:3"), (), ("device = cuda:3", "CUDA device", "pass --device cpu")),
    "dtype": (("run", "--dtype", "float16"), (), ("dtype = float16", "float64 or float32", "pass --dtype")),
    "tier": (("run", "--tier", "slow"), (), ("tier = slow", "fast or full", "pass --tier fast")),
    "seed < 0": (("run", "--seed", "-3"), (), ("--seed = -3", "a whole number from 0", "pass --seed 0")),
    "seed 1.5": (("run", "--seed", "1.5"), (), ("--seed = 1.5", "a whole number", "pass --seed 0")),
    "seed 2^63": (("run", "--seed", str(2**63)), (), (f"--seed = {2**63}", "2^63 - 1", "pass --seed 0")),
    "only": (("run", "--only", "lema-5"), (), ("--only = lema-5", "id of a claim", "did you mean lemma-5?")),
    "only, far off": (("run", "--only", "zzz"), (), ("--only = zzz", "known: eq-33, lemma-5")),
    "out below a file": (("run", "--out", "f/out"), (csv("f", "x"),), ("--out = f/out", "is a file", "name a folder")),
    "out is a file": (("run", "--out", "f"), (csv("f", "x"),), ("--out = f", "is a file", "name a folder")),
    "out empty": (("run", "--out", ""), (), ('--out = ""', "name of a folder", "pass --out out")),
    "out read-only": (("run", "--out", "/proc/x"), (), ("--out = /proc/x", "can be written", "name a folder")),
    "out too long": (("run", "--out", "long" * 75), (), ("--out = longlong", "can be written", "name a folder")),
    "out taken": (
        ("run",),
        (lambda f: (f / "out" / "record.json").mkdir(parents=True),),
        ("--out = out", "record.json", "remove it"),
    ),
    "out to nowhere": (("run", "--out", "l"), (lambda f: (f / "l").symlink_to("gone"),), ("--out = l", "name a folder")),
    "init over a file": (("init", "a.toml"), (csv("a.toml", "x"),), ("PATH = a.toml", "free", "--force")),
    "init suffix": (("init", "a.json"), (), ("PATH = a.json", ".toml", "init instance.toml")),
    "init below a file": (("init", "f/a.toml"), (csv("f", "x"),), ("PATH = f", "is a file", "name a folder")),
    "init folder": (("init", "a.toml", "--force"), (directory("a.toml"),), ("PATH = a.toml", "a file", "another")),
    "render nothing": (("render", "r.json"), (), ("RECORD = r.json", "can be read", "icl-verify run")),
    "render folder": (("render", "r"), (directory("r"),), ("RECORD = r", "can be read", "icl-verify run")),
    "render no JSON": (("render", "r.json"), (csv("r.json", "{"),), ("RECORD = r.json", "JSON", "icl-verify run")),
    "render other JSON": (("render", "r.json"), (csv("r.json", "{}"),), ("r.json", "status: Field", "icl-verify run")),
    "render binary": (("render", "r.json"), (raw("r.json", b"\xff\x00"),), ("RECORD = r.json", "UTF-8", "icl-verify")),
    "replay unknown": (("replay", "eq-333"), (), ("ID = eq-333", "id of a claim", "did you mean eq-33?")),
    "replay no witness": (("replay", "theorem-1"), (), ("ID = theorem-1", "a claim that fails", "pick one")),
    "schema": (("schema", "recrod"), (), ("NAME = recrod", "record or instance", "did you mean record?")),
}  # fmt: skip


def grow(folder: Path, line: str) -> None:
    file = folder / "i.toml"
    file.write_text(file.read_text().replace("[sizes]\n", f"[sizes]\n{line}\n"))


def snapshot(folder: Path) -> dict[str, bytes | None]:
    files = sorted(folder.rglob("*"))
    return {
        str(path): path.read_bytes() if path.is_file() and path.stat().st_size < 10**9 else None
        for path in files
    }


def refused(
    case: Case, calls: Any, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with exit code 2 and one line on stderr that has all parts; nothing is written and nothing was run."""
    words, files, parts = case
    patch.setattr(torch.cuda, "is_available", lambda: False)
    for make in files:
        make(folder)
    before = snapshot(folder)
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("icl-verify: ")
    assert printed.err.count("\n") == 1
    assert printed.err.endswith("\n")
    assert [part for part in parts if part not in printed.err] == []
    assert snapshot(folder) == before
    assert calls.seen == []


@pytest.mark.parametrize("name", CASES)
def test_bad_input(
    name: str, calls: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(CASES[name], calls, tmp_path, monkeypatch, capsys)


def test_one_line_whatever_the_value(calls: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "a\nb\u2028\x1b[31m.toml"]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "\x1b" not in error


def test_a_device_file_is_refused(
    calls: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.toml")
        assert main(["run", "s.toml"]) == 2
    assert "not a directory or device" in capsys.readouterr().err


VIOLATIONS = {
    "repeated token (A0)": "0.6,0.6,0\n0.8,0.8,1\n",
    "norms other than 1 (A0)": "1,2,3\n4,5,6\n",
    "constant prompt (A3)": "1,1,0\n0,0,1\n",
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violated_assumptions_are_no_input_errors(name: str, calls: Any, tmp_path: Path) -> None:
    arrays(FILE)(tmp_path)
    (tmp_path / "t.csv").write_text(VIOLATIONS[name])
    assert main(["run", "i.toml"]) == 0
    assert calls.seen[0][0].K == 3


def test_fewer_heads_than_labels_is_no_input_error(calls: Any, tmp_path: Path) -> None:
    digits("[sizes]\nH = 2")(tmp_path)
    assert main(["run", "i.toml"]) == 0
    assert calls.seen[0][0].H == 2
