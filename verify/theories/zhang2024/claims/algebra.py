"""Appendix D: derivatives of traces, fourth moments, and traces of products."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    B,
    E_one,
    H,
    J,
    Lambda,
    P,
    S,
    Theta,
    U,
    V,
    a,
    b,
    d,
    k,
    l,
    op_U,
    root,
    sp,
    x_q,
)


def state() -> None:
    """Adds the statements."""
    S.section("Appendix D")
    S.identity(
        "lemma-d-1", S.gradient((P @ U @ Theta @ U.T @ V).trace, U[a, b]), (P.T @ V.T @ U @ Theta.T + V @ P @ U @ Theta)[a, b],
        form="printed", title="The derivative of tr(AXBXᵀC)", source="Lemma D.1",
    )  # fmt: skip
    S.identity(
        "lemma-d-2", E_one(x_q[a] * (x_q @ (P @ x_q)) * x_q[b]), (Lambda @ (P + P.T) @ Lambda + (P @ Lambda).trace * Lambda)[a, b],
        form="printed", title="The fourth moment of a Gaussian vector", source="Lemma D.2",
    )  # fmt: skip
    S.inequality(
        "lemma-d-3", (U.T @ P).trace ** 2, d.size * op_U**2 * P.square, expected="holds",
        form="printed", title="tr(UᵀV) is at most √d‖U‖_op‖V‖_F, squared", source="Lemma D.3",
    )  # fmt: skip
    S.inequality(
        "lemma-d-4", 0, (root @ B @ root).trace, expected="holds",
        form="printed", title="tr(AB) is nonnegative for positive semidefinite A = RR and B", source="Lemma D.4",
    )  # fmt: skip
    both = Lambda @ B + B @ Lambda
    S.inequality(
        "lemma-d-4-commute", (Lambda @ B - B @ Lambda).square, 0, when=sp.Eq(both[a, b], (P @ P.T)[a, b]),
        expected="fails", failure="misread",
        witness={"d": 2, "N": 1, "M": 1, "T": 1, "K": 1, "Lambda": "1 0 0 2", "B": "2 2/3 2/3 5/4", "P": "2 0 1 2"},
        form="printed", title="Where xᵀABx is nonnegative for every x, A and B commute; A = Λ, AB + BA = PPᵀ", source="Lemma D.4",
        reason="The quadratic form of AB is that of (AB + BA)/2, which may be positive for matrices that do not commute.",
        consequence="The lemma holds where AB ⪰ 0 includes that AB is symmetric.",
    )  # fmt: skip
    S.identity(
        "lemma-d-4-commute", (H @ J)[k, l], (J @ H)[k, l], when=sp.Eq((H @ J)[k, l], (H @ J)[l, k]),
        form="repaired", title="Where AB is symmetric, A and B commute, for any symmetric A and B", source="Lemma D.4",
    )  # fmt: skip
