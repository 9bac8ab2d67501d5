"""Ridge forms: the push-through (65), (66), and the best predictor (24), (25)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from verify.prove.identity import Decide
from verify.record import Witness
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.enclose import EncloseIdentity
from verify.theories.yang2024.checks.refuted import Refuted
from verify.theories.yang2024.claims.inference import fresh_noise
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic.shorthand import (
    Ginv,
    Minv,
    Z,
    a,
    b,
    delta,
    j,
    k,
    l,
    m,
    n,
    over,
    target,
    tau,
)


def woodbury() -> tuple[Identity, ...]:
    """(65), entry (j, n)."""
    inner = sp.Sum(Z[a, j] * Ginv[a, b] * Z[b, n], *over("m", a, b))
    right = (delta(j, n) - inner) / (m * tau)
    return (identity(Minv[j, n], right, {"j": "N", "n": "N"}),)


def second_display(size: Mapping[str, int]) -> Any:
    """The right block of Zᵀ(mτI_m + ZZᵀ)⁻¹(0, Zᵀ) of (66) in SymPy matrices."""
    Z_ = sp.MatrixSymbol("Z", size["m"], size["N"])
    return Z_.T * sp.Inverse(m * tau * sp.Identity(size["m"]) + Z_ * Z_.T) * Z_.T


def middle_of_chain() -> Witness | None:
    """N = m = 1, K = 2, where the middle of (66) types: entry 2 of it is z_1(τ + z_1²)⁻¹z_1, that of A (z_1² + τ)⁻¹z_1z_2."""
    z, tau_ = (Fraction(1), Fraction(0)), Fraction(1)
    inverse_ = 1 / (z[0] ** 2 + tau_)
    of_A, middle = inverse_ * z[0] * z[1], z[0] * inverse_ * z[0]
    if of_A == middle:
        return None
    return Witness(
        summary="Zᵀ is N×m where the block is m×(K−N): (0, Zᵀ) does not type unless N = m and K = 2N. Where it does, at N = 1, K = 2, "
        f"m = 1 (entry j = 1, k = 2) A is {of_A} and the middle of the chain {middle}",
        sizes={"N": 1, "K": 2, "m": 1}, values={"Z": f"[({z[0]}, {z[1]})]", "tau": str(tau_)}, lhs=str(of_A), rhs=str(middle),
        method="shape check of the printed expression; exact rational arithmetic where it types", exact=True,
    )  # fmt: skip


def columns_of_A() -> tuple[Identity, ...]:
    """A = (I_N, Zᵀ(mτI + ZZᵀ)⁻¹Z^Q), block by block."""

    def entry(prompt: bool) -> sp.Expr:
        return sp.Sum(Minv[j, l] * target(l, k, prompt=prompt), *over("N", l))

    query = sp.Sum(Z[a, j] * Ginv[a, b] * Z[b, k], *over("m", a, b))
    return (
        identity(entry(True), delta(j, k), {"j": "N", "k": "N"}),
        identity(entry(False), query, {"j": "N", "k": "U"}),
    )


A_66 = r"A=(Z^\top Z+m\tau I_N)^{-1}\left(Z^\top\hat Z+(m\tau I_N,0)\right)"

CLAIMS = (
    Claim(
        id="eq-25",
        title="The best predictor is ridge regression with penalty Nτ",
        source="(24), (25)",
        form="printed",
        statement=(
            (
                r"\arg\min_\lambda\mathbb{E}_{\tilde\epsilon}\left[\tfrac1{2N}\sum(y_i-\lambda^\top(f(v_i)+\epsilon_i))^2\right]"
                r"=\arg\min_\lambda\left\{\tfrac1{2N}\sum(y_i-\lambda^\top f(v_i))^2+\tfrac\tau2\|\lambda\|_2^2\right\}"
            ),
        ),
        reading="The noise inside (24) is the ε̃ of the expectation, drawn afresh. The two objectives are equal for every λ.",
        assumptions=(),
        formal=fresh_noise,
        checks=(Decide(),),
        expected="holds",
        reason="Lemma 4.",
        aliases=("eq-24",),
    ),
    Claim(
        id="eq-65",
        title="The inverse through the smaller matrix",
        source="(65)",
        form="printed",
        statement=(
            r"(m\tau I_N+Z^\top Z)^{-1}=\tfrac1{m\tau}I_N-\tfrac1{m\tau}Z^\top(m\tau I_m+ZZ^\top)^{-1}Z",
        ),
        assumptions=(),
        formal=woodbury,
        checks=(Decide(), EncloseIdentity()),
        expected="holds",
        reason="Woodbury, replayed from the definitions of the two inverses.",
    ),
    Claim(
        id="eq-66",
        title="A in blocks",
        source="(66)",
        form="printed",
        statement=(
            A_66
            + r"=(I_N,0)+Z^\top(m\tau I_m+ZZ^\top)^{-1}(0,\,Z^\top)=\left(I_N,\,Z^\top(m\tau I_m+ZZ^\top)^{-1}Z^Q\right)",
        ),
        reading="The chain is judged as a whole: one display that does not type breaks it, though its two ends are equal. Where it "
        "types, the middle need not be A.",
        assumptions=(),
        typing=second_display,
        checks=(Refuted(),),
        replays=middle_of_chain,
        expected="fails",
        failure="false",
        reason="In the middle (0, Zᵀ) stands for the m×K block (0, Z^Q): Zᵀ is N×m.",
    ),
    Claim(
        id="eq-66",
        title="A in blocks, with Z^Q in the middle",
        source="(66)",
        form="repaired",
        statement=(
            A_66
            + r"=(I_N,0)+Z^\top(m\tau I_m+ZZ^\top)^{-1}(0,\,Z^Q)=\left(I_N,\,Z^\top(m\tau I_m+ZZ^\top)^{-1}Z^Q\right)",
        ),
        assumptions=(),
        formal=columns_of_A,
        checks=(Decide(), EncloseIdentity()),
        expected="holds",
        reason="Z^Q for Zᵀ. The ends of the chain do not change.",
    ),
)
