"""From evidence to a verdict: every rule of the three separate things, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError
from small_runs import stated

from verify.known import known
from verify.pipeline.judge import command, here_of, judge, verdict_of
from verify.record import AssumptionRecord, Evidence, Witness
from verify.vocabulary import PROVED, STRENGTHS

WITNESS = Witness(summary="at N = 1", method="exact rational arithmetic")


def general(found, by="tested", margin=None):
    witness = WITNESS if found == "fails" else None
    given = ["Rolle"] if by == "proved given" else []
    words = known("general", found, by)
    return Evidence(check="x", **words, given=given, margin=margin, statement="", witness=witness)


def local(found, margin=None):
    return Evidence(check="x", **known("here", found, "tested"), margin=margin, statement="")


def assumption(id, verdict):
    return AssumptionRecord(
        id=id, title="", text="", verdict=verdict, strength=None, margin=None, margin_meaning="", finding=""
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([], ("undecided", None, None)),
        ([general("holds", "proved")], ("holds", "proved", None)),
        ([general("holds", "proved given")], ("holds", "proved given", None)),
        ([general("holds", "proved at size")], ("not refuted", "proved at size", None)),
        ([general("holds", "exact")], ("not refuted", "certified", None)),
        ([general("holds", "tested"), general("holds", "proved")], ("holds", "proved", None)),
        ([general("holds", "observed"), general("holds", "certified")], ("not refuted", "certified", None)),
        ([general("holds", "proved"), general("fails", "observed")], ("fails", None, "statistical")),
        ([general("fails", "observed"), general("fails", "certified")], ("fails", None, "certified")),
        ([general("fails", "exact"), general("fails", "certified")], ("fails", None, "exact witness")),
        ([general("fails", "proved at size")], ("fails", None, "exact witness")),
        ([general("undecided"), general("holds", "tested")], ("not refuted", "tested", None)),
        ([general("undecided")], ("undecided", None, None)),
        ([general("vacuous")], ("vacuous", None, None)),
        ([general("vacuous"), general("undecided")], ("vacuous", None, None)),
        ([general("vacuous"), general("holds", "tested")], ("not refuted", "tested", None)),
        ([local("fails")], ("undecided", None, None)),
        ([local("holds"), general("holds", "tested")], ("not refuted", "tested", None)),
    ],
)
def test_the_verdict_on_all_instances(evidence, expected):
    found = verdict_of(evidence)
    assert (found.verdict, found.strength, found.refutation) == expected
    assert found.given == (("Rolle",) if found.strength == "proved given" else ())


@pytest.mark.parametrize("kind", ["definition", "assumption"])
def test_a_definition_is_not_said_to_hold(kind):
    """Only what is made of it is checked, and that may fail."""
    assert verdict_of([general("holds", "proved")], kind) == (kind, None, (), None)
    assert verdict_of([general("holds", "tested")], kind).verdict == kind
    assert verdict_of([general("fails", "exact")], kind).verdict == "fails"
    assert verdict_of([general("undecided")], kind).verdict == "undecided"


@pytest.mark.parametrize("weaker", range(1, len(STRENGTHS)))
def test_the_stronger_support_counts(weaker):
    evidence = [general("holds", STRENGTHS[weaker]), general("holds", STRENGTHS[weaker - 1])]
    found = verdict_of(evidence)
    assert found == verdict_of(evidence[::-1])
    assert found.strength == STRENGTHS[weaker - 1]
    assert (found.verdict == "holds") == (found.strength in PROVED)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"verdict": "holds", "strength": "certified"}, "what is proved holds, nothing else does"),
        ({"verdict": "not refuted", "strength": "proved"}, "what is proved holds, nothing else does"),
        ({"verdict": "fails"}, "a failure has a refutation, nothing else has"),
        ({"verdict": "fails", "refutation": "certified", "strength": "certified"}, "and no strength"),
        ({"verdict": "holds", "strength": "proved", "refutation": "certified"}, "nothing else has"),
        ({"verdict": "holds", "strength": "proved given"}, "name in `given` what is taken without proof"),
    ],
)
def test_evidence_cannot_promise_more_than_it_has(words, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Evidence(check="x", scope="general", statement="", **words)


@pytest.mark.parametrize(
    ("verdict", "evidence", "failed", "expected"),
    [
        ("holds", [], [], ("holds", None)),
        ("fails", [], [], ("undecided", None)),
        ("undecided", [], [], ("undecided", None)),
        ("vacuous", [], [], ("undecided", None)),
        ("holds", [local("holds", 0.5), local("holds", 0.25)], [], ("holds", 0.25)),
        ("fails", [local("holds", 0.5)], [], ("holds", 0.5)),
        ("holds", [local("holds", 0.5), local("fails", -0.5)], [], ("fails", -0.5)),
        ("holds", [local("undecided"), local("fails")], [], ("fails", None)),
        ("holds", [local("undecided"), local("holds", 0.5)], [], ("undecided", 0.5)),
        ("holds", [general("holds", margin=0.1)], [], ("holds", None)),
        ("holds", [local("fails", -1.0)], ["A1"], ("not applicable", None)),
        ("fails", [], ["A1"], ("not applicable", None)),
    ],
)
def test_here(verdict, evidence, failed, expected):
    assert here_of(verdict, evidence, failed) == expected


HOLDS = [general("holds", "proved")]


@pytest.mark.parametrize(
    ("evidence", "assumptions", "expected", "here", "contradiction"),
    [
        (HOLDS, {}, "holds", "holds", None),
        (HOLDS, {"A1": "holds"}, "holds", "holds", None),
        (HOLDS, {"A1": "fails"}, "holds", "not applicable", None),
        (HOLDS, {"A2": "fails"}, "holds", "holds", None),  # not one of its assumptions
        (HOLDS, {"A1": "undecided"}, "holds", "undecided", None),
        ([*HOLDS, local("fails")], {"A1": "undecided"}, "holds", "fails", "the verdict is holds, and at"),
        ([*HOLDS, local("fails")], {"A1": "fails"}, "holds", "not applicable", None),
        ([*HOLDS, local("fails")], {}, "holds", "fails", "the verdict is holds, and at this instance it fails"),
        ([*HOLDS, local("fails")], {}, None, "fails", "the verdict is holds, and at this instance it fails"),
        (HOLDS, {}, None, "holds", None),
        (HOLDS, {}, "fails", "holds", "the verdict is holds, expected was fails"),
        ([general("fails", "certified")], {}, "fails", "undecided", None),
        ([general("fails", "certified"), local("holds")], {}, "fails", "holds", None),
        ([general("fails", "certified")], {}, "holds", "undecided", "the verdict is fails, expected was holds"),
        ([general("fails", "certified")], {"A1": "fails"}, "holds", "not applicable", "the verdict is fails"),
        ([general("undecided")], {}, "holds", "undecided", "the verdict is undecided, expected was holds"),
        ([general("vacuous")], {}, "holds", "undecided", "the verdict is vacuous, expected was holds"),
        ([], {}, None, "undecided", None),
    ],
)  # fmt: skip
def test_judge(evidence, assumptions, expected, here, contradiction):
    claim = replace(stated("eq-9"), expected=expected, assumptions=("A0", "A1"))
    named = {id: assumption(id, verdict) for id, verdict in assumptions.items()}
    found = judge(claim, evidence, named, lambda id: f"run --only {id}")
    assert found.here == here
    if contradiction is None:
        assert found.contradiction is None
    else:
        assert found.contradiction is not None
        assert found.contradiction.startswith(contradiction)
    assert (found.witness is None) == (found.verdict != "fails")
    assert found.expected == expected
    assert list(found.evidence) == list(evidence)
    assert found.formal


def test_what_repeats_a_row():
    repeat = lambda id: f"icl-verify run my.toml --only {id}"  # noqa: E731
    assert command(stated("eq-33"), "fails", repeat) == "icl-verify replay eq-33"
    assert command(stated("eq-33", "repaired"), "holds", repeat) == "icl-verify run my.toml --only eq-33"
    assert command(stated("eq-20"), "fails", repeat) == "icl-verify run my.toml --only eq-20"
    assert command(stated("theorem-1"), "holds", repeat) == "icl-verify run my.toml --only theorem-1"
