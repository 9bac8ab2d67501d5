"""Certified work in a few processes: ball arithmetic holds Python's one lock, and instances know nothing of each other."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
Mapped = Callable[[Callable[[A], B], Iterable[A]], Iterator[B]]


@contextmanager
def processes(count: int) -> Iterator[Callable[..., Iterator[B]]]:
    """`map` over so many processes, results in order; the plain `map` for one.

    What ends the block early ends the processes with it, and so does the end of this process, whatever ended it.
    """
    if count < 2:
        yield map
        return
    before = set(active_children())
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_serve)
    try:
        yield pool.map
        pool.shutdown()
    except BaseException:
        for child in set(active_children()) - before:
            child.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _serve() -> None:
    """Ctrl-C is for the process that waits; where that one is gone, nobody does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def outlive() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=outlive, daemon=True).start()
