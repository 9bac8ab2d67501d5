"""What the softmax does to distances: Lemma 2, (46), (50)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from symbolic.bound import Fact, Weight
from symbolic.rewrite import fact
from verify.points.witness import WitnessData
from verify.prove.methods import BOUND_CHECKS
from verify.record import Improvement
from verify.statement import Claim, Inequality
from verify.theories.yang2024.claims.notation_bounds import (
    Q2,
    Near,
    b,
    b2,
    below,
    dQ,
    ds,
    dx,
    norm2,
    s2,
    sharpened,
    short_tokens,
    tightened,
)
from verify.theories.yang2024.claims.notation_bounds import norm_Zbar as Zbar2
from verify.theories.yang2024.symbolic import lemmas, lemmas_b
from verify.theories.yang2024.symbolic.lemmas import h, j, k, norm_Zbar
from verify.theories.yang2024.symbolic.lemmas_loss import one_norm_step
from verify.theories.yang2024.symbolic.shorthand import Q, V, over, p, q, s
from verify.theories.yang2024.symbolic.shorthand import h as h_
from verify.theories.yang2024.symbolic.shorthand import j as j_
from verify.theories.yang2024.symbolic.shorthand import k as k_

DIMS = {"h": "H", "k": "K"}
one_norm = sp.Sum(ds[h_, j_, k_], *over("N", j_))
score_step = sp.Sum(V[p, j_] * (Q[h_, p, q] - Q2[h_, p, q]) * V[q, k_], *over("d", p, q))
b_step = norm2(b[h_, j_, k_] - b2[h_, j_, k_], j="N")
s_step = norm2(s[h_, j_, k_] - s2[h_, j_, k_], j="N")

# N = 2 opposite tokens of R^1; the scores are ±t, and move by 1/1000 each way around 0.
OPPOSITE = {"V": "1 -1", "Q": "1/2000", "Q2": "-1/2000"}
FLAT = Near(
    "N = K = 2, d = 1, v = ±1, Q = −Q′ = 1/2000",
    WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, OPPOSITE),
)
STRETCHED = Near(
    FLAT.words + ", Z = (1, −1), τ = 10⁻⁸",
    WitnessData(FLAT.stored.sizes, OPPOSITE | {"Z": "1 -1", "tau": "1/100000000"}),
)


def times_norm(found: Fact) -> Fact:
    """‖Z̄‖₂ times a fact about column k of head h."""
    return fact(
        f"{found.name}, times ‖Z̄‖₂",
        norm_Zbar * found.positive,
        (h, k),
        [Weight(norm_Zbar, fact=found, at=(h, k))],
    )


def scaled_scores() -> Fact:
    """2‖Z̄‖₂|v_jᵀ(Q_h − Q′_h)v_k| ≤ 2‖Z̄‖₂‖Q_h − Q′_h‖_F, squared."""
    found = lemmas.scores_by_Q()
    return fact(
        "scores, times 2‖Z̄‖₂",
        4 * norm_Zbar**2 * found.positive,
        (h, j, k),
        [Weight(4 * norm_Zbar**2, fact=found, at=(h, j, k))],
    )


# Statements: `factor` is the printed 2, or what is put in its place.


def lemma_2(factor: int = 2) -> tuple[Inequality, ...]:
    return (below(one_norm, factor * dx[h_, k_], lemmas.softmax_one_norm, DIMS, squared=False),)


def eq_46() -> tuple[Inequality, ...]:
    return (below(b_step, Zbar2**2 * s_step, lemmas_b.b_step, DIMS),)


def eq_46_one_norm(square: Fraction = Fraction(1)) -> tuple[Inequality, ...]:
    return (below(Zbar2**2 * s_step, sp.Rational(square) * Zbar2**2 * one_norm**2, one_norm_step, DIMS),)


def eq_46_scores(factor: int = 2) -> tuple[Inequality, ...]:
    return (
        below(
            Zbar2 * one_norm,
            factor * Zbar2 * dx[h_, k_],
            lambda: times_norm(lemmas.softmax_one_norm()),
            DIMS,
            squared=False,
        ),
    )


def eq_46_token() -> tuple[Inequality, ...]:
    lhs, rhs = (2 * Zbar2 * score_step) ** 2, (2 * Zbar2 * dQ[h_]) ** 2
    return (below(lhs, rhs, scaled_scores, {"h": "H", "j": "N", "k": "K"}),)


def eq_50(square: Fraction = Fraction(4)) -> tuple[Inequality, ...]:
    kappa = lemmas.SHARP if square < 1 else lemmas.PLAIN
    return (
        below(b_step, sp.Rational(square) * Zbar2**2 * dQ[h_] ** 2, lambda: lemmas_b.b_by_Q(kappa), DIMS),
    )


# What can be sharper


def lemma_2_sharper() -> Iterator[Improvement]:
    yield tightened(
        lemma_2(1)[0], "‖softmax(ξ_1) − softmax(ξ_2)‖₁ ≤ ‖ξ_1 − ξ_2‖_∞", "2",
        "not attained, and no smaller constant will do: the ratio is tanh(t)/t for ξ = ±(t, −t)", FLAT,
    )  # fmt: skip


def one_norm_sharper() -> Iterator[Improvement]:
    yield tightened(
        eq_46_one_norm(Fraction(1, 2))[0], "‖s − s′‖₂ ≤ ‖s − s′‖₁/√2, since the entries of s − s′ sum to zero", "√2",
        "an equality for N = 2", STRETCHED,
    )  # fmt: skip


def scores_sharper() -> Iterator[Improvement]:
    yield tightened(
        eq_46_scores(1)[0],
        "‖Z̄‖₂‖s − s′‖₁ ≤ ‖Z̄‖₂‖Vᵀ(Q_h − Q′_h)v_k‖_∞",
        "2",
        "as Lemma 2 is: in the limit",
        STRETCHED,
    )


def eq_50_sharper() -> Iterator[Improvement]:
    sharper = eq_50(Fraction(1, 2))[0]
    yield from sharpened(
        sharper, "‖b_k^h − b_k^h′‖₂ ≤ (1/√2)‖Z̄‖₂‖Q_h − Q′_h‖_F", "2√2",
        "not attained, and no smaller constant will do: two opposite tokens, Q → Q′, τ → 0", STRETCHED,
    )  # fmt: skip


READING_SCORES = (
    "ξ_1, ξ_2 are the scores Vᵀ Q_h v_k and Vᵀ Q′_h v_k. That is every pair of vectors: for V = I_N, v_k = e_1 they are the first "
    "columns of Q_h and Q′_h. ds stands for the sizes of the entries of s − s′, dx for the largest size of an entry of ξ_1 − ξ_2."
)
READING_46 = "t and 0 are the two points ξ, ξ′: nothing else is used of them. "
CHAIN = r"\|b_k^{h,(t)}-b_k^{h,(0)}\|_2\le\|\bar Z\|_2\|s_k^{h,(t)}-s_k^{h,(0)}\|_2"
DISTANCE = r"\|Q_h^{(t)}-Q_h^{(0)}\|_F"
SCORES = r"\|V^\top(Q_h^{(t)}-Q_h^{(0)})v_k\|_\infty"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="lemma-2",
        title="Softmax is Lipschitz from the largest entry to the one-norm",
        source="Lemma 2, (30)",
        form="printed",
        statement=(
            r"\|\operatorname{softmax}(\xi_1)-\operatorname{softmax}(\xi_2)\|_1\le2\|\xi_1-\xi_2\|_\infty",
        ),
        reading=READING_SCORES,
        assumptions=(),
        formal=lemma_2,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="Mean value inequality: the Jacobian diag(s) − ssᵀ of Lemma 1 takes ‖ξ‖_∞ ≤ 1 to one-norm at most 1 "
        "(Σ_j s_j|ξ_j − ξ̄| is at most the deviation of ξ under s). No assumption is used.",
        improvements=lemma_2_sharper,
        aliases=("eq-30",),
    ),
    Claim(
        id="eq-46",
        title="Movement of b by movement of the attention",
        source="(46), first step",
        form="printed",
        statement=(CHAIN,),
        reading=READING_46,
        assumptions=("A0",),
        formal=eq_46,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="b_k^h = Z̄ s_k^h, and ‖Z̄‖₂ is a spectral norm. No assumption is used.",
    ),
    Claim(
        id="eq-46-one-norm",
        title="From the two-norm to the one-norm",
        source="(46), second step",
        form="printed",
        statement=(r"\|\bar Z\|_2\|s_k^{h,(t)}-s_k^{h,(0)}\|_2\le\|\bar Z\|_2\|s_k^{h,(t)}-s_k^{h,(0)}\|_1",),
        reading=READING_46 + "ds stands for the sizes of the entries of s − s′.",
        assumptions=("A0",),
        formal=eq_46_one_norm,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="(Σ|u_j|)² is Σu_j² and products of sizes. No assumption is used.",
        improvements=one_norm_sharper,
    ),
    Claim(
        id="eq-46-scores",
        title="From attention to scores",
        source="(46), third step",
        form="printed",
        statement=(rf"\|\bar Z\|_2\|s_k^{{h,(t)}}-s_k^{{h,(0)}}\|_1\le2\|\bar Z\|_2{SCORES}",),
        reading=READING_46 + "dx stands for the largest size of an entry of Vᵀ(Q_h − Q′_h)v_k.",
        assumptions=("A0",),
        formal=eq_46_scores,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="Lemma 2. No assumption is used.",
        improvements=scores_sharper,
    ),
    Claim(
        id="eq-46-token",
        title="From scores to the parameters",
        source="(46), fourth step",
        form="printed",
        statement=(rf"2\|\bar Z\|_2{SCORES}\le2\|\bar Z\|_2{DISTANCE}",),
        reading=READING_46 + "For every entry j of Vᵀ(Q_h − Q′_h)v_k, hence for the largest.",
        assumptions=("A0",),
        formal=eq_46_token,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="|v_jᵀ(Q_h − Q′_h)v_k| ≤ ‖v_j‖‖v_k‖‖Q_h − Q′_h‖_F. Of A0 it uses ‖v_k‖ ≤ 1.",
        improvements=lambda: short_tokens(eq_46_token()[0]),
    ),
    Claim(
        id="lemma-8",
        title="How far b moves",
        source="Lemma 8, (50)",
        form="printed",
        statement=(r"\|b_k^h-b_k^{h\prime}\|_2\le2\|\bar Z\|_2\|Q_h-Q_h'\|_F",),
        reading="Every two points ξ, ξ′. The bound on α is not needed for this part.",
        assumptions=("A0",),
        formal=eq_50,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="The chain (46). Of A0 it uses ‖v_k‖ ≤ 1.",
        improvements=eq_50_sharper,
        aliases=("eq-50",),
    ),
)
