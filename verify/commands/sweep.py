"""The command that runs the cells of a design, here or on a cluster, and keeps them in a store."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from verify.commands import console, shared
from verify.commands.console import PROGRAM
from verify.commands.shared import INTERRUPTED

if TYPE_CHECKING:
    from verify.sweeps.engine import Executor
    from verify.sweeps.subject import SweptFamily
    from verify.sweeps.sweep import Sweep

OUT = "out-sweep"
DEFAULTS = {"--instances": 100, "--vary": "seed", "--out": OUT, "--device": "auto", "--dtype": "float64"}
T = TypeVar("T", int, float)

app = typer.Typer()


@app.command(epilog="Example: icl-verify sweep sweep.toml --plan; docs/sweeps.md has the file")
def sweep(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            help="The file of a sweep; or an instance, whose seeds and sizes --vary varies, the default one where absent.",
            metavar="FILE",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="Folder of the cells, new or existing: NAME.store for NAME.toml where absent.", metavar="DIR"
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Tell cells, time and memory; runs nothing.")] = False,
    status: Annotated[
        str | None,
        typer.Option(help="Tell how far the sweeps of this store are; runs nothing.", metavar="STORE"),
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Run cells again that ended in an error or at their time limit.")
    ] = False,
    workers: Annotated[
        str | None,
        typer.Option(help="Cells at a time: as many as there are cores where absent.", metavar="NUMBER"),
    ] = None,
    threads: Annotated[
        str | None,
        typer.Option(help="Threads of a cell: the cores shared out among the workers.", metavar="NUMBER"),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Run on the workers of this Dask scheduler.", metavar="ADDRESS")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Start a Dask cluster: local, slurm or kubernetes; with --plan, show its configuration.",
            metavar="KIND",
        ),
    ] = None,
    instances: Annotated[
        str | None, typer.Option(help="Of an instance: how many, 100 where absent.", metavar="NUMBER")
    ] = None,
    vary: Annotated[
        str | None,
        typer.Option(
            help="Of an instance: seed, and tau, H, beta with a grid (H=64/96), ends to draw between (tau=0.05..0.5), or alone.",
            metavar="NAMES",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Of an instance: train until the guaranteed bound is this fraction of its initial value.",
            metavar="NUMBER",
        ),
    ] = None,
    max_steps: Annotated[
        str | None,
        typer.Option(help="Of an instance: those that need more are listed, not run.", metavar="NUMBER"),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(help="Of an instance: folder for record.json, index.html and the store.", metavar="DIR"),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Of an instance: the first; in place of the file's.", metavar="NUMBER")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Of an instance: auto, cpu, cuda or cuda:N.", metavar="NAME")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="Of an instance: float64 or float32.", metavar="NAME")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=shared.FORCE)] = False,
) -> int:
    """Run every cell of a design, each a record, into a store: what is finished is not run again. Of an instance: hold Theorem 1 to many
    instances, exit 1 where its bound is broken."""
    from verify.sweeps.store import Store
    from verify.sweeps.sweep import is_sweep

    if status is not None:
        from verify.sweeps.status import status as told

        print("\n".join(told(Store(Path(status)))))
        return 0
    asked = _number("--workers", workers, int, "a whole number of at least 1", "2")
    count = (os.cpu_count() or 1) if asked is None else asked
    given = _number("--threads", threads, int, "a whole number of at least 1", "1")
    for option, number in (("--workers", count), ("--threads", given)):
        if number is not None and not 1 <= number <= 100_000:
            _refuse(option, number, "a whole number of at least 1", f"pass {option} 2")
    of_instance = {
        "--instances": instances, "--vary": vary, "--target": target, "--max-steps": max_steps, "--out": out, "--seed": seed,
        "--device": device, "--dtype": dtype,
    }  # fmt: skip
    if is_sweep(file):
        assert file is not None
        for option, value in of_instance.items():
            if value is not None:
                _refuse(option, value, "an instance, and this is the file of a sweep", "set it in the file")
        return _of_file(context, file, store, plan, retry, count, given, scheduler, cluster)
    for option, chosen in (
        ("--store", store),
        ("--plan", plan),
        ("--scheduler", scheduler),
        ("--cluster", cluster),
    ):
        if chosen:
            _refuse(option, chosen, "the file of a sweep", "write one; docs/sweeps.md says how")
    family = shared.named(context).family
    if family is None:
        raise shared.named(context).refused(
            "a theory with instances, or the file of a sweep", "write one; docs/sweeps.md says how"
        )
    folder = shared.folder("--out", OUT if out is None else out)
    options: dict[str, Any] = {
        "--instances": _number("--instances", "100" if instances is None else instances, int, "a whole number of at least 1", "100"),
        "--vary": "seed" if vary is None else vary,
        "--target": _number("--target", target, float, "a number between 0 and 1", "1e-3"),
        "--max-steps": _number("--max-steps", max_steps, int, "a whole number of at least 1", "200000"),
        "--out": str(folder), "--seed": shared.seed(seed), "--device": device or "auto", "--dtype": dtype or "float64",
    }  # fmt: skip
    command = [PROGRAM, "sweep", *([file] if file else [])]
    for option, set_ in options.items():
        command += [option, str(set_)] if set_ is not None and set_ != DEFAULTS.get(option) else []
    job = family(
        file, instances=options["--instances"], vary=options["--vary"], seed=options["--seed"], target=options["--target"],
        max_steps=options["--max-steps"], device=options["--device"], dtype=options["--dtype"], command=shlex.join(command),
    )  # fmt: skip
    return _of_family(job, folder, min(count, len(job.cells)), force, command)


def _of_family(job: SweptFamily, folder: Path, workers: int, force: bool, command: list[str]) -> int:
    """Instances of one family: their cells, and one record of them all."""
    from verify.pipeline.folder import save_record
    from verify.pipeline.interrupted import Interrupted

    with shared.owned(folder, job.command, job.digest, overwrite=force):
        try:
            with console.progress_bar() as progress:
                record = job.run(folder / "store", workers, progress)
            code = record.exit_code
        except Interrupted as stop:
            record, code = stop.record, INTERRUPTED
        saved = save_record(record, folder)
        page = shared.page(record, folder)
    console.show(record)
    print(f"record: {saved}")
    print(f"report: {page}")
    if code == INTERRUPTED:
        print(f"to go on: {shlex.join(command)}")
    return code


def _of_file(
    context: typer.Context, file: str, place: str | None, planned: bool, retry: bool, workers: int, threads: int | None,
    scheduler: str | None, cluster: str | None,
) -> int:  # fmt: skip
    """The cells of the file of a sweep."""
    from verify.sweeps import status
    from verify.sweeps.cluster import configuration
    from verify.sweeps.engine import Engine
    from verify.sweeps.identity import identity
    from verify.sweeps.store import Store
    from verify.sweeps.sweep import read

    found = read(file, shared.named(context).name)
    folder = shared.folder("--store", f"{Path(file).stem}.store" if place is None else place)
    if scheduler and cluster:
        _refuse("--cluster", cluster, "a run without --scheduler", "leave out one of the two")
    shown = "" if cluster is None else configuration(cluster, workers, threads or 1, *_asked(found))
    if planned:
        print("\n".join(status.plan(found, folder, workers)))
        print(shown, end="")
        return 0
    kept = Store.begun(folder, found.columns(), identity(), found.total)
    kept.design(found.digest[:16], found.told())
    again = shlex.join(
        [PROGRAM, "sweep", file, *([] if place is None else ["--store", place])]
        + [
            word
            for option, value in (("--scheduler", scheduler), ("--cluster", cluster))
            if value
            for word in (option, value)
        ]
    )
    code = 0
    try:
        with (
            console.progress_bar() as progress,
            _executor(found, workers, threads, scheduler, cluster) as executor,
        ):
            Engine(kept, executor, progress, found.time_limit, retry).run(found.cells(), found.total)
    except KeyboardInterrupt:
        code = INTERRUPTED
    digests = {cell.digest for cell in found.cells()}
    counts, differing, first = status.ended(kept, digests)
    said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"cells: {said or 'none'}; {len(digests) - sum(counts.values())} left")
    if differing:
        print(f"verdicts: {differing} cells have a verdict that is not the expected one")
    if first:
        print(f"the first error: {first}")
    print(f"store: {folder}")
    if code == INTERRUPTED:
        print(f"to go on: {again}")
    return code or (1 if differing else 0)


def _asked(sweep: Sweep) -> tuple[int, float]:
    """Bytes and hours that a worker of a cluster is asked for."""
    cell = next(sweep.cells())
    cost = cell.subject().cost(cell.inputs, Path(cell.folder))
    return (2**32 if cost is None else max(2**31, int(2 * cost.memory))), 24.0


def _executor(
    sweep: Sweep, workers: int, threads: int | None, scheduler: str | None, cluster: str | None
) -> AbstractContextManager[Executor]:
    if scheduler is None and cluster is None:
        from verify.sweeps.here import here

        return here(workers, threads, isolated=True)
    from verify.sweeps.cluster import connected, started

    if scheduler is not None:
        return connected(scheduler, threads or 1)
    assert cluster is not None
    return started(cluster, workers, threads or 1, *_asked(sweep))


def _refuse(option: str, value: object, needed: str, remedy: str) -> None:
    from numeric.errors import InputError

    raise InputError(option, "set" if value is True else value, needed, remedy)


def _number(option: str, value: str | None, kind: Callable[[str], T], needed: str, example: str) -> T | None:
    from numeric.errors import InputError

    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise InputError(option, value or '""', needed, f"pass {option} {example}, for example") from None
