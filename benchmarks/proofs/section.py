"""The section of docs/performance.md that is written from benchmarks/proofs/record.json."""

from __future__ import annotations

from typing import Any

from benchmarks.shared import END, measured, seconds, table

BEGIN = "<!-- from benchmarks/proofs/record.json, by make bench -->"


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
    rows = []
    for row in record["pairs"]:
        ratio = f"{'≥ ' if row['at least'] else ''}{row['ratio']:,}"
        sides = spread(row["fast"]), spread(row["slow"])
        rows.append((row["name"], row["statement"], row["sizes"], *sides, ratio, f"{row['wanted']:,}"))
    heads = ("benchmark", "statement", "sizes", "here", "element-wise SymPy", "ratio", "wanted")
    sentence = alone["statement"][0].upper() + alone["statement"][1:]
    return "\n".join(
        [
            BEGIN, "", *table(heads, rows), "",
            f"{sentence}, after import: {spread(alone)}; wanted: under {seconds(alone['wanted'])}.", "",
            f"{measured(record)};", "hash seeds 0, 1, 2, … in turn.", "", END,
        ]
    )  # fmt: skip
