"""The words of one piece of evidence, from what a check found and the arithmetic that decided it."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from verify.record import Witness
from verify.vocabulary import PROVED, Found, Refutation, Strength

# `exact` is exact arithmetic at stated instances: support is `certified`, and a counterexample an `exact witness`.
By: TypeAlias = Strength | Literal["exact"]
Scope: TypeAlias = Literal["general", "here"]


class Known(TypedDict):
    """The four fields of an Evidence that go together."""

    scope: Scope
    verdict: Found
    strength: Strength | None
    refutation: Refutation | None


def known(scope: Scope, found: Found, by: By) -> Known:
    """What may be said where a check found `found` by arithmetic of that strength, of all instances or of this one.

    A statement about all instances that held wherever it was tried is not refuted; it holds if it is proved. A failure has the
    strength of its refutation and a statement that is not settled has none.
    """
    verdict, strength, refutation = found, None, None
    if found == "fails":
        refutation = _refutation(by)
    elif found in ("holds", "not refuted"):
        strength = strength_of(by)
        if scope == "general":
            verdict = "holds" if strength in PROVED else "not refuted"
    elif found == "not applicable":
        strength = strength_of(by)
    return Known(scope=scope, verdict=verdict, strength=strength, refutation=refutation)


def strength_of(by: By) -> Strength:
    """The strength of support by this arithmetic."""
    return "certified" if by == "exact" else by


def _refutation(by: By) -> Refutation:
    if by in ("tested", "observed"):
        return "statistical"
    return "certified" if by == "certified" else "exact witness"


def by(witness: Witness) -> By:
    """The arithmetic that decided a witness which is certain: exact, or in balls."""
    return "exact" if witness.exact else "certified"
