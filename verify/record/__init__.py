"""Record: the JSON file that everything else reads. Pydantic only, so that it loads anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from verify.migrate import migrated
from verify.record.panels import (
    Answer,
    Bars,
    Chart,
    Columns,
    Comparison,
    DerivationStep,
    Enclosure,
    Pairs,
    Panel,
    Scatter,
    Series,
    Study,
    Table,
    Training,
)
from verify.record.provenance import InstanceSummary, Machine, Provenance, Settings
from verify.record.rows import AssumptionRecord, ClaimRecord, Evidence, Improvement, Need, Rest, Witness
from verify.record.values import Cell, Equation, Margin, Model, Scalar

SCHEMA_VERSION: Literal["3.0"] = "3.0"

__all__ = [
    "SCHEMA_VERSION", "Answer", "AssumptionRecord", "Bars", "Cell", "Chart", "ClaimRecord", "Columns",
    "Comparison", "DerivationStep", "Enclosure", "Equation", "Evidence", "Improvement", "InstanceSummary",
    "Machine", "Margin", "Model", "Need", "Pairs", "Panel", "Provenance", "Record", "Rest", "Scalar", "Scatter",
    "Series", "Settings", "Study", "Table", "Training", "Witness", "json_schema",
]  # fmt: skip


class Record(Model):
    """All evidence of one run, with provenance."""

    schema_version: Literal["3.0"] = SCHEMA_VERSION
    status: Literal["complete", "partial"]
    status_reason: str = ""
    exit_code: int
    headline: str
    answers: Annotated[
        list[Answer],
        Field(description="to what a reader asks first: is it true, how tight is it, does a model do that"),
    ] = []
    theory: Annotated[str, Field(description="the paper whose statements were judged")] = ""
    warnings: list[str] = []
    settings: Settings
    instance: Annotated[
        InstanceSummary | None, Field(description="absent where statements were checked without one")
    ] = None
    assumptions: list[AssumptionRecord]
    constants: list[Enclosure] = []
    claims: list[ClaimRecord]
    derivation: list[DerivationStep] = []
    training: Training | None = None
    panels: list[Panel] = []
    studies: list[Study] = []
    labels: Annotated[
        dict[str, str], Field(description="what figures and curves are called whose names are short words")
    ] = {}
    provenance: Provenance

    @model_validator(mode="before")
    @classmethod
    def _in_the_words_of_today(cls, data: Any) -> Any:
        return migrated(data)

    def show(self) -> None:
        """Prints the verdicts as the command line does."""
        from verify.commands.console import show

        show(self)

    def save(self, path: str | Path) -> None:
        Path(path).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path, argument: str = "path") -> Record:
        """A saved record. Raises InputError, about the argument that named it, on anything else."""
        try:
            return cls.model_validate_json(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            from numeric.errors import InputError  # a leaf, and only now: a good record needs nothing of ours

            remedy = "give a record.json written by icl-verify run"
            raise InputError(argument, path, _unreadable(error), remedy) from error


def _unreadable(error: OSError | ValueError) -> str:
    """What a file would have to be that was not read."""
    if isinstance(error, OSError):
        return f"a file that can be read ({error.strerror})"
    if not isinstance(error, ValidationError):
        return f"UTF-8 text ({error})"
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"a record of schema {SCHEMA_VERSION} ({f'{place}: ' if place else ''}{first['msg']})"


def json_schema() -> str:
    """The versioned JSON Schema of a record, as committed in verify/record.schema.json."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:icl-verify:record:{SCHEMA_VERSION}",
    }
    return json.dumps(head | Record.model_json_schema(), indent=1, sort_keys=True) + "\n"
