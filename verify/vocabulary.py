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

# How a piece of evidence was found. The value says whether a seed enters; a theory may bring methods of its own.
METHODS: dict[str, bool] = {
    "prove": False,  # for all sizes, replayed by both checkers
    "refute": False,  # a counterexample, replayed exactly
    "expand": False,  # both sides written out at a few sizes
    "independence": False,  # what a statement does not depend on
    "exhibit": False,  # an exact example of what is said to exist
    "count": False,  # all cases gone through
    "certify": True,  # both sides enclosed at exact points
    "search": True,  # for a counterexample
    "mutants": True,  # false variants of the statement through the same checks
    "assumption": True,  # an assumption, at the instance
    "compare": True,  # two computations of one value, at the instance
    "enclose": True,  # intervals that contain the exact value, at the instance
    "certificate": False,  # bounds for every step, from the start alone, at the instance
    "sample": True,  # random draws, at the instance
    "train": True,  # gradient descent, at the instance
    "observe": True,  # an observation that could not go on
}

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
