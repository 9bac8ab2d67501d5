"""From evidence to a verdict. Three separate things: the verdict on all instances, `here`, and the strength."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from verify.output.equations import equation, formula
from verify.record import AssumptionRecord, ClaimRecord, Evidence, Improvement, Need, Rest
from verify.statement import Claim, Kind
from verify.vocabulary import ACCEPTED, PROVED, REFUTATIONS, STRENGTHS, Here, Refutation, Strength, Verdict


@dataclass(frozen=True)
class Beside:
    """What a row says beside its verdict; none of it moves the verdict."""

    part: str = ""
    needs: Sequence[Need] = ()
    improvements: Sequence[Improvement] = ()
    consequence: str = ""
    rests: Sequence[Rest] = ()


class Judged(NamedTuple):
    """A verdict on all instances, and how well it is known: by support, or by a refutation."""

    verdict: Verdict
    strength: Strength | None = None
    given: tuple[str, ...] = ()
    refutation: Refutation | None = None


def verdict_of(evidence: Sequence[Evidence], kind: Kind = "claim") -> Judged:
    """The verdict on all instances: a refutation outweighs everything, then comes the strongest support.

    A claim holds if and only if it is proved, perhaps given what its proof names; supported otherwise, it is not refuted. A
    definition and an assumption say nothing that is true or false: only what is made of them is checked.
    """
    general = [e for e in evidence if e.scope == "general"]
    if failing := [e.refutation for e in general if e.verdict == "fails"]:
        known = [one for one in failing if one is not None]
        return Judged("fails", refutation=min(known, key=REFUTATIONS.index, default=None))
    supporting = [e for e in general if e.supports and e.strength is not None]
    best = min(supporting, key=lambda e: STRENGTHS.index(e.strength or STRENGTHS[-1]), default=None)
    strength, given = (None, ()) if best is None else (best.strength, tuple(best.given))
    if best is not None and kind != "claim":
        return Judged(kind)
    if best is not None:
        return Judged("holds" if strength in PROVED else "not refuted", strength, given)
    return Judged("vacuous" if any(e.verdict == "vacuous" for e in general) else "undecided")


def here_of(
    verdict: Verdict, evidence: Sequence[Evidence], failed: Sequence[str]
) -> tuple[Here, float | None]:
    """What is so at this instance, and the smallest margin.

    Without evidence of its own, an instance that meets the assumptions inherits what is proved of all of them.
    """
    if failed:
        return "not applicable", None
    local = [e for e in evidence if e.scope == "here"]
    margins = [e.margin for e in local if e.margin is not None]
    margin = min(margins) if margins else None
    for wanted in ("fails", "undecided"):
        if any(e.verdict == wanted for e in local):
            return ("fails" if wanted == "fails" else "undecided"), margin
    if any(e.verdict == "holds" for e in local):
        return "holds", margin
    proved = any(e.scope == "general" and e.verdict == "holds" for e in evidence)
    inherited = verdict == "holds" or (verdict == "definition" and proved)
    return ("holds" if inherited else "undecided"), margin


def judge(
    claim: Claim,
    evidence: Sequence[Evidence],
    assumptions: Mapping[str, AssumptionRecord],
    repeat: Callable[[str], str],
    beside: Beside | None = None,
) -> ClaimRecord:
    """The record of one claim; `repeat` gives the command that checks one id again on the same instance."""
    judged = verdict_of(evidence, claim.kind)
    verdict = judged.verdict
    hypotheses = [name for name in claim.assumptions if verdict != "assumption"]
    failed = [name for name in hypotheses if name in assumptions and assumptions[name].verdict == "fails"]
    open_ones = [
        name for name in hypotheses if name in assumptions and assumptions[name].verdict == "undecided"
    ]
    here, margin = here_of(verdict, evidence, failed)
    if here == "holds" and open_ones:
        here = "undecided"
    witness = next(
        (e.witness for e in evidence if e.scope == "general" and e.verdict == "fails" and e.witness), None
    )
    formal = [equation(formula(statement)) for statement in claim.statements]
    beside = beside or Beside()
    return ClaimRecord(
        id=claim.id, aliases=list(claim.aliases), title=claim.title, form=claim.form, source=claim.source, part=beside.part,
        main=claim.main,
        statement=[equation(line) for line in claim.statement], formal=formal, reading=claim.reading,
        verdict=verdict, here=here, strength=judged.strength, given=list(judged.given), refutation=judged.refutation,
        failure=claim.failure if verdict == "fails" else None, margin=margin, expected=claim.expected, reason=claim.reason,
        assumptions=list(claim.assumptions), rests=list(beside.rests), needs=list(beside.needs), improvements=list(beside.improvements),
        consequence=beside.consequence, evidence=list(evidence), witness=witness,
        command=command(claim, verdict, repeat), contradiction=contradiction(claim.expected, verdict, here),
    )  # fmt: skip


def contradiction(expected: Verdict | None, verdict: Verdict, here: Here) -> str | None:
    """Why a run with this row must exit 1; None where it need not."""
    if expected is not None and verdict != expected:
        return f"the verdict is {verdict}, expected was {expected}"
    if verdict in ACCEPTED and verdict != "assumption" and here == "fails":
        return f"the verdict is {verdict}, and at this instance it fails"
    return None


def command(claim: Claim, verdict: Verdict, repeat: Callable[[str], str]) -> str:
    """What repeats this row: an exact witness replays alone, everything else is run again on the same instance."""
    alone = verdict == claim.expected == "fails" and claim.stands_alone
    return f"icl-verify replay {claim.id}" if alone else repeat(claim.id)
