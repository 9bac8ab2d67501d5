"""The documentation as pages: links lead somewhere, and what is generated is what the program has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from verify.cli import program
from verify.theories.named import find
from verify.theories.yang2024.symbolic.letters import LANGUAGE

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def build(root: Path, into: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(into)]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False)


def test_pages_are_built(tmp_path: Path) -> None:
    done = build(ROOT, tmp_path)
    assert done.returncode == 0, done.stderr
    pages = {
        str(path.relative_to(tmp_path)): path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")
    }
    assert {"index.html", "tutorial.html", "concepts.html", "reference/python.html"} <= pages.keys()
    commands = typer.main.get_command(program(find(None))).commands
    for name in commands:
        assert f"icl-verify {name}" in pages["reference/commands.html"]
    for letter in LANGUAGE.letters:
        assert f"<code>{letter}</code>" in pages["reference/notation.html"]
    assert "find_constant" in pages["reference/python.html"]
    for page in pages.values():
        assert 'src="http' not in page
        assert 'rel="stylesheet" href="http' not in page


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(ROOT / "mkdocs.yml", copy)
    shutil.copytree(ROOT / "docs", copy / "docs", ignore=shutil.ignore_patterns("probes", "__pycache__"))
    with (copy / "docs" / "cite.md").open("a", encoding="utf-8") as page:
        page.write("\n[nowhere](nowhere.md)\n")
    done = build(copy, tmp_path / "pages")
    assert done.returncode == 1
    assert "nowhere.md" in done.stderr
