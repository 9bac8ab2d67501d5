"""One cell in one process: it is claimed, run, and put into the store. The same code runs here and on a cluster.

A cell that is under way is claimed by a lock, which the operating system frees where the process is killed. Beside the lock lies
a note of the sweep that began the cell, and a trace, which a clock that needs no Python writes at the time limit before it ends
the process. Whoever claims the cell next reads from both how the last process ended.
"""

from __future__ import annotations

import faulthandler
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TextIO

from numeric.errors import InputError
from verify.pipeline.provenance import now
from verify.sweeps.cell import Cell
from verify.sweeps.columns import DONE, ERROR, TIME_LIMIT
from verify.sweeps.identity import identity
from verify.sweeps.store import Store

DEATHS = 3  # processes of one sweep that a cell may end before it is given up
ONE_AT_A_TIME = threading.Lock()  # a process has one clock, and libraries with one number of threads
Ended = Literal["published", "elsewhere", "other code"]


@dataclass(frozen=True)
class Task:
    """A cell to be run.

    store       the folder of the store
    session     the sweep that asks, and no other
    threads     threads that the cell is given
    time_limit  seconds after which the process is ended; None for none
    retry       whether the cell is run where its row tells of an error or a time limit
    """

    cell: Cell
    store: str
    session: str
    threads: int
    time_limit: float | None = None
    retry: bool = False


def perform(task: Task) -> Ended:
    """How it went: the row is in the store, another process is at the cell, or this one has other code than the store."""
    if identity() != Store(Path(task.store)).identity:
        return "other code"
    with ONE_AT_A_TIME, Claim(Store(Path(task.store)), task) as claim:
        if not claim.mine:
            return "elsewhere"
        if not claim.settled():
            claim.run()
        return "published"


class Claim:
    """A cell that no other process runs, as long as the block lasts; `mine` is false where another one does."""

    def __init__(self, store: Store, task: Task) -> None:
        from filelock import FileLock

        self.store, self.task, self.mine = store, task, False
        place = store.folder / "work"
        digest = task.cell.digest
        self.lock = FileLock(place / f"{digest}.lock")
        self.note, self.trace = place / f"{digest}.note", place / f"{digest}.trace"

    def __enter__(self) -> Claim:
        from filelock import Timeout

        with suppress(Timeout):
            self.lock.acquire(blocking=False)
            self.mine = True
        return self

    def __exit__(self, *error: object) -> None:
        if self.mine:
            for path in (self.note, self.trace, Path(self.lock.lock_file)):
                path.unlink(missing_ok=True)
            self.lock.release()

    def settled(self) -> bool:
        """Whether nothing is left to run: the cell is done, or the last process ended at the time limit or was one too many."""
        row = self.store.row(self.task.cell.digest)
        if row is not None and (row["status"] == DONE or not self.task.retry):
            return True
        before = self._noted()
        if before.get("session") != self.task.session:
            return False
        ended = _last_lines(self.trace)
        deaths = before["deaths"] + 1
        if ended:
            limit = f"the time limit of {self.task.time_limit:g} s, at {ended}"
            self._publish({"status": TIME_LIMIT, "error": limit, "seconds": self.task.time_limit}, "")
        elif deaths >= DEATHS:
            error = f"the process ended without a word, {deaths} times"
            self._publish({"status": ERROR, "error": error}, "")
        self._note(deaths)
        return bool(ended) or deaths >= DEATHS

    def run(self) -> None:
        """Runs the cell, and publishes its row and its record."""
        self._note(self._noted().get("deaths", 0) if self._noted().get("session") == self.task.session else 0)
        self.task.cell.subject()  # what is imported for the first time is no part of the cell's time
        began, clock = now(), perf_counter()
        record, said = "", dict[str, Any]()
        with given(self.task.threads), self._limited():
            try:
                found = self.task.cell.record()
                said = self.task.cell.said(found)
                record = found.model_dump_json(indent=1) + "\n"
            except Exception as error:
                text = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
                said = {"status": ERROR, "error": " ".join(text.split())}
        self._publish({**said, "started": began, "seconds": perf_counter() - clock}, record)

    def _publish(self, said: dict[str, Any], record: str) -> None:
        row = {**self.task.cell.row(), "threads": self.task.threads, **identity(), **said}
        self.store.publish(row, record)

    def _noted(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.note.read_text(encoding="utf-8"))
            return found
        except (OSError, ValueError):
            return {}

    def _note(self, deaths: int) -> None:
        self.note.write_text(json.dumps({"session": self.task.session, "deaths": deaths}), encoding="utf-8")

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """An end to the process at the time limit, whatever it does then; the trace says where it was."""
        if self.task.time_limit is None:
            yield
            return
        with self.trace.open("w", encoding="utf-8") as trace:
            _watch(self.task.time_limit, trace)
            try:
                yield
            finally:
                faulthandler.cancel_dump_traceback_later()


def _watch(seconds: float, trace: TextIO) -> None:
    faulthandler.dump_traceback_later(seconds, exit=True, file=trace)


def _last_lines(trace: Path) -> str:
    """Where the thread that ran the cell was at the time limit; empty where no limit was reached."""
    try:
        text = trace.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    threads = [[line.strip() for line in part.splitlines() if "File " in line] for part in text.split("\n\n")]
    frames = next((frames for frames in threads if any(f'{__file__}"' in line for line in frames)), [])
    return frames[0].removeprefix("File ") if frames else " ".join(text.split())[:200]


@contextmanager
def given(threads: int) -> Iterator[None]:
    """So many threads inside, for torch and for the libraries of linear algebra; those from before come back on the way out."""
    from threadpoolctl import threadpool_limits

    from numeric.torch_here import torch_here

    torch = torch_here()
    before = None if torch is None else torch.get_num_threads()
    with threadpool_limits(threads):
        if torch is not None:
            torch.set_num_threads(threads)
        try:
            yield
        finally:
            if torch is not None and before is not None:
                torch.set_num_threads(before)
