"""What Theorem 1 is about: gradient descent in (α, Q), the letters that move along it, and the three statements (43) of its induction."""

from __future__ import annotations

from functools import cache

from symbolic.bound import Fact, Weight
from symbolic.course import Course, Gradient
from symbolic.indexed import Expr, delta, scalar
from symbolic.proof import Axiom
from symbolic.rewrite import fact
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import HALF, ONE, Side, alpha_bar, h, i, j, k, p, q, t, zeta

eta, sigma, gap, gap_next, Delta0, power, slope = (
    scalar(name) for name in ("eta", "sigma", "gap", "gapn", "Delta0", "rrt", "ng")
)

DESCENT = Course(
    "gradient descent in α and Q with one rate η_Q (41)", "eta",
    steps=((let.ALPHA, let.ALPHA2, let.GA), (let.Q, let.Q2, let.GQ)),
    pairs=(*let.PRIMED.items(), ("gap", "gapn")),
    between=(
        let.DQ, let.DAK, let.DAH, let.DS, let.DX, let.PD, let.PA, let.PS, let.X, let.E, let.R, let.W, let.AHAT, let.G, let.JX, let.CINV,
        "nDQ", "nDA", "mDQ", "ng", "nD", "nZD",
    ),
    ratio="rr", power="rrt", total="geo",
)  # fmt: skip

GRADIENT = Gradient(
    "(∂ℓ/∂α, ∂ℓ/∂Q) of (45), (82) is the gradient of ℓ − 𝓛*", "gap", "gapn",
    ((let.ALPHA, let.ALPHA2, let.GA, let.GA2), (let.Q, let.Q2, let.GQ, let.GQ2)),
)  # fmt: skip


@cache
def loss_gap() -> Axiom:
    """(36), repaired: ℓ(ξ) − 𝓛* = (1/2K) Σ_k ‖Z̄δ_k‖²."""
    return Axiom("(36): ℓ − 𝓛*", gap, HALF * scalar("K", -1) * (let.ZD[i, k] ** 2).sum(i, k), ())


@cache
def loss_gap_next() -> Axiom:
    return Axiom("(36): ℓ′ − 𝓛*", gap_next, HALF * scalar("K", -1) * (let.ZD2[i, k] ** 2).sum(i, k), ())


@cache
def gap_at_start() -> Axiom:
    """(11)."""
    return Axiom("(11): Δ^(0) is ℓ − 𝓛* at the start", gap_next, Delta0, (), when="start")


@cache
def gradient_norm() -> Axiom:
    squares = (let.GA[h, k] ** 2).sum(h, k) + (let.GQ[h, p, q] ** 2).sum(h, p, q)
    return Axiom("‖∇ℓ‖² over all parameters", slope**2, squares, ())


@cache
def descent_41() -> tuple[Axiom, Axiom]:
    """(41)."""
    return (
        Axiom("(41), α", let.ALPHA2[h, k], let.ALPHA[h, k] - eta * let.GA[h, k], (h, k), when="next"),
        Axiom("(41), Q", let.Q2[h, p, q], let.Q[h, p, q] - eta * let.GQ[h, p, q], (h, p, q), when="next"),
    )


# (43), as hypotheses on the point ξ, and what they say of its letters


@cache
def alpha_43a() -> Fact:
    return Fact("(43a)", alpha_bar - let.NAH[h], (h,))


@cache
def alpha_43a_next() -> Fact:
    return Fact("(43a) at ξ′", DESCENT.at_next(alpha_43a().positive), (h,))


@cache
def rank_43b() -> Fact:
    return Fact("(43b)", let.LMIN[k] - HALF * zeta, (k,))


@cache
def loss_43c() -> Fact:
    return Fact("(43c)", power**2 * Delta0 - gap)


@cache
def entries_of_alpha(side: Side) -> Fact:
    """|α_{h,k}| ≤ ‖α_h‖₂ ≤ α."""
    within, norm = (alpha_43a(), let.NAH) if side is ONE else (alpha_43a_next(), let.NAH2)
    own = side.ALPHA[h, t] - delta(t, k) * side.ALPHA[h, k]
    return fact(
        "|α_{h,k}| ≤ ‖α_h‖₂ ≤ α", alpha_bar**2 - side.ALPHA[h, k] ** 2, (h, k),
        [Weight(alpha_bar + norm[h], fact=within, at=(h,)), Weight(root=own, bind=(t,))], [axiom(norm)],
    )  # fmt: skip


def image(side: Side) -> Expr:
    """‖B_kᵀξ‖²."""
    return ((let.XI[j] * side.B[h, j, k]).sum(j) ** 2).sum(h)


@cache
def eigenvalue(side: Side) -> Fact:
    """λ_min(B_kB_kᵀ) is the greatest c with ξᵀB_kB_kᵀξ ≥ c‖ξ‖² for every ξ."""
    letter, name = (let.LMIN, "λ_min(B_kB_kᵀ)") if side is ONE else (let.LMIN2, "λ_min(B′_kB′_kᵀ)")
    positive = image(side) - letter[k] * (let.XI[j] ** 2).sum(j)
    return Fact(
        f"{name} is the smallest eigenvalue", positive, (k,), any=(let.XI,), extreme=letter, when="always"
    )


def for_every_vector(least: Fact, side: Side, bound: Expr) -> Fact:
    """ξᵀB_kB_kᵀξ ≥ bound · ‖ξ‖² for every ξ, where λ_min(B_kB_kᵀ) is at least the bound."""
    return fact(
        f"{least.name}, for every ξ", image(side) - bound * (let.XI[j] ** 2).sum(j), (k,),
        [Weight(fact=eigenvalue(side), at=(k,)), Weight(root=let.XI[j], fact=least, at=(k,), bind=(j,))],
    )  # fmt: skip


@cache
def vectors_43b() -> Fact:
    """(43b), as (49) uses it."""
    return for_every_vector(rank_43b(), ONE, HALF * zeta)
