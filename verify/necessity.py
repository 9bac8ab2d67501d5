"""Whether a statement needs an assumption: what its proof uses decides; where it uses it, an exact point that breaks it alone.

Asked of statements that hold. A claim may know more (`Claim.needs`); what it says comes first.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.bound import Certificate, Fact, facts
from symbolic.definitions import unit_token
from symbolic.indexed import KernelError
from verify.binding import small_points
from verify.checks.identity import Sides, read, witness_at
from verify.claim import Claim, Identity
from verify.record import Need, Verdict


def examine(claim: Claim, verdict: Verdict, known: Sequence[Need] = ()) -> list[Need]:
    """One Need for each assumption of a claim that holds, in the order of its list."""
    found = {need.assumption: need for need in known}
    if verdict == "holds":
        for name in claim.assumptions:
            if name not in found:
                found[name] = _ask(claim, name)
    return [found[name] for name in claim.assumptions if name in found] + [
        need for name, need in found.items() if name not in claim.assumptions
    ]


def _ask(claim: Claim, name: str) -> Need:
    if name == "A1" and claim.identities():
        return _tasks(claim)
    if name == "A0" and claim.inequalities():
        return _unit_tokens(claim)
    return Need(
        assumption=name, verdict="not-examined", strength=None,
        statement="No method here can drop it from this statement alone.",
    )  # fmt: skip


def _tasks(claim: Claim) -> Need:
    """A1 put away: λ with any second moments Σ. Either the proof closes all the same, or a point with Σ ≠ I breaks it."""
    try:
        sides = [(identity, read(identity, any_tasks=True)) for identity in claim.identities()]
    except KernelError as error:
        return Need(
            assumption="A1", verdict="needed", strength="proved",
            statement=f"Without A1 the expectation is not determined: {error}.",
        )  # fmt: skip
    if all(not identity.proof.open_cases(side.lhs, side.rhs) for identity, side in sides):
        return Need(
            assumption="A1", verdict="not-needed", strength="proved",
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
        assumption="A1", verdict="none-found", strength=None, budget=f"{tried} exact points of sizes up to 3",
        statement="The proof at hand uses Σ = I; no exact point with another Σ tells the sides apart.",
    )  # fmt: skip


def _unit_tokens(claim: Claim) -> Need:
    proofs = [inequality.proof for inequality in claim.inequalities()]
    used = any(proof is None or uses_unit_tokens(proof()) for proof in proofs)
    if not used:
        return Need(
            assumption="A0", verdict="not-needed", strength="proved", statement="The proof nowhere uses ‖v_k‖ = 1, nor that tokens differ."
        )  # fmt: skip
    return Need(assumption="A0", verdict="not-examined", strength=None, statement="The proof uses ‖v_k‖ = 1.")


def uses_unit_tokens(fact: Fact) -> bool:
    """Whether the norm of a token enters anywhere below this fact."""
    return any(
        use.axiom.name == unit_token().name
        for found in facts(fact)
        if isinstance(found.why, Certificate)
        for use in found.why.uses
    )
