"""Whether a statement needs an assumption: what its proof uses decides; where it uses it, an exact point that breaks it alone.

Asked of statements against which nothing is known. A claim may know more (`Claim.needs`); what it says comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verify.necessity.examine import Method
from verify.necessity.examine import examine as examine_by
from verify.record import Need
from verify.statement import Claim
from verify.theories.yang2024.necessity import bounds, identities
from verify.vocabulary import Verdict

METHODS: Mapping[str, tuple[Method, ...]] = {
    "A0": (bounds.unit_tokens,),
    "A1": (identities.tasks, bounds.tasks),
    "A2": (bounds.full_rank,),
    "w-zero": (bounds.start,),
}


def examine(claim: Claim, verdict: Verdict, known: Sequence[Need] = ()) -> list[Need]:
    """One Need for each assumption of a claim that is accepted, in the order of its list."""
    return examine_by(claim, verdict, claim.assumptions, METHODS, known)
