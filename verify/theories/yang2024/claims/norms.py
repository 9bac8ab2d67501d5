"""Norms of sums and gradients: Lemma 3, Lemma 7 and its steps, (49), (52), (53), (62)."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from verify.points.witness import WitnessData
from verify.prove.identity import Decide
from verify.prove.methods import BOUND_CHECKS
from verify.record import Improvement
from verify.statement import Claim, Identity, Inequality
from verify.theories.yang2024.checks.watched import Watched
from verify.theories.yang2024.claims import loss
from verify.theories.yang2024.claims.notation_bounds import (
    READING_LOSS,
    READING_POINTS,
    Near,
    Zdelta,
    alpha_bar,
    b,
    below,
    del_,
    delta_bound,
    excess,
    f_max,
    ga,
    gQ,
    norm2,
    norm_Zbar,
    sharpened,
    tightened,
    zd,
    zeta,
)
from verify.theories.yang2024.setting import found, identity, inequality
from verify.theories.yang2024.symbolic import lemmas, lemmas_b, lemmas_delta, lemmas_gradient, lemmas_loss
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.shorthand import (
    K,
    N,
    V,
    alpha,
    at_alpha,
    ell,
    gamma,
    h,
    i,
    j,
    k,
    least_loss,
    over,
    p,
    q,
    s,
)

xs = let.base(let.XS)
rate = zeta * gamma**2 / K  # σ of (44)
squared_gradient_Q = norm2(gQ[h, p, q], p="d", q="d")


def lemma_3() -> tuple[Inequality, ...]:
    lhs = sp.Sum(sp.Sum(xs[i, p], *over("N", i)) ** 2, *over("d", p))
    return (found(inequality(lhs, N * norm2(xs[i, p], i="N", p="d"), squared=True), "Lemma 3"),)


# Lemma 7


def loss_in_delta(*, repaired: bool) -> tuple[Identity, ...]:
    """ℓ(ξ) = (1/2K) Σ_k ‖Z̄δ_k‖², without 𝓛* as printed, or with it: (36) at w = γα."""
    (whole,) = loss.closed_form(repaired=True)
    right = whole.rhs if repaired else whole.rhs - least_loss(repaired=True)
    return (identity(ell, at_alpha(right)),)


def eq_83(*, sharper: bool = False) -> tuple[Inequality, ...]:
    """‖G^{h,jk}‖_F ≤ 2αs_jk."""
    spread = sp.Sum(s[h, i, k] * (V[p, j] - V[p, i]), *over("N", i))
    lhs = norm2(alpha[h, k] * s[h, j, k] * spread * V[q, k], p="d", q="d")
    rhs = (2 * alpha_bar * s[h, j, k] * (1 - s[h, j, k] if sharper else 1)) ** 2
    proof = lemmas_loss.eq_83 if sharper else lemmas_loss.printed_83
    return (below(lhs, rhs, proof, {"h": "H", "j": "N", "k": "K"}),)


def lemma_7_sum(square: int = 4) -> tuple[Inequality, ...]:
    """(2γf̄_maxα/K) √K √Σ‖Z̄δ_k‖², squared; `square` is 2² as printed."""
    rhs = square * (gamma * f_max * alpha_bar) ** 2 / K * Zdelta
    return (below(squared_gradient_Q, rhs, lemmas_gradient.gradient_Q_norm, {"h": "H"}),)


def lemma_7(square: int = 8) -> tuple[Inequality, ...]:
    """2√2 γαf̄_max √(ℓ − 𝓛*), squared; `square` is 8 as printed."""
    rhs = square * (gamma * alpha_bar * f_max) ** 2 * excess
    return (below(squared_gradient_Q, rhs, lambda: lemmas_loss.lemma_7(square), {"h": "H"}),)


# (49), (62)

squared_gradient_alpha = norm2(ga[h, k], h="H", k="K")


def eq_49_gradient() -> tuple[Inequality, ...]:
    whole = squared_gradient_alpha + norm2(gQ[h, p, q], h="H", p="d", q="d")
    return (found(inequality(squared_gradient_alpha, whole), "‖∇ℓ‖²"),)


def eq_49() -> tuple[Inequality | Identity, ...]:
    """Through (ζ_0γ²/2K²) Σ‖Z̄δ_k‖² to σ(ℓ − 𝓛*)."""
    image = sp.Sum(b[h, j, k] * zd[j, k], *over("N", j))
    middle = gamma**2 / K**2 * norm2(image, h="H", k="K")
    least = zeta * gamma**2 / (2 * K**2) * Zdelta
    return (
        below(least, middle, lemmas_loss.eq_49, squared=False),
        identity(least, rate * excess),
    )


def eq_62() -> tuple[Inequality, ...]:
    rhs = 2 * (norm_Zbar * gamma) ** 2 / K * excess
    return (below(norm2(ga[h, k], k="K"), rhs, lemmas_loss.eq_62, {"h": "H"}),)


# Lemma 9


def eq_52() -> tuple[Inequality, ...]:
    lhs = norm2(b[h, j, k], j="N")
    return (below(lhs, norm_Zbar**2, lambda: lemmas_b.b_norm(lemmas.ONE), {"h": "H", "k": "K"}),)


def by_columns() -> tuple[Inequality, ...]:
    """(52) with f̄_max for ‖Z̄‖₂."""
    lhs = norm2(b[h, j, k], j="N")
    return (below(lhs, f_max**2, lambda: lemmas_b.b_by_columns(lemmas.ONE), {"h": "H", "k": "K"}),)


def eq_52_sharper() -> Iterator[Improvement]:
    yield tightened(
        by_columns()[0], "‖b_k^h‖₂ ≤ f̄_max, since b_k^h is a mean of the columns of Z̄", "‖Z̄‖₂/f̄_max ≥ 1",
        "an equality where all columns of Z̄ are equal, or where s_k^h is near a unit vector",
    )  # fmt: skip


def eq_53() -> tuple[Inequality, ...]:
    lhs = norm2(del_[j, k], j="N")
    return (below(lhs, delta_bound**2, lambda: lemmas_delta.delta_norm(lemmas.ONE), {"k": "K"}),)


# What can be sharper. Opposite tokens and features ±1, flat attention, γα = 1: then Z̄δ_k is an eigenvector of Z̄.

OPPOSITE = Near(
    "N = K = 2, d = m = H = 1, v = ±1, Z = (1, −1), Q = 0, γ = α = 1, τ = 10⁻⁸",
    WitnessData(
        {"N": 2, "K": 2, "m": 1, "d": 1, "H": 1},
        {"V": "1 -1", "Z": "1 -1", "Q": "0", "alpha": "1 1", "gamma": "1", "tau": "1/100000000"},
    ),
)
LIMIT = "not attained, and no smaller constant will do: two opposite tokens, τ → 0"


def eq_83_sharper() -> Iterator[Improvement]:
    sharper = eq_83(sharper=True)[0]
    yield from sharpened(
        sharper,
        "‖G^{h,jk}‖_F ≤ 2α s_jk (1 − s_jk)",
        "1/(1 − s_jk)",
        "an equality for two opposite tokens",
        OPPOSITE,
    )


def lemma_7_sum_sharper() -> Iterator[Improvement]:
    sharper = lemma_7_sum(1)[0]
    yield from sharpened(sharper, "‖∂ℓ/∂Q_h‖_F ≤ (γf̄_maxα/K) √K √(Σ_k‖Z̄δ_k‖₂²)", "2", LIMIT, OPPOSITE)


def lemma_7_sharper() -> Iterator[Improvement]:
    sharper = lemma_7(2)[0]
    yield from sharpened(sharper, "‖∂ℓ/∂Q_h‖_F ≤ √2 γαf̄_max √(ℓ(ξ) − 𝓛*)", "2", LIMIT, OPPOSITE)


SHARPER_DOWNSTREAM = (
    " With √2 in the place of 2√2 the constant 8√2 of (47) becomes 4√2, 16√2 of (48) becomes 8√2 and 128√2 of (15) becomes 64√2; "
    "with the sharper (50) too, 4 and 32."
)
LOSS_PRINTED = r"\ell(\xi)=\frac{1}{2K}\sum_{k=1}^{K}\|\bar Z\delta_k\|_2^2"
READING_82 = "∂ℓ/∂Q_h is (82); δ_k as in the repaired (33). "

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="lemma-3",
        title="The norm of a sum of vectors",
        source="Lemma 3, (31)",
        form="printed",
        statement=(r"\left\|\sum_{i=1}^{l}x_i\right\|_2^2\le l\sum_{i=1}^{l}\|x_i\|_2^2",),
        reading="l is spelled N, and the vectors lie in R^d: both are any numbers.",
        assumptions=(),
        formal=lemma_3,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="The right side less the left is ½ Σ_{ij} ‖x_i − x_j‖². An equality where all x_i are equal.",
        aliases=("eq-31",),
    ),
    Claim(
        id="lemma-7",
        title="The gradient in Q by the loss",
        source="Lemma 7, (42)",
        form="printed",
        statement=(
            (
                r"\left\|\frac{\partial\ell}{\partial Q_h}\right\|_F\le2\sqrt2\,\gamma\,\alpha\,\bar f_{\max}"
                r"\sqrt{\ell(\xi)-\mathcal{L}^\star}"
            ),
        ),
        reading=READING_82 + "α is any bound of the |α_{h,k}|. " + READING_LOSS,
        assumptions=("A0", "A1"),
        formal=lemma_7,
        checks=(*BOUND_CHECKS, Watched()),
        expected="holds",
        reason="(82), (83), Lemma 3 over the tokens, and Lemma 5. A1 enters through Lemma 5 alone, A0 as ‖v_k‖ ≤ 1."
        + SHARPER_DOWNSTREAM,
        improvements=lemma_7_sharper,
        aliases=("eq-42",),
    ),
    Claim(
        id="lemma-7-loss",
        title="The loss in δ, in the proof of Lemma 7",
        source="proof of Lemma 7",
        form="printed",
        statement=(LOSS_PRINTED,),
        reading="δ_k as in the repaired (33). A loss measured from 𝓛* was tried as a reading: then nothing is wrong, but ℓ is "
        "defined in (40) as 𝓛(θ), and Lemma 7 itself writes ℓ(ξ) − 𝓛*.",
        assumptions=("A1",),
        formal=lambda: loss_in_delta(repaired=False),
        checks=(Decide(),),
        expected="fails",
        failure="false",
        reason="𝓛* of Lemma 5 is missing.",
    ),
    Claim(
        id="lemma-7-loss",
        title="The loss in δ, in the proof of Lemma 7, with 𝓛*",
        source="proof of Lemma 7",
        form="repaired",
        statement=(LOSS_PRINTED + r"+\mathcal{L}^\star",),
        reading="δ_k as in the repaired (33); 𝓛* as in the repaired Lemma 5.",
        assumptions=("A1",),
        formal=lambda: loss_in_delta(repaired=True),
        checks=(Decide(),),
        expected="holds",
        reason="Lemma 5 at w = γα.",
        consequence="Nothing: the next line of the proof and (42) have ℓ(ξ) − 𝓛*, which is what the sum is.",
    ),
    Claim(
        id="lemma-7-sum",
        title="The gradient in Q by the residuals",
        source="proof of Lemma 7",
        form="printed",
        statement=(
            (
                r"\left\|\frac{\partial\ell}{\partial Q_h}\right\|_F\le\frac{2\gamma\bar f_{\max}\alpha}{K}\sqrt K"
                r"\sqrt{\sum_{k=1}^{K}\|\bar Z\delta_k\|_2^2}"
            ),
        ),
        reading=READING_82 + "α is any bound of the |α_{h,k}|.",
        assumptions=("A0",),
        formal=lemma_7_sum,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="|(Z̄δ_k)ᵀz̄_j| ≤ f̄_max‖Z̄δ_k‖, (83), Lemma 3 over the tokens. Of A0 it uses ‖v_k‖ ≤ 1. Half of it is enough: "
        "Σ_j s_j‖v_j − Σ_i s_iv_i‖ is at most 1, not 2.",
        improvements=lemma_7_sum_sharper,
    ),
    Claim(
        id="eq-83",
        title="The size of one matrix of (82)",
        source="(83)",
        form="printed",
        statement=(r"\|G^{h,jk}\|_F\le2\,\alpha\,s_{jk}^h",),
        reading="G^{h,jk} as in (82); α is any bound of the |α_{h,k}|.",
        assumptions=("A0",),
        formal=eq_83,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="v_j − Σ_i s_iv_i is a mean of differences of length at most 2. Of A0 it uses ‖v_k‖ ≤ 1.",
        improvements=eq_83_sharper,
    ),
    Claim(
        id="eq-49-gradient",
        title="The gradient is at least its part in α",
        source="(49), first step",
        form="printed",
        statement=(
            (
                r"\|\nabla_\theta\ell(\xi^{(t)})\|_F^2\ge\sum_{h,k}"
                r"\left(\frac{\partial\ell(\xi^{(t)})}{\partial\alpha_{h,k}}\right)^2"
            ),
        ),
        reading="∇_θ ℓ is read as ∇_ξ ℓ, the gradient in Q and in α of (40): ℓ is a function of ξ.",
        assumptions=(),
        formal=eq_49_gradient,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="The squares of the entries of ∂ℓ/∂Q_h are left out.",
    ),
    Claim(
        id="eq-49",
        title="Polyak–Łojasiewicz: the gradient by the loss",
        source="(49), last steps",
        form="printed",
        statement=(
            (
                r"\frac{\gamma^2}{K^2}\sum_{k}(\bar Z\delta_k)^\top B_kB_k^\top\bar Z\delta_k\ge\frac{\zeta_0\gamma^2}{2K^2}"
                r"\sum_{k}\|\bar Z\delta_k\|_2^2=\sigma(\ell(\xi^{(t)})-\mathcal{L}^\star)"
            ),
        ),
        reading="ζ_0 is any number with (43b): λ_min(B_kB_kᵀ) ≥ ζ_0/2 for all k. σ is (44). δ_k as in the repaired (33). "
        + READING_LOSS,
        assumptions=("A1", "A2"),
        formal=eq_49,
        checks=(*BOUND_CHECKS, Watched()),
        expected="holds",
        reason="(43b) at Z̄δ_k for each k; Lemma 5. A1 enters through Lemma 5 alone; with the 𝓛* printed there the equality is false.",
    ),
    Claim(
        id="lemma-9",
        title="The size of b",
        source="Lemma 9, (52)",
        form="printed",
        statement=(r"\|b_k^h\|_2\le\|\bar Z\|_2",),
        reading="Every point ξ. The bound on α is not needed for this part.",
        assumptions=("A0",),
        formal=eq_52,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="‖s‖₂ ≤ 1 for a column of softmax. No assumption is used. No smaller multiple of ‖Z̄‖₂ will do: N = 1 gives an "
        "equality.",
        aliases=("eq-52",),
        improvements=eq_52_sharper,
        sharper=by_columns,
    ),
    Claim(
        id="eq-53",
        title="The size of δ",
        source="Lemma 9, (53)",
        form="printed",
        statement=(r"\|\delta_k\|_2\le\gamma H\alpha+\|A\|_2",),
        reading=READING_POINTS,
        assumptions=("A0",),
        formal=eq_53,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="δ_k = γ Σ_h α_{h,k}s_k^h − A_{:,k}, ‖s‖₂ ≤ 1 and the triangle inequality. No assumption is used. An equality for "
        "N = K = 1 and α_{h,1} = −α.",
    ),
    Claim(
        id="eq-62",
        title="The gradient in α by the loss",
        source="(62)",
        form="printed",
        statement=(
            (
                r"\left\|\frac{\partial\ell}{\partial\alpha_h}\right\|_2\le\|\bar Z\|_2\,\gamma"
                r"\sqrt{\frac2K\left(\ell(\xi)-\mathcal{L}^\star\right)}"
            ),
        ),
        reading="∂ℓ/∂α_h is the vector over the tokens of (45); δ_k as in the repaired (33). " + READING_LOSS,
        assumptions=("A0", "A1"),
        formal=eq_62,
        checks=(*BOUND_CHECKS, Watched()),
        expected="holds",
        reason="(45), (52), Cauchy–Schwarz and Lemma 5, through which alone A1 enters. An equality for N = K = 1.",
    ),
)
