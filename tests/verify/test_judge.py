"""From evidence to a verdict: every rule of the three separate things, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_runs import stated

from verify.judge import command, here_of, judge, verdict_of
from verify.record import STRENGTHS, AssumptionRecord, Evidence, Witness

WITNESS = Witness(summary="at N = 1", method="exact rational arithmetic")


def general(verdict, strength="tested", margin=None):
    witness = WITNESS if verdict == "fails" else None
    return Evidence(
        check="x",
        scope="general",
        verdict=verdict,
        strength=strength,
        margin=margin,
        statement="",
        witness=witness,
    )


def local(verdict, margin=None):
    return Evidence(check="x", scope="here", verdict=verdict, strength="tested", margin=margin, statement="")


def assumption(id, verdict):
    return AssumptionRecord(
        id=id, title="", text="", verdict=verdict, strength=None, margin=None, margin_meaning="", finding=""
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([], ("undecided", None)),
        ([general("holds", "proved")], ("holds", "proved")),
        ([general("holds", "tested"), general("holds", "proved")], ("holds", "proved")),
        ([general("holds", "observed"), general("holds", "certified")], ("holds", "certified")),
        ([general("holds", "proved"), general("fails", "observed")], ("fails", "observed")),
        ([general("fails", "observed"), general("fails", "certified")], ("fails", "certified")),
        ([general("fails", None), general("fails", "certified")], ("fails", "certified")),
        ([general("undecided", None), general("holds", "tested")], ("holds", "tested")),
        ([general("undecided", None)], ("undecided", None)),
        ([general("vacuous", None)], ("vacuous", None)),
        ([general("vacuous", None), general("undecided", None)], ("vacuous", None)),
        ([general("vacuous", None), general("holds", "tested")], ("holds", "tested")),
        ([local("fails")], ("undecided", None)),
        ([local("holds"), general("holds", "tested")], ("holds", "tested")),
    ],
)
def test_the_verdict_on_all_instances(evidence, expected):
    assert verdict_of(evidence) == expected


@pytest.mark.parametrize("weaker", range(1, len(STRENGTHS)))
def test_the_stronger_support_counts(weaker):
    evidence = [general("holds", STRENGTHS[weaker]), general("holds", STRENGTHS[weaker - 1])]
    assert verdict_of(evidence) == verdict_of(evidence[::-1]) == ("holds", STRENGTHS[weaker - 1])


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
        ("holds", [local("fails", -1.0)], ["A1"], ("not-applicable", None)),
        ("fails", [], ["A1"], ("not-applicable", None)),
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
        (HOLDS, {"A1": "fails"}, "holds", "not-applicable", None),
        (HOLDS, {"A2": "fails"}, "holds", "holds", None),  # not one of its assumptions
        (HOLDS, {"A1": "undecided"}, "holds", "undecided", None),
        ([*HOLDS, local("fails")], {"A1": "undecided"}, "holds", "fails", "it is said to hold"),
        ([*HOLDS, local("fails")], {"A1": "fails"}, "holds", "not-applicable", None),
        ([*HOLDS, local("fails")], {}, "holds", "fails", "it is said to hold in general and fails at this instance"),
        ([*HOLDS, local("fails")], {}, None, "fails", "it is said to hold in general and fails at this instance"),
        (HOLDS, {}, None, "holds", None),
        (HOLDS, {}, "fails", "holds", "the verdict is holds, expected was fails"),
        ([general("fails", "certified")], {}, "fails", "undecided", None),
        ([general("fails", "certified"), local("holds")], {}, "fails", "holds", None),
        ([general("fails", "certified")], {}, "holds", "undecided", "the verdict is fails, expected was holds"),
        ([general("fails", "certified")], {"A1": "fails"}, "holds", "not-applicable", "the verdict is fails"),
        ([general("undecided", None)], {}, "holds", "undecided", "the verdict is undecided, expected was holds"),
        ([general("vacuous", None)], {}, "holds", "undecided", "the verdict is vacuous, expected was holds"),
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
