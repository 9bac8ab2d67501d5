"""What `import verify` offers: its names, and the errors of somebody who calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import numeric.errors
import verify
import verify.theories.yang2024.job
from tests.cli.conftest import make_record


def test_public_names_are_listed_and_lead_home() -> None:
    assert set(verify.__all__) <= set(dir(verify))
    assert set(verify.__all__) == set(verify._HOME)
    assert verify.InputError is numeric.errors.InputError
    assert verify.Interrupted is verify.theories.yang2024.job.Interrupted
    for name in verify.__all__:
        assert getattr(verify, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'verify' has no attribute 'recrod'"):
        _ = verify.recrod  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("only", "line"),
    [
        ("lemma-5", "only = lemma-5: needs a tuple of ids, since a string would be read letter by letter"),
        ((5,), "only = (5,): needs a tuple of ids, each a string"),
    ],
)
def test_a_string_is_no_tuple_of_ids(only: Any, line: str) -> None:
    with pytest.raises(verify.InputError) as refused:
        verify.Options(only=only)
    assert str(refused.value) == f'{line}; write only=("lemma-5",)'


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        (None, "a file that can be read (No such file or directory)"),
        (b"{", "a record of schema"),
        (b"{}", "a record of schema"),
        (b"\xff", "UTF-8 text"),
    ],
)
def test_a_file_that_is_no_record_is_one_line(content: bytes | None, needed: str, tmp_path: Path) -> None:
    path = tmp_path / "nope"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(verify.InputError) as refused:
        verify.Record.load(path)
    assert str(refused.value).startswith(f"path = {path}: needs {needed}")
    assert str(refused.value).endswith("; give a record.json written by icl-verify run")
    assert "\n" not in str(refused.value)


def test_a_record_comes_back(tmp_path: Path) -> None:
    make_record().save(tmp_path / "record.json")
    assert verify.Record.load(tmp_path / "record.json") == make_record()
