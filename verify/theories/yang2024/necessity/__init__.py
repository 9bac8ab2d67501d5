"""Whether a statement needs an assumption: what its proof uses decides; where it uses it, an exact point that breaks it alone.

Asked of statements against which nothing is known. A claim may know more (`Claim.needs`); what it says comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from verify.record import Need
from verify.statement import Claim
from verify.theories.yang2024.necessity import bounds, identities
from verify.vocabulary import ACCEPTED, Verdict

Method = Callable[[Claim], Need | None]
METHODS: Mapping[str, tuple[Method, ...]] = {
    "A0": (bounds.unit_tokens,),
    "A1": (identities.tasks, bounds.tasks),
    "A2": (bounds.full_rank,),
    "w-zero": (bounds.start,),
}


def examine(claim: Claim, verdict: Verdict, known: Sequence[Need] = ()) -> list[Need]:
    """One Need for each assumption of a claim that is accepted, in the order of its list."""
    found = {need.assumption: need for need in known}
    if verdict in ACCEPTED:
        for name in claim.assumptions:
            if name not in found:
                found[name] = _ask(claim, name)
    return [found[name] for name in claim.assumptions if name in found] + [
        need for name, need in found.items() if name not in claim.assumptions
    ]


def _ask(claim: Claim, name: str) -> Need:
    for method in METHODS.get(name, ()):
        if (need := method(claim)) is not None:
            return need
    return Need(
        assumption=name, verdict="not examined", strength=None,
        statement="No method here can drop it from this statement alone.",
    )  # fmt: skip
