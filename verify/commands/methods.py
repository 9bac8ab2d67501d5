"""`run` of a theory that has no instance: its statements are proved, expanded, certified and searched."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import shared
from verify.commands.checking import FORCE, ONLY, OUT, SEED, TIER, VERBOSE, checked
from verify.commands.console import PROGRAM

app = typer.Typer()


@app.command(epilog="Example: icl-verify run --theory my_lemmas.py --only cauchy")
def run(
    context: typer.Context,
    out: Annotated[str, typer.Option(help="Folder for record.json and index.html.", metavar="DIR")] = OUT,
    tier: TIER = "fast",
    seed: SEED = None,
    only: ONLY = None,
    force: FORCE = False,
    verbose: VERBOSE = False,
) -> int:
    """Check the statements of the theory, and write record.json and index.html; without --only, with what the theory measures.

    Of a theory of many statements, false variants and dropped hypotheses are tried with --only and with --tier full.
    """
    named = shared.named(context)
    command = [PROGRAM, "run", "--theory", named.name]
    source = named.file or named.name
    controls = not named.lean or bool(only) or tier != "fast"
    return checked(
        [named.stated],
        command,
        source,
        out,
        tier,
        seed,
        only,
        force,
        studies=named.studies,
        controls=controls,
        verbose=verbose,
    )
