"""The theories in examples/, each run by the plugin: every statement gets its verdict, and true ones stand beside false ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sessions import ROOT, alone, imported, run

pytest_plugins = ["pytester"]
__all__ = ["alone", "imported"]
GALLERY = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", GALLERY, ids=[path.stem for path in GALLERY])
def test_a_theory_of_the_gallery(path: Path, alone: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.own.check.ACCEPTED", ())  # false variants take the time, and move no verdict
    assert 15 <= len(path.read_text(encoding="utf-8").splitlines()) <= 60
    ran = run(alone, "--icl-theory", str(path), "-v", "-W", "error::verify.testing.NotRefuted")
    outcomes = ran.parseoutcomes()
    assert set(outcomes) == {"passed"}
    told = ran.stdout.str()
    proved, refuted = (
        told.count("PASSED (holds, proved)"),
        told.count("PASSED (fails as expected, exact witness)"),
    )
    assert proved > 0
    assert refuted > 0
    assert proved + refuted == outcomes["passed"]


def test_there_are_twelve() -> None:
    assert len(GALLERY) >= 12


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples" / "their-repo", tmp_path / "their-repo"))


def pytest_there(alone: pytest.Pytester, repository: Path, *words: str) -> pytest.RunResult:
    """A session of its own process in the repository of somebody else."""
    alone.chdir()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "verify.testing.plugin", "-p", "_hypothesis_pytestplugin", *words],
        cwd=repository, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return pytest.RunResult(done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0.0)


@pytest.mark.slow
def test_a_repository_runs_its_theory_and_its_tests(alone: pytest.Pytester, repository: Path) -> None:
    ran = pytest_there(alone, repository, "-v")
    ran.assert_outcomes(passed=8)
    ran.stdout.fnmatch_lines(
        [
            "tests/test_attention.py::test_a_head_stays_between_its_values PASSED *",
            "tests/test_statements.py::S::shift PASSED (holds, proved) *",
            "theory/averages.py::S::gradient PASSED (holds, proved) *",
            "theory/averages.py::S::gradient in the first version PASSED (fails as expected, exact witness) *",
        ]
    )


@pytest.mark.slow
def test_errors_in_its_code_are_found(alone: pytest.Pytester, repository: Path) -> None:
    path = repository / "attention.py"
    text = path.read_text(encoding="utf-8")
    for before, after in (
        ("powers.sum()", "(powers.sum() + 1)"),
        ("weights(scores) @ values", "weights(values) @ scores"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    ran = pytest_there(alone, repository, "tests/test_attention.py")
    ran.assert_outcomes(failed=3)
    ran.stdout.fnmatch_lines(["*point=Point(tokens=1, scores=(*), values=(*)),"])
