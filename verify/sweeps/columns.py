"""The columns of a store: those that every store has, those of the claims that are asked, and those that a theory brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "whole", "number"]


@dataclass(frozen=True)
class Column:
    """A column: what its values are, what they mean, and in which unit."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""


DONE, ERROR, TIME_LIMIT = "done", "error", "time limit"
COMMON = (
    Column("digest", "text", "SHA-256 over all inputs of the cell: the key of the row, and the name of its record"),
    Column("status", "text", f"{DONE}, {ERROR} or {TIME_LIMIT}"),
    Column("error", "text", "why there is no record; empty where there is one"),
    Column("theory", "text", "the theory that was swept"),
    Column("job", "text", "what was done in the cell"),
    Column("seed", "whole", "the seed of the cell"),
    Column("tier", "text", "fast, or full for larger budgets"),
    Column("only", "text", "the ids of the claims that were asked, separated by spaces; empty for all"),
    Column("exit_code", "whole", "0 where every verdict is as expected, 1 where one differs"),
    Column("headline", "text", "the record in a sentence"),
    Column("seconds", "number", "wall time of the cell", "s"),
    Column("started", "text", "when the cell was begun, in UTC"),
    Column("threads", "whole", "threads that the cell was given"),
    Column("host", "text", "the machine that ran the cell"),
    Column("version", "text", "the version of icl-verify"),
    Column("code", "text", "SHA-256 over the source files that decide what a record says"),
    Column("python", "text", "the version of Python"),
    Column("packages", "text", "the versions of the packages that decide, as name=version"),
)  # fmt: skip
TIMES_AND_PROVENANCE = frozenset(("seconds", "started", "threads", "host", "version", "code", "python", "packages"))  # fmt: skip
SAID = {
    "verdict": ("text", "verdict of {claim}"),
    "here": ("text", "whether {claim} holds at the instance"),
    "strength": ("text", "how well the verdict of {claim} is known"),
    "margin": ("number", "smallest margin of {claim} at the instance"),
}  # fmt: skip


def of_claims(keys: Iterable[tuple[str, str]]) -> list[Column]:
    """The columns of claims, each given by its id and form."""
    found = []
    for id, form in keys:
        for what, (kind, meaning) in SAID.items():
            name = claim_column(what, id, form)
            found.append(Column(name, kind, meaning.format(claim=f"{id}, {form}")))  # type: ignore[arg-type]
    return found


def claim_column(what: str, id: str, form: str) -> str:
    """The name of a column about a claim: letters, digits and underscores, as SQL reads them without quotes."""
    return "_".join((what, re.sub(r"\W+", "_", id).strip("_"), form))


def field_column(field: str, known: Iterable[str]) -> str:
    """The name of the column of a dotted field: its last part, or the whole of it where another field ends alike."""
    last = field.rpartition(".")[2]
    alike = [one for one in known if one.rpartition(".")[2] == last]
    return last if len(alike) < 2 else field.replace(".", "_")


def joined(*groups: Iterable[Column]) -> list[Column]:
    """The columns of all groups, each name once, in order."""
    found: dict[str, Column] = {}
    for group in groups:
        for one in group:
            found.setdefault(one.name, one)
    return list(found.values())


def schema(columns: Sequence[Column]) -> pa.Schema:
    """The schema of the data set; a field carries the meaning and the unit of its column."""
    import pyarrow as pa

    kinds = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64()}
    return pa.schema(
        pa.field(one.name, kinds[one.kind], metadata={"meaning": one.meaning, "unit": one.unit})
        for one in columns
    )


def fitted(row: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """The row with a value for each column, in the kind of the column; None where it has none."""
    makers: dict[Kind, Any] = {"text": str, "whole": int, "number": float}
    values = ((one, row.get(one.name)) for one in columns)
    return {one.name: None if value is None else makers[one.kind](value) for one, value in values}
