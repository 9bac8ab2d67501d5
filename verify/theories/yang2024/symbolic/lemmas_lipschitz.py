"""Proofs of (58)–(61): the facts of `lemmas_delta` and `lemmas_gradient` with the printed constants, squared and added up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

from symbolic.bound import CauchySchwarz, Fact, Root, Weight, by
from symbolic.indexed import Expr, Index, fresh, number, scalar
from symbolic.rewrite import fact
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import (
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
    k,
    mx,
    norm_DA,
    norm_DQ,
    norm_Zbar,
    one_position,
    p,
    q,
)
from verify.theories.yang2024.symbolic.lemmas_delta import (
    DAH,
    DQ,
    delta_bound,
    gradient_alpha_step,
    gradient_alpha_total,
    in_alpha,
    in_Q,
    per_K,
    root_H,
    root_K,
)
from verify.theories.yang2024.symbolic.lemmas_gradient import gradient_Q_step, sum_of_steps

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
    return Fact("max ≥ 1", mx - 1, when="always")


@cache
def mx_above_alpha() -> Fact:
    return Fact("max ≥ 4Kα²", mx - 4 * K * alpha_bar**2, when="always")


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


# In one distance, and sharper: (ax + by)² ≤ (a² + b²)(x² + y²)


def length(name: str, letter: Expr, index: Index, root: Expr, total: Expr, by_: str) -> Fact:
    """√n · total ≥ Σ letter, where total² = Σ letter² over n = root² values of the index."""
    other = fresh(index.dim)
    squared = fact(
        f"{name}, squared", (root * total) ** 2 - letter.sum(index) ** 2, (),
        [Weight(number(HALF), letter - letter.at({index: other}), bind=(index, other))],
        [axiom(by_), axiom(let.DAH)],
    )  # fmt: skip
    return by(Root(letter.sum(index), root * total, squared), name)


@cache
def heads_of_Q() -> Fact:
    return length("√H√Σ‖Q_h − Q′_h‖² ≥ Σ_h‖Q_h − Q′_h‖", DQ, h, root_H, norm_DQ, "nDQ")


@cache
def heads_of_alpha() -> Fact:
    return length("√H‖α − α′‖ ≥ Σ_h‖α_h − α′_h‖", DAH, h, root_H, norm_DA, "nDA")


@cache
def heads_of_both() -> Fact:
    """Cauchy–Schwarz over the heads."""
    of_Q = fact("Σ_h‖Q_h − Q′_h‖²", norm_DQ**2 - (DQ**2).sum(h), by=[axiom("nDQ")])
    of_alpha = fact("Σ_h‖α_h − α′_h‖²", norm_DA**2 - (DAH**2).sum(h), by=[axiom("nDA"), axiom(let.DAH)])
    return by(
        CauchySchwarz(norm_DQ, norm_DA, DQ, DAH, (h,), of_Q, of_alpha),
        "Σ_h‖Q_h − Q′_h‖‖α_h − α′_h‖ ≤ the product",
    )


def square_of_two(name: str, a: Expr, b: Expr, less: Weight, lhs: Expr) -> Fact:
    """(a² + b²)‖ξ − ξ′‖² ≥ lhs, where the weight shows (a‖ΔQ‖ + b‖Δα‖)² ≥ lhs."""
    return fact(
        name, (a**2 + b**2) * (norm_DQ**2 + norm_DA**2) - lhs, (),
        [Weight(root=a * norm_DA - b * norm_DQ), less],
    )  # fmt: skip


@cache
def one_distance_55(kappa: Factor) -> Fact:
    """(55) without its factor 2, and κ in the place of 2."""
    of_Q, of_alpha = root_K * in_Q(kappa), in_alpha
    moved_alpha = ((let.GA[h, k] - let.GA2[h, k]) ** 2).sum(h, k)
    together = fact(
        "Σ_k of (54)", (of_Q * norm_DQ + of_alpha * norm_DA) ** 2 - moved_alpha, (),
        [
            Weight(fact=gradient_alpha_step(kappa), at=(k,), bind=(k,)),
            Weight(2 * in_Q(kappa) * of_alpha * norm_DQ, fact=sum_of_steps()),
        ],
        [axiom("nDA"), axiom(let.DAK)],
    )  # fmt: skip
    return square_of_two("(55) without 2", of_Q, of_alpha, Weight(fact=together), moved_alpha)


@cache
def one_distance_59(kappa: Factor) -> Fact:
    """(59) from (58) by the triangle inequality over the heads: no maximum, no N."""
    slope = HEAD * alpha_bar * gamma * root_H
    in_x, in_y = kappa.value * slope * K * alpha_bar, slope * root_K  # of both distances, at every head
    in_z, in_w = HEAD * delta_bound * root_K, 3 * HEAD * delta_bound * K * alpha_bar  # of those of the head
    every = in_x * norm_DQ + in_y * norm_DA
    of_Q, of_alpha = root_H * in_x + in_w, root_H * in_y + in_z
    together = fact(
        "Σ_h of (58)", (of_Q * norm_DQ + of_alpha * norm_DA) ** 2 - moved.sum(h), (),
        [
            Weight(fact=gradient_Q_step(kappa), at=(h,), bind=(h,)),
            Weight(2 * every * in_w, fact=heads_of_Q()),
            Weight(2 * every * in_z, fact=heads_of_alpha()),
            Weight(2 * in_z * in_w, fact=heads_of_both()),
        ],
        [axiom("nDQ"), axiom("nDA"), axiom(let.DAH)],
    )  # fmt: skip
    return square_of_two("(59) in one distance", of_Q, of_alpha, Weight(fact=together), moved.sum(h))


@cache
def sharp_10() -> Fact:
    """Lemma 10 with what (55) and (59) sharpen to."""
    parts = (one_distance_55(SHARP), one_distance_59(SHARP))
    return fact(
        "Lemma 10, sharper", parts[0].positive + parts[1].positive, (), [Weight(fact=part) for part in parts]
    )
