"""The first answer of a record: the verdicts of its main statements in a sentence, and as figures."""

from __future__ import annotations

from typing import Any

from verify.output.answers import truth
from verify.record import ClaimRecord


def row(form: str, verdict: str, *, id: str = "t", main: bool = True, **known: Any) -> ClaimRecord:
    return ClaimRecord.model_validate(
        {
            "id": id,
            "title": "Rate",
            "form": form,
            "source": "Theorem 1, (1)",
            "statement": [],
            "verdict": verdict,
            "here": "undecided",
        }
        | {
            "strength": None,
            "margin": None,
            "expected": None,
            "assumptions": [],
            "evidence": [],
            "witness": None,
            "command": "",
        }
        | {"main": main, **known}
    )


def test_a_repair_that_is_proved_does_not_promote_the_printed_form() -> None:
    found = truth(
        [row("printed", "not refuted", strength="tested"), row("repaired", "holds", strength="proved")]
    )
    assert (
        found.answer == "Theorem 1 is proved once repaired; its printed form is neither proved nor refuted."
    )
    assert found.figures == {"Theorem 1, printed": "not refuted", "Theorem 1, repaired": "holds, proved"}


def test_what_a_proof_takes_without_proof_is_said_in_the_same_breath() -> None:
    repaired = row("repaired", "holds", strength="proved given", given=["Lemma 2"])
    assert (
        "proved given Lemma 2 once repaired"
        in truth([row("printed", "fails", refutation="certified"), repaired]).answer
    )


def test_failures_beside_the_main_statements_are_counted() -> None:
    failing = row("printed", "fails", id="other", main=False, refutation="exact witness")
    assert "1 statement beside" in truth([row("printed", "holds", strength="proved"), failing]).note


def test_without_main_statements_all_are_counted() -> None:
    found = truth([row("stated", "holds", main=False, strength="proved")])
    assert found.figures == {"statements": 1}
    assert truth([]).answer == "No statement was judged."
