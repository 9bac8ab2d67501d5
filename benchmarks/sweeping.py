"""`python -m benchmarks.sweeping`: cells a minute, what a cell costs beside its own work, and a plan for 10⁶ cells, into docs/scaling.md.

python -m benchmarks.sweeping [--cells NUMBER] [--rows NUMBER]
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks.shared import END, ROOT, circumstances, measured, replace, seconds, table
from verify.commands.console import duration
from verify.sweeps.columns import DONE
from verify.sweeps.engine import Engine
from verify.sweeps.here import here
from verify.sweeps.identity import identity
from verify.sweeps.store import MOST, ROWS_A_FILE, Store
from verify.sweeps.sweep import Sweep, read

PAGE = ROOT / "docs" / "scaling.md"
BEGIN = "<!-- sweeping -->"
CELLS, ROWS, MILLION = 40, 1_000_000, 10**6
LISTED = 100_000  # cells of the design of a million: its values, made at the start, are a small part of this
TASKS = 300  # that pass through a scheduler of Dask
REPEATS = 9
SWEEP = """
[sweep]
job = "bound"
[instance]
kind = "synthetic"
sizes = {{N = 2, K = 4, d = 3, m = 3, H = 24}}
noise = {{tau = 0.5}}
initialisation = {{beta = 3.0}}
training = {{bound_target = 0.1}}
[vary]
seed = {{from = {first}, to = {last}}}
"""


@dataclass(frozen=True)
class Pace:
    """Cells of a sweep on so many workers: seconds of the whole, and those of the cells themselves, added up."""

    workers: int
    cells: int
    whole: float
    within: float

    @property
    def beside(self) -> float:
        """Seconds that a worker spends on a cell beside the cell itself."""
        return (self.workers * self.whole - self.within) / self.cells


def pace(folder: Path, workers: int, cells: int) -> Pace:
    """Measured once the processes have run a cell each."""
    with here(workers, threads=1, isolated=True) as executor:
        warm, sweep = _sweep(folder, 1000, workers), _sweep(folder, 0, cells)
        Engine(_store(warm, folder / f"warm-{workers}"), executor).run(warm.cells(), warm.total)
        store, clock = _store(sweep, folder / f"store-{workers}"), perf_counter()
        Engine(store, executor).run(sweep.cells(), sweep.total)
        whole = perf_counter() - clock
    return Pace(workers, cells, whole, sum(store.table().column("seconds").to_pylist()))


def _sweep(folder: Path, first: int, cells: int) -> Sweep:
    path = folder / "sweep.toml"
    path.write_text(SWEEP.format(first=first, last=first + cells - 1), encoding="utf-8")
    return read(path)


def _store(sweep: Sweep, place: Path) -> Store:
    return Store.begun(place, sweep.columns(), identity(), sweep.total)


def filled(place: Path, like: Store, rows: int) -> Store:
    """A store with so many rows, each as the first one of another store but for its digest."""
    import pyarrow as pa

    first = like.table().slice(0, 1)
    store = Store.begun(place, like.columns, identity(), rows)
    digests = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(rows)]
    by_file: list[list[str]] = [[] for _ in range(store.files)]
    for digest in digests:
        by_file[store._file(digest)].append(digest)
    for file, mine in enumerate(by_file):
        made = first.take([0] * len(mine))
        store._replace(file, made.set_column(0, made.schema.field(0), pa.array(mine, pa.string())))
    return store


def once(work: Callable[[], Any]) -> float:
    """Its seconds of CPU: other programs on the machine count for less in them than in seconds on the clock."""
    clock = process_time()
    work()
    return process_time() - clock


def often(work: Callable[[int], Any]) -> float:
    """The median of its seconds of CPU."""
    return median(once(partial(work, n)) for n in range(REPEATS))


def scheduled() -> float:
    """Seconds of a task that does nothing, through a scheduler of Dask with one worker in another process."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        client.gather(client.map(abs, range(10), pure=False))
        clock = perf_counter()
        client.gather(client.map(abs, range(TASKS), pure=False))
        return (perf_counter() - clock) / TASKS


def lines(cells: int, rows: int) -> list[str]:
    """The section of the page."""
    at = circumstances(("icl-verify", "pyarrow", "joblib", "distributed"))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        paces = [pace(folder, workers, cells) for workers in (1, 2)]
        like = Store(folder / "store-1")
        record = like.record_path(next(iter(like.statuses()))).stat().st_size
        one = {**like.table().slice(0, 1).to_pylist()[0]}
        large = filled(folder / "large", like, rows)
        written = often(lambda n: large.publish({**one, "digest": f"{n:064x}", "status": DONE}))
        found = len(large.statuses())
        scan = once(large.statuses) / found
        opened = once(partial(_store, _sweep(folder, 0, rows), folder / "large")) / large.files
        size = sum(path.stat().st_size for path in large.paths()) / found
        sweep = _sweep(folder, 0, MILLION)
        listed = once(lambda: [cell.digest for cell in islice(sweep.cells(), LISTED)]) / LISTED
    task = scheduled()
    return [*_measured(at, paces, written, opened, scan, size, record, listed, task, found, large.files),
            *_planned(paces[0].beside, written, opened, scan, size, record, listed, task)]  # fmt: skip


def _measured(
    at: dict[str, Any], paces: Sequence[Pace], written: float, opened: float, scan: float, size: float, record: int, listed: float,
    task: float, rows: int, files: int,
) -> list[str]:  # fmt: skip
    one, two = paces
    faster = one.whole / two.whole
    return [
        (
            f"{measured(at)}. {one.cells} cells, each an instance with N = 2, K = 4, H = 24 held to the bound of Theorem 1, after each "
            "process had run one."
        ),
        "",
        *table(
            ["workers", "cells a minute", "seconds a cell, in the cell", "beside the cell"],
            [
                [p.workers, f"{60 * p.cells / p.whole:.3g}", seconds(p.within / p.cells), seconds(p.beside)]
                for p in paces
            ],
        ),
        "",
        f"Two workers are {faster:.2f} times as fast as one.",
        "",
        *table(
            ["constant", "measured"],
            [
                ["a row put into a file of the data set, under its lock (CPU)", seconds(written)],
                ["a file of the data set looked at when a sweep begins (CPU)", seconds(opened)],
                [
                    f"the status of a cell read at the start, of {rows:,} rows in {files:,} files (CPU)",
                    seconds(scan),
                ],
                [f"a cell of the design listed, with its digest, of {LISTED:,} (CPU)", seconds(listed)],
                ["a task that does nothing, through a Dask scheduler", seconds(task)],
                ["bytes of a row", f"{size:.0f}"],
                ["bytes of a record", f"{record:,}"],
            ],
        ),
        "",
    ]


def _planned(
    beside: float,
    written: float,
    opened: float,
    scan: float,
    size: float,
    record: int,
    listed: float,
    task: float,
) -> list[str]:
    """What 10⁶ cells would take, from these constants."""
    rows = []
    for workers, each in ((2, 1.0), (100, 1.0), (100, 60.0), (1000, 60.0)):
        client = listed + task  # the client lists cells and hands them over one by one
        pace = min(workers / (each + beside), 1 / client)
        limit = "the client" if pace == 1 / client else "the workers"
        shares = f"{pace * task:.1%}", f"{pace * written / MOST:.2e}"
        rows.append([workers, f"{each:g} s", f"{pace:.3g}", duration(MILLION / pace), limit, *shares])
    read = MOST * opened + MILLION * scan
    said = (
        (
            f"- Store: {MOST:,} files with {MILLION / MOST:.0f} rows each (a new store has one for {ROWS_A_FILE} cells, up to {MOST:,}), "
            f"{MILLION * size / 1e6:,.0f} MB of rows, {MILLION * record / 1e9:.1f} GB of records in 256 folders."
        ),
        (
            f"- Restart: {duration(read + MILLION * listed)} until the first new cell is handed out where all others are done, for the "
            f"store ({duration(read)}) and for the design ({duration(MILLION * listed)}); at most one cell a worker is run again."
        ),
    )
    return [
        "A plan for 10⁶ cells, computed from these constants:",
        "",
        *table(
            ["workers", "a cell", "cells a second", "the whole", "limited by", "scheduler busy", "a file of the data set locked"], rows
        ),
        "",
        *said,
        "- Scheduler: it holds two tasks a worker at a time, whatever the number of cells.",
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweeping")
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--rows", type=int, default=ROWS)
    asked = parser.parse_args()
    replace(PAGE, BEGIN, "\n".join([BEGIN, "", *lines(asked.cells, asked.rows), "", END]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
