"""A cell of a sweep: what decides its record, its digest, and the row that it becomes."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from verify.own.source import parted
from verify.sweeps.columns import DONE, claim_column, field_column
from verify.sweeps.subject import Subject

if TYPE_CHECKING:
    from verify.record import Record
    from verify.theories.named import NamedTheory


class Named(NamedTuple):
    """A theory by its name, and what a sweep can vary and do in it."""

    named: NamedTheory
    subject: Subject


def swept(theory: str) -> Named:
    """The theory of this name, read once as long as its file stays as it is. Raises InputError where it cannot be found."""
    place = Path(parted(theory)[0])
    return _swept(theory, place.stat().st_mtime_ns if place.is_file() else 0)


@lru_cache(maxsize=8)
def _swept(theory: str, changed: int) -> Named:
    from verify.theories.named import find

    named = find(theory)
    return Named(named, named.subject())


@dataclass(frozen=True)
class Cell:
    """One cell.

    theory  the name by which --theory finds the theory, and `title` what it is called
    inputs  all that decides the record; the digest is over them and the title
    fields  the fields of the instance that the design set
    folder  where files that an instance names are
    """

    theory: str
    title: str
    inputs: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    folder: str = "."

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all inputs."""
        content = json.dumps([self.title, dict(self.inputs)], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def subject(self) -> Subject:
        """What the cell is a cell of. Raises InputError where the theory cannot be found."""
        return swept(self.theory).subject

    def record(self) -> Record:
        """The record of the cell, computed now. Raises InputError."""
        return self.subject().record(self.inputs, Path(self.folder))

    def row(self) -> dict[str, Any]:
        """What is known of the cell before it is run, by column."""
        asked = self.inputs
        known = self.subject().fields
        return {
            "digest": self.digest, "theory": self.title, "job": asked["job"], "seed": asked["seed"], "tier": asked["tier"],
            "only": " ".join(asked["only"]), "rates": asked.get("rates"), "host": socket.gethostname(),
            **{field_column(name, known): value for name, value in self.fields.items()},
        }  # fmt: skip

    def said(self, record: Record) -> dict[str, Any]:
        """What its record says, by column."""
        found: dict[str, Any] = {
            "status": DONE, "error": "", "exit_code": record.exit_code, "headline": record.headline,
        }  # fmt: skip
        for claim in record.claims:
            for what in ("verdict", "here", "strength", "margin"):
                found[claim_column(what, claim.id, claim.form)] = getattr(claim, what)
        return found | self.subject().figures(self.inputs["job"], record)
