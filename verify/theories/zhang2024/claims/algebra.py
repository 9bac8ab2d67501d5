"""Appendix D: derivatives of traces, fourth moments, and traces of products."""

from __future__ import annotations

from verify.theories.zhang2024.setting import (
    B,
    E_one,
    Lambda,
    P,
    S,
    Theta,
    U,
    V,
    a,
    b,
    d,
    op_U,
    root,
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
