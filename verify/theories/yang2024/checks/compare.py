"""The derived formulas against the literal model at this instance: two routes that share nothing but the letters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from numeric.estimate import Estimate
from numeric.threads import threads_for
from symbolic.evaluate import Point, evaluate, magnitude
from symbolic.indexed import Expr, Index
from verify.known import known
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.binding import HEAD, PROMPT, TOKEN, float_point, theta_point
from verify.theories.yang2024.laboratory import Gradients, Laboratory, Theta
from verify.theories.yang2024.numeric.loss import monte_carlo_loss, population_loss
from verify.theories.yang2024.numeric.predict import ridge_predictions, sklearn_coefficients, with_own_labels
from verify.theories.yang2024.symbolic import letters
from verify.theories.yang2024.symbolic.derivation import derive
from verify.theories.yang2024.symbolic.letters import index
from verify.vocabulary import Here

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]
TOLERANCE = 1e-12
ROUNDING = 64 * float(np.finfo(np.float64).eps)
BLUNT = 1e-3  # a comparison that allows more than this could not fail
ROW, COLUMN = index("p", "d"), index("q", "d")


@dataclass(frozen=True)
class Gap:
    """A relative difference of two float64 routes, and how much of it their rounding may explain."""

    error: float = 0.0
    tolerance: float = TOLERANCE

    @property
    def verdict(self) -> Here:
        if np.isnan(self.error) or self.tolerance > BLUNT:
            return "undecided"
        return "holds" if self.error <= self.tolerance else "fails"

    def worse(self, other: Gap) -> Gap:
        """One that fails, else one that cannot be told, else the one nearer to failing."""

        def order(gap: Gap) -> tuple[int, float]:
            ratio = gap.error / gap.tolerance
            return ("holds", "undecided", "fails").index(gap.verdict), 0.0 if np.isnan(ratio) else ratio

        return self if order(self) >= order(other) else other


def relative(difference: Array, reference: Array, terms: float = 0.0) -> Gap:
    """‖difference‖_F / ‖reference‖_F, 0 where both vanish; `terms`, the summed norms of the terms that may cancel in
    the reference, widen the tolerance."""
    scale, off = float(np.linalg.norm(reference)), float(np.linalg.norm(difference))
    if off == 0:
        return Gap()
    if scale == 0:
        return Gap(float("inf"), float("inf") if off <= ROUNDING * terms else TOLERANCE)
    return Gap(off / scale, max(TOLERANCE, ROUNDING * terms / scale))


def confirmed(compare: Callable[[], Gap]) -> Gap:
    """A comparison that fails is made again on one thread. What does not fail twice is nothing to judge by."""
    first = compare()
    if first.verdict != "fails":
        return first
    with threads_for(0):
        again = compare()
    return again if again.verdict == "fails" else Gap(float("nan"))


def blocks(difference: Array, reference: Array, formula: Expr, point: Point, axes: tuple[Index, ...]) -> Gap:
    """The worst block, one for each value of the first axis; `reference` is the formula's value at the point."""
    parts = [evaluate(Expr({monomial: c}), point, axes) for monomial, c in formula.terms.items()]
    worst = Gap()
    for at, (off, block) in enumerate(zip(difference, reference, strict=True)):
        terms = sum(float(np.linalg.norm(part[at])) for part in parts)
        worst = worst.worse(relative(off, block, terms))
    return worst


def agreement(gap: Gap) -> str:
    """How two routes compare, in words. What they differ by within the tolerance is rounding, and a figure for that reason."""
    if gap.verdict == "undecided":
        return "float64 cannot tell, since terms cancel, overflow or are ill-conditioned"
    if gap.verdict == "holds":
        return f"the relative difference is at most {gap.tolerance:.0e}"
    return f"the relative difference is {gap.error:.2g}, allowed {gap.tolerance:.0e}"


def judge(gap: Gap, what: str, domain: str) -> Evidence:
    """Evidence at this instance from a relative difference and what is allowed."""
    error, tolerance, blunt = gap.error, gap.tolerance, gap.verdict == "undecided"
    return Evidence(
        check="compare", **known("here", gap.verdict, "tested"),
        agreement=None if blunt else (tolerance - error) / (tolerance + error) if np.isfinite(error) else -1.0,
        statement=f"{what}: {agreement(gap)}.",
        figures={"largest relative difference": error if np.isfinite(error) else str(error),
                 "tolerance": tolerance if np.isfinite(tolerance) else str(tolerance)},
        budget=domain,
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
        worst, D = Gap(), derive()
        formula = D.gradient_w if self.block == "w" else D.gradient_Q
        axes = (HEAD, TOKEN) if self.block == "w" else (HEAD, ROW, COLUMN)
        for theta, (literal, point) in zip(laboratory.thetas(), both_routes(laboratory), strict=True):
            kept = iter([(literal, point)])

            def once(theta: Theta = theta, kept: Iterator[tuple[Gradients, Point]] = kept) -> Gap:
                literal, point = next(kept, None) or (
                    laboratory.autograd(theta),
                    theta_point(laboratory.instance, theta),
                )
                derived, seen = evaluate(formula, point, axes), literal.w if self.block == "w" else literal.Q
                return blocks(seen - derived, derived, formula, point, axes)

            worst = worst.worse(confirmed(once))
        what = f"Gradient in {self.block}, literal torch model under autograd against the derived formula, block by block"
        return judge(worst, what, domain(laboratory))


@dataclass(frozen=True)
class CompareLoss:
    """The numeric loss, from E[yyᵀ] and the literal model, against the derived polynomial in w and s."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        worst = Gap()
        for literal, point in both_routes(laboratory):
            derived = evaluate(derive().loss, point)
            terms = magnitude(derive().loss, point, ())
            worst = worst.worse(relative(literal.loss - derived, derived, terms))
        what = "Population loss, literal torch model with E[yyᵀ] against the derived polynomial"
        return [judge(worst, what, domain(laboratory))]


@dataclass(frozen=True)
class CompareSoftmax:
    """Forward-mode derivative of torch's softmax along a random direction, against the derived formula."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        import torch

        worst, i = Gap(), laboratory.instance
        along = (derive().softmax * letters.Q[HEAD, ROW, COLUMN]).sum(ROW, COLUMN)
        axes = (HEAD, PROMPT, TOKEN)
        V, V_hat = torch.tensor(i.V), torch.tensor(i.tokens)
        rng = i.rng("directions")
        for theta in laboratory.thetas():
            direction = rng.standard_normal(theta.Q.shape)

            def softmax(Q: torch.Tensor) -> torch.Tensor:
                return torch.softmax(V.mT @ Q @ V_hat, dim=1)

            def once(theta: Theta = theta, direction: Array = direction) -> Gap:
                arguments = (torch.tensor(theta.Q),), (torch.tensor(direction),)
                # torch's own decompositions use its deprecated torch.jit
                with threads_for(i.H * i.N * i.K), warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)
                    seen = torch.func.jvp(softmax, *arguments)[1].numpy()
                point = float_point(i, s=theta_point(i, theta).arrays["s"], Q=direction)
                derived = evaluate(along, point, axes)
                return blocks(seen - derived, derived, along, point, axes)

            worst = worst.worse(confirmed(once))
        what = "Derivative of the softmax along a random direction, forward-mode torch against (29), head by head"
        return [judge(worst, what, domain(laboratory))]


@dataclass(frozen=True)
class CompareRidge:
    """⟨y, A_{:,k}⟩ with the derived A against ridge regression: our own normal equations and scikit-learn's Ridge."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        i = laboratory.instance
        alpha = i.m * i.tau
        systems = (i.Z @ i.Z.T + alpha * np.eye(i.m), laboratory.prompt_gram)
        if not all(np.isfinite(system).all() for system in systems):
            raise np.linalg.LinAlgError("ZᵀZ is outside the range of float64")
        inverse = np.asarray(np.linalg.inv(laboratory.prompt_gram), dtype=np.float64)
        A = evaluate(derive().fixed_point, float_point(i, Minv=inverse), (PROMPT, TOKEN))
        conditioning = max(float(np.linalg.cond(system)) for system in systems)
        tolerance = max(TOLERANCE, 1e3 * conditioning * float(np.finfo(np.float64).eps))
        worst = Gap(0.0, tolerance)
        for prompts in (laboratory.training_prompts, laboratory.inference_prompts):
            symbolic = prompts.y @ A
            for other in (
                ridge_predictions(i, prompts),
                with_own_labels(i, prompts.y, sklearn_coefficients(i, prompts.y, alpha)),
            ):
                worst = worst.worse(Gap(relative(symbolic - other, other).error, tolerance))
        what = "⟨y, A⟩ with the derived A against ridge regression, solved here and by scikit-learn"
        budget = f"2 × {i.inference.prompts} prompts, λ inside and outside the training law; condition number {conditioning:.2g}"
        return [judge(worst, what, budget)]


SMALLEST = float(np.finfo(np.float64).tiny)


def deviation(estimate: Estimate, value: float) -> float:
    """|mean − value| in standard errors; nan where that error is below the rounding of the value itself."""
    sharp = estimate.standard_error > ROUNDING * abs(value)
    return estimate.deviation(value) if sharp else float("nan")


@dataclass(frozen=True)
class MonteCarlo:
    """(9) by drawing λ and ε, sharp enough to tell mτ from τ; a deviation is confirmed by ten times the sample."""

    samples: int = 20_000
    most: int = 5_000_000

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        import torch

        i = laboratory.instance
        literal = both_routes(laboratory)[0][0]
        trace = i.tasks.second_moment(i.m).trace()
        rival_covariance = laboratory.covariance - (trace - trace / i.m) * i.tau * np.eye(i.K)
        rival = float(population_loss(torch.tensor(literal.A_hat), torch.tensor(rival_covariance)))
        rng, samples = i.rng("Monte Carlo"), self.samples
        estimate = monte_carlo_loss(literal.A_hat, i, samples, rng)
        # Ten standard errors between mτ and τ leave six to spare on either side of the four that are allowed.
        while i.m > 1 and abs(rival - literal.loss) < 10 * estimate.standard_error and samples < self.most:
            shortfall = 10 * estimate.standard_error / max(abs(rival - literal.loss), SMALLEST)
            if shortfall > np.sqrt(self.most / samples):
                break  # out of reach: τ is too small for sampling to see
            samples = min(self.most, 4 * samples)
            estimate = monte_carlo_loss(literal.A_hat, i, samples, rng)
        note = ""
        if deviation(estimate, literal.loss) > 4:
            samples *= 10
            estimate = monte_carlo_loss(literal.A_hat, i, samples, i.rng("Monte Carlo, again"))
            note = " A first sample was further off; this one is fresh and ten times as large."
        sharp = i.m == 1 or deviation(estimate, rival) > 4
        off = deviation(estimate, literal.loss)
        finite = bool(np.isfinite([off, estimate.mean, estimate.standard_error, rival]).all())
        verdict: Here = "fails" if finite and off > 4 else "holds" if finite and sharp else "undecided"
        if not finite:
            text = f"Float64 cannot tell: {estimate.mean} ± {estimate.standard_error}"
            return [
                Evidence(
                    check="sample", scope="here", verdict="undecided", strength=None, statement=text + ".",
                    budget=f"{samples} draws of λ and ε at one random θ",
                )
            ]  # fmt: skip
        note += "" if sharp else " Not sharp enough to tell the two apart."
        return [
            Evidence(
                check="sample", **known("here", verdict, "tested"),
                agreement=(4 - off) / (4 + off),
                statement=f"Monte Carlo {estimate.mean:.6g} ± {estimate.standard_error:.2g} against 𝓛 = {literal.loss:.6g}: "
                f"{off:.2f} standard errors, 4 allowed; with τ in the place of mτ it would be "
                f"{deviation(estimate, rival):.0f} of them.{note}",
                figures={"estimate": estimate.mean, "standard error": estimate.standard_error, "loss": literal.loss,
                         "loss with τ for mτ": rival, "deviation in standard errors": off},
                budget=f"{samples} draws of λ and ε at one random θ",
            )
        ]  # fmt: skip
