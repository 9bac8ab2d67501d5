"""Proofs of (58)–(61): the facts of `lemmas_delta` and `lemmas_gradient` with the printed constants, squared and added up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

from symbolic import letters as let
from symbolic.bound import Fact, Root, Weight, by
from symbolic.definitions import axiom
from symbolic.indexed import Expr, number, scalar
from symbolic.rewrite import fact
from verify.claims.yang2024.lemmas import (
    HALF,
    PLAIN,
    SHARP,
    Factor,
    H,
    K,
    N,
    alpha_bar,
    f_max,
    gamma,
    h,
    mx,
    norm_DA,
    norm_DQ,
    norm_Zbar,
    one_position,
    p,
    q,
)
from verify.claims.yang2024.lemmas_delta import (
    DAH,
    DQ,
    delta_bound,
    gradient_alpha_total,
    in_alpha,
    in_Q,
    per_K,
    root_H,
    root_K,
)
from verify.claims.yang2024.lemmas_gradient import gradient_Q_step

HEAD = gamma * per_K * f_max * norm_Zbar
root_N = scalar("N", HALF)
moved = ((let.GQ[h, p, q] - let.GQ2[h, p, q]) ** 2).sum(p, q)


@dataclass(frozen=True)
class Four:
    """Factors of the four terms of (58): γ²H… of √Σ‖Q_h − Q′_h‖², of ‖α − α′‖_F, of ‖α_h − α′_h‖₂, and of ‖Q_h − Q′_h‖_F."""

    first: Expr
    second: Expr
    third: Expr
    fourth: Expr

    def terms(self) -> tuple[Expr, Expr, Expr, Expr]:
        slope = HEAD * alpha_bar * gamma * root_H
        return (
            self.first * slope * K * alpha_bar * norm_DQ, self.second * slope * root_K * norm_DA,
            self.third * HEAD * delta_bound * root_K * DAH, self.fourth * HEAD * delta_bound * K * alpha_bar * DQ,
        )  # fmt: skip

    @property
    def bound(self) -> Expr:
        return sum(self.terms(), number(0))


PRINTED = Four(number(4), number(2), number(2), 8 * root_N)


def sharp(kappa: Factor) -> Four:
    return Four(kappa.value, number(1), number(1), number(3))


@cache
def root_of_N() -> Fact:
    return by(Root(number(1), root_N, one_position()), "√N ≥ 1")


@cache
def printed_58() -> Fact:
    """What is printed exceeds what was proved: 8√N ≥ 3√N ≥ 3."""
    smaller, larger = sharp(PLAIN).bound, PRINTED.bound
    last = HEAD * delta_bound * K * alpha_bar * DQ
    excess = larger - smaller - 3 * last * (root_N - 1)
    less = fact(
        "the printed right side is larger",
        larger - smaller,
        (h,),
        [Weight(3 * last, fact=root_of_N()), Weight(excess)],
    )
    return fact(
        "(58)", larger**2 - moved, (h,),
        [Weight(fact=gradient_Q_step(PLAIN), at=(h,)), Weight(larger + smaller, fact=less, at=(h,))],
    )  # fmt: skip


def squares(four: Four, of: Fact, name: str) -> Fact:
    """4 Σ_h Σ r² − Σ_h ‖∂ℓ/∂Q_h − ∂ℓ′/∂Q_h‖² ≥ 0: Lemma 3 on the four terms r of (58)."""
    a, b, c, d = four.terms()
    spread_out = 4 * (a**2 + b**2).sum(h)
    collected = (
        4 * (four.third * HEAD * delta_bound) ** 2 * K * norm_DA**2
        + 4 * (four.fourth * HEAD * delta_bound * K * alpha_bar) ** 2 * norm_DQ**2
    )
    return fact(
        name, spread_out + collected - moved.sum(h), (),
        [
            *(Weight(root=one - other, bind=(h,)) for one, other in combinations((a, b, c, d), 2)),
            Weight(fact=of, at=(h,), bind=(h,)),
        ],
        [axiom("nDQ"), axiom("nDA"), axiom(let.DAH)],
    )  # fmt: skip


@cache
def sharp_59(kappa: Factor) -> Fact:
    return squares(sharp(kappa), gradient_Q_step(kappa), "(59) with κ")


slope2 = (alpha_bar * gamma * H) ** 2
bracket_Q = slope2 + 4 * N * delta_bound**2
bracket_alpha = slope2 + delta_bound**2


@cache
def repaired_59(factor: int) -> Fact:
    """factor · (γf̄_max‖Z̄‖₂/K)² {…}, for a factor of at least 4; N ≥ 1 stands in the place of N."""
    sharper = sharp_59(PLAIN)
    head, of_N = factor * HEAD**2, 16 * factor * (HEAD * K * alpha_bar * delta_bound * norm_DQ) ** 2
    right = head * ((2 * K * alpha_bar) ** 2 * bracket_Q * norm_DQ**2 + K * bracket_alpha * norm_DA**2)
    positive = right - moved.sum(h)
    return fact(
        "(59), repaired", positive, (),
        [
            Weight(fact=sharper), Weight(of_N, fact=one_position()),
            Weight(positive - sharper.positive - of_N * (N - 1)),
        ],
    )  # fmt: skip


# max{1, (2√K α)²}


@cache
def mx_above_one() -> Fact:
    return Fact("max ≥ 1", mx - 1)


@cache
def mx_above_alpha() -> Fact:
    return Fact("max ≥ 4Kα²", mx - 4 * K * alpha_bar**2)


def joined(head: Expr, name: str, known: tuple[Weight, ...], lhs: Expr) -> Fact:
    """head·K·max·[…](‖ΔQ‖² + ‖Δα‖²) ≥ lhs, where `known` shows head·{(2Kα)²[…]‖ΔQ‖² + K[…]‖Δα‖²} ≥ lhs."""
    extra = head * K * norm_DA**2
    return fact(
        name, head * K * mx * bracket_Q * (norm_DQ**2 + norm_DA**2) - lhs, (),
        [
            *known,
            Weight(head * K * bracket_Q * norm_DQ**2, fact=mx_above_alpha()),
            Weight(extra * bracket_Q, fact=mx_above_one()),
            Weight(4 * extra * delta_bound**2, fact=one_position()),
            Weight(3 * extra * delta_bound**2),
        ],
    )  # fmt: skip


@cache
def second_step_59() -> Fact:
    """The second ≤ of (59), as printed."""
    head = 8 * HEAD
    braces = (2 * K * alpha_bar) ** 2 * bracket_Q * norm_DQ**2 + K * bracket_alpha * norm_DA**2
    return joined(head, "(59), second step", (), head * braces)


@cache
def joint_59(factor: int) -> Fact:
    """factor · (γ²f̄_max²‖Z̄‖₂²/K) max{1, (2√K α)²}[…]‖ξ − ξ′‖²."""
    return joined(factor * HEAD**2, "(59), jointly", (Weight(fact=repaired_59(factor)),), moved.sum(h))


@cache
def printed_55() -> Fact:
    """(55): its right side adds the two coefficients, where each distance needs its own alone."""
    twice = Factor(number(2), PLAIN.enough)
    sharper = gradient_alpha_total(PLAIN)
    moved_alpha = 2 * K * in_Q(PLAIN) ** 2 * norm_DQ**2 + 2 * in_alpha**2 * norm_DA**2 - sharper.positive
    right = 2 * (K * in_Q(twice) ** 2 + in_alpha**2) * (norm_DQ**2 + norm_DA**2)
    return fact(
        "(55)",
        right - moved_alpha,
        (),
        [Weight(fact=sharper), Weight(right - moved_alpha - sharper.positive)],
    )


@cache
def repaired_10(factor: int = 8) -> Fact:
    """(60) with the repaired (61): (55) and the repaired (59), added."""
    parts = (printed_55(), joint_59(factor))
    return fact(
        "Lemma 10, repaired", parts[0].positive + parts[1].positive, (), [Weight(fact=part) for part in parts]
    )


@cache
def sharp_10() -> Fact:
    """‖∇ℓ − ∇ℓ′‖² ≤ L_Q²‖ΔQ‖² + L_α²‖Δα‖² with what (55) and (59) sharpen to."""
    parts = (gradient_alpha_total(SHARP), sharp_59(SHARP))
    return fact(
        "Lemma 10, sharper", parts[0].positive + parts[1].positive, (), [Weight(fact=part) for part in parts]
    )
