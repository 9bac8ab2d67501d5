"""`python -m benchmarks.finding`: proofs are sought for every statement of the frozen sets, into record.json beside this and
docs/performance.md. With the name of a set it is measured alone and printed; --record puts it into the record. With --only,
proofs are sought for the statements of a set whose names have one of the texts, and nothing is written. --freeze writes the names
of all sets anew.

python -m benchmarks.finding [SET [--only TEXT ...]] [--limit SECONDS] [--record] [--freeze]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from time import process_time
from typing import Any

from benchmarks.finding import classical
from benchmarks.finding.neighbours import chosen, looked_at, neighbours
from benchmarks.finding.process import measured
from benchmarks.finding.section import BEGIN, lines, section
from benchmarks.finding.sets import SETS, lemma, pooled
from benchmarks.finding.sought import Sought
from benchmarks.shared import PAGE, ROOT, circumstances, replace, spread, write
from symbolic.find import inequality

FOLDER = ROOT / "benchmarks" / "finding"
NAMES, RECORD = FOLDER / "names.json", FOLDER / "record.json"
PACKAGES = ("icl-verify", "sympy", "python-flint", "numpy", "scipy")
FALSE, LOOKED, POOL = "false", "false, looked at", "with the pool"
# Loaded before the first statement, as in a check of several.
SOLVERS = ("clarabel", "scipy.optimize", "scipy.sparse")
# Seconds of processor time for one statement.
LIMITS = {
    "identities": 10.0,
    "inequalities": 60.0,
    POOL: 60.0,
    "certificates": 60.0,
    "classical": 10.0,
    FALSE: 10.0,
    LOOKED: 60.0,
}
# False neighbours: how many of a statement, and of which statements, every one or every third.
NEIGHBOURS = {"identities": (1, 1), "inequalities": (1, 1), "certificates": (1, 3), "classical": (2, 1)}


def frozen(name: str) -> list[Sought]:
    """The statements of a set, by the committed names. Raises KeyError for a name that no statement has any more."""
    names = json.loads(NAMES.read_text(encoding="utf-8"))
    if name == POOL:
        return [sought for sought in pooled() if sought.name in names["inequalities"]]
    if name not in (FALSE, LOOKED):
        every = {sought.name: sought for sought in SETS[name]()}
        return [every[one] for one in names[name]]
    return [
        one
        for part in SETS
        for true in SETS[part]()
        if true.name in names[FALSE][part]
        for one in neighbours(true, names[FALSE][part][true.name])
    ] + [lemma(one, "<=", *classical.FALSE[one], classical.letters) for one in names[FALSE]["by hand"]]


def freeze() -> None:
    """Writes the names of all statements, and of their false neighbours."""
    names: dict[str, Any] = {name: [sought.name for sought in make()] for name, make in SETS.items()}
    names[FALSE] = {name: {} for name in SETS}
    for name, make in SETS.items():
        most, step = NEIGHBOURS[name]
        for true in list(make())[::step]:
            if some := [one.name.removeprefix(f"{true.name} | ") for one in chosen(true, most)]:
                names[FALSE][name][true.name] = some
    names[FALSE]["by hand"] = list(classical.FALSE)
    write(NAMES, names)


def search(sought: Sought, looked: bool = False) -> Iterator[dict[str, Any]]:
    """Seconds of a search, and whether both checkers accept what it finds; `looked` of the fast tier with looks for a counterexample."""
    begun = process_time()
    found = sought.found(inequality.BUDGETS["fast"], looked_at(sought)) if looked else sought.found()
    yield {"seconds": round(process_time() - begun, 4), "found": False}
    if found is not None:
        yield {"found": (accepted := sought.accepted(found)), "refused": not accepted}


def run(name: str, limit: float, only: Sequence[str] = ("",)) -> list[dict[str, Any]]:
    """What is found of each statement of a set whose name has one of these texts."""
    for solver in SOLVERS:
        import_module(solver)
    rows = []
    for sought in frozen(name):
        if not any(text in sought.name for text in only):
            continue
        row = {"name": sought.name, "apart": sought.apart, "relation": sought.relation}
        row |= measured(partial(search, sought, name == LOOKED), limit)
        rows.append(row)
        word = next((one for one in ("found", "ended", "failed") if row.get(one)), "not found")
        print(f"{row.get('seconds', limit):8.3f} s  {word:9}  {sought.name}", file=sys.stderr, flush=True)
    return rows


def summary(name: str, limit: float) -> dict[str, Any]:
    """The numbers of a set; of the false statements those that are proved are the mistakes."""
    rows = run(name, limit)
    found = [row for row in rows if row.get("found")]
    shown = {
        "set": name, "limit": limit, "of": len(rows), "found": len(found),
        "apart": {
            part: [sum(row["apart"] == part for row in some) for some in (found, rows)]
            for part in sorted({row["apart"] for row in rows} - {""})
        },
        "ended at the limit": [row["name"] for row in rows if row["ended"]],
        "failed": [row["name"] for row in rows if row["failed"]],
        "refused by a checker": [row["name"] for row in rows if row.get("refused") and row["relation"] != "="],
    }  # fmt: skip
    seconds = [row.get("seconds", limit) for row in (rows if name in (FALSE, LOOKED) else found)]
    if name in (FALSE, LOOKED):
        return shown | {"seconds": spread(seconds), "proved": [row["name"] for row in found]}
    missing = [row["name"] for row in rows if not row.get("found")]
    return shown | {"seconds": spread(seconds), "not found": missing}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", nargs="?", choices=LIMITS, help="measured alone")
    parser.add_argument("--limit", type=float, help="seconds of processor time for one statement")
    parser.add_argument(
        "--record", action="store_true", help="put a set that is measured alone into the record"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="TEXT", help="statements of the set whose names have this"
    )
    parser.add_argument("--freeze", action="store_true", help="write the names of the sets anew")
    given = parser.parse_args()
    if given.freeze:
        freeze()
        return 0
    limits = LIMITS if given.limit is None else dict.fromkeys(LIMITS, given.limit)
    if given.only:
        if not given.set or given.record:
            parser.error("--only needs a set, and records nothing")
        run(given.set, limits[given.set], given.only)
        return 0
    measured_now = {}
    for name in [given.set] if given.set else LIMITS:
        at = circumstances(PACKAGES)
        measured_now[name] = {**summary(name, limits[name]), "at": at}
        print(*lines(measured_now[name]), sep="\n", flush=True)
    if given.record or not given.set:
        record: dict[str, Any] = {"schema": 1, "sets": {}}
        record |= json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
        sets = record["sets"] | measured_now
        record["sets"] = {name: sets[name] for name in LIMITS if name in sets}
        write(RECORD, record)
        replace(PAGE, BEGIN, section(record))
        print(f"record: {RECORD}\npage: {PAGE}")
    return int(any(found.get("proved") for found in measured_now.values()))


if __name__ == "__main__":
    sys.exit(main())
