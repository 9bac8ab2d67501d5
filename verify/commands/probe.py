"""The command that asks which algorithm a model's predictions come from."""

from __future__ import annotations

import json as text
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from verify.commands import console, shared
from verify.commands.console import PROGRAM

app = typer.Typer()


@app.command(epilog="Example: icl-verify probe predictions.npz --out out-probe")
def probe(
    source: Annotated[
        str,
        typer.Argument(help="An .npz or .safetensors file of arrays, or MODULE:CALLABLE.", metavar="SOURCE"),
    ],
    features: Annotated[
        str | None,
        typer.Option(
            help="Of MODULE:CALLABLE: a file with one row of features for each token.", metavar="FILE"
        ),
    ] = None,
    labelled: Annotated[
        int | None, typer.Option(help="Of MODULE:CALLABLE: how many tokens have labels.", metavar="N")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(help="Standard deviation of the label noise.", metavar="NUMBER")
    ] = None,
    task_scale: Annotated[
        float | None,
        typer.Option("--task-scale", help="Standard deviation of each task coefficient.", metavar="NUMBER"),
    ] = None,
    sign: Annotated[
        str, typer.Option(help="minus where the model predicts minus the label.", metavar="NAME")
    ] = "plus",
    normaliser: Annotated[
        str, typer.Option(help="What sums over labelled tokens are divided by: 1, N, N+1.", metavar="NAME")
    ] = "1",
    first: Annotated[
        int, typer.Option(help="The x, from 0, that the first prediction answers.", metavar="NUMBER")
    ] = 0,
    resolution: Annotated[
        float | None, typer.Option(help="Relative error of the predictions.", metavar="NUMBER")
    ] = None,
    within: Annotated[
        float, typer.Option(help="Squared distance within which it behaves like a family.", metavar="NUMBER")
    ] = 0.01,
    seed: Annotated[
        str | None, typer.Option(help="Of labels that are drawn; 0 where absent.", metavar="NUMBER")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    out: Annotated[
        str | None,
        typer.Option(help="Write record.json and index.html there; nothing where absent.", metavar="DIR"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=shared.FORCE)] = False,
) -> int:
    """Say which algorithm predictions come from: ridge (which λ), gradient descent (which k, η), another, or none."""
    from verify.pipeline.folder import save_record
    from verify.probing.run import probe as asked

    number = shared.whole_seed(seed)
    folder = None if out is None else shared.folder("--out", out)
    found = asked(
        _source(source, features), features=_features(features), labelled=labelled, noise=noise, task_scale=task_scale,
        sign=sign, normaliser=normaliser, first=first, resolution=resolution, within=within, seed=number,
        command=shlex.join([PROGRAM, "probe", source]),
    )  # fmt: skip
    if json:
        print(text.dumps(found.json(), ensure_ascii=False, indent=1))
    else:
        console.show_study(found.record.studies[0])
    if folder is not None:
        with shared.owned(folder, found.record.provenance.command, "", overwrite=force):
            saved = save_record(found.record, folder)
            page = shared.page(found.record, folder)
        if not json:
            print(f"record: {saved}")
            print(f"report: {page}")
    return 0


PICKLED = (".pt", ".pth", ".ckpt", ".pkl", ".bin")


def _source(source: str, features: str | None) -> Any:
    """The file, or the callable that the words name."""
    from numeric.errors import InputError
    from verify.own.files import value

    if Path(source).suffix.lower() in PICKLED:
        needed = "arrays; a pickled checkpoint can run code and is never loaded"
        remedy = "save predictions by np.savez(file, xs=xs, ys=ys, preds=preds), as examples/models/probe_models.py does"
        raise InputError("SOURCE", source, needed, remedy)
    if ":" not in source or Path(source).exists():
        if features is not None:
            raise InputError("--features", features, "MODULE:CALLABLE", "save features in the file of arrays")
        return source
    return value(source, "SOURCE")


def _features(file: str | None) -> Any:
    if file is None:
        return None
    from numeric.readers import read_array

    return read_array(file, "--features")
