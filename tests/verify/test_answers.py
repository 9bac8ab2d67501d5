"""The answers with which a record begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from small_runs import record_of, small

from verify.output.answers import truth
from verify.record import Answer, ClaimRecord
from verify.theories.yang2024.answers import MODEL, TIGHT, answers
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options

PRINTED = {"form": "printed", "verdict": "not refuted", "strength": "certified", "here": "holds"}
REPAIRED = {"form": "repaired", "verdict": "holds", "strength": "proved", "here": "holds"}
FALSE = {
    "form": "printed",
    "verdict": "fails",
    "strength": None,
    "refutation": "exact witness",
    "here": "undecided",
}


def row(words: Mapping[str, Any], **changes: Any) -> ClaimRecord:
    said = {"id": "theorem-9", "main": True, "source": "Theorem 9, (7)"} | dict(words) | changes
    return ClaimRecord.model_construct(
        **{"aliases": [], "title": "a title", "given": [], "refutation": None} | said  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([PRINTED], "Theorem 9 is neither proved nor refuted."),
        ([PRINTED, REPAIRED], "Theorem 9 is proved once repaired; its printed form is neither proved nor refuted."),
        ([FALSE, REPAIRED], "Theorem 9 fails as printed, and is proved once repaired."),
        ([FALSE], "Theorem 9 fails (exact witness)."),
        ([FALSE, REPAIRED | {"verdict": "not refuted", "strength": "tested"}], "Theorem 9 fails (exact witness)."),
        ([PRINTED | {"verdict": "holds", "strength": "proved"}], "Theorem 9 is proved."),
        (
            [PRINTED | {"verdict": "holds", "strength": "proved given", "given": ["induction"]}],
            "Theorem 9 is proved given induction.",
        ),
        ([PRINTED | {"verdict": "vacuous", "strength": None}], "Theorem 9 is vacuous: nothing that was tried meets its conditions."),
    ],
)  # fmt: skip
def test_the_first_answer_is_about_the_main_statements(rows: list[dict[str, Any]], said: str) -> None:
    assert truth([row(one) for one in rows]).answer == said


def test_a_failure_beside_the_main_statements_is_a_note() -> None:
    beside = row(FALSE, id="eq-7", main=False)
    found = truth([row(PRINTED), row(REPAIRED), beside])
    assert found.note == "1 statement beside the main ones fails as printed."
    assert found.figures == {
        "Theorem 9, printed": "not refuted; holds here",
        "Theorem 9, repaired": "holds, proved; holds here",
        "taken without proof": "nothing",
    }
    assert truth([row(PRINTED)]).note == ""


def test_what_is_taken_without_proof_is_a_figure() -> None:
    given = PRINTED | {"verdict": "holds", "strength": "proved given", "given": ["induction", "Rolle"]}
    assert truth([row(given)]).figures["taken without proof"] == "induction, Rolle"


def test_without_main_statements_all_are_counted() -> None:
    found = truth([row(PRINTED, main=False), row(FALSE, main=False, id="eq-7")])
    assert found.answer.startswith("2 printed statements: 1 fails (1 by an exact witness), 1 is not refuted")
    assert found.figures == {"printed statements": 2, "taken without proof": "nothing"}
    assert truth([]).answer == "No statement was judged."


def answered(**options: Any) -> dict[str, Answer]:
    return {one.question: one for one in answers(Laboratory(small(), Options(device="cpu", **options)))}


def test_a_trained_transformer_is_said_to_do_ridge_only_where_the_gap_is_small() -> None:
    """The first laboratory trains to its bound, the second one stops after two steps."""
    trained = Laboratory(small(), Options(device="cpu"))
    assert trained.trajectory is not None
    whole = {one.question: one for one in answers(trained)}
    assert whole[MODEL].answer == "It predicts as ridge regression does."
    assert whole[MODEL].note == "The attention did not learn: at the rates of the theorem only w moves."
    assert list(whole[TIGHT].figures.values())[2] != "not within 2 steps"
    short = Laboratory(small(), Options(device="cpu", max_steps=2))
    assert short.trajectory is not None
    cut = {one.question: one for one in answers(short)}
    assert cut[MODEL].answer.startswith("Not yet: after ")
    assert cut[TIGHT].figures.keys() == whole[TIGHT].figures.keys()


def test_without_training_nothing_is_said_of_a_model() -> None:
    assert MODEL not in answered()


def test_a_record_of_some_claims_has_the_first_answer_alone() -> None:
    assert [one.question for one in record_of().answers] == ["Is it true?"]
