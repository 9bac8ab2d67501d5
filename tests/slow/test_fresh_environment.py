"""`pip install .` into a fresh environment, and the installed program far from the checkout. Needs a package index, and minutes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verify.record import Record

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
MADE = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
MADE_AT_THE_TOP = shutil.ignore_patterns("out", "out-*", "build")


def no_source(folder: str, names: list[str]) -> set[str]:
    """What is no source: at the top also the folders that commands write, whose names packages may bear too."""
    at_the_top = MADE_AT_THE_TOP(folder, names) if Path(folder) == ROOT else set()
    return MADE(folder, names) | at_the_top


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Place:
    """A folder that is no checkout, and the programs of an environment that has nothing but what was installed there."""

    def __init__(self, environment: Path, folder: Path) -> None:
        self.programs, self.folder = environment / "bin", folder

    def run(self, *words: str) -> str:
        """What a program prints; it has to end with 0."""
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [str(self.programs / words[0]), *words[1:]]
        done = subprocess.run(
            command, cwd=self.folder, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Installed from a copy of the source tree, which is as before."""
    tmp = tmp_path_factory.mktemp("fresh")
    source, environment, folder = tmp / "source", tmp / "environment", tmp / "folder"
    shutil.copytree(ROOT, source, ignore=no_source)
    before = files(source)
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    found = Place(environment, folder)
    constraints = str(source / "constraints.txt")
    found.run("python", "-m", "pip", "install", "--quiet", "--constraint", constraints, f"{source}[torch]")
    assert files(source) == before
    return found


def test_the_program_runs(place: Place) -> None:
    assert place.run("icl-verify", "--version").startswith("icl-verify 0.")
    assert place.run("python", "-c", "import verify; print(verify.load().K, verify.__file__)").startswith(
        "20 "
    )
    assert "lemma-5" in place.run("icl-verify", "claims")
    place.run("icl-verify", "run", "--only", "lemma-4")
    record = Record.load(place.folder / "out-only" / "record.json")
    assert [(row.id, row.verdict, row.strength) for row in record.claims] == [("lemma-4", "holds", "proved")]
    assert (place.folder / "out-only" / "index.html").exists()


def test_the_proofs_come_with_the_program(place: Place) -> None:
    assert " proofs, 0 refused by the second replayer" in place.run("icl-verify", "proofs")


def test_the_examples_come_with_the_program(place: Place) -> None:
    assert "next: icl-verify run examples/tiny.toml" in place.run("icl-verify", "examples")
    place.run("python", "examples/own_loop.py", "theta.npz", "200")
    assert "record: out-weights/record.json" in place.run(
        "icl-verify", "run", "examples/tiny.toml", "--weights", "theta.npz"
    )
