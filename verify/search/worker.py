"""Searches for counterexamples ahead of their turn, on another core.

A search is a function of the claim, the tier and the seed alone, and says the same in every process. One process goes through
the claims in order; who asks for a claim waits for it, or searches by himself where that process has ended.
"""

from __future__ import annotations

import multiprocessing as mp
import signal
from collections.abc import Sequence
from queue import Empty
from typing import TYPE_CHECKING

from verify.record import Evidence
from verify.vocabulary import Form

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

Key = tuple[str, Form]
Found = tuple[Key, list[str]]
PATIENCE = 0.5  # seconds between two looks at whether the process is still alive


class Ahead:
    """The searches of these claims of the theory of this name, under way from now on. `close` ends them."""

    def __init__(self, theory: str, keys: Sequence[Key], tier: str, seed: int) -> None:
        context = mp.get_context(
            "spawn"
        )  # a fork would take torch's threads along in the middle of their work
        self.results: Queue[Found] = context.Queue()
        self.found: dict[Key, list[str]] = {}
        arguments = theory, list(keys), tier, seed, self.results
        self.process = context.Process(target=work, args=arguments, daemon=True)
        self.process.start()

    def take(self, key: Key) -> list[Evidence] | None:
        """What was found about a claim; None where nobody will find it."""
        while key not in self.found:
            try:
                other, lines = self.results.get(timeout=PATIENCE)
            except Empty:
                if not self.process.is_alive() and self.results.empty():
                    return None
                continue
            self.found[other] = lines
        return [Evidence.model_validate_json(line) for line in self.found.pop(key)]

    def close(self) -> None:
        self.process.terminate()
        self.process.join()
        self.results.close()


def work(theory: str, keys: list[Key], tier: str, seed: int, results: Queue[Found]) -> None:
    """Evidence as JSON, claim by claim; ends in silence where a search does not: then it is made, and fails, in its turn."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked is interrupted, and ends this
    import numpy as np

    from verify.pipeline.bench import Bench
    from verify.pipeline.gather import gather
    from verify.search.search import Search
    from verify.theories.named import find

    claims = {claim.key: claim for claim in find(theory).theory.claims}
    with np.errstate(all="ignore"):
        for key in keys:
            found = [one.model_dump_json() for one in gather(claims[key], Search(), Bench(seed, tier))]
            results.put((key, found))
