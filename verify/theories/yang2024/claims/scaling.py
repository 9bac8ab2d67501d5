"""The change of variables of Lemma 6, and the identity inside the Polyak–Łojasiewicz step (49)."""

from __future__ import annotations

import sympy as sp

from verify.prove.identity import Decide
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.watched import Watched
from verify.theories.yang2024.claims import gradients
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic.shorthand import (
    K,
    L,
    Q,
    Zbar,
    alpha,
    at_alpha,
    ell,
    gamma,
    h,
    i,
    j,
    k,
    l,
    over,
    p,
    q,
    s,
    w,
)
from verify.theories.yang2024.symbolic.shorthand_steps import eta

# Lemma 6


def descent_in_xi() -> tuple[Identity, ...]:
    """γ·(step of α) = step of w and step of Q = step of Q, for η_w = γ²η_Q: the gradients scale so."""
    dims = {"h": "H", "k": "K"}
    of_w = at_alpha(sp.Derivative(L, w[h, k], evaluate=False))
    of_Q = at_alpha(sp.Derivative(L, Q[h, p, q], evaluate=False))
    return (
        identity(sp.Derivative(ell, alpha[h, k], evaluate=False), gamma * of_w, dims),
        identity(sp.Derivative(ell, Q[h, p, q], evaluate=False), of_Q, {"h": "H", "p": "d", "q": "d"}),
    )


def step_of_alpha() -> tuple[Identity, ...]:
    """The step (10) of w_h, divided by γ, with η_w = γ²η_Q."""
    of_w = at_alpha(sp.Derivative(L, w[h, k], evaluate=False))
    of_alpha = sp.Derivative(ell, alpha[h, k], evaluate=False)
    moved = (at_alpha(w[h, k]) - gamma**2 * eta * of_w) / gamma
    return (identity(moved, alpha[h, k] - eta * of_alpha, {"h": "H", "k": "K"}),)


def squared_gradient() -> tuple[Identity, ...]:
    """The middle equality of (49): Σ_{h,k} (∂ℓ/∂α_{h,k})² = (γ²/K²) Σ_k (Z̄δ_k)ᵀB_kB_kᵀZ̄δ_k."""
    (single,) = gradients.gradient_w()
    left = sp.Sum(single.lhs**2, *over("H", h), *over("K", k))
    image = sp.Sum(Zbar[i, l] * gradients.shift(l), *over("N", l))
    entry = sp.Sum(sp.Sum(Zbar[i, j] * s[h, j, k], *over("N", j)) * image, *over("N", i))
    right = gamma**2 / K**2 * sp.Sum(entry**2, *over("H", h), *over("K", k))
    return (identity(left, right),)


CLAIMS = (
    Claim(
        id="lemma-6",
        title="Gradient descent in ξ = (Q, α)",
        source="Lemma 6, (39)–(41)",
        form="printed",
        statement=(
            r"\gamma:=\sqrt{\eta_w/\eta_Q},\quad \alpha_h:=w_h/\gamma,\quad \xi:=\{Q_h,\alpha_h\},\quad \ell(\xi):=\mathcal{L}(\theta)",
            r"\xi^{(t)}=\xi^{(t-1)}-\eta_Q\nabla_\xi\ell(\xi^{(t-1)})",
        ),
        reading="Equivalent to (10) iff ∂ℓ/∂α = γ ∂𝓛/∂w and ∂ℓ/∂Q = ∂𝓛/∂Q at w = γα: then η_Q ∂ℓ/∂α = (1/γ) η_w ∂𝓛/∂w.",
        assumptions=("A1",),
        formal=descent_in_xi,
        checks=(Decide(),),
        expected="holds",
        reason="Chain rule.",
        aliases=("eq-41",),
    ),
    Claim(
        id="eq-81",
        title="The step of α",
        source="(81), in the proof of Lemma 6",
        form="printed",
        statement=(r"\alpha_h^{(t)}=\alpha_h^{(t-1)}-\eta_Q\nabla_{\alpha_h}\ell(\xi^{(t-1)})",),
        reading="α_h^(t) = w_h^(t)/γ with w_h^(t) of (10), η_w = γ²η_Q by (39); entry k of head h.",
        assumptions=("A1",),
        formal=step_of_alpha,
        checks=(Decide(),),
        expected="holds",
        reason="(1/γ)η_w ∂𝓛/∂w = η_Q γ ∂𝓛/∂w = η_Q ∂ℓ/∂α.",
    ),
    Claim(
        id="eq-49-identity",
        title="The squared gradient in α",
        source="(49), middle equality",
        form="printed",
        statement=(
            (
                r"\sum_{h,k}\left(\frac{\partial\ell}{\partial\alpha_{h,k}}\right)^2"
                r"=\frac{\gamma^2}{K^2}\sum_k(\bar Z\delta_k)^\top B_kB_k^\top\bar Z\delta_k"
            ),
        ),
        reading="δ_k as in the repaired (33).",
        assumptions=("A1",),
        formal=squared_gradient,
        checks=(Decide(), Watched()),
        expected="holds",
        reason="(45), squared and summed.",
    ),
)
