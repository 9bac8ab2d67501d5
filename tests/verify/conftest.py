"""What several files of this folder ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_runs import short_searches
from small_sweeps import TINY


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture
def brief() -> Iterator[None]:
    """What is searched for every instance alike is searched briefly."""
    with short_searches():
        yield
