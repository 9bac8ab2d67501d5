"""The first steps of exact descent at this instance, each enclosed in balls: what is certain where there is no certificate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from flint import arb

from numeric import balls
from verify.known import known
from verify.output.phrases import small
from verify.record import Evidence
from verify.theories.yang2024.checks.bound_18 import PLAUSIBLE, floor
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Constants, Rates
from verify.theories.yang2024.numeric.enclosed_descent import Seen, affordable, watch
from verify.theories.yang2024.numeric.train import Trajectory

Quantity: TypeAlias = Literal["loss", "alpha", "rank"]
NAMES: dict[Quantity, str] = {"loss": "(18)", "alpha": "(43a)", "rank": "(43b)"}


def stepped(of: Quantity, rates: Rates, laboratory: Laboratory) -> Iterator[Evidence]:
    """(18), (43a) or (43b) at each step of a stated horizon; of the loss also whether the run agrees, where the run has these rates."""
    exact = laboratory.exact
    horizon = affordable(exact)
    if not horizon:
        return
    seen = laboratory.once(f"steps in balls at {rates}", lambda: watch(exact, rates, horizon))
    yield _at_steps(of, rates, laboratory.constants, seen)
    if of == "loss" and rates == laboratory.constants.rates and laboratory.trajectory is not None:
        yield _compared(seen, laboratory.trajectory, laboratory.options.dtype)


def sides(of: Quantity, rates: Rates, constants: Constants, one: Seen) -> tuple[arb, arb]:
    """What has to be at most what, at one step."""
    gamma = (arb(rates.eta_w) / rates.eta_Q).sqrt()
    if of == "alpha":
        return one.weights / gamma, constants.alpha(gamma)
    if of == "rank":
        return constants.zeta0 / 2, one.least
    return one.gap, constants.Delta0 * (constants.log_factor(arb(rates.eta_w)) * one.t).exp()


def _at_steps(of: Quantity, rates: Rates, constants: Constants, seen: Sequence[Seen]) -> Evidence:
    name, least, at, last = NAMES[of], None, 0, 0
    for one in seen[1:]:
        with balls.precision(one.bits):
            left, right = sides(of, rates, constants, one)
            if left > right:
                return Evidence(
                    check="enclose", **known("here", "fails", "certified"), budget=_budget(seen, rates),
                    statement=f"{name} is broken at step {one.t} of exact descent, which is enclosed step by step in balls.",
                )  # fmt: skip
            if not left <= right:
                break
            margin = balls.float_down((right - left) / (right + left))
        least, at = (margin, one.t) if least is None or margin < least else (least, at)
        last = one.t
    text = f"Exact descent, enclosed step by step in balls: {name} holds at each of steps 1 to {last}, the only ones looked at"
    text += "" if last == seen[-1].t else f"; at step {last + 1} the enclosures are too wide to tell"
    text += f". The smallest margin is at least {least:.3g}, at t = {at}." if last else "."
    if not last:
        text = f"Exact descent, enclosed step by step in balls, does not decide {name} at the first step."
    return Evidence(
        check="enclose", **known("here", "not applicable", "certified"), statement=text,
        figures={"steps enclosed": last}, budget=_budget(seen, rates),
    )  # fmt: skip


def _budget(seen: Sequence[Seen], rates: Rates) -> str:
    return f"{seen[-1].t} steps of (10) in balls: η_w = {rates.eta_w:.4g}, η_Q = {rates.eta_Q:.4g}; {seen[-1].bits} bits"


def _compared(seen: Sequence[Seen], trajectory: Trajectory, dtype: str) -> Evidence:
    """Each gap of the run against the enclosure at its step, while rounding does not rule it."""
    told, outside = 0, list[int]()
    for one in seen[1:]:
        at = one.t - trajectory.start
        if 0 <= at < len(trajectory.gap) and trajectory.gap[at] > floor(dtype) * trajectory.gap[0]:
            with balls.precision(one.bits):
                told += 1
                if abs(one.gap - arb(float(trajectory.gap[at]))) > PLAUSIBLE * one.gap:
                    outside.append(one.t)
    text = (
        f"Of {told} gaps of the run, the one at step {outside[0]} is no rounding of its enclosure: one of the two routes is wrong."
        if outside
        else f"Each of {told} gaps of the run is within a relative distance of {small(PLAUSIBLE)} of its enclosure."
    )
    found: Literal["fails", "holds", "not applicable"] = (
        "fails" if outside else "holds" if told else "not applicable"
    )
    return Evidence(
        check="compare", **known("here", found, "observed"), statement=text,
        figures={"steps": told, "steps outside": len(outside)}, budget=f"{told} steps in {dtype} and in balls",
    )  # fmt: skip
