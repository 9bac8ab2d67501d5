"""A record as a piece of HTML for a notebook: the answers, what is not as expected, and every verdict behind a click."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from verify.output.answers import differing, lines
from verify.output.phrases import counted, printable
from verify.record import ClaimRecord, Record

HEADS = ("claim", "form", "statement", "verdict", "here", "how known", "expected")
COLOURS = {"holds": "#2e7d32", "fails": "#c62828", "not refuted": "#a15c00"}  # readable on white and on black


def html(record: Record) -> str:
    """The piece; it has no script, loads nothing, and all that a record says stands in it as text."""
    parts = [f"<p><b>{_text(record.theory)}</b></p>" if record.theory else ""]
    parts += [f"<p>{_text(line)}</p>" for line in (lines(record) if record.claims else [record.headline])]
    against = differing(record)
    if against:
        parts += [f"<p>Not as expected, or nothing is expected: {len(against)}.</p>", _table(against)]
    if record.claims:
        summary = f"All {counted(len(record.claims), 'verdict')}"
        parts.append(f"<details><summary>{summary}</summary>{_table(record.claims)}</details>")
    return f"<div>{''.join(parts)}</div>"


def _table(claims: Sequence[ClaimRecord]) -> str:
    head = "".join(f"<th>{name}</th>" for name in HEADS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, claims))}</tbody></table>"


def _row(claim: ClaimRecord) -> str:
    cells = (claim.id, claim.form, claim.title, claim.verdict, claim.here, claim.known, claim.expected or "")
    shown = [_text(cell) for cell in cells]
    if claim.verdict in COLOURS:
        shown[3] = f'<b style="color:{COLOURS[claim.verdict]}">{shown[3]}</b>'
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in shown)}</tr>"


def _text(value: str) -> str:
    return escape(printable(value))
