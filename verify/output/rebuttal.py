"""A record as Markdown that is short enough for an issue or a rebuttal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.output import answers
from verify.output.markdown import code, plain
from verify.output.mathematics import written
from verify.output.phrases import shortened
from verify.output.tally import sentences
from verify.record import ClaimRecord, Record

LONGEST = 240  # characters of a value, a formula or a line


def whole(record: Record) -> str:
    """The answer, the main theorems, and a line for each statement that fails as the text has it."""
    main = [claim for claim in record.claims if claim.main]
    mended = {claim.id: claim for claim in record.claims if claim.form == "repaired"}
    failing = [
        claim
        for claim in record.claims
        if claim.verdict == "fails" and claim.form != "repaired" and not claim.main
    ]
    lines = [*_head(record), plain(sentences(record.claims))]
    for claim in main:
        lines += _statement(claim)
    lines += ["", "### What fails as stated", ""] if failing else []
    for claim in failing:
        repair = mended.get(claim.id)
        after = f" Repaired: {_known(repair)}." if repair else ""
        why = f": {plain(shortened(claim.witness.summary, LONGEST))}" if claim.witness else ""
        lines.append(f"- **{plain(claim.source)}** {_known(claim)}{why}.{after} {code(claim.command)}")
    return "\n".join([*lines, "", *_foot(record)])


def chosen(record: Record, claims: Sequence[ClaimRecord]) -> str:
    """Each of these statements with verdict, witness, premises and the command that repeats it."""
    lines = [line for claim in claims for line in _statement(claim)]
    return "\n".join([*lines, "", *_foot(record)]).lstrip("\n")


def _head(record: Record) -> list[str]:
    title = [f"## {plain(record.theory)}", ""] if record.theory else []
    return [*title, *(f"- {plain(answer)}" for answer in answers.lines(record)), ""]


def _foot(record: Record) -> list[str]:
    return [f"icl-verify {plain(record.provenance.version)}, {code(record.provenance.command)}"]


def _known(claim: ClaimRecord) -> str:
    parts = [claim.verdict, claim.known, claim.failure or ""]
    return plain(", ".join(part for part in parts if part))


def _statement(claim: ClaimRecord) -> Iterator[str]:
    yield from ("", f"### {plain(claim.source)}, {claim.form}: {plain(claim.title)}", "")
    here = "" if claim.here == "not applicable" else f"; at the instance: {claim.here}"
    yield f"**{_known(claim)}**{here}"
    yield ""
    for equation in claim.formal or claim.statement:
        yield f"- {code(shortened(written(equation), 2 * LONGEST))}"
    if claim.witness is not None:
        yield f"- witness: {plain(shortened(claim.witness.summary, LONGEST))}"
        shown = [
            *claim.witness.values.items(),
            ("left side", claim.witness.lhs),
            ("right side", claim.witness.rhs),
        ]
        for name, value in shown:
            if value is not None:
                yield f"  - {code(shortened(f'{name} = {value}', LONGEST))}"
    if claim.given:
        yield f"- taken without proof: {plain('; '.join(claim.given))}"
    if claim.assumptions:
        yield f"- assumes: {plain(', '.join(claim.assumptions))}"
    yield f"- repeat it: {code(claim.command)}"
