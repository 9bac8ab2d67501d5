"""The matrix Γ, how it commutes, and the prediction of linear attention."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    L2,
    N_1,
    Array,
    E,
    Gamma,
    Gamma_inv,
    H,
    Lambda,
    Lambda_inv,
    N,
    P,
    S,
    U,
    X,
    a,
    b,
    c,
    d,
    eye,
    hat,
    i,
    k,
    norm,
    op_Gamma,
    op_Lambda,
    outer,
    over_prompt,
    p,
    p_12,
    p_21,
    root,
    root_inv,
    s,
    sp,
    total,
    tr,
    u,
    u_12,
    u_21,
    v,
    w,
    x_q,
    y,
)

VALUES = outer(x_q, x_q) / N.size
BLOCK = hat + VALUES
CROSS, LAST = X @ y / N.size, y @ y / N.size
PREDICTED = (
    u_12 @ (BLOCK @ (U @ x_q))
    + (u_12 @ CROSS) * (u_21 @ x_q)
    + u * (CROSS @ (U @ x_q))
    + u * LAST * (u_21 @ x_q)
)


def form(left: tuple[Array, sp.Expr], right: tuple[Array, sp.Expr]) -> sp.Expr:
    """The bilinear form of EEᵀ/N at two vectors, each with its last entry apart."""
    (v, last), (v_, last_) = left, right
    return v @ (BLOCK @ v_) + (v @ CROSS) * last_ + last * (CROSS @ v_) + last * LAST * last_


def applied(row: Array, last: sp.Expr, column: Array, end: sp.Expr) -> sp.Expr:
    """The bilinear form of EEᵀ/N of a prompt with linear labels."""
    linear = hat @ w
    return (
        row @ (BLOCK @ column) + (row @ linear) * end + last * (linear @ column) + last * norm(w, hat) * end
    )


def state() -> None:
    """Adds the statements."""
    S.section("Frobenius and spectral norms")
    S.inequality(
        "lemma-a-5-norm", L2.square, d.size * op_Lambda**4, expected="holds",
        form="printed", title="√d‖Λ‖²_op is at least ‖Λ²‖_F, squared", source="Lemma A.5, in its proof",
    )  # fmt: skip
    S.inequality(
        "lemma-a-4-norm", Gamma.square, d.size * op_Gamma**2, expected="holds",
        form="printed", title="√d‖Γ‖_op is at least ‖Γ‖_F, squared", source="Lemma A.4, in its proof",
    )  # fmt: skip
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
        "gamma-inverse-both", tr * (Lambda_inv @ Gamma_inv)[a, b], (N.size * Lambda_inv - N_1 * Gamma_inv)[a, b],
        steps=[(N.size * Lambda_inv - N_1 * (Lambda_inv @ (Lambda @ Gamma_inv)))[a, b]],
        form="ours", title="Λ⁻¹Γ⁻¹ in partial fractions", source="definition of Γ",
    )  # fmt: skip
    S.identity(
        "gamma-root", (Gamma @ root)[a, b], (root @ Gamma)[a, b],
        form="ours", title="Γ commutes with the root of Λ", source="definition of Γ",
    )  # fmt: skip
    S.identity(
        "gamma-inverse-between", (root @ Gamma_inv @ root)[a, b], (Lambda @ Gamma_inv)[a, b],
        steps=[(Gamma_inv @ Gamma @ root @ Gamma_inv @ root)[a, b], (Gamma_inv @ root @ Gamma @ Gamma_inv @ root)[a, b]],
        form="ours", title="The root of Λ on both sides of Γ⁻¹", source="definition of Γ",
    )  # fmt: skip
    S.identity(
        "root-inverse-between", (root_inv @ Lambda @ root_inv)[a, b], eye(d)[a, b],
        steps=[(root_inv @ root @ root @ root_inv)[a, b]],
        form="ours", title="The inverse root of Λ on both sides of Λ", source="definition of the root",
    )  # fmt: skip
    S.identity(
        "gamma-inverse-roots", tr * (root_inv @ root_inv @ Gamma_inv)[a, b], (N.size * (root_inv @ root_inv) - N_1 * Gamma_inv)[a, b],
        steps=[
            (N.size * (root_inv @ root_inv) - N_1 * (root_inv @ root_inv @ Lambda @ Gamma_inv))[a, b],
            (N.size * (root_inv @ root_inv) - N_1 * (root_inv @ root_inv @ root @ root @ Gamma_inv))[a, b],
        ],
        form="ours", title="Λ⁻¹Γ⁻¹ in partial fractions, by roots", source="definition of Γ",
    )  # fmt: skip
    S.section("Section 3: the prediction, and Lemma 5.1")
    value, score = X.T @ u_12 + u * y, X.T @ (U @ x_q) + (u_21 @ x_q) * y
    S.identity(
        "eq-3-6", (value @ score + (u_12 @ x_q) * (x_q @ (U @ x_q))) / N.size, PREDICTED,
        form="printed", title="The prediction, token by token and by blocks", source="(3.6)",
    )  # fmt: skip
    column = Array((d,), lambda row: U[row, c])
    S.identity(
        "lemma-5-1", total(x_q[c] * (form((column, u_21[c]), (u_12, u)) + form((u_12, u), (column, u_21[c]))), c) / 2, PREDICTED,
        form="printed", title="The prediction is a quadratic form of Vec(U)", source="Lemma 5.1, (5.1)",
    )  # fmt: skip
    S.identity(
        "eq-a-1", S.gradient((norm(v, H) - s) ** 2 / 2, v[k]), 2 * norm(v, H) * (H @ v)[k] - 2 * s * (H @ v)[k],
        form="printed", title="The gradient in u, before the expectation", source="(A.1)",
    )  # fmt: skip
    labels = X.T @ w
    S.identity(
        "eq-a-2", (X @ labels / N.size)[a] + labels @ labels / N.size * w[a], (hat @ w)[a] + norm(w, hat) * w[a],
        form="printed", title="The blocks of EEᵀ/N that have labels", source="(A.2)",
    )  # fmt: skip
    linear, cubic = hat @ w, BLOCK @ u_12 + u * (hat @ w)
    S.identity(
        "eq-a-3", E((w @ x_q) * x_q[b] * linear[a]), total(Lambda[a, c] * Lambda[b, c], c),
        form="printed", title="The expectation of ⟨w, x_q⟩H: the block with labels", source="(A.3)",
    )  # fmt: skip
    S.identity(
        "eq-a-3-zero", E((w @ x_q) * x_q[c] * (BLOCK[a, b] + norm(w, hat))), 0,
        form="printed", title="The expectation of ⟨w, x_q⟩H: the blocks that vanish", source="(A.3)",
    )  # fmt: skip
    S.identity(
        "eq-a-4", E((w @ x_q) * x_q[b] * cubic[a]), u * (Lambda @ Lambda)[a, b],
        form="printed", title="The expectation of ⟨w, x_q⟩H, times u", source="(A.4)",
    )  # fmt: skip
    right = U @ x_q
    S.identity(
        "eq-a-5",
        total(P[a, b] * (linear[a] * u) * x_q[b], a, b) + p_12 @ (BLOCK @ right) + norm(w, hat) * u * (p_21 @ x_q) + p * (linear @ right),
        total(x_q[c] * applied(Array((d,), lambda row: P[row, c]), p_21[c], u_12, u), c)
        + total(x_q[c] * applied(p_12, p, column, u_21[c]), c),
        when=[sp.Eq(u_12[a], 0), sp.Eq(u_21[a], 0)],
        form="printed", title="Z U X for u₁₂ = u₂₁ = 0, each entry by a coefficient", source="(A.5)",
    )  # fmt: skip
    S.inequality(
        "lemma-5-1-eigenvalues", u_21 @ u_21 + u**2, 0,
        when=[sp.Eq((X.T @ u_21)[i] + u * y[i], 0), sp.Eq(x_q @ u_21, 0)], expected="fails", failure="false",
        witness={"d": 2, "N": 1, "X": "1 0", "x_q": "0 1", "y": "1", "u_21": "1 0", "u": "-1"},
        form="printed", title="H_τ has d + 1 negative eigenvalues only if EEᵀ is positive definite: Eᵀ has no kernel", source="Lemma 5.1",
        reason="EEᵀ is a sum of N + 1 squares; for N < d it is singular. The text shows one positive eigenvalue, which gives one negative.",
        consequence="That H_τ is indefinite, which is all that is used, needs one negative eigenvalue.",
    )  # fmt: skip
    S.section("Section 5 and Appendix A: moments")
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
