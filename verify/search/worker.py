"""Searches for counterexamples ahead of their turn, on another core.

A search is a function of the claim, the tier and the seed alone, and says the same in every process. One process goes through
the claims in order; who asks for a claim waits for it, or searches by himself where that process has ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.pipeline.processes import one_process
from verify.record import Evidence
from verify.vocabulary import Form

Key = tuple[str, Form]


class Ahead:
    """The searches of these claims of the theory of this name, under way from now on. `close` ends them."""

    def __init__(self, theory: str, keys: Sequence[Key], tier: str, seed: int) -> None:
        self.pool = one_process()
        self.searches = {key: self.pool.submit(search, theory, key, tier, seed) for key in keys}

    def take(self, key: Key) -> list[Evidence] | None:
        """What was found about a claim; None where nobody will find it: the process has ended, or the search has failed, which it then
        does again in its turn."""
        try:
            return [Evidence.model_validate_json(line) for line in self.searches.pop(key).result()]
        except Exception:
            return None

    def close(self) -> None:
        self.pool.shutdown(wait=True, kill_workers=True)


def search(theory: str, key: Key, tier: str, seed: int) -> list[str]:
    """Evidence about a claim, as JSON."""
    import numpy as np

    from verify.pipeline.bench import Bench
    from verify.pipeline.gather import gather
    from verify.search.search import Search
    from verify.theories.named import find

    claim = next(claim for claim in find(theory).theory.claims if claim.key == key)
    with np.errstate(all="ignore"):
        return [one.model_dump_json() for one in gather(claim, Search(), Bench(seed, tier))]
