"""Sweeps of the toy theory, run in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verify.sweeps.columns import TIMES_AND_PROVENANCE
from verify.sweeps.engine import Engine
from verify.sweeps.here import here
from verify.sweeps.identity import identity
from verify.sweeps.store import Store
from verify.sweeps.sweep import Sweep, read

TOY = Path(__file__).with_name("toy.py")


def stored(sweep: Sweep, folder: Path) -> Store:
    return Store.begun(folder, sweep.columns(), identity(), sweep.total)


def ran(path: Path, folder: Path, **options: Any) -> Store:
    """The store of a sweep that was run to its end in this process."""
    sweep = read(path)
    store = stored(sweep, folder)
    store.design(sweep.digest[:16], sweep.told())
    with here(1) as executor:
        Engine(store, executor, **options).run(sweep.cells(), sweep.total)
    return store


def comparable(store: Store) -> list[dict[str, Any]]:
    """All rows but for times and provenance."""
    rows = store.table().to_pylist()
    return [{name: value for name, value in row.items() if name not in TIMES_AND_PROVENANCE} for row in rows]
