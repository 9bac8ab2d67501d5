"""Steps 3 and 4 of Theorem 1: the sum of the steps of α, the descent lemma, and what it leaves of the loss."""

from __future__ import annotations

import sympy as sp

from symbolic.bound import Fact, Weight
from symbolic.rewrite import fact
from verify.prove.inequality import ProveBound
from verify.prove.methods import BOUND_CHECKS
from verify.statement import Claim, Domain, Inequality
from verify.theories.yang2024.checks.enclosed import EnclosedDescents
from verify.theories.yang2024.checks.iterates import AtIterates
from verify.theories.yang2024.checks.watched import Watched
from verify.theories.yang2024.claims import steps, steps_descent
from verify.theories.yang2024.claims.notation_bounds import Q2, ga, gQ, mx, norm_DA, zd
from verify.theories.yang2024.needs import along
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.course import loss_gap, loss_gap_next
from verify.theories.yang2024.symbolic.shorthand import H, K, N, Q, alpha, gamma, h, i, k, over, p, q
from verify.theories.yang2024.symbolic.shorthand_steps import (
    AT_ALPHA,
    BEFORE,
    GRADIENT,
    INDUCTION,
    LOSS_36,
    ONE_STEP,
    RATIO,
    READING_LEAST,
    READING_START,
    READING_STEP,
    Delta0,
    Lip,
    abar,
    eta,
    f_max,
    fall,
    gap,
    gap_next,
    nah,
    nah2,
    norm_A,
    norm_DQ,
    norm_Zbar,
    partial,
    root2,
    sigma,
    slope,
)

alpha2, zd2 = let.base(let.ALPHA2), let.base(let.ZD2)

# Step 3


def geometric() -> tuple[Inequality, ...]:
    """1 − r is drawn, and η_Q computed from it: then no root is needed, and η_Qσ ≤ 2 as it must be."""
    domain = Domain(
        free=("sigma",),
        given={
            "fall": ("<=", sp.Integer(1)), "eta": ("=", (4 * fall - 2 * fall**2) / sigma), "geo": ("<=", 1 / fall),
        },
    )  # fmt: skip
    return (inequality(partial, 4 / (eta * sigma), domain=domain, proof=steps.geometric_sum, supposes=RATIO),)


def reach_of_alpha() -> tuple[Inequality, ...]:
    """The bound on ‖α_h^(t)‖, and α in its place once α^(0) = 0."""
    sum_of_steps = eta * norm_Zbar * root2 * gamma / sp.sqrt(K) * sp.sqrt(Delta0) * 4 / (eta * sigma)
    return (
        inequality(
            nah[h],
            nah2[h] + sum_of_steps,
            {"h": "H"},
            proof=steps.step_3,
            supposes=(BEFORE[1], *RATIO, *LOSS_36),
        ),
        inequality(
            nah[h],
            abar,
            {"h": "H"},
            proof=steps.next_43a,
            supposes=(BEFORE[1], *RATIO, *LOSS_36, "w^(0) = 0", *AT_ALPHA),
        ),
    )


# Step 4


def loss_at(entry: sp.Expr) -> sp.Expr:
    """(1/2K) Σ_k ‖Z̄δ_k‖²."""
    return sp.Sum(entry**2, *over("N", i), *over("K", k)) / (2 * K)


def smoothness(bracket: sp.Expr) -> sp.Expr:
    """(61) for a Lipschitz constant of at least its square root: 1 + L² ≥ 2L, so L = (1 + L²)/2 will do at exact points."""
    return (1 + bracket) / 2


def repaired_61() -> sp.Expr:
    """L² of the repaired (61)."""
    inner = 2 * gamma * norm_Zbar**2 * (2 * gamma * H * abar + norm_A)
    of_alpha = 2 * (inner**2 / K + gamma**4 / K**2 * H**2 * norm_Zbar**4)
    bracket = (abar * gamma * H) ** 2 + 4 * N * (abar * gamma * H + norm_A) ** 2
    return of_alpha + 8 * gamma**2 * f_max**2 * norm_Zbar**2 / K * mx * bracket


def model() -> tuple[Inequality, ...]:
    """(63), with an L that is no smaller than the repaired (61)."""
    inner = sp.Sum(ga[h, k] * (alpha2[h, k] - alpha[h, k]), *over("H", h), *over("K", k))
    inner += sp.Sum(gQ[h, p, q] * (Q2[h, p, q] - Q[h, p, q]), *over("H", h), *over("d", p, q))
    right = loss_at(zd[i, k]) + inner + Lip / 2 * (norm_DQ**2 + norm_DA**2)
    domain = Domain(given={"Lip": ("=", smoothness(repaired_61()))})
    return (inequality(loss_at(zd2[i, k]), right, domain=domain, proof=descent_spelled, supposes=LOSSES),)


LOSSES = (*LOSS_36, "(36): ℓ′ − 𝓛*")


def descent_spelled() -> Fact:
    """(63) with (36) for both losses."""
    letters = [loss_gap(), loss_gap_next()]
    positive = steps_descent.model_63() + loss_gap().rhs - loss_gap_next().rhs
    why = Weight(fact=steps_descent.descent_63(steps_descent.REPAIRED))
    return fact("(63)", positive, (), [why], letters)


def one_step() -> tuple[Inequality, ...]:
    after = gap - eta * slope**2 + Lip / 2 * eta**2 * slope**2
    domain = Domain(free=("gap", "ng", "Lip"), given={"eta": ("<=", 1 / Lip), "gapn": ("=", after)})
    return (
        inequality(
            gap_next, gap - eta / 2 * slope**2, domain=domain, proof=steps_descent.step_4, supposes=ONE_STEP
        ),
    )


PL = (*GRADIENT, "(44): σ = ζ_0γ²/K", *LOSS_36, "(43b), for every ξ")


def contraction() -> tuple[Inequality, ...]:
    domain = Domain(free=("eta", "sigma", "ng"), given={"gap": ("<=", slope**2 / sigma)})
    right = (1 - eta * sigma / 2) * gap
    return (
        inequality(
            gap - eta / 2 * slope**2, right, domain=domain, proof=steps_descent.contraction, supposes=PL
        ),
    )


SUM = r"\sum_i\left(\sqrt{1-\eta_Q\sigma/2}\right)^i\le\frac4{\eta_Q\sigma}"
STEP_3 = (
    r"\|\alpha_h^{(t)}\|_2\le\|\alpha_h^{(0)}\|_2+\eta_Q\|\bar Z\|_2\sqrt{\tfrac{2\gamma^2}K"
    r"(\mathcal{L}(\theta^{(0)})-\mathcal{L}^\star)}\cdot\frac4{\eta_Q\sigma},\quad\text{hence (43a)}"
)
DESCENT = (
    r"\ell(\xi^{(t)})-\mathcal{L}^\star\le\ell(\xi^{(t-1)})-\mathcal{L}^\star"
    r"+\langle\nabla\ell(\xi^{(t-1)}),\xi^{(t)}-\xi^{(t-1)}\rangle+\tfrac L2\|\xi^{(t)}-\xi^{(t-1)}\|_2^2"
)
STEP_4 = (
    r"\eta_Q\le1/L\ \Rightarrow\ \ell(\xi^{(t)})-\mathcal{L}^\star\le\ell(\xi^{(t-1)})-\mathcal{L}^\star"
    r"-\tfrac{\eta_Q}2\|\nabla\ell(\xi^{(t-1)})\|_F^2"
)
CONTRACTION = (
    r"\ell(\xi^{(t-1)})-\mathcal{L}^\star-\tfrac{\eta_Q}2\|\nabla\ell(\xi^{(t-1)})\|_F^2"
    r"\le\left(1-\tfrac{\eta_Q\sigma}2\right)\left(\ell(\xi^{(t-1)})-\mathcal{L}^\star\right)"
)

CLAIMS = (
    Claim(
        id="geometric-sum",
        title="The sum of Step 3",
        source="Step 3",
        form="printed",
        statement=(SUM,),
        reading="For 0 < η_Qσ ≤ 2, so that the root is real, and every number of terms. At the rates (16) η_Qσ < 1: ζ_0 ≤ H‖Z̄‖₂² by "
        "(52), so σ ≤ Hγ²‖Z̄‖₂²/K, and L ≥ √2 Hγ²‖Z̄‖₂²/K by the last term of (17), which (61) has too.",
        assumptions=(),
        formal=geometric,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="With r² = 1 − η_Qσ/2: 4/(η_Qσ) − Σ_{i<t} r^i = (2/(η_Qσ))((1 − r) + (1 + r)r^t). The constant is right as η_Qσ → 0.",
    ),
    Claim(
        id="step-3",
        title="The steps of α add up to no more than α",
        source="Step 3",
        form="printed",
        statement=(STEP_3,),
        reading=f"Where (43c) holds at every step before, with (62). {READING_START} {READING_LEAST}",
        assumptions=INDUCTION,
        formal=reach_of_alpha,
        checks=(ProveBound(), EnclosedDescents(), AtIterates()),
        expected="holds",
        reason="(62), √(43c) and the sum of Step 3; α of (44) is what comes out.",
        needs=along(reach_of_alpha, "A1", "w-zero", conditional=True),
    ),
    Claim(
        id="eq-63",
        title="Descent lemma",
        source="(63)",
        form="printed",
        statement=(DESCENT,),
        reading="For every two points with |α_{h,k}| ≤ α and any L at least that of the repaired (61), for which Lemma 10 is proved; "
        "ℓ − 𝓛* as in the repaired (36). At exact points L is (1 + L²)/2 ≥ L for the repaired (61), whose root need not be rational.",
        assumptions=("A0",),
        formal=model,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="The segment between the points stays within |α_{h,k}| ≤ α, where Lemma 10 bounds the change of the gradient.",
    ),
    Claim(
        id="step-4",
        title="One step of descent",
        source="Step 4, first inequality",
        form="printed",
        statement=(STEP_4,),
        reading=f"Where (63) holds for the step (41). {READING_STEP} {READING_LEAST}",
        assumptions=("A0", "A1", "A2", "w-zero"),
        formal=one_step,
        checks=(*BOUND_CHECKS, AtIterates("one step"), Watched()),
        expected="holds",
        reason="(63) leaves −η_Q(1 − η_QL/2)‖∇ℓ‖², and η_QL ≤ 1.",
        needs=along(one_step, "A1", "w-zero", one_step=True, conditional=True),
    ),
    Claim(
        id="step-4-contraction",
        title="The loss contracts",
        source="Step 4, second inequality",
        form="printed",
        statement=(CONTRACTION,),
        reading=f"Where (49) holds. {READING_STEP} {READING_LEAST}",
        assumptions=("A0", "A1", "A2", "w-zero"),
        formal=contraction,
        checks=(*BOUND_CHECKS, AtIterates("one step"), Watched(), Watched("step-4-whole")),
        expected="holds",
        reason="The Polyak–Łojasiewicz inequality (49).",
        needs=along(contraction, "A1", one_step=True, conditional=True),
    ),
)  # fmt: skip
