"""Commands that read: the derivation, a saved record, the statements, the schemas. They verify nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verify.commands import shared
from verify.vocabulary import REFUTATIONS, STRENGTHS, VERDICTS

if TYPE_CHECKING:
    from verify.record import ClaimRecord, Record
    from verify.theories.named import NamedTheory

app = typer.Typer()
RECORD = "A record.json. Where absent: the committed record of the default run, or of a file of one's own a check made now."


@app.command(epilog="Example: icl-verify derive --latex")
def derive(
    context: typer.Context,
    latex: Annotated[bool, typer.Option("--latex", help="LaTeX instead of characters.")] = False,
    sympy: Annotated[bool, typer.Option("--sympy", help="SymPy text instead of characters.")] = False,
) -> int:
    """Derive what a theory rests on, step by step."""
    from numeric.errors import InputError
    from verify.output.mathematics import written
    from verify.output.phrases import folded

    if latex and sympy:
        raise InputError("--sympy", "set", "a derivation without --latex", "leave out one of the two")
    named = shared.named(context)
    if named.derivation is None:
        raise named.refused("a theory that has a derivation", "leave out --theory")
    for number, step in enumerate(named.derivation(), 1):
        print(f"{number}. {step.title}  [{step.id}]")
        print(folded(f"   by {step.by}"))
        if latex or sympy:
            print(f"   {step.equation.latex if latex else step.sympy}\n")
        else:
            print(folded(f"   {written(step.equation)}"), end="\n\n")
    return 0


@app.command(epilog="Example: icl-verify render out/record.json --out elsewhere")
def render(
    file: Annotated[str, typer.Argument(help="A record.json of an earlier run.", metavar="RECORD")],
    out: Annotated[
        str | None, typer.Option(help="Folder; the record's own where absent.", metavar="DIR")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=shared.FORCE)] = False,
) -> int:
    """Write index.html from a saved record. Computes nothing."""
    from verify.record import Record

    record = Record.load(file, "RECORD")
    folder = Path(file).parent if out is None else shared.folder("--out", out)
    with shared.owned(
        folder, record.provenance.command, record.instance.digest if record.instance else "", force
    ):
        print(f"report: {shared.page(record, folder)}")
    return 0


@app.command(epilog="Example: icl-verify claims --verdict fails --record out/record.json")
def claims(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/status.md.")] = False,
    verdict: Annotated[
        str | None, typer.Option(help=f"Only these: {', '.join(VERDICTS)}.", metavar="NAME")
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(help=f"Only what is supported so: {', '.join(STRENGTHS)}.", metavar="NAME"),
    ] = None,
    refutation: Annotated[
        str | None,
        typer.Option(help=f"Only what is refuted so: {', '.join(REFUTATIONS)}.", metavar="NAME"),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(help=RECORD, metavar="FILE"),
    ] = None,
) -> int:
    """List every statement with its verdict and strength. Computes nothing where there is a record."""
    from numeric.errors import InputError
    from verify.output import listing

    for option, value, words in (
        ("--verdict", verdict, VERDICTS),
        ("--strength", strength, STRENGTHS),
        ("--refutation", refutation, REFUTATIONS),
    ):
        if value is not None and value not in words:
            raise shared.suggest(option, value or '""', {word: word for word in words}, f"a {option[2:]}")
        if value is not None and markdown:
            raise InputError(option, value, "a list, and docs/status.md is whole", "leave out --markdown")
    named = shared.named(context)
    found = named.reference() if record is None else shared.recorded(named, record)
    found = listing.chosen(found, verdict, strength, refutation)
    shown = listing.as_json if json else listing.status if markdown else listing.as_text
    print(shown(found).rstrip("\n"))
    return 0


@app.command(epilog="Example: icl-verify explain cauchy --theory my_lemmas.py")
def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A claim, by id or alias.", metavar="ID")],
    record: Annotated[
        str | None,
        typer.Option(help=RECORD, metavar="FILE"),
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Formulas in LaTeX instead of characters.")] = False,
) -> int:
    """Statement, reading, proof, evidence, witness and repair of one claim."""
    from verify.output import listing

    named = shared.named(context)
    chosen = shared.canonical([name], "ID", named) if record is None else ()
    found = named.reference(chosen) if record is None else shared.recorded(named, record)
    print(listing.explain(shared.of_record(found, [name], "ID"), latex))
    return 0


@app.command(epilog="Example: icl-verify impact cauchy --theory my_lemmas.py")
def impact(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A claim, by id or alias.", metavar="ID")],
    record: Annotated[str | None, typer.Option(help=RECORD, metavar="FILE")] = None,
) -> int:
    """Print what rests on a statement and what the statement rests on, by proofs that both checkers accept or as the text declares."""
    from verify.output import impact as output

    named = shared.named(context)
    shared.canonical([name] if record is None else [], "ID", named)
    found = named.reference() if record is None else shared.recorded(named, record)
    (first, *_) = shared.of_record(found, [name], "ID")
    print(output.as_text(resting(found, named), first.id))
    return 0


def resting(found: Record, named: NamedTheory) -> list[ClaimRecord]:
    """The rows with what each rests on; of an older record, which has no edges, read off the theory now. Raises InputError."""
    from numeric.errors import InputError
    from verify.prove.rests import Rests
    from verify.vocabulary import PROVED

    if any(row.rests for row in found.claims):
        return found.claims
    if found.theory != named.theory.source:
        needed = f"a record of {named.theory.source}, or one that has edges"
        raise InputError(
            "--record", found.theory or '""', needed, "name the theory by --theory, or run it again"
        )
    rests = Rests(named.theory)
    claims = {claim.key: claim for claim in named.theory.claims}
    return [
        row.model_copy(update={"rests": rests(claims[row.id, row.form], proved=row.strength in PROVED)})
        if (row.id, row.form) in claims
        else row
        for row in found.claims
    ]


@app.command(epilog="Example: icl-verify schema record > record.schema.json")
def schema(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="record or instance.", metavar="NAME")] = "record",
) -> int:
    """Print the JSON Schema of a record, or of an instance file."""
    if which == "record":
        from verify.record import json_schema

        source: Callable[[], str] | None = json_schema
    elif which == "instance":
        source = shared.named(context).instance_schema
    else:
        raise shared.suggest(
            "NAME", which, {"record": "record", "instance": "instance"}, "record or instance"
        )
    if source is None:
        raise shared.named(context).refused("a theory that has instances", "leave out --theory")
    print(source(), end="")
    return 0
