"""What a theory of one's own is named by: FILE, MODULE, FILE:NAME or MODULE:NAME."""

from __future__ import annotations

import re


def parted(source: str) -> tuple[str, str]:
    """The file or module, and the name in it, empty where none is given."""
    found = re.fullmatch(r"(.*?)(?::([A-Za-z_]\w*))?", source, re.DOTALL)
    assert found is not None
    return found[1], found[2] or ""
