"""Commands for statements of one's own, and the list of theories."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from verify.commands import console, shared
from verify.commands.shared import app

OUT = "out-check"


@app.command(epilog="Example: icl-verify check my_lemmas.py --out out-check")
def check(
    file: Annotated[
        str, typer.Argument(help="A Python file, or a module, that defines settings.", metavar="FILE")
    ],
    out: Annotated[
        str | None,
        typer.Option(help="Write record.json and index.html there; nothing where absent.", metavar="DIR"),
    ] = None,
    tier: Annotated[str, typer.Option(help="fast, or full for larger budgets.", metavar="NAME")] = "fast",
    seed: Annotated[
        str | None, typer.Option(help="Of exact points and searches; 0 where absent.", metavar="NUMBER")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the record of another kind of run.")
    ] = False,
) -> int:
    """Prove, certify and search every statement of one's own settings: exit 1 where a verdict is not the expected one."""
    from verify.own.check import check as check_setting
    from verify.own.files import settings
    from verify.pipeline.folder import save_record

    number = shared.whole_seed(seed)
    folder = None if out is None else shared.folder("--out", out)
    found = settings(file)
    command = [console.PROGRAM, "check", file]
    command += [] if tier == "fast" else ["--tier", tier]
    command += [] if seed is None else ["--seed", str(number)]
    if folder is not None and len(found) > 1:
        from numeric.errors import InputError

        names = ", ".join(one.name for one in found)
        raise InputError(
            "--out", folder, f"one setting in {file}, which has {names}", "put each into a file of its own"
        )
    code = 0
    for one in found:
        with console.progress_bar() as progress:
            record = check_setting(one, tier, number, progress=progress, command=shlex.join(command))  # type: ignore[arg-type]
        print(one.name)
        console.show(record)
        code = max(code, record.exit_code)
        if folder is not None:
            with shared.owned(folder, shlex.join(command), "", overwrite=force):
                saved = save_record(record, folder)
                page = shared.page(record, folder)
            print(f"record: {saved}")
            print(f"report: {page}")
    return code


@app.command(epilog="Example: icl-verify theories")
def theories() -> int:
    """List the theories that ship with the program, and those that installed packages bring."""
    from verify.theories.shipped import described

    for name, text in described():
        print(f"{name}  {text}")
    return 0
