"""Inference: Lemma 4 and Theorem 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from verify.prove.identity import Decide
from verify.statement import Claim, Identity
from verify.theories.yang2024 import needs
from verify.theories.yang2024.checks.inference import AccuracyHere, AccuracySampled, SampleNoise
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic.shorthand import E_eps, N, Z, a, eps, i, lam, over, tau, y


def fresh_noise() -> tuple[Identity, ...]:
    """(32): the prompt is given, the noise inside is drawn afresh."""

    def fit(noise: sp.Expr) -> sp.Expr:
        inner = y[i] - sp.Sum(lam[a] * (Z[a, i] + noise), *over("m", a))
        return sp.Sum(inner**2, *over("N", i)) / (2 * N)

    norm = sp.Sum(lam[a] ** 2, *over("m", a))
    return (identity(E_eps(fit(eps[a, i])), fit(sp.Integer(0)) + tau / 2 * norm),)


def other_accuracies() -> Iterator[tuple[str, Claim]]:
    """Theorem 2 with a better accuracy, or sooner."""
    for name, check in {
        "constant ε/100": AccuracySampled(of_epsilon=1e-2),
        "exponent ε⁴": AccuracySampled(of_epsilon=1e-12),
        "factor 1/10 of T": AccuracySampled(of_T=0.1),
        "factor 1/100 of T": AccuracySampled(of_T=0.01),
        "missing term: T = 1": AccuracySampled(of_T=0.0),
        "factor 1/30 of T": AccuracySampled(of_T=1 / 30),
    }.items():
        yield name, replace(next(claim for claim in CLAIMS if claim.id == "theorem-2"), checks=(check,))


CLAIMS = (
    Claim(
        id="lemma-4",
        title="Fresh noise acts as a ridge penalty",
        source="Lemma 4, (32)",
        form="printed",
        statement=(
            (
                r"\mathbb{E}_\epsilon\left[\tfrac1{2N}\sum_{i=1}^{N}(y_i-\lambda^\top(f(v_i)+\epsilon_i))^2\right]"
                r"=\tfrac1{2N}\sum_{i=1}^{N}(y_i-\lambda^\top f(v_i))^2+\tfrac\tau2\|\lambda\|_2^2"
            ),
        ),
        reading="Given the prompt: λ and y are fixed, ε is drawn afresh and is not the noise in y.",
        assumptions=(),
        formal=fresh_noise,
        checks=(Decide(), SampleNoise()),
        expected="holds",
        reason="E[ε_i] = 0 removes the cross term, and E(λᵀε_i)² = τ‖λ‖².",
        aliases=("eq-32",),
    ),
    Claim(
        id="theorem-2",
        main=True,
        title="The trained transformer is close to ridge regression on unseen tasks",
        source="Theorem 2, (19)–(22)",
        form="printed",
        statement=(
            (
                r"T\ge\frac{\log\left(B^2\Delta^{(0)}(\|Z\|_2+\sqrt\tau(2\sqrt{N\log(1/\delta)}+2\log(1/\delta)+N)^{1/2})^2/(m\tau\varepsilon)\right)}"
                r"{\log\left(1/(1-\frac{\eta_w\zeta_0}{2K})\right)}\ \Longrightarrow\ "
                r"\Pr\left[\tfrac1{2K}\|\hat y-\hat y^\star\|_2^2\le\varepsilon\right]\ge1-\delta"
            ),
        ),
        reading="For any ε > 0, δ ∈ (0, 1) and any prompt that meets A4: "
        "for fixed λ with ‖λ‖ ≤ B, probability over the noise of the prompt. At the iterate reached, which is T or later.",
        assumptions=("A0", "A1", "A2", "A4", "w-zero"),
        checks=(AccuracySampled(), AccuracyHere()),
        expected="not refuted",
        reason="(18), then ‖Â − A‖₂² ≤ (2K/mτ)(𝓛 − 𝓛*) (eq-70-norm), then a tail bound for ‖y‖₂ (theorem-2-error, theorem-2-last).",
        aliases=("thm-2", "eq-22"),
        variants=other_accuracies,
        needs=needs.theorem_2,
    ),
)
