"""The population loss: (9) and its closed form (36), Lemma 5."""

from __future__ import annotations

import sympy as sp

from symbolic.proof import Proof, Use
from verify.prove.identity import Decide
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.compare import CompareLoss, MonteCarlo
from verify.theories.yang2024.checks.enclose import EncloseIdentity
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.shorthand import (
    Ahat,
    E,
    K,
    L,
    Z,
    Zbar,
    a,
    delta,
    half_over_K,
    i,
    inverse_use,
    j,
    k,
    k_residual,
    k_solution,
    k_target,
    least_loss,
    m,
    over,
    residual,
    root_axiom,
    t,
    tau,
    y,
)


def second_moment_form() -> tuple[Identity, ...]:
    """(9) = (1/2K) Σ_k r_kᵀ(ẐᵀẐ + mτI_K) r_k with r_k = (Â_k; 0) − e_k: only E[yyᵀ] enters."""
    square = (sp.Sum(y[j] * Ahat[j, k], *over("N", j)) - y[k]) ** 2
    c = sp.Symbol("c", integer=True)

    def r(token: sp.Symbol) -> sp.Expr:
        return sp.Sum(delta(token, j) * Ahat[j, k], *over("N", j)) - delta(token, k)

    moment = sp.Sum(Z[a, t] * Z[a, c], *over("m", a)) + m * tau * delta(t, c)
    return (
        identity(
            E(sp.Sum(square, *over("K", k)) / (2 * K)),
            sp.Sum(r(t) * moment * r(c), *over("K", k, t, c)) / (2 * K),
        ),
    )


def closed_form(*, repaired: bool) -> tuple[Identity, ...]:
    """(36): 𝓛 = (1/2K) Σ_k ‖Z̄δ_k‖² + 𝓛*."""

    def distance(prompt: bool) -> sp.Expr:
        inner = sp.Sum(Zbar[i, j] * residual(j, k, prompt=prompt), *over("N", j)) ** 2
        return sp.Sum(inner, *over("N" if prompt else "U", k), *over("N", i))

    right = (distance(True) + distance(False)) / (2 * K) + least_loss(repaired=repaired)
    J, P, T = index("j", "N"), index("n", "N"), index("k", "K")
    uses = (
        Use(root_axiom(), -1 * half_over_K * k_residual(J, T) * k_residual(P, T), (J, P), (J, P, T)),
        inverse_use(2 * half_over_K * let.AHAT[J, T] * k_target(P, T), P, J, (J, P, T)),
        inverse_use(-1 * half_over_K * k_solution(J, T) * k_target(P, T), P, J, (J, P, T)),
    )
    return (identity(L, right, proof=Proof(uses)),)


STAR = (
    r"\mathcal{L}^\star=\frac{1}{2K}\sum_{k\le N}\left(-(Z^\top z_k+m\tau e_k)^\top(Z^\top Z+m\tau I)^{-1}(Z^\top z_k+m\tau e_k)"
    r"+\|z_k\|_2^2+m\tau\right)+\frac{1}{2K}\sum_{k>N}\left(-(Z^\top z_k)^\top(Z^\top Z+m\tau I)^{-1}(Z^\top z_k)+\|z_k\|_2^2"
)

CLAIMS = (
    Claim(
        id="eq-9",
        title="Population loss through the second moments of the labels",
        source="(9)",
        form="printed",
        statement=(
            r"\mathcal{L}(\theta)=\tfrac12\,\mathbb{E}_{\lambda,\epsilon}\left[\tfrac1K\sum_{k=1}^{K}(\hat y_k-y_k)^2\right]",
        ),
        reading="The prompt labels are the same random variables in ŷ and in the target. What is decided: (9) depends on the "
        "laws of λ and ε through E[yyᵀ] = ẐᵀẐ + mτI alone, so the numeric side may compute it from there.",
        assumptions=("A1",),
        formal=second_moment_form,
        checks=(Decide(), CompareLoss(), MonteCarlo()),
        expected="holds",
        reason="Expanding the square leaves products of two labels; A1 and the noise law give their expectation.",
        aliases=("population-loss",),
    ),
    Claim(
        id="lemma-5",
        title="Closed form of the population loss",
        source="Lemma 5, (36)",
        form="printed",
        statement=(
            r"\mathcal{L}(\theta)=\frac{1}{2K}\sum_{k=1}^{K}\|\bar Z\,\delta_k^\theta\|_2^2+\mathcal{L}^\star",
            STAR + r"\right)",
        ),
        reading="δ_k is read as in the repaired (33), so that what is decided here is the constant 𝓛* alone. Tried before the paper is "
        "blamed: unlabelled tokens whose labels have no noise, for which 𝓛* is right; but (1) has ε_k for every k ∈ [K], and (75), (77) "
        "keep it at k > N.",
        assumptions=("A1",),
        formal=lambda: closed_form(repaired=False),
        checks=(Decide(), EncloseIdentity()),
        expected="fails",
        failure="false",
        reason="For k > N the label y_k has a noise of its own: E y_k² = ‖z_k‖² + mτ. The printed constant c′_k leaves the mτ out "
        "(it is present in c_k for k ≤ N), so the printed 𝓛* is too small by (K−N)mτ/(2K).",
        aliases=("eq-36",),
    ),
    Claim(
        id="lemma-5",
        title="Closed form of the population loss, with the noise of the unlabelled tokens",
        source="Lemma 5, (36)",
        form="repaired",
        statement=(
            r"\mathcal{L}(\theta)=\frac{1}{2K}\sum_{k=1}^{K}\|\bar Z\,\delta_k^\theta\|_2^2+\mathcal{L}^\star",
            STAR + r"+m\tau\right)",
        ),
        reading="δ_k as in the repaired (33).",
        assumptions=("A1",),
        formal=lambda: closed_form(repaired=True),
        checks=(Decide(), EncloseIdentity()),
        expected="holds",
        reason="One term is added: + mτ for k > N. With it (43c), (49), the equality before (70) and 𝓛* = inf_θ 𝓛 hold as they are "
        "written; with the printed 𝓛* each of them is off by (K−N)mτ/(2K). (18) is untouched: its Δ is measured from inf_θ 𝓛.",
        aliases=("eq-36",),
    ),
)
