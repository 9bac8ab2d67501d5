"""Which code a record is of, and what it was computed on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from numeric.threads import ONE_THREAD_BELOW
from verify.pipeline import provenance
from verify.pipeline.machine import machine, processor
from verify.record import Machine


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


def test_the_kernels_and_threads_that_a_run_has() -> None:
    import torch

    here = machine(10**6)
    assert here.processor == processor() != ""
    assert here.kernels["torch"] == torch.backends.cpu.get_cpu_capability()
    assert {"numpy, exp"} < set(here.kernels)
    assert here.threads["torch"] == here.threads["gradient descent"] == torch.get_num_threads()
    assert machine(ONE_THREAD_BELOW - 1).threads["gradient descent"] == 1
    assert "gradient descent" not in machine().threads
    assert all(count >= 1 for count in here.threads.values())


def test_a_run_on_two_machines_lists_both() -> None:
    here = machine()
    first = provenance.provenance("", provenance.now(), 1.0, {})
    early = here.model_copy(update={"kernels": {}})  # before a library is loaded
    other = here.model_copy(update={"kernels": here.kernels | {"torch": "another"}})
    for machines, expected in (
        ([here], [here]),
        ([early], [here]),
        ([other], [other, here]),
        ([Machine(processor="another")], [Machine(processor="another"), here]),
    ):
        before = first.model_copy(update={"machines": machines})
        assert provenance.provenance("", provenance.now(), 1.0, {}, before=before).machines == expected
