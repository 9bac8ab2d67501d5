"""Commands that take a saved record elsewhere: what differs between two, and a record as LaTeX, Markdown or PDF."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from verify.commands import shared

if TYPE_CHECKING:
    from verify.record import Record

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


@app.command(epilog="Example: icl-verify export out/record.json --only cauchy --markdown -")
def export(
    file: Annotated[str, typer.Argument(help="A record.json.", metavar="RECORD")],
    latex: Annotated[
        str | None, typer.Option("--latex", help="Write an appendix in LaTeX there.", metavar="OUT.tex")
    ] = None,
    markdown: Annotated[
        str | None,
        typer.Option(
            "--markdown",
            help="Write Markdown for an issue or a rebuttal there; - is stdout.",
            metavar="OUT.md",
        ),
    ] = None,
    pdf: Annotated[
        str | None,
        typer.Option("--pdf", help="Print the page into this file, by Chromium.", metavar="OUT.pdf"),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="This statement, in each of its forms; repeats.", metavar="ID")
    ] = None,
) -> int:
    """Write a saved record as LaTeX, Markdown or PDF. Computes nothing."""
    from numeric.errors import InputError
    from verify.output import rebuttal
    from verify.output.appendix import appendix
    from verify.record import Record

    if latex is None and markdown is None and pdf is None:
        raise InputError(
            "export", file, "at least one kind of output", "pass --latex, --markdown or --pdf with a name"
        )
    record = Record.load(file, "RECORD")
    claims = shared.of_record(record, only or [], "--only")
    if latex is not None:
        text = appendix(record, claims)
        shared.written("--latex", Path(latex), lambda path: path.write_text(text, encoding="utf-8"))
        print(f"latex: {latex}")
        if which("pdflatex") is None:
            print("to compile it: pdflatex is not installed here; Debian has it in texlive-latex-recommended")
    if pdf is not None:
        shown = record.model_copy(update={"claims": claims}) if only else record
        print_page(shown, Path(pdf))
        print(f"pdf: {pdf}")
    if markdown is not None:
        said = (rebuttal.chosen(record, claims) if only else rebuttal.whole(record)) + "\n"
        if markdown == "-":
            print(said, end="")
        else:
            shared.written("--markdown", Path(markdown), lambda path: path.write_text(said, encoding="utf-8"))
            print(f"markdown: {markdown}")
    return 0


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120.0  # seconds


def print_page(record: Record, path: Path) -> None:
    """The page of the record, printed by Chromium. Raises InputError where there is none, and where it writes nothing."""
    from numeric.errors import InputError

    browser = next((found for name in BROWSERS if (found := which(name))), None)
    if browser is None:
        raise InputError(
            "--pdf", path, "Chromium, which prints the page, and none is installed", "install chromium"
        )
    shared.written("--pdf", path, lambda path: path.write_bytes(b""))
    with TemporaryDirectory() as folder:
        page = Path(folder) / "index.html"
        shared.page_at(record, page)
        words = [
            browser, "--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/profile",
            *(["--no-sandbox"] if os.geteuid() == 0 else []), f"--print-to-pdf={path.resolve()}", page.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(words, check=False, capture_output=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError("--pdf", path, f"a Chromium that prints ({error})", "try --latex") from error
    if not path.stat().st_size:
        path.unlink()
        raise InputError("--pdf", path, f"a Chromium that prints, and {browser} wrote nothing", "try --latex")
