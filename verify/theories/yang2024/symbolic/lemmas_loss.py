"""Proofs of what bounds a gradient by the distance of the loss from its least value: (49), (62), Lemma 7 and its steps."""

from __future__ import annotations

from functools import cache

from symbolic.bound import Certificate, Fact, Substitute, Weight, by
from symbolic.indexed import Expr, delta
from symbolic.rewrite import certificate, fact
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import (
    HALF,
    ONE,
    alpha_bar,
    bounded_alpha,
    f_max,
    gamma,
    h,
    i,
    j,
    k,
    l,
    n,
    norm_Zbar,
    one_norm,
    p,
    q,
    short_token,
    smallest_eigenvalue,
    step_s,
    two_norm,
    zeta,
)
from verify.theories.yang2024.symbolic.lemmas_delta import per_K
from verify.theories.yang2024.symbolic.lemmas_gradient import gradient_Q_norm, squared_gradient_alpha
from verify.theories.yang2024.symbolic.reading import reader, scaled_weight
from verify.theories.yang2024.symbolic.shorthand import (
    ell,
    half_over_K,
    inverse_use,
    k_solution,
    k_target,
    least_loss,
    root_axiom,
)

Zdelta = (let.ZD[i, k] ** 2).sum(i, k)
squared_gradient_Q = (let.GQ[h, p, q] ** 2).sum(p, q)


@cache
def excess() -> Expr:
    """ℓ(ξ) − 𝓛*."""
    source = reader({})
    return source.read(ell) - source.read(least_loss(repaired=True))


@cache
def closed_form() -> Fact:
    """Lemma 5 in δ: ℓ(ξ) − 𝓛* − (1/2K) Σ_k ‖Z̄δ_k‖² = 0, so that it may be used as a fact either way."""
    positive = excess() - half_over_K * Zdelta
    opened = certificate(positive, (), [axiom(let.ZD), root_axiom(), axiom(let.DEL), axiom(let.A)])
    weight_ = scaled_weight(j, k)
    inverses = (
        inverse_use(2 * half_over_K * weight_ * k_target(n, k), n, j, (j, n, k)),
        inverse_use(-1 * half_over_K * k_solution(j, k) * k_target(n, k), n, j, (j, n, k)),
    )
    return Fact("Lemma 5 in δ", positive, (), Certificate((), opened.uses + inverses))


@cache
def lemma_7(square: int) -> Fact:
    """‖∂ℓ/∂Q_h‖_F² ≤ square · γ²α²f̄_max²(ℓ(ξ) − 𝓛*): 8 as printed, 2 is enough."""
    head = (gamma * alpha_bar * f_max) ** 2
    return fact(
        "Lemma 7", square * head * excess() - squared_gradient_Q, (h,),
        [
            Weight(square * head, fact=closed_form()),
            Weight(fact=gradient_Q_norm(), at=(h,)),
            Weight((square * HALF - 1) * head * per_K * Zdelta),
        ],
    )  # fmt: skip


@cache
def eq_62() -> Fact:
    """‖∂ℓ/∂α_h‖² ≤ ‖Z̄‖²γ²(2/K)(ℓ(ξ) − 𝓛*)."""
    head = (gamma * norm_Zbar) ** 2 * per_K * 2
    return fact(
        "(62)", head * excess() - (let.GA[h, k] ** 2).sum(k), (h,),
        [Weight(head, fact=closed_form()), Weight(fact=squared_gradient_alpha(), at=(h,))],
    )  # fmt: skip


@cache
def eq_49() -> Fact:
    """(γ²/K²) Σ_k (Z̄δ_k)ᵀB_kB_kᵀZ̄δ_k ≥ (ζ_0γ²/2K²) Σ_k ‖Z̄δ_k‖²: (43b) at ξ = Z̄δ_k."""
    head = (gamma * per_K) ** 2
    each = by(Substitute(smallest_eigenvalue(), let.XI, let.ZD[j, k], (j,)), "(43b) at Z̄δ_k", (k,))
    image = (let.B[h, j, k] * let.ZD[j, k]).sum(j)
    return fact(
        "(49)", head * (image**2).sum(h, k) - HALF * zeta * head * Zdelta, (),
        [Weight(head, fact=each, at=(k,), bind=(k,))],
    )  # fmt: skip


# One matrix of (82)


@cache
def eq_83() -> Fact:
    """‖G^{h,jk}‖_F ≤ 2αs_jk(1 − s_jk): in Σ_i s_i(v_j − v_i) the term i = j is zero, and 1 − s_j is the sum of the other s_i."""
    s, V = let.S, let.V
    both = s[h, i, k] * s[h, l, k]
    others = (1 - delta(i, j)) * (1 - delta(l, j))
    mean = (s[h, i, k] * (V[p, j] - V[p, i])).sum(i)
    size = fact(
        "‖Σ_i s_i(v_j − v_i)‖₂ ≤ 2(1 − s_j)", 4 * (1 - s[h, j, k]) ** 2 - (mean**2).sum(p), (h, j, k),
        [
            Weight(both, others * (V[p, j] + V[p, i]), bind=(i, l, p)),
            Weight(HALF * both, others * (V[p, i] - V[p, l]), bind=(i, l, p)),
            Weight(2 * both, others, short_token(), (j,), (i, l)),
            Weight(2 * both, others, short_token(), (i,), (i, l)),
        ],
    )  # fmt: skip
    matrix = let.ALPHA[h, k] * s[h, j, k] * mean * V[q, k]
    bound = 2 * s[h, j, k] * (1 - s[h, j, k])
    return fact(
        "(83) with 1 − s", alpha_bar**2 * bound**2 - (matrix**2).sum(p, q), (h, j, k),
        [
            Weight(root=let.ALPHA[h, k] * s[h, j, k], fact=size, at=(h, j, k)),
            Weight(root=bound, fact=bounded_alpha(ONE), at=(h, k)),
            Weight(root=let.ALPHA[h, k] * s[h, j, k] * mean, fact=short_token(), at=(k,), bind=(p,)),
        ],
    )  # fmt: skip


@cache
def printed_83() -> Fact:
    """1 − (1 − s_j)² = s_j + s_j Σ_{i≠j} s_i."""
    s, sharper = let.S, eq_83()
    head = 4 * alpha_bar**2 * s[h, j, k] ** 3
    more = head * (1 + (s[h, i, k] * (1 - delta(i, j))).sum(i))
    return fact(
        "(83)", sharper.positive + more, (h, j, k),
        [
            Weight(fact=sharper, at=(h, j, k)), Weight(head),
            Weight(head * s[h, i, k], 1 - delta(i, j), bind=(i,)),
        ],
    )  # fmt: skip


@cache
def one_norm_step() -> Fact:
    """2‖s − s′‖₂² ≤ ‖s − s′‖₁², times ‖Z̄‖²: twice what (46) needs."""
    return fact(
        "‖Z̄‖₂‖s − s′‖₂ ≤ ‖Z̄‖₂‖s − s′‖₁/√2",
        norm_Zbar**2 * (HALF * one_norm**2 - (step_s**2).sum(j)), (h, k),
        [Weight(HALF * norm_Zbar**2, fact=two_norm(), at=(h, k))],
    )  # fmt: skip
