"""The claims that fail, the witness of each as the program recomputes it, and its case of brute force."""

from __future__ import annotations

from functools import cache

import identities_witness
import inequalities_witness
import words_witness
from judge_witness import Case, complaints
from printed_witness import Printed, read

from verify.commands.replay import found
from verify.record import Witness
from verify.theories.shipped import theory

CASES: dict[str, Case] = {**identities_witness.CASES, **inequalities_witness.CASES, **words_witness.CASES}
FAILING = {claim.id: claim for claim in theory().claims if claim.expected == "fails"}


@cache
def recomputed(id: str) -> Witness:
    witness, confirmed = found(FAILING[id])
    assert confirmed
    assert witness is not None
    return witness


def judged(id: str, witness: Witness) -> list[str]:
    return complaints(CASES[id], witness.summary, witness.sizes, witness.values, (witness.lhs, witness.rhs))


def printed(id: str) -> Printed:
    w = recomputed(id)
    return read(w.summary, w.sizes, w.values, (w.lhs, w.rhs), CASES[id].letters)
