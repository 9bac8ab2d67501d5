"""The command that writes proofs as files for Rocq."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import shared

app = typer.Typer()


@app.command(epilog="Example: icl-verify rocq out-rocq")
def rocq(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(help="The files are written there.", metavar="DIR")],
    only: Annotated[
        list[str] | None, typer.Option(help="The proofs of this claim alone; repeats.", metavar="ID")
    ] = None,
) -> int:
    """Write the stored proofs of a theory as files for Rocq (Coq), with the library that checks them. Nothing is compiled."""
    from numeric.errors import InputError
    from verify.prove import kernel

    named = shared.named(context)
    chosen = shared.canonical(only or [], "--only", named)
    found = kernel.of(named)
    if not found:
        raise InputError("--theory", named.name, "a theory with stored proofs", "run check --update first")
    if chosen:
        found = [one for one in found if one.name.split()[0] in chosen]
    kernel.write(shared.folder("DIR", folder), found)
    print(*kernel.counts(found, {one.file: "not compiled" for one in found}), sep="\n")
    return 0
