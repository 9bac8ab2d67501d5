"""Replay a witness alone: the counterexample is evaluated again and printed, without an instance.

Nothing here, nor in what it imports, loads torch, scipy or scikit-learn where the witness is kept with its claim: such a replay is over in
about a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from numeric.errors import InputError
from verify.commands.shared import recorded
from verify.prove.identity import decide
from verify.record import ClaimRecord, Witness
from verify.statement import Claim, Theory
from verify.theories.named import NamedTheory, find


def replayable(theory: Theory) -> list[Claim]:
    """Claims whose witness stands alone: it is recomputed by the claim itself, or found by the refutation of an identity."""
    return [claim for claim in theory.claims if claim.stands_alone]


def replay(name: str, named: NamedTheory | None = None, record: str | None = None) -> tuple[str, bool]:
    """Text of the replay, and whether the witness is confirmed.

    named     the theory; the first one where absent
    record    the file that has the witness of a statement whose claim keeps none; where absent the witness is searched for anew

    Raises InputError where the name is none of a claim with a witness of its own.
    """
    named = named or find(None)
    theory = named.theory
    id = theory.names().get(name, name)
    claim = next((c for c in theory.claims if c.id == id and c.stands_alone), None)
    if claim is not None:
        return _told(claim, *found(claim))
    own = next((c for c in theory.claims if c.id == id and c.form == "stated"), None)
    if own is None:
        known = ", ".join(claim.id for claim in replayable(theory))
        needed = f"a claim with a witness that stands alone ({known})" if known else "the name of a statement"
        raise InputError("ID", name, needed, "pick one of these" if known else "see icl-verify claims")
    told = recorded(named, record) if record is not None else named.reference([id])
    row = _row(told.claims, id, record)
    if row.witness is None:
        said = f"{own.title}: {row.verdict}, {row.known or 'nothing is known'}; there is no witness to replay"
        return "\n".join([said, *own.statement]), False
    return _told(own, *again(own, row.witness))


def _row(rows: Sequence[ClaimRecord], id: str, record: str | None) -> ClaimRecord:
    row = next((row for row in rows if row.id == id), None)
    if row is None:
        raise InputError(
            "--record", record, f"a record with the statement {id}", "name that of the same theory"
        )
    return row


def _told(claim: Claim, witness: Witness | None, confirmed: bool) -> tuple[str, bool]:
    said = "the witness is confirmed" if confirmed else "the witness is not confirmed"
    lines = [f"{claim.source}, {claim.form}: {claim.title}", *claim.statement]
    if claim.expected == "fails" or claim.form == "stated":
        lines.append(f"verdict: {'fails' if confirmed else 'not refuted'}, {said}")
    else:
        lines.append(said)
    lines += shown(witness) if witness else []
    return "\n".join([*lines, *([f"why: {claim.reason}"] if claim.reason else [])]), confirmed


def found(claim: Claim) -> tuple[Witness | None, bool]:
    """The witness, worked out anew, and whether it does what it is said to do."""
    if claim.replays is not None:
        witness = claim.replays()
        return witness, witness is not None
    evidence = decide(claim)
    return evidence.witness, evidence.verdict == "fails"


def again(claim: Claim, kept: Witness) -> tuple[Witness, bool]:
    """A witness of a record, evaluated at its own sizes and values, and whether it breaks the statement still."""
    if claim.identities():
        witness, confirmed = found(claim)
        return kept, confirmed and witness is not None and witness.values == kept.values
    from verify.points.witness import replay as evaluated
    from verify.points.witness import stored

    witness = evaluated(claim.inequalities(), stored(kept))
    return witness or kept, witness is not None


def shown(witness: Witness) -> list[str]:
    lines = [f"witness: {witness.summary}", f"method: {witness.method}"]
    lines += [f"  {letter} = {value}" for letter, value in witness.values.items()]
    if witness.lhs is not None:
        lines.append(f"  left side  = {witness.lhs}")
    if witness.rhs is not None:
        lines.append(f"  right side = {witness.rhs}")
    return lines
