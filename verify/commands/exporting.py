"""Commands that take a saved record elsewhere: what differs between two, and a record as LaTeX, Markdown or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.commands import shared

app = typer.Typer()


@app.command(epilog="Example: icl-verify diff before/record.json after/record.json --page diff.html")
def diff(
    first: Annotated[str, typer.Argument(help="A record.json.", metavar="A")],
    second: Annotated[str, typer.Argument(help="The record.json that is compared with A.", metavar="B")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Markdown instead of text.")] = False,
    page: Annotated[
        str | None, typer.Option(help="Write a page with the statements that differ there.", metavar="FILE")
    ] = None,
) -> int:
    """Print what differs between two records: exit 0 where nothing got worse in B, 1 where something did.

    Compared are verdicts, strengths, premises, what holds at the instance, and figures beyond rounding. Times, versions and machines are
    no difference. Worse is a lost statement, verdict or expectation, a weaker strength, one premise more, a new contradiction.
    """
    from numeric.errors import InputError
    from verify.output import compared
    from verify.output.differences import differences
    from verify.record import Record

    before, after = Record.load(first, "A"), Record.load(second, "B")
    if before.theory and after.theory and before.theory != after.theory:
        needed = f"a record of {before.theory}, and this one is of {after.theory}"
        raise InputError("B", second, needed, "compare two records of one theory")
    found = differences(before, after)
    if page is not None:
        shown = compared.as_record(found, after, (first, second))
        shared.written("--page", Path(page), lambda path: shared.page_at(shown, path))
    print(compared.as_markdown(found) if markdown else compared.as_text(found))
    if page is not None:
        print(f"page: {page}")
    return 1 if any(one.worse for one in found) else 0
