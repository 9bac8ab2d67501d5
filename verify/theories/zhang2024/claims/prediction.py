"""(4.1) to (4.6): what the limit predicts, its error for any law of the labels, and for linear labels; Corollary 4.3."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    G2,
    L2,
    L3,
    E_one,
    E_q,
    E_test,
    E_w,
    Gamma,
    Gamma_inv,
    Lambda,
    Lambda_inv,
    M,
    N,
    S,
    Sigma,
    U,
    Z,
    a,
    a_,
    b,
    c_1,
    d,
    eye,
    hat_test,
    norm,
    ones,
    q,
    r,
    sp,
    tau,
    tr,
    u_12,
    u_21,
    w,
    x_q,
    xi,
    z,
)


def state() -> None:
    """Adds the statements."""
    S.section("Section 4: the prediction of the limit")
    value, score = Z.T @ u_12 + (q * z), Z.T @ (U @ x_q) + (u_21 @ x_q) * z
    limit = [sp.Eq(u_12[a], 0), sp.Eq(u_21[a], 0), sp.Eq(q * U[a, b], Gamma_inv[a, b])]
    attention = (value @ score + (u_12 @ x_q) * (x_q @ (U @ x_q))) / M.size
    S.identity(
        "eq-4-3", attention, x_q @ (Gamma_inv @ (Z @ z)) / M.size, when=limit,
        form="printed", title="The prediction of the limit for any labels", source="(4.3)",
    )  # fmt: skip
    S.identity(
        "eq-4-2", x_q @ (Gamma_inv @ (Z @ (Z.T @ w))) / M.size, x_q @ (Gamma_inv @ (hat_test @ w)),
        form="printed", title="The prediction of the limit for linear labels", source="(4.2)",
    )  # fmt: skip
    S.identity(
        "remark-4-1", (N.size + d.size + 1) / N.size * Gamma_inv[a, b], eye(d)[a, b],
        when=sp.Eq(Lambda[a, b], eye(d)[a, b]), steps=[(Gamma @ Gamma_inv)[a, b]],
        form="printed", title="Γ⁻¹ for Λ = I", source="remark after Theorem 4.1",
    )  # fmt: skip
    S.identity(
        "words-4-2-shift", (c_1 * Z) @ ((c_1 * Z).T @ w) @ (Gamma_inv @ x_q), c_1**2 * ((Z @ (Z.T @ w)) @ (Gamma_inv @ x_q)),
        form="printed", title="Covariates of the prompt that are scaled by c scale the prediction by c²", source="Section 4.2",
    )  # fmt: skip
    S.section("Section 4: Theorem 4.2")
    labelled = x_q @ a_ + r
    S.identity(
        "theorem-4-2-best", E_q((x_q @ w - labelled) ** 2), tau + norm(w - a_, Lambda),
        form="printed", title="The best linear predictor is a = Λ⁻¹E[xy]", source="(4.5), (B.1)",
    )  # fmt: skip
    predicted = x_q @ (Gamma_inv @ (Lambda @ a_ + xi @ ones / M.size))
    bias = norm(a_, G2 @ L3) + 2 * tr * norm(a_, G2 @ L2) + tr**2 * norm(a_, G2 @ Lambda)
    S.identity(
        "eq-4-6", E_q((predicted - labelled) ** 2), tau + (Sigma @ G2 @ Lambda).trace / M.size + bias / N.size**2,
        form="printed", title="The error of the limit for any law of the labels", source="Theorem 4.2, (4.6)",
    )  # fmt: skip
    S.identity(
        "eq-b-ii", E_q((x_q @ (Gamma_inv @ (xi @ ones))) ** 2) / M.size**2, (Sigma @ G2 @ Lambda).trace / M.size,
        form="printed", title="Term II: the variance of the prompt", source="Appendix B, II",
    )  # fmt: skip
    off = Gamma_inv @ (Lambda @ a_) - a_
    S.identity(
        "eq-b-iii", norm(off, Lambda), bias / N.size**2,
        form="printed", title="Term III: the bias of a finite N", source="Appendix B, III",
    )  # fmt: skip
    S.section("Section 4: linear labels")
    S.identity(
        "eq-4-2-covariance",
        E_one(((w @ x_q) * x_q[a] - (Lambda @ w)[a]) * ((w @ x_q) * x_q[b] - (Lambda @ w)[b])),
        norm(w, Lambda) * Lambda[a, b] + (Lambda @ w)[a] * (Lambda @ w)[b],
        form="printed", title="Σ for linear labels", source="Section 4.2, before (4.6)",
    )  # fmt: skip
    exact = (norm(w, G2 @ L3) + (G2 @ L2).trace * norm(w, Lambda)) / M.size + (
        norm(w, G2 @ L3) + 2 * tr * norm(w, G2 @ L2) + tr**2 * norm(w, G2 @ Lambda)
    ) / N.size**2
    S.identity(
        "eq-4-2-linear", E_test((x_q @ (Gamma_inv @ (hat_test @ w)) - w @ x_q) ** 2), exact,
        form="printed", title="The error of the limit for linear labels", source="Section 4.2",
    )  # fmt: skip
    S.identity(
        "eq-4-2-mean", E_w(norm(w, Lambda) + w @ w + norm(w, Lambda_inv)), tr + d.size + Lambda_inv.trace,
        form="printed", title="The averages over w ~ N(0, I)", source="Section 4.2",
    )  # fmt: skip
