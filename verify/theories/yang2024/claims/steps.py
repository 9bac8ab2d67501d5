"""The steps of Theorem 1 that look back to the start, as facts: (44), (15), the sum of Step 3, (43a), (47), (48), (43b).

Here ξ = ξ^(t) and ξ′ = ξ^(0).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

from symbolic.bound import Certificate, Fact, Root, Weight, by
from symbolic.indexed import Expr, number, scalar
from symbolic.proof import Axiom, Use
from symbolic.rewrite import fact, rewrite
from symbolic.rules import Extreme, Steps, Supply
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.course import (
    DESCENT,
    eigenvalue,
    entries_of_alpha,
    for_every_vector,
    loss_43c,
    loss_gap,
)
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import (
    ONE,
    PLAIN,
    SHARP,
    TWO,
    Factor,
    H,
    f_max,
    gamma,
    h,
    i,
    j,
    k,
    norm_Zbar,
    p,
    q,
    triangle,
    zeta,
)
from verify.theories.yang2024.symbolic.lemmas_b import b_by_Q
from verify.theories.yang2024.symbolic.lemmas_gradient import gradient_Q_norm, squared_gradient_alpha
from verify.theories.yang2024.symbolic.scalars import ROOT2, closed, defines, root2_below_two

HALF = Fraction(1, 2)
abar, eta, sigma, gap, Delta0 = (scalar(name) for name in ("abar", "eta", "sigma", "gap", "Delta0"))
ratio, power, partial = (scalar(name) for name in ("rr", "rrt", "geo"))
root_Delta0, root_zeta = scalar("Delta0", HALF), scalar("zeta", HALF)
root_H, root_K = scalar("H", HALF), scalar("K", HALF)
per_zeta, per_gamma, per_sigma, per_eta = (scalar(name, -1) for name in ("zeta", "gamma", "sigma", "eta"))

# (44), (15)


@cache
def sigma_44() -> Axiom:
    return replace(axiom("sigma"), name="(44): σ = ζ_0γ²/K")


@cache
def alpha_44() -> Axiom:
    value = 4 * ROOT2 * root_K * norm_Zbar * root_Delta0 * per_gamma * per_zeta
    return defines("abar", value, says="(44): α = √(2K)(4‖Z̄‖₂/(γζ_0))√Δ^(0)")


def least_gamma(constant: Expr) -> Fact:
    """(15), squared, with this constant in the place of 128√2: γ²ζ_0^{5/2}(√2 − 1) ≥ constant · ‖Z̄‖²√H f̄ K^{3/2} Δ^(0)."""
    right = constant * norm_Zbar**2 * root_H * f_max * scalar("K", Fraction(3, 2)) * Delta0
    name = "(15)" if constant == 128 * ROOT2 else "(15), with 32 for 128√2"
    return Fact(name, gamma**2 * scalar("zeta", Fraction(5, 2)) * (ROOT2 - 1) - right)


@cache
def gamma_15() -> Fact:
    return least_gamma(128 * ROOT2)


# The sum of Step 3


@cache
def ratio_squared() -> Axiom:
    return defines("rr", 1 - HALF * eta * sigma, power=2, says="r² = 1 − η_Qσ/2")


@cache
def telescoped() -> Axiom:
    return Axiom("(1 − r) Σ_{i<t} r^i = 1 − r^t", partial - partial * ratio, 1 - power, ())


@cache
def factor_of_18() -> tuple[Use, ...]:
    """Uses for r² = 1 − γ²η_Qζ_0/(2K), the factor of (18)."""
    residual = ratio**2 - 1 + HALF * eta * zeta * gamma**2 * scalar("K", -1)
    why = closed("r² is the factor of (18)", residual, given=(ratio_squared(), sigma_44())).why
    return why.uses if isinstance(why, Certificate) else ()


@cache
def ratio_below_one() -> Fact:
    one = number(1)
    squared = closed("1 − r² = η_Qσ/2", 1 - ratio**2, (Weight(HALF * eta * sigma),), given=(ratio_squared(),))
    return by(Root(ratio, one, squared), "r ≤ 1")


@cache
def geometric_sum() -> Fact:
    """4/(ησ) − Σ_{i<t} r^i = (2/(ησ)) ((1 − r) + (1 + r) r^t)."""
    head = 2 * per_eta * per_sigma
    weights = (Weight(head, fact=ratio_below_one()), Weight(head * (1 + ratio) * power))
    uses = (Use(telescoped(), -1 * head * (1 + ratio), ()),)
    return closed("the sum of Step 3", 2 * head - partial, weights, given=(ratio_squared(),), uses=uses)


# What has moved since the start


each_alpha = norm_Zbar * gamma * ROOT2 * scalar("K", -HALF) * root_Delta0


@cache
def moved_alpha() -> Fact:
    """‖α_h^(t)‖ ≤ ‖α_h^(0)‖ + η Σ_s ‖∂ℓ/∂α_h‖, each by (62) at most ‖Z̄‖γ√(2/K)√Δ^(0) r^s."""
    head = 2 * gamma**2 * norm_Zbar**2 * scalar("K", -1)
    at_step = closed(
        "(62) with (43c)", (each_alpha * power) ** 2 - (let.GA[h, k] ** 2).sum(k),
        (Weight(fact=squared_gradient_alpha(), at=(h,)), Weight(head, fact=loss_43c())),
        given=(loss_gap(),), indices=(h,),
    )  # fmt: skip
    reach, move = eta * each_alpha * partial, let.ALPHA[h, k] - let.ALPHA2[h, k]
    moved = by(Steps(DESCENT, let.ALPHA, each_alpha, (h, k), (k,), at_step), "‖α_h^(t) − α_h^(0)‖₂", (h,))
    start = fact("‖α_h^(0)‖₂", let.NAH2[h] ** 2 - (let.ALPHA2[h, k] ** 2).sum(k), (h,), by=[axiom(let.NAH2)])
    both = triangle("‖α_h^(t)‖₂", [(let.NAH2[h], let.ALPHA2[h, k], start), (reach, move, moved)], (k,), (h,))
    squared = fact(
        "‖α_h^(t)‖₂²",
        (let.NAH2[h] + reach) ** 2 - let.NAH[h] ** 2,
        (h,),
        [Weight(fact=both, at=(h,))],
        [axiom(let.NAH)],
    )
    return by(Root(let.NAH[h], let.NAH2[h] + reach, squared), "Step 3, summed", (h,))


@cache
def step_3() -> Fact:
    positive = let.NAH2[h] + 4 * each_alpha * per_sigma - let.NAH[h]
    return closed(
        "Step 3", positive, (Weight(fact=moved_alpha(), at=(h,)), Weight(eta * each_alpha, fact=geometric_sum())), indices=(h,)
    )  # fmt: skip


@cache
def starts_at_zero() -> Fact:
    return Fact("w^(0) = 0", -1 * let.NAH2[h], (h,), when="start")


@cache
def next_43a() -> Fact:
    """(43a) at step t: α of (44) is what Step 3 comes to."""
    return closed(
        "(43a) at step t", abar - let.NAH[h],
        (Weight(fact=step_3(), at=(h,)), Weight(fact=starts_at_zero(), at=(h,))),
        given=(alpha_44(), sigma_44()), indices=(h,),
    )  # fmt: skip


def reach(constant: Expr) -> Expr:
    """constant · γαf̄_max√Δ^(0)."""
    return constant * gamma * abar * f_max * root_Delta0


@cache
def drift(constant: Expr) -> Fact:
    """(47) where ‖∂ℓ/∂Q_h‖_F ≤ constant · γαf̄_max√(ℓ − 𝓛*), for a constant of at least √2: four times that over σ."""
    c = reach(constant)
    size = Supply(gradient_Q_norm(), (entries_of_alpha(ONE),))
    head = 2 * (gamma * abar * f_max) ** 2
    more = (constant**2 - 2) * (gamma * abar * f_max * power) ** 2 * Delta0
    at_step = closed(
        "Lemma 7 with (43)", (c * power) ** 2 - (let.GQ[h, p, q] ** 2).sum(p, q),
        (Weight(fact=by(size, "Lemma 7 with (43a)", (h,)), at=(h,)), Weight(head, fact=loss_43c()), Weight(settled(more))),
        given=(loss_gap(),), indices=(h,),
    )  # fmt: skip
    moved = by(Steps(DESCENT, let.Q, c, (h, p, q), (p, q), at_step), "‖Q_h^(t) − Q_h^(0)‖_F", (h,))
    squared = fact(
        "‖Q_h^(t) − Q_h^(0)‖_F²",
        (eta * c * partial) ** 2 - let.DQ[h] ** 2,
        (h,),
        [Weight(fact=moved, at=(h,))],
        [axiom(let.DQ)],
    )
    summed = by(Root(let.DQ[h], eta * c * partial, squared), "‖Q_h^(t) − Q_h^(0)‖_F, summed", (h,))
    return closed(
        "(47)", 4 * per_sigma * c - let.DQ[h],
        (Weight(fact=summed, at=(h,)), Weight(eta * c, fact=geometric_sum())), indices=(h,),
    )  # fmt: skip


def settled(expr: Expr) -> Expr:
    """√2² replaced by 2."""
    return rewrite(expr, axiom("root2"))[1]


@cache
def drift_47() -> Fact:
    return drift(2 * ROOT2)


@cache
def drift_sharp() -> Fact:
    """With √2 for the 2√2 of Lemma 7."""
    return drift(ROOT2)


def frobenius(kappa: Factor, constant: Expr) -> Fact:
    """constant² ‖Z̄‖² Σ‖Q_h − Q′_h‖² − ‖B_k − B′_k‖_F², for a constant that is κ and something nonnegative."""
    step = let.B[h, j, k] - let.B2[h, j, k]
    more = constant**2 - kappa.value**2
    return fact(
        "‖B_k − B′_k‖_F", (constant * norm_Zbar * scalar("nDQ")) ** 2 - (step**2).sum(h, j), (k,),
        [
            Weight(fact=b_by_Q(kappa), at=(h, k), bind=(h,)),
            Weight(more * norm_Zbar**2, let.DQ[h], bind=(h,)),
        ],
        [axiom("nDQ")],
    )  # fmt: skip


@cache
def frobenius_48() -> Fact:
    return frobenius(PLAIN, number(2))


@cache
def frobenius_sharp() -> Fact:
    return frobenius(SHARP, SHARP.value)


def drift_all(constant: Expr, each: Fact) -> Fact:
    """(constant ‖Z̄‖)² (H D² − Σ_h‖Q_h − Q′_h‖²) ≥ 0 where D ≥ ‖Q_h − Q′_h‖ for each head."""
    D = each.positive + let.DQ[h]
    head = (constant * norm_Zbar) ** 2
    return fact(
        "(48), drift of all heads", head * (H * D**2 - scalar("nDQ", 2)), (),
        [Weight(head * (D + let.DQ[h]), fact=each, at=(h,), bind=(h,))], [axiom("nDQ")],
    )  # fmt: skip


@cache
def drift_48() -> Fact:
    return drift_all(number(2), drift_47())


def within_48(step: Expr, constant: Expr) -> Fact:
    """(1 − 1/√2)√ζ_0 − step · ‖Z̄‖√H γαf̄_max√Δ^(0)/σ, by (15) with `constant` and (44)."""
    left = reach(step) * norm_Zbar * root_H * per_sigma
    positive = (1 - HALF * ROOT2) * root_zeta - left
    head = HALF * ROOT2 * per_gamma**2 * per_zeta**2
    return closed(
        "(48), last step",
        positive,
        (Weight(head, fact=least_gamma(constant)),),
        given=(alpha_44(), sigma_44()),
    )


@cache
def last_48() -> Fact:
    return within_48(16 * ROOT2, 128 * ROOT2)


# The rank of B_k


@cache
def near_start() -> Fact:
    """(48) as a whole: (1 − 1/√2)²ζ_0 ≥ ‖B_k − B′_k‖_F²."""
    return Fact(
        "(48)", (1 - HALF * ROOT2) ** 2 * zeta - ((let.B[h, j, k] - let.B2[h, j, k]) ** 2).sum(h, j), (k,)
    )


@cache
def squared_48() -> Fact:
    """b² − a² = (b − a)² + 2a(b − a)."""
    left = reach(16 * ROOT2) * norm_Zbar * root_H * per_sigma
    right = (1 - HALF * ROOT2) * root_zeta
    weights = (Weight(root=right - left), Weight(2 * left, fact=last_48()))
    return Fact("(48), last step squared", right**2 - left**2, (), Certificate(weights))


@cache
def near_start_48() -> Fact:
    """(48) from its three links."""
    links = (Weight(fact=frobenius_48(), at=(k,)), Weight(fact=drift_48()), Weight(fact=squared_48()))
    return Fact("(48), all links", near_start().positive, (k,), Certificate(links))


@cache
def least_14() -> Fact:
    """(14): ζ_0 ≤ λ_min(B_k^(0)B_k^(0)ᵀ)."""
    return Fact("(14)", let.LMIN2[k] - zeta, (k,), when="start")


@cache
def start_14() -> Fact:
    """ξᵀB′_kB′_kᵀξ ≥ ζ_0‖ξ‖² for every ξ, at ξ′ = ξ^(0)."""
    return for_every_vector(least_14(), TWO, zeta)


def rank(near: Fact) -> Fact:
    """‖B_kᵀξ‖² ≥ (ζ_0/2)‖ξ‖²: with a = B′ᵀξ, e = (B′ − B)ᵀξ and c = 1 − 1/√2,

    ‖a − e‖² = c‖a − e/c‖² + (1 − c)‖a‖² − (1/c − 1)‖e‖², and (1 − c)ζ_0 − (1/c − 1)c²ζ_0 = (1 − c)²ζ_0 = ζ_0/2.
    """
    x, E = let.XI, let.B2[h, j, k] - let.B[h, j, k]
    a, e = (x[j] * let.B2[h, j, k]).sum(j), (x[j] * E).sum(j)
    positive = ((x[j] * let.B[h, j, k]).sum(j) ** 2).sum(h) - HALF * zeta * (x[j] ** 2).sum(j)
    return closed(
        "smallest eigenvalue at step t", positive,
        (
            Weight(number(HALF), a - (2 + ROOT2) * e, root2_below_two(), bind=(h,)),
            Weight(HALF * ROOT2, fact=start_14(), at=(k,)),
            Weight(1 + ROOT2, x[j], near, (k,), (j,)),
            Weight(HALF * (1 + ROOT2), x[i] * E - x[j] * E.at({j: i}), bind=(h, i, j)),
        ),
        indices=(k,),
    )  # fmt: skip


@cache
def rank_48() -> Fact:
    return rank(near_start())


@cache
def next_43b() -> Fact:
    """(43b) at step t."""
    return by(
        Extreme(eigenvalue(ONE), HALF * zeta, rank(near_start_48())),
        "(43b) at step t",
        (k,),
    )
