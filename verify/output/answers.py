"""The answer of a record in three lines: what is true, how tight or resting on what, and what is so at the instance."""

from __future__ import annotations

from collections.abc import Sequence

from verify.output.phrases import counted, shortened
from verify.output.tally import sentences
from verify.record import ClaimRecord, Record

NAMED = 6  # names that a line lists
LONGEST = 400  # characters of a headline that stands for an answer


def answers(record: Record) -> tuple[str, str, str]:
    """The three lines, each a sentence or two."""
    return _true(record), _tight(record) or _rests(record), _here(record) or _expectation(record)


def differing(record: Record) -> list[ClaimRecord]:
    """The statements whose verdict is not the expected one, or of which none is expected, or that contradict."""
    return [claim for claim in record.claims if claim.contradiction or claim.expected != claim.verdict]


def _true(record: Record) -> str:
    main = [claim for claim in record.claims if claim.main]
    if not main:
        return sentences(record.claims) if record.claims else shortened(record.headline, LONGEST)
    return " ".join(f"{_source(claim)}: {_judged(claim)}." for claim in main)


def _source(claim: ClaimRecord) -> str:
    name = claim.source.split(",")[0]
    return name if claim.form in ("printed", "stated") else f"{name}, {claim.form}"


def _judged(claim: ClaimRecord) -> str:
    known = f" ({claim.known})" if claim.known else ""
    here = "" if claim.here == "not applicable" else f", {claim.here} here"
    return f"{claim.verdict}{known}{here}"


def _tight(record: Record) -> str:
    """The smallest margin of a main theorem at the instance, and the quotients that training measured."""
    said = []
    near = [(claim.margin, claim) for claim in record.claims if claim.main and claim.margin is not None]
    if near:
        margin, closest = min(near, key=lambda pair: pair[0])
        said.append(f"{_source(closest)}: margin {margin:.2g} where its sides are closest (0 is equality).")
    figures = {} if record.training is None else record.training.figures
    for name, value in figures.items():
        if "÷" in record.labels.get(name, "") and isinstance(value, float):
            said.append(f"Measured: {record.labels[name]}: {value:.3g}.")
    return " ".join(said)


def _rests(record: Record) -> str:
    premises = list(dict.fromkeys(name for claim in record.claims for name in claim.given))
    return f"Taken without proof: {_listed(premises)}." if premises else "Taken without proof: nothing."


def _here(record: Record) -> str:
    """How training ended, and the first figures that were measured of the model."""
    if record.instance is None:
        return ""
    said = []
    if record.training is not None and record.training.status != "not run":
        ends = {
            "reached": "reached its target bound",
            "budget": "ended at its budget",
            "interrupted": "was interrupted",
        }
        said.append(
            f"Gradient descent {ends[record.training.status]} after {counted(record.training.steps, 'step')}."
        )
    for panel in record.panels:
        measured = [
            f"{name} {value:.2g}" for name, value in panel.figures.items() if isinstance(value, float)
        ]
        if measured:
            said.append(f"{panel.title}: {'; '.join(measured[:2])}.")
            break
    return " ".join(said)


def _expectation(record: Record) -> str:
    names = [
        f"{claim.id} ({claim.form})" for claim in differing(record) if claim.expected or claim.contradiction
    ]
    return f"Against expectation: {_listed(names)}." if names else "Against expectation: nothing."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
