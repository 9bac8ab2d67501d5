"""The command that holds Theorem 1 to many instances of one family."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from verify.commands import console, shared
from verify.commands.console import PROGRAM
from verify.commands.shared import INTERRUPTED
from verify.pipeline.folder import load_partial, save_record

OUT = "out-sweep"
PROCESSES = 2
T = TypeVar("T", int, float)

app = typer.Typer()


@app.command(epilog="Example: icl-verify sweep --instances 100 --vary seed,tau=0.05..0.5,H=64/96")
def sweep(
    instance: Annotated[
        str | None,
        typer.Argument(
            help="A .toml or saved .npz file; the handwritten digits where absent.", metavar="INSTANCE"
        ),
    ] = None,
    instances: Annotated[str, typer.Option(help="How many.", metavar="NUMBER")] = "100",
    vary: Annotated[
        str,
        typer.Option(
            help="What varies: seed, and tau, H, beta with a grid (H=64/96), ends to draw between (tau=0.05..0.5), or alone.",
            metavar="NAMES",
        ),
    ] = "seed",
    target: Annotated[
        str | None,
        typer.Option(help="Run until the guaranteed bound is at this part of its start.", metavar="NUMBER"),
    ] = None,
    max_steps: Annotated[
        str | None, typer.Option(help="Instances that need more are listed, not run.", metavar="NUMBER")
    ] = None,
    out: Annotated[str, typer.Option(help="Folder for record.json and index.html.", metavar="DIR")] = OUT,
    seed: Annotated[
        str | None, typer.Option(help="The first; in place of the file's.", metavar="NUMBER")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.", metavar="NAME")] = "auto",
    dtype: Annotated[str, typer.Option(help="Of training: float64 or float32.", metavar="NAME")] = "float64",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the partial record in --out, of this same sweep.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=shared.FORCE)] = False,
) -> int:
    """Hold Theorem 1 to many instances, each at its own certified constants: exit 1 where the bound (18) is broken.

    Finished parts are kept in --out until the record is complete.
    """
    folder = shared.folder("--out", out)
    number = shared.seed(seed)
    count = _number("--instances", instances, int, "a whole number of at least 1", "100")
    part = None if target is None else _number("--target", target, float, "a number between 0 and 1", "1e-3")
    budget = (
        None
        if max_steps is None
        else _number("--max-steps", max_steps, int, "a whole number of at least 1", "200000")
    )
    options = {
        "--instances": count, "--vary": vary, "--target": part, "--max-steps": budget, "--out": out, "--seed": number,
        "--device": device, "--dtype": dtype,
    }  # fmt: skip
    defaults = {
        "--instances": 100, "--vary": "seed", "--out": OUT, "--device": "auto", "--dtype": "float64",
    }  # fmt: skip
    command = [PROGRAM, "sweep", *([instance] if instance else [])]
    for option, value in options.items():
        command += [option, str(value)] if value is not None and value != defaults.get(option) else []

    from verify.theories.yang2024.family.sweep import prepared
    from verify.theories.yang2024.job import Interrupted

    job = prepared(
        instance, instances=count, vary=vary, seed=number, target=part, max_steps=budget, device=device, dtype=dtype,
        out=folder, command=shlex.join(command),
    )  # fmt: skip
    with shared.owned(folder, job.command, job.digest, overwrite=force or resume):
        partial = load_partial(folder) if resume else None
        try:
            with console.progress_bar() as progress:
                record = job.run(PROCESSES, progress, lambda so_far: save_record(so_far, folder), partial)
            code = record.exit_code
        except Interrupted as stop:
            record, code = stop.record, INTERRUPTED
        saved = save_record(record, folder)
        if code != INTERRUPTED:
            job.kept.clear()
        page = shared.page(record, folder)
    console.show(record)
    print(f"record: {saved}")
    print(f"report: {page}")
    if code == INTERRUPTED:
        print(f"to go on: {shlex.join([*command, '--resume'])}")
    return code


def _number(option: str, value: str, kind: Callable[[str], T], needed: str, example: str) -> T:
    from numeric.errors import InputError

    try:
        return kind(value)
    except ValueError:
        raise InputError(option, value or '""', needed, f"pass {option} {example}, for example") from None
