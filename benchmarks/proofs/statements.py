"""Statements that both sides of a benchmark get, in SymPy, for any sizes. Z̄Z̄ is written as ZᵀZ + mτI, so that no root is taken."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from verify.theories.yang2024.claims.expansion import loss_at
from verify.theories.yang2024.claims.gradients import shift
from verify.theories.yang2024.symbolic.shorthand import (
    K,
    L,
    Q,
    V,
    Z,
    a,
    alpha,
    delta,
    ell,
    gamma,
    h,
    j,
    k,
    least_loss,
    m,
    over,
    p,
    q,
    residual,
    s,
    target,
    tau,
)
from verify.theories.yang2024.symbolic.shorthand import Minv as inverse
from verify.theories.yang2024.symbolic.shorthand import l as other


@dataclass(frozen=True)
class Stated:
    """lhs = rhs for all values of the free indices."""

    lhs: sp.Expr
    rhs: sp.Expr
    dims: dict[str, str] = field(default_factory=dict)


row, column, position = sp.symbols("r c t", integer=True)


def gram(left: sp.Symbol, right: sp.Symbol) -> sp.Expr:
    """(ZᵀZ + mτI) at two prompt positions."""
    return sp.Sum(Z[a, left] * Z[a, right], *over("m", a)) + m * tau * delta(left, right)


def distance(*, prompt: bool) -> sp.Expr:
    """‖Z̄(â_k − M⁻¹(Zᵀz_k + mτe_k))‖², the last summand for a prompt token only."""
    left, right = (residual(index, k, prompt=prompt) for index in (row, column))
    return sp.Sum(left * gram(row, column) * right, *over("N", row, column))


def square(*, prompt: bool) -> Stated:
    """(78) for a labelled token, (79) with its noise for an unlabelled one."""
    quadratic = sp.Sum(
        target(j, k, prompt=prompt) * inverse[j, other] * target(other, k, prompt=prompt),
        *over("N", j, other),
    )
    constant = -quadratic + sp.Sum(Z[a, k] ** 2, *over("m", a)) + m * tau
    return Stated(loss_at(k), (distance(prompt=prompt) + constant) / 2, {"k": "N" if prompt else "U"})


def squares() -> tuple[Stated, ...]:
    """(78) and the repaired (79)."""
    return square(prompt=True), square(prompt=False)


def lemma_5() -> tuple[Stated, ...]:
    """The repaired (36), 𝓛 as a function of Â."""
    parts = [sp.Sum(distance(prompt=prompt), *over("N" if prompt else "U", k)) for prompt in (True, False)]
    return (Stated(L, sum(parts) / (2 * K) + least_loss(repaired=True)),)


def gradient_Q() -> tuple[Stated, ...]:
    """(82), with the inner product (Z̄δ_k)ᵀz̄_j = (Mδ_k)_j."""
    inner = sp.Sum(gram(j, column) * shift(column), *over("N", column))  # shift binds n
    softmax = (
        alpha[h, k]
        * s[h, j, k]
        * sp.Sum(s[h, position, k] * (V[p, j] - V[p, position]), *over("N", position))
    )
    right = gamma / K * sp.Sum(inner * softmax * V[q, k], *over("K", k), *over("N", j))
    return (Stated(sp.Derivative(ell, Q[h, p, q], evaluate=False), right, {"h": "H", "p": "d", "q": "d"}),)


__all__ = ["Stated", "gradient_Q", "lemma_5", "squares"]
