"""What the command line prints: the summary table, tables of studies, progress.

Nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from verify.output.phrases import counted, printable, shortened

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from verify.record import ClaimRecord, Record, Study

PROGRAM = "icl-verify"
NUMBER = re.compile(r"(≥ )?-?[\d.,]+(e[+-]?\d+)?%?( (of )?\S+)?|none")  # a cell that stands to the right
CLAIMS = "claims"  # the stage of a run that stays in sight
LONGEST_REASON = 200  # characters
COLUMNS = 80  # where stdout is no terminal
PATIENCE = 30.0  # seconds of silence, where stderr is no terminal


STYLES = {
    "holds": "green", "fails": "bold red", "not refuted": "yellow", "undecided": "magenta", "vacuous": "magenta",
    "definition": "dim", "assumption": "dim", "not applicable": "dim",
}  # fmt: skip


def show(record: Record, every: bool = True) -> None:
    """The answers, a line each, the statements, what a reader must know, what the studies found and the headline, on stdout.

    Without `every`: only the statements whose verdict is not the expected one, no study and no headline.
    """
    from verify.output.answers import differing, lines

    if not record.claims:
        every = True
    else:
        for answer in lines(record):
            say(answer)
        rows = record.claims if every else differing(record)
        if rows:
            _table(rows, here=any(row.here != "not applicable" for row in record.claims))
        if (rest := len(record.claims) - len(rows)) > 0:
            say(f"As expected: {rest} of {counted(len(record.claims), 'verdict')}; -v lists them all.")
    for claim in record.claims:
        if claim.contradiction:
            say(f"against expectation: {claim.id} ({claim.form}): {claim.contradiction}")
    for reason, names in _undecided_here(record.claims if every else ()).items():
        say(f"undecided here: {', '.join(names)}: {reason}")
    for warning in record.warnings:
        say(f"warning: {warning}")
    if record.training is not None and isinstance(
        seconds := record.training.figures.get("predicted_seconds"), float
    ):
        steps = record.training.figures.get("steps_for_bound")
        say(f"training: {steps} steps would take about {duration(seconds)} here")
    if record.status == "partial":
        say(f"partial record: {record.status_reason}")
    if every:
        for study in record.studies:
            say(f"{study.title}: {study.finding}")
        say(record.headline)


def html(record: Record) -> str:
    """The record as a notebook shows it."""
    from verify.output.notebook import html as made

    return made(record)


def _console() -> Console:
    """Stdout, in colour where it is a terminal and NO_COLOR is not set; 80 columns wide where it is none."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = COLUMNS
    return console


def say(text: str) -> None:
    """Prints text on stdout, in lines as wide as the terminal."""
    from rich.text import Text

    _console().print(Text(printable(text)))


def _table(claims: Sequence[ClaimRecord], here: bool) -> None:
    """The verdicts, coloured by what they say."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("claim", "form", "verdict", *(["here"] if here else []), "how known", "expected"):
        folds = heading in ("claim", "how known", "expected")
        table.add_column(heading, no_wrap=not folds, overflow="fold")
    for claim in claims:
        verdicts = [claim.verdict, *([claim.here] if here else [])]
        coloured = [Text(verdict, STYLES[verdict]) for verdict in verdicts]
        table.add_row(printable(claim.id), claim.form, *coloured, printable(_known(claim)), _mark(claim))
    _console().print(table)


def _undecided_here(claims: Sequence[ClaimRecord]) -> dict[str, list[str]]:
    """Why statements are undecided at this instance: each reason with those that share it."""
    found: dict[str, list[str]] = {}
    for claim in claims:
        if claim.here != "undecided":
            continue
        open_ones = [e.statement for e in claim.evidence if e.scope == "here" and e.verdict == "undecided"]
        untried = (
            "its counterexample is another instance"
            if claim.verdict == "fails"
            else "not tried at this instance"
        )
        reason = " ".join(open_ones[0].split()) if open_ones else untried
        name = claim.id if claim.form == "printed" else f"{claim.id} ({claim.form})"
        found.setdefault(shortened(reason, LONGEST_REASON), []).append(name)
    return found


def show_study(study: Study) -> None:
    """The finding, then the tables, on stdout; its bars and charts are for the page."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 140
    console.print(study.finding)
    for one in study.tables:
        console.print(f"\n{one.caption}", style="bold")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        numeric = [all(_number(row[j]) for row in one.rows) for j in range(len(one.columns))]
        for heading, right in zip(one.columns, numeric, strict=True):
            table.add_column(heading, justify="right" if right else "left")
        for row in one.rows:
            table.add_row(*(_cell(value) for value in row))
        console.print(table)
        if one.note:
            console.print(one.note)
    if study.method:
        console.print(f"\n{study.method}.")


def _cell(value: object) -> str:
    text = "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    return text.replace("^{(0)}", "^(0)")


def _number(cell: object) -> bool:
    return isinstance(cell, int | float) or (isinstance(cell, str) and NUMBER.fullmatch(cell) is not None)


def duration(seconds: float) -> str:
    """Seconds in the largest unit that they fill."""
    for unit, size in (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.2g} s"


def _known(claim: ClaimRecord) -> str:
    """How well the verdict is known; of a text that fails, in which way it does."""
    return ", ".join(part for part in (claim.known, claim.failure) if part) or "-"


def _mark(claim: ClaimRecord) -> str:
    met = "yes" if claim.expected == claim.verdict else f"NO, {claim.expected}"
    return "-" if claim.expected is None else met


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on stderr where somebody watches them: the claims, the one under way by name, and its stages. Elsewhere lines."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Stages(bar)


class Lines:
    """One line on stderr as a stage begins for the first time, and one more where nothing was said for half a minute."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.said = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        name, now = stage.partition(" · ")[0], time.monotonic()
        over = done >= total and name == stage
        if over or (name in self.known and now - self.said < PATIENCE):
            return
        self.known.add(name)
        self.said = now
        count = f" ({done} of {total})" if total > 1 else ""
        with suppress(OSError):  # a full stderr ends no run
            print(f"{PROGRAM}: {' '.join(stage.split())}{count}", file=sys.stderr, flush=True)


class Stages:
    """One bar a stage. Text after " · " says what is under way in it; a stage that is done leaves the screen, all but the
    claims, and so do the stages of a claim when the next one begins."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        name, _, detail = stage.partition(" · ")
        if name == CLAIMS:
            for other in [known for known in self.tasks if known != CLAIMS]:
                self.bar.remove_task(self.tasks.pop(other))
        elif total and done >= total:
            if name in self.tasks:
                self.bar.remove_task(self.tasks.pop(name))
            return
        if name not in self.tasks:
            self.tasks[name] = self.bar.add_task(name, total=None)
        described = f"{name}: {detail}" if detail else name
        self.bar.update(self.tasks[name], completed=done, total=total or None, description=described)
