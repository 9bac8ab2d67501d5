"""What all themes share: circumstances, medians with their range, numbers as text, and the page."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from verify.pipeline.provenance import commit, now, version

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
END = "<!-- end -->"
WRITTEN = (
    "benchmarks/*/record.json",
    "docs/performance.md",
    "docs/probe.md",
    "docs/probes/*",
    "docs/scaling.md",
)  # by a benchmark, part by part: no change of what is measured


def circumstances(packages: Sequence[str]) -> dict[str, Any]:
    """When, where and on what."""
    commit.cache_clear()  # hours may lie between two parts of one process
    return {
        "date": now(), "commit": commit(WRITTEN), "python": platform.python_version(),
        "packages": {package: version(package) for package in packages},
        "platform": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count(),
        "load at the start": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def seconds(value: float) -> str:
    """Three digits, in s, ms or µs."""
    if value >= 1:
        return f"{value:.3g} s"
    return f"{1e3 * value:.3g} ms" if value >= 1e-3 else f"{1e6 * value:.3g} µs"


def measured(at: dict[str, Any]) -> str:
    """The circumstances in one sentence."""
    packages = ", ".join(f"{name} {version}" for name, version in at["packages"].items())
    where = f"{at['platform']}, {at['cores']} cores, load {at['load at the start']} at the start"
    shown = at["commit"] or "unknown"
    state = " with changes" if shown.endswith("+") else ""
    return f"Measured {at['date'][:10]} on {where}; Python {at['python']}, {packages}; commit {shown[:12]}{state}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table in Markdown."""
    cells = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(map(str, row)) + " |" for row in cells]


def write(record: Path, content: dict[str, Any]) -> None:
    """Whole or not at all."""
    draft = record.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(record)


def replace(page: Path, begin: str, section: str) -> None:
    """Put the section, from `begin` to END, in the place of the one that stands there."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    page.write_text(before + section + rest.split(END, 1)[1], encoding="utf-8")
