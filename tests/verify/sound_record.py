"""What holds for the record of every sound run, as assertions: of the small run with short searches, and of the default run."""

from __future__ import annotations

import json
from pathlib import Path

import reports
import verify
from verify.record import Record
from verify.vocabulary import PROVED, STRENGTHS


def goes_through_a_file(record: Record, folder: Path) -> None:
    path = folder / "record.json"
    record.save(path)
    assert Record.load(path) == record
    assert verify.Record.load(path) == record
    assert reports.html(Record.load(path)) == reports.html(record)


FIXED = {
    "claims": ("id", "form", "source", "verdict", "here", "strength", "margin", "expected", "assumptions", "evidence",
               "witness", "command"),
    "assumptions": ("id", "verdict", "margin"),
}  # fmt: skip


def has_the_fixed_names(record: Record) -> None:
    data = json.loads(record.model_dump_json())
    for part, names in FIXED.items():
        for row in data[part]:
            assert set(names) <= set(row)
    assert {a["id"] for a in data["assumptions"]} >= {"A0", "A1", "A2", "A3", "A4"}
    ids = {c["id"] for c in data["claims"]}
    assert ids >= {
        "prop-1",
        "lemma-1",
        "lemma-4",
        "lemma-5",
        "eq-33",
        "eq-34",
        "eq-45",
        "eq-82",
        "theorem-1",
        "theorem-2",
    }


def can_be_doubted(record: Record) -> None:
    """Evidence with a method and a budget, a command, a witness for what fails, and no more strength than there is."""
    assert (record.exit_code, record.status, record.warnings) == (0, "complete", [])
    named = {a.id for a in record.assumptions}
    for claim in record.claims:
        assert claim.evidence, claim.id
        assert claim.command
        assert claim.id in claim.command
        assert claim.reason
        assert set(claim.assumptions) <= named
        assert claim.verdict == claim.expected
        if claim.verdict == "fails":
            assert claim.witness is not None
            assert claim.failure is not None
        general = [e for e in claim.evidence if e.scope == "general"]
        if claim.verdict in ("holds", "not refuted", "fails"):
            assert claim.known in [e.known for e in general if e.verdict == claim.verdict]
        else:
            assert claim.known == ""
        assert (claim.verdict == "holds") == (claim.strength in PROVED)
        assert bool(claim.given) == (claim.strength == "proved given")
        for e in claim.evidence:
            assert e.statement.endswith(".")
            assert (e.known == "") == (e.verdict in ("undecided", "vacuous"))
            assert e.strength is None or e.strength in STRENGTHS
            if e.verdict == "fails" and e.scope == "general":
                assert e.witness is not None
            if e.strength in PROVED:
                assert e.check in ("prove", "exhibit")
                assert e.steps or e.check == "exhibit"
            if e.check in ("compare", "sample", "train"):
                assert e.strength in ("tested", "observed", None), "floating point certifies nothing"
            if e.scope == "general" and e.check == "sample":
                assert "instances" in e.figures
    for claim in record.claims:
        repaired = [c for c in record.claims if c.id == claim.id and c.form == "repaired"]
        if claim.form == "printed" and claim.verdict == "fails":
            assert len(repaired) == 1
