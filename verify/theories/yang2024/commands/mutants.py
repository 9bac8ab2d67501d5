"""The command that puts false variants of the claims through the same checks."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import shared
from verify.commands.shared import app


@app.command(epilog="Example: icl-verify mutants --only lemma-5 --json mutants.json")
def mutants(
    seed: Annotated[str | None, typer.Option(help="Of the sample; 0 where absent.", metavar="NUMBER")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Mutate this claim; repeats.", metavar="ID")] = None,
    json: Annotated[
        str | None, typer.Option("--json", help="Write every variant there.", metavar="FILE")
    ] = None,
    markdown: Annotated[
        str | None, typer.Option("--markdown", help="Write the page docs/mutants.md there.", metavar="FILE")
    ] = None,
) -> int:
    """Run false variants of the true claims through the same checks: exit 1 where one survives unexplained."""
    from verify.theories.yang2024.mutants import command

    return command(shared.seed(seed) or 0, shared.canonical(only or [], "--only"), json, markdown)
