"""Sweeps of the toy theory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_cells import TOY


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
