"""The bench of the finder: its sets are frozen, what it counts is checked twice, and its false statements are false."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import shared
from benchmarks.finding import __main__ as run
from benchmarks.finding import classical, neighbours, process, section, sets
from benchmarks.finding.sought import others
from symbolic.bound import Fact, hypotheses
from symbolic.indexed import number, scalar
from symbolic.proof import Axiom
from verify.theories.yang2024.setting import SETTING

NAMES = json.loads(run.NAMES.read_text(encoding="utf-8"))
PROOFS = Path(__file__).resolve().parents[2] / "verify" / "theories" / "yang2024" / "proofs.json"


def lemma(name: str) -> Any:
    return next(sought for sought in sets.lemmas() if sought.name == name)


def test_the_names_are_those_of_statements() -> None:
    proved = {
        row["name"]: row["relation"] for row in json.loads(PROOFS.read_text(encoding="utf-8"))["proofs"]
    }
    assert {proved[name] for name in NAMES["identities"]} == {"="}
    assert NAMES["inequalities"] == [name for name, relation in proved.items() if relation == "<="]
    assert {name.split(": ")[0] for name in NAMES["certificates"]} <= set(NAMES["inequalities"])
    assert NAMES["classical"] == [*classical.TRUE, *classical.MATRICES]
    made = {name: NAMES["false"][name] for name in sets.SETS}
    assert sum(len(changes) for some in made.values() for changes in some.values()) >= 200
    assert NAMES["false"]["by hand"] == list(classical.FALSE)
    assert all(made[name].keys() <= set(NAMES[name]) for name in sets.SETS)


@pytest.mark.slow
@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", list(NAMES["false"]["classical"])[::6])
def test_a_false_neighbour_is_broken_at_an_exact_point(name: str) -> None:
    for one in neighbours.neighbours(lemma(name), NAMES["false"]["classical"][name]):
        assert neighbours.broken(one)


def test_a_true_statement_is_not_broken() -> None:
    assert not neighbours.broken(lemma("Cauchy–Schwarz"))
    assert not neighbours.broken(lemma("push-through"))


@pytest.mark.slow
def test_a_neighbour_keeps_no_premise_that_exact_points_break() -> None:
    """What (44) says of α is so along a run; at a point α is any number."""
    said = {entry.name: entry.what for entry in SETTING.premises.entries if isinstance(entry.what, Axiom)}
    assert neighbours.sure(said["definition of A"], SETTING)
    assert not neighbours.sure(said["(44): α = √(2K)(4‖Z̄‖₂/(γζ_0))√Δ^(0)"], SETTING)


def test_the_proof_of_another_statement_does_not_count() -> None:
    one = lemma("means")
    found = one.found()
    assert found is not None
    assert one.accepted(found)
    assert not replace(one, rhs=one.rhs.value - number(1)).accepted(found)


def test_the_statement_itself_is_no_premise() -> None:
    gap = scalar("a") - scalar("b")
    same = Fact("the same, twice", 2 * gap)
    turned, axiom = Fact("turned round", -gap), Axiom("as an equation", scalar("b"), scalar("a"), ())
    assert list(others((same, turned, axiom), gap, ())) == [turned]


@pytest.mark.whole
def test_lemmas_are_statements_before_under_hypotheses_of_the_statement_itself() -> None:
    plain, pooled = list(sets.inequalities()), list(sets.pooled())
    assert [one.name for one in pooled] == [one.name for one in plain]
    assert not pooled[0].pool
    for one, other in zip(plain, pooled, strict=True):
        mine = {what.content for what in one.premises}
        assert other.premises == one.premises
        assert all(found.content in mine for fact in other.pool for found in hypotheses(fact))
        assert not any(fact.positive == one.gap for fact in other.pool)


def works() -> Iterator[dict[str, Any]]:
    yield {"one": 1}
    yield {"two": 2}


def loops() -> Iterator[dict[str, Any]]:
    yield {"one": 1}
    while True:
        pass


def fails() -> Iterator[dict[str, Any]]:
    yield {"one": 1}
    raise ValueError


def test_a_search_in_a_process_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    assert process.measured(works, 60) == {"one": 1, "two": 2, "ended": False, "failed": False}
    assert process.measured(loops, 1) == {"one": 1, "ended": True, "failed": False}
    assert process.measured(fails, 60) == {"one": 1, "ended": False, "failed": True}
    assert "ValueError" in capfd.readouterr().err


def test_the_page_shows_the_record() -> None:
    record = json.loads(run.RECORD.read_text(encoding="utf-8"))
    assert section.section(record) in shared.PAGE.read_text(encoding="utf-8")
    assert list(record["sets"]) == [name for name in run.LIMITS if name in record["sets"]]
    for found in record["sets"].values():
        assert not found.get("proved")
        assert not found["refused by a checker"]
        assert not found["failed"]
        assert len(found.get("not found", ())) in (0, found["of"] - found["found"])
