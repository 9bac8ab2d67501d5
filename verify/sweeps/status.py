"""How far the sweeps of a store are, and what a sweep would take: in lines for the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from numeric.memory import in_words
from verify.commands.console import duration
from verify.sweeps.columns import DONE, ERROR, TIME_LIMIT
from verify.sweeps.store import Store
from verify.sweeps.sweep import Sweep, again

LATEST = 50  # cells whose pace says how long the rest takes
SAMPLED = 50  # cells of a large design whose cost is predicted


def plan(sweep: Sweep, store: Path, workers: int) -> Iterator[str]:
    """What a sweep would take: cells, time and memory."""
    known = Store(store).statuses() if (store / "store.json").exists() else {}
    ended, cells, apart = Counter[str](), [], max(1, sweep.total // SAMPLED)
    for n, cell in enumerate(sweep.cells()):
        ended[known.get(cell.digest, "left")] += 1
        if n % apart == 0:
            cells.append(cell)
    total, left = ended.total(), ended["left"]
    yield f"cells: {total}, of which {total - left} are in the store {store} and {left} are left"
    pace = _pace(store) if known else None
    costs = [cell.subject().cost(cell.inputs, Path(cell.folder)) for cell in cells]
    found = [cost for cost in costs if cost is not None]
    if found:
        each = max(cost.memory for cost in found)
        yield f"memory: at most about {in_words(each)} a cell, {in_words(each * workers)} for {workers} at a time"
    if pace is not None:
        yield f"time: {pace:.3g} s a cell, measured in the store; about {duration(left * pace / workers)} for {workers} at a time"
    elif found:
        each = sum(cost.seconds for cost in found) / len(found)
        yield f"time: at most about {duration(each)} a cell, predicted; {duration(left * each / workers)} for {workers} at a time"
    else:
        yield "time: nothing can be said before the first cell; the sweep says how long is left once that is done"
    if sweep.time_limit is not None:
        yield f"time limit: {sweep.time_limit:g} s a cell, so {duration(left * sweep.time_limit / workers)} at most"


def status(store: Store) -> Iterator[str]:
    """How far the sweeps of a store are."""
    known = store.statuses()
    counts = Counter(known.values())
    yield f"cells: {counts[DONE]} done, {counts[ERROR]} with an error, {counts[TIME_LIMIT]} at the time limit"
    yield f"under way: {len(under_way(store))}"
    for told in store.designs():
        left = sum(digest not in known for digest in _digests(told))
        rate = _rate(store) if left else None
        said = f", about {duration(left / rate)} at the pace of the last cells" if rate else ""
        yield f"sweep {told['name']}: {left} left{said}"
    reasons = Counter(error for error in store.table("error").column("error").to_pylist() if error)
    for reason, count in reasons.most_common(5):
        yield f"{count} of them: {reason}"


def ended(store: Store, digests: set[str]) -> tuple[dict[str, int], int, str]:
    """How many of these cells ended how, how many records have a verdict that differs, and the first error."""
    rows = store.table("status", "error", "exit_code").to_pylist()
    mine = [row for row in rows if row["digest"] in digests]
    first = next((row["error"] for row in mine if row["error"]), "")
    return dict(Counter(row["status"] for row in mine)), sum(row["exit_code"] == 1 for row in mine), first


def under_way(store: Store) -> list[str]:
    """The digests of the cells that a process runs now."""
    from filelock import FileLock, Timeout

    found = []
    for path in (store.folder / "work").glob("*.note"):
        lock = FileLock(path.with_suffix(".lock"))
        try:
            with lock.acquire(blocking=False):
                pass
        except Timeout:
            found.append(path.stem)
        except OSError:
            continue
    return found


def _digests(told: Mapping[str, Any]) -> Iterator[str]:
    yield from told["digests"] if "digests" in told else (cell.digest for cell in again(told).cells())


def _finished(store: Store) -> list[tuple[float, float]]:
    """When each cell was done, and its seconds, in the order of the first."""
    rows = store.table("status", "started", "seconds").to_pylist()
    found = []
    for row in rows:
        if row["status"] == DONE:
            with suppress(ValueError, TypeError):
                found.append(
                    (datetime.fromisoformat(row["started"]).timestamp() + row["seconds"], row["seconds"])
                )
    return sorted(found)


def _pace(place: Path) -> float | None:
    """Mean seconds of a cell; None where none is done."""
    found = _finished(Store(place))
    return sum(seconds for _, seconds in found) / len(found) if found else None


def _rate(store: Store) -> float | None:
    """Cells a second, of the last ones; None where too few are done."""
    latest = [at for at, _ in _finished(store)][-LATEST:]
    return (
        (len(latest) - 1) / (latest[-1] - latest[0]) if len(latest) > 1 and latest[-1] > latest[0] else None
    )
