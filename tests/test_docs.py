"""What the documents show works: doctests of every package, code blocks of README.md and docs, the commands they name."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("verify", "symbolic", "numeric", "reports")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.M | re.S)
PROGRAM = "icl-verify"


def modules() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if ">>>" in path.read_text(encoding="utf-8"):
                yield name.removesuffix(".__init__")


def blocks(*languages: str) -> list[tuple[str, str]]:
    """(place, code) of each fenced block in one of these languages."""
    found = []
    for page in PAGES:
        if not page.exists():
            continue
        for number, match in enumerate(FENCE.finditer(page.read_text(encoding="utf-8")), start=1):
            if match[1] in languages:
                found.append((f"{page.relative_to(ROOT)}-{number}", match[2]))
    return found


def commands() -> list[tuple[str, list[str]]]:
    """(place, words) of each line of a shell block that calls the program; what comes out is not the reader's to type."""
    found = []
    for place, text in blocks("bash", "sh", "shell", "console"):
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            if words and Path(words[0]).name == PROGRAM:
                stop = next((n for n, word in enumerate(words) if word in (">", "|", "&&", ";")), len(words))
                found.append((place, words[1:stop]))
    return found


@pytest.mark.parametrize("name", sorted(modules()))
def test_doctests(name: str) -> None:
    done = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert done.attempted > 0
    assert done.failed == 0


def parse(words: list[str]) -> None:
    """The words against the commands and options there are; nothing is run."""
    from verify.cli import _theory as split
    from verify.theories.named import find

    command = typer.main.get_command(_app())
    words, name = split(words)
    if name is not None and not name.endswith(".py"):
        find(name)
    context = command.make_context(PROGRAM, words, resilient_parsing=False)
    rest = (
        [*context._protected_args, *context.args]
        if hasattr(context, "_protected_args")
        else list(context.args)
    )
    with context:
        if rest:
            name, found, arguments = command.resolve_command(context, rest)  # type: ignore[attr-defined]
            assert found is not None
            found.make_context(name, list(arguments), parent=context).close()


def _app() -> typer.Typer:
    from verify.cli import program
    from verify.theories.named import find

    return program(find(None))


SHOWN = commands()


@pytest.mark.parametrize(
    ("place", "words"), SHOWN, ids=[f"{place} {' '.join(words)}" for place, words in SHOWN]
)
def test_every_command_shown_is_one(place: str, words: list[str]) -> None:
    from verify.theories.shipped import theory

    if "--help" not in words and "--version" not in words:
        parse(words)
    for option, value in pairwise(words):
        if option == "--only":
            assert value in theory().names()
    if words[:1] in (["replay"], ["explain"]) and "--theory" not in words:
        assert words[1] in theory().names()


@pytest.mark.parametrize(
    "words", [["verify"], ["run", "--onyl", "eq-9"], ["replay"], ["schema", "record", "more"], ["--nothing"]]
)
def test_a_command_that_is_none_is_refused(words: list[str]) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|missing|unexpected"):
        parse(words)


def test_a_command_in_words_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```bash\n$ icl-verify run \\\n  --seed 3  # three\nls\n.venv/bin/icl-verify schema > x\n```\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sys.modules[__name__], "PAGES", [page])
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert [words for _, words in commands()] == [["run", "--seed", "3"], ["schema"]]


PYTHON = blocks("python", "py")
STAND_IN = """
import verify, verify.theories.yang2024.options
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.numeric.instance import Instance
_load = verify.theories.yang2024.options.load
def load(path=None):
    '''A small instance where the page has the default one, or a file of the reader's.'''
    from pathlib import Path
    return _load(path) if path is not None and Path(path).exists() else digits(N=2, K=5, m=3, H=32)
verify.theories.yang2024.options.load = load
"""


PATIENT = """
from hypothesis import HealthCheck, settings
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
"""  # at the first draw Hypothesis reads all local code for constants, which in a checkout is ours


@pytest.mark.slow
@pytest.mark.parametrize(("place", "code"), PYTHON, ids=[place for place, _ in PYTHON])
def test_python_blocks_run(place: str, code: str, tmp_path: Path) -> None:
    script = tmp_path / "block.py"
    prompts = [line[4:] for line in code.splitlines() if line.startswith((">>> ", "... "))]
    before = STAND_IN + (PATIENT if "hypothesis" in code or "property_test" in code else "")
    script.write_text(before + ("\n".join(prompts) if prompts else code), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = FENCE.search(text)
    assert first is not None
    assert "make report" in first[2]
    assert "make test" in first[2]


def test_the_rooms_of_the_architecture_exist() -> None:
    """Every file and folder that a table of docs/architecture.md lists is in the folder that the table is about."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = text.partition("## Rooms")[2].partition("\n## ")[0]
    folder, listed = "", list[str]()
    for line in rooms.splitlines():
        if about := re.match(r"`([\w/]+/)`, ", line):
            folder = about[1]
        if line.startswith("| `"):
            listed += [folder + name for name in re.findall(r"`([^`]+)`", line.split(" | ")[0])]
    assert len(listed) > 50
    assert [name for name in listed if not (ROOT / name).exists()] == []
    assert {"symbolic/indexed.py", "numeric/balls.py", "verify/prove/"} < set(listed)
