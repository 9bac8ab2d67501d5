"""Predictions at unlabelled tokens, for tasks inside and outside the training law, against ridge regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verify.known import known
from verify.output.phrases import small
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.checks.bound_18 import resolved
from verify.theories.yang2024.checks.clauses import Finding
from verify.theories.yang2024.checks.inference import CONFIDENCE
from verify.theories.yang2024.checks.train import SAMPLES, not_run, small_instance
from verify.theories.yang2024.laboratory import Laboratory, big, trained_A_hat
from verify.theories.yang2024.numeric.constants import enclose_constants, steps_for_bound
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.predict import (
    Prompts,
    clopper_pearson,
    half_mean_square,
    ridge_predictions,
    sample_prompts,
    transformer_predictions,
)
from verify.theories.yang2024.numeric.train import train
from verify.vocabulary import Here

Array = NDArray[np.float64]
STEPS = 200
TARGET = 1e-6  # of the guaranteed bound: far above what float64 iterates resolve
PROMPTS = 50
LAWS = {
    "inside the training law": TaskLaw(),
    "shifted and wider": TaskLaw("gaussian", 1.0, 2.0),
    "ten times as large": TaskLaw("laplace", 0.0, 10.0),
    "one task only": TaskLaw("gaussian", -3.0, 0.0),
}


def unseen(A_hat: Array, instance: Instance, prompts: Prompts) -> Array:
    """Σ_{k>N} (ŷ_k − ŷ*_k)² of each prompt, (count,); ŷ* from ridge regression itself."""
    off = (transformer_predictions(A_hat, prompts) - ridge_predictions(instance, prompts))[:, instance.N :]
    found: Array = np.sum(off**2, axis=1)
    return found


def trained_on_small_instances(laboratory: Laboratory) -> Finding:
    """Small instances trained at their printed rates: Σ_{k>N} (ŷ_k − ŷ*_k)² ≤ (2K/mτ) ‖y‖² · (what (18) guarantees of 𝓛 − min_Â 𝓛)
    at every prompt, whatever the law of its task."""
    rng, wanted = laboratory.instance.rng("unseen tokens"), SAMPLES[laboratory.options.tier]
    tried, skipped, worst, broken = 0, 0, 0.0, ""
    while tried < wanted and skipped < 10 * wanted:
        instance = small_instance(rng)
        constants = enclose_constants(instance)
        rates = constants.rates
        if instance.K == instance.N or rates is None or rates.log_rate is None:
            skipped += 1
            continue
        steps = min(STEPS, steps_for_bound(rates.log_rate, TARGET))
        A_hat = trained_A_hat(train(instance, rates, max_steps=steps))
        gap = float(constants.Delta0.upper()) * np.exp(rates.log_rate * steps)
        for name, law in LAWS.items():
            prompts = sample_prompts(instance, law, PROMPTS, instance.rng(name))
            allowed = 2 * instance.K / (instance.m * instance.tau) * gap * np.sum(prompts.y**2, axis=1)
            ratio = float(np.max(unseen(A_hat, instance, prompts) / allowed))
            worst = max(worst, ratio)
            if not ratio <= 1 and not broken:
                broken = f"{instance.name}, seed {instance.seed}, N = {instance.N}, K = {instance.K}, λ {name}: {ratio:.3g} of the bound"
        tried += 1
    statement = (
        f"{tried} small instances trained for up to {STEPS} steps at the printed rates, {PROMPTS} prompts from each of {len(LAWS)} "
        f"laws of λ ({', '.join(LAWS)}): Σ_{{k>N}} (ŷ_k − ŷ*_k)² is at most {worst:.2g} of (2K/mτ)‖y‖² times what (18) guarantees"
    )
    budget = f"N ≤ 4, K ≤ 8, m ≤ 6, {PROMPTS * len(LAWS)} prompts each; float64"
    if broken:
        witness = Witness(summary=broken, method="gradient descent in float64")
        return Finding(
            "sample", "fails", "observed", f"{statement}; broken by {broken}.", witness=witness, budget=budget
        )
    return Finding(
        "sample", "holds" if tried else "vacuous", "tested", f"{statement}.", budget=budget,
        figures={"instances": tried, "largest error over its bound": worst},
    )  # fmt: skip


@dataclass(frozen=True)
class UnseenHere:
    """The trained model of this run at its unlabelled tokens, for tasks inside and outside the training law, against ε."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        trajectory, plan, i = laboratory.trajectory, laboratory.plan, laboratory.instance
        if trajectory is None or plan.theorem2 is None:
            return [not_run(laboratory)]
        if trajectory.last.t < plan.theorem2:
            return [
                not_run(laboratory, f"T = {big(plan.theorem2)} of (21) is beyond the steps that were run")
            ]
        if plan.theorem2 > resolved(trajectory, laboratory.options.dtype):
            return [not_run(laboratory, "ε lies below what stored iterates of this dtype resolve")]
        if i.K == i.N:
            text = "No token is unlabelled here."
            return [
                Evidence(check="enclose", **known("here", "not applicable", "certified"), statement=text, )
            ]  # fmt: skip
        A_hat, epsilon = laboratory.final_A_hat, i.inference.epsilon
        assert A_hat is not None

        def errors(prompts: Prompts) -> Array:
            found: Array = unseen(A_hat, i, prompts.within(i.inference.B)) / (2 * i.K)
            return found

        def breach(found: Array) -> bool:
            """Whether more than δ of the prompts are certainly off by more than ε."""
            count = int(np.sum(found > epsilon))
            return clopper_pearson(count, len(found), CONFIDENCE)[0] > i.inference.delta

        inside, outside = (
            errors(prompts) for prompts in (laboratory.training_prompts, laboratory.inference_prompts)
        )
        note = ""
        if breach(outside):
            outside = errors(laboratory.more_prompts(10))
            note = " A first sample went against it; this one is fresh and ten times as large."
        count, worst = len(inside) + len(outside), float(np.max([*inside, *outside], initial=0.0))
        ridge = ridge_predictions(i, laboratory.inference_prompts) - laboratory.inference_prompts.clean
        truth = float(np.mean(half_mean_square(ridge[:, i.N :])))
        verdict: Here = (
            "undecided" if not count else "fails" if breach(inside) or breach(outside) else "holds"
        )
        largest = [float(np.max(found, initial=0.0)) for found in (inside, outside)]
        return [
            Evidence(
                check="train", **known("here", verdict, "observed"),
                margin=(epsilon - worst) / (epsilon + worst),
                statement=f"At t = {trajectory.last.t} the largest (1/2K) Σ_{{k>N}} (ŷ_k − ŷ*_k)² is {small(largest[0])} for λ from "
                f"the training law and {small(largest[1])} outside it, ε = {epsilon:g}; ridge regression itself is {truth:.3g} away "
                f"from the template there, half mean square.{note}",
                figures={"inside": largest[0], "outside": largest[1], "ridge from the template": truth},
                budget=f"{count} prompts with ‖λ‖ ≤ B; Clopper–Pearson at {CONFIDENCE:g} where one is off",
            )
        ]  # fmt: skip
