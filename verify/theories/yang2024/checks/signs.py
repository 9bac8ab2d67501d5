"""Columns of A with entries of both signs: what no w · softmax comes near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb

from numeric import balls
from verify.known import known
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.checks.reach import between
from verify.theories.yang2024.laboratory import Laboratory


def squared_parts(column: Iterable[Any], zero: Any) -> tuple[Any, Any]:
    """‖x₊‖₂² and ‖x₋‖₂² of rationals; of balls, lower bounds: an entry whose sign is open counts for neither."""
    entries = list(column)
    return sum((x * x for x in entries if bool(x > 0)), zero), sum(
        (x * x for x in entries if bool(x < 0)), zero
    )


@dataclass(frozen=True)
class SignsHere:
    """The columns of A (34) at the unlabelled tokens of this instance: how many have entries of both signs, certified."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        i = laboratory.instance
        if i.K == i.N:
            text = "No token is unlabelled here: every column of A is a unit vector."
            return [
                Evidence(check="enclose", **known("here", "not applicable", "certified"), statement=text, )
            ]  # fmt: skip
        columns, bits = balls.refine(lambda: laboratory.exact.minimiser().transpose().tolist(), lambda _: [])
        with balls.precision(bits):
            least = [arb.min(*squared_parts(column, arb(0))) for column in columns[i.N :]]
            mixed = sum(1 for square in least if bool(square > 0))
            floor = i.m * arb(i.tau) / (2 * i.K) * sum(least, arb(0))
            share = floor / laboratory.constants.infimum
        part = float(share.lower())
        found = f"{mixed} of the {i.K - i.N} columns of A at unlabelled tokens have entries of both signs, certified"
        gap = (
            f": with one head 𝓛(θ) − min_Â 𝓛 is at least {part:.3g} min_Â 𝓛, whatever θ is." if mixed else "."
        )
        if i.H == 1 and mixed and laboratory.reach is not None:
            gap += f" Here H = 1: {between(laboratory.reach)}."
        return [
            Evidence(
                check="enclose", **known("here", "holds" if mixed else "not applicable", "certified"),
                statement=found + gap,
                figures={"columns with both signs": mixed, "least gap with one head over min_Â 𝓛": part},
                budget=f"{bits} bits",
            )
        ]  # fmt: skip
