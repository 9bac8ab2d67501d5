"""Sweeps of the toy theory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verify.sweeps.engine import Engine
from verify.sweeps.here import here
from verify.sweeps.identity import identity
from verify.sweeps.store import Store
from verify.sweeps.sweep import Sweep, read

TOY = Path(__file__).with_name("toy.py")


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """The file of a sweep of the toy theory."""

    def write(vary: dict[str, Any], **settings: Any) -> Path:
        lines = [
            "[sweep]",
            f"theory = {toml(str(TOY))}",
            *(f"{name} = {toml(one)}" for name, one in settings.items()),
        ]
        lines += ["[vary]", *(f"{name} = {toml(one)}" for name, one in vary.items())]
        path = tmp_path / "toy.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


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
