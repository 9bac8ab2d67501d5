"""Searches in a second process: the same findings, and no wait for a process that has ended."""

from __future__ import annotations

import pytest
from small_runs import stated

from verify.pipeline.bench import Bench
from verify.pipeline.gather import gather
from verify.record import Evidence
from verify.search.search import Search
from verify.search.worker import Ahead


def told(evidence: Evidence) -> dict[str, object]:
    return evidence.model_dump(exclude={"seconds"})


@pytest.mark.slow
def test_the_same_in_another_process_whatever_the_order() -> None:
    claims = [stated("lemma-2"), stated("lemma-3")]
    keys = [claim.key for claim in claims]
    searches = Ahead("yang2024", keys, "fast", 0)
    try:
        for claim in reversed(claims):
            found = searches.take(claim.key)
            assert found is not None
            assert [told(one) for one in found] == [
                told(one) for one in gather(claim, Search(), Bench(0, "fast"))
            ]
    finally:
        searches.close()
    assert not searches.pool._processes


def test_what_nobody_will_find_is_left_to_the_one_who_asks() -> None:
    searches = Ahead("yang2024", [], "fast", 0)
    try:
        assert searches.take(("lemma-3", "printed")) is None
    finally:
        searches.close()


def test_a_process_that_is_ended_early() -> None:
    searches = Ahead("yang2024", [stated("lemma-10", "repaired").key] * 50, "full", 0)
    for process in searches.pool._processes.values():
        process.terminate()
    assert searches.take(stated("lemma-10", "repaired").key) is None
    searches.close()
