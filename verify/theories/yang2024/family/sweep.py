"""Theorem 1 on a family of instances: a sweep whose cells are the instances, and one record of them all."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

from numeric.errors import InputError
from verify.pipeline.bench import Progress
from verify.pipeline.folder import locked
from verify.pipeline.provenance import now, provenance
from verify.record import Record
from verify.sweeps.cell import Cell
from verify.sweeps.columns import COMMON, Column, joined
from verify.sweeps.engine import Engine
from verify.sweeps.here import here
from verify.sweeps.identity import identity
from verify.sweeps.store import Store
from verify.theories.yang2024 import NAME, NAMED
from verify.theories.yang2024.family import cell
from verify.theories.yang2024.family.draw import Varied, family, parse
from verify.theories.yang2024.family.row import Row
from verify.theories.yang2024.family.study import study
from verify.theories.yang2024.fits import NAMES, Sizes, must_fit
from verify.theories.yang2024.job import Interrupted
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.swept import BOUND, swept

API_CALL = "verify.sweep()"
OPTIONS = {"training.bound_target": "--target", "training.max_steps": "--max-steps"}
STORE = "store"
WORTH = 12  # instances from which on processes pay for their start
RATES = Column("rates", "text", "at which rates is trained")


def sweep(
    path: str | Path | None = None,
    *,
    instances: int = 100,
    vary: str = "seed",
    seed: int | None = None,
    target: float | None = None,
    max_steps: int | None = None,
    device: str = "auto",
    dtype: str = "float64",
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    command: str = "",
) -> Record:
    """Theorem 1 on a family of instances: each at its own certified rates until its bound (18) is at `target` of its start.

    path, seed   one description, as for `verify.load`, and the first seed; the file's where None
    vary         what varies, such as "seed,tau=0.05..0.5,H=48/96"; see `verify.theories.yang2024.family.draw`
    target, max_steps   in the place of the file's; an instance that needs more steps is listed, not run
    out          folder with the store of the sweep, in which what is finished is not run again
    workers      processes, where the instances are many; one is this process
    progress, command   as for `verify.run`

    Raises InputError; Interrupted, with a partial record, on Ctrl-C.
    """
    job = prepared(
        path, instances=instances, vary=vary, seed=seed, target=target, max_steps=max_steps, device=device, dtype=dtype,
        command=command,
    )  # fmt: skip
    if out is not None:
        with locked(Path(out), "out"):
            return job.run(Path(out) / STORE, workers, progress)
    with tempfile.TemporaryDirectory() as place:
        return job.run(Path(place), workers, progress)


def prepared(
    path: str | Path | None, *, instances: int, vary: str, seed: int | None, target: float | None, max_steps: int | None,
    device: str, dtype: str, command: str,
) -> Family:  # fmt: skip
    """The sweep that these arguments of `sweep` describe, before any work. Raises InputError."""
    varied = parse(vary)
    given = Options(device=device, dtype=dtype)
    first, from_file, points = family(path, instances, varied, seed)
    try:
        options = replace(
            given,
            bound_target=from_file.bound_target if target is None else target,
            max_steps=from_file.max_steps if max_steps is None else max_steps,
        )
    except InputError as error:
        # The file was checked when it was read, so the bad value is an argument of the sweep.
        argument = OPTIONS.get(error.argument, error.argument)
        raise InputError(argument, error.value, error.needed, error.remedy) from None
    heads = max(point.get("sizes.H", first.H) for point in points)
    named = NAMES if max_steps is None else NAMES | {"max_steps": "--max-steps"}
    must_fit(replace(Sizes.of(first, options, len(points)), H=heads), "sweep", names=named)
    laboratory = Laboratory(first, options)
    options = replace(options, device=laboratory.device)  # an absent device is said before any work
    return Family(path, points, varied, Laboratory(first, options), command or API_CALL)


@dataclass(frozen=True)
class Family:
    """A family of instances, to be swept. `laboratory` is that of the first one."""

    path: str | Path | None
    points: Sequence[dict[str, Any]]
    varied: Sequence[Varied]
    laboratory: Laboratory
    command: str

    @cached_property
    def cells(self) -> list[Cell]:
        """The instances as cells of a sweep."""
        options, subject = self.laboratory.options, swept()
        folder = Path.cwd() if self.path is None else Path(self.path).resolve().parent
        base = subject.base(None if self.path is None else Path(self.path).name, folder)
        base["options"] = {"dtype": options.dtype, "device": options.device}
        training = {
            "training.bound_target": float(options.bound_target),
            "training.max_steps": options.max_steps,
        }
        found = []
        for point in self.points:
            fields = {name: value for name, value in point.items() if name != "seed"}
            asked = {
                "job": BOUND, "seed": point["seed"], "tier": "fast", "only": [], "rates": subject.rates[0],
            }  # fmt: skip
            inputs = subject.inputs(base, asked, fields | training)
            found.append(Cell(NAME, NAMED.title, inputs, fields, str(folder)))
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of the instances."""
        return hashlib.sha256("".join(one.digest for one in self.cells).encode()).hexdigest()

    def run(self, place: Path, workers: int = 1, progress: Progress | None = None) -> Record:
        """The record of the whole sweep, with its cells in the store at this place. Raises InputError; Interrupted, with a
        partial record, on Ctrl-C."""
        started, clock = now(), perf_counter()
        columns = joined(COMMON, [RATES], swept().columns(BOUND))
        store = Store.begun(place, columns, identity(), len(self.cells), "--out")
        told = {
            "name": "family",
            "digests": [one.digest for one in self.cells],
            "axes": [one.name for one in self.varied],
        }
        store.design(self.digest[:16], json.dumps(told))
        try:
            with here(workers if len(self.cells) >= WORTH else 1) as executor:
                Engine(store, executor, progress).run(self.cells, len(self.cells))
        except KeyboardInterrupt as stop:
            done = f"{len(self._rows(store))} of {len(self.cells)} instances"
            raise Interrupted(
                self._record(store, started, clock, f"interrupted by Ctrl-C after {done}")
            ) from stop
        return self._record(store, started, clock)

    def _rows(self, store: Store) -> list[Row]:
        return [row for _, row in self._finished(store)]

    def _finished(self, store: Store) -> Iterator[tuple[Cell, Row]]:
        for number, one in enumerate(self.cells, 1):
            found = store.row(one.digest)
            if found is None:
                continue
            if found["error"]:
                raise RuntimeError(f"instance {number}: {found['error']}")
            yield (
                one,
                cell.row(Record.load(store.record_path(one.digest))).model_copy(update={"number": number}),
            )

    @property
    def varying(self) -> str:
        words = "; ".join(one.words(self.laboratory.instance) for one in self.varied)
        return words[0].upper() + words[1:]

    def _record(self, store: Store, started: str, clock: float, reason: str = "") -> Record:
        """Everything finished so far."""
        rows, total, spent = self._rows(store), len(self.cells), perf_counter() - clock
        options, first = self.laboratory.options, self.laboratory.instance
        names, said = [one.name for one in self.varied], cell.method(options, self.laboratory.device)
        shown = study(rows, total, options, names, f"{self.varying}. {said}", first.seed, spent)
        found = cell.record(rows, total, self.laboratory, shown)
        assert found.instance is not None
        budgets = {
            "instances": total,
            "vary": ",".join(one.text() for one in self.varied),
            **found.settings.budgets,
        }
        about = f"{total} instances; the first: {found.instance.description}. {self.varying}"
        return found.model_copy(
            update={
                "status_reason": reason,
                "settings": found.settings.model_copy(update={"budgets": budgets}),
                "instance": found.instance.model_copy(update={"digest": self.digest, "description": about}),
                "provenance": provenance(self.command, started, spent, {}),
            }
        )
