"""The fixed point: (33), (34), and the ridge form of the predictor (20), (66)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symbolic.proof import Proof
from verify.prove.identity import Decide
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.compare import CompareRidge
from verify.theories.yang2024.checks.enclose import EncloseIdentity
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic.shorthand import (
    Ahat,
    Ginv,
    J,
    K,
    L,
    M,
    Minv,
    N,
    Z,
    Zsq,
    a,
    at_A,
    at_ridge,
    b,
    delta,
    i,
    j,
    k,
    l,
    lam,
    m,
    n,
    over,
    residual,
    target,
    tau,
    xi,
    y,
)


def shift_printed(size: Mapping[str, int]) -> Any:
    """(33) as printed, in SymPy matrices: its shape check decides whether it types."""
    Z_ = sp.MatrixSymbol("Z", size["m"], size["N"])
    z_k, e_k = sp.MatrixSymbol("z_k", size["m"], 1), sp.MatrixSymbol("e_k", size["N"], 1)
    return sp.Inverse(Z_.T * Z_ + m * tau * sp.Identity(size["N"])) * (z_k + m * tau * e_k)


def slope_printed() -> tuple[Identity, ...]:
    """The printed δ_k with z_k read as an N-vector, which needs m = N, against the derived gradient in Â."""

    def shift(row: sp.Symbol, prompt: bool) -> sp.Expr:
        inner = Zsq[l, k] + (m * tau * delta(l, k) if prompt else 0)
        return sp.Sum(Minv[row, l] * inner, *over("N", l))

    # The square Z has no value at points; no proof is sought for it.
    def at(prompt: bool) -> Identity:
        right = sp.Sum(M(j, i) * (Ahat[i, k] - shift(i, prompt)), *over("N", i)) / K
        return identity(
            sp.Derivative(L, Ahat[j, k], evaluate=False),
            right,
            {"j": "N", "k": "N" if prompt else "U"},
            Proof(),
        )

    return at(True), at(False)


def slope() -> tuple[Identity, ...]:
    """∂𝓛/∂Â_{:,k} = (1/K)(ZᵀZ + mτI)δ_k with the repaired δ_k, at prompt and at unlabelled tokens."""

    def at(prompt: bool) -> Identity:
        dims = {"j": "N", "k": "N" if prompt else "U"}
        right = sp.Sum(M(j, i) * residual(i, k, prompt=prompt), *over("N", i)) / K
        return identity(sp.Derivative(L, Ahat[j, k], evaluate=False), right, dims)

    return at(True), at(False)


def minimiser() -> tuple[Identity, ...]:
    """The gradient in Â vanishes at A = (ZᵀZ+mτI)⁻¹(ZᵀẐ+(mτI,0)), and the quadratic form of the Hessian is positive."""
    zero = identity(at_A(sp.Derivative(L, Ahat[j, k], evaluate=False)), sp.Integer(0), {"j": "N", "k": "K"})
    form = sp.Sum(xi[j] * M(j, n) * xi[n], *over("N", j, n))
    squares = sp.Sum(sp.Sum(Z[a, j] * xi[j], *over("N", j)) ** 2, *over("m", a)) + m * tau * sp.Sum(
        xi[j] ** 2, *over("N", j)
    )
    c = sp.Symbol("c", integer=True)
    twice = sp.Derivative(L, Ahat[j, k], Ahat[n, c], evaluate=False)
    hessian = identity(twice, delta(k, c) * M(j, n) / K, {"j": "N", "k": "K", "n": "N", "c": "K"})
    return zero, hessian, identity(form, squares)


def ridge_form(noise: sp.Expr = m * tau) -> tuple[Identity, ...]:
    """(20) is stationary at λ̂ = (ZZᵀ+mτI)⁻¹Zy, and Aᵀy = (y; (Z^Q)ᵀλ̂)."""

    def solution(row: sp.Symbol) -> sp.Expr:
        return sp.Sum(Ginv[row, b] * sp.Sum(Z[b, i] * y[i], *over("N", i)), *over("m", b))

    def weights(prompt: bool) -> sp.Expr:
        return sp.Sum(y[j] * Minv[j, l] * target(l, k, prompt=prompt), *over("N", j, l))

    gram = sp.Sum(Z[a, i] * Z[b, i], *over("N", i)) + noise * delta(a, b)
    normal = sp.Sum(gram * lam[b], *over("m", b)) - sp.Sum(Z[a, i] * y[i], *over("N", i))
    slope = sp.Derivative(J, lam[a], evaluate=False)
    curvature = sp.Derivative(J, lam[a], lam[b], evaluate=False)
    form = sp.Sum(lam[a] * gram * lam[b], *over("m", a, b))
    squares = sp.Sum(sp.Sum(Z[a, i] * lam[a], *over("m", a)) ** 2, *over("N", i)) + noise * sp.Sum(
        lam[a] ** 2, *over("m", a)
    )
    return (
        identity(slope, normal / N, {"a": "m"}),
        identity(at_ridge(slope), sp.Integer(0), {"a": "m"}),
        identity(curvature, gram / N, {"a": "m", "b": "m"}),
        identity(form, squares),
        identity(weights(True), y[k], {"k": "N"}),
        identity(weights(False), sp.Sum(Z[a, k] * solution(a), *over("m", a)), {"k": "U"}),
    )


PRINTED_33 = (
    r"\delta_k^\theta:=\sum_{h=1}^{H}w_{h,k}s_k^h-(Z^\top Z+m\tau I)^{-1}(z_k+m\tau e_k),\quad k\in[N]",
    r"\delta_k^\theta:=\sum_{h=1}^{H}w_{h,k}s_k^h-(Z^\top Z+m\tau I)^{-1}z_k,\quad k\in[K]\setminus[N]",
)
READING_33 = (
    "A definition is judged by what it is for: K ∂𝓛/∂Â_{:,k} = (ZᵀZ + mτI) δ_k, the gradient of (36), so that δ_k = 0 is "
    "the fixed-point equation."
)

CLAIMS = (
    Claim(
        id="eq-33",
        title="The residual δ_k of the fixed-point equation",
        source="(33)",
        form="printed",
        statement=PRINTED_33,
        reading=READING_33
        + " Tried before the paper is blamed: a lost Zᵀ (the repair), z_k read as column k of ZᵀZ (the same "
        "thing), and our transcription: the steps (78), (79) of the same paper carry the Zᵀ.",
        assumptions=("A1",),
        typing=shift_printed,
        formal=slope_printed,
        equal_sizes=("m", "N"),
        checks=(Decide(), EncloseIdentity()),
        kind="definition",
        expected="fails",
        failure="false",
        reason="z_k has m entries and e_k has N: the sum does not type unless m = N, and there it is not the fixed point.",
        aliases=("delta",),
    ),
    Claim(
        id="eq-33",
        title="The residual δ_k of the fixed-point equation, with Zᵀ",
        source="(33)",
        form="repaired",
        statement=tuple(
            line.replace("(z_k+", "(Z^\\top z_k+").replace("z_k,", "Z^\\top z_k,") for line in PRINTED_33
        ),
        reading=READING_33,
        assumptions=("A1",),
        formal=slope,
        checks=(Decide(), EncloseIdentity()),
        kind="definition",
        expected="definition",
        reason="Zᵀ is put before z_k. (36), (45), (49), (78), (79) use it in this form; nothing downstream changes.",
        aliases=("delta",),
    ),
    Claim(
        id="eq-34",
        title="A is the fixed point, and the only minimiser in Â",
        source="(34)",
        form="printed",
        statement=(
            r"A:=(Z^\top Z+m\tau I_N)^{-1}\left(Z^\top\hat Z+(m\tau I_N,\,0)\right)\in\mathbb{R}^{N\times K}",
        ),
        reading="The derived gradient of 𝓛 in Â vanishes at A, and the Hessian is (1/K)(ZᵀZ + mτI) for each token, a sum of "
        "squares plus mτ‖x‖² > 0: there is no other minimiser.",
        assumptions=("A1",),
        formal=minimiser,
        checks=(Decide(), EncloseIdentity()),
        expected="holds",
        reason="M A = R is what the derivation reads off ∂𝓛/∂Â.",
        aliases=("fixed-point", "A"),
    ),
    Claim(
        id="eq-20",
        title="The fixed point does ridge regression over the basis functions",
        source="(20), (22)",
        form="printed",
        statement=(
            (
                r"\hat\lambda=\arg\min_\lambda\left\{\tfrac1{2N}\sum_{i\le N}(y_i-\lambda^\top f(v_i))^2"
                r"+\tfrac{m\tau}{2N}\|\lambda\|_2^2\right\}"
            ),
            r"A^\top y=\hat y^\star=\left(y;\,(Z^Q)^\top\hat\lambda\right)",
        ),
        reading="The gradient of (20) vanishes at λ̂, its second derivative is (1/N)(ZZᵀ + mτI), a sum of squares plus mτ‖x‖², so λ̂ is "
        "the only minimiser; then Aᵀy is compared entry by entry. Labelled tokens return their own label.",
        assumptions=(),
        formal=ridge_form,
        checks=(Decide(), EncloseIdentity(), CompareRidge()),
        expected="holds",
        reason="(ZᵀZ + mτI)⁻¹Zᵀ = Zᵀ(ZZᵀ + mτI)⁻¹, replayed from the two definitions of an inverse.",
        aliases=("ridge-form",),
    ),
)
