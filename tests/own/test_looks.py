"""A search for a proof asks for a counterexample before its first round and before its first dear one, and ends where there is one."""

from __future__ import annotations

from functools import partial

import pytest

from benchmarks.finding import classical
from benchmarks.finding.sets import lemma
from numeric.errors import InputError
from symbolic.find import inequality
from verify import Setting, total
from verify.own.theory import theory
from verify.points.evaluation import Posed, pose
from verify.search.looks import looks
from verify.statement import Inequality

DEAR = 1 + len(inequality.QUICK.rounds)


def stated(factor: int) -> Inequality:
    """(Σu)² ≤ factor · Σu², which is true up to that size."""
    S = Setting("up to a size")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    S.inequality("sum", total(u[i], i) ** 2, factor * total(u[i] ** 2, i))
    (claim,) = theory(S).claims
    (found,) = claim.inequalities()
    return found


@pytest.mark.parametrize(("factor", "at"), [(1, 1), (4, DEAR), (10**6, None)])
def test_the_later_look_sees_larger_sizes(factor: int, at: int | None) -> None:
    look = looks(partial(pose, stated(factor)))
    broken = next((number for number in range(1, len(inequality.ROUNDS) + 1) if look(number)), None)
    assert broken == at


@pytest.mark.parametrize("known", [1, 2, DEAR])
def test_no_round_follows_a_counterexample(known: int) -> None:
    asked: list[int] = []
    one = lemma("means up to 4", "<=", *classical.FALSE["means up to 4"], classical.letters)

    def false(number: int) -> bool:
        asked.append(number)
        return number == known

    assert one.found(inequality.BUDGETS["fast"], false) is None
    assert asked == [*range(1, known + 1)]


def test_nothing_climbs_for_what_the_cheap_rounds_prove() -> None:
    asked: list[int] = []
    one = lemma("means", "<=", *classical.TRUE["means"], classical.letters)
    assert one.found(inequality.BUDGETS["fast"], lambda number: bool(asked.append(number))) is not None
    assert asked
    assert max(asked) < DEAR


def test_a_statement_that_has_no_value_is_not_said_to_be_false() -> None:
    def nothing() -> Posed:
        raise InputError("q", "no value", "a letter with a value", "define it")

    assert not looks(nothing)(1)
    assert not looks(nothing)(DEAR)
