"""The command that asks which algorithm a model's predictions come from."""

from __future__ import annotations

import json as text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.commands import console, shared

if TYPE_CHECKING:
    from numeric.probe.family import Family
    from verify.theories.named import NamedTheory

app = typer.Typer()


@app.command(epilog="Example: icl-verify probe predictions.npz --out out-probe")
def probe(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            help="An .npz or .safetensors file of arrays, or MODULE:CALLABLE; with --weights, an instance file.",
            metavar="SOURCE",
        ),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            help="Of MODULE:CALLABLE: a file with one row of features for each token.", metavar="FILE"
        ),
    ] = None,
    dictionary: Annotated[
        str | None,
        typer.Option(
            help="Of MODULE:CALLABLE: a file with one row for each token, given to it beside the labels.",
            metavar="FILE",
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
    families: Annotated[
        str | None,
        typer.Option(help="A Python file or module with families of your own.", metavar="FILE"),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            help="Ask the model of the theory with trained Q and w: .npz, .safetensors, or two .npy, Q first.",
            metavar="FILE",
        ),
    ] = None,
    weights_q: Annotated[str | None, typer.Option(help="Name of Q in --weights.", metavar="NAME")] = None,
    weights_w: Annotated[str | None, typer.Option(help="Name of w in --weights.", metavar="NAME")] = None,
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
    own = _families(families)
    instance = None
    model: Any
    if weights:
        _alone("--weights", {"--features": features, "--dictionary": dictionary, "--labelled": labelled})
        model, instance = _trained(shared.named(context), source, weights, weights_q, weights_w)
    else:
        _alone("a call without --weights", {"--weights-q": weights_q, "--weights-w": weights_w})
        model = _source(source, {"--features": features, "--dictionary": dictionary, "--labelled": labelled})
    found = asked(
        model, instance, features=_array(features, "--features"), dictionary=_array(dictionary, "--dictionary"), labelled=labelled,
        noise=noise, task_scale=task_scale, sign=sign, normaliser=normaliser, first=first, resolution=resolution, within=within,
        seed=number, families=own, theory=shared.named(context).name, command=shared.words(context),
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


def _source(source: str | None, of_callables: dict[str, Any]) -> Any:
    """The file, or the callable that the words name."""
    from numeric.errors import InputError
    from verify.own.files import value

    if source is None:
        remedy = "pass predictions.npz, MODULE:CALLABLE, or --weights FILE"
        raise InputError("SOURCE", "nothing", "predictions or a model", remedy)
    if Path(source).suffix.lower() in PICKLED:
        needed = "arrays; a pickled checkpoint can run code and is never loaded"
        remedy = "save predictions by np.savez(file, xs=xs, ys=ys, preds=preds), as examples/models/probe_models.py does"
        raise InputError("SOURCE", source, needed, remedy)
    if ":" not in source or Path(source).exists():
        _alone("a file of predictions", of_callables)
        return source
    return value(source, "SOURCE")


def _alone(mode: str, others: dict[str, Any]) -> None:
    """Nothing. Raises InputError for an option that says nothing in this mode."""
    from numeric.errors import InputError

    for option, value in others.items():
        if value is not None:
            raise InputError(option, value, f"no such option beside {mode}", f"leave out {option}")


def _trained(
    named: NamedTheory, instance: str | None, weights: list[str], Q: str | None, w: str | None
) -> Any:
    if named.trained is None:
        raise named.refused(
            "a theory with a model that takes weights", "leave out --weights, or name another theory"
        )
    return named.trained(instance, weights, Q, w)


def _families(source: str | None) -> list[Family]:
    if source is None:
        return []
    from numeric.probe.family import Family
    from verify.own.files import instances

    return instances(source, "--families", Family, "make one at the top level, as in MINE = Mine()")


def _array(file: str | None, argument: str) -> Any:
    if file is None:
        return None
    from numeric.readers import read_array

    return read_array(file, argument)
