"""Identities of many entries are enclosed at some of them, and are refuted there all the same."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import small, stated

import verify.theories.yang2024.checks.enclose
from numeric import balls
from symbolic.evaluate import evaluate
from verify.sides import read
from verify.statement import Claim
from verify.theories.yang2024.binding import ball_point
from verify.theories.yang2024.checks.enclose import EncloseIdentity, entries, wanted
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options

IDENTITIES = [("eq-34", "printed"), ("eq-33", "repaired"), ("eq-23", "printed"), ("eq-38", "printed")]
INSTANCE = small(N=3, K=7, m=3, d=4)


def same(some: np.ndarray, others: np.ndarray) -> bool:
    """Entry by entry, to what balls of 128 bits tell."""
    others = np.asarray(others)
    pairs = zip(some.flat, others.flat, strict=True)
    return some.shape == others.shape and all(abs(x - y) < 1e-30 for x, y in pairs)


def drawn() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    i = INSTANCE
    return {
        "Ahat": rng.standard_normal((i.N, i.K)), "y": rng.standard_normal(i.K), "lam": rng.standard_normal(i.m),
        "xi": rng.standard_normal(i.N),
    }  # fmt: skip


@pytest.mark.parametrize("key", IDENTITIES)
def test_some_entries_are_those_of_all(key: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    sides = [read(identity) for identity in stated(*key).identities()]
    with balls.precision(128):
        point = ball_point(INSTANCE, drawn())
        for side in sides:
            everything = wanted(side, INSTANCE)
            for one in (side.lhs, side.rhs):
                whole = evaluate(one, point, side.axes)
                assert same(whole, evaluate(one, point, side.axes, everything))
                monkeypatch.setattr(verify.theories.yang2024.checks.enclose, "MOST", 9)
                places = wanted(side, INSTANCE)
                some = evaluate(one, point, side.axes, places)
                assert same(some, whole[np.ix_(*places.values())])
                assert some.size <= max(9, 2 ** len(places))
                monkeypatch.undo()


def check(claim: Claim, most: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.setattr(verify.theories.yang2024.checks.enclose, "MOST", most)
    (found,) = EncloseIdentity()(claim, Laboratory(INSTANCE, Options(device="cpu")))
    return found.verdict, found.budget


def test_what_is_false_is_refuted_at_some_entries_and_what_was_seen_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    false, true = stated("eq-33", "printed"), stated("eq-34")
    assert check(false, 10**6, monkeypatch)[0] == check(false, 6, monkeypatch)[0] == "fails"
    verdict, budget = check(true, 10**6, monkeypatch)
    assert verdict == "holds"
    assert budget.startswith("all entries at N = 3")
    verdict, budget = check(true, 20, monkeypatch)
    assert verdict == "holds"
    counts = budget.split(" entries, evenly spread, at N = 3")[0].split(" of ")
    every = entries([read(identity) for identity in true.identities()], INSTANCE)
    assert int(counts[0]) < int(counts[1])
    assert every.startswith(counts[0])
