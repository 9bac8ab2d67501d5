"""The section of docs/performance.md that is written from benchmarks/record.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN = "<!-- from benchmarks/record.json, by make bench -->"
END = "<!-- end -->"


def seconds(value: float) -> str:
    """Three digits, in s or ms."""
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


def spread(side: dict[str, Any]) -> str:
    if side["ended at the limit"]:
        return f"ended after {seconds(side['limit'])}"
    count = len(side["runs"])
    return (
        f"{seconds(side['median'])} ({seconds(side['least'])} to {seconds(side['most'])}; {count} processes)"
    )


def section(record: dict[str, Any]) -> str:
    """Tables and the circumstances, between BEGIN and END."""
    alone = record["alone"]
    lines = [
        BEGIN,
        "",
        "| benchmark | statement | sizes | here | element-wise SymPy | ratio | wanted |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in record["pairs"]:
        ratio = f"{'≥ ' if row['at least'] else ''}{row['ratio']:,}"
        lines.append(
            f"| {row['name']} | {row['statement']} | {row['sizes']} | {spread(row['fast'])} | {spread(row['slow'])} "
            f"| {ratio} | {row['wanted']:,} |"
        )
    packages = ", ".join(f"{name} {version}" for name, version in record["packages"].items())
    sentence = alone["statement"][0].upper() + alone["statement"][1:]
    where = f"{record['platform']}, {record['cores']} cores, load {record['load at the start']} at the start"
    commit = (record["commit"] or "unknown")[:12]
    lines += [
        "",
        f"{sentence}, after import: {spread(alone)}; wanted: under {seconds(alone['wanted'])}.",
        "",
        f"Measured {record['date'][:10]} on {where}; Python {record['python']}, {packages}; commit {commit};",
        "hash seeds 0, 1, 2, … in turn.",
        "",
        END,
    ]
    return "\n".join(lines)


def update(page: Path, record: dict[str, Any]) -> None:
    """Put the section in the place of the one that stands there."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    page.write_text(before + section(record) + rest.split(END)[1], encoding="utf-8")
