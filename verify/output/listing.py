"""The claims of a record as a list, one claim explained, and docs/status.md. Reads records; computes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from verify.output.mathematics import written
from verify.output.phrases import folded
from verify.output.tally import sentences
from verify.record import ClaimRecord, Equation, Evidence, Need, Record, Witness

ROW = (
    "id",
    "form",
    "source",
    "part",
    "title",
    "verdict",
    "here",
    "strength",
    "given",
    "refutation",
    "failure",
    "margin",
    "expected",
    "aliases",
    "assumptions",
)


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
            "code": "",
            "resumed": [],
            "machines": [],
        }
    )
    empty: dict[str, object] = {"answers": [], "training": None, "panels": [], "derivation": []}
    return record.model_copy(update={"claims": claims, "provenance": still, **empty})


def keep(record: Record, reference_file: Path, status_page: Path) -> list[Path]:
    """Write the reference record of a theory, and the status page that is made of that record."""
    small = trimmed(record)
    small.save(reference_file)
    status_page.write_text(status(small), encoding="utf-8")
    return [reference_file, status_page]


def chosen(
    record: Record, verdict: str | None, strength: str | None, refutation: str | None = None
) -> Record:
    """The record with those claims alone that have this verdict, strength and refutation; None for any."""
    kept = [
        claim
        for claim in record.claims
        if verdict in (None, claim.verdict)
        and strength in (None, claim.strength)
        and refutation in (None, claim.refutation)
    ]
    return record.model_copy(update={"claims": kept})


def by_part(claims: Sequence[ClaimRecord]) -> Iterator[tuple[str, list[ClaimRecord]]]:
    """The parts of the paper in order, and the claims of each; one part without a name where the record has none."""
    for part, found in groupby(claims, key=lambda claim: claim.part):
        yield part, list(found)


def as_json(record: Record) -> str:
    """One object a claim, with the fields of ROW, how much evidence it has, and what is known beside its verdict."""
    rows = [
        {name: getattr(claim, name) for name in ROW}
        | {"evidence": len(claim.evidence), "needs": {need.assumption: need.verdict for need in claim.needs}}
        | {"improvements": [one.kind for one in claim.improvements]}
        for claim in record.claims
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False)


def as_text(record: Record) -> str:
    """One line a claim, in the order of the paper and under its parts."""
    width = max([len("claim"), *(len(claim.id) for claim in record.claims)])
    lines = [f"{'claim':<{width}}  {'form':<8}  {'verdict':<11}  {'how known':<14}  statement"]
    for part, claims in by_part(record.claims):
        lines += ["", part] if part else []
        lines += [
            f"{claim.id:<{width}}  {claim.form:<8}  {claim.verdict:<11}  {claim.strength or claim.refutation or '-':<14}  "
            f"{claim.source}: {claim.title}" + (f"; given {', '.join(claim.given)}" if claim.given else "")
            for claim in claims
        ]
    return "\n".join([*lines, "", sentences(record.claims)])


def explain(forms: Sequence[ClaimRecord], latex: bool = False) -> str:
    """Statement, reading, evidence, witness, necessity, improvements and repair of one claim, given in each of its forms.

    Formulas are written in characters, or as their LaTeX; lines are folded, the command alone is not.
    """

    def shown(equation: Equation) -> str:
        return equation.latex if latex else written(equation)

    refused = [f"{one.form} form, {one.known}" for one in forms if one.verdict == "fails"]
    return "\n\n".join(_one(claim, refused if claim.verdict != "fails" else [], shown) for claim in forms)


def _one(claim: ClaimRecord, refused: Sequence[str], shown: Callable[[Equation], str]) -> str:
    where = f"{claim.part}: " if claim.part else ""
    lines = [
        f"{where}{claim.source}, {claim.form}: {claim.title}  [{claim.id}]",
        f"verdict: {claim.verdict}"
        + (f", {claim.known}" if claim.known else "")
        + (f"; the text is {claim.failure}" if claim.failure else ""),
        "statement:",
        *(f"  {shown(equation)}" for equation in claim.statement),
    ]
    if claim.formal and claim.formal != claim.statement:
        lines += [
            "formal reading, which the checks decide:",
            *(f"  {shown(equation)}" for equation in claim.formal),
        ]
    if claim.reading:
        lines.append(f"reading: {claim.reading}")
    lines += [f"refused beside it: {one}" for one in refused]
    lines += [f"assumes: {', '.join(claim.assumptions)}"] if claim.assumptions else []
    lines += [f"why: {claim.reason}"] if claim.reason else []
    lines.append("evidence:")
    lines += [line for found in claim.evidence for line in _evidence(found)]
    if claim.witness is not None:
        lines += _witness(claim.witness, "")
    if claim.needs:
        lines.append("needs:")
        lines += [line for need in claim.needs for line in _need(need)]
    for one in claim.improvements:
        factor = f", by the factor {one.factor}" if one.factor else ""
        lines.append(f"{one.kind} ({one.strength}{factor}): {one.statement}")
        lines += [f"  attained: {one.attained}"] if one.attained else []
        lines += [f"  {number}. {step}" for number, step in enumerate(one.proof, 1)]
    if claim.consequence:
        lines.append(f"downstream: {claim.consequence}")
    return "\n".join([*map(folded, lines), f"repeat it: {claim.command}"])


def _evidence(found: Evidence) -> Sequence[str]:
    where = "all instances" if found.scope == "general" else "the recorded instance"
    known = f", {found.known}" if found.known else ""
    figures = "; ".join(f"{name} {value}" for name, value in found.figures.items())
    return [
        f"  {found.check} ({where}): {found.verdict}{known}. {found.statement}",
        *([f"    figures: {figures}"] if figures else []),
        *([f"    budget: {found.budget}"] if found.budget else []),
        *(f"    {number}. {step}" for number, step in enumerate(found.steps, 1)),
    ]


def _witness(witness: Witness, margin: str) -> list[str]:
    lines = [f"{margin}witness: {witness.summary}"]
    lines += [f"{margin}  {name} = {value}" for name, value in witness.values.items()]
    lines += [f"{margin}  left side = {witness.lhs}"] if witness.lhs is not None else []
    lines += [f"{margin}  right side = {witness.rhs}"] if witness.rhs is not None else []
    return lines


def _need(need: Need) -> list[str]:
    strength = f" ({need.strength})" if need.strength else ""
    lines = [f"  {need.assumption}: {need.verdict}{strength}. {need.statement}"]
    lines += _witness(need.witness, "    ") if need.witness is not None else []
    return [*lines, *([f"    budget: {need.budget}"] if need.budget else [])]


def status(record: Record) -> str:
    """docs/status.md: every printed statement, its verdict and its repair; what may be sharper; what is needed."""
    repaired = {claim.id: claim for claim in record.claims if claim.form == "repaired"}
    lines = [
        "# Status",
        "",
        "Generated from the reference record by `icl-verify claims --markdown`; `make test` regenerates and compares it.",
        "",
        sentences(record.claims),
    ]
    for part, claims in by_part([claim for claim in record.claims if claim.form != "repaired"]):
        lines += ["", f"## {part}"] if part else []
        lines += _table(
            ("claim", "source", "statement", "verdict", "how known", "repair"),
            [
                (f"`{c.id}`", c.source, c.title, c.verdict, _how(c), _mended(repaired.get(c.id)))
                for c in claims
            ],
        )
    improved = [(claim, one) for claim in record.claims for one in claim.improvements]
    if improved:
        lines += ["", "## Tightened and weakened"]
        lines += _table(
            ("claim", "form", "what", "statement", "strength", "factor", "attained"),
            [
                (
                    f"`{claim.id}`",
                    claim.form,
                    one.kind,
                    one.statement,
                    one.strength,
                    one.factor or "",
                    one.attained,
                )
                for claim, one in improved
            ],
        )
    needs = [(claim, need) for claim in record.claims for need in claim.needs]
    if needs:
        lines += ["", "## What each assumption is needed for"]
        lines += _table(
            ("claim", "form", "assumption", "verdict", "strength", "how it is known"),
            [
                (f"`{c.id}`", c.form, n.assumption, n.verdict, n.strength or "", n.statement)
                for c, n in sorted(needs, key=lambda pair: pair[1].assumption)
            ],
        )
    return "\n".join(lines) + "\n"


def _mended(repair: ClaimRecord | None) -> str:
    return ", ".join(part for part in (repair.verdict, repair.known) if part) if repair else ""


def _how(claim: ClaimRecord) -> str:
    """How well the verdict is known; of a text that fails, in which way it does."""
    return ", ".join(part for part in (claim.known, claim.failure) if part)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table. A bar within a cell, as of a norm, is no border."""
    lines = [heads, ["---"] * len(heads), *([" ".join(cell.split()) for cell in row] for row in rows)]
    return ["", *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)]


if __name__ == "__main__":  # python -m verify.output.listing RECORD REFERENCE PAGE: anew, from a default run
    made, *places = sys.argv[1:]
    print(*keep(Record.load(made), *map(Path, places)), sep="\n")
