"""The model: (8) from the embeddings (2)–(7), the rates (16), definitions (23), (35)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from symbolic.indexed import Expr, scalar
from symbolic.indexed import delta as k_delta
from symbolic.proof import Axiom
from verify.prove.identity import Decide
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.constants import SYMBOL
from verify.theories.yang2024.checks.embeddings import Diagonal, Form
from verify.theories.yang2024.checks.enclose import EncloseIdentity
from verify.theories.yang2024.checks.rates import RatesMeet, without_rank
from verify.theories.yang2024.claims.fixed_point import ridge_form
from verify.theories.yang2024.claims.rates import GAMMA, L
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import weight
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.shorthand import (
    Ahat,
    N,
    Z,
    a,
    b,
    c,
    delta,
    e,
    h,
    i,
    j,
    k,
    lam,
    over,
    s,
    tau,
    w,
    y,
)

Gtau = let.base(let.GTAU)


def gram(row: sp.Symbol, column: sp.Symbol) -> sp.Expr:
    """(ZZᵀ + NτI_m)_{row, column}."""
    return sp.Sum(Z[row, i] * Z[column, i], *over("N", i)) + N * tau * delta(row, column)


def best_axiom() -> Axiom:
    """Σ_e (ZZᵀ + NτI)_{ae} (ZZᵀ + NτI)⁻¹_{eb} = δ_{ab}."""
    row, middle, column, inner = index("a", "m"), index("e", "m"), index("b", "m"), index("i", "N")
    noise = scalar("N") * scalar("tau") * k_delta(row, middle)
    entries: Expr = (let.Z[row, inner] * let.Z[middle, inner]).sum(inner) + noise
    return Axiom(
        "(ZZᵀ+NτI)(ZZᵀ+NτI)⁻¹ = I",
        (entries * let.GTAU[middle, column]).sum(middle),
        k_delta(row, column),
        (row, column),
    )


def best_predictor() -> tuple[Identity, ...]:
    """(25) is stationary exactly where (ZZᵀ + NτI)λ = Zy, its Hessian is (ZZᵀ + NτI)/N, a sum of squares plus Nτ‖x‖², and
    λ̂_τ = (ZZᵀ + NτI)⁻¹Zy solves the system."""
    fit = y[i] - sp.Sum(lam[c] * Z[c, i], *over("m", c))
    objective = sp.Sum(fit**2, *over("N", i)) / (2 * N) + tau / 2 * sp.Sum(lam[c] ** 2, *over("m", c))
    projected = sp.Sum(Z[a, i] * y[i], *over("N", i))
    slope = (sp.Sum(gram(a, b) * lam[b], *over("m", b)) - projected) / N
    form = sp.Sum(lam[a] * gram(a, b) * lam[b], *over("m", a, b))
    squares = sp.Sum(sp.Sum(Z[a, i] * lam[a], *over("m", a)) ** 2, *over("N", i)) + N * tau * sp.Sum(
        lam[a] ** 2, *over("m", a)
    )
    solution = sp.Sum(Gtau[e, b] * sp.Sum(Z[b, i] * y[i], *over("N", i)), *over("m", b))
    system = sp.Sum(gram(a, e) * solution, *over("m", e))
    return (
        identity(sp.Derivative(objective, lam[a], evaluate=False), slope, {"a": "m"}),
        identity(
            sp.Derivative(objective, lam[a], lam[b], evaluate=False), gram(a, b) / N, {"a": "m", "b": "m"}
        ),
        identity(form, squares),
        identity(system, projected, {"a": "m"}),
    )


def head_sum() -> Axiom:
    """(35)."""
    at = index("j", "N"), index("k", "K")
    return Axiom("Â = Σ_h w_h s^h (35)", let.AHAT[at], weight(*at), at)


def weights_of_heads() -> tuple[Identity, ...]:
    """(8) is Âᵀy with Â of (35), and ŷ* of (22) is Aᵀy, at prompt and at unlabelled tokens."""
    predicted = sp.Sum(w[h, k] * sp.Sum(y[j] * s[h, j, k], *over("N", j)), *over("H", h))
    return (
        identity(predicted, sp.Sum(y[j] * Ahat[j, k], *over("N", j)), {"k": "K"}),
        *ridge_form()[4:],
    )


def other_forms() -> Iterator[tuple[str, Claim]]:
    """(8) from matrices that (7) does not have."""
    for name, form in {
        "constant corner 1 of (W^K)ᵀW^Q": Form(corner=1),
        "constant corner −1 of (W^K)ᵀW^Q": Form(corner=-1),
        "constant first block w_h1ᵀ of W^V": Form(value=1),
        "constant first block −w_h1ᵀ of W^V": Form(value=-1),
        "factor 2 of W^O": Form(output=2),
        "sign of W^O": Form(output=-1),
    }.items():
        yield name, replace(CLAIMS[0], checks=(Diagonal(form),))


def other_rules() -> Iterator[tuple[str, Claim]]:
    """Conditions that the rates in use do not meet."""
    zeta0, K, f_max = SYMBOL["zeta0"], SYMBOL["K"], SYMBOL["f_max"]
    for name, rule in {
        "constant of (15)": RatesMeet(2 * GAMMA, L),
        "factor K + 1 of (15)": RatesMeet(GAMMA * (K + 1), L),
        "constant of L": RatesMeet(GAMMA, sp.Rational(11, 10) * L),
        "factor 1 + L of L": RatesMeet(GAMMA, L * (1 + L)),
        "factor 1 + f̄_max of (15)": RatesMeet(GAMMA * (1 + f_max), L),
        "factor 1 + 1/ζ_0 of L": RatesMeet(GAMMA, L * (1 + 1 / zeta0)),
    }.items():
        yield name, replace(CLAIMS[1], checks=(rule,))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq-8",
        title="The predictions are the diagonal of the attention map",
        source="(2)–(8)",
        form="printed",
        statement=(
            (
                r"E=(E^P,E^Q),\quad E^P=\begin{pmatrix}V\\ y^\top\end{pmatrix},\quad "
                r"E^Q=\begin{pmatrix}v_{N+1}\cdots v_K\\ 0\end{pmatrix}"
            ),
            (
                r"\mathcal{T}(E)=W^O\left(\mathrm{head}_1;\ldots;\mathrm{head}_H\right),\quad "
                r"\mathrm{head}_h=W_h^VE^P\,\mathrm{softmax}\left((E^P)^\top(W_h^K)^\top W_h^QE\right)"
            ),
            r"W^O=(I_K,\ldots,I_K),\quad W_h^V=(0,w_h),\quad (W_h^K)^\top W_h^Q=\begin{pmatrix}Q_h&0\\0&0\end{pmatrix}",
            r"\hat y_k=\mathcal{T}(E)_{kk}=\left\langle y,\sum_{h=1}^{H}w_{h,k}\,\mathrm{softmax}(V^\top Q_hv_k)\right\rangle",
        ),
        reading="The scores are Vᵀ Q_h v_k, so the columns of the softmax are s_k^h of (28); with these as letters, the diagonal is "
        "multiplied out. The lower blocks of (7) are hard to read in the source and are taken to be 0.",
        assumptions=(),
        checks=(Diagonal(),),
        expected="holds",
        reason="W_h^V reads the labels alone and (W_h^K)ᵀW_h^Q the tokens alone. The zeros of E^Q play no part: no matrix of (7) "
        "reads them.",
        aliases=("model",),
        variants=other_forms,
    ),
    Claim(
        id="eq-16",
        title="The learning rates",
        source="(16)",
        form="printed",
        statement=(r"\eta_Q\le1/L,\qquad \eta_w=\gamma^2\eta_Q",),
        reading="A definition, judged by whether the rates in use meet it, with γ = √(η_w/η_Q) of (39) for the γ of (15), so that the "
        "equation holds by definition and what rounding does to γ is paid for in (15) and in L.",
        assumptions=("A2",),
        checks=(RatesMeet(GAMMA, L),),
        kind="definition",
        expected="definition",
        reason="γ is rounded up from (15), η_Q down from 1/L at that γ. Whether 1/L with L of (17) is small enough is the question of "
        "Lemma 10.",
        aliases=("rates",),
        needs=without_rank,
        variants=other_rules,
    ),
    Claim(
        id="eq-23",
        title="The best predictor",
        source="(23)–(25)",
        form="printed",
        statement=(r"\hat y^{\mathrm{best}}:=\left(y;\,(Z^Q)^\top\hat\lambda_\tau\right)",),
        reading="A definition, judged by whether it defines: (24), by Lemma 4 the objective (25), has one minimiser, "
        "λ̂_τ = (ZZᵀ + NτI)⁻¹Zy. The gradient of (25) vanishes exactly where (ZZᵀ + NτI)λ = Zy; the Hessian is positive definite for "
        "τ > 0; and λ̂_τ solves the system. The top block of (23) is hard to read in the source and is taken to be y.",
        assumptions=(),
        formal=best_predictor,
        checks=(Decide(), EncloseIdentity()),
        kind="definition",
        expected="definition",
        reason="Ridge regression with penalty Nτ, where (20) has mτ.",
        aliases=("best-predictor",),
    ),
    Claim(
        id="eq-35",
        title="Â(θ) and A are the weights of the labels",
        source="(35)",
        form="printed",
        statement=(
            r"\hat A(\theta):=\left(\sum_hw_{h,1}s_1^h,\ldots,\sum_hw_{h,K}s_K^h\right)\in\mathbb{R}^{N\times K}",
            r"\hat y_k=\langle y,\hat A_{:,k}\rangle,\qquad \hat y^\star_k=\langle y,A_{:,k}\rangle",
        ),
        reading="Â is a definition; what is decided is ŷ = Âᵀy with ŷ of (8), and ŷ* = Aᵀy with ŷ* = (y; (Z^Q)ᵀλ̂) of (22), A of (34).",
        assumptions=(),
        formal=weights_of_heads,
        checks=(Decide(),),
        expected="holds",
        reason="Both are linear in y; the second is the ridge form of A.",
        aliases=("A-hat",),
    ),
)
