"""The derived formulas against the literal model at this instance: two routes that share nothing but the letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from numeric.loss import monte_carlo_loss, population_loss
from numeric.predict import ridge_predictions, sklearn_coefficients, with_own_labels
from symbolic import letters
from symbolic.derive import derive
from symbolic.evaluate import Point, evaluate
from symbolic.indexed import Index
from verify.binding import HEAD, PROMPT, TOKEN, float_point, theta_point
from verify.claim import Claim
from verify.laboratory import Gradients, Laboratory
from verify.record import Evidence, Here

Array = NDArray[np.float64]
TOLERANCE = 1e-12
ROW, COLUMN = Index("p", "d"), Index("q", "d")


def relative(difference: Array, reference: Array) -> float:
    """‖difference‖_F / ‖reference‖_F; 0 where both vanish."""
    scale, off = float(np.linalg.norm(reference)), float(np.linalg.norm(difference))
    return off / scale if scale else (0.0 if off == 0 else float("inf"))


def judge(
    error: float, tolerance: float, what: str, domain: str, laboratory: Laboratory, started: float
) -> Evidence:
    """Evidence at this instance from a relative error and its tolerance."""
    holds = error <= tolerance
    return Evidence(
        check="compare", scope="here", verdict="holds" if holds else "fails", strength="tested",
        margin=(tolerance - error) / (tolerance + error) if np.isfinite(error) else -1.0,
        statement=f"{what}: largest relative difference {error:.2g}, allowed {tolerance:.0e}.",
        figures={"largest relative difference": error if np.isfinite(error) else "inf", "tolerance": tolerance},
        budget=domain, seed=laboratory.instance.seed, seconds=perf_counter() - started,
    )  # fmt: skip


def both_routes(laboratory: Laboratory) -> list[tuple[Gradients, Point]]:
    """At each random θ: the literal model under autograd, and the letters of the derived formulas."""

    def compute() -> list[tuple[Gradients, Point]]:
        thetas = laboratory.thetas()
        found = []
        for done, theta in enumerate(thetas):
            laboratory.progress("random parameters", done, len(thetas))
            found.append((laboratory.autograd(theta), theta_point(laboratory.instance, theta)))
        laboratory.progress("random parameters", len(thetas), len(thetas))
        return found

    return laboratory.once("both routes", compute)


def domain(laboratory: Laboratory) -> str:
    return f"{len(laboratory.thetas())} random θ with w ≠ 0, scores of order one; float64 on CPU"


@dataclass(frozen=True)
class CompareGradient:
    """Autograd on the literal model against the derived gradient, per block (each w_h or each Q_h)."""

    block: Literal["w", "Q"]

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        return [laboratory.once(f"gradient in {self.block}", lambda: self._compare(laboratory))]

    def _compare(self, laboratory: Laboratory) -> Evidence:
        started, worst, D = perf_counter(), 0.0, derive()
        for literal, point in both_routes(laboratory):
            if self.block == "w":
                derived, seen = evaluate(D.gradient_w, point, (HEAD, TOKEN)), literal.w
            else:
                derived, seen = evaluate(D.gradient_Q, point, (HEAD, ROW, COLUMN)), literal.Q
            worst = max([worst, *(relative(a - b, b) for a, b in zip(seen, derived, strict=True))])
        what = f"Gradient in {self.block}, literal torch model under autograd against the derived formula, block by block"
        return judge(worst, TOLERANCE, what, domain(laboratory), laboratory, started)


@dataclass(frozen=True)
class CompareLoss:
    """The numeric loss, from E[yyᵀ] and the literal model, against the derived polynomial in w and s."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        started, worst = perf_counter(), 0.0
        for literal, point in both_routes(laboratory):
            derived = float(evaluate(derive().loss, point))
            worst = max(worst, abs(literal.loss - derived) / abs(derived))
        what = "Population loss, literal torch model with E[yyᵀ] against the derived polynomial"
        return [judge(worst, TOLERANCE, what, domain(laboratory), laboratory, started)]


@dataclass(frozen=True)
class CompareSoftmax:
    """Forward-mode derivative of torch's softmax along a random direction, against the derived formula."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        started, worst, i = perf_counter(), 0.0, laboratory.instance
        V, V_hat = torch.tensor(i.V), torch.tensor(i.tokens)
        rng = i.rng("directions")
        for theta in laboratory.thetas():
            direction = rng.standard_normal(theta.Q.shape)

            def softmax(Q: torch.Tensor) -> torch.Tensor:
                return torch.softmax(V.mT @ Q @ V_hat, dim=1)

            arguments = (torch.tensor(theta.Q),), (torch.tensor(direction),)
            seen = torch.func.jvp(softmax, *arguments)[1].numpy()
            point = float_point(i, s=theta_point(i, theta).arrays["s"], Q=direction)
            along = (derive().softmax * letters.Q[HEAD, ROW, COLUMN]).sum(ROW, COLUMN)
            derived = evaluate(along, point, (HEAD, PROMPT, TOKEN))
            worst = max([worst, *(relative(a - b, b) for a, b in zip(seen, derived, strict=True))])
        what = "Derivative of the softmax along a random direction, forward-mode torch against (29), head by head"
        return [judge(worst, TOLERANCE, what, domain(laboratory), laboratory, started)]


@dataclass(frozen=True)
class CompareRidge:
    """⟨y, A_{:,k}⟩ with the derived A against ridge regression: our own normal equations and scikit-learn's Ridge."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        started, i = perf_counter(), laboratory.instance
        alpha = i.m * i.tau
        inverse = np.asarray(np.linalg.inv(laboratory.prompt_gram), dtype=np.float64)
        A = evaluate(derive().fixed_point, float_point(i, Minv=inverse), (PROMPT, TOKEN))
        worst = 0.0
        for prompts in (laboratory.training_prompts, laboratory.inference_prompts):
            symbolic = prompts.y @ A
            for other in (
                ridge_predictions(i, prompts),
                with_own_labels(i, prompts.y, sklearn_coefficients(i, prompts.y, alpha)),
            ):
                worst = max(worst, relative(symbolic - other, other))
        conditioning = float(np.linalg.cond(i.Z @ i.Z.T + alpha * np.eye(i.m)))
        tolerance = max(1e-12, 1e3 * conditioning * np.finfo(np.float64).eps)
        what = "⟨y, A⟩ with the derived A against ridge regression, solved here and by scikit-learn"
        budget = f"2 × {i.inference.prompts} prompts, λ inside and outside the training law; condition number {conditioning:.2g}"
        return [judge(worst, tolerance, what, budget, laboratory, started)]


@dataclass(frozen=True)
class MonteCarlo:
    """(9) by drawing λ and ε, sharp enough to tell mτ from τ; a deviation is confirmed by ten times the sample."""

    samples: int = 20_000
    most: int = 5_000_000

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        started, i = perf_counter(), laboratory.instance
        literal = both_routes(laboratory)[0][0]
        trace = i.tasks.second_moment(i.m).trace()
        rival_covariance = laboratory.covariance - (trace - trace / i.m) * i.tau * np.eye(i.K)
        rival = float(population_loss(torch.tensor(literal.A_hat), torch.tensor(rival_covariance)))
        rng, samples = i.rng("Monte Carlo"), self.samples
        estimate = monte_carlo_loss(literal.A_hat, i, samples, rng)
        # Ten standard errors between mτ and τ leave six to spare on either side of the four that are allowed.
        while i.m > 1 and abs(rival - literal.loss) < 10 * estimate.standard_error and samples < self.most:
            samples = min(self.most, 4 * samples)
            estimate = monte_carlo_loss(literal.A_hat, i, samples, rng)
        note = ""
        if estimate.deviation(literal.loss) > 4:
            samples *= 10
            estimate = monte_carlo_loss(literal.A_hat, i, samples, i.rng("Monte Carlo, again"))
            note = " A first sample was further off; this one is fresh and ten times as large."
        sharp = i.m == 1 or estimate.deviation(rival) > 4
        off = estimate.deviation(literal.loss)
        verdict: Here = "holds" if off <= 4 and sharp else "fails" if off > 4 else "undecided"
        return [
            Evidence(
                check="sample", scope="here", verdict=verdict, strength="tested", margin=(4 - off) / (4 + off),
                statement=f"Monte Carlo {estimate.mean:.6g} ± {estimate.standard_error:.2g} against 𝓛 = {literal.loss:.6g}: "
                f"{off:.2f} standard errors, 4 allowed; with τ in the place of mτ it would be {estimate.deviation(rival):.0f}.{note}",
                figures={"estimate": estimate.mean, "standard error": estimate.standard_error, "loss": literal.loss,
                         "loss with τ for mτ": rival, "deviation in standard errors": off},
                budget=f"{samples} draws of λ and ε at one random θ", seed=i.seed, seconds=perf_counter() - started,
            )
        ]  # fmt: skip
