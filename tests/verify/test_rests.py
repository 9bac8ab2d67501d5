"""What a statement rests on: read off proofs, declared by the text, and followed along edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from verify.prove.rests import Rests
from verify.record import ClaimRecord, Rest
from verify.record.edges import Edge, edges, rests_on, used_by
from verify.theories.yang2024.theory import RESTS, THEORY

CHAIN = [Edge("a", "b", True), Edge("b", "c", False), Edge("c", "b", True), Edge("x", "y", True)]


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], dict[str, str]]:
    rests = Rests(THEORY)
    asked = [claim for claim in THEORY.claims if claim.id in ("lemma-10", "theorem-1", "eq-47", "lemma-9")]
    return {claim.key: {one.id: one.by for one in rests(claim, proved=True)} for claim in asked}


def test_a_proof_goes_through_the_nearest_statements(found: dict[tuple[str, str], dict[str, str]]) -> None:
    assert found["lemma-10", "repaired"] == {"eq-55": "proof", "eq-59-joint": "proof"}, (
        "(59) lies behind (59) joint"
    )


def test_a_declared_edge_stands_beside_those_of_the_proof(
    found: dict[tuple[str, str], dict[str, str]],
) -> None:
    assert found["eq-47", "printed"] == {
        "geometric-sum": "proof",
        "lemma-7-sum": "declared",
        "step-3": "declared",
    }
    assert found["theorem-1", "repaired"]["eq-43c"] == "proof", "(43c) says the same, and is proved"
    assert found["theorem-1", "printed"]["eq-43c"] == "declared", "there is no proof of the printed form"


def test_a_statement_that_no_proof_leads_from_rests_on_nothing(
    found: dict[tuple[str, str], dict[str, str]],
) -> None:
    assert found["lemma-9", "printed"] == {}


def test_without_declarations_there_are_only_proofs() -> None:
    rests = Rests(replace(THEORY, rests={}))
    claim = next(claim for claim in THEORY.claims if claim.key == ("eq-47", "printed"))
    assert {one.by for one in rests(claim, proved=True)} == {"proof"}
    assert rests(claim, proved=False) == [], "no proof is asked for where none was accepted"


def test_declared_edges_are_between_statements_and_never_lead_back() -> None:
    ids = {claim.id for claim in THEORY.claims}
    assert RESTS.keys() | {id for below in RESTS.values() for id in below} <= ids
    declared = [Edge(below, above, False) for above, all in RESTS.items() for below in all]
    circles = [
        id for id in ids if any(id in rests_on(declared, edge.below) for edge in declared if edge.above == id)
    ]
    assert circles == []


def test_what_is_reached_along_edges() -> None:
    assert rests_on(CHAIN, "c") == {"a", "b"}
    assert used_by(CHAIN, "a") == {"b", "c"}
    assert rests_on(CHAIN, "a") == set() == used_by(CHAIN, "y")


def row(id: str, form: str, *rests: Rest) -> ClaimRecord:
    return ClaimRecord.model_validate(
        {
            "id": id,
            "title": id,
            "form": form,
            "source": "",
            "statement": [],
            "verdict": "undecided",
            "here": "undecided",
            "strength": None,
        }
        | {
            "margin": None,
            "expected": None,
            "assumptions": [],
            "evidence": [],
            "witness": None,
            "command": "",
            "rests": rests,
        }
    )


def test_edges_of_a_record_join_the_forms_and_leave_out_what_the_record_lacks() -> None:
    lemma, away, itself = (Rest(id=id, by="declared") for id in ("lemma", "not here", "lemma"))
    claims = [
        row("theorem", "printed", lemma),
        row("theorem", "repaired", Rest(id="lemma", form="printed", by="proof")),
    ]
    assert edges([*claims, row("lemma", "printed", away, itself)]) == [Edge("lemma", "theorem", True)]
