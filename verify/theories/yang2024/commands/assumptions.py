"""The command that says what applies to an instance."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import shared

app = typer.Typer()


@app.command(epilog="Example: icl-verify assumptions instance.toml")
def assumptions(
    instance: Annotated[
        str | None,
        typer.Argument(help="An instance file; the default instance where absent.", metavar="INSTANCE"),
    ] = None,
    seed: Annotated[str | None, typer.Option(help="Of the instance.", metavar="NUMBER")] = None,
) -> int:
    """Say which statements apply to an instance, what would make failing assumptions hold, and what is guaranteed then: exit 1 where one
    fails."""
    from verify.theories.yang2024.applies import report
    from verify.theories.yang2024.options import load_config

    loaded, _ = load_config(instance, shared.seed(seed), None, "run")
    code = 0
    for line in report(loaded):
        print(line)
        code = 1 if line.split(". ")[0].endswith(": fails") else code
    return code
