"""Statements of several clauses: no stronger than the weakest, and a proof that lost a part is refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice

import pytest
from small_runs import small, stated

from symbolic.bound import BoundError, Certificate
from symbolic.check import check
from symbolic.indexed import number
from verify.record import Witness
from verify.theories.yang2024.checks.clauses import (
    Clause,
    Clauses,
    Equality,
    Finding,
    Sampled,
    confirmed,
    exhibited,
    opened,
    proved,
    refuted,
)
from verify.theories.yang2024.claims import words_proofs
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options


@cache
def laboratory() -> Laboratory:
    return Laboratory(small(), Options(device="cpu"))


HOLDS = Finding("prove", "holds", "proved", "So it is.", ("a step",))
WEAK = Finding("sample", "holds", "tested", "So it seems.")
GIVEN = exhibited(True, "There is one.", given=("Rolle",))
OPEN = opened("prove", "nobody knows")
FAILS = refuted(True, "Not so.", Witness(summary="1 = 2", method="arithmetic"))


def together(*findings: Finding, sampled: tuple[Finding, ...] = ()):
    clauses = tuple(Clause(f"clause {n}", lambda f=f: f) for n, f in enumerate(findings))
    samples = tuple(Sampled(f"sample {n}", lambda at, f=f: f) for n, f in enumerate(sampled))
    return Clauses(clauses, samples)


@pytest.mark.parametrize(
    ("clauses", "verdicts", "strength"),
    [
        (together(HOLDS, HOLDS), ["holds"], "proved"),
        (together(HOLDS, WEAK), ["not refuted"], "tested"),
        (together(HOLDS, sampled=(WEAK,)), ["not refuted"], "tested"),
        (together(HOLDS, GIVEN), ["holds"], "proved given"),
        (together(HOLDS, OPEN), ["undecided"], None),
        (
            together(HOLDS, sampled=(Finding("sample", "vacuous", "tested", "None tried."),)),
            ["undecided"],
            None,
        ),
        (together(HOLDS, FAILS, OPEN), ["holds", "fails", "undecided"], "proved"),
        (Clauses(()), ["undecided"], None),
    ],
)
def test_a_conjunction_is_as_strong_as_its_weakest_clause(clauses, verdicts, strength) -> None:
    found = clauses(stated("w3"), laboratory())
    assert [e.verdict for e in found] == verdicts
    assert found[0].strength == strength
    assert found[0].given == (["Rolle"] if strength == "proved given" else [])


def test_the_first_witness_is_the_one_replayed() -> None:
    assert together(HOLDS, FAILS).witness() == FAILS.witness
    assert together(HOLDS, OPEN).witness() is None
    assert refuted(False, "Not so.", FAILS.witness).verdict == "undecided"
    assert confirmed(False, "So it is.").verdict == "undecided"


@pytest.mark.parametrize("result", words_proofs.everything(), ids=lambda result: result.name)
def test_a_proof_that_lost_a_part_is_refused(result) -> None:
    """By both checkers; and what is true is never refuted for it."""
    if isinstance(result, Equality):
        broken = replace(result, rhs=result.rhs + number(1))
        assert proved("x.", broken).verdict in ("fails", "undecided")
        assert proved("x.", result).verdict == "holds"
        return
    assert isinstance(result.why, Certificate)
    for position in range(len(result.why.weights)):
        weights = result.why.weights[:position] + result.why.weights[position + 1 :]
        broken = replace(result, why=replace(result.why, weights=weights))
        with pytest.raises(BoundError):
            check(broken)
        found = proved("x.", broken, points=lambda: islice(words_proofs.tight_points(), 6))
        assert found.verdict == "undecided"


def test_proofs_are_data_under_one_roof() -> None:
    """No letter and no axiom of these proofs stands for two things."""
    from symbolic.double import document
    from verify.theories.yang2024.checks.clauses import sides_of

    rows = [
        (f"w-{n}", *sides_of(r), r.proof if isinstance(r, Equality) else r, ())
        for n, r in enumerate(words_proofs.everything())
    ]
    assert len(document(rows)["proofs"]) == len(rows)
