"""The plugin of pytest: `pytest --icl-theory my_lemmas.py` runs each statement of a theory as a test.

Nothing heavy is imported, and nothing of a session changes, where no theory is named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable
from dataclasses import asdict
from glob import glob, has_magic
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from _pytest.junitxml import xml_key

from verify.output import tally
from verify.own.source import parted
from verify.testing.said import Said
from verify.vocabulary import TIERS

OPTION, INI, MARK = "--icl-theory", "icl_theories", "icl_theory"
Sources = dict[Path, list[tuple[str, str]]]
SOURCES = pytest.StashKey[Sources]()  # by file: where it is named, and as what
SAID = pytest.StashKey[Said]()  # of a test that was run
WRITTEN = pytest.StashKey[list[str]]()  # lines on files of proofs
REPORTED = "icl_verify"  # attribute of a test report that holds the verdict; xdist sends it between processes


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and the ini key."""
    group = parser.getgroup("icl-verify", "statements of a theory (icl-verify)")
    group.addoption(
        OPTION, action="append", default=[], metavar="FILE", dest=MARK,
        help="run each statement of this Python file or module as a test; FILE:NAME is one setting of it; repeats",
    )  # fmt: skip
    group.addoption(
        "--icl-tier", choices=TIERS, default="fast", help="budget of the checks: fast (default) or full"
    )
    group.addoption(
        "--icl-update", action="store_true", help="write the proofs that are found beside the file of the theory"
    )  # fmt: skip
    parser.addini(
        INI, "files or modules whose statements are tests, relative to this file; wildcards", "args", []
    )


def pytest_configure(config: pytest.Config) -> None:
    """Looks up the files of the theories, and has pytest collect those that are named. Raises UsageError."""
    config.addinivalue_line(
        "markers", f"{MARK}: as `pytestmark` of a module, makes a test of each statement of its settings"
    )
    config.addinivalue_line(
        "markers", "proved: a statement with a proof at hand, given or stored (icl-verify)"
    )
    here = config.invocation_params.dir
    given = _files(config.getoption(MARK), here, here, OPTION)
    base = config.rootpath if config.inipath is None else config.inipath.parent
    kept = _files(config.getini(INI), base, here, INI)
    config.stash[SOURCES] = kept | given
    config.stash[WRITTEN] = []
    if config.getoption("icl_update") and config.getoption("dist", "no") != "no":
        raise pytest.UsageError(
            "--icl-update = with -n: needs one process, since the proofs of a file are written together; leave out -n"
        )
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    if given and not named:
        config.args.clear()
    paths = [_absolute(here, arg.partition("::")[0]) for arg in config.args]
    config.args += [
        str(path)
        for path in (given if given or named else kept)
        if not any(path.is_relative_to(one) for one in paths)
    ]
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Summary(config))


def _files(values: Iterable[str], base: Path, here: Path, argument: str) -> Sources:
    """The theories that are named, files relative to a folder. Raises UsageError where there is no such file or module."""
    found: Sources = {}
    for value in values:
        place, name = parted(value)
        in_file = place.endswith(".py")
        paths = _matching(place, base) if in_file else _module(place, here)
        if not paths or not all(path.is_file() for path in paths):
            needed = "a Python file" if in_file else "a Python file or a module that can be found"
            raise pytest.UsageError(f"{argument} = {value}: needs {needed}; name one that exists")
        for path in paths:
            source = os.path.relpath(path, here) if in_file else place
            found.setdefault(path, []).append((argument, f"{source}:{name}" if name else source))
    return found


def _matching(place: str, base: Path) -> list[Path]:
    path = _absolute(base, place)
    if path.is_file() or not has_magic(place):
        return [path]
    return [_absolute(base, found) for found in sorted(glob(place, root_dir=base))]


def _module(name: str, here: Path) -> list[Path]:
    """The file of a module that can be imported from a folder; the packages that it lies in are imported."""
    sys.path.insert(0, str(here))
    try:
        spec = find_spec(name)
    except Exception:  # a package may raise anything
        return []
    finally:
        sys.path.remove(str(here))
    return [Path(spec.origin)] if spec is not None and spec.origin is not None else []


def _absolute(base: Path, place: str) -> Path:
    return Path(os.path.abspath(base / place))  # links are kept, as pytest keeps them


def pytest_report_header(config: pytest.Config) -> str | None:
    """The theories of this session."""
    files = [os.path.relpath(path, config.invocation_params.dir) for path in config.stash[SOURCES]]
    return f"icl-verify: {', '.join(files)}; tier {config.getoption('icl_tier')}" if files else None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """The statements of a theory; its file is collected as a module of tests too where its name says that it is one."""
    found = yield
    sources = parent.config.stash[SOURCES].get(file_path)
    if sources is None:
        return found
    from verify.testing.nodes import TheoryFile

    tests = any(file_path.match(pattern) for pattern in parent.config.getini("python_files"))
    made: pytest.Collector = TheoryFile.from_parent(parent, path=file_path, sources=sources)
    return [made, *(one for one in found if tests or not isinstance(one, pytest.Module))]


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Collector] | None:
    """The statements of a module that is marked."""
    if name != "pytestmark" or not isinstance(collector, pytest.Module):
        return None
    if collector.path in collector.config.stash[SOURCES]:  # its statements are collected without the mark
        return None
    mark = next((mark for mark in collector.own_markers if mark.name == MARK), None)
    if mark is None:
        return None
    from verify.testing.nodes import of_module

    return of_module(collector, mark)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The test report, with the verdict of the statement attached."""
    report = yield
    said = item.stash.get(SAID, None)
    if said is not None and report.when == "call":
        report.__dict__[REPORTED] = asdict(said)
    return report


def _said(report: object) -> Said | None:
    found: dict[str, Any] | None = getattr(report, REPORTED, None)
    return None if found is None else Said(**found)


def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """The verdict beside PASSED, where each test has a line; the line of a failure says more in the summary."""
    said = _said(report)
    return ("passed", ".", f"PASSED ({said.words})") if said is not None and report.passed else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the proofs that were found, where that was asked for. Raises UsageError where a file cannot be written."""
    if session.config.getoption("icl_update") and not session.config.getoption("collectonly"):
        from verify.testing.nodes import written

        session.config.stash[WRITTEN] = written(session.config)


class Summary:
    """The verdicts of all statements, and the summary line that the controlling process prints at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.said: list[Said] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps what is said of a statement, and puts the verdict into a JUnit file."""
        if (said := _said(report)) is None:
            return
        self.said.append(said)
        if (xml := self.config.stash.get(xml_key, None)) is None:
            return
        for name, value in said.properties:
            if xml.family == "xunit2":  # of which a test case has no properties, and the suite has
                xml.add_global_property(f"{said.node} {name}", value)
            else:
                xml.node_reporter(report).add_property(name, value)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The numbers of verdicts; annotations where GitHub runs the session."""
        if self.said:
            terminalreporter.write_line(f"icl-verify: {tally.sentences(self.said)}")
        for line in self.config.stash[WRITTEN]:
            terminalreporter.write_line(line)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for said in self.said:
                if said.annotation:
                    terminalreporter.write_line(said.annotation)
