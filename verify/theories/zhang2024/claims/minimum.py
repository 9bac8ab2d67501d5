"""Theorem 4.1: the least population loss over all parameters, and where it is attained."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    E,
    Gamma,
    Gamma_inv,
    Lambda,
    P,
    S,
    U,
    a,
    at_most,
    b,
    even,
    gamma_squares,
    least,
    linear,
    loss,
    odd,
    outer,
    population,
    root,
    tr,
    u,
    u_12,
    u_21,
    wanted,
    x_q,
)


def state() -> None:
    """Adds the statements."""
    S.section("Theorem 4.1: the minimum over all parameters")
    S.identity(
        "theorem-4-1-parts", population, E(even**2) / 2 + E((odd - wanted) ** 2) / 2,
        form="ours", title="The population loss of all parameters in two parts", source="(3.8)",
    )  # fmt: skip
    S.identity(
        "theorem-4-1-one-matrix", odd, linear @ ((outer(u_12, u_21) + u * U) @ x_q),
        form="ours", title="The part linear in w depends on u₁₂u₂₁ᵀ + u₋₁U₁₁ alone", source="(3.6)",
    )  # fmt: skip
    S.identity(
        "theorem-4-1-quadratic",
        E((linear @ (P @ x_q) - wanted) ** 2) / 2,
        (Gamma @ Lambda @ P @ Lambda @ P.T).trace / 2 - (Lambda @ Lambda @ P).trace + tr / 2,
        form="ours", title="That part is quadratic in the matrix", source="(5.3)",
    )  # fmt: skip
    S.identity(
        "lemma-a-1-constant", E((u * (linear @ (U @ x_q)) - wanted) ** 2) / 2, loss + tr / 2,
        form="printed", title="ℓ̃ is the population loss at u₁₂ = u₂₁ = 0 up to a constant", source="Lemma A.1, (5.3)",
    )  # fmt: skip
    off = root @ P @ root - Lambda @ Gamma_inv
    S.identity(
        "theorem-4-1-gap",
        E((linear @ (P @ x_q) - wanted) ** 2) / 2 - least - tr / 2, (off.T @ Gamma @ off).trace / 2,
        form="ours", title="Above the least loss it is a square, which vanishes at Γ⁻¹ alone", source="Theorem 4.1",
    )  # fmt: skip
    S.inequality(
        "theorem-4-1-least", least + tr / 2, E((linear @ (P @ x_q) - wanted) ** 2) / 2, proof=gamma_squares(off) / 2,
        form="ours", title="The least loss of the part linear in w", source="Theorem 4.1", expected="holds",
    )  # fmt: skip
    reached = root @ (outer(u_12, u_21) + u * U) @ root - Lambda @ Gamma_inv
    S.inequality(
        "theorem-4-1", least + tr / 2, population, proof=E(even**2) / 2 + gamma_squares(reached) / 2,
        form="printed", title="The limit is a global minimum of the population loss over all parameters", source="Theorem 4.1",
        expected="holds",
    )  # fmt: skip
    highest = population - least - tr / 2
    S.inequality(
        "theorem-4-1-unique", ((u * U - Gamma_inv)[a, b]) ** 2, 0, when=at_most(highest, 0), expected="fails", failure="misread",
        witness={"d": 1, "N": 1, "M": 1, "T": 1, "K": 1, "Lambda": "1", "U": "0", "u": "0", "u_12": "1", "u_21": "1/3"},
        form="printed", title="Every global minimum of the population loss has u₋₁U₁₁ = Γ⁻¹", source="Lemma 5.3, read for all parameters",
        reason="The loss depends on u₁₂u₂₁ᵀ + u₋₁U₁₁. At d = 1 the first product alone can be 1/Γ.",
        consequence="None for Theorem 4.1, along whose flow u₁₂ and u₂₁ are zero.",
    )  # fmt: skip
    S.inequality(
        "theorem-4-1-unique", (reached.T @ Gamma @ reached).trace / 2, highest, proof=E(even**2) / 2, expected="holds",
        form="repaired", source="Theorem 4.1",
        title="Every global minimum has u₁₂u₂₁ᵀ + u₋₁U₁₁ = Γ⁻¹: what is squared vanishes there alone",
    )  # fmt: skip
