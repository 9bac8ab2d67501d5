"""Inference: T of (21) against what is seen at the trained iterate, and the noise of Lemma 4 by sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from flint import arb

from numeric import balls
from verify.known import known
from verify.output.phrases import at_most, small
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.checks.bound_18 import resolved
from verify.theories.yang2024.checks.compare import ROUNDING
from verify.theories.yang2024.checks.train import (
    SAMPLES,
    SMALL_TARGET,
    left_to_the_certificate,
    not_run,
    small_instance,
)
from verify.theories.yang2024.laboratory import Laboratory, big, counted_steps, trained_A_hat
from verify.theories.yang2024.numeric.constants import (
    T_theorem2,
    enclose_constants,
    longest_labels,
    steps_for_bound,
)
from verify.theories.yang2024.numeric.instance import Inference, Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.predict import Prompts, theorem2_check
from verify.theories.yang2024.numeric.train import train
from verify.vocabulary import Found

CONFIDENCE = 0.999


@dataclass(frozen=True)
class AccuracyHere:
    """(22) at the last iterate: the deterministic half enclosed, the random half counted over prompts; and from T on, certified."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        trajectory, plan, i = laboratory.trajectory, laboratory.plan, laboratory.instance
        if trajectory is None or plan.theorem2 is None:
            return [not_run(laboratory)]
        every_step = self._every_step(laboratory, plan.theorem2)
        closed = any(one.supports for one in every_step)
        if trajectory.last.t < plan.theorem2:
            text = (
                f"T = {big(plan.theorem2)} from (21) for ε = {i.inference.epsilon:g}, δ = {i.inference.delta:g}, "
                f"B = {i.inference.B:g}; the budget is {laboratory.options.max_steps} steps"
            )
            predicted = {
                "predicted seconds": plan.seconds(plan.theorem2, trajectory),
                "T of (21)": big(plan.theorem2),
            }
            return [left_to_the_certificate(not_run(laboratory, text, predicted), closed), *every_step]
        if plan.theorem2 > resolved(trajectory, laboratory.options.dtype):
            lost = "the accuracy asked for lies below what stored iterates of this dtype resolve"
            seen = not_run(laboratory, lost, {"T of (21)": big(plan.theorem2)})
            return [left_to_the_certificate(seen, closed), *every_step]
        return [
            self._enclosed(laboratory, plan.theorem2), self._counted(laboratory, plan.theorem2), *every_step,
        ]  # fmt: skip

    def _every_step(self, laboratory: Laboratory, T: int) -> list[Evidence]:
        """From which step on (22) is certain, by the certificate, against T; nothing where there is no certificate."""
        made, i = laboratory.certificates.printed, laboratory.instance
        if isinstance(made, str):
            return []
        epsilon, delta, B = i.inference.epsilon, i.inference.delta, i.inference.B
        with balls.precision(made.bits):
            radius = longest_labels(laboratory.constants.norm_Z, laboratory.constants.tau, i.N, B, delta)
            least, most = made.first(epsilon * made.still.least / radius**2)
        return [
            Evidence(
                check="certificate", **known("here", "holds" if most <= T else "undecided", "certified"),
                statement=f"From step {counted_steps(most)} on, none of them taken, (1/2K)‖ŷ − ŷ*‖² ≤ ε = {epsilon:g} for every y with "
                f"‖y‖₂ ≤ {float(radius.upper()):.4g}, the radius of (69) that holds with probability {1 - delta:g}; (21) asks for T = "
                f"{big(T)}. The gap, which falls at every step, is for the first time small enough for that at a step from "
                f"{counted_steps(least)} to {counted_steps(most)}.",
                figures={"T of (21)": big(T), "first step, at least": counted_steps(least),
                         "first step, at most": counted_steps(most)},
                budget=f"every t, from θ^(0) and the rates alone; {made.bits} bits",
            )
        ]  # fmt: skip

    def _enclosed(self, laboratory: Laboratory, T: int) -> Evidence:
        i, enclosed = laboratory.instance, laboratory.final_enclosure
        assert enclosed is not None
        epsilon, delta, B = i.inference.epsilon, i.inference.delta, i.inference.B
        with balls.precision(256):
            radius = longest_labels(laboratory.constants.norm_Z, laboratory.constants.tau, i.N, B, delta)
            worst = enclosed.distance**2 * radius**2 / (2 * i.K)
            holds, fails = bool(worst <= epsilon), bool(worst > epsilon)
        value = float(worst.upper())
        return Evidence(
            check="enclose", **known("here", "holds" if holds else "undecided", "certified"),
            margin=(epsilon - value) / (epsilon + value),
            statement=f"At the stored iterate ‖Â − A‖₂ ≤ {at_most(float(enclosed.distance.upper()))}; for every y with ‖y‖₂ ≤ "
            f"{float(radius.upper()):.4g}, the radius of (69) that holds with probability {1 - delta:g}, "
            f"(1/2K)‖ŷ − ŷ*‖² ≤ {at_most(value)}" + (f", more than ε = {epsilon:g}." if fails else f" ≤ ε = {epsilon:g}."),
            figures={"T of (21)": T, "distance of Â from A": float(enclosed.distance.upper()), "largest error": value,
                     "epsilon": epsilon, "delta": delta, "B": B},
            budget=f"iterate {laboratory.trajectory.last.t if laboratory.trajectory else 0}, {enclosed.precision} bits",
        )  # fmt: skip

    def _counted(self, laboratory: Laboratory, T: int) -> Evidence:
        i, A_hat = laboratory.instance, laboratory.final_A_hat
        assert A_hat is not None
        epsilon, delta = i.inference.epsilon, i.inference.delta
        A, note, prompts = laboratory.quadratic.A, "", laboratory.inference_prompts
        count = theorem2_check(i, A_hat, A, epsilon, delta, prompts, confidence=CONFIDENCE)
        if count.lower > delta:
            prompts = laboratory.more_prompts(10)
            count = theorem2_check(i, A_hat, A, epsilon, delta, prompts, confidence=CONFIDENCE)
            note = " A first sample went against it; this one is fresh and ten times as large."
        fails, T_step = count.lower > delta, laboratory.trajectory.last.t if laboratory.trajectory else 0
        return Evidence(
            check="sample", **known("here", "fails" if fails else "holds", "tested"),
            margin=(epsilon - count.worst) / (epsilon + count.worst),
            statement=f"At t = {T_step} ≥ T = {T}: {count.violations} of {count.prompts} prompts with ‖λ‖ ≤ B break (22), allowed "
            f"with probability δ = {delta:g}; the largest (1/2K)‖ŷ − ŷ*‖² is {small(count.worst)}, ε = {epsilon:g}.{note}",
            figures={"prompts": count.prompts, "prompts in breach": count.violations, "largest error": count.worst,
                     "upper confidence limit of the rate": count.upper, "T of (21)": T, "iterate": T_step},
            budget=f"{len(prompts)} prompts; Clopper–Pearson at {CONFIDENCE:g}",
        )  # fmt: skip


@dataclass(frozen=True)
class AccuracySampled:
    """Small instances trained for T steps, with the ε for which (21) asks for just that T, and ‖λ‖ = B.

    of_epsilon, of_T   what the statement is said to promise, as a part of ε, and after which part of T
    """

    steps: int = 1000
    prompts: int = 400
    delta: float = 0.05
    of_epsilon: float = 1.0
    of_T: float = 1.0

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        wanted = SAMPLES[laboratory.options.tier]
        rng, tried, skipped, worst = laboratory.instance.rng("small instances of inference"), 0, 0, 0.0
        broken: list[str] = []
        while tried < wanted and skipped < 10 * wanted:
            instance = small_instance(rng)
            constants = enclose_constants(instance)
            rates = constants.rates
            if rates is None or rates.log_rate is None:
                skipped += 1
                continue
            B = rng.decades(-1, 1)
            start = T_theorem2(constants, B, 1.0, self.delta, rates.log_rate)[0] * -arb(rates.log_rate)
            steps = min(self.steps, steps_for_bound(rates.log_rate, SMALL_TARGET))
            epsilon = self.of_epsilon * float((start + arb(rates.log_rate) * steps).exp().upper())
            instance = replace(instance, inference=Inference(TaskLaw(), B, epsilon, self.delta, self.prompts))
            trajectory = train(instance, rates, max_steps=max(1, int(self.of_T * steps)))
            A_hat, A = trained_A_hat(trajectory), least_squares(label_covariance(instance), instance.N).A
            prompts = on_sphere(instance, B, self.prompts, rng)
            count = theorem2_check(instance, A_hat, A, epsilon, self.delta, prompts, confidence=CONFIDENCE)
            if count.lower > self.delta:
                fresh = on_sphere(instance, B, 10 * self.prompts, rng)
                count = theorem2_check(instance, A_hat, A, epsilon, self.delta, fresh, confidence=CONFIDENCE)
            if count.lower > self.delta:
                broken.append(
                    f"{instance.name}, seed {instance.seed}, N = {instance.N}, K = {instance.K}, m = {instance.m}, "
                    f"H = {instance.H}, B = {B:.4g}, ε = {epsilon:.4g}: {count.violations} of {count.prompts} prompts break (22)"
                )
            worst, tried = max(worst, count.worst / epsilon), tried + 1
        verdict: Found = "vacuous" if not tried else "fails" if broken else "holds"
        witness = (
            Witness(summary=broken[0], method="gradient descent in float64, prompts drawn twice")
            if broken
            else None
        )
        return [
            Evidence(
                check="sample", **known("general", verdict, "tested"), witness=witness,
                statement=f"{tried} random instances, up to {self.steps} steps each, ε such that (21) asks for just these, ‖λ‖ = B: "
                f"{len(broken)} with more than δ of {self.prompts} prompts in breach of (22); largest error {worst:.2g} of ε.",
                figures={"instances": tried, "in breach": len(broken), "largest error over ε": worst},
                budget="instances as for Theorem 1, B in [0.1, 10], δ = 0.05",
            )
        ]  # fmt: skip


def on_sphere(instance: Instance, B: float, count: int, rng: np.random.Generator) -> Prompts:
    """Prompts whose tasks have norm B (up to rounding, not above), with noise of the instance's level."""
    lam = rng.standard_normal((count, instance.m))
    lam *= B * (1 - 1e-12) / np.linalg.norm(lam, axis=1, keepdims=True)
    clean = lam @ instance.features
    noise = (
        np.sqrt(instance.tau) * np.linalg.norm(lam, axis=1, keepdims=True) * rng.standard_normal(clean.shape)
    )
    return Prompts(lam, clean + noise, clean, instance.N)


@dataclass(frozen=True)
class SampleNoise:
    """Both sides of Lemma 4 at one prompt, the left one by drawing ε."""

    draws: int = 100_000

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        i = laboratory.instance
        prompts = laboratory.training_prompts
        lam, y = prompts.lam[0], prompts.y[0]

        def deviation(rng: np.random.Generator, draws: int) -> tuple[float, float, float]:
            residual = y - lam @ i.Z
            noise = np.sqrt(i.tau) * np.einsum("a,nai->ni", lam, rng.standard_normal((draws, i.m, i.N)))
            values = np.sum((residual - noise) ** 2, axis=1) / (2 * i.N)
            right = float(np.sum(residual**2) / (2 * i.N) + i.tau / 2 * np.sum(lam**2))
            error = float(values.std(ddof=1) / np.sqrt(draws))
            return float(values.mean()), error, right

        draws = min(self.draws, max(1000, 4_000_000 // (i.m * i.N)))
        left, error, right = deviation(i.rng("noise of Lemma 4"), draws)
        if error > 0 and abs(left - right) > 4 * error:
            left, error, right = deviation(i.rng("noise of Lemma 4, again"), 10 * draws)
        # Below the rounding of the sum itself a standard error measures nothing.
        off = abs(left - right) / error if error > ROUNDING * abs(right) else float("nan")
        if not np.isfinite([left, right, error, off]).all():
            return [
                Evidence(
                    check="sample", scope="here", verdict="undecided", strength=None,
                    statement=f"Float64 cannot tell: by drawing ε {left} ± {error}, right side {right}.",
                    budget=f"{draws} draws of ε at one prompt",
                )
            ]  # fmt: skip
        return [
            Evidence(
                check="sample", **known("here", "holds" if off <= 4 else "fails", "tested"),
                agreement=(4 - off) / (4 + off),
                statement=f"By drawing ε {left:.6g} ± {error:.2g}, right side {right:.6g}: {off:.2f} standard errors, 4 allowed.",
                figures={"left": left, "right": right, "standard error": error, "deviation in standard errors": off},
                budget=f"{draws} draws of ε at one prompt",
            )
        ]  # fmt: skip
