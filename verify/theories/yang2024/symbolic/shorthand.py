"""SymPy shorthands in the paper's letters, shared by the claims of this paper."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symbolic.indexed import Expr, Index, number, scalar
from symbolic.proof import Use
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import root_axiom as root_axiom
from verify.theories.yang2024.symbolic.derivation import derive, system_axiom
from verify.theories.yang2024.symbolic.letters import H as H
from verify.theories.yang2024.symbolic.letters import K as K
from verify.theories.yang2024.symbolic.letters import N as N
from verify.theories.yang2024.symbolic.letters import d as d
from verify.theories.yang2024.symbolic.letters import gamma as gamma
from verify.theories.yang2024.symbolic.letters import index, unused
from verify.theories.yang2024.symbolic.letters import m as m
from verify.theories.yang2024.symbolic.letters import tau as tau

i, j, l, n, k, t, a, b, c, e, p, q, h, g = sp.symbols("i j l n k t a b c e p q h g", integer=True)
L, ell, J = sp.Symbol("Loss"), sp.Symbol("ell"), sp.Symbol("Ridge")
E, E_eps, E_sq, at_A, at_alpha, at_ridge = (
    sp.Function(name) for name in ("E", "E_eps", "E_sq", "at_A", "at_alpha", "at_ridge")
)
delta = sp.KroneckerDelta

V, Z, y, w, alpha, Q, s = (let.TABLE[name].base for name in ("V", "Z", "y", "w", "alpha", "Q", "s"))
lam, eps, Ahat, Zbar, Minv, Ginv, xi, Zsq = (
    let.TABLE[name].base for name in ("lam", "eps", "Ahat", "Zbar", "Minv", "Ginv", "xi", "Zsq")
)


def over(dim: str, *symbols: sp.Symbol) -> list[tuple[sp.Symbol, sp.Expr, sp.Expr]]:
    """Limits of a sum; U stands for the unlabelled tokens N+1..K."""
    low, high = (N + 1, K) if dim == "U" else (sp.Integer(1), {"N": N, "K": K, "m": m, "d": d, "H": H}[dim])
    return [(symbol, low, high) for symbol in symbols]


def M(row: sp.Symbol, column: sp.Symbol) -> sp.Expr:
    """(ZᵀZ + mτI)_{row, column}."""
    return sp.Sum(Z[a, row] * Z[a, column], *over("m", a)) + m * tau * delta(row, column)


def target(row: sp.Symbol, token: sp.Symbol, *, prompt: bool) -> sp.Expr:
    """(Zᵀz_k + mτe_k)_row at a prompt token, (Zᵀz_k)_row at an unlabelled one."""
    gram = sp.Sum(Z[a, row] * Z[a, token], *over("m", a))
    return gram + m * tau * delta(row, token) if prompt else gram


def residual(row: sp.Symbol, token: sp.Symbol, *, prompt: bool) -> sp.Expr:
    """δ_k of (33) with the missing Zᵀ, entry `row`."""
    return Ahat[row, token] - sp.Sum(Minv[row, l] * target(l, token, prompt=prompt), *over("N", l))


# The same in kernel expressions, for cofactors.

half = number(Fraction(1, 2))
half_over_K = half * scalar("K", -1)
gamma_over_K = scalar("gamma") * scalar("K", -1)


def k_target(row: Index, token: Index) -> Expr:
    """R_{row, token}, prompt and unlabelled tokens in one formula."""
    return derive().target.at({index("j", "N"): row, index("k", "K"): token})


def k_solution(row: Index, token: Index) -> Expr:
    """(M⁻¹R)_{row, token}."""
    inner = unused("N")
    return (let.MINV[row, inner] * k_target(inner, token)).sum(inner)


def k_residual(row: Index, token: Index) -> Expr:
    """Â − M⁻¹R in the letter Â."""
    return let.AHAT[row, token] - k_solution(row, token)


def inverse_use(cofactor: Expr, row: Index, column: Index, bind: tuple[Index, ...]) -> Use:
    """cofactor · ((M⁻¹M)_{row, column} − δ), summed."""
    return Use(system_axiom(), cofactor, (row, column), bind)


def least_loss(*, repaired: bool) -> sp.Expr:
    """𝓛* of Lemma 5, as printed or with mτ at the unlabelled tokens too."""

    def part(prompt: bool) -> sp.Expr:
        quadratic = sp.Sum(
            target(j, k, prompt=prompt) * Minv[j, l] * target(l, k, prompt=prompt), *over("N", j, l)
        )
        norm = sp.Sum(Z[a, k] ** 2, *over("m", a))
        noise = m * tau if prompt or repaired else 0
        return sp.Sum(norm + noise - quadratic, *over("N" if prompt else "U", k)) / (2 * K)

    return part(True) + part(False)
