"""The steps of Theorem 1 from t − 1 to t as facts: (63), Step 4, (49), and the induction over all of it.

Here ξ = ξ^(t−1) and ξ′ = ξ^(t), but for (43a) and (43b), which look back to the start.
"""

from __future__ import annotations

from functools import cache

from symbolic import letters as let
from symbolic.bound import Declared, Fact, Substitute, Weight, by
from symbolic.definitions import axiom
from symbolic.indexed import Expr, number, scalar
from symbolic.proof import Axiom
from symbolic.rewrite import fact
from symbolic.scalars import defines
from verify.claims.yang2024.lemmas import (
    ONE,
    PLAIN,
    TWO,
    Factor,
    bounded_alpha,
    gamma,
    h,
    i,
    j,
    k,
    mx,
    p,
    q,
    smallest_eigenvalue,
    zeta,
)
from verify.claims.yang2024.lemmas_delta import in_alpha, in_Q
from verify.claims.yang2024.lemmas_lipschitz import HEAD, bracket_Q, repaired_10
from verify.claims.yang2024.steps import (
    HALF,
    Delta0,
    abar,
    earlier_alpha,
    earlier_gaps,
    eta,
    gap,
    next_43a,
    next_43b,
    power,
    sigma,
    sigma_44,
    starts_at_zero,
)

Lip, gap_next, slope = (scalar(name) for name in ("Lip", "gapn", "ng"))


@cache
def rate_16() -> Fact:
    return Fact("(16): η_Q ≤ 1/L", 1 - eta * Lip)


# One step: ξ = ξ^(t−1), ξ′ = ξ^(t)


@cache
def loss_gap() -> Axiom:
    """(36), repaired: ℓ(ξ) − 𝓛* = (1/2K) Σ_k ‖Z̄δ_k‖²."""
    return Axiom("(36): ℓ − 𝓛*", gap, HALF * scalar("K", -1) * (let.ZD[i, k] ** 2).sum(i, k), ())


@cache
def gradient_norm() -> Axiom:
    squares = (let.GA[h, k] ** 2).sum(h, k) + (let.GQ[h, p, q] ** 2).sum(h, p, q)
    return Axiom("‖∇ℓ‖² over all parameters", slope**2, squares, ())


@cache
def descent_41() -> tuple[Axiom, Axiom]:
    """(41)."""
    return (
        Axiom("(41), α", let.ALPHA2[h, k], let.ALPHA[h, k] - eta * let.GA[h, k], (h, k)),
        Axiom("(41), Q", let.Q2[h, p, q], let.Q[h, p, q] - eta * let.GQ[h, p, q], (h, p, q)),
    )


@cache
def smoothness_61() -> Axiom:
    """The repaired (61): L² with 8γ²f̄_max²‖Z̄‖₂²/K where 8γf̄_max‖Z̄‖₂ is printed."""
    twice = Factor(number(2), PLAIN.enough)
    of_alpha = 2 * (scalar("K") * in_Q(twice) ** 2 + in_alpha**2)
    return defines(
        "Lip", of_alpha + 8 * HEAD**2 * scalar("K") * mx * bracket_Q, power=2, says="(61), repaired"
    )


@cache
def lipschitz(*, proved: bool = False) -> Fact:
    """Lemma 10: ‖∇ℓ(ξ) − ∇ℓ(ξ′)‖ ≤ L‖ξ − ξ′‖ where |α_{h,k}| ≤ α; proved for L of the repaired (61), supposed of any other."""
    of_alpha, of_Q = let.GA[h, k] - let.GA2[h, k], let.GQ[h, p, q] - let.GQ2[h, p, q]
    moved = (of_alpha**2).sum(h, k) + (of_Q**2).sum(h, p, q)
    positive = Lip**2 * (scalar("nDQ", 2) + scalar("nDA", 2)) - moved
    if not proved:
        return Fact("Lemma 10: ∇ℓ is L-Lipschitz", positive)
    return fact("Lemma 10, repaired", positive, (), [Weight(fact=repaired_10())], [smoothness_61()])


def model_63() -> Expr:
    """⟨∇ℓ(ξ), ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖²."""
    inner = (let.GA[h, k] * (let.ALPHA2[h, k] - let.ALPHA[h, k])).sum(h, k)
    inner = inner + (let.GQ[h, p, q] * (let.Q2[h, p, q] - let.Q[h, p, q])).sum(h, p, q)
    return inner + HALF * Lip * (scalar("nDQ", 2) + scalar("nDA", 2))


@cache
def descent_63(*, proved: bool = False) -> Fact:
    return by(
        Declared(
            "descent lemma",
            gap + model_63() - gap_next,
            (lipschitz(proved=proved), bounded_alpha(ONE), bounded_alpha(TWO)),
        ),
        "(63)",
    )


@cache
def step_4(*, proved: bool = False) -> Fact:
    """(63) with the step (41), and η ≤ 1/L: gap − (η/2)‖∇ℓ‖² − gap′ = (63) + (η/2)(1 − ηL)‖∇ℓ‖²."""
    half_eta = HALF * eta
    return fact(
        "Step 4", gap - half_eta * slope**2 - gap_next, (),
        [
            Weight(fact=descent_63(proved=proved)),
            Weight(half_eta, let.GA[h, k], rate_16(), bind=(h, k)),
            Weight(half_eta, let.GQ[h, p, q], rate_16(), bind=(h, p, q)),
        ],
        [gradient_norm(), axiom("nDQ"), axiom(let.DQ), axiom("nDA"), *descent_41()],
    )  # fmt: skip


@cache
def polyak_49() -> Fact:
    """‖∇ℓ‖² ≥ σ(ℓ − 𝓛*) where (43b) holds."""
    image = by(Substitute(smallest_eigenvalue(), let.XI, let.ZD[j, k], (j,)), "(43b) at Z̄δ_k", (k,))
    head = gamma**2 * scalar("K", -2)
    return fact(
        "(49)", slope**2 - sigma * gap, (),
        [Weight(head, fact=image, at=(k,), bind=(k,)), Weight(root=let.GQ[h, p, q], bind=(h, p, q))],
        [gradient_norm(), axiom(let.GA), sigma_44(), loss_gap()],
    )  # fmt: skip


@cache
def contraction() -> Fact:
    """ℓ − 𝓛* − (η/2)‖∇ℓ‖² ≤ (1 − ησ/2)(ℓ − 𝓛*)."""
    positive = (1 - HALF * eta * sigma) * gap - gap + HALF * eta * slope**2
    return fact("Step 4, contraction", positive, (), [Weight(HALF * eta, fact=polyak_49())])


@cache
def next_43c(*, proved: bool = False) -> Fact:
    """One step of (43c)."""
    return fact(
        "(43c), one step", (1 - HALF * eta * sigma) * gap - gap_next, (),
        [Weight(fact=step_4(proved=proved)), Weight(fact=contraction())],
    )  # fmt: skip


# The induction


@cache
def start_43b() -> Fact:
    """λ_min(B_k^(0) B_k^(0)ᵀ) ≥ ζ_0 is what (14) says."""
    smallest = Fact("(14): ζ_0 ≤ λ_min", let.LMIN2[k] - zeta, (k,))
    return fact(
        "(43b) at the start",
        let.LMIN2[k] - HALF * zeta,
        (k,),
        [Weight(fact=smallest, at=(k,)), Weight(HALF * zeta)],
    )


@cache
def start_43a() -> Fact:
    return fact(
        "(43a) at the start", abar - let.NAH2[h], (h,), [Weight(fact=starts_at_zero(), at=(h,)), Weight(abar)]
    )


def premises(*, proved: bool = False) -> tuple[Fact, ...]:
    """Start and step of all three hypotheses: (43a) and (43c) at earlier steps give (43a), (43b) at step t, those give (43c)."""
    return start_43a(), start_43b(), next_43a(), next_43b(), next_43c(proved=proved)


def every_step(positive: Expr, *, proved: bool = False) -> Declared:
    """What the induction gives: (43) at the steps before, and (43a), (43b) at the step in hand, are its hypotheses."""
    before = earlier_alpha(), earlier_gaps(), smallest_eigenvalue(), bounded_alpha(ONE), bounded_alpha(TWO)
    return Declared("induction", positive, premises(proved=proved), before)


@cache
def all_43a(*, proved: bool = False) -> Fact:
    return by(every_step(abar - let.NAH[h], proved=proved), "(43a)", (h,))


@cache
def all_43b(*, proved: bool = False) -> Fact:
    return by(every_step(let.LMIN[k] - HALF * zeta, proved=proved), "(43b)", (k,))


@cache
def all_43c(*, proved: bool = False) -> Fact:
    """With `proved`, down to the proof of Lemma 10; otherwise it stands among the hypotheses, being a claim of its own."""
    return by(every_step(power**2 * Delta0 - gap_next, proved=proved), "(43c)")
