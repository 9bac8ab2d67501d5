"""(A.14), put together from what is stated of its parts; last, since nothing rests on it."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    L2,
    Lambda,
    S,
    Theta,
    U,
    loss,
    op_Gamma,
    op_Lambda,
    root_d,
    sigma,
    u,
)


def state() -> None:
    """Adds the statements."""
    S.section("Appendix A: (A.14)")
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
