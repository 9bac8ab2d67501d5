"""What a record says, apart from the numbers that it measured: what has to be the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ELSEWHERE = {"provenance", "digest"}  # of a row: it covers the last digits too


def said(record: dict[str, Any]) -> dict[str, Any]:
    """Place -> every text, truth value and gap of a record as JSON; how many parts a list has; and its exit code.

    Numbers are left out, and so are the cells of a table that says of itself that it depends on the machine.
    """
    found = dict(_walk({key: part for key, part in record.items() if key not in ELSEWHERE}, ""))
    found["exit_code"] = record["exit_code"]
    return found


def _walk(part: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        if part.get("machine_dependent"):
            part = part | {"rows": []}
        for key, inner in part.items():
            if key != "digest" or place == "instance":
                yield from _walk(inner, f"{place}.{key}" if place else key)
    elif isinstance(part, list):
        yield f"{place}, parts", len(part)
        for number, inner in enumerate(part):
            name = inner.get("id") or inner.get("check") if isinstance(inner, dict) else None
            yield from _walk(inner, f"{place}[{number}{f' {name}' if name else ''}]")
    elif part is None or isinstance(part, bool | str):
        yield place, part


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """One line for each place at which two records say different things."""
    first, second = said(one), said(other)
    nothing = "nothing"
    return [
        f"{place}: {first.get(place, nothing)!r} and {second.get(place, nothing)!r}"
        for place in dict.fromkeys((*first, *second))
        if first.get(place, nothing) != second.get(place, nothing)
    ]
