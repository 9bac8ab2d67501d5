"""The command that measures how tight the proofs are."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from verify.commands import console, shared
from verify.commands.console import PROGRAM
from verify.commands.shared import INTERRUPTED
from verify.pipeline.folder import save_record

if TYPE_CHECKING:
    from verify.record import Record

OUT = "out-tightness"

app = typer.Typer()


@app.command(epilog="Example: icl-verify tightness my.toml --tier full --out tight")
def tightness(
    instance: Annotated[
        str | None,
        typer.Argument(
            help="A .toml or saved .npz file; the handwritten digits where absent.", metavar="INSTANCE"
        ),
    ] = None,
    out: Annotated[str, typer.Option(help="Folder for record.json and index.html.", metavar="DIR")] = OUT,
    tier: Annotated[
        str, typer.Option(help="fast, or full: more iterates and points, a longer search.", metavar="NAME")
    ] = "fast",
    seed: Annotated[str | None, typer.Option(help="In place of the file's.", metavar="NUMBER")] = None,
    device: Annotated[
        str, typer.Option(help="Of training: auto, cpu, cuda or cuda:N.", metavar="NAME")
    ] = "auto",
    force: Annotated[bool, typer.Option("--force", help=shared.FORCE)] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the studies as JSON in place of tables.")
    ] = False,
) -> int:
    """Measure the slack of every inequality of the proofs, and where the constants lose how many orders of magnitude.

    Exit 1 where an inequality that holds is broken beyond rounding.
    """
    from verify.theories.yang2024.fits import Sizes, must_fit
    from verify.theories.yang2024.options import Options, load_config, usable_device

    folder = shared.folder("--out", out)
    options = Options(device=device, tier=tier)
    loaded, from_file = load_config(instance, shared.seed(seed), purpose="tightness")
    usable_device(device)
    options = replace(options, bound_target=from_file.bound_target, max_steps=from_file.max_steps)
    must_fit(Sizes.of(loaded, options), "tightness")
    words = {"--out": out, "--tier": tier, "--seed": seed, "--device": device}
    defaults = {"--out": OUT, "--tier": "fast", "--seed": None, "--device": "auto"}
    command = [PROGRAM, "tightness", *([instance] if instance else [])]
    for option, value in words.items():
        command += [option, value] if value is not None and value != defaults[option] else []

    from verify.theories.yang2024.job import Interrupted
    from verify.theories.yang2024.tightness.run import tightness as measure

    with shared.owned(folder, shlex.join(command), loaded.digest, overwrite=force):
        try:
            with console.progress_bar() as progress:
                record = measure(loaded, options, progress=progress, command=shlex.join(command))
            code = record.exit_code
        except Interrupted as stop:
            record, code = stop.record, INTERRUPTED
        saved = save_record(record, folder)
        page = shared.page(record, folder)
    if as_json:
        print(_as_json(record))
        return code
    for study in record.studies:
        print(f"\n{study.title}")
        console.show_study(study)
    for warning in record.warnings:
        print(f"warning: {warning}")
    if record.status == "partial":
        print(f"partial record: {record.status_reason}")
    print(record.headline)
    print(f"record: {saved}")
    print(f"report: {page}")
    return code


def _as_json(record: Record) -> str:
    import json

    return json.dumps(
        [study.model_dump(mode="json") for study in record.studies], indent=1, ensure_ascii=False
    )
