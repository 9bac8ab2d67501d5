"""Witnesses replay alone: each that is claimed is confirmed, and one that is none is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_runs import stated, swapped

from numeric.errors import InputError
from verify.commands.replay import replay, replayable
from verify.record import Witness
from verify.statement import Theory
from verify.theories.named import NamedTheory
from verify.theories.shipped import theory

SHOWN = Witness(summary="at N = 1", values={"tau": "1/2"}, lhs="2", method="exact")


@pytest.mark.parametrize("key", [claim.key for claim in replayable(theory())], ids="-".join)
def test_every_witness_is_confirmed(key: tuple[str, str]) -> None:
    text, confirmed = replay(key[0])
    assert confirmed
    assert "the witness is confirmed" in text
    assert "\nwitness: " in text
    assert "\nmethod: " in text


def test_all_that_fails_as_printed_and_is_an_identity_replays() -> None:
    assert {claim.id for claim in replayable(theory())} >= {
        "eq-33",
        "lemma-5",
        "eq-56",
        "eq-66",
        "eq-77",
        "eq-79",
    }


def named(theory: Theory) -> NamedTheory:
    return NamedTheory(name="swapped", title="swapped", made=lambda: [theory])


def test_what_does_not_fail_is_not_confirmed() -> None:
    repaired = stated("eq-33", "repaired")
    other = swapped("eq-33", "printed", formal=repaired.formal, typing=repaired.typing)
    text, confirmed = replay("eq-33", named(other))
    assert not confirmed
    assert "verdict: not refuted, the witness is not confirmed" in text


@pytest.mark.parametrize(("witness", "expected"), [(SHOWN, "fails"), (None, "fails"), (SHOWN, "holds")])
def test_a_claim_may_bring_its_own(witness: Witness | None, expected: str) -> None:
    other = swapped("prop-1", "printed", replays=lambda: witness, expected=expected)
    text, confirmed = replay("prop-1", named(other))
    assert confirmed is (witness is not None)
    assert ("left side  = 2" in text) is confirmed
    assert "right side" not in text
    assert ("verdict: fails, the witness is confirmed" in text) is (confirmed and expected == "fails")


def test_a_claim_without_a_witness_of_its_own_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"ID = eq-65: needs a claim with a witness that stands alone \(.*eq-33"
    ):
        replay("eq-65")


def test_only_what_fails_or_recomputes_its_witness_stands_alone() -> None:
    printed = stated("eq-33")
    assert printed.stands_alone
    assert not replace(printed, expected="holds").stands_alone
    assert not replace(printed, formal=None).stands_alone
    assert not replace(printed, formal=tuple).stands_alone
    assert replace(printed, formal=None, expected="holds", replays=lambda: None).stands_alone
