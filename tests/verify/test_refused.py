"""False statements that were tried on the checks: none of them may say `holds`, and each says in one clear line why not."""

from __future__ import annotations

import pytest
from refusals import ProveBound, Refused, doubled, hypothesis, let, step
from small_runs import small

from verify.laboratory import Laboratory

N, K, m, d, H = let.N, let.K, let.m, let.d, let.H

PREMISE = "Not proved: the proof takes for granted what is not so everywhere: "

# Statements in sizes alone, which look true as long as sizes are small.
IN_SIZES = (
    Refused("N ≤ 1", "from itself", ProveBound(), doubled(N, 1, hypothesis("short prompts")), PREMISE + "short prompts."),
    Refused("H ≤ 1", "by a declared step", ProveBound(), doubled(H, 1, step("mean value", "one head")), PREMISE + "one head."),
)  # fmt: skip

ROWS = (*IN_SIZES,)


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_false_statement_is_refused(row: Refused, laboratory: Laboratory) -> None:
    (found,) = row.check(row.claim(), laboratory)
    assert found.verdict in ("undecided", "fails")
    assert found.strength is None or found.verdict == "fails"
    assert "\n" not in found.statement
    assert row.says in found.statement


def test_no_two_rows_have_one_name() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
