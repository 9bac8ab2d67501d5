"""From evidence to a verdict. Three separate things: the verdict on all instances, `here`, and the strength."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symbolic.bridge import latex
from verify.claim import Claim
from verify.equations import equation
from verify.record import (
    STRENGTHS,
    AssumptionRecord,
    ClaimRecord,
    Evidence,
    Here,
    Improvement,
    Need,
    Strength,
    Verdict,
)


@dataclass(frozen=True)
class Beside:
    """What a row says beside its verdict; none of it moves the verdict."""

    part: str = ""
    needs: Sequence[Need] = ()
    improvements: Sequence[Improvement] = ()
    consequence: str = ""


def _strongest(evidence: Sequence[Evidence]) -> Evidence:
    return min(evidence, key=lambda e: STRENGTHS.index(e.strength) if e.strength else len(STRENGTHS))


def verdict_of(evidence: Sequence[Evidence]) -> tuple[Verdict, Strength | None]:
    """The verdict on all instances: a refutation outweighs everything, then the strongest support."""
    general = [e for e in evidence if e.scope == "general"]
    for wanted in ("fails", "holds"):
        found = [e for e in general if e.verdict == wanted]
        if found:
            return ("fails" if wanted == "fails" else "holds"), _strongest(found).strength
    return ("vacuous" if any(e.verdict == "vacuous" for e in general) else "undecided"), None


def here_of(
    verdict: Verdict, evidence: Sequence[Evidence], failed: Sequence[str]
) -> tuple[Here, float | None]:
    """What is so at this instance, and the smallest margin.

    Without evidence of its own, an instance that meets the assumptions inherits `holds`.
    """
    if failed:
        return "not-applicable", None
    local = [e for e in evidence if e.scope == "here"]
    margins = [e.margin for e in local if e.margin is not None]
    margin = min(margins) if margins else None
    for wanted in ("fails", "undecided"):
        if any(e.verdict == wanted for e in local):
            return ("fails" if wanted == "fails" else "undecided"), margin
    if any(e.verdict == "holds" for e in local):
        return "holds", margin
    return ("holds" if verdict == "holds" else "undecided"), margin


def judge(
    claim: Claim,
    evidence: Sequence[Evidence],
    assumptions: Mapping[str, AssumptionRecord],
    repeat: Callable[[str], str],
    beside: Beside | None = None,
) -> ClaimRecord:
    """The record of one claim; `repeat` gives the command that checks one id again on the same instance."""
    verdict, strength = verdict_of(evidence)
    failed = [
        name for name in claim.assumptions if name in assumptions and assumptions[name].verdict == "fails"
    ]
    open_ones = [
        name for name in claim.assumptions if name in assumptions and assumptions[name].verdict == "undecided"
    ]
    here, margin = here_of(verdict, evidence, failed)
    if here == "holds" and open_ones:
        here = "undecided"
    witness = next(
        (e.witness for e in evidence if e.scope == "general" and e.verdict == "fails" and e.witness), None
    )
    formal = [equation(latex(statement.relation)) for statement in claim.statements]
    beside = beside or Beside()
    return ClaimRecord(
        id=claim.id, aliases=list(claim.aliases), title=claim.title, form=claim.form, source=claim.source, part=beside.part,
        statement=[equation(line) for line in claim.statement], formal=formal, reading=claim.reading,
        verdict=verdict, here=here, strength=strength, margin=margin, expected=claim.expected, reason=claim.reason,
        assumptions=list(claim.assumptions), needs=list(beside.needs), improvements=list(beside.improvements),
        consequence=beside.consequence, evidence=list(evidence), witness=witness,
        command=command(claim, verdict, repeat), contradiction=contradiction(claim.expected, verdict, here),
    )  # fmt: skip


def contradiction(expected: Verdict | None, verdict: Verdict, here: Here) -> str | None:
    """Why a run with this row must exit 1; None where it need not."""
    if expected is not None and verdict != expected:
        return f"the verdict is {verdict}, expected was {expected}"
    if verdict == "holds" and here == "fails":
        return "it is said to hold in general and fails at this instance"
    return None


def command(claim: Claim, verdict: Verdict, repeat: Callable[[str], str]) -> str:
    """What repeats this row: an exact witness replays alone, everything else is run again on the same instance."""
    alone = verdict == claim.expected == "fails" and claim.stands_alone
    return f"icl-verify replay {claim.id}" if alone else repeat(claim.id)
