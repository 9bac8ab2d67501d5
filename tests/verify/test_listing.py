"""The list of claims, one claim explained, and the committed reference record and status page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import verify
from verify import listing
from verify.cli import main
from verify.record import Record

STATUS = Path(__file__).parents[2] / "docs" / "status.md"


@pytest.fixture(scope="module")
def fresh() -> Record:
    return verify.run(verify.load(), command="icl-verify run")


def judged(record: Record) -> list[tuple[str, ...]]:
    """What a verdict says, without the figures that another machine may round otherwise."""
    return [
        (c.id, c.form, c.verdict, c.here, str(c.strength), str(c.expected), c.reason, c.reading)
        for c in record.claims
    ]


def test_reference_record_is_the_default_run(fresh: Record) -> None:
    reference = listing.reference()
    assert judged(reference) == judged(fresh)
    assert [a.verdict for a in reference.assumptions] == [a.verdict for a in fresh.assumptions]
    assert [c.statement for c in reference.claims] == [c.statement for c in fresh.claims]
    assert [[e.check for e in c.evidence] for c in reference.claims] == [
        [e.check for e in c.evidence] for c in fresh.claims
    ]


def test_status_page_is_generated() -> None:
    assert STATUS.read_text(encoding="utf-8") == listing.status(listing.reference())


def test_trimmed_keeps_every_verdict(fresh: Record) -> None:
    small = listing.trimmed(fresh)
    assert judged(small) == judged(fresh)
    assert small.training is None
    assert all(e.seconds == 0 for c in small.claims for e in c.evidence)


def test_claims_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(listing.reference().claims)
    assert {"id", "form", "verdict", "strength", "evidence"} <= set(rows[0])
    assert all(row["evidence"] for row in rows)


def test_claims_of_another_record(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    record = listing.reference()
    record.model_copy(update={"claims": record.claims[:2]}).save(tmp_path / "record.json")
    assert main(["claims", "--record", str(tmp_path / "record.json")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


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
        "icl-verify: ID = lema-5: needs an id of a claim in this record; did you mean lemma-5?\n"
    )
