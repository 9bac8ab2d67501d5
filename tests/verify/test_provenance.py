"""Which code a record is of."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify import provenance


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    """It is asked once in a process."""
    provenance.commit.cache_clear()
    yield
    provenance.commit.cache_clear()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one commit, in the place of ours."""
    (tmp_path / "verify").mkdir()
    for name in ("verify/code.py", "page.md"):
        (tmp_path / name).write_text("as it was\n")
    as_somebody = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], [*as_somebody, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)
    monkeypatch.setattr(provenance, "files", lambda package: tmp_path / package)
    return tmp_path


def test_a_changed_tree_is_told_beside_what_the_work_itself_writes(tree: Path) -> None:
    head = provenance.commit()
    assert head is not None
    assert len(head) == 40
    (tree / "page.md").write_text("another\n")
    provenance.commit.cache_clear()
    assert provenance.commit() == head + "+"
    assert provenance.commit(("page.md",)) == head
    (tree / "verify" / "code.py").write_text("another\n")
    provenance.commit.cache_clear()
    assert provenance.commit(("page.md",)) == head + "+"


def test_outside_a_repository_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "files", lambda package: tmp_path / package)
    assert provenance.commit() is None
