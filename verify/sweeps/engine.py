"""The engine of a sweep: cells that are not finished go to an executor, a few at a time, until each has a row in the store."""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from numeric.errors import InputError
from verify.commands.console import duration
from verify.pipeline.bench import Progress
from verify.sweeps.cell import Cell
from verify.sweeps.columns import DONE
from verify.sweeps.store import Store
from verify.sweeps.task import Ended, Task

PAUSE = 1.0  # seconds until a cell is asked for again that another sweep has under way
STAGE = "cells"


class Executor(Protocol):
    """Where cells are run.

    threads  those that a cell is given
    """

    threads: int

    def room(self) -> int:
        """How many tasks may wait or run there at a time."""

    def submit(self, task: Task) -> Any:
        """The task under way, as `ended` knows it."""

    def ended(self, running: Any) -> Ended | bool | None:
        """How a task ended; None where its process or its scheduler was lost, False where it has not ended."""

    def wait(self, running: Iterable[Any]) -> None:
        """Returns once one of these may have ended."""


class Engine:
    """A sweep under way.

    retry       whether cells that ended in an error or at their time limit are run again
    time_limit  seconds for each cell
    """

    def __init__(
        self, store: Store, executor: Executor, progress: Progress | None = None, time_limit: float | None = None, retry: bool = False
    ) -> None:  # fmt: skip
        self.store, self.executor, self.time_limit, self.retry = store, executor, time_limit, retry
        self.progress: Progress = progress or (lambda stage, done, total: None)
        self.session = uuid.uuid4().hex

    def run(self, cells: Iterable[Cell], total: int) -> None:
        """Every cell has a row once this returns. Raises InputError where an executor has other code than the store."""
        known = self.store.statuses()
        left = iter(self._left(cells, known))
        waiting: deque[tuple[float, Task]] = deque()
        running: dict[Any, Task] = {}
        self.clock = time.monotonic()
        self.before, self.done, self.total = 0, 0, total
        self._told()
        while True:
            while len(running) < self.executor.room() and (task := self._next(left, waiting)) is not None:
                running[self.executor.submit(task)] = task
            if not running:
                if not waiting:
                    break
                time.sleep(max(0.0, waiting[0][0] - time.monotonic()))
                continue
            self.executor.wait(running)
            for one in list(running):
                ended = self.executor.ended(one)
                if ended is not False:
                    self._took(running.pop(one), ended, waiting)
        self.progress(STAGE, self.total, self.total)

    def _left(self, cells: Iterable[Cell], known: dict[str, str]) -> Iterator[Task]:
        for cell in cells:
            status = known.get(cell.digest)
            if status is None or (self.retry and status != DONE):
                known[cell.digest] = DONE  # a cell that is given twice is run once
                place, threads = str(self.store.folder.resolve()), self.executor.threads
                yield Task(cell, place, self.session, threads, self.time_limit, self.retry)
            else:
                self.before += 1
                self.done += 1

    @staticmethod
    def _next(left: Iterator[Task], waiting: deque[tuple[float, Task]]) -> Task | None:
        if waiting and waiting[0][0] <= time.monotonic():
            return waiting.popleft()[1]
        return next(left, None)

    def _took(self, task: Task, ended: Any, waiting: deque[tuple[float, Task]]) -> None:
        if ended == "other code":
            needs = "workers with the code and the packages that the store was begun with"
            raise InputError("--scheduler", self.store.folder, needs, "install the same version there")
        if ended == "published":
            self.done += 1
            self._told()
        else:
            waiting.append((time.monotonic() + (PAUSE if ended == "elsewhere" else 0.0), task))

    def _told(self) -> None:
        """Says how far the sweep is, and how long it goes on."""
        made, spent = self.done - self.before, time.monotonic() - self.clock
        left = f" · about {duration(spent / made * (self.total - self.done))} left" if made else ""
        self.progress(STAGE + left if self.done < self.total else STAGE, self.done, self.total)
