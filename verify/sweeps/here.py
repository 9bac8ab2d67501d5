"""Cells on this machine: in this process, or in processes of loky."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from typing import Any

from verify.pipeline.processes import PATIENCE, BrokenProcessPool, ProcessPoolExecutor, one_process
from verify.sweeps.task import Ended, Task, perform

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class InThisProcess:
    """One cell at a time, in this process; no cell can be ended at a time limit."""

    threads = 1

    def __init__(self) -> None:
        self.results: dict[int, Ended] = {}

    def room(self) -> int:
        return 1

    def submit(self, task: Task) -> Any:
        self.results[id(task)] = perform(task)
        return id(task)

    def ended(self, running: Any) -> Ended | bool | None:
        return self.results.pop(running)

    def wait(self, running: Iterable[Any]) -> None:
        return


class Processes:
    """So many processes, each an executor of loky of its own: one that is killed takes no cell of another one with it."""

    def __init__(self, count: int, threads: int) -> None:
        self.threads = threads
        self.env = dict.fromkeys(THREADS, str(threads))
        self.pools: list[ProcessPoolExecutor] = [one_process(self.env) for _ in range(count)]
        self.place: dict[Any, int] = {}

    def room(self) -> int:
        return len(self.pools)

    def submit(self, task: Task) -> Any:
        number = next(n for n in range(len(self.pools)) if n not in self.place.values())
        try:
            future = self.pools[number].submit(perform, task)
        except BrokenProcessPool:
            self._anew(number)
            future = self.pools[number].submit(perform, task)
        self.place[future] = number
        return future

    def ended(self, running: Any) -> Ended | bool | None:
        if not running.done():
            return False
        number = self.place.pop(running)
        try:
            found: Ended = running.result()
            return found
        except BrokenProcessPool:
            self._anew(number)
            return None

    def _anew(self, number: int) -> None:
        self.pools[number].shutdown(wait=False, kill_workers=True)
        self.pools[number] = one_process(self.env)

    def wait(self, running: Iterable[Any]) -> None:
        wait(list(running), PATIENCE, FIRST_COMPLETED)

    def close(self) -> None:
        """Ends the processes, whatever they are at."""
        for pool in self.pools:
            pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def here(
    workers: int, threads: int | None = None, isolated: bool = False
) -> Iterator[InThisProcess | Processes]:
    """An executor on this machine: in this process where one worker is enough, unless cells are to be `isolated`."""
    if workers == 1 and not isolated:
        yield InThisProcess()
        return
    found = Processes(workers, threads or max(1, (os.cpu_count() or 1) // workers))
    try:
        yield found
    finally:
        found.close()
