"""Lemmas on the way to a statement: distances from a solution, bounds of letters that stand for others, parts of dimensions."""

from __future__ import annotations

import pytest
from chained import MOVES, statement

from symbolic.bound import Fact, facts
from symbolic.find import inequality
from verify import Setting, check

BOUNDS = inequality.Budget((inequality.Round(needs=0, bounds=20),))


@pytest.mark.parametrize("move", MOVES)
def test_a_proof_is_found_and_both_checkers_accept_it(move: str) -> None:
    true = statement(move, MOVES[move][1])
    found = true.found(inequality.BUDGETS["fast"])
    assert found is not None
    assert true.accepted(found)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("move", MOVES)
def test_nothing_is_found_for_a_false_twin(move: str) -> None:
    rounds = inequality.Budget((inequality.Round(needs=10), inequality.Round(needs=10, bounds=20)))
    assert statement(move, MOVES[move][2]).found(rounds) is None


def test_a_letter_is_bounded_by_a_lemma_of_its_own() -> None:
    move = "norms of matrices, one after the other"
    true = statement(move, MOVES[move][1])
    found = true.found(BOUNDS)
    assert isinstance(found, Fact)
    assert {"a bound of image", "a bound of out"} <= {fact.name for fact in facts(found)}


def test_a_condition_is_squared_whose_sides_have_any_sign() -> None:
    """c ≤ a − b and c ≥ 0 lead to c² ≤ (a − b)²: the square of the condition, and 2c times the condition."""
    S = Setting("a condition, squared")
    a, b, c = S.scalars("a b c")
    S.inequality("squared", c**2, (a - b) ** 2, when=[c <= a - b])
    (row,) = check(S).claims
    assert (row.verdict, row.strength) == ("holds", "proved")
