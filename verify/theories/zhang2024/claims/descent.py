"""Lemmas A.4, A.5 and 5.4: the start, the sign of u₋₁, the lower bound of u₋₁, and the rate."""

from __future__ import annotations

from verify.theories.zhang2024.setting import Array, Gamma, Gamma_inv, L2, Lambda, N, P, S, Theta, U, a, b, cauchy, d, dU, du, least, loss, norm, op_Gamma, op_Lambda, outer, root, sigma, sp, u


def state() -> None:
    """Adds the statements."""
    S.section("Appendix A: Lemma A.4")
    start = Theta @ Theta.T
    S.identity(
        "lemma-a-4-start", loss, sigma**4 / 2 * (Gamma @ Lambda @ start @ Lambda @ start).trace - sigma**2 * (L2 @ start).trace,
        when=[sp.Eq(U[a, b], sigma * start[a, b]), sp.Eq(u, sigma)],
        form="printed", title="The loss at the start", source="Lemma A.4, in its proof",
    )  # fmt: skip
    S.identity(
        "lemma-a-4-trace", (L2 @ start).trace, (Lambda @ Theta).square,
        form="printed", title="tr[Λ²ΘΘᵀ] is a squared norm", source="Lemma A.4, in its proof",
    )  # fmt: skip
    S.inequality(
        "lemma-a-4-first", (Gamma @ P).trace ** 2, d.size * P.square * op_Gamma**2, expected="holds",
        form="printed", title="tr(ΓB) is at most √d‖B‖_F‖Γ‖_op, squared", source="Lemma A.4, in its proof",
    )  # fmt: skip
    moved = Lambda @ Theta
    lagrange = Array((d,) * 4, lambda *at: moved[at[1], at[0]] * start[at[2], at[3]] - moved[at[2], at[0]] * start[at[1], at[3]])
    S.inequality(
        "lemma-a-4-second", (moved @ (moved.T @ start)).square, moved.square**2 * start.square, expected="holds",
        proof=cauchy(moved, moved.T @ start) + outer(moved, lagrange).square / 2,
        form="printed", title="‖ΛΘΘᵀΛΘΘᵀ‖_F is at most ‖ΛΘ‖²_F, squared", source="Lemma A.4, in its proof",
    )  # fmt: skip
    S.identity(
        "lemma-a-4-sign", loss, 0, when=sp.Eq(u, 0),
        form="printed", title="Where u₋₁ vanishes, so does ℓ̃", source="Lemma A.4, in its proof",
    )  # fmt: skip
    S.section("Appendix A: Lemma A.5")
    S.inequality(
        "lemma-a-5-trace", (L2 @ U.T).trace ** 2, d.size * U.square * op_Lambda**4, expected="holds",
        form="printed", title="tr(Λ²U₁₁ᵀ) is at most √d‖Λ‖²_op‖U₁₁‖_F, squared", source="Lemma A.5, in its proof",
    )  # fmt: skip
    S.inequality(
        "lemma-a-5-loss", -u * (L2 @ U.T).trace, loss, expected="holds",
        proof=(1 + 1 / N.size) / 2 * (u * (Lambda @ U @ root)).square + outer(root, u * (root @ U @ root)).square / (2 * N.size),
        form="printed", title="ℓ̃ is at least −u₋₁tr(Λ²U₁₁ᵀ)", source="Lemma A.5, in its proof",
    )  # fmt: skip
    S.section("Section 5: Lemma 5.4")
    S.inequality(
        "eq-a-15", dU.square, dU.square + du**2, expected="holds", proof=du**2,
        form="printed", title="The squared gradient is at least that in U₁₁", source="(A.15)",
    )  # fmt: skip
    inner = u * (root @ U @ root) - Lambda @ Gamma_inv
    S.identity(
        "eq-a-15-product", dU[a, b], (-u * (Gamma @ root @ inner @ root))[a, b],
        form="printed", title="The gradient in U₁₁ as a product", source="(A.15)",
    )  # fmt: skip
