"""Lemmas 5.2 to 5.3 and A.1 to A.3: the flow of the two blocks, its loss, its minimum, and what the flow conserves."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    Gamma,
    Gamma_inv,
    Lambda,
    S,
    Theta,
    U,
    a,
    along,
    b,
    dU,
    du,
    epsilon,
    gamma_squares,
    least,
    loss,
    phi,
    population,
    root,
    root_inv,
    sigma,
    sp,
    u,
    u_12,
    u_21,
)


def state() -> None:
    """Adds the statements."""
    S.section("Section 5 and Appendix A: the flow")
    alone = [sp.Eq(u_12[a], 0), sp.Eq(u_21[a], 0)]
    S.identity(
        "lemma-5-2-first", S.gradient(population, u_12[a]), 0, when=alone,
        form="printed", title="u₁₂ stays zero", source="Lemma 5.2, in its proof",
    )  # fmt: skip
    S.identity(
        "lemma-5-2-second", S.gradient(population, u_21[a]), 0, when=alone,
        form="printed", title="u₂₁ stays zero", source="Lemma 5.2, in its proof",
    )  # fmt: skip
    S.identity(
        "lemma-5-2", -S.gradient(population, U[a, b]), dU[a, b], when=alone,
        form="printed", title="The flow of U₁₁", source="Lemma 5.2, (5.4)",
    )  # fmt: skip
    S.identity(
        "lemma-5-2-scalar", -S.gradient(population, u), du, when=alone,
        form="printed", title="The flow of u₋₁", source="Lemma 5.2, (5.4)",
    )  # fmt: skip
    S.identity(
        "lemma-a-1", -S.gradient(loss, U[a, b]), dU[a, b],
        form="printed", title="The flow of U₁₁ is that of the gradient of ℓ̃", source="Lemma A.1, (5.4), (5.5)",
    )  # fmt: skip
    S.identity(
        "lemma-a-1-scalar", -S.gradient(loss, u), du,
        form="printed", title="The flow of u₋₁ is that of the gradient of ℓ̃", source="Lemma A.1, (5.4), (5.5)",
    )  # fmt: skip
    S.identity(
        "lemma-a-3", along(u**2 - (U @ U.T).trace), 0,
        form="printed", title="u₋₁² − tr(U₁₁U₁₁ᵀ) is conserved", source="Lemma A.3, (A.12)",
    )  # fmt: skip
    start = Theta @ Theta.T
    at_start = [sp.Eq(U[a, b], sigma * start[a, b]), sp.Eq(u, sigma)]
    S.identity(
        "lemma-a-3-start", u**2 - (U @ U.T).trace, 0, when=[*at_start, sp.Eq(start.square, 1)],
        form="printed", title="At the start it is zero, for ‖ΘΘᵀ‖_F = 1", source="Assumption 3.3, (A.12)",
    )  # fmt: skip
    S.inequality(
        "lemma-a-3-other-norm", u**2, (U @ U.T).trace, when=[*at_start, sp.Eq(Theta.square, 1)],
        form="ours", title="That u₋₁² is at most tr(U₁₁U₁₁ᵀ) at the start for ‖Θ‖_F = 1", source="Assumption 3.3",
        expected="fails", failure="misread",
        witness={"d": 2, "Theta": "3/5 0 0 4/5", "sigma": "1", "U": "9/25 0 0 16/25", "u": "1"},
        reason="What is conserved is then σ²(1 − ‖ΘΘᵀ‖²_F), which is positive where ΘΘᵀ has rank 2.",
        consequence="(A.12), the scale of (4.1) and (5.9) need ‖ΘΘᵀ‖_F = 1; that u₋₁U₁₁ tends to Γ⁻¹ does not.",
    )  # fmt: skip
    S.identity(
        "dissipation", along(loss), -(dU.square + du**2),
        form="ours", title="The loss falls at the rate of the squared gradient", source="Lemma 5.4, proof",
    )  # fmt: skip
    moved = u * (root @ U @ root) - Lambda @ Gamma_inv
    S.identity(
        "appendix-a-rate", S.flow({U[a, b]: dU[a, b], u: du, phi: epsilon * phi})(phi * (loss - least)),
        phi * (epsilon * (loss - least) - dU.square - du**2),
        form="printed", title="e^{μt}(ℓ̃ − min ℓ̃) does not grow where ‖∇ℓ̃‖² is at least μ(ℓ̃ − min ℓ̃), with φ for e^{μt} and ε for μ",
        source="Lemma 5.4, e^{−μt}",
    )  # fmt: skip
    S.identity(
        "corollary-a-2", loss - least, (moved.T @ Gamma @ moved).trace / 2,
        form="printed", title="The loss above its least value is a square", source="Corollary A.2",
    )  # fmt: skip
    S.inequality(
        "corollary-a-2-least", least, loss, proof=gamma_squares(moved) / 2,
        form="printed", title="The least value of ℓ̃", source="Corollary A.2", expected="holds",
    )  # fmt: skip
    limit = [sp.Eq(u * U[a, b], Gamma_inv[a, b])]
    S.identity(
        "lemma-5-3", loss, least, when=limit,
        form="printed", title="Where u₋₁U₁₁ = Γ⁻¹ the loss is least", source="Lemma 5.3, (5.6)",
    )  # fmt: skip
    S.identity(
        "lemma-5-3-unique", (u * U - Gamma_inv)[a, b], (root_inv @ moved @ root_inv)[a, b],
        steps=[
            (u * U - root_inv @ root @ Gamma_inv @ root @ root_inv)[a, b],
            (u * U - root_inv @ Lambda @ Gamma_inv @ root_inv)[a, b],
        ],
        form="printed", title="Only there: what is squared in Corollary A.2 determines u₋₁U₁₁ − Γ⁻¹", source="Lemma 5.3, (5.6)",
    )  # fmt: skip
    S.identity(
        "lemma-5-4-limit", u**4, (Gamma_inv @ Gamma_inv).trace, when=[sp.Eq(Gamma_inv[a, b], u * U[a, b]), sp.Eq((U @ U.T).trace, u**2)],
        form="printed", title="u₋₁ at the limit: the fourth power is tr(Γ⁻²)", source="Lemma 5.4, (5.9)",
    )  # fmt: skip
    S.identity(
        "stationary", dU[a, b], 0, when=limit,
        form="ours", title="The limit is a stationary point of U₁₁", source="Theorem 4.1, (4.1)",
    )  # fmt: skip
