"""Commands that check the checkers: witnesses, proofs as data."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import shared
from verify.commands.shared import app


@app.command(epilog="Example: icl-verify replay eq-33")
def replay(
    name: Annotated[str, typer.Argument(help="A claim with a witness that stands alone.", metavar="ID")],
) -> int:
    """Replay the witness of a claim, as of one that fails: exit 0 if it is confirmed, 1 if not."""
    import gc

    gc.disable()  # a thousand modules are loaded and none is garbage: a tenth of the time
    (canonical,) = shared.canonical([name], "ID")
    from verify.commands.replay import replay as replay_witness

    gc.enable()
    text, confirmed = replay_witness(canonical)
    print(text)
    return 0 if confirmed else 1


@app.command(epilog="Example: icl-verify proofs --write proofs.json")
def proofs(
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            help="Compare with this file, and replay it; the one that comes with the program where absent.",
            metavar="FILE",
        ),
    ] = None,
    write: Annotated[
        str | None, typer.Option("--write", help="Write the data there.", metavar="FILE")
    ] = None,
) -> int:
    """Prove all again, as data, and replay the data with the second checker: exit 1 where it refuses one or a file differs."""
    from verify.prove.archive import command

    return command(check, write)
