"""The words of a verdict, strongest first where they have an order. The standard library only; docs/architecture.md says what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

Verdict = Literal["holds", "fails", "not refuted", "undecided", "vacuous", "definition", "assumption"]
Here = Literal["holds", "fails", "undecided", "not applicable"]
Found = Literal["holds", "fails", "not refuted", "undecided", "vacuous", "not applicable"]
Strength = Literal["proved", "proved given", "proved at size", "certified", "tested", "observed"]
Refutation = Literal["exact witness", "certified", "statistical"]
Form = Literal["printed", "repaired", "ours", "stated"]
Failure = Literal["false", "silent", "misread"]
Tier = Literal["fast", "full"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
STRENGTHS: tuple[Strength, ...] = get_args(Strength)  # strongest first
REFUTATIONS: tuple[Refutation, ...] = get_args(Refutation)  # strongest first
TIERS: tuple[Tier, ...] = get_args(Tier)
PROVED: tuple[Strength, ...] = ("proved", "proved given")  # what lets a statement hold of all instances
# Verdicts of which nothing speaks against the statement.
ACCEPTED: tuple[Verdict, ...] = ("holds", "not refuted", "definition", "assumption")


def known(strength: str | None, given: Sequence[str], refutation: str | None) -> str:
    """How well a statement is known, in words: what a proof takes for granted stands in the same breath."""
    if refutation is not None:
        return refutation
    return f"{strength} {', '.join(given)}" if strength == "proved given" else strength or ""
