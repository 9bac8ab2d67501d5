"""What the certificate says of every step of exact descent at this instance, none of them taken; and whether the run lies inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context
from typing import Literal

from flint import arb

from numeric import balls
from verify.known import known
from verify.output.phrases import small
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.checks.stepped import Quantity, stepped
from verify.theories.yang2024.checks.train import finite
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.inside import TOLD
from verify.vocabulary import Found


@dataclass(frozen=True)
class EveryStep:
    """(18) or (43c), (43a), (43b) for every t, at the printed rates, or at those of L of the repaired (61).

    Where there is no certificate the evidence says which inequality does not close, and leaves `here` to what was watched, and to
    the first steps of exact descent, enclosed one by one.
    """

    of: Quantity
    repaired: bool = False

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        certificates, law = laboratory.certificates, laboratory.instance.tasks
        made = certificates.repaired if self.repaired else certificates.printed
        if self.of != "loss" and (law.mean, law.std) != (0, 1):
            yield _none("E[yyᵀ] is not Z̄² where A1 fails, and B_k of (13) not what the loss sees")
            return
        if isinstance(made, str):
            yield _none(made)
            rates = certificates.repaired_rates if self.repaired else laboratory.constants.rates
            if rates is not None:
                yield from stepped(self.of, rates, laboratory)
            return
        yield {"loss": _loss, "alpha": _alpha, "rank": _rank}[self.of](made)
        if self.of == "loss" and not self.repaired:
            yield from stepping(laboratory)


def stepping(laboratory: Laboratory) -> Iterator[Evidence]:
    """The second route: every gap of the run against the enclosure at its step; nothing where there is no run or no certificate."""
    seen, trajectory = laboratory.certificates.inside, laboratory.trajectory
    if seen is None or trajectory is None:
        return
    by = f"at {seen.sharp} of them rounding is granted no more than {TOLD:.0%} of the gap, and the widest enclosure "
    by += f"there has a relative width of {small(seen.width)}"
    if seen.outside:
        text = f"Of {seen.steps} steps taken one by one, {len(seen.outside)} have a gap outside its enclosure, the first at t = "
        text += f"{seen.outside[0]}: one of the two routes is wrong; {by}."
    else:
        text = f"Each of {seen.steps} steps taken one by one has its gap inside the enclosure, which was found without them; {by}."
    found: Found = "fails" if seen.outside else "holds" if seen.sharp else "not applicable"
    yield Evidence(
        check="compare", **known("here", found, "observed"), statement=text,
        figures={"steps": seen.steps, "steps outside": len(seen.outside), "steps that rounding leaves": seen.sharp},
        budget=f"{seen.steps} steps in {laboratory.options.dtype} on {laboratory.device}",
    )  # fmt: skip


def _none(reason: str) -> Evidence:
    return Evidence(
        check="certificate", scope="here", verdict="not applicable",
        statement=f"There is no certificate for every step: {reason}. Only the steps that were taken are known.",
    )  # fmt: skip


def _rates(rates: Rates) -> str:
    return f"η_w = {rates.eta_w:.4g}, η_Q = {rates.eta_Q:.4g}"


def _evidence(made: Certificate, left: arb, right: arb, text: str, holds: bool) -> Evidence:
    margin = (right - left) / (right + left)
    share = max((own.share for own in made.bounds), key=lambda x: x)
    return Evidence(
        check="certificate", **known("here", "holds" if holds else "undecided", "certified"),
        margin=balls.float_down(margin) if holds else None, statement=text,
        figures={"length of the path of Q": finite(balls.float_up(made.path)),
                 "largest share of the perturbation": finite(balls.float_up(share))},
        budget=f"every t, from θ^(0) and the rates alone: {_rates(made.rates)}; {made.bits} bits",
    )  # fmt: skip


def _loss(made: Certificate) -> Evidence:
    found = made.bound_holds()
    with balls.precision(made.bits):
        left, right = made.gap(1), made.still.gap0 * (1 - made.rate)
        text = (
            f"For every t: attention moves so little that each step lowers the gap by at least {shown(made.fallen, 'least')} of it, and "
            f"(18) asks for {shown(made.rate)}. "
        )
        text += (
            f"The smallest margin over t ≥ 1 is at least {shown(found.margin, 'least')}, at t = {found.at}."
            if found.holds
            else "So the certificate does not show (18)."
        )
        return _evidence(made, left, right, text, found.holds)


def _alpha(made: Certificate) -> Evidence:
    found = made.induction_holds()
    text = f"For every t and h: ‖α_h^(t)‖ ≤ {shown(found.alpha, 'most')}, and α of (44) is {shown(found.alpha_allowed)}."
    with balls.precision(made.bits):
        return _evidence(made, found.alpha, found.alpha_allowed, text, found.alpha_holds)


def _rank(made: Certificate) -> Evidence:
    found = made.induction_holds()
    with balls.precision(made.bits):
        least, allowed = found.root**2, found.root_allowed**2
        text = f"For every t and k: λ_min(B_kB_kᵀ) ≥ {shown(least, 'least')}, and ζ_0/2 is {shown(allowed)}."
        return _evidence(made, allowed, least, text, found.root_holds)


def shown(x: arb, end: Literal["least", "middle", "most"] = "middle") -> str:
    """Four digits, whatever the exponent: of the middle of the ball, or rounded down below it, or up above it."""
    value = {"least": x.lower(), "middle": x.mid(), "most": x.upper()}[end]
    rounding = {"least": ROUND_FLOOR, "middle": ROUND_HALF_EVEN, "most": ROUND_CEILING}[end]
    said = Context(prec=4, rounding=rounding).create_decimal(value.str(30, radius=False))
    return f"{said:g}".replace("e-", "·10^−").replace("e+", "·10^")
