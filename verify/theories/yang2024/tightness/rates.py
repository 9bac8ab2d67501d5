"""The learning rates that the chain would allow if each of its steps were tight, what they would guarantee, and whether a run keeps it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from flint import arb

from numeric import balls
from numeric.balls import Undecided
from verify.theories.yang2024.checks.bound_18 import resolved
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import SMALLEST_NORMAL, Rates, T_theorem2, steps_for_bound
from verify.theories.yang2024.numeric.curvature import TOLERANCE
from verify.theories.yang2024.numeric.train import TrainingError, Trajectory, train
from verify.theories.yang2024.tightness.factors import Losses
from verify.theories.yang2024.tightness.letters import Known
from verify.theories.yang2024.tightness.slack import EPS, Along, Looked, schedule

CORRECTIONS = 2
CHECKED = 5  # iterates at which curvature and rank are looked at along a further run
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Choice:
    """One choice of rates.

    L      what 1/η_Q is
    sigma  the least ‖∇ℓ‖²/(ℓ − 𝓛*) seen in the metric of this γ: what σ is a lower bound of
    T      of (21) at these rates; None where it is undecided
    """

    name: str
    rates: Rates
    L: float
    sigma: float
    T: int | None

    @property
    def guaranteed(self) -> float:
        """η_wζ_0/(2K)."""
        return self.rates.one_minus_rate or 0.0

    @property
    def tight(self) -> float:
        """η_Q/2 times sigma: the guarantee if (49) were tight too."""
        return min(self.rates.eta_Q * self.sigma / 2, 1.0)


@dataclass(frozen=True)
class Seen:
    """What a run at a choice of rates shows; nothing of it is certified.

    steps      taken; `until` the last at which rounding lets (18) be told
    observed   1 − the mean factor of the gap over the steps that double precision knows
    margin, at the smallest margin of (18) at these rates, and its step
    tight, tight_at   the same with the guarantee as if (49) were tight
    step       η_Q times the largest eigenvalue of ∇²ℓ at iterates of this run; nan where nobody looked
    least      least λ_min(B_kB_kᵀ) over ζ_0
    drift      largest ‖B_k − B_k^(0)‖_F over (1 − 1/√2)√ζ_0
    broke      what stopped it, if anything did
    """

    steps: int
    until: int
    observed: float
    margin: float
    at: int
    tight: float
    tight_at: int
    step: float
    least: float
    drift: float
    broke: str = ""


def measured(laboratory: Laboratory, losses: Losses, progress: Progress) -> Iterator[tuple[Choice, Seen]]:
    """As printed; L as it was seen, at γ of (15); the same at the γ that (48) needs with the drift that was seen, where there was
    any. Where its own run drifts further than (48) allows, γ is raised by that drift, CORRECTIONS times at most."""
    rates = losses.known.trajectory.rates
    printed = _choice(laboratory, losses, "as printed, (15)–(17)", rates.gamma, 1 / rates.eta_Q, rates)
    yield printed, judged(losses.known, losses, printed, losses.known.trajectory)
    if losses.curvature is None:
        return
    tight = as_seen(laboratory, losses, "L as seen, γ of (15)", rates.gamma, progress)
    yield tight, run(laboratory, losses, tight, progress)
    gamma = losses.least_gamma()
    name = "L as seen, γ as (48) needs it"
    for number in range(1 + CORRECTIONS):
        if not 0 < gamma < rates.gamma:  # no attention moved, or there is nothing to gain
            return
        choice = as_seen(laboratory, losses, name, gamma, progress)
        if not all(SMALLEST_NORMAL <= rate < math.inf for rate in (choice.rates.eta_Q, choice.rates.eta_w)):
            return
        seen = run(laboratory, losses, choice, progress)
        yield choice, seen
        if not seen.drift > 1:
            return
        gamma, name = gamma * math.sqrt(seen.drift), f"the same, γ corrected {number + 1}×"


def as_seen(laboratory: Laboratory, losses: Losses, name: str, gamma: float, progress: Progress) -> Choice:
    """η_Q = 1/L for the largest curvature seen in the metric of this γ."""
    seen, _ = losses.largest(gamma, lambda done, total: progress("curvature", done, total))
    L = abs(seen.value) * (1 + TOLERANCE)
    return _choice(laboratory, losses, name, gamma, L, Rates(gamma, 1 / L, gamma * gamma / L))


def _choice(
    laboratory: Laboratory, losses: Losses, name: str, gamma: float, L: float, rates: Rates
) -> Choice:
    constants, inference = laboratory.constants, laboratory.instance.inference
    if rates.log_rate is None:
        with balls.precision(constants.precision):
            rates = replace(rates, log_rate=balls.float_up(constants.log_factor(arb(rates.eta_w))))
    try:
        T: int | None = T_theorem2(
            constants, inference.B, inference.epsilon, inference.delta, rates.log_rate
        )[1]
    except Undecided:
        T = None
    return Choice(name, rates, L, least_slope(losses, gamma), T)


def least_slope(losses: Losses, gamma: float) -> float:
    """min_t ‖∇ℓ‖²/(ℓ − 𝓛*) over the points looked at: ∂ℓ/∂α goes with γ, ∂ℓ/∂Q does not."""
    of_alpha, of_Q = losses.slopes
    return float(((gamma / losses.known.scalars["gamma"]) ** 2 * of_alpha + of_Q).min())


def run(laboratory: Laboratory, losses: Losses, choice: Choice, progress: Progress) -> Seen:
    """Descent at these rates until their bound is at its target, but no longer than the run before."""
    known, before = losses.known, losses.known.trajectory
    asked = steps_for_bound(choice.rates.log_rate or -math.inf, laboratory.options.bound_target)
    steps = max(2, min(asked, before.steps))
    broke = ""
    try:
        trajectory = train(
            laboratory.instance, choice.rates, max_steps=steps, snapshots=schedule(steps, CHECKED),
            progress=lambda done, total: progress(f"descent · {choice.name}", done, total),
        )  # fmt: skip
    except TrainingError as error:
        trajectory, broke = error.trajectory, str(error)
    return judged(known, losses, choice, trajectory, broke)


def judged(known: Known, losses: Losses, choice: Choice, trajectory: Trajectory, broke: str = "") -> Seen:
    """What a run at these rates shows."""
    found, along = losses, losses.along
    if trajectory is not known.trajectory:
        here = Known(known.instance, known.quadratic, known.constants, trajectory)
        along = Along(here, Looked.of(trajectory, here.start, None), losses.along.prompts)
        found = Losses(here, along, losses.curvature, losses.viewed)
    until = resolved(trajectory, "float64")
    rate = choice.rates.log_rate or 0.0
    margin, at = trajectory.worst_margin(rate, since=1, until=until)
    sharp = math.log1p(-min(choice.tight, 1 - EPS))
    last = min(trajectory.last.t, found.known_until())
    tight, tight_at = trajectory.worst_margin(sharp, since=1, until=max(1, last))
    least = min((float(p["lmin"].amin()) for p in along.made("since start")), default=math.nan)
    drift = found.drift[0] if along.points.iterates else math.nan
    step = math.nan
    if losses.curvature is not None:
        step = choice.rates.eta_Q * abs(found.largest(choice.rates.gamma)[0].value)
    limit = (1 - math.sqrt(0.5)) * math.sqrt(known.scalars["zeta"])
    return Seen(
        trajectory.steps, until, found.observed(), margin, at, tight, tight_at, step, least / known.scalars["zeta"], drift / limit,
        broke,
    )  # fmt: skip


__all__ = ["Choice", "Seen", "as_seen", "judged", "least_slope", "measured", "run"]
