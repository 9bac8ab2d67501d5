"""Input that nobody types by mistake: sizes beyond any machine, numbers at the ends of float64, files that lie about themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.test_bad_input import (
    FILE,
    NPY,
    RUN,
    TOKENS,
    Case,
    arrays,
    csv,
    digits,
    npy,
    raw,
    refused,
    toml,
)
from verify.cli import main

LYING = (
    b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }".ljust(
        127
    )
    + b"\n"
)


def sparse(folder: Path) -> None:
    """Eight terabytes that take no room on the disk."""
    (folder / "t.npy").write_bytes(LYING)
    os.truncate(folder / "t.npy", 8 * 10**12)


def endless(folder: Path) -> None:
    (folder / "t.npy").symlink_to("/dev/zero")


def waiting(folder: Path) -> None:
    os.mkfifo(folder / "t.npy")


def large(line: str) -> tuple[Any, ...]:
    return (digits(line),)


CASES: dict[str, Case] = {
    "heads": (RUN, large("[sizes]\nH = 1000000000"), ("sizes.H = 1000000000", "of memory", "is free here", "fits")),
    "heads, --plan": ((*RUN, "--plan"), large("[sizes]\nH = 1000000000000"), ("sizes.H = 1", "that a plan compares")),
    "features": (RUN, large("[sizes]\nm = 10000000"), ("sizes.m = 10000000", "of memory", "m × m", "m = ")),
    "tokens": (RUN, (toml('kind = "synthetic"\n[sizes]\nK = 10000000'),), ("sizes.K = 10000000", "K × K", "K = ")),
    "entries": (RUN, (toml('kind = "synthetic"\n[sizes]\nd = 1000000'),), ("sizes.d = 1000000", "the Q_h", "d = ")),
    "prompts": (RUN, large("[inference]\nprompts = 10000000000"), ("inference.prompts = 10000000000", "sampled prompts")),
    "steps": (RUN, large("[training]\nmax_steps = 1000000000000"), ("training.max_steps = 1", "the loss at every step")),
    "heads of tightness": (("tightness", "i.toml"), large("[sizes]\nH = 1000000000"), ("sizes.H = 1000000000", "fits")),
    "a number of 5000 digits": (RUN, large(f"[sizes]\nH = {'9' * 5000}"), ("i.toml", "valid TOML", "correct it")),
    "nested 3000 deep": (RUN, large(f"x = {'[' * 3000}{']' * 3000}"), ("i.toml", "valid TOML", "recursion")),
    "seed 2^63": (RUN, large(f"seed = {2**63}"), ("seed = 9223372036854775808", "at most 9223372036854775807", "write")),
    "a date": (RUN, large("seed = 1979-05-27"), ("seed = 1979-05-27", "a whole number", "write seed")),
    "array of tables": (RUN, large("[[sizes]]\nN = 2"), ("sizes = [{'N': 2}]", "a table", "write a line [sizes]")),
    "UTF-16": (RUN, (raw("i.toml", 'kind = "digits"'.encode("utf-16")),), ("i.toml", "UTF-8", "byte 1")),
    "beta 1e308": (RUN, large("[initialisation]\nbeta = 1e308"), ("beta = 1e+308", "up to 1e+306", "finite")),
    "bandwidth 5e-324": (RUN, large('[features]\nkind = "rff"\nbandwidth = 5e-324'), ("bandwidth = 5e-324", "0.5 suits")),
    "lying header": (RUN, (arrays(NPY), raw("t.npy", LYING + b"0" * 64)), ("tokens.file", "t.npy", "save it again")),
    "8 TB of nothing": (RUN, (arrays(NPY), sparse), ("tokens.file", "7.28 TiB of memory", "give a smaller array")),
    "/dev/zero": (RUN, (arrays(NPY), endless), ("tokens.file", "not a directory or device", "name the file inside")),
    "a pipe": (RUN, (arrays(NPY), waiting), ("tokens.file", "not a directory or device", "name the file inside")),
    "long double": (RUN, (arrays(NPY), npy("t.npy", TOKENS.astype(np.longdouble))), ("dtype = float128", "float64 or narrower")),
    "dates": (RUN, (arrays(NPY), npy("t.npy", TOKENS.astype("M8[s]"))), ("dtype = datetime64[s]", "real numbers")),
    "records": (RUN, (arrays(NPY), npy("t.npy", np.zeros((3, 4), [("a", "f8")]))), ("tokens.file dtype", "real numbers")),
    "CSV 1e400": (RUN, (arrays(FILE), csv("t.csv", "1e400,2\n")), ("line 1, column 1 = 1e400", "finite", "correct")),
    "CSV with semicolons": (RUN, (arrays(FILE), csv("t.csv", "1;2\n")), ("= 1;2", "cells are separated by commas")),
    "CSV with a decimal comma": (RUN, (arrays(FILE), csv("t.csv", '"1,5",2\n')), ("= 1,5", "a number", "commas")),
    "CSV with an open quote": (RUN, (arrays(FILE), csv("t.csv", '"1,2\n3')), ("line 2", "unexpected end", "correct")),
    "CSV with a long cell": (RUN, (arrays(FILE), csv("t.csv", "1" * 200_000)), ("line 1", "field larger", "correct")),
    "CSV with NUL": (RUN, (arrays(FILE), raw("t.csv", b"1,\x002\n")), ("line 1, column 2", "a number", "correct")),
    "seed in other digits": (("run", "--seed", "٣"), (), ("--seed = ٣", "a whole number", "pass --seed 0")),
    "record 100000 deep": (("render", "r.json"), (csv("r.json", "[" * 100_000),), ("RECORD = r.json", "needs", "icl-verify run")),
    "record NaN": (("render", "r.json"), (csv("r.json", "NaN"),), ("RECORD = r.json", "needs", "icl-verify run")),
}  # fmt: skip
if np.longdouble is np.float64 or np.dtype(np.longdouble).name != "float128":
    del CASES["long double"]


@pytest.mark.parametrize("name", CASES)
def test_hostile_input(
    name: str, calls: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(CASES[name], calls, tmp_path, monkeypatch, capsys)


SWEEPS: dict[str, Case] = {
    "steps of a sweep": (("sweep", "--max-steps", str(10**12)), (), ("--max-steps = 1000000000000", "of memory", "fits")),
    "heads of a sweep": (("sweep", "--vary", "H=1000000000", "--instances", "1"), (), ("sizes.H = 1000000000", "fits")),
    "instances of 5000 digits": (("sweep", "--instances", "9" * 5000), (), ("--instances = 999", "a whole number", "pass")),
    "too many instances": (("sweep", "--instances", str(10**9)), (), ("--instances = 1000000000", "from 1 to", "100 is")),
    "target nan": (("sweep", "--target", "nan"), (), ("--target = nan", "strictly between 0 and 1")),
    "vary to infinity": (("sweep", "--vary", "tau=1..inf"), (), ("--vary tau = 1..inf", "positive numbers", "write tau")),
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", SWEEPS)
def test_hostile_sweeps(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, _, parts = SWEEPS[name]
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert [part for part in parts if part not in printed.err] == []
    assert not list(tmp_path.iterdir())
