"""What a test says of a statement, in words: for the terminal, for JUnit and for the annotations of GitHub."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from verify.vocabulary import Form, Refutation, Strength, Verdict


class NotRefuted(UserWarning):
    """A statement without an expected verdict is neither proved nor broken."""


@dataclass(frozen=True)
class Said:
    """A statement after its test.

    node        the id of the test
    file, line  where it is stated; the line is 0 where it is not known
    main        whether it is a main theorem of the text
    wrong       the first line of the failure; empty where the test passes
    text        the whole failure, or of a statement that is not refuted the warning
    """

    node: str
    id: str
    form: Form
    source: str
    verdict: Verdict
    strength: Strength | None
    refutation: Refutation | None
    expected: Verdict | None
    file: str
    line: int
    main: bool = False
    wrong: str = ""
    text: str = ""

    @property
    def known(self) -> str:
        """How well the verdict is known; empty where nothing is."""
        return self.strength or self.refutation or ""

    @property
    def words(self) -> str:
        """The verdict in a few words, such as "fails as expected, exact witness"."""
        met = " as expected" if self.verdict == self.expected == "fails" else ""
        return ", ".join(filter(None, (f"{self.verdict}{met}", self.known)))

    @property
    def properties(self) -> list[tuple[str, str]]:
        """What JUnit files have of it."""
        found = {"verdict": self.verdict, "strength": self.strength, "refutation": self.refutation}
        return [(name, value) for name, value in found.items() if value is not None]

    @property
    def annotation(self) -> str:
        """The command by which GitHub shows the text at the line of the statement; empty where there is no text."""
        if not self.text:
            return ""
        at = [("file", _from_workspace(self.file)), *([("line", str(self.line))] if self.line else [])]
        shown = ",".join(
            f"{name}={_escaped(value, ':,')}" for name, value in (*at, ("title", f"{self.id}: {self.words}"))
        )
        return f"::{'error' if self.wrong else 'warning'} {shown}::{_escaped(self.text)}"


def _from_workspace(file: str) -> str:
    root = Path(os.environ.get("GITHUB_WORKSPACE", os.curdir)).resolve()
    path = Path(file).resolve()
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _escaped(text: str, more: str = "") -> str:
    """The text as a command of GitHub takes it: characters that end a command or a property of it as their numbers."""
    return "".join(f"%{ord(x):02X}" if x in f"%\r\n{more}" else x for x in text)
