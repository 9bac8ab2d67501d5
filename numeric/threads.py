"""How many CPU threads a piece of work deserves. At small sizes a second thread costs more than it brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from numeric.torch_here import torch_here

ONE_THREAD_BELOW = 100_000  # entries H·N·K


def threads(entries: int) -> int:
    """How many a piece of work with H·N·K entries has."""
    import torch

    return 1 if entries < ONE_THREAD_BELOW else torch.get_num_threads()


@contextmanager
def threads_for(entries: int) -> Iterator[None]:
    """One thread of torch inside, where the work is small; the number from before comes back on the way out."""
    torch = torch_here()
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(threads(entries))
    try:
        yield
    finally:
        torch.set_num_threads(before)
