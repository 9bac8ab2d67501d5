"""The bounds of section 4.2 on the error of the limit, and Corollary 4.3."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    G2,
    L2,
    L3,
    Array,
    E_test,
    Gamma_inv,
    Lambda,
    Lambda_inv,
    M,
    N,
    S,
    a,
    at,
    b,
    d,
    epsilon,
    hat_test,
    label,
    norm,
    op_inverse,
    op_Lambda,
    outer,
    q,
    root,
    sp,
    t,
    total,
    tr,
    w,
    weight,
    x_q,
)


def slack(top: Array, middle: Array, low: Array, times: Array | None = None) -> sp.Expr:
    """What Γ² − Λ² is, as squares of what Λ², Λ and I are turned to, and multiplied by the squares of an array."""
    size = N.size

    def square(part: Array) -> sp.Expr:
        return (part if times is None else outer(times, part)).square

    return (
        (2 / size + 1 / size**2) * square(top)
        + 2 * (1 + 1 / size) / size * square(outer(root, middle))
        + 1 / size**2 * square(tr * low)
    )


def state() -> None:
    """Adds the statements."""
    S.section("Section 4.2: bounds of the error")
    half = Gamma_inv @ w
    cubic = (root @ (Lambda @ half), Lambda @ half, root @ half)
    whole = (Lambda @ half, root @ half, half)
    single = (root @ half, half, root @ (Lambda_inv @ half))
    alone = (Lambda @ Gamma_inv, root @ Gamma_inv, Gamma_inv)
    steps = {
        "cubic": (norm(w, G2 @ L3), norm(w, Lambda), slack(*cubic)),
        "square": (norm(w, G2 @ L2), w @ w, slack(*whole)),
        "linear": (norm(w, G2 @ Lambda), norm(w, Lambda_inv), slack(*single)),
        "trace": ((G2 @ L2).trace, d.size, slack(*alone)),
    }
    for name, (low, high, proof) in steps.items():
        S.inequality(
            f"eq-4-2-using-{name}", low, high, proof=proof, expected="holds",
            form="printed", title="What Γ ≻ Λ gives, in its " + name + " term", source="Section 4.2, “using Γ ≻ Λ”",
        )  # fmt: skip
    exact = (norm(w, G2 @ L3) + (G2 @ L2).trace * norm(w, Lambda)) / M.size + (
        norm(w, G2 @ L3) + 2 * tr * norm(w, G2 @ L2) + tr**2 * norm(w, G2 @ Lambda)
    ) / N.size**2
    bound = (d.size + 1) / M.size * norm(w, Lambda) + (
        norm(w, Lambda) + 2 * tr * (w @ w) + tr**2 * norm(w, Lambda_inv)
    ) / N.size**2
    S.inequality(
        "eq-4-2-bound", exact, bound, expected="holds",
        proof=(
            (1 / M.size + 1 / N.size**2) * slack(*cubic)
            + slack(*alone, root @ w) / M.size
            + 2 / N.size**2 * slack(*whole, root)
            + slack(*(tr * part for part in single)) / N.size**2
        ),
        form="printed", title="The bound of the error for linear labels", source="Section 4.2",
    )  # fmt: skip
    for name, matrix, largest in (("covariance", Lambda, op_Lambda), ("inverse", Lambda_inv, op_inverse)):
        apart = total((matrix[a, b] - sp.KroneckerDelta(a, b) * matrix[a, a]) ** 2, a, b)
        S.inequality(
            f"eq-4-2-trace-{name}", matrix.trace**2, d.size * matrix.square, expected="holds",
            proof=total((matrix[a, a] - matrix[b, b]) ** 2, a, b) / 2 + d.size * apart,
            form="ours", title="A squared trace and the Frobenius norm", source="Section 4.2",
        )  # fmt: skip
        S.inequality(
            f"eq-4-2-norm-{name}", matrix.square, d.size * largest**2, expected="holds",
            form="ours", title="The Frobenius norm and the largest eigenvalue", source="Section 4.2",
        )  # fmt: skip
    S.inequality(
        "eq-4-2-kappa", Lambda_inv.trace * root.square, d.size**2 * op_Lambda * op_inverse,
        when=[root.square <= d.size * op_Lambda, Lambda_inv.trace <= d.size * op_inverse], expected="holds",
        form="printed", title="tr(Λ⁻¹)tr(Λ) is at most d²κ, as a trace is at most d times the largest eigenvalue", source="Section 4.2",
    )  # fmt: skip
    S.inequality(
        "corollary-4-3", (d.size + 1) * tr / M.size, epsilon, when=(d.size + 1) * tr <= M.size * epsilon, expected="holds",
        form="printed", title="A prompt that is long enough", source="Corollary 4.3",
    )  # fmt: skip
    S.inequality(
        "words-4-2", norm(Gamma_inv @ (Lambda @ w) - w, Lambda), E_test((x_q @ (Gamma_inv @ (hat_test @ w)) - w @ x_q) ** 2),
        proof=(root @ (Lambda @ half)).square / M.size + outer(Gamma_inv @ Lambda, root @ w).square / M.size, expected="holds",
        form="printed", title="The error does not vanish with M: it is at least the bias, which has no M", source="Section 4.2, in words",
    )  # fmt: skip
    bias = norm(w, L3) + 2 * tr * norm(w, L2) + tr**2 * norm(w, Lambda)
    S.inequality(
        "words-4-2-gap", 1, 0, when=bias <= 0, expected="fails", failure="silent",
        witness={"d": 1, "N": 1, "M": 1, "T": 1, "K": 1, "Lambda": "1", "w": "0"},
        form="printed", title="The 1/N² term is never zero, with w for Γ⁻¹a", source="Section 4.2, in words",
        reason="The text does not say that a ≠ 0. Where x and y are uncorrelated the term is zero at every N.",
        consequence="None for linear labels with w ≠ 0.",
    )  # fmt: skip
    S.inequality(
        "words-4-2-gap", tr**2 * norm(w, Lambda), bias, expected="holds",
        proof=(root @ (Lambda @ w)).square + 2 * outer(root, Lambda @ w).square,
        form="repaired", source="Section 4.2, in words",
        title="The 1/N² term is at least tr(Λ)²‖Γ⁻¹a‖²_Λ/N², which is zero for a = 0 alone",
    )  # fmt: skip
    S.section("Appendix B: which moments exist")
    S.inequality(
        "appendix-b-exists", total(weight[t] * label[t] ** 2, t), q * total(weight[t] * (1 + label[t] ** 2 * total(at[t, a] ** 2, a)), t),
        expected="fails", failure="false",
        witness={"d": 1, "N": 1, "M": 1, "T": 1, "K": 1, "weight": "1", "at": "0", "label": "2", "q": "1"},
        form="printed", title="E[y²] is bounded by 1 + E[y²‖x‖²] times a number", source="Appendix B, “we know that … exists”",
        reason="Where x is small, y may be large: y = ‖x‖^{-d/2} has the moments that are supposed, and E[y²] = ∞.",
        consequence="Theorem 4.2 has to suppose E[y²] < ∞.",
    )  # fmt: skip
    S.inequality(
        "appendix-b-exists", total(weight[t] * (at @ w - label)[t] ** 2, t),
        2 * total(weight[t] * (at @ w)[t] ** 2, t) + 2 * total(weight[t] * label[t] ** 2, t),
        proof=total(weight[t] * (at @ w + label)[t] ** 2, t), expected="holds",
        form="repaired", title="E(⟨w, x⟩ − y)² is at most 2wᵀE[xxᵀ]w + 2E[y²]", source="Appendix B",
    )  # fmt: skip
