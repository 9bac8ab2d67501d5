"""The program as a process: what it imports, who may shadow it, and a reader that goes away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import verify


def python(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )


BLOCKED = """
import sys
for name in {names}:
    sys.modules[name] = None
from verify.cli import main
sys.exit(main({words}))
"""


def test_help_needs_nothing_heavy() -> None:
    heavy = ["torch", "sympy", "numpy", "sklearn", "matplotlib", "flint"]
    done = python("-c", BLOCKED.format(names=heavy, words=["run", "--help"]))
    assert (done.returncode, done.stderr) == (0, "")


def test_render_needs_neither_torch_nor_sympy(calls: Any, tmp_path: Path) -> None:
    calls.outcome.save(tmp_path / "record.json")
    words = ["render", str(tmp_path / "record.json")]
    done = python("-c", BLOCKED.format(names=["torch", "sympy", "flint", "sklearn"], words=words))
    assert (done.returncode, done.stderr) == (0, "")
    assert "<html" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_module_runs_as_the_program() -> None:
    done = python("-m", "verify", "rnu")
    assert done.returncode == 2
    assert done.stderr == "icl-verify: No such command 'rnu'. Did you mean 'run'?; see `icl-verify --help`\n"


@pytest.mark.parametrize("name", ["symbolic/__init__.py", "numeric.py", "reports/__init__.py"])
def test_a_package_that_shadows_ours_is_named(name: str, tmp_path: Path) -> None:
    """On the command line one line and exit 2; beside a script of the user's the last line of an ImportError."""
    shadow = tmp_path / name
    shadow.parent.mkdir(exist_ok=True)
    shadow.write_text("")
    package = shadow.relative_to(tmp_path).parts[0]
    ours = Path(verify.__file__).parent.with_name(package.removesuffix(".py"))
    line = f"package {ours.name} = {tmp_path / package}: needs {ours}, whose name it has; rename it or run from another folder"
    done = python("-m", "verify", "--version", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"icl-verify: {line}")
    assert done.stderr.count("\n") == 1
    (tmp_path / "mine.py").write_text("import verify\nverify.load()\n")
    done = python("mine.py", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"ImportError: {line}")


def test_a_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "verify", "schema"], stdout=writer, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
