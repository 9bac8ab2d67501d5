"""What 𝓛* is at this instance: inf_θ 𝓛 where A2 holds, and else the minimum over Â, with inf_θ 𝓛 enclosed beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import arb

from verify.known import known
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.reach import DIGITS, Reach


def between(reach: Reach) -> str:
    """Both numbers in a sentence."""
    ends = " and ".join(_shown(end) for end in (reach.lower, reach.upper))
    return f"inf_θ 𝓛 lies between {ends}, certified, and min_Â 𝓛 is {_shown(reach.least)}"


def _shown(ball: arb) -> str:
    return str(ball.str(DIGITS, radius=False))


@dataclass(frozen=True)
class LeastHere:
    """Whether some θ comes to 𝓛* at this instance."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        reach = laboratory.reach
        if reach is None:
            text = "Here A2 is certified: some θ has δ_k = 0 for every k, so that min_Â 𝓛 = inf_θ 𝓛."
        elif reach.lower > reach.least:
            text = f"Here {between(reach)}: no θ comes near it, nor near δ_k = 0 for every k."
        else:
            text = f"Here A2 is not certified: {between(reach)}."
        yield Evidence(
            check="enclose", **known("here", "holds" if reach is None else "not applicable", "certified"),
            statement=text,
        )  # fmt: skip
