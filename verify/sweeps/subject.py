"""What can be swept: a theory, what is done in a cell of it, and what a cell has in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from numeric.errors import InputError
from verify.own.source import parted
from verify.sweeps.columns import Column
from verify.theories.shipped import SHIPPED

if TYPE_CHECKING:
    from verify.pipeline.bench import Progress
    from verify.record import Record, Scalar
    from verify.theories.named import NamedTheory

CLAIMS = "claims"  # the job that every theory has: its statements are judged


class Cost(NamedTuple):
    """What a cell is predicted to take: bytes, and seconds on one core, both from above."""

    memory: float
    seconds: float


class Subject(Protocol):
    """What a theory lets a sweep vary and do. `inputs` is all that decides a record, as JSON holds it.

    jobs    what can be done in a cell, by name, with what it is in words
    rates   the rates that can be asked; empty where nothing is trained
    fields  the dotted fields of an instance that can vary; empty where there is no instance
    """

    jobs: Mapping[str, str]
    rates: Sequence[str]
    fields: Sequence[str]

    def base(self, instance: str | Mapping[str, Any] | None, folder: Path) -> dict[str, Any]:
        """The instance that cells begin from. Raises InputError."""

    def inputs(
        self, base: Mapping[str, Any], asked: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """All that decides the record of a cell: job, seed, tier, only, rates as `asked`, and the fields. Raises InputError."""

    def record(self, inputs: Mapping[str, Any], folder: Path) -> Record:
        """The record of a cell. Raises InputError."""

    def columns(self, job: str) -> Sequence[Column]:
        """The columns of figures that records of this job have."""

    def figures(self, job: str, record: Record) -> dict[str, Scalar]:
        """The values in those columns."""

    def cost(self, inputs: Mapping[str, Any], folder: Path) -> Cost | None:
        """What a cell is predicted to take; None where nothing can be said before the first one."""


class SweptFamily(Protocol):
    """Instances of one description that a theory sweeps without a file: cells, and one record of them all."""

    command: str
    digest: str
    cells: Sequence[Any]

    def run(self, place: Path, workers: int, progress: Progress) -> Record:
        """The record of all, with the cells in the store at this place. Raises Interrupted on Ctrl-C."""


class Stated:
    """A theory that has no instances: its statements are judged, at a seed and a tier."""

    def __init__(self, named: NamedTheory) -> None:
        self.named = named
        self.jobs: Mapping[str, str] = {CLAIMS: "every statement that is asked is judged"}
        self.rates: Sequence[str] = ()
        self.fields: Sequence[str] = ()

    @cached_property
    def _fingerprint(self) -> str:
        """SHA-256 of the file or the module of the theory; empty for one that ships, whose files are in the digest of the code."""
        place = parted(self.named.name)[0]
        if place in SHIPPED:
            return ""
        path = Path(place)
        if not place.endswith(".py"):
            with suppress(ImportError, ValueError):  # the name of an entry point
                spec = find_spec(place)
                path = Path(spec.origin or "") if spec is not None else path
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    def base(self, instance: str | Mapping[str, Any] | None, folder: Path) -> dict[str, Any]:
        if instance is not None:
            needs = f"a theory that has instances, and {self.named.title} has none"
            raise InputError("sweep.instance", instance, needs, "remove it, or name another theory")
        return {"file": self._fingerprint}

    def inputs(
        self, base: Mapping[str, Any], asked: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        from verify.own.check import admitted

        admitted(asked["tier"], asked["seed"])
        return {**base, **asked}

    def record(self, inputs: Mapping[str, Any], folder: Path) -> Record:
        seed, tier, only = (inputs[name] for name in ("seed", "tier", "only"))
        return self.named.checked(
            only, tier, seed, controls=not self.named.lean or bool(only) or tier != "fast"
        )

    def columns(self, job: str) -> Sequence[Column]:
        return ()

    def figures(self, job: str, record: Record) -> dict[str, Scalar]:
        return {}

    def cost(self, inputs: Mapping[str, Any], folder: Path) -> Cost | None:
        return None
