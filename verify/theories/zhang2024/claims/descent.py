"""Lemmas A.4, A.5 and 5.4: the start, the sign of u₋₁, the lower bound of u₋₁, and the rate."""

from __future__ import annotations

from verify.own.terms import supposed
from verify.theories.zhang2024.setting import (
    L2,
    Array,
    B,
    Gamma,
    Gamma_inv,
    Gamma_root,
    Lambda,
    N,
    P,
    S,
    Theta,
    U,
    V,
    a,
    along,
    at_most,
    b,
    c,
    cauchy,
    d,
    dU,
    du,
    epsilon,
    loss,
    m_1,
    m_2,
    op_Gamma,
    op_Lambda,
    outer,
    ratio,
    root,
    root_inv,
    sigma,
    sp,
    tau,
    total,
    u,
)


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
    lagrange = Array(
        (d,) * 4,
        lambda *at: moved[at[1], at[0]] * start[at[2], at[3]] - moved[at[2], at[0]] * start[at[1], at[3]],
    )
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
    # m_1 is any number that is at least ‖Λ²‖_F, as √d‖Λ‖²_op is; m_2 any that is at least ‖Γ‖_F, as √d‖Γ‖_op is
    balanced, first = at_most(U.square, u**2), at_most(L2.square, m_1**2)
    second, unit = at_most(Gamma.square, m_2**2), at_most(start.square, 1)
    below = (
        m_1 / 2 * (U - u / m_1 * L2).square
        + m_1 / 2 * supposed(balanced)
        + u**2 / (2 * m_1) * supposed(first)
    )
    S.inequality(
        "lemma-a-5-bound", u * (L2 @ U.T).trace, m_1 * u**2, when=[balanced, first], proof=below, expected="holds",
        form="printed", title="u₋₁tr(Λ²U₁₁ᵀ) is at most √d u₋₁²‖Λ‖²_op where (A.12) holds, with m₁ for √d‖Λ‖²_op",
        source="Lemma A.5, in its proof",
    )  # fmt: skip
    turned = start @ Gamma
    crossed = Array(
        (d,) * 4,
        lambda *at: start[at[0], at[1]] * Gamma[at[2], at[3]] - start[at[0], at[2]] * Gamma[at[1], at[3]],
    )
    above = m_2 / 2 * (moved - turned @ moved / m_2).square + 1 / (2 * m_2) * (
        cauchy(turned, moved)
        + outer(moved, crossed).square / 2
        + outer(moved, Gamma).square * supposed(unit)
        + moved.square * supposed(second)
    )
    S.inequality(
        "lemma-a-4-bound", (Gamma @ Lambda @ start @ Lambda @ start).trace, m_2 * moved.square, when=[unit, second], proof=above,
        form="printed", title="tr[ΓΛΘΘᵀΛΘΘᵀ] is at most √d‖Γ‖_op‖ΛΘ‖²_F, with m₂ for √d‖Γ‖_op", source="Lemma A.4, in its proof",
        expected="holds",
    )  # fmt: skip
    lowest = (1 + 1 / N.size) * (u * (Lambda @ U @ root)).square + outer(
        root, u * (root @ U @ root)
    ).square / N.size
    falls = at_most(
        loss, sigma**4 / 2 * (Gamma @ Lambda @ start @ Lambda @ start).trace - sigma**2 * (L2 @ start).trace
    )
    S.inequality(
        "eq-a-14", sigma**2 * moved.square * (2 - sigma**2 * m_2), 2 * m_1 * u**2, when=[balanced, first, unit, second, falls],
        proof=2 * below + lowest + 2 * supposed(falls) + sigma**4 * above, expected="holds",
        form="printed", title="The lower bound of u₋₁², where ℓ̃ is at most ℓ̃(0), with m₁ for √d‖Λ‖²_op and m₂ for √d‖Γ‖_op",
        source="Lemma A.5, (A.14)",
    )  # fmt: skip
    S.section("Theorem 4.1 without a condition on σ")
    S.identity(
        "start-free", along(U[c, c]), u * ratio[c] ** 2 * (1 - u * Gamma[c, c] * U[c, c]),
        when=sp.Eq(Lambda[a, b], ratio[a] * sp.KroneckerDelta(a, b)),
        form="ours", title="In eigenvectors of Λ a diagonal entry of U₁₁ grows while u₋₁Γ_aU_aa < 1", source="Theorem 4.1, for every σ",
    )  # fmt: skip
    others = total((U[b, c] - sp.KroneckerDelta(a, b) * sp.KroneckerDelta(a, c) * U[a, a]) ** 2, b, c)
    S.inequality(
        "start-free-bound", U[a, a] ** 2, U.square, proof=others, expected="holds",
        form="ours", title="U_aa is at most ‖U₁₁‖_F, which is u₋₁ by (A.12)", source="Theorem 4.1, for every σ",
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
    factor = Gamma_root @ root_inv @ Gamma_inv
    S.identity(
        "eq-a-16-factors", (Gamma_root @ P)[a, b], (factor @ (Gamma @ root @ P @ root) @ root_inv)[a, b],
        form="printed", title="Γ^{1/2}X by the gradient ΓΛ^{1/2}XΛ^{1/2}, for every X", source="(A.16)",
    )  # fmt: skip
    S.identity(
        "eq-a-16-trace", factor.square, (Gamma_inv @ root_inv @ root_inv).trace,
        form="printed", title="The squared norm of Γ^{1/2}Λ^{-1/2}Γ⁻¹ is tr(Γ⁻¹Λ⁻¹)", source="(A.16)",
    )  # fmt: skip
    lagrange = Array(
        (d,) * 4, lambda *at: V[at[0], at[1]] * P[at[2], at[3]] - V[at[0], at[2]] * P[at[1], at[3]]
    )
    S.inequality(
        "eq-a-16", (B @ V @ P).square, B.square * V.square * P.square,
        proof=cauchy(B, V @ P) + outer(B, lagrange).square / 2, expected="holds",
        form="printed", title="The norm of a product of three matrices", source="(A.16), with the two statements above",
    )  # fmt: skip
    # ε is μ, τ is tr(Γ⁻¹Λ⁻¹)tr(Λ⁻¹), and V is ΓΛ^{1/2}(u₋₁Λ^{1/2}U₁₁Λ^{1/2} − ΛΓ⁻¹)Λ^{1/2}
    least_u = at_most(sigma**2 * moved.square * (2 - sigma**2 * m_2), 2 * m_1 * u**2)
    rate = at_most(epsilon * tau * m_1, sigma**2 * moved.square * (2 - sigma**2 * m_2))
    S.inequality(
        "eq-5-7", epsilon * tau, 2 * u**2, when=[least_u, rate], proof=(supposed(least_u) + supposed(rate)) / m_1, expected="holds",
        form="printed", title="μ tr(Γ⁻¹Λ⁻¹)tr(Λ⁻¹) is at most 2u₋₁² by (A.14), with ε for μ and τ for the product of the traces",
        source="Lemma 5.4, (5.7)",
    )  # fmt: skip
    slope = at_most(epsilon * factor.square * root_inv.square, 2 * u**2)
    twice = Array(
        (d,) * 4,
        lambda *at: V[at[0], at[1]] * root_inv[at[2], at[3]] - V[at[0], at[2]] * root_inv[at[1], at[3]],
    )
    S.inequality(
        "eq-5-8", epsilon / 2 * (factor @ V @ root_inv).square, u**2 * V.square, when=slope, expected="holds",
        proof=V.square / 2 * supposed(slope) + epsilon / 2 * (cauchy(factor, V @ root_inv) + outer(factor, twice).square / 2),
        form="printed", title="‖∇ℓ̃‖² is at least μ(ℓ̃ − min ℓ̃) where (5.7) holds, both sides by (A.15), (A.16) and Corollary A.2",
        source="Lemma 5.4, (5.8)",
    )  # fmt: skip
