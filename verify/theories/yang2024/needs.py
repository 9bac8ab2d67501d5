"""Which hypotheses the theorems need: instances that break one of them alone, and then the conclusion.

Theorem 1: gradient descent at the printed rates, its gap enclosed at the iterate where it leaves the bound (18).
Theorem 2: the same iterates, with the ε for which (21) asks for just so many steps; prompts drawn with ‖λ‖ = B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from flint import arb

from verify.output.phrases import at_least, counted
from verify.record import Need, Witness
from verify.sides import read
from verify.statement import Inequality
from verify.theories.yang2024.checks.enclosed import Place, follow
from verify.theories.yang2024.checks.inference import on_sphere
from verify.theories.yang2024.laboratory import Laboratory, trained_A_hat
from verify.theories.yang2024.numeric.constants import (
    T_theorem2,
    enclose_constants,
    enclose_gap,
    structural_deficiency,
)
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.instance import Inference, Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.predict import theorem2_check
from verify.theories.yang2024.numeric.spectrum import attention
from verify.theories.yang2024.numeric.train import Trajectory, train

DELTA, PROMPTS, B = 0.05, 400, 1.0


def long_tokens() -> Instance:
    """Tokens of norm 1000, with Q^(0) a million times smaller, so that the first scores are the usual ones."""
    usual = synthetic(N=2, K=2, d=2, m=1, H=3, tau=0.5, beta=3.0, seed=14, unit_norm=True)
    return replace(usual, tokens=usual.tokens * 1000.0, beta=usual.beta / 1e6)


def usual() -> Instance:
    return synthetic(N=2, K=3, d=3, m=2, H=8, tau=0.5, beta=3.0, seed=1, unit_norm=True)


def wide_tasks() -> Instance:
    """E[λ_i²] = 10⁴."""
    return replace(usual(), tasks=TaskLaw("gaussian", 0.0, 100.0))


def narrow_tasks() -> Instance:
    """E[λ_i²] = 10⁻⁴."""
    return replace(usual(), tasks=TaskLaw("gaussian", 0.0, 0.01))


def cancelling_heads() -> Instance:
    """w^(0) close to a minimiser, plus 1000 times a combination of heads that cancels in Â: Δ^(0) is small, w is not."""
    instance = usual()
    A, s = least_squares(label_covariance(instance), instance.N).A, attention(instance)
    w = np.empty((instance.H, instance.K))
    for k in range(instance.K):
        C = s[:, :, k].T
        w[:, k] = 0.9 * np.linalg.lstsq(C, A[:, k], rcond=None)[0] + 1000.0 * np.linalg.svd(C)[2][-1]
    return replace(instance, w_given=w)


LEAVING = {"A0": (long_tokens, 128), "A1": (wide_tasks, 1), "w-zero": (cancelling_heads, 1)}


@dataclass(frozen=True)
class Broken:
    """An instance that violates one hypothesis, the step at which it leaves (18), and both sides enclosed there."""

    instance: Instance
    trajectory: Trajectory
    gap: arb
    bound: arb

    @property
    def certified(self) -> bool:
        return bool(self.gap > self.bound)


@cache
def descend(name: str) -> Broken:
    """Train one of the instances above for the steps at which it is known to be out, and enclose what it reached."""
    make, steps = LEAVING[name]
    instance = make()
    constants = enclose_constants(instance)
    rates = constants.rates
    if rates is None or rates.log_rate is None:
        raise ArithmeticError(f"no rates where {name} is dropped: {constants.no_rates}")
    trajectory = train(instance, rates, max_steps=steps)
    gap = enclose_gap(instance, trajectory.last.w, trajectory.last.X).gap
    return Broken(instance, trajectory, gap, constants.Delta0 * (arb(rates.log_rate) * steps).exp())


HOW = {
    "long_tokens": "tokens of norm 1000 with Q^(0) scaled down to the same scores: the attention collapses and B_k loses its rank",
    "wide_tasks": "E[λ_i²] = 10⁴ multiplies the curvature by 10⁴, and (17) knows of it through Δ^(0) alone",
    "narrow_tasks": "E[λ_i²] = 10⁻⁴: loss and gradients are 10⁻⁴ times those under A1, the squared gradient 10⁻⁸ times",
    "cancelling_heads": "heads that cancel in Â start with |w| near 1000: Δ^(0) is small, so the rates are large, and the base case "
    "of (43a) fails",
}


def _witness(instance: Instance, text: str, lhs: arb | float, rhs: arb | float, method: str) -> Witness:
    def shown(x: arb | float) -> str:
        return str(x.str(6, radius=False)) if isinstance(x, arb) else f"{x:.6g}"

    return Witness(
        summary=text, sizes={"N": instance.N, "K": instance.K, "m": instance.m, "d": instance.d, "H": instance.H},
        values={"tau": repr(instance.tau), "beta": repr(instance.beta), "seed": str(instance.seed)},
        lhs=shown(lhs), rhs=shown(rhs), method=method,
    )  # fmt: skip


def _no_rates() -> Need:
    instance = replace(usual(), H=1)
    return Need(
        assumption="A2", verdict="needed", strength="certified",
        statement="Without it ζ_0 = 0, and (15) asks for γ ≥ ∞: there are no rates (16) for which the conclusion could be stated. "
        f"With H = 1 head for N = 2 tokens: {structural_deficiency(instance)}.",
        budget="structure of the instance, no arithmetic",
    )  # fmt: skip


def theorem_1(laboratory: Laboratory) -> Iterator[Need]:
    """A0, A1 and w^(0) = 0 by descent that leaves (18); A2 because there are no rates without it."""
    for name in ("A0", "A1"):
        yield _left_bound(name)
    yield _no_rates()
    yield _left_bound("w-zero")


def _left_bound(name: str) -> Need:
    found = descend(name)
    t = found.trajectory.last.t
    text = f"{HOW[LEAVING[name][0].__name__]}; at step {t} the gap is {float(found.gap):.4g}, the bound (18) {float(found.bound):.4g}"
    if not found.certified:
        return Need(
            assumption=name, verdict="none found", strength=None, budget="one instance built to break it",
            statement=f"Not broken: {text}.",
        )  # fmt: skip
    return Need(
        assumption=name, verdict="needed", strength="certified", statement=f"Violating it alone: {text}.",
        witness=_witness(found.instance, text, found.gap, found.bound, "descent in float64; gap and bound enclosed at the stored iterate"),
        budget=f"{t} steps",
    )  # fmt: skip


def theorem_2(laboratory: Laboratory) -> Iterator[Need]:
    """A0, A1, w^(0) = 0 by the same iterates; A4 because the error is homogeneous in the task."""
    for name in ("A0", "A1"):
        yield _missed(name)
    yield _no_rates()
    yield _unbounded(laboratory)
    yield _missed("w-zero")


STEPS = 4
CONDITIONS = "What its reading takes of the steps before comes from the same assumption, and falls with it."
ALONG = {"A0": (long_tokens,), "A1": (wide_tasks, narrow_tasks), "w-zero": (cancelling_heads,)}


def along(
    formal: Callable[[], Sequence[Inequality]],
    *names: str,
    one_step: bool = False,
    repaired: bool = False,
    is_18: bool = False,
    conditional: bool = False,
) -> Callable[[Laboratory], Iterator[Need]]:
    """Whether a step of the induction is broken by exact descent, enclosed, where one hypothesis is dropped; A2 as in Theorem 1.

    one_step     ξ and ξ′ are neighbours, else an iterate and the start
    repaired     η_Q ≤ 1/L for L of the repaired (61) too
    conditional  the reading has the steps before among its conditions
    is_18        it is (18), for which the descent of Theorem 1 without A0 is at hand
    """

    def needs(laboratory: Laboratory) -> Iterator[Need]:
        for name in names:
            if name == "A2":
                yield _no_rates()
            elif name == "A0" and is_18:
                yield _left_bound("A0")
            else:
                need = _broken_step(tuple(formal()), name, one_step, repaired)
                said = (
                    f"{need.statement} {CONDITIONS}"
                    if conditional and need.verdict == "needed"
                    else need.statement
                )
                yield need.model_copy(update={"statement": said})

    return needs


def _place(instance: Instance, repaired: bool) -> Place:
    """The least γ and, with `repaired`, η_Q within 1/L for both L."""
    share = 1.0
    if repaired:
        constants = enclose_constants(instance)
        if constants.gamma is not None:
            ratio = constants.L_printed(constants.gamma) / constants.L_repaired(constants.gamma)
            share = min(1.0, 0.99 * float(ratio.lower()))
    return Place(instance, 1.0, share)


def _broken_step(
    inequalities: Sequence[Inequality], name: str, one_step: bool, repaired: bool = False
) -> Need:
    bounds, closest = [read(inequality) for inequality in inequalities], 0.0
    for make in ALONG[name]:
        descended = follow(_place(make(), repaired), STEPS)
        worst = None if descended is None else descended.worst(bounds, one_step=one_step)
        if worst is not None and worst.relation == "above":
            text = f"{HOW[make.__name__]}; after {worst.at} steps left/right is {worst.ratio:.4g}"
            return Need(
                assumption=name, verdict="needed", strength="certified", statement=f"Violating it alone: {text}.",
                witness=_witness(make(), text, worst.ratio, 1.0, "exact gradient descent (10), enclosed in balls; left/right against 1"),
                budget=f"{STEPS} steps",
            )  # fmt: skip
        closest = max(closest, worst.ratio if worst is not None else 0.0)
    return Need(
        assumption=name, verdict="none found", strength=None,
        budget=f"{STEPS} steps of exact descent on {counted(len(ALONG[name]), 'instance')}",
        statement=f"Instances built to break Theorem 1 without it do not break this step; closest left/right {closest:.4g}.",
    )  # fmt: skip


def _missed(name: str) -> Need:
    found = descend(name)
    constants, rates, t = enclose_constants(found.instance), found.trajectory.rates, found.trajectory.last.t
    assert rates.log_rate is not None
    log_start = T_theorem2(constants, B, 1.0, DELTA, rates.log_rate)[0] * -arb(rates.log_rate)
    epsilon = float((log_start + arb(rates.log_rate) * t).exp().upper())
    instance = replace(found.instance, inference=Inference(TaskLaw(), B, epsilon, DELTA, PROMPTS))
    A = least_squares(label_covariance(instance), instance.N).A
    prompts = on_sphere(instance, B, PROMPTS, instance.rng("necessity"))
    count = theorem2_check(instance, trained_A_hat(found.trajectory), A, epsilon, DELTA, prompts)
    how = HOW[LEAVING[name][0].__name__]
    text = f"{how}; after T = {t} steps {count.violations} of {count.prompts} prompts break (22), allowed with probability {DELTA:g}"
    needed = count.lower > DELTA
    return Need(
        assumption=name, verdict="needed" if needed else "none found", strength="observed" if needed else None,
        statement=f"Violating it alone: {text}.",
        witness=_witness(instance, text, count.lower, DELTA, "prompts drawn; lower end of the Clopper–Pearson interval against δ")
        if needed else None,
        budget=f"{PROMPTS} prompts with ‖λ‖ = B, ε from (21) at equality",
    )  # fmt: skip


def _unbounded(laboratory: Laboratory) -> Need:
    """(Â − A)ᵀy is linear in y, and y in (λ, noise) is homogeneous: c·λ multiplies the left side of (22) by c²."""
    enclosed = laboratory.final_enclosure
    if enclosed is None or not enclosed.distance > 0:
        return Need(
            assumption="A4", verdict="not examined", strength=None, statement="No trained iterate with Â ≠ A to scale a task on."
        )  # fmt: skip
    return Need(
        assumption="A4", verdict="needed", strength="certified",
        statement="y given λ is λᵀZ plus noise of deviation √τ‖λ‖, so cλ multiplies y and the error of (22) by c and c² in law; here "
        f"‖Â − A‖₂ ≥ {at_least(float(enclosed.distance.lower()))} > 0 at the stored iterate, so the error passes any ε with probability "
        "as near to one as wanted as c grows.",
        budget=f"{enclosed.precision} bits",
    )  # fmt: skip


def proposition_1(laboratory: Laboratory) -> Iterator[Need]:
    """Structure decides each of them."""
    zero_token = (
        "a token v_k = 0 has score 0 in every head, so all columns of C_k are equal and rank C_k = 1 < N = 2"
    )
    yield Need(
        assumption="A0", verdict="needed", strength="certified",
        statement=f"Of A0, distinct prompt tokens and v_k ≠ 0 are used, unit norm and distinct unlabelled tokens are not: {zero_token}.",
        witness=Witness(summary=f"d = 1, tokens (1, −1, 0), N = 2: {zero_token}", sizes={"N": 2, "K": 3, "d": 1, "H": 2},
                        values={"V": "[1, -1, 0]"}, method="structure, no arithmetic", exact=True),
    )  # fmt: skip
    yield Need(
        assumption="A1", verdict="not needed", strength="proved",
        statement="B_k^(0) depends on tokens, features, τ and Q^(0); λ does not occur in the statement.",
    )  # fmt: skip
    yield Need(
        assumption="A3", verdict="not needed", strength="tested",
        statement="Distinct prompt tokens are enough: finitely many distinct vectors are told apart by almost every direction u, and "
        "the Gaussian law of Q_h v_k is the same in every orthonormal basis, so u may be the first axis; then (73) applies. "
        "An argument in words.",
    )  # fmt: skip
    yield Need(
        assumption="heads", verdict="needed", strength="proved",
        statement="B_k has H columns, so its rank is at most H; for H < N it is not N.",
    )  # fmt: skip
    yield Need(
        assumption="gaussian", verdict="needed", strength="certified",
        statement="With Q_h^(0) = 0 for every head all columns of C_k are (1/N, …, 1/N), so its rank is 1.",
        witness=Witness(
            summary="Q_h = 0, N = H = 2: rank B_k = 1", sizes={"N": 2, "H": 2}, values={"Q": "0"}, exact=True,
            method="structure, no arithmetic",
        ),
    )  # fmt: skip


def undefined(laboratory: Laboratory) -> Iterator[Need]:
    """A2, for a statement that divides by ζ_0 or is about the rates."""
    yield _no_rates()


def defined_all_the_same(laboratory: Laboratory) -> Iterator[Need]:
    yield Need(
        assumption="A2", verdict="not needed", strength="proved",
        statement="λ_min of B_k B_kᵀ ⪰ 0 is defined whatever the rank; where it is not full, ζ_0 = 0.",
    )  # fmt: skip


def any_law(laboratory: Laboratory) -> Iterator[Need]:
    """(10)."""
    yield Need(
        assumption="A1", verdict="not needed", strength="proved",
        statement="(10) defines a step for any law of λ with second moments; the derivation of its gradients closes with any Σ = E[λλᵀ].",
    )  # fmt: skip
    yield _no_rates()


def scaled_task(laboratory: Laboratory) -> Iterator[Need]:
    """The end of the proof of Theorem 2."""
    yield Need(
        assumption="A1", verdict="not needed", strength="proved",
        statement="The proof rests on (18), (69) and (70), whose own rows say what they need; no law of λ occurs in it beside them.",
    )  # fmt: skip
    yield _unbounded(laboratory)
