"""(5.8) and (A.14), put together from what is stated of their parts."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    L2,
    Lambda,
    S,
    Theta,
    U,
    epsilon,
    eta,
    loss,
    op_Gamma,
    op_Lambda,
    q,
    root_d,
    sigma,
    tau,
    u,
)


def state() -> None:
    """Adds the statements."""
    S.section("Section 5 and Appendix A: put together")
    S.inequality(
        "eq-5-8", 2 * epsilon * eta, q * tau, when=[epsilon <= u**2, 2 * u**2 * eta <= q * tau], expected="holds",
        form="printed", source="(5.8), (5.7)",
        title="2ε/q times the gap η is at most ‖∇ℓ̃‖² = τ, for ε of (A.14) and q = tr(Γ⁻¹Λ⁻¹)tr(Λ⁻¹), of (A.15) and (A.16)",
    )  # fmt: skip
    fall = sigma**2 * (Lambda @ Theta).square * (2 - root_d * sigma**2 * op_Gamma)
    ends = [
        loss <= -fall / 2,
        -u * (L2 @ U.T).trace <= loss,
        u * (L2 @ U.T).trace <= root_d * op_Lambda**2 * u**2,
    ]
    S.inequality(
        "eq-a-14", fall, 2 * root_d * op_Lambda**2 * u**2, when=ends, expected="holds",
        form="printed", title="u₋₁² is at least σ²‖ΛΘ‖²_F[2 − √dσ²‖Γ‖_op]/(2√d‖Λ‖²_op), where ℓ̃ ≤ ℓ̃(0)", source="Lemma A.5, (A.14)",
    )  # fmt: skip
