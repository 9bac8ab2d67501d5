"""The steps of Theorem 1 from t − 1 to t as facts: (63), Step 4, (49), and the induction over all of it.

Here ξ = ξ^(t−1) and ξ′ = ξ^(t), but for (43a) and (43b), which look back to the start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

from symbolic.bound import Fact, Substitute, Weight, by
from symbolic.indexed import Expr, number, scalar
from symbolic.rewrite import fact
from symbolic.rules import DescentLemma, Induction, Part, Supply
from verify.theories.yang2024.claims.steps import (
    HALF,
    Delta0,
    abar,
    eta,
    gap,
    least_14,
    next_43a,
    next_43b,
    power,
    ratio,
    ratio_squared,
    sigma,
    sigma_44,
    starts_at_zero,
)
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.course import (
    DESCENT,
    GRADIENT,
    alpha_43a,
    descent_41,
    entries_of_alpha,
    gap_at_start,
    gradient_norm,
    loss_43c,
    loss_gap,
    rank_43b,
    vectors_43b,
)
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import ONE, TWO, gamma, h, j, k, p, q, smallest_eigenvalue, zeta
from verify.theories.yang2024.symbolic.lemmas_lipschitz import repaired_10, sharp_10
from verify.theories.yang2024.symbolic.scalars import closed

Lip, gap_next, slope = (scalar(name) for name in ("Lip", "gapn", "ng"))


@cache
def rate_16() -> Fact:
    return Fact("(16): η_Q ≤ 1/L", 1 - eta * Lip)


# One step: ξ = ξ^(t−1), ξ′ = ξ^(t)


apart = ((let.Q[h, p, q] - let.Q2[h, p, q]) ** 2).sum(h, p, q) + (
    (let.ALPHA[h, k] - let.ALPHA2[h, k]) ** 2
).sum(h, k)
turned = ((let.GA[h, k] - let.GA2[h, k]) ** 2).sum(h, k) + ((let.GQ[h, p, q] - let.GQ2[h, p, q]) ** 2).sum(
    h, p, q
)
IN_NORMS = (axiom("nDQ"), axiom(let.DQ), axiom("nDA"))


@dataclass(frozen=True)
class Smoothness:
    """An L for which Lemma 10 is proved, where |α_{h,k}| ≤ α: what L² has to be at least, and the lemma for that."""

    name: str
    lemma: Callable[[], Fact]

    @cached_property
    def square(self) -> Expr:
        """What ‖ξ − ξ′‖² is multiplied by in the lemma."""
        terms = self.lemma().positive.terms.items()
        with_DA = (Expr({m: c}) for m, c in terms if dict(m.scalars).get("nDA") == 2)
        return sum((term * scalar("nDA", -2) for term in with_DA), number(0))

    @cached_property
    def least(self) -> Fact:
        """Condition: L is at least that."""
        return Fact(f"L is at least that of {self.name}", Lip**2 - self.square)

    @cached_property
    def lipschitz(self) -> Fact:
        """‖∇ℓ(ξ) − ∇ℓ(ξ′)‖² ≤ L²‖ξ − ξ′‖²."""
        step_Q, step_alpha = let.Q[h, p, q] - let.Q2[h, p, q], let.ALPHA[h, k] - let.ALPHA2[h, k]
        weights = [Weight(fact=self.lemma())]
        weights += [
            Weight(root=step_Q, fact=self.least, bind=(h, p, q)),
            Weight(root=step_alpha, fact=self.least, bind=(h, k)),
        ]
        return fact(f"Lemma 10 with L of {self.name}", Lip**2 * apart - turned, (), weights, list(IN_NORMS))


REPAIRED = Smoothness("the repaired (61)", repaired_10)
SHARPER = Smoothness("the sharper Lemma 10", sharp_10)


def model_63() -> Expr:
    """⟨∇ℓ(ξ), ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖²."""
    inner = (let.GA[h, k] * (let.ALPHA2[h, k] - let.ALPHA[h, k])).sum(h, k)
    inner = inner + (let.GQ[h, p, q] * (let.Q2[h, p, q] - let.Q[h, p, q])).sum(h, p, q)
    return inner + HALF * Lip * (scalar("nDQ", 2) + scalar("nDA", 2))


@cache
def descent_63(smooth: Smoothness) -> Fact:
    """(63), with an L for which ∇ℓ is Lipschitz."""
    rule = by(DescentLemma(DESCENT, GRADIENT, Lip, smooth.lipschitz), "(63)")
    return fact("(63), in norms", gap + model_63() - gap_next, (), [Weight(fact=rule)], list(IN_NORMS))


@cache
def supposed_63() -> Fact:
    """(63) as a condition of Step 4."""
    return Fact("(63)", gap + model_63() - gap_next)


@cache
def step_4(smooth: Smoothness | None = None) -> Fact:
    """(63) with the step (41), and η ≤ 1/L: gap − (η/2)‖∇ℓ‖² − gap′ = (63) + (η/2)(1 − ηL)‖∇ℓ‖²."""
    half_eta = HALF * eta
    return fact(
        "Step 4", gap - half_eta * slope**2 - gap_next, (),
        [
            Weight(fact=supposed_63() if smooth is None else descent_63(smooth)),
            Weight(half_eta, let.GA[h, k], rate_16(), bind=(h, k)),
            Weight(half_eta, let.GQ[h, p, q], rate_16(), bind=(h, p, q)),
        ],
        [gradient_norm(), *IN_NORMS, *descent_41()],
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
def next_43c(smooth: Smoothness | None = None) -> Fact:
    """One step of (43c)."""
    return fact(
        "(43c), one step", (1 - HALF * eta * sigma) * gap - gap_next, (),
        [Weight(fact=step_4(smooth)), Weight(fact=contraction())],
    )  # fmt: skip


# The induction


@cache
def start_43a() -> Fact:
    return fact(
        "(43a) at the start", abar - let.NAH2[h], (h,), [Weight(fact=starts_at_zero(), at=(h,)), Weight(abar)]
    )


@cache
def start_43b() -> Fact:
    """ζ_0 is the smallest of the eigenvalues at the start, by (14)."""
    positive = let.LMIN2[k] - HALF * zeta
    return fact("(43b) at the start", positive, (k,), [Weight(fact=least_14(), at=(k,)), Weight(HALF * zeta)])


@cache
def start_43c() -> Fact:
    return fact("(43c) at the start", Delta0 - gap_next, (), by=[gap_at_start()])


@cache
def following_43c(smooth: Smoothness) -> Fact:
    """(43c) at the next step, from all of (43)."""
    supplied = (entries_of_alpha(ONE), entries_of_alpha(TWO), vectors_43b())
    one_step = by(Supply(next_43c(smooth), supplied), "(43c), one step, with (43)")
    weights = (Weight(fact=one_step), Weight(ratio**2, fact=loss_43c()))
    return closed(
        "(43c) at the next step", (ratio * power) ** 2 * Delta0 - gap_next, weights, given=(ratio_squared(),)
    )


@cache
def parts(smooth: Smoothness) -> tuple[Part, ...]:
    """(43a) and (43b) at a step from (43) at all earlier steps; (43c) at the next step from all of (43)."""
    return (
        Part(alpha_43a(), start_43a(), next_43a()),
        Part(rank_43b(), start_43b(), next_43b()),
        Part(loss_43c(), start_43c(), following_43c(smooth)),
    )


@cache
def all_43a(smooth: Smoothness = REPAIRED) -> Fact:
    return by(Induction(DESCENT, parts(smooth), 0), "(43a) at every step", (h,))


@cache
def all_43b(smooth: Smoothness = REPAIRED) -> Fact:
    return by(Induction(DESCENT, parts(smooth), 1), "(43b) at every step", (k,))


@cache
def all_43c(smooth: Smoothness = REPAIRED) -> Fact:
    return by(Induction(DESCENT, parts(smooth), 2), "(43c) at every step")
