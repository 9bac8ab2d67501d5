"""False statements over letters of one's own are refuted by an exact witness with the smaller budget; none is said to hold."""

from __future__ import annotations

import pytest
from false_statements import NEAR, SMALL, stated

from verify import check


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", [*SMALL, *NEAR])
def test_a_false_statement_is_refuted(name: str) -> None:
    (row,) = check(stated(name, {**SMALL, **NEAR}[name])).claims
    assert (row.verdict, row.refutation) == ("fails", "exact witness")
    assert row.strength is None
    assert row.witness is not None
    assert row.contradiction is None


def test_there_are_as_many_as_are_asked_for() -> None:
    assert len(SMALL) + len(NEAR) >= 40
    assert len(NEAR) >= 12
