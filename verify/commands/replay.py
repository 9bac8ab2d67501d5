"""Replay a witness alone: the counterexample is evaluated again and printed, without an instance.

Nothing here, nor in what it imports, loads torch, scipy or scikit-learn: a replay is over in about a second.
"""

from __future__ import annotations

from numeric.errors import InputError
from verify.prove.identity import decide
from verify.record import Witness
from verify.statement import Claim
from verify.theories.shipped import ids, theory


def replayable() -> list[Claim]:
    """Claims whose witness stands alone: it is recomputed by the claim itself, or found by the refutation of an identity."""
    return [claim for claim in theory().claims if claim.stands_alone]


def replay(name: str) -> tuple[str, bool]:
    """Text of the replay, and whether the witness is confirmed.

    Raises InputError where the name is none of a claim with a witness of its own.
    """
    id = ids().get(name, name)
    claim = next((c for c in theory().claims if c.id == id and c.stands_alone), None)
    if claim is None:
        known = ", ".join(claim.id for claim in replayable())
        raise InputError(
            "ID", name, f"a claim with a witness that stands alone ({known})", "pick one of these"
        )
    witness, confirmed = found(claim)
    said = "the witness is confirmed" if confirmed else "the witness is not confirmed"
    lines = [f"{claim.source}, {claim.form}: {claim.title}", *claim.statement]
    if claim.expected == "fails":
        lines.append(f"verdict: {'fails' if confirmed else 'not refuted'}, {said}")
    else:
        lines.append(said)
    return "\n".join([*lines, *(shown(witness) if witness else ()), f"why: {claim.reason}"]), confirmed


def found(claim: Claim) -> tuple[Witness | None, bool]:
    """The witness, worked out anew, and whether it does what it is said to do."""
    if claim.replays is not None:
        witness = claim.replays()
        return witness, witness is not None
    evidence = decide(claim)
    return evidence.witness, evidence.verdict == "fails"


def shown(witness: Witness) -> list[str]:
    lines = [f"witness: {witness.summary}", f"method: {witness.method}"]
    lines += [f"  {letter} = {value}" for letter, value in witness.values.items()]
    if witness.lhs is not None:
        lines.append(f"  left side  = {witness.lhs}")
    if witness.rhs is not None:
        lines.append(f"  right side = {witness.rhs}")
    return lines
