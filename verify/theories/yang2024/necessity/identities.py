"""A1 put away from an identity: λ with any second moments Σ."""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.indexed import KernelError
from verify.prove.identity import witness_at
from verify.record import Need
from verify.sides import Sides, read
from verify.statement import Claim, Identity
from verify.theories.yang2024.binding import small_points


def tasks(claim: Claim) -> Need | None:
    """λ with any second moments Σ: either the proof closes all the same, or a point with Σ ≠ I breaks it."""
    if not claim.identities():
        return None
    try:
        sides = [(identity, read(identity, without="A1")) for identity in claim.identities()]
    except KernelError as error:
        return Need(
            assumption="A1", verdict="needed", strength="proved",
            statement=f"Without A1 the expectation is not determined: {error}.",
        )  # fmt: skip
    if all(not identity.proof().open_cases(side.lhs, side.rhs) for identity, side in sides):
        return Need(
            assumption="A1", verdict="not needed", strength="proved",
            statement="The same proof closes for λ with any second moments Σ = E[λλᵀ].",
        )  # fmt: skip
    return _broken_by_moments(sides)


def _broken_by_moments(sides: Sequence[tuple[Identity, Sides]]) -> Need:
    tried = 0
    for small in small_points():
        for identity, side in sides:
            tried += 1
            if (witness := witness_at(identity, side, small)) is not None:
                return Need(
                    assumption="A1", verdict="needed", strength="certified", witness=witness, budget=f"{tried} exact points",
                    statement=f"With second moments Σ = E[λλᵀ] ≠ I: {witness.summary}. Of A1 no more than Σ = I is used.",
                )  # fmt: skip
    return Need(
        assumption="A1", verdict="none found", strength=None, budget=f"{tried} exact points, in order of size up to 8",
        statement="The proof at hand uses Σ = I; no exact point with another Σ tells the sides apart.",
    )  # fmt: skip
