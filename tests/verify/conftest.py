"""What several files of this folder ask for."""

from pathlib import Path

import pytest
from small_sweeps import TINY


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path
