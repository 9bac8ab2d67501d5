"""A statement that fails on a witness which the claim itself works out, exactly and anew on every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verify.known import by, known
from verify.prove.identity import distinct, type_error
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import SETTING


@dataclass(frozen=True)
class Refuted:
    """`fails` where the witness is confirmed, else `undecided`; beside it whether the statement types at this instance."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        assert claim.replays is not None
        witness = claim.replays()
        mistyped = type_error(claim, distinct(SETTING))
        said = f"It does not type: {mistyped}. " if mistyped else ""
        if witness is None:
            yield Evidence(
                check="refute", scope="general", verdict="undecided", strength=None,
                statement=f"{said}The witness at hand does not break the statement.",
            )  # fmt: skip
        else:
            yield Evidence(
                check="refute", **known("general", "fails", by(witness)), witness=witness,
                statement=f"{said}Counterexample: {witness.summary}.", budget="one witness, recomputed",
            )  # fmt: skip
        if mistyped and (wrong := type_error(claim, laboratory.sizes)):
            yield Evidence(
                check="refute", **known("here", "fails", "exact"),
                statement=f"It does not type at the sizes of this instance: {wrong}.",
            )  # fmt: skip
