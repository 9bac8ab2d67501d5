"""The claims of a record as a list, one claim explained, and docs/status.md. Reads records; computes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

from verify.record import ClaimRecord, Evidence, Record

ROW = (
    "id",
    "form",
    "source",
    "title",
    "verdict",
    "here",
    "strength",
    "margin",
    "expected",
    "aliases",
    "assumptions",
)


def reference() -> Record:
    """The committed record of the default run."""
    return Record.model_validate_json(files("verify").joinpath("reference.json").read_text(encoding="utf-8"))


def trimmed(record: Record) -> Record:
    """The record without what differs from run to run or is only drawn: provenance, times, curves and pictures."""
    claims = [
        claim.model_copy(update={"evidence": [e.model_copy(update={"seconds": 0.0}) for e in claim.evidence]})
        for claim in record.claims
    ]
    still = record.provenance.model_copy(
        update={
            "commit": None,
            "started": "",
            "seconds": 0.0,
            "seconds_by_stage": {},
            "platform": "",
            "python": "",
        }
    )
    empty: dict[str, object] = {"training": None, "predictor": None, "spectrum": [], "derivation": []}
    return record.model_copy(update={"claims": claims, "provenance": still, **empty})


def as_json(record: Record) -> str:
    """One object a claim, with the fields of ROW and how much evidence it has."""
    rows = [
        {name: getattr(claim, name) for name in ROW} | {"evidence": len(claim.evidence)}
        for claim in record.claims
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False)


def as_text(record: Record) -> str:
    """One line a claim, in the order of the paper."""
    lines = [
        f"{claim.id:<16} {claim.form:<9} {claim.verdict:<10} {claim.strength or '-':<15} {claim.source}: {claim.title}"
        for claim in record.claims
    ]
    return "\n".join([f"{'claim':<16} {'form':<9} {'verdict':<10} {'strength':<15} statement", *lines])


def explain(record: Record, id: str) -> str:
    """Statement, reading, evidence, witness and repair of one claim, in each of its forms."""
    return "\n\n".join(_one(claim) for claim in record.claims if claim.id == id)


def _one(claim: ClaimRecord) -> str:
    lines = [
        f"{claim.source}, {claim.form}: {claim.title}  [{claim.id}]",
        f"verdict: {claim.verdict}" + (f", {claim.strength}" if claim.strength else ""),
        "statement:",
        *(f"  {equation.latex}" for equation in claim.statement),
    ]
    if claim.formal:
        lines += [
            "formal reading, which the checks decide:",
            *(f"  {equation.latex}" for equation in claim.formal),
        ]
    if claim.reading:
        lines.append(f"reading: {claim.reading}")
    lines += [f"assumes: {', '.join(claim.assumptions)}", f"why: {claim.reason}", "evidence:"]
    lines += [line for found in claim.evidence for line in _evidence(found)]
    if claim.witness is not None:
        lines.append(f"witness: {claim.witness.summary}")
        lines += [f"  {name} = {value}" for name, value in claim.witness.values.items()]
    return "\n".join([*lines, f"repeat it: {claim.command}"])


def _evidence(found: Evidence) -> Sequence[str]:
    where = "all instances" if found.scope == "general" else "the recorded instance"
    strength = f", {found.strength}" if found.strength else ""
    return [
        f"  {found.check} ({where}): {found.verdict}{strength}. {found.statement}",
        *(f"    {s}" for s in found.steps),
    ]


def status(record: Record) -> str:
    """docs/status.md: every printed statement, its verdict, and its repair."""
    repaired = {claim.id: claim for claim in record.claims if claim.form == "repaired"}
    printed = [claim for claim in record.claims if claim.form == "printed"]
    lines = [
        "# Status",
        "",
        "Generated from the reference record by `icl-verify claims --markdown`; `make test` regenerates and compares it.",
        "",
        (
            f"{len(printed)} printed statements: {sum(c.verdict == 'holds' for c in printed)} hold, "
            f"{sum(c.verdict == 'fails' for c in printed)} fail as printed, "
            f"{sum(c.verdict not in ('holds', 'fails') for c in printed)} are open."
        ),
        "",
        "| claim | source | statement | verdict | strength | repair |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for claim in printed:
        repair = repaired.get(claim.id)
        mended = f"{repair.verdict}, {repair.strength}" if repair else ""
        lines.append(
            f"| `{claim.id}` | {claim.source} | {claim.title} | {claim.verdict} | {claim.strength or ''} | {mended} |"
        )
    return "\n".join(lines) + "\n"
