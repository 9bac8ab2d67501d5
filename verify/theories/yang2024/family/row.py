"""One instance of a family: what is certified before training, and what its run shows of Theorem 1."""

from __future__ import annotations

from typing import Literal

import numpy as np
from flint import arb

from numeric import balls
from verify.pipeline.gather import why
from verify.record import Margin, Model
from verify.theories.yang2024.checks.bound_18 import compared
from verify.theories.yang2024.job import check_assumptions
from verify.theories.yang2024.laboratory import OPEN, Laboratory, big
from verify.theories.yang2024.numeric.allowances import Allowances
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.constants import Rates, enclose_gap, enclose_spectrum
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.train import TrainingError, Trajectory
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.theory import theory
from verify.vocabulary import Here


class Between(Model):
    """A ball, rounded outwards to float64."""

    lower: Margin
    upper: Margin

    @classmethod
    def of(cls, ball: arb) -> Between:
        return cls(lower=balls.float_down(ball), upper=balls.float_up(ball))

    def ball(self) -> arb:
        return arb(self.lower).union(arb(self.upper))


class Printed(Model):
    """Certified float64 rates (16); see `verify.theories.yang2024.numeric.constants.Rates`."""

    gamma: float
    eta_Q: float
    eta_w: float
    log_rate: float

    def rates(self) -> Rates:
        return Rates(self.gamma, self.eta_Q, self.eta_w, self.log_rate)


class Start(Model):
    """What is certified at θ^(0).

    rates         None where there are none that can be run
    steps         until the guaranteed bound (18) is at its target
    not_run       why nothing is trained; empty where it is
    inapplicable  the hypotheses of Theorem 1 that fail here; empty where all hold
    every_step    whether (18) is certified at every step of exact descent, none of them taken
    """

    digest: str
    zeta0: Between | None = None
    Delta0: Between | None = None
    bits: int = 0
    rates: Printed | None = None
    steps: int | None = None
    not_run: str = ""
    inapplicable: str = ""
    every_step: bool = False


class Seen(Model):
    """What one run shows.

    verdict       of (18), as in `verify.theories.yang2024.checks.bound_18`; `reason` says why where it is not `holds`
    margin, at    the smallest margin over 1 ≤ t ≤ until, and its step; rounding rules after until
    blur          by how much a recorded gap's distance from its enclosure can move that margin
    observed      slope of log(gap) a step
    movement      largest ‖Q_h − Q_h^(0)‖_F / ‖Q_h^(0)‖_F
    gap           recorded 𝓛 − inf 𝓛 at the last iterate, `enclosed` there; `off`: their relative distance, `allowed` by rounding
    certified     whether gap and bound at the last iterate are enclosed and in order
    smallest      min_k λ_min(B_k B_kᵀ) at the last iterate, enclosed; `kept`: whether (43b) is certain there, None if open
    """

    digest: str
    verdict: Literal["holds", "fails", "undecided"]
    reason: str = ""
    steps: int
    margin: Margin = None
    at: int | None = None
    until: int | None = None
    blur: Margin = None
    observed: Margin = None
    movement: Margin = None
    gap0: Margin = None
    gap: Margin = None
    enclosed: Between | None = None
    off: Margin = None
    allowed: Margin = None
    certified: bool | None = None
    smallest: Between | None = None
    kept: bool | None = None


class Row(Model):
    """One instance: its number, from 1, what varies in it, and what was found."""

    number: int
    seed: int
    H: int
    tau: float
    beta: float
    start: Start
    seen: Seen | None = None

    @property
    def verdict(self) -> Here:
        if self.start.inapplicable:
            return "not applicable"
        return "undecided" if self.seen is None else self.seen.verdict

    @property
    def reason(self) -> str:
        parts = (self.start.inapplicable, self.start.not_run, self.seen.reason if self.seen else "")
        return "; ".join(part for part in parts if part)

    @property
    def needs(self) -> int | str | None:
        """Steps until the guaranteed bound is at its target; in words where they are astronomical."""
        steps = self.start.steps
        return steps if steps is None or steps < 10**7 else big(steps)

    @property
    def faster(self) -> float | None:
        """Observed over guaranteed rate, in logarithms."""
        if self.seen is None or self.seen.observed is None or self.start.rates is None:
            return None
        return self.seen.observed / self.start.rates.log_rate

    @property
    def broken(self) -> str:
        """What must not be where the hypotheses hold: the bound or (43b) broken, or a recorded gap that rounding does not explain."""
        one = self.seen
        if one is None or self.start.inapplicable:
            return ""
        found = [one.reason] if one.verdict == "fails" else []
        if one.kept is False:
            found.append("(43b) is broken at the last iterate")
        if one.off is not None and one.allowed is not None and one.off > one.allowed:
            found.append(
                f"the recorded gap is off from its enclosure by {one.off:.2g}, and rounding explains {one.allowed:.2g}"
            )
        return "; ".join(found)


def start(instance: Instance, options: Options) -> Start:
    """Constants, rates, hypotheses and number of steps, certified."""
    try:
        with np.errstate(all="ignore"):
            return _start(instance, options)
    except OPEN as error:
        return Start(digest=instance.digest, not_run=f"not decided: {why(error)}")


def _start(instance: Instance, options: Options) -> Start:
    laboratory = Laboratory(instance, options)
    constants, plan, rates = laboratory.constants, laboratory.plan, laboratory.constants.rates
    stated = next(claim for claim in theory().claims if claim.key == ("theorem-1", "printed"))
    checked = [one for one in check_assumptions(instance, laboratory) if one.id in stated.assumptions]
    failing = [one for one in checked if one.verdict == "fails"]
    made, printed = laboratory.certificates.printed, None
    if rates is not None and rates.log_rate is not None and plan.bound_steps is not None:
        printed = Printed(gamma=rates.gamma, eta_Q=rates.eta_Q, eta_w=rates.eta_w, log_rate=rates.log_rate)
    return Start(
        digest=instance.digest, zeta0=Between.of(constants.zeta0), Delta0=Between.of(constants.Delta0),
        bits=max(constants.precision, *constants.spectrum.bits), rates=printed, steps=plan.bound_steps, not_run=plan.reason,
        inapplicable="; ".join(f"{one.id} fails: {(*one.offenders, one.finding)[0]}" for one in failing),
        every_step=isinstance(made, Certificate) and made.bound_holds().holds,
    )  # fmt: skip


def seen(instance: Instance, before: Start, run: Trajectory | TrainingError, dtype: str) -> Seen:
    """The run held to (18), its last iterate enclosed. One whose numbers did not stay finite breaks a bound that falls."""
    if isinstance(run, TrainingError):
        reason = f"(18) is broken: {run.quantity} is not finite at step {run.step}"
        return Seen(digest=instance.digest, verdict="fails", reason=reason, steps=run.step)
    try:
        with np.errstate(all="ignore"):
            return _seen(instance, before, run, dtype)
    except OPEN as error:
        reason = f"not decided: {why(error)}"
        return Seen(digest=instance.digest, verdict="undecided", reason=reason, steps=run.steps)


def _seen(instance: Instance, before: Start, run: Trajectory, dtype: str) -> Seen:
    assert before.Delta0 is not None
    assert before.zeta0 is not None
    exact, last = ExactInstance(instance), run.last
    enclosed = enclose_gap(exact, last.w, last.X)
    found = compared(run, exact, before.Delta0.ball(), enclosed, dtype, complete=run.reached)
    spectrum = enclose_spectrum(exact, last.X)
    quadratic = least_squares(label_covariance(instance), instance.N)
    allowed = Allowances(instance, quadratic, float(np.finfo(dtype).eps) / 2).gap(last.w, last.X)
    half, gap = before.zeta0.ball() / 2, float(run.gap[-1])
    reasons = {
        "holds": "",
        "fails": f"(18) is broken at step {found.at}: margin {found.margin:.3g}",
        "undecided": f"at step {found.at} the margin {found.margin:.3g} cannot be told from rounding, {found.blur or 0.0:.1g}",
    }
    return Seen(
        digest=instance.digest, verdict=found.verdict, reason=reasons[found.verdict], steps=run.steps, margin=found.margin,
        at=found.at, until=found.until, blur=found.blur, observed=run.observed_log_rate(),
        movement=float(np.max(run.relative_movement())), gap0=float(run.gap[0]), gap=gap, enclosed=Between.of(enclosed.gap),
        off=float((abs(arb(gap) - enclosed.gap) / enclosed.gap).upper()), allowed=float((allowed / enclosed.gap).upper()),
        certified=found.certified, smallest=Between.of(spectrum.zeta),
        kept=True if spectrum.zeta >= half else False if spectrum.zeta < half else None,
    )  # fmt: skip
