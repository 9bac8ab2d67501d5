"""The list of claims, one claim explained, and the committed reference record and status page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from sound_record import can_be_doubted, goes_through_a_file, has_the_fixed_names

import verify
from verify.cli import main
from verify.output import listing
from verify.output.tally import sentences
from verify.record import ClaimRecord, Improvement, Need, Record, Witness
from verify.theories.named import find
from verify.theories.shipped import theory
from verify.vocabulary import METHODS, Failure

STATUS, FINDINGS = (Path(__file__).parents[2] / "docs" / name for name in ("status.md", "findings.md"))


@pytest.fixture(scope="module")
def fresh() -> Record:
    return verify.run(verify.load(), command="icl-verify run")


def judged(record: Record) -> list[tuple[str, ...]]:
    """What a verdict says, without the figures that another machine may round otherwise."""
    return [
        (c.id, c.form, c.verdict, c.here, c.known, str(c.failure), str(c.expected), c.reason, c.reading)
        for c in record.claims
    ]


@pytest.mark.slow
def test_reference_record_is_the_default_run(fresh: Record) -> None:
    reference = find(None).reference()
    assert judged(reference) == judged(fresh)
    assert [a.verdict for a in reference.assumptions] == [a.verdict for a in fresh.assumptions]
    assert [c.statement for c in reference.claims] == [c.statement for c in fresh.claims]
    assert [[e.check for e in c.evidence] for c in reference.claims] == [
        [e.check for e in c.evidence] for c in fresh.claims
    ]


@pytest.mark.slow
def test_the_default_run_is_sound(fresh: Record, tmp_path: Path) -> None:
    goes_through_a_file(fresh, tmp_path)
    has_the_fixed_names(fresh)
    can_be_doubted(fresh)


def test_status_page_is_generated() -> None:
    assert STATUS.read_text(encoding="utf-8") == listing.status(find(None).reference())


@pytest.mark.slow
def test_trimmed_keeps_every_verdict(fresh: Record) -> None:
    small = listing.trimmed(fresh)
    assert judged(small) == judged(fresh)
    assert small.training is None
    assert all(e.seconds == 0 for c in small.claims for e in c.evidence)


def test_the_reference_is_written_with_its_page(tmp_path: Path) -> None:
    record, page = listing.keep(find(None).reference(), tmp_path / "reference.json", tmp_path / "status.md")
    assert Record.load(record) == listing.trimmed(find(None).reference())
    assert page.read_text(encoding="utf-8") == listing.status(Record.load(record))


def test_the_methods_of_the_reference_are_those_of_the_vocabulary() -> None:
    assert {one.check for row in find(None).reference().claims for one in row.evidence} <= set(METHODS)


def test_the_main_theorems_are_named_where_they_are_open() -> None:
    claims = find(None).reference().claims
    assert "Theorem 1 and Theorem 2 among them" in sentences(claims)
    assert "among them" not in sentences([claim.model_copy(update={"main": False}) for claim in claims])


def test_claims_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(find(None).reference().claims)
    assert {"id", "form", "verdict", "strength", "evidence"} <= set(rows[0])
    assert all(row["evidence"] for row in rows)


def test_claims_of_another_record(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    record = find(None).reference()
    record.model_copy(update={"claims": record.claims[:2]}).save(tmp_path / "record.json")
    assert main(["claims", "--json", "--record", str(tmp_path / "record.json")]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_claims_stand_in_columns_under_the_parts_of_the_paper() -> None:
    first, second, third = (c.model_copy(update={"part": ""}) for c in find(None).reference().claims[:3])
    long = first.model_copy(update={"id": "theorem-2-errors", "part": "Results"})
    record = find(None).reference().model_copy(
        update={
            "claims": [
                long, second.model_copy(update={"part": "Results"}), third.model_copy(update={"part": "Proof of Theorem 1"})
            ]
        }
    )  # fmt: skip
    lines = listing.as_text(record).splitlines()
    assert [line for line in lines if line in ("Results", "Proof of Theorem 1")] == [
        "Results",
        "Proof of Theorem 1",
    ]
    rows = [line for line in lines if "  printed" in line]
    assert len({row.index("printed") for row in rows} | {lines[0].index("form")}) == 1
    verdicts = [claim.verdict for claim in record.claims]
    assert verdicts == ["holds", "holds", "definition"]
    places = {row.index(verdict) for row, verdict in zip(rows, verdicts, strict=True)}
    assert places == {lines[0].index("verdict")}
    assert lines[-1] == sentences(record.claims)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["--verdict", "fails"], lambda c: c.verdict == "fails"),
        (["--strength", "proved"], lambda c: c.strength == "proved"),
        (
            ["--verdict", "not refuted", "--strength", "tested"],
            lambda c: (c.verdict, c.strength) == ("not refuted", "tested"),
        ),
        (["--strength", "proved given"], lambda c: c.strength == "proved given"),
        (["--refutation", "exact witness"], lambda c: c.refutation == "exact witness"),
        (["--verdict", "vacuous"], lambda c: c.verdict == "vacuous"),
    ],
)
def test_claims_of_one_kind(
    words: list[str], kept: Callable[[ClaimRecord], bool], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", "--json", *words]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(r["id"], r["form"]) for r in rows] == [
        (c.id, c.form) for c in find(None).reference().claims if kept(c)
    ]
    assert main(["claims", *words]) == 0
    assert capsys.readouterr().out.count("  printed  ") == sum(r["form"] == "printed" for r in rows)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--verdict", "fail"], "--verdict = fail: needs a verdict; did you mean fails?"),
        (
            ["--strength", "x"],
            "--strength = x: needs a strength; known: certified, observed, proved, proved at size, proved given, tested",
        ),
        (
            ["--verdict", "fails", "--markdown"],
            "--verdict = fails: needs a list, and docs/status.md is whole; leave out --markdown",
        ),
    ],
)
def test_claims_of_no_kind(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", *words]) == 2
    assert capsys.readouterr().err == f"icl-verify: {line}\n"


NEED = Need(
    assumption="A1", verdict="needed", strength="certified", statement="Without it, it fails.", budget="one instance",
    witness=Witness(summary="at N = 1", values={"tau": "1/2"}, lhs="2", rhs="1", method="exact"),
)  # fmt: skip
IMPROVEMENT = Improvement(
    kind="tightened", statement="4 in the place of 8, ‖x‖ | y", strength="proved", factor="2", attained="at K = 1",
    proof=["Cauchy–Schwarz", "and once more"],
)  # fmt: skip


def test_explain_shows_what_is_known_beside_the_verdict(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record = find(None).reference()
    evidence = record.claims[0].evidence[0].model_copy(
        update={"check": "search", "figures": {"closest ratio": 0.75}, "budget": "10,000 points"}
    )  # fmt: skip
    claim = record.claims[0].model_copy(
        update={
            "part": "Results", "needs": [NEED, NEED.model_copy(update={"verdict": "none found", "witness": None})],
            "improvements": [IMPROVEMENT], "consequence": "(18) by the factor 3.", "evidence": [evidence],
        }
    )  # fmt: skip
    record.model_copy(update={"claims": [claim]}).save(tmp_path / "record.json")
    assert main(["explain", claim.id, "--record", str(tmp_path / "record.json")]) == 0
    shown = capsys.readouterr().out
    for line in (
        "    figures: closest ratio 0.75",
        "    budget: 10,000 points",
        "  A1: needed (certified). Without it, it fails.",
        "    witness: at N = 1",
        "      tau = 1/2",
        "      left side = 2",
        "    budget: one instance",
        "  A1: none found (certified). Without it, it fails.",
        "tightened (proved, by the factor 2): 4 in the place of 8, ‖x‖ | y",
        "  attained: at K = 1",
        "  2. and once more",
        "downstream: (18) by the factor 3.",
    ):
        assert line in shown.splitlines()
    title = f"Results: {claim.source}, printed: {claim.title} [{claim.id}]"
    assert " ".join(shown.split()).startswith(title)
    assert max(map(len, shown.splitlines())) <= 80


def test_status_page_lists_improvements_and_needs() -> None:
    record = find(None).reference()
    claim = record.claims[0].model_copy(
        update={"part": "Results", "needs": [NEED], "improvements": [IMPROVEMENT]}
    )
    page = listing.status(record.model_copy(update={"claims": [claim]}))
    assert "\n## Results\n" in page
    assert (
        f"| `{claim.id}` | printed | tightened | 4 in the place of 8, ‖x‖ \\| y | proved | 2 | at K = 1 |"
        in page
    )
    assert f"| `{claim.id}` | printed | A1 | needed | certified | Without it, it fails. |" in page


def test_explain_shows_both_forms_and_the_witness(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "eq-36"]) == 0
    out = capsys.readouterr().out
    assert "Lemma 5, (36), printed" in out
    assert "Lemma 5, (36), repaired" in out
    assert "witness: at N = 1, K = 2" in out
    assert "repeat it: icl-verify replay lemma-5" in out


def test_explain_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lema-5"]) == 2
    assert capsys.readouterr().err == (
        "icl-verify: ID = lema-5: needs the id of a claim; did you mean lemma-5?\n"
    )


def test_each_text_that_fails_is_false_silent_or_misread() -> None:
    """What the claims' files say stands in docs/findings.md too; silent and misread ones have the other reading as a repair."""
    failing = {claim.id: claim.failure for claim in theory().claims if claim.expected == "fails"}
    assert None not in failing.values()
    assert {claim.id for claim in theory().claims if claim.failure is not None} == set(failing)
    lines = FINDINGS.read_text(encoding="utf-8").splitlines()
    told = {
        id: line.split(" | ")[1]
        for line in lines
        if line.startswith("| `") and line.split(" | ")[1] in get_args(Failure)
        for id in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    }
    assert told == failing
    repaired = {claim.id: claim for claim in theory().claims if claim.form == "repaired"}
    for claim in theory().claims:
        if claim.failure in ("silent", "misread"):
            assert repaired[claim.id].accepted
            assert claim.reading
