"""A step of the induction at stored iterates: both sides enclosed there, on small random instances and on this run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from flint import arb

from numeric import balls
from symbolic.evaluate import evaluate
from verify.known import known
from verify.output.phrases import counted
from verify.record import Evidence, Witness
from verify.sides import Sides, read
from verify.statement import Claim, Refuting
from verify.theories.yang2024.checks.bound_18 import above_floor, resolved
from verify.theories.yang2024.checks.compare import ROUNDING
from verify.theories.yang2024.checks.iterate_letters import BITS, Pair, Run, point, run_of
from verify.theories.yang2024.checks.train import SAMPLES, not_run, small_instance
from verify.theories.yang2024.laboratory import UPDATE_PAIRS, Laboratory
from verify.theories.yang2024.numeric.constants import enclose_constants, other_rates
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import Iterate, Trajectory, train
from verify.vocabulary import Found, Here

SAMPLED_STEPS = (1, 16, 128)
Mode = Literal["start", "since start", "one step"]


def margin(bound: Sides, pair: Pair) -> tuple[float, float]:
    """The smallest (rhs − lhs)/(|lhs| + |rhs|) over the free indices: a lower and an upper end. 0/0 counts as 0."""
    low, high = float("inf"), float("inf")
    at = point(pair, bound.lhs, bound.rhs)
    with balls.precision(BITS):
        sides = (evaluate(side, at, bound.axes).flat for side in (bound.lhs, bound.rhs))
        for left, right in zip(*sides, strict=True):
            size, slack = abs(left) + abs(right), right - left
            if slack == 0:
                low, high = min(low, 0.0), min(high, 0.0)
                continue
            part = slack / size if size > 0 else arb(0, 1)
            low, high = min(low, balls.float_down(part)), min(high, balls.float_up(part))
    return low, high


def judged(low: float, high: float) -> Here:
    """A violation that rounding of the stored iterate may explain is none, nor is it a confirmation."""
    if np.isnan(low) or np.isnan(high):
        return "undecided"
    return "holds" if low >= 0 else "fails" if high < -ROUNDING else "undecided"


def pairs_of(run: Run, mode: Mode, iterates: Sequence[Iterate]) -> Iterator[Pair]:
    """ξ, ξ′: the start twice; each iterate and the start; each iterate and its successor."""
    if mode == "start":
        yield Pair(run, run.start, run.start)
    elif mode == "since start":
        for iterate in iterates:
            yield Pair(run, run.seen(iterate), run.start)
    else:
        kept = {iterate.t: iterate for iterate in iterates}
        for iterate in iterates:
            if iterate.t + 1 in kept:
                yield Pair(run, run.seen(iterate), run.seen(kept[iterate.t + 1]))


@dataclass(frozen=True)
class AtIterates(Refuting):
    """lhs ≤ rhs at stored iterates. `mode` says what ξ and ξ′ are."""

    cost = 3

    mode: Mode = "since start"

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        bounds = [read(inequality) for inequality in claim.inequalities()]
        yield self._sampled(bounds, laboratory)
        yield self._here(bounds, laboratory)

    def _worst(
        self, bounds: Sequence[Sides], run: Run, iterates: Sequence[Iterate]
    ) -> tuple[float, float, int, list[int]]:
        """The smallest margin (both ends), its step, and the steps that were looked at."""
        found = [
            (*margin(bound, pair), pair.t) for pair in pairs_of(run, self.mode, iterates) for bound in bounds
        ]
        steps = sorted({t for *_, t in found})
        low, high, at = min(found, key=lambda one: (one[1], one[0]), default=(np.nan, np.nan, 0))
        return low if np.isnan(low) else min(one[0] for one in found), high, at, steps

    def _here(self, bounds: Sequence[Sides], laboratory: Laboratory) -> Evidence:
        trajectory = laboratory.trajectory
        if trajectory is None or trajectory.steps == 0:
            return not_run(laboratory)
        run = run_of(laboratory, trajectory)
        low, high, at, steps = self._worst(
            bounds, run, chosen(trajectory, laboratory.options.dtype, self.mode)
        )
        verdict = judged(low, high)
        where = f"t = {', '.join(map(str, steps))}"
        text = {
            "holds": f"Enclosed at the stored iterates {where}: it holds there; smallest margin {low:.3g}, at t = {at}.",
            "fails": f"Enclosed at the stored iterates {where}: it is broken at t = {at}, margin {high:.3g}.",
            "undecided": f"At the stored iterates {where} the smallest margin lies between {low:.3g} and {high:.3g}: the "
            "enclosures, or the rounding of what is stored, leave it open.",
        }
        return Evidence(
            check="enclose", **known("here", verdict, "certified"),
            margin=None if verdict == "undecided" else low, statement=text[verdict],
            figures={"iterates": len(steps), "smallest margin": low, "at step": at},
            budget=f"{counted(len(steps), 'stored iterate')}, {BITS} bits; ball arithmetic on their float64 entries",
        )  # fmt: skip

    def _sampled(self, bounds: Sequence[Sides], laboratory: Laboratory) -> Evidence:
        runs = laboratory.once("small runs", lambda: list(small_runs(laboratory)))
        worst, tried, open_ones, broken = 1.0, 0, 0, None
        for run in runs:
            kept = chosen(run.trajectory, "float64", self.mode)
            low, high, at, _ = self._worst(bounds, run, kept)
            verdict = judged(low, high)
            tried, open_ones = tried + (verdict != "undecided"), open_ones + (verdict == "undecided")
            worst = min(worst, low) if verdict != "undecided" else worst
            if verdict == "fails" and broken is None:
                broken = witness(run.trajectory.instance, at, high)
        verdict_: Found = "fails" if broken else "holds" if tried else "undecided"
        left = f" Open at {open_ones} more, where enclosures overlap." if open_ones else ""
        return Evidence(
            check="sample", **known("general", verdict_, "tested"), witness=broken,
            statement=f"{tried} random small instances that meet the assumptions, trained at rates within (15) and (16): "
            f"{'broken, ' + broken.summary if broken else 'it holds at every stored iterate'}; smallest margin {worst:.3g}.{left}",
            figures={"instances": tried, "smallest margin": worst, "open": open_ones},
            budget=f"iterates t = {', '.join(map(str, SAMPLED_STEPS))} and the next of each, enclosed",
        )  # fmt: skip


def chosen(trajectory: Trajectory, dtype: str, mode: Mode) -> list[Iterate]:
    """Iterates that rounding does not rule: the first, the last but one kept and the last of all; for pairs all kept."""
    until = resolved(trajectory, dtype)

    def tells(iterate: Iterate) -> bool:
        return 0 < iterate.t <= until and above_floor(trajectory, iterate, dtype)

    kept = [iterate for iterate in trajectory.snapshots if tells(iterate)]
    if mode == "one step":
        return kept
    firsts = [iterate for iterate in kept if iterate.t in (UPDATE_PAIRS[0], UPDATE_PAIRS[-1])]
    return firsts + [trajectory.last] * (firsts[-1:] != [trajectory.last] and tells(trajectory.last))


def small_runs(laboratory: Laboratory) -> Iterator[Run]:
    """Random small instances, every second one at a larger γ and a smaller η_Q, trained for a few steps."""
    rng, wanted, skipped, done = (
        laboratory.instance.rng("runs of the induction"),
        SAMPLES[laboratory.options.tier],
        0,
        0,
    )
    while done < wanted and skipped < 10 * wanted:
        instance = small_instance(rng)
        constants = enclose_constants(instance)
        rates = constants.rates
        if done % 2:
            rates = other_rates(constants, rng.decades(0, 1), float(rng.uniform(0.3, 1)))
        if rates is None or rates.log_rate is None:
            skipped += 1
            continue
        trajectory = train(instance, rates, max_steps=1 + max(SAMPLED_STEPS), snapshots=SAMPLED_STEPS)
        done += 1
        laboratory.progress("runs of the induction", done, wanted)
        yield Run(ExactInstance(instance), constants, trajectory)


def witness(instance: Instance, at: int, high: float) -> Witness:
    return Witness(
        summary=f"{instance.name}, seed {instance.seed}: margin {high:.3g} at step {at}",
        sizes={"N": instance.N, "K": instance.K, "m": instance.m, "d": instance.d, "H": instance.H},
        values={"tau": repr(instance.tau), "beta": repr(instance.beta), "seed": str(instance.seed)},
        method="gradient descent in float64, both sides enclosed at the stored iterate",
    )  # fmt: skip
