"""The section of docs/performance.md that is written from benchmarks/finding/record.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.shared import END, measured, seconds, table

BEGIN = "<!-- from benchmarks/finding/record.json, by make bench -->"
TITLES = {
    "identities": "identities of the first paper that do not close by the normal form",
    "inequalities": "inequalities that the first paper proves",
    "with the pool": "the same, with those that are proved before as lemmas",
    "certificates": "certificates of the first paper, from the facts that they use",
    "classical": "classical lemmas over letters of one's own",
    "false": "false neighbours of these, by the finder alone",
    "false, looked at": "the same, by the fast tier, which looks for a counterexample between its rounds",
}


def rows(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The set, and its parts."""
    spent, title = found["seconds"], TITLES[found["set"]]
    yield title, f"{found['found']} / {found['of']}", seconds(spent["median"]), seconds(spent["most"])
    for part, (some, every) in found["apart"].items():
        yield f"… {part}", f"{some} / {every}", "", ""


def lines(found: dict[str, Any]) -> list[str]:
    """The numbers of one set, to be printed, and the names of what is not found."""
    said = [f"{title}: {some} {median} {most}".rstrip() for title, some, median, most in rows(found)]
    said += [f"not found: {name}" for name in found.get("not found", ())]
    said += [f"ended at {found['limit']:g} s: {name}" for name in found["ended at the limit"]]
    said += [f"failed: {name}" for name in found["failed"]]
    said += [f"refused by a checker: {name}" for name in found["refused by a checker"]]
    return said + [f"PROVED THOUGH FALSE: {name}" for name in found.get("proved", ())]


def section(record: dict[str, Any]) -> str:
    """A table, the names of the classical lemmas that are not found, and the circumstances, between BEGIN and END."""
    sets = record["sets"]
    limits = "; ".join(f"{name} {found['limit']:g} s" for name, found in sets.items())
    heads = ("statements", "found", "median", "longest")
    missing = "; ".join(sets["classical"]["not found"]) if "classical" in sets else ""
    when: dict[str, list[str]] = {}
    for name, found in sets.items():
        when.setdefault(measured(found["at"]), []).append(name)
    return "\n".join(
        [
            BEGIN, "", *table(heads, [row for found in sets.values() for row in rows(found)]), "",
            f"Seconds of processor time of the searches that found a proof; of the false neighbours, of all. Limits: {limits}.",
            "",
            f"Classical lemmas that are not found: {missing}.", "",
            *(f"{sentence} ({', '.join(names)})." for sentence, names in when.items()), "", END,
        ]
    )  # fmt: skip
