"""What is measured of one instance, statement by statement: figures with what is allowed, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numeric.draws import Draws
from verify.theories.zhang2024.numeric import printed
from verify.theories.zhang2024.numeric.flow import Course, Objective, gradient_descent, gradient_flow
from verify.theories.zhang2024.numeric.instance import Instance, assumptions, gamma
from verify.theories.zhang2024.numeric.loss import sampled_loss, sampled_prompts
from verify.theories.zhang2024.numeric.ridge import (
    Prompts,
    layer_predictions,
    nearest_ridge,
    nearest_ridge_of_long_prompts,
    relative_distance,
    step_predictions,
)
from verify.theories.zhang2024.numeric.risk import (
    CUBE,
    NOISE,
    RANDOM_TASK,
    SQUARE,
    TASK,
    Label,
    printed_4_6,
    printed_linear,
    printed_mean,
    risk,
    sampled_risk,
)
from verify.theories.zhang2024.numeric.watch import watch

Array = NDArray[np.float64]
RTOL = 1e-10
SETTLED = 1e-7
ROUNDING = 1e-9
"""Relative: float64 leaves about 10⁻¹² at condition numbers up to 10³, and a wrong factor or sign changes a figure by 1/N² or more."""

DEVIATIONS = 5.0
"""Standard errors that a sample may be off: a right value is further off with probability 6·10⁻⁷."""

SHARP = 10.0
"""Standard errors that a rival value must be off, so that the sample tells the two apart."""


@dataclass(frozen=True)
class Observation:
    """One figure: `value` at most `most` and at least `least` where the statement is so here; both None where nothing is claimed."""

    id: str
    quantity: str
    value: float
    least: float | None = None
    most: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the figure is within its bounds; None where it has none. A figure that is not a number is not."""
        if self.least is None and self.most is None:
            return None
        above = self.least is None or self.value >= self.least
        return bool(above and (self.most is None or self.value <= self.most))


def of_assumptions(instance: Instance) -> Iterator[Observation]:
    """The hypotheses, with margins; `holds` is what ball arithmetic is certain of."""
    for found in assumptions(instance):
        stated = "eq-4-11" if "(4.11)" in found.name else "assumption-3-3"
        yield Observation(stated, f"margin of {found.name}", found.margin, least=0.0)


def of_flow(objective: Objective, course: Course) -> Iterator[Observation]:
    """The flow against sections 5 and C: what is conserved, vanishes, stays above its bound, decays, and where it ends."""
    seen, fixed, off = watch(objective, course), len(objective.instance.covariances) == 1, drift(course)
    stated = _ids(fixed)
    yield Observation(stated["balance"], "relative drift of u₋₁² − tr U₁₁U₁₁ᵀ", seen.conserved, most=off)
    for id in ("lemma-5-2-first", "lemma-5-2-second") if fixed else ():
        yield Observation(id, "largest entry of u₁₂ and u₂₁", seen.vanishing, most=0.0)
    yield Observation(stated["falls"], "largest increase of L, relative to L(0) − min L", seen.rise, most=off)
    yield Observation(stated["positive"], "least u₋₁ along the flow", seen.least_u, least=0.0)
    if seen.bound:  # σ is within the printed range
        yield Observation(
            stated["bound"], "least u₋₁ / printed lower bound", seen.least_u / seen.bound, least=1.0
        )
        yield Observation(stated["slope"], "least ‖∇L‖² / (μ (L − min L))", seen.slope / seen.mu, least=1.0)
        yield Observation(
            stated["rate"], "largest log of (L − min L) e^{μt} / (L(0) − min L)", seen.rate, most=0.0
        )
    allowed = arrival(objective, course.last) + off
    yield Observation(stated["limit"], "‖U − limit‖ / ‖limit‖ at the end", seen.from_limit, most=allowed)


def drift(course: Course) -> float:
    """How far u₋₁² and tr U₁₁U₁₁ᵀ together may be off, relative to u₋₁²: each step may be off by RTOL, squares by 2 RTOL."""
    squares = course.U[:, -1, -1] ** 2
    return float(4 * RTOL * len(squares) * np.max(np.maximum.accumulate(squares) / squares))


def arrival(objective: Objective, U: Array) -> float:
    """How far U may be from the limit, relative to the limit: ‖u₋₁U₁₁ − B‖ ≤ ‖∇L‖/(u₋₁ λ), λ the least curvature of L in u₋₁U₁₁."""
    least = objective.least
    slope = np.linalg.norm(objective.gradient(U)[:-1, :-1])
    off = slope / (U[-1, -1] * np.linalg.eigvalsh(least.curvature)[0])
    return float(2 * off / np.linalg.norm(least.B))


def of_large_start(instance: Instance, factor: float = 100.0) -> Iterator[Observation]:
    """Where the flow ends with σ² so many times the largest that Theorem 4.1 admits: the condition on σ is not needed to arrive."""
    norm = np.linalg.norm(gamma(instance.Lambda, instance.N), 2)
    far = replace(instance, sigma=float(np.sqrt(2 * factor / (norm * np.sqrt(instance.d)))))
    objective = Objective(far)
    course = gradient_flow(objective, rtol=RTOL, settled=SETTLED)
    seen, allowed = watch(objective, course), arrival(objective, course.last) + drift(course)
    named = f"‖U − limit‖ / ‖limit‖ at the end, σ² {factor:g} times its printed range"
    yield Observation("theorem-4-1", named, seen.from_limit, most=allowed)


def of_descent(objective: Objective, steps: int = 2000) -> Iterator[Observation]:
    """Where gradient descent ends at the inverse of the largest curvature at the limit: its product u₋₁U₁₁, as its scale is not kept."""
    limit, B = printed.limit(objective.instance), objective.least.B
    rate = 1 / (np.linalg.eigvalsh(objective.least.curvature)[-1] * np.sum(limit**2))
    end = gradient_descent(objective, float(rate), steps, every=steps).last
    off = np.linalg.norm(end[-1, -1] * end[:-1, :-1] - limit[-1, -1] * limit[:-1, :-1]) / np.linalg.norm(B)
    named = "‖u₋₁U₁₁ − Γ⁻¹‖ / ‖Γ⁻¹‖ at the end of gradient descent"
    yield Observation("lemma-5-3", named, float(off), most=arrival(objective, end) + ROUNDING)


def of_closed_forms(objective: Objective, course: Course) -> Iterator[Observation]:
    """(5.5) and (5.4) at the points of the flow, and (4.1) against least squares; of a fixed covariance."""
    i = objective.instance
    constant = np.trace(i.Lambda) / 2
    losses, fields = [], []
    for U in course.U:
        U11, u = U[:-1, :-1], float(U[-1, -1])
        matrix, number = printed.field_5_4(U11, u, i.Lambda, i.N)
        field = np.zeros_like(U)
        field[:-1, :-1], field[-1, -1] = matrix, number
        losses.append(abs(objective.loss(U) - constant - printed.loss_5_5(U11, u, i.Lambda, i.N)) / constant)
        fields.append(np.linalg.norm(objective.gradient(U) + field))
    scale = max(float(np.linalg.norm(objective.gradient(U))) for U in course.U)
    yield Observation(
        "lemma-a-1-constant", "largest |L − ½ tr Λ − ℓ̃ (5.5)| / ½ tr Λ", max(losses), most=ROUNDING
    )
    yield Observation("lemma-5-2", "largest ‖−∇L − (5.4)‖ / ‖∇L‖", float(max(fields)) / scale, most=ROUNDING)
    limit = printed.limit(i)
    B = limit[-1, -1] * limit[:-1, :-1]
    off = np.linalg.norm(B - objective.least.B) / np.linalg.norm(B)
    yield Observation("lemma-5-3", "‖Γ⁻¹ − minimiser‖ / ‖Γ⁻¹‖", float(off), most=ROUNDING)


def of_global_minimum(objective: Objective, points: int = 100) -> Iterator[Observation]:
    """L at random parameters, every block free, less the least loss of the restricted parameters; relative to that loss."""
    d, rng = objective.instance.d, objective.instance.rng("all parameters")
    least = objective.least.loss
    drawn = rng.standard_normal((points, d + 1, d + 1)) * 2.0 ** rng.integers(-3, 2, (points, 1, 1))
    near = printed.limit(objective.instance) + drawn / 64
    lowest = min(objective.loss(U) for U in np.concatenate([drawn, near]))
    yield Observation(
        "theorem-4-1",
        "least (L(θ) − least L) / least L at random θ",
        (lowest - least) / least,
        least=-ROUNDING,
    )


def of_samples(objective: Objective, samples: int = 200_000) -> Iterator[Observation]:
    """L by moments against samples of the literal layer at N = 1, where 2 in the place of 1 shows; every block of θ is drawn."""
    i = replace(objective.instance, N=1)
    U = i.rng("a point for samples").standard_normal((i.d + 1, i.d + 1)) / (2 * i.d)
    U[:-1, :-1] += np.eye(i.d) / 2
    U[-1, -1] = 1.0
    found = sampled_loss(U, i, samples, i.rng("population loss"))
    right, wrong = (Objective(replace(i, N=N)).loss(U) for N in (1, 2))
    named = "|sampled L − L by moments| in standard errors"
    yield Observation("eq-3-8", named, found.deviation(right), most=DEVIATIONS)
    yield Observation("eq-3-8", f"{named}, with 2 for N = 1", found.deviation(wrong), least=SHARP)


def of_risk(instance: Instance, samples: int = 20_000) -> Iterator[Observation]:
    """(4.6) for five test laws by moments, its special cases and bounds, a sample of the literal layer, and a shifted covariance."""
    Lambda, N, M, d = instance.Lambda, instance.N, instance.M, instance.d
    U, eye = printed.limit(instance), np.eye(d)
    rng = instance.rng("test tasks")
    w, c = rng.standard_normal(d), rng.standard_normal(d) / 2
    arrays = {
        "B": U[-1, -1] * U[:-1, :-1],
        "S": Lambda,
        "S_q": Lambda,
        "W": eye,
        "I": eye,
        "w": w,
        "c": c,
        "s": eye[0] / 2,
    }
    laws: dict[str, Label] = {
        "⟨w, x⟩": TASK, "⟨w, x⟩ + noise": (*TASK, *NOISE), "(cᵀx)²": SQUARE, "(cᵀx)³": CUBE,
        "⟨w, x⟩ + (cᵀx)² + (cᵀx)³ + noise": (*TASK, *SQUARE, *CUBE, *NOISE),
    }  # fmt: skip
    for name, label in laws.items():
        exact = float(risk(label, arrays, M))
        off = abs(sum(printed_4_6(label, arrays, Lambda, N, M)) - exact) / exact
        yield Observation("eq-4-6", f"|(4.6) − risk by moments| / risk, y = {name}", off, most=ROUNDING)
    of_task, (formula, bound) = float(risk(TASK, arrays, M)), printed_linear(w, Lambda, N, M)
    yield Observation(
        "eq-4-2-linear", "|formula − risk| / risk", abs(formula - of_task) / of_task, most=ROUNDING
    )
    yield Observation("eq-4-2-bound", "risk / bound", of_task / bound, most=1.0)
    mean = float(risk(RANDOM_TASK, arrays, M))
    for id, bound, word in zip(
        ("eq-4-2-mean", "eq-4-2-kappa"), printed_mean(Lambda, N, M), ("first", "second"), strict=True
    ):
        yield Observation(id, f"risk / {word} bound, w ~ N(0, I)", mean / bound, most=1.0)

    root: Array = np.asarray(np.linalg.cholesky(Lambda), dtype=np.float64)

    def labels(x: Array, drawn: Draws) -> Array:
        clean: Array = np.einsum("k,ckn->cn", w, x) + np.einsum("k,ckn->cn", c, x) ** 2
        noisy: Array = clean + drawn.standard_normal(clean.shape) / 2
        return noisy

    exact = float(risk((*TASK, *SQUARE, *NOISE), arrays, M))
    found = sampled_risk(U, root, M, labels, samples, instance.rng("risk"))
    yield Observation(
        "eq-4-6",
        "|sampled risk − risk by moments| in standard errors",
        found.deviation(exact),
        most=DEVIATIONS,
    )
    shifted = {**arrays, "S": 4 * Lambda}
    found = sampled_risk(U, 2 * root, M, _random_task, samples, instance.rng("shift"), query_root=root)
    exact = float(risk(RANDOM_TASK, shifted, M))
    yield Observation(
        "words-4-2-shift",
        "|sampled risk − risk by moments| in standard errors, prompts scaled by 2",
        found.deviation(exact),
        most=DEVIATIONS,
    )
    yield Observation("words-4-2-shift", "risk with prompts scaled by 2 / risk without", exact / mean)


def _random_task(x: Array, rng: Draws) -> Array:
    w = rng.standard_normal(x.shape[:2])
    labels: Array = np.einsum("cd,cdn->cn", w, x)
    return labels


def of_ridge(
    instance: Instance, lengths: tuple[int, ...] = (5, 20, 80), count: int = 2000
) -> Iterator[Observation]:
    """How far the limit is from one preconditioned step of descent, and from the nearest ridge predictor, on noiseless prompts."""
    U = printed.limit(instance)
    for M in lengths:
        x, y, query, w = sampled_prompts(instance.Lambda, M, count, instance.rng(f"ridge, M = {M}"))
        prompts = Prompts(x, y, query)
        predicted = layer_predictions(U, prompts)
        step = step_predictions(U[-1, -1] * U[:-1, :-1], prompts)
        target = np.sum(w * query, axis=1)
        nearest, best = nearest_ridge(predicted, prompts), nearest_ridge(target, prompts)
        named = f"M = {M}: relative distance of the limit to"
        yield Observation(
            "eq-4-3",
            f"{named} one step preconditioned by Γ⁻¹",
            relative_distance(predicted, step),
            most=ROUNDING,
        )
        yield Observation("not-ridge", f"{named} the nearest ridge predictor", nearest.distance)
        yield Observation("not-ridge", f"M = {M}: λ of that ridge predictor", nearest.alpha)
        yield Observation(
            "not-ridge", f"M = {M}: relative error of the limit", relative_distance(target, predicted)
        )
        yield Observation("not-ridge", f"M = {M}: relative error of the best ridge predictor", best.distance)
    far = nearest_ridge_of_long_prompts(instance.Lambda, instance.N)
    yield Observation(
        "not-ridge",
        "M = ∞: relative distance of the limit to the nearest ridge predictor",
        far.distance,
        most=1 / instance.N,
    )


def observe(instance: Instance) -> list[Observation]:
    """Every observation of an instance with a fixed covariance; of a random one, those that sections 4.3 and C speak of."""
    objective = Objective(instance)
    course = gradient_flow(objective, rtol=RTOL, settled=SETTLED)
    found = [
        *of_assumptions(instance),
        *of_flow(objective, course),
        *of_global_minimum(objective),
        *of_samples(objective),
    ]
    if len(instance.covariances) == 1:
        found += [*of_closed_forms(objective, course), *of_descent(objective), *of_large_start(instance)]
        found += [*of_risk(instance), *of_ridge(instance)]
    return found


def _ids(fixed: bool) -> dict[str, str]:
    """The statements on the flow of a fixed covariance, and of a random one."""
    names = ("balance", "falls", "positive", "bound", "slope", "rate", "limit")
    of_fixed = (
        "lemma-a-3", "dissipation", "lemma-a-4-sign", "eq-a-14", "eq-5-8", "appendix-a-rate", "theorem-4-1",
    )  # fmt: skip
    of_random = ("lemma-c-5", "eq-3-9", "lemma-c-6-sign", "eq-c-12", "eq-c-14", "eq-c-14", "theorem-4-5")
    return dict(zip(names, of_fixed if fixed else of_random, strict=True))
