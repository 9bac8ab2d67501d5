"""How far δ, Z̄δ and the gradient in α move: (51), (53)–(55), (62), as facts in the letters of the two points.

κ is a `Factor` of ‖s − s′‖₂ ≤ κ‖Q_h − Q′_h‖_F: 1, or 1/√2. The printed bounds have 2 in its place; they are what is here, loosened.
"""

from __future__ import annotations

from functools import cache

from symbolic.bound import Fact, Weight
from symbolic.indexed import Expr, number, scalar
from symbolic.rewrite import fact
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import (
    HALF,
    ONE,
    TWO,
    Factor,
    H,
    K,
    Side,
    alpha_bar,
    bounded_alpha,
    columns_of_A,
    g,
    gamma,
    h,
    i,
    j,
    k,
    l,
    norm_A,
    norm_DA,
    norm_DQ,
    norm_Zbar,
    simplex,
    softmax_step,
    step_alpha,
    step_s,
    triangle,
)
from verify.theories.yang2024.symbolic.lemmas_b import b_by_Q, b_norm, image_norm

HALVES = number(HALF)
root_H, root_K = scalar("H", HALF), scalar("K", HALF)
per_K = scalar("K", -1)
delta_bound = gamma * H * alpha_bar + norm_A  # γHα + ‖A‖₂
DAK, DAH, DQ = let.DAK[k], let.DAH[h], let.DQ[h]
step_delta = let.DEL[j, k] - let.DEL2[j, k]
step_Zdelta = let.ZD[i, k] - let.ZD2[i, k]
step_b = let.B[h, j, k] - let.B2[h, j, k]


def distance(kappa: Factor) -> Expr:
    """κγ√H α √Σ‖Q_h − Q′_h‖² + γ√H ‖α_k − α′_k‖₂."""
    return gamma * root_H * (kappa.value * alpha_bar * norm_DQ + DAK)


# δ and Z̄δ


@cache
def delta_norm(side: Side) -> Fact:
    """(53)."""
    x = gamma * (side.ALPHA[h, k] * side.S[h, j, k]).sum(h)
    single = side.ALPHA[h, k] * side.S[h, j, k]
    heads = fact(
        "‖γ Σ_h α_{h,k} s_k^h‖₂ ≤ γHα", (gamma * H * alpha_bar) ** 2 - (x**2).sum(j), (k,),
        [
            Weight(HALF * gamma**2, single - single.at({h: g}), bind=(h, g, j)),
            Weight(gamma**2 * H, fact=bounded_alpha(side), at=(h, k), bind=(h,)),
            Weight(gamma**2 * H, side.ALPHA[h, k], simplex(side), (h, k), (h,)),
        ],
    )  # fmt: skip
    both = triangle(
        "‖δ_k‖₂", [(gamma * H * alpha_bar, x, heads), (norm_A, -1 * let.A[j, k], columns_of_A())], (j,), (k,)
    )
    return fact(
        "Lemma 9, (53)", delta_bound**2 - (side.DEL[j, k] ** 2).sum(j), (k,), [Weight(fact=both, at=(k,))],
        [axiom(side.DEL)],
    )  # fmt: skip


@cache
def delta_step(kappa: Factor) -> Fact:
    """(51) with κ in the place of 2: heads by Lemma 3, then the triangle inequality."""
    a = kappa.value * gamma * root_H * alpha_bar * norm_DQ
    single = let.ALPHA[h, k] * step_s
    of_Q = fact(
        "γ Σ_h α_{h,k}(s − s′)", a**2 - ((gamma * single.sum(h)) ** 2).sum(j), (k,),
        [
            Weight(HALF * gamma**2, single - single.at({h: g}), bind=(h, g, j)),
            Weight(gamma**2 * H * kappa.value**2, DQ, bounded_alpha(ONE), (h, k), (h,)),
            Weight(gamma**2 * H, let.ALPHA[h, k], softmax_step(kappa), (h, k), (h,)),
        ],
        [axiom("nDQ")],
    )  # fmt: skip
    other = step_alpha * let.S2[h, j, k]
    of_alpha = fact(
        "γ Σ_h (α − α′)_{h,k} s′", (gamma * root_H * DAK) ** 2 - ((gamma * other.sum(h)) ** 2).sum(j), (k,),
        [
            Weight(HALF * gamma**2, other - other.at({h: g}), bind=(h, g, j)),
            Weight(gamma**2 * H, step_alpha, simplex(TWO), (h, k), (h,)),
        ],
        [axiom(let.DAK)],
    )  # fmt: skip
    both = triangle(
        "‖δ_k − δ′_k‖₂",
        [(a, gamma * single.sum(h), of_Q), (gamma * root_H * DAK, gamma * other.sum(h), of_alpha)], (j,), (k,),
    )  # fmt: skip
    return fact(
        "(51) with κ", distance(kappa) ** 2 - (step_delta**2).sum(j), (k,), [Weight(fact=both, at=(k,))],
        [axiom(let.DEL), axiom(let.DEL2)],
    )  # fmt: skip


@cache
def Zdelta_norm(side: Side) -> Fact:
    """‖Z̄δ_k‖₂ ≤ ‖Z̄‖₂(γHα + ‖A‖₂)."""
    image = image_norm("‖Z̄δ‖₂ ≤ ‖Z̄‖₂‖δ‖₂", side.DEL[i, k], i, side.ZD[j, k], (side.ZD,), (k,))
    return fact(
        "‖Z̄δ_k‖₂", (norm_Zbar * delta_bound) ** 2 - (side.ZD[j, k] ** 2).sum(j), (k,),
        [Weight(fact=image, at=(k,)), Weight(norm_Zbar**2, fact=delta_norm(side), at=(k,))],
    )  # fmt: skip


@cache
def Zdelta_step(kappa: Factor) -> Fact:
    """‖Z̄δ_k − Z̄δ′_k‖₂ ≤ ‖Z̄‖₂‖δ_k − δ′_k‖₂."""
    image = image_norm(
        "‖Z̄(δ − δ′)‖₂ ≤ ‖Z̄‖₂‖δ − δ′‖₂",
        step_delta.at({j: i}),
        i,
        step_Zdelta.at({i: j}),
        (let.ZD, let.ZD2),
        (k,),
    )
    return fact(
        "‖Z̄δ_k − Z̄δ′_k‖₂", (norm_Zbar * distance(kappa)) ** 2 - (step_Zdelta**2).sum(i), (k,),
        [Weight(fact=image, at=(k,)), Weight(norm_Zbar**2, fact=delta_step(kappa), at=(k,))],
    )  # fmt: skip


# The gradient in α


@cache
def gradient_alpha_step(kappa: Factor) -> Fact:
    """(54) with κ in the place of 2: (b − b′)ᵀZ̄δ + b′ᵀZ̄(δ − δ′) for each head."""
    head = gamma * per_K
    e, move, Zd = distance(kappa), step_Zdelta.at({i: j}), let.ZD[j, k]
    a = head * kappa.value * norm_Zbar**2 * delta_bound * norm_DQ
    moved_b = head * (step_b * Zd).sum(j)
    of_b = fact(
        "(γ/K)(b − b′)ᵀZ̄δ", a**2 - (moved_b**2).sum(h), (k,),
        [
            Weight(HALF * head**2, step_b * Zd.at({j: l}) - step_b.at({j: l}) * Zd, bind=(h, j, l)),
            Weight(head**2, step_b, Zdelta_norm(ONE), (k,), (h, j)),
            Weight((head * norm_Zbar * delta_bound) ** 2, fact=b_by_Q(kappa), at=(h, k), bind=(h,)),
        ],
        [axiom("nDQ")],
    )  # fmt: skip
    b2 = let.B2[h, j, k]
    c = head * root_H * norm_Zbar**2 * e
    moved_Zd = head * (b2 * move).sum(j)
    of_Zd = fact(
        "(γ/K) b′ᵀZ̄(δ − δ′)", c**2 - (moved_Zd**2).sum(h), (k,),
        [
            Weight(HALF * head**2, b2 * move.at({j: l}) - b2.at({j: l}) * move, bind=(h, j, l)),
            Weight(head**2, b2, Zdelta_step(kappa), (k,), (h, j)),
            Weight((head * norm_Zbar * e) ** 2, fact=b_norm(TWO), at=(h, k), bind=(h,)),
        ],
    )  # fmt: skip
    both = triangle("‖∇_{α_k}ℓ − ∇_{α_k}ℓ′‖₂", [(a, moved_b, of_b), (c, moved_Zd, of_Zd)], (h,), (k,))
    return fact(
        "(54) with κ", (a + c) ** 2 - ((let.GA[h, k] - let.GA2[h, k]) ** 2).sum(h), (k,),
        [Weight(fact=both, at=(k,))], [axiom(let.GA), axiom(let.GA2)],
    )  # fmt: skip


def in_Q(kappa: Factor) -> Expr:
    """The coefficient of √Σ‖Q_h − Q′_h‖² in (54), κ in the place of 2."""
    return gamma * per_K * kappa.value * norm_Zbar**2 * (2 * gamma * H * alpha_bar + norm_A)


in_alpha = gamma**2 * per_K * H * norm_Zbar**2  # of ‖α_k − α′_k‖₂


@cache
def gradient_alpha_total(kappa: Factor) -> Fact:
    """Σ_k of (a + b)² ≤ 2a² + 2b²: each coefficient stays with its own distance."""
    positive = (
        2 * K * in_Q(kappa) ** 2 * norm_DQ**2 + 2 * in_alpha**2 * norm_DA**2
        - ((let.GA[h, k] - let.GA2[h, k]) ** 2).sum(h, k)
    )  # fmt: skip
    return fact(
        "(55) with κ", positive, (),
        [
            Weight(number(1), in_Q(kappa) * norm_DQ - in_alpha * DAK, bind=(k,)),
            Weight(fact=gradient_alpha_step(kappa), at=(k,), bind=(k,)),
        ],
        [axiom("nDA"), axiom(let.DAK)],
    )  # fmt: skip
