"""Commands that check the checkers: witnesses, proofs as data, false variants."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import shared

app = typer.Typer()


@app.command(epilog="Example: icl-verify replay cauchy --theory my_lemmas.py")
def replay(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A claim with a witness that stands alone.", metavar="ID")],
    record: Annotated[
        str | None,
        typer.Option(
            help="The record.json that has the witness of a statement of one's own; searched for anew where absent.",
            metavar="FILE",
        ),
    ] = None,
) -> int:
    """Replay the witness of a claim, as of one that fails: exit 0 if it is confirmed, 1 if not."""
    import gc

    gc.disable()  # a thousand modules are loaded and none is garbage: a tenth of the time
    named = shared.named(context)
    (canonical,) = shared.canonical([name], "ID", named)
    from verify.commands.replay import replay as replay_witness

    gc.enable()
    text, confirmed = replay_witness(canonical, named, record)
    print(text)
    return 0 if confirmed else 1


@app.command(epilog="Example: icl-verify proofs --write proofs.json")
def proofs(
    context: typer.Context,
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

    return command(shared.named(context), check, write)


@app.command(epilog="Example: icl-verify mutants --only cauchy --theory my_lemmas.py --json mutants.json")
def mutants(
    context: typer.Context,
    seed: Annotated[str | None, typer.Option(help="Of the sample; 0 where absent.", metavar="NUMBER")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Mutate this claim; repeats.", metavar="ID")] = None,
    json: Annotated[
        str | None, typer.Option("--json", help="Write every variant there.", metavar="FILE")
    ] = None,
    markdown: Annotated[
        str | None, typer.Option("--markdown", help="Write the page docs/mutants.md there.", metavar="FILE")
    ] = None,
) -> int:
    """Run false variants of the true claims through the same checks: exit 1 where one is not refuted and nothing explains why."""
    from verify.mutants.report import command

    named = shared.named(context)
    chosen = shared.canonical(only or [], "--only", named)
    return command(named.mutated, shared.whole_seed(seed), chosen, json, markdown)
