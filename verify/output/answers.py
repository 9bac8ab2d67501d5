"""What a record answers first, as data and in lines: whether what is stated is true, by the verdicts of its main statements, and what
the theory adds."""

from __future__ import annotations

from collections.abc import Sequence

from verify.output.phrases import counted
from verify.output.tally import NOUNS, sentences
from verify.record import Answer, ClaimRecord, Record, Scalar
from verify.vocabulary import known

QUESTION = "Is it true?"
MOST = 4
TAKEN = "taken without proof"
ALONE = {
    "holds": "{} is {}.",
    "fails": "{} fails ({}).",
    "not refuted": "{} is neither proved nor refuted.",
    "undecided": "{} is undecided.",
    "vacuous": "{} is vacuous: nothing that was tried meets its conditions.",
}
REPAIRED = {
    "fails": "{} fails as printed, and is {} once repaired.",
    "not refuted": "{} is {} once repaired; its printed form is neither proved nor refuted.",
}


def truth(claims: Sequence[ClaimRecord]) -> Answer:
    """Whether the main statements hold; of a text without main statements, how many of all do."""
    main = [claim for claim in claims if claim.main]
    given = list(dict.fromkeys(name for claim in main or claims for name in claim.given))
    rests: dict[str, Scalar] = {TAKEN: ", ".join(given) or "nothing"}
    if not main:
        counts: dict[str, Scalar] = {
            f"{noun}s": sum(claim.form == form for claim in claims) for form, noun in NOUNS.items()
        }
        return Answer(
            question=QUESTION, answer=sentences(claims) or "No statement was judged.",
            figures={noun: count for noun, count in (counts | rests).items() if count},
        )  # fmt: skip
    printed = [claim for claim in main if claim.form != "repaired"]
    repaired = {claim.id: claim for claim in main if claim.form == "repaired" and claim.verdict == "holds"}
    told = [_told(claim, repaired.get(claim.id)) for claim in printed or main]
    figures: dict[str, Scalar] = {f"{name(claim)}, {claim.form}": _said(claim) for claim in main}
    failing = [
        claim for claim in claims if claim.form == "printed" and claim.verdict == "fails" and not claim.main
    ]
    note = (
        f"{counted(len(failing), 'statement')} beside the main ones fail{'s' * (len(failing) == 1)} as printed."
        if failing
        else ""
    )
    return Answer(
        question=QUESTION,
        answer=" ".join(told),
        figures=dict(list(figures.items())[: MOST - 1]) | rests,
        note=note,
    )


def name(claim: ClaimRecord) -> str:
    """What a text calls a statement, without the equations of the statement."""
    return claim.source.partition(",")[0] or claim.title


def _told(claim: ClaimRecord, repaired: ClaimRecord | None) -> str:
    if repaired is not None and claim.verdict in REPAIRED:
        return REPAIRED[claim.verdict].format(name(claim), repaired.known)
    return ALONE.get(claim.verdict, "{} is a " + claim.verdict + ".").format(name(claim), claim.known)


def _said(claim: ClaimRecord) -> str:
    here = "" if claim.here in ("undecided", "not applicable") else f"; {claim.here} here"
    word = (
        claim.verdict
        if claim.verdict == "not refuted"
        else f"{claim.verdict}, {known(claim.strength, claim.given, claim.refutation)}"
    )
    return word.rstrip(", ") + here


def lines(record: Record) -> list[str]:
    """A line for each answer; of a record without answers, its headline."""
    return [_line(one) for one in record.answers] or [record.headline]


def _line(one: Answer) -> str:
    figures = "; ".join(f"{what}: {_figure(value)}" for what, value in one.figures.items())
    return " ".join(filter(None, (one.question, one.answer, f"({figures})" if figures else "", one.note)))


def _figure(value: Scalar) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def differing(record: Record) -> list[ClaimRecord]:
    """The statements whose verdict is not the expected one, or of which none is expected, or that contradict."""
    return [claim for claim in record.claims if claim.contradiction or claim.expected != claim.verdict]
