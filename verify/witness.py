"""Replay a witness alone: the claim's counterexample is found, evaluated and printed, without an instance."""

from __future__ import annotations

from numeric.errors import InputError
from verify.catalogue import ids, theory
from verify.checks.identity import decide
from verify.claim import Claim


def replayable() -> list[Claim]:
    """Claims as printed that are expected to fail and whose witness stands alone."""
    return [claim for claim in theory().claims if claim.formal is not None and claim.expected == "fails"]


def replay(name: str) -> tuple[str, bool]:
    """Text of the replay, and whether the claim failed again.

    Raises InputError where the name is none of a claim with a witness of its own.
    """
    id = ids().get(name, name)
    for claim in replayable():
        if claim.id == id:
            evidence = decide(claim)
            lines = [
                f"{claim.source}, {claim.form}: {claim.title}",
                *claim.statement,
                f"verdict: {evidence.verdict}",
            ]
            if evidence.witness is not None:
                witness = evidence.witness
                lines += [f"witness: {witness.summary}", f"method: {witness.method}"]
                lines += [f"  {letter} = {value}" for letter, value in witness.values.items()]
                lines += (
                    [f"  left side  = {witness.lhs}", f"  right side = {witness.rhs}"] if witness.lhs else []
                )
            return "\n".join([*lines, f"why: {claim.reason}"]), evidence.verdict == "fails"
    known = ", ".join(claim.id for claim in replayable())
    raise InputError("ID", name, f"a claim that fails as printed ({known})", "pick one of these")
