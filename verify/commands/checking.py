"""The commands that check a theory without an instance, and the list of theories."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from verify.commands import console, shared
from verify.commands.console import PROGRAM

if TYPE_CHECKING:
    from verify.own.setting import Setting
    from verify.pipeline.judge import Measured
    from verify.statement import Theory

app = typer.Typer()
OUT = "out-check"
TIER = Annotated[str, typer.Option(help="fast, or full for larger budgets.", metavar="NAME")]
SEED = Annotated[
    str | None, typer.Option(help="Of exact points and searches; 0 where absent.", metavar="NUMBER")
]
ONLY = Annotated[list[str] | None, typer.Option(help="Check this statement; repeats.", metavar="ID")]
VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help=shared.VERBOSE)]
FORCE = Annotated[bool, typer.Option("--force", help=shared.FORCE)]


@app.command(epilog="Example: icl-verify check my_lemmas.py --out out-check")
def check(
    file: Annotated[
        str, typer.Argument(help="A Python file, or a module, that defines settings.", metavar="FILE")
    ],
    out: Annotated[
        str | None,
        typer.Option(help="Write record.json and index.html there; nothing where absent.", metavar="DIR"),
    ] = None,
    tier: TIER = "fast",
    seed: SEED = None,
    only: ONLY = None,
    force: FORCE = False,
    update: Annotated[
        bool,
        typer.Option("--update", help="Write the proofs that are found beside FILE, and nothing else of it."),
    ] = False,
    verbose: VERBOSE = False,
) -> int:
    """Prove, certify and search every statement of one's own settings: exit 1 where a verdict is not the expected one.

    The proofs in FILE's .proofs.json are replayed where it exists.
    """
    from verify.own.files import settings

    return checked(
        settings(file), [PROGRAM, "check", file], file, out, tier, seed, only, force, update, verbose=verbose
    )


def checked(
    found: Sequence[Setting | Theory],
    command: list[str],
    source: str,
    out: str | None,
    tier: str,
    seed: str | None,
    only: Sequence[str] | None,
    force: bool,
    update: bool = False,
    studies: Callable[[int], Measured] | None = None,
    controls: bool = True,
    verbose: bool = False,
) -> int:
    """Checks each, prints the tables, and writes record and page where a folder is named.

    The proofs that are stored beside the source are replayed, and written anew with `update`. Where all statements are checked, the
    record has the `studies` as well, and its rows what these observed. `controls`: as in `verify.check`. With `verbose`, the rows that
    are as expected are printed too.
    """
    from numeric.errors import InputError
    from verify.own import stored
    from verify.own.check import check as check_setting
    from verify.pipeline.folder import save_record
    from verify.pipeline.judge import Measured, observed
    from verify.theories.named import title

    number = shared.whole_seed(seed)
    folder = None if out is None else shared.folder("--out", out)
    names = [title(one) for one in found]
    if len(found) > 1 and (folder is not None or only):
        option, value = ("--out", folder) if folder is not None else ("--only", ", ".join(only or ()))
        remedy = f"name one of them, as in {source}:S"
        raise InputError(option, value, f"one setting, and {source} has {', '.join(names)}", remedy)
    command += [] if tier == "fast" else ["--tier", tier]
    command += [] if seed is None else ["--seed", str(number)]
    place = stored.place(source, found, only or (), update="--update" if update else "")
    kept = stored.opened(place, found, update=update)
    code = 0
    for name, one in zip(names, found, strict=True):
        with console.progress_bar() as progress:
            record = check_setting(
                one, tier, number, only=only or (), progress=progress, command=shlex.join(command),  # type: ignore[arg-type]
                stored=kept.get(name), controls=controls,
            )  # fmt: skip
        measured = Measured(()) if studies is None or only else studies(number)
        rows = observed(record.claims, measured.observed)
        broken = any(study.contradiction for study in measured.studies) or any(
            row.contradiction for row in rows
        )
        record = record.model_copy(
            update={"claims": rows, "panels": list(measured.studies), "exit_code": int(broken)}
        )
        print(name)
        console.show(record, verbose)
        for study in measured.studies:
            if verbose or study.contradiction:
                print(f"\n{study.title}")
                console.show_study(study)
        if measured.studies and not verbose:
            console.say(
                f"Measured as well: {', '.join(study.title for study in measured.studies)}; -v shows the figures."
            )
        code = max(code, record.exit_code)
        if folder is not None:
            with shared.owned(folder, record.provenance.command, "", overwrite=force):
                saved = save_record(record, folder)
                page = shared.page(record, folder)
            print(f"record: {saved}")
            print(f"report: {page}")
    if update and place is not None:
        stored.write(place, {name: proofs.text() for name, proofs in kept.items()})
        print(f"proofs: {place}")
    return code


@app.command(epilog="Example: icl-verify theories")
def theories() -> int:
    """List the theories that ship with the program, and those that installed packages bring."""
    from verify.theories.named import described

    for name, text in described():
        print(f"{name}  {text}")
    return 0
