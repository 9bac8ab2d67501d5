"""How large the gradients are, (62) and Lemma 7, and how far the one in Q moves, (58): token by token, in the letters of the two points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from symbolic.bound import Certificate, Fact, Root, Weight, by
from symbolic.indexed import Expr, Tensor, number
from symbolic.proof import Use
from symbolic.rewrite import certificate, fact
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import (
    HALF,
    ONE,
    TWO,
    Factor,
    K,
    Side,
    alpha_bar,
    bounded_alpha,
    columns_of_Zbar,
    f_max,
    gamma,
    h,
    i,
    j,
    k,
    l,
    norm_DA,
    norm_DQ,
    norm_Zbar,
    one_norm,
    one_norm_by_Q,
    p,
    q,
    short_token,
    spread,
    step_alpha,
    step_s,
    t,
    triangle,
    triangle_over,
    variance,
)
from verify.theories.yang2024.symbolic.lemmas_b import b_norm
from verify.theories.yang2024.symbolic.lemmas_delta import (
    DAH,
    DAK,
    DQ,
    HALVES,
    Zdelta_norm,
    Zdelta_step,
    delta_bound,
    distance,
    per_K,
    root_H,
    root_K,
    step_Zdelta,
)


@cache
def squared_gradient_alpha() -> Fact:
    """Σ_k (∂ℓ/∂α_{h,k})² ≤ (γ²/K²)‖Z̄‖² Σ_k ‖Z̄δ_k‖²."""
    b, zd = let.B[h, j, k], let.ZD[j, k]
    crossed = b * zd.at({j: l}) - b.at({j: l}) * zd
    return fact(
        "‖∂ℓ/∂α_h‖₂", (gamma * per_K * norm_Zbar) ** 2 * (zd**2).sum(j, k) - (let.GA[h, k] ** 2).sum(k), (h,),
        [
            Weight(HALF * gamma**2 * per_K**2, crossed, bind=(j, l, k)),
            Weight(gamma**2 * per_K**2, let.ZD[i, k], b_norm(ONE), (h, k), (i, k)),
        ],
        [axiom(let.GA)],
    )  # fmt: skip


def inner(name: str, vector: Expr, c: Expr, side_letters: tuple[Side, ...]) -> Fact:
    """f̄_max²‖vector‖² − c_j² ≥ 0 with c_j = Σ_i Z̄_{ji} vector_i: Lagrange's identity."""
    crossed = let.ZBAR[j, i] * vector.at({i: l}) - let.ZBAR[j, l] * vector
    return fact(
        name, f_max**2 * (vector**2).sum(i) - c**2, (j, k),
        [
            Weight(HALVES, crossed, bind=(i, l)),
            Weight(root=vector.at({i: l}), fact=columns_of_Zbar(), at=(j,), bind=(l,)),
        ],
        [axiom(side.CZ) for side in side_letters],
    )  # fmt: skip


@cache
def spread_sum(side: Side, c: Expr, C2: Expr, each: Fact) -> Fact:
    """‖Σ_j c_j s_j (v_j − Vs)‖² ≤ C² where c_j² ≤ C²: Cauchy–Schwarz under the weights s, and their spread is at most one."""
    s, w = side.S, let.V[p, j] - side.VB[h, p, k]
    moved = {j: i}
    return fact(
        "‖Σ_j c_j s_j (v_j − V s)‖₂", C2 - ((c * s[h, j, k] * w).sum(j) ** 2).sum(p), (h, k),
        [
            Weight(HALF * s[h, i, k] * s[h, j, k], c.at(moved) * w - c * w.at(moved), bind=(i, j, p)),
            Weight(s[h, j, k], fact=each, at=(j, k), bind=(j,)),
            Weight(s[h, j, k], c, variance(side), (h, k), (j,)),
        ],
    )  # fmt: skip


def tokens(name: str, x: Expr, r2: Expr, each: Fact) -> Fact:
    """K Σ_k r_k² − Σ_pq (Σ_k x_pk v_kq)² ≥ 0 where r_k² ≥ Σ_p x_pk²: Lemma 3 over the tokens."""
    product = x * let.V[q, k]
    return fact(
        name, K * r2.sum(k) - (product.sum(k) ** 2).sum(p, q), (h,),
        [
            Weight(HALVES, product - product.at({k: t}), bind=(k, t, p, q)),
            Weight(K, fact=each, at=(h, k), bind=(k,)),
            Weight(K, x, short_token(), (k,), (p, k)),
        ],
    )  # fmt: skip


@cache
def gradient_Q_norm() -> Fact:
    """Σ_k‖Z̄δ_k‖² (γαf̄_max)²/K ≥ ‖∂ℓ/∂Q_h‖_F²: half the constant of Lemma 7."""
    zd2 = (let.ZD[i, k] ** 2).sum(i)
    each = inner("|(Z̄δ_k)ᵀz̄_j| ≤ f̄_max‖Z̄δ_k‖₂", let.ZD[i, k], let.CZ[j, k], (ONE,))
    total = spread_sum(ONE, let.CZ[j, k], f_max**2 * zd2, each)
    x, r2 = let.PT[h, p, k], alpha_bar**2 * f_max**2 * zd2
    scaled = fact(
        "one token of ∂ℓ/∂Q_h", r2 - (x**2).sum(p), (h, k),
        [
            Weight(root=let.ALPHA[h, k], fact=total, at=(h, k)),
            Weight(f_max**2, let.ZD[i, k], bounded_alpha(ONE), (h, k), (i,)),
        ],
        [axiom(let.PT)],
    )  # fmt: skip
    summed = tokens("Σ over the tokens", x, r2, scaled)
    return fact(
        "Lemma 7 with constant √2", gamma**2 * per_K * r2.sum(k) - (let.GQ[h, p, q] ** 2).sum(p, q), (h,),
        [Weight((gamma * per_K) ** 2, fact=summed, at=(h,))], [axiom(let.GQ)],
    )  # fmt: skip


C_bound = f_max * norm_Zbar * delta_bound  # |(Z̄δ_k)ᵀz̄_j| ≤ f̄_max‖Z̄‖₂(γHα + ‖A‖₂)


@cache
def inner_norm() -> Fact:
    """C² − ((Z̄δ′_k)ᵀz̄_j)² ≥ 0."""
    each = inner("|(Z̄δ′_k)ᵀz̄_j| ≤ f̄_max‖Z̄δ′_k‖₂", let.ZD2[i, k], let.CZ2[j, k], (TWO,))
    return fact(
        "|(Z̄δ′_k)ᵀz̄_j| ≤ C", C_bound**2 - let.CZ2[j, k] ** 2, (j, k),
        [Weight(fact=each, at=(j, k)), Weight(f_max**2, fact=Zdelta_norm(TWO), at=(k,))],
    )  # fmt: skip


@cache
def attention_step() -> Fact:
    """‖Σ_j c_j (s_j w_j − s′_j w′_j)‖₂ ≤ 3C‖Q_h − Q′_h‖_F with c = (Z̄δ′_k)ᵀz̄_j, w_j = v_j − Vs, w′_j = v_j − Vs′.

    It is Σ_j c_j u_j w_j − (Σ_j c_j s′_j) V u with u = s − s′: at most 2C‖u‖₁ + C‖u‖₁, and ‖u‖₁ ≤ ‖Q_h − Q′_h‖_F.
    """
    c, d, s2, w = let.CZ2[j, k], let.DS[h, j, k], let.S2[h, j, k], let.V[p, j] - let.VB[h, p, k]
    one = fact(
        "|c_j u_j|‖w_j‖₂ ≤ 2C|u_j|", (2 * C_bound * d) ** 2 - ((c * step_s * w) ** 2).sum(p), (h, j, k),
        [Weight(number(4), d, inner_norm(), (j, k)), Weight(c**2, d, spread(ONE), (h, j, k))], [axiom(let.DS)],
    )  # fmt: skip
    first = triangle_over("Σ_j c_j u_j w_j", 2 * C_bound * d, c * step_s * w, j, i, (p,), one)
    unit = fact(
        "‖u_j v_j‖₂ = |u_j|",
        d**2 - ((step_s * let.V[p, j]) ** 2).sum(p),
        (h, j, k),
        [Weight(root=step_s, fact=short_token(), at=(j,))],
        [axiom(let.DS)],
    )
    image = triangle_over("‖V u‖₂ ≤ ‖u‖₁", d, step_s * let.V[p, j], j, i, (p,), unit)
    mean = (c * s2).sum(j)
    average = fact(
        "|Σ_j c_j s′_j| ≤ C", C_bound**2 - mean**2, (h, k),
        [
            Weight(s2, fact=inner_norm(), at=(j, k), bind=(j,)),
            Weight(HALF * s2 * s2.at({j: i}), c - c.at({j: i}), bind=(i, j)),
        ],
    )  # fmt: skip
    moved = let.VB[h, p, k] - let.VB2[h, p, k]
    second = fact(
        "(Σ_j c_j s′_j) V u", (C_bound * one_norm) ** 2 - ((mean * moved) ** 2).sum(p), (h, k),
        [
            Weight(root=one_norm, fact=average, at=(h, k)),
            Weight(root=mean, fact=image, at=(h, k)),
        ],
        [axiom(let.VB), axiom(let.VB2)],
    )  # fmt: skip
    both = triangle(
        "both parts", [(2 * C_bound * one_norm, (c * step_s * w).sum(j), first), (C_bound * one_norm, -1 * mean * moved, second)],
        (p,), (h, k),
    )  # fmt: skip
    whole = (c * (let.S[h, j, k] * w - s2 * (let.V[p, j] - let.VB2[h, p, k]))).sum(j)
    return fact(
        "Σ_j c_j (s_j w_j − s′_j w′_j)", (3 * C_bound * DQ) ** 2 - (whole**2).sum(p), (h, k),
        [Weight(fact=both, at=(h, k)), Weight((3 * C_bound) ** 2, fact=one_norm_by_Q(), at=(h, k))],
    )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of ∂ℓ/∂Q_h − ∂ℓ′/∂Q_h: its bound, the vector, and why."""

    bound: Expr
    vector: Expr
    why: Fact


def part(
    name: str,
    x: Expr,
    r2: Expr,
    each: Fact,
    bound: Expr,
    weights: Sequence[Weight],
    letters: Sequence[Tensor | str],
) -> Part:
    """(γ/K) Σ_k x_k v_kᵀ, where ‖x_k‖² ≤ r_k² and the weights turn K Σ_k r_k² into the square of the bound."""
    head = gamma * per_K
    summed = tokens(name, x, r2, each)
    vector = head * (x * let.V[q, k]).sum(k)
    why = fact(
        name, bound**2 - (vector**2).sum(p, q), (h,),
        [Weight(head**2, fact=summed, at=(h,)), *weights], [axiom(letter) for letter in letters],
    )  # fmt: skip
    return Part(bound, vector, why)


@cache
def part_delta(kappa: Factor) -> Part:
    """δ moves: (γ/K) Σ_k α Σ_j (c − c′)_j s_j w_j v_kᵀ."""
    c, e = let.CZ[j, k] - let.CZ2[j, k], distance(kappa)
    r2 = (f_max * norm_Zbar * e) ** 2
    near = inner("|(Z̄δ_k − Z̄δ′_k)ᵀz̄_j| ≤ f̄_max‖Z̄δ_k − Z̄δ′_k‖₂", step_Zdelta, c, (ONE, TWO))
    each = fact(
        "|(Z̄δ_k − Z̄δ′_k)ᵀz̄_j|", r2 - c**2, (j, k),
        [Weight(fact=near, at=(j, k)), Weight(f_max**2, fact=Zdelta_step(kappa), at=(k,))],
    )  # fmt: skip
    total = spread_sum(ONE, c, r2, each)
    x = let.PD[h, p, k]
    scaled = fact(
        "one token, δ moves", alpha_bar**2 * r2 - (x**2).sum(p), (h, k),
        [Weight(root=let.ALPHA[h, k], fact=total, at=(h, k)), Weight(r2, fact=bounded_alpha(ONE), at=(h, k))],
        [axiom(let.PD)],
    )  # fmt: skip
    head = gamma * per_K * alpha_bar * f_max * norm_Zbar * gamma * root_H
    bound = head * (K * kappa.value * alpha_bar * norm_DQ + root_K * norm_DA)
    slack = Weight(2 * head**2 * kappa.value * alpha_bar * norm_DQ * K, fact=sum_of_steps())
    return part("δ moves", x, alpha_bar**2 * r2, scaled, bound, [slack], (let.DAK, "nDA"))


@cache
def sum_of_steps() -> Fact:
    """√K‖α − α′‖_F ≥ Σ_k ‖α_k − α′_k‖₂."""
    squared = fact(
        "K‖α − α′‖_F² ≥ (Σ_k‖α_k − α′_k‖₂)²", (root_K * norm_DA) ** 2 - DAK.sum(k) ** 2, (),
        [Weight(HALVES, DAK - let.DAK[t], bind=(k, t))], [axiom("nDA"), axiom(let.DAK)],
    )  # fmt: skip
    return by(Root(DAK.sum(k), root_K * norm_DA, squared), "√K‖α − α′‖_F ≥ Σ_k‖α_k − α′_k‖₂")


@cache
def part_alpha() -> Part:
    """α moves: (γ/K) Σ_k (α − α′) Σ_j c′_j s_j w_j v_kᵀ."""
    total = spread_sum(ONE, let.CZ2[j, k], C_bound**2, inner_norm())
    x, r2 = let.PA[h, p, k], C_bound**2 * step_alpha**2
    scaled = fact(
        "one token, α moves", r2 - (x**2).sum(p), (h, k), [Weight(root=step_alpha, fact=total, at=(h, k))],
        [axiom(let.PA)],
    )  # fmt: skip
    return part("α moves", x, r2, scaled, gamma * per_K * C_bound * root_K * DAH, (), (let.DAH,))


@cache
def part_attention() -> Part:
    """Attention moves: (γ/K) Σ_k α′ Σ_j c′_j (s_j w_j − s′_j w′_j) v_kᵀ."""
    x, size = let.PS[h, p, k], 3 * C_bound * DQ
    scaled = fact(
        "one token, attention moves", (alpha_bar * size) ** 2 - (x**2).sum(p), (h, k),
        [
            Weight(root=let.ALPHA2[h, k], fact=attention_step(), at=(h, k)),
            Weight(size**2, fact=bounded_alpha(TWO), at=(h, k)),
        ],
        [axiom(let.PS)],
    )  # fmt: skip
    return part("attention moves", x, (alpha_bar * size) ** 2, scaled, gamma * alpha_bar * size, (), ())


@cache
def gradient_Q_step(kappa: Factor) -> Fact:
    """(58) with κ in the place of 2, half the rest, and 3 in the place of 8√N."""
    parts = [part_delta(kappa), part_alpha(), part_attention()]
    both = triangle("the three parts", [(x.bound, x.vector, x.why) for x in parts], (p, q), (h,))
    bound = sum((x.bound for x in parts), number(0))
    moved = let.GQ[h, p, q] - let.GQ2[h, p, q]
    positive = bound**2 - (moved**2).sum(p, q)
    opened = certificate(positive, [Weight(fact=both, at=(h,))], [axiom(let.GQ), axiom(let.GQ2)])
    vector = gamma * per_K * ((let.PT[h, p, k] - let.PT2[h, p, k]) * let.V[q, k]).sum(k)
    # x² − y² = (x − y)(x + y), and x − y is a combination of definitions: what g − g′ and its three parts stand for adds up.
    together = gamma * per_K * let.V[q, k] * (vector + sum((x.vector for x in parts), number(0)))
    spelled = [(let.PT, -1), (let.PT2, 1), (let.PD, 1), (let.PA, 1), (let.PS, 1)]
    uses = tuple(Use(axiom(letter), sign * together, (h, p, k), (p, q, k)) for letter, sign in spelled)
    return Fact("(58) with κ", positive, (h,), Certificate(opened.weights, opened.uses + uses))
