"""The statements of the Lipschitz bounds, as printed, repaired and sharper: (51), (54), (55), (58), (59), Lemma 10."""

from __future__ import annotations

import sympy as sp

from verify.statement import Inequality
from verify.theories.yang2024.claims.notation_bounds import (
    alpha_bar,
    below,
    dah,
    dak,
    del2,
    del_,
    delta_bound,
    dQ,
    f_max,
    ga,
    ga2,
    gQ,
    gQ2,
    mx,
    norm2,
    norm_A,
    norm_DA,
    norm_DQ,
    norm_Zbar,
)
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import lemmas_delta, lemmas_gradient, lemmas_lipschitz
from verify.theories.yang2024.symbolic.lemmas import PLAIN, SHARP
from verify.theories.yang2024.symbolic.shorthand import H, K, N, gamma, h, j, k, p, q

step_delta = norm2(del_[j, k] - del2[j, k], j="N")
step_ga = ga[h, k] - ga2[h, k]
step_gQ = gQ[h, p, q] - gQ2[h, p, q]
in_alpha = gamma**2 / K * H * norm_Zbar**2
square = norm_DQ**2 + norm_DA**2  # ‖ξ − ξ′‖²
slope = (alpha_bar * gamma * H) ** 2
bracket_Q, bracket_alpha = slope + 4 * N * delta_bound**2, slope + delta_bound**2
HEAD = gamma * f_max * norm_Zbar / K
inv_root2 = sp.Symbol("root2", nonnegative=True) / 2


def in_Q(factor: sp.Expr) -> sp.Expr:
    """The coefficient of √Σ‖Q_h − Q′_h‖² in (54); `factor` is 2 as printed."""
    return factor * gamma / K * norm_Zbar**2 * (2 * gamma * H * alpha_bar + norm_A)


def eq_51(factor: sp.Expr = 2) -> tuple[Inequality, ...]:
    rhs = (factor * gamma * sp.sqrt(H) * alpha_bar * norm_DQ + gamma * sp.sqrt(H) * dak[k]) ** 2
    kappa = PLAIN if factor == 2 else SHARP
    return (below(step_delta, rhs, lambda: lemmas_delta.delta_step(kappa), {"k": "K"}),)


def eq_54(factor: sp.Expr = 2) -> tuple[Inequality, ...]:
    rhs = (in_Q(factor) * norm_DQ + in_alpha * dak[k]) ** 2
    kappa = PLAIN if factor == 2 else SHARP
    return (below(norm2(step_ga, h="H"), rhs, lambda: lemmas_delta.gradient_alpha_step(kappa), {"k": "K"}),)


def eq_55() -> tuple[Inequality, ...]:
    rhs = 2 * (K * in_Q(sp.Integer(2)) ** 2 + in_alpha**2) * square
    return (below(norm2(step_ga, h="H", k="K"), rhs, lemmas_lipschitz.printed_55, squared=False),)


def eq_55_sharper() -> tuple[Inequality, ...]:
    rhs = (K * in_Q(inv_root2) ** 2 + in_alpha**2) * square
    lhs = norm2(step_ga, h="H", k="K")
    return (below(lhs, rhs, lambda: lemmas_lipschitz.one_distance_55(SHARP), squared=False),)


def four(first: sp.Expr, second: sp.Expr, third: sp.Expr, fourth: sp.Expr) -> sp.Expr:
    """The right side of (58) with these factors of its four terms; as printed they are 4, 2, 2, 8√N."""
    of_delta = alpha_bar * gamma * sp.sqrt(H)
    return HEAD * (
        of_delta * (first * K * alpha_bar * norm_DQ + second * sp.sqrt(K) * norm_DA)
        + third * delta_bound * sp.sqrt(K) * dah[h]
        + fourth * delta_bound * alpha_bar * K * dQ[h]
    )


def eq_58() -> tuple[Inequality, ...]:
    rhs = four(4, 2, 2, 8 * sp.sqrt(N)) ** 2
    return (below(norm2(step_gQ, p="d", q="d"), rhs, lemmas_lipschitz.printed_58, {"h": "H"}),)


def eq_58_sharper() -> tuple[Inequality, ...]:
    rhs = four(inv_root2, 1, 1, 3) ** 2
    lhs = norm2(step_gQ, p="d", q="d")
    return (below(lhs, rhs, lambda: lemmas_gradient.gradient_Q_step(SHARP), {"h": "H"}),)


# (59) and Lemma 10

moved_Q = norm2(step_gQ, h="H", p="d", q="d")
moved = norm2(step_ga, h="H", k="K") + moved_Q
braces = (2 * K * alpha_bar) ** 2 * bracket_Q * norm_DQ**2 + K * bracket_alpha * norm_DA**2
PRINTED_59 = 8 * HEAD
of_alpha = 2 * ((2 * gamma * norm_Zbar**2 * (2 * gamma * H * alpha_bar + norm_A)) ** 2 / K + in_alpha**2)


def eq_59(factor: int | None = None) -> tuple[Inequality, ...]:
    """As printed, or with factor · (γf̄_max‖Z̄‖₂/K)²."""
    if factor is None:
        return (inequality(moved_Q, PRINTED_59 * braces),)
    rhs = factor * HEAD**2 * braces
    return (below(moved_Q, rhs, lambda: lemmas_lipschitz.repaired_59(factor), squared=False),)


def eq_59_max() -> tuple[Inequality, ...]:
    lhs, rhs = PRINTED_59 * braces, PRINTED_59 * K * mx * bracket_Q * square
    return (below(lhs, rhs, lemmas_lipschitz.second_step_59, squared=False),)


def eq_59_joint(factor: int | None = None) -> tuple[Inequality, ...]:
    rest = K * mx * bracket_Q * square
    if factor is None:
        return (inequality(moved_Q, PRINTED_59 * rest),)
    rhs = factor * HEAD**2 * rest
    return (below(moved_Q, rhs, lambda: lemmas_lipschitz.joint_59(factor), squared=False),)


def lemma_10(factor: int | None = None) -> tuple[Inequality, ...]:
    if factor is None:
        return (inequality(moved, (of_alpha + PRINTED_59 * K * mx * bracket_Q) * square, squared=True),)
    rhs = (of_alpha + factor * HEAD**2 * K * mx * bracket_Q) * square
    return (below(moved, rhs, lambda: lemmas_lipschitz.repaired_10(factor)),)


# In one distance, without maximum and without N
of_Q_sharper = (gamma * f_max * norm_Zbar) ** 2 * (
    alpha_bar**2 * (inv_root2 * alpha_bar * gamma * H + 3 * delta_bound) ** 2
    + (alpha_bar * gamma * H + delta_bound) ** 2 / K
)


def eq_59_sharper() -> tuple[Inequality, ...]:
    return (
        below(moved_Q, of_Q_sharper * square, lambda: lemmas_lipschitz.one_distance_59(SHARP), squared=False),
    )


def lemma_10_sharper() -> tuple[Inequality, ...]:
    of_alpha_sharper = K * in_Q(inv_root2) ** 2 + in_alpha**2
    return (below(moved, (of_alpha_sharper + of_Q_sharper) * square, lemmas_lipschitz.sharp_10),)
