"""Reports: a saved record as one self-contained page.

Imports verify.record, jinja2 and matplotlib; recomputes nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from reports.page import context, environment
from verify.record import Record

__all__ = ["html", "render"]


def html(record: Record) -> str:
    """The page as text. The same record gives the same bytes."""
    return environment().get_template("page.html").render(context(record))


def render(record: Record, out_dir: Path) -> Path:
    """Write index.html into out_dir, which is made where missing, and return its path.

    The page appears whole or not at all: it is written beside its place and then renamed.
    Raises OSError where out_dir cannot be written.
    """
    text = html(record)
    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / "index.html"
    draft = out_dir / f".index.html.{os.getpid()}"
    try:
        draft.write_bytes(text.encode("utf-8", "backslashreplace"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
