"""How many CPU threads a piece of work deserves. At small sizes a second thread costs more than it brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

ONE_THREAD_BELOW = 100_000  # entries H·N·K


@contextmanager
def threads_for(entries: int) -> Iterator[None]:
    """One thread inside, where the work is small; the number from before comes back on the way out."""
    import torch

    threads = torch.get_num_threads()
    if entries < ONE_THREAD_BELOW:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
