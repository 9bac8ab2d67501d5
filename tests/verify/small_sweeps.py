"""The file of an instance that runs in a moment, and sweeps of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import verify
from verify.record import Record

COUNT = 4
TARGET = 0.1
TINY = """
kind = "synthetic"
[sizes]
N = 2
K = 4
d = 3
m = 3
H = 24
[noise]
tau = 0.5
[initialisation]
beta = 3.0
"""


def sweep(path: Path, **changes: Any) -> Record:
    settings: dict[str, Any] = {"instances": COUNT, "seed": 1, "target": TARGET, "device": "cpu"}
    return verify.sweep(path, **(settings | changes))


def table(record: Record) -> list[dict[str, Any]]:
    """All instances, as dictionaries."""
    (study,) = record.studies
    (found,) = [one for one in study.tables if one.caption == "All instances"]
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]
