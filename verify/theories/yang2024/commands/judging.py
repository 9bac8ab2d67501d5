"""What `run` does in place of verifying: the plan of an instance, and the judgement of weights trained elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from verify.commands import console

if TYPE_CHECKING:
    from verify.record import Record
    from verify.theories.yang2024.numeric.instance import Instance
    from verify.theories.yang2024.options import Options
    from verify.theories.yang2024.weights import Weights

NEEDS = {"--json": "--plan", "--weights-q": "--weights", "--weights-w": "--weights"}


def check(used: Mapping[str, object]) -> None:
    """Raises InputError for options of `run` that say nothing beside each other, or without one another."""
    from numeric.errors import InputError

    given = {option: value for option, value in used.items() if value}
    for option, value in given.items():
        shown = "set" if value is True else ", ".join(value) if isinstance(value, list) else value
        mode = NEEDS.get(option)
        if mode is not None and mode not in given:
            raise InputError(option, shown, f"{mode} beside it", f"add {mode}, or leave out {option}")
        for mode in ("--plan", "--weights", "--rates"):
            if mode in given and option != mode and NEEDS.get(option) != mode:
                raise InputError(option, shown, f"a run without {mode}", "leave out one of the two")


def rates(name: str, known: Sequence[str]) -> str:
    """The name of the rates. Raises InputError for another one."""
    from numeric.errors import InputError

    if name not in known:
        raise InputError(
            "--rates", name, f"one of {', '.join(known)}", "leave out --rates for the printed ones"
        )
    return name


def train(
    instance: Instance,
    options: Options,
    progress: Callable[[str, int, int], None],
    command: str,
    folder: Path,
) -> Record:
    """The record of training at certified rates; the weights go into the folder."""
    from verify.theories.yang2024.certified_training import train_certified

    return train_certified(
        instance, options, progress=progress, command=command, weights=folder / "weights.npz"
    )


def plan(instance: Instance, options: Options, as_json: bool) -> int:
    """What training would take, on stdout. Writes nothing."""
    import warnings

    import numpy as np

    from verify.pipeline.gather import why
    from verify.record import Study
    from verify.theories.yang2024.laboratory import OPEN, Laboratory
    from verify.theories.yang2024.studies.plan import before
    from verify.theories.yang2024.summary import of_features

    with console.progress_bar() as progress, np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            study = before(Laboratory(instance, options, progress))
        except OPEN as error:
            title = "What the theorem asks for before training"
            study = Study(id="plan", title=title, finding=f"Not decided: {why(error)}.")
    for warning in of_features(instance):
        print(f"warning: {warning}", file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(study.model_dump_json(indent=1))
    else:
        console.show_study(study)
    return 0


def read(files: Sequence[str], Q_name: str | None, w_name: str | None) -> Weights:
    """The weights in these files. Raises InputError."""
    from verify.theories.yang2024.weights import read_weights

    return read_weights(files, Q_name, w_name)


def judge(
    instance: Instance,
    weights: Weights,
    options: Options,
    progress: Callable[[str, int, int], None],
    command: str,
) -> Record:
    """The record of an instance and of weights that were trained elsewhere."""
    from verify.theories.yang2024.weights import judge as weigh

    return weigh(instance, weights, options, progress=progress, command=command)


def show(record: Record) -> None:
    """The studies of a record without claims, on stdout."""
    for study in record.studies:
        console.show_study(study)
    for warning in record.warnings:
        print(f"warning: {warning}")
    if record.status == "partial":
        print(f"partial record: {record.status_reason}")
