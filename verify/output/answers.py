"""The first answer of a record: whether what is stated is true, by the verdicts of its main statements."""

from __future__ import annotations

from collections.abc import Sequence

from verify.output.phrases import counted
from verify.output.tally import NOUNS, sentences
from verify.record import Answer, ClaimRecord
from verify.vocabulary import known

QUESTION = "Is it true?"
MOST = 4
ALONE = {
    "holds": "{} holds, {}.",
    "fails": "{} fails, by {}.",
    "not refuted": "{} is neither proved nor refuted.",
    "undecided": "{} is undecided.",
    "vacuous": "{} is vacuous: nothing that was tried meets its conditions.",
}
AS_PRINTED = {
    "fails": "{} fails as printed, and is {} once repaired.",
    "not refuted": "{} is {} once repaired; its printed form is neither proved nor refuted.",
}


def truth(claims: Sequence[ClaimRecord]) -> Answer:
    """Whether the main statements hold; of a text without main statements, how many of all do."""
    main = [claim for claim in claims if claim.main]
    if not main:
        counts = {noun: sum(claim.form == form for claim in claims) for form, noun in NOUNS.items()}
        return Answer(
            question=QUESTION, answer=sentences(claims) or "No statement was judged.",
            figures={f"{noun}s": count for noun, count in counts.items() if count},
        )  # fmt: skip
    printed = [claim for claim in main if claim.form != "repaired"]
    repaired = {claim.id: claim for claim in main if claim.form == "repaired" and claim.verdict == "holds"}
    told = [_told(claim, repaired.get(claim.id)) for claim in printed or main]
    figures = {f"{name(claim)}, {claim.form}": _said(claim) for claim in main}
    failing = [
        claim for claim in claims if claim.form == "printed" and claim.verdict == "fails" and not claim.main
    ]
    note = (
        f"{counted(len(failing), 'statement')} beside the main ones fail{'s' * (len(failing) == 1)} as printed."
        if failing
        else ""
    )
    return Answer(
        question=QUESTION, answer=" ".join(told), figures=dict(list(figures.items())[:MOST]), note=note
    )


def name(claim: ClaimRecord) -> str:
    """What a text calls a statement, without the equations of the statement."""
    return claim.source.partition(",")[0] or claim.title


def _told(claim: ClaimRecord, repaired: ClaimRecord | None) -> str:
    if repaired is not None and claim.verdict in AS_PRINTED:
        return AS_PRINTED[claim.verdict].format(name(claim), repaired.known)
    return ALONE.get(claim.verdict, "{} is a " + claim.verdict + ".").format(name(claim), claim.known)


def _said(claim: ClaimRecord) -> str:
    here = "" if claim.here in ("undecided", "not applicable") else f"; {claim.here} here"
    word = (
        claim.verdict
        if claim.verdict == "not refuted"
        else f"{claim.verdict}, {known(claim.strength, claim.given, claim.refutation)}"
    )
    return word.rstrip(", ") + here
