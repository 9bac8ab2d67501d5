"""The nodes of pytest: the file of a theory, each of its settings, and a test for each statement."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from numeric.errors import InputError
from verify.commands.replay import shown
from verify.own import stored
from verify.own.check import Checking
from verify.own.files import defined, named
from verify.own.setting import Setting, called
from verify.own.source import parted
from verify.own.theory import at_hand
from verify.record import ClaimRecord
from verify.statement import Claim, Theory
from verify.testing.plugin import MARK, SAID
from verify.testing.said import NotRefuted, Said
from verify.theories.brought import title

FAILING = ("fails", "undecided", "vacuous")  # verdicts that fail a test where none is expected


class Unmet(Exception):
    """A verdict is not the expected one."""


class Proofs:
    """The proofs of the settings of one file, stored and found.

    source    what the commands call the file
    path      the file of the proofs; None where there is none
    kept      the proofs of each setting, by its name
    waiting   the statements that were not checked in this session
    """

    def __init__(self, source: str, found: Iterable[Setting | Theory], update: bool) -> None:
        found = tuple(found)
        self.source = source
        self.path = stored.place(source, found, update="--icl-update" if update else "")
        self.kept = stored.opened(self.path, found, update=update)
        self.waiting = {
            (one.name, name) for one in found if isinstance(one, Setting) for name in one.statements
        }

    def written(self) -> str:
        """Writes what was found, and says so; proofs of a file are written together, so that a part of them is not."""
        if self.waiting:
            return f"proofs of {self.source}: not written, since {len(self.waiting)} of its statements were not run"
        assert self.path is not None
        stored.write(self.path, {name: proofs.text() for name, proofs in self.kept.items()})
        return f"proofs: {self.path}"


PROOFS = pytest.StashKey[list[Proofs]]()


def written(config: pytest.Config) -> list[str]:
    """Writes the proofs of every file, and says of each whether that was done. Raises UsageError where a file cannot be written."""
    try:
        return [proofs.written() for proofs in config.stash.get(PROOFS, [])]
    except InputError as error:
        raise pytest.UsageError(str(error)) from error


@contextmanager
def _plainly() -> Iterator[None]:
    """Wrong input as an error of collection, in its one line."""
    try:
        yield
    except InputError as error:
        raise pytest.Collector.CollectError(str(error)) from error


class TheoryFile(pytest.File):
    """The settings and theories of a file that was named as a theory."""

    def __init__(self, *, sources: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.sources = sources

    def collect(self) -> Iterator[pytest.Collector]:
        """A node for each setting, named as the variable is."""
        with _plainly():
            found: dict[str, Setting | Theory] = {}
            for argument, source in self.sources:
                found |= named(source, argument)
            yield from _nodes(self, found, source)


def of_module(module: pytest.Module, mark: pytest.Mark) -> list[pytest.Collector]:
    """A node for each setting of a module of tests that is marked. Raises CollectError."""
    with _plainly():
        if mark.args or mark.kwargs:
            raise InputError(
                f"pytest.mark.{MARK}", "with arguments", "none: it stands for every setting of the module", "leave them out"
            )  # fmt: skip
        source = os.path.relpath(module.path, module.config.invocation_params.dir)
        return [*_nodes(module, defined(module.obj, source, f"pytest.mark.{MARK}"), source)]


def _nodes(
    parent: pytest.Collector, found: Mapping[str, Setting | Theory], source: str
) -> Iterator[pytest.Collector]:
    config = parent.config
    proofs = Proofs(source, found.values(), config.getoption("icl_update"))
    config.stash.setdefault(PROOFS, []).append(proofs)
    place, only = parted(source)
    for name, stated in found.items():
        own = f"{place}:{name}" if only or len(found) > 1 else place
        yield SettingNode.from_parent(parent, name=name, stated=stated, proofs=proofs, source=own)


class SettingNode(pytest.Collector):
    """One setting or theory."""

    def __init__(self, *, stated: Setting | Theory, proofs: Proofs, source: str, **more: Any) -> None:
        super().__init__(**more)
        self.stated, self.proofs, self.source = stated, proofs, source
        self.tier: str = self.config.getoption("icl_tier")

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each statement, in order."""
        S, kept = self.stated, self.proofs.kept.get(title(self.stated))
        with _plainly():
            checking = Checking(S, self.tier, stored=kept)
            proved = at_hand(S, kept) if isinstance(S, Setting) else ()
            for claim in checking.theory.claims:
                name = called(claim.id, claim.form)
                item: pytest.Item = StatementItem.from_parent(self, name=name, claim=claim, checking=checking)
                if name in proved:
                    item.add_marker("proved")
                yield item

    def place(self, id: str) -> tuple[str, int]:
        """The file and the line at which a statement is made; the line is 0 where it is not known."""
        if isinstance(self.stated, Setting):
            return self.stated.statements[id].place
        return str(self.path), 0


class StatementItem(pytest.Item):
    """The test of one statement: it passes where the verdict is the expected one."""

    parent: SettingNode

    def __init__(self, *, claim: Claim, checking: Checking, **more: Any) -> None:
        super().__init__(**more)
        self.claim, self.checking = claim, checking

    def runtest(self) -> None:
        """Checks the statement. Raises Unmet where the verdict is not the expected one; a statement that is not refuted warns."""
        row = self.checking.row(self.claim)
        self.parent.proofs.waiting.discard((title(self.parent.stated), self.name))
        wrong = _wrong(row)
        open_one = not wrong and row.verdict == "not refuted" and row.expected is None
        said = Said(
            self.nodeid, row.id, row.form, row.source, row.verdict, row.strength, row.refutation, row.expected,
            *self.parent.place(self.name), wrong, self._text(row, wrong) if wrong or open_one else "",
        )  # fmt: skip
        self.stash[SAID] = said
        if wrong:
            raise Unmet(said.text)
        if open_one:
            self.warn(NotRefuted(said.text))

    def _text(self, row: ClaimRecord, wrong: str) -> str:
        """What is wrong, the witness, and the command that repeats it; of a statement that is not refuted how well it is known."""
        source = shlex.quote(self.parent.source)
        if not wrong:
            return f"{row.id}: not refuted ({row.known}); icl-verify explain {shlex.quote(row.id)} --theory {source}"
        if row.witness is not None:
            lines = shown(row.witness)
        else:
            lines = [e.statement for e in row.evidence if e.scope == "general" and e.check != "mutants"]
        if row.witness is not None and self.parent.tier == "fast":
            command = f"icl-verify replay {shlex.quote(row.id)} --theory {source}"
        else:
            tier = "" if self.parent.tier == "fast" else f" --tier {self.parent.tier}"
            command = f"icl-verify check {source} --only {shlex.quote(row.id)}{tier}"
        why = [f"expected, since {row.reason}"] if row.reason and row.expected is not None else []
        return "\n".join([wrong, *why, *lines, f"repeat: {command}"])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text of a verdict that is not the expected one, without a traceback; of another exception the traceback."""
        if not isinstance(excinfo.value, Unmet | NotRefuted):
            return super().repr_failure(excinfo, style)
        path, line = self.parent.place(self.name)
        text = str(excinfo.value)
        place = ReprFileLocation(
            os.path.relpath(path, self.config.invocation_params.dir), line, text.splitlines()[0]
        )
        lines = ReprTraceback([ReprEntryNative([f"{text}\n"])], None, "native")
        return ReprExceptionInfo(reprcrash=place, reprtraceback=lines)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The place of the statement, and what a failure is headed with."""
        path, line = self.parent.place(self.name)
        return Path(path), line - 1 if line else None, f"{self.parent.name}: {self.name}"


def _wrong(row: ClaimRecord) -> str:
    """Why a row fails its test, in a line; empty where the test passes."""
    said = f"{row.id}: {row.verdict}{f' ({row.known})' if row.known else ''}"
    if row.expected not in (None, row.verdict):
        return f"{said}, expected {row.expected}"
    if row.contradiction:
        return f"{said}; {row.contradiction}"
    return said if row.expected is None and row.verdict in FAILING else ""
