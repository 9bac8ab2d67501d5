"""The proofs that were found for the first paper stand in its file: a run replays them, and the search still finds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from symbolic.bound import Fact, NotFound
from symbolic.ledger import Ledger
from symbolic.proof import Proof
from verify.prove import committed
from verify.prove.committed import CommittedProofs
from verify.prove.identity import as_written
from verify.sides import read
from verify.statement import Identity, Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.setting import COMMITTED


def asked() -> Iterator[tuple[str, Identity | Inequality]]:
    """The statements of the paper whose proofs are found, and not given."""
    for claim in theory().claims:
        for statement in claim.formal() if claim.formal else ():
            wrapped = getattr(statement.proof, "__wrapped__", None)
            if (
                isinstance(wrapped, partial)
                or getattr(wrapped, "__module__", "") == "verify.theories.yang2024.setting"
            ):
                yield claim.id, statement


def closes(statement: Identity | Inequality, why: Proof | Fact) -> bool:
    sides = read(statement)
    if isinstance(why, Fact):
        return why.positive == sides.rhs - sides.lhs
    return not why.open_cases(sides.lhs, sides.rhs)


def row(statement: Identity | Inequality, why: Proof | Fact) -> object:
    sides = read(statement)
    axes = sides.axes if isinstance(why, Fact) else ()
    ledger = Ledger()
    return ledger.proof("", *as_written(statement, sides.lhs, sides.rhs), why, axes), ledger.facts


def test_a_run_searches_for_no_proof_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[Identity | Inequality] = []

    def sought(statement: Identity | Inequality, name: str) -> Proof | Fact:
        searched.append(statement)
        return Proof()

    monkeypatch.setattr(committed, "sought", sought)
    proofs = [(statement, COMMITTED.proof(statement)) for _, statement in asked()]
    assert len(proofs) > 50
    assert sum(closes(*one) for one in proofs) == len(proofs) - len(searched)
    assert not any(closes(one, committed.found(one)) for one in searched if isinstance(one, Identity))
    assert all(isinstance(one, Identity) for one in searched)


@pytest.mark.whole
def test_the_search_finds_the_inequalities_too() -> None:
    inequalities = [(id, one) for id, one in asked() if isinstance(one, Inequality)]
    assert {id for id, _ in inequalities} == {"lemma-3", "eq-44", "eq-49-gradient"}
    for id, statement in inequalities:
        assert closes(statement, committed.sought(statement, id)), id


def test_without_a_file_the_proof_is_searched_for_and_is_the_same(tmp_path: Path) -> None:
    nothing = CommittedProofs(tmp_path / "proofs.json")
    identities = [one for _, one in asked() if isinstance(one, Identity)][::6]
    assert len(identities) > 8
    for statement in identities:
        assert row(statement, nothing.proof(statement)) == row(statement, COMMITTED.proof(statement))


def test_a_proof_of_another_statement_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of one statement under the digest of another one: the kernel refuses it, and the search is asked."""
    (first, second, *_) = (one for _, one in asked() if isinstance(one, Identity) and one.proof().uses)
    swapped = CommittedProofs(tmp_path / "none.json")
    rows = COMMITTED._rows
    sides = [read(one) for one in (first, second)]
    keys = [committed.stated("=", side.lhs, side.rhs) for side in sides]
    monkeypatch.setattr(swapped, "_data", COMMITTED._data, raising=False)
    monkeypatch.setattr(swapped, "_rows", {keys[0]: rows[keys[1]]}, raising=False)
    monkeypatch.setattr(committed, "sought", lambda statement, name: Proof(notes=("searched",)))
    assert swapped.proof(first).notes == ("searched",)


@pytest.mark.slow
def test_what_is_not_found_is_said_not_to_be_found() -> None:
    (statement,) = [one for id, one in asked() if id == "lemma-3"]
    assert isinstance(statement, Inequality)
    false = replace(statement, rhs=statement.rhs / 2)
    with pytest.raises(NotFound, match="no proof is found, which says nothing against the statement"):
        COMMITTED.proof(false)
