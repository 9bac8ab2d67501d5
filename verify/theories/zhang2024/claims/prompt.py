"""The matrix Γ, how it commutes, and the prediction of linear attention."""

from __future__ import annotations

from verify.theories.zhang2024.setting import *  # noqa: F403


def state() -> None:
    """Adds the statements."""
    S.section("Setting: Γ and the prediction")
    S.identity(
        "gamma-inverse",
        (Lambda @ Gamma_inv)[a, b],
        ((N.size * eye(d) - tr * Gamma_inv) / N_1)[a, b],
        steps=[((N.size * (Gamma @ Gamma_inv) - tr * Gamma_inv) / N_1)[a, b]],
        form="ours", title="ΛΓ⁻¹ in partial fractions", source="definition of Γ",
    )  # fmt: skip
    S.identity(
        "gamma-commutes", (Gamma @ Lambda)[a, b], (Lambda @ Gamma)[a, b], form="ours", title="Γ commutes with Λ", source="definition of Γ",
    )  # fmt: skip
    S.identity(
        "gamma-inverse-commutes", (Gamma_inv @ Lambda)[a, b], (Lambda @ Gamma_inv)[a, b],
        form="ours", title="Γ⁻¹ commutes with Λ", source="definition of Γ",
    )  # fmt: skip
    S.identity(
        "root-between", (root @ Lambda @ root)[a, b], (Lambda @ Lambda)[a, b],
        form="ours", title="The root of Λ on both sides of Λ", source="definition of the root",
    )  # fmt: skip
    S.identity(
        "eq-a-7",
        over_prompt((hat @ hat)[a, b]),
        ((N.size + 1) / N.size * (Lambda @ Lambda) + tr / N.size * Lambda)[a, b],
        form="printed", title="The second moment of the empirical covariance", source="(A.7)",
    )  # fmt: skip
    S.identity(
        "eq-a-7-gamma", over_prompt((hat @ hat)[a, b]), (Gamma @ Lambda)[a, b],
        form="printed", title="The second moment of the empirical covariance is ΓΛ", source="(A.7), last step",
    )  # fmt: skip
