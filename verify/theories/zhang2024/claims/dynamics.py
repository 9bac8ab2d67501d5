"""Lemmas 5.2 to 5.3 and A.1 to A.3: the flow of the two blocks, its loss, its minimum, and what the flow conserves."""

from __future__ import annotations

from verify.theories.zhang2024.setting import Gamma, Gamma_inv, Lambda, S, U, a, along, b, dU, du, least, loss, root, tr, u


def state() -> None:
    """Adds the statements."""
    S.section("Section 5 and Appendix A: the flow")
    S.identity(
        "lemma-a-1", -S.gradient(loss, U[a, b]), dU[a, b],
        form="printed", title="The flow of U₁₁ is that of the gradient of ℓ̃", source="Lemma A.1, (5.4), (5.5)",
    )  # fmt: skip
    S.identity(
        "lemma-a-1-scalar", -S.gradient(loss, u), du,
        form="printed", title="The flow of u₋₁ is that of the gradient of ℓ̃", source="Lemma A.1, (5.4), (5.5)",
    )  # fmt: skip
    S.identity(
        "lemma-a-3", along(u**2 - (U @ U.T).trace), 0,
        form="printed", title="u₋₁² − tr(U₁₁U₁₁ᵀ) is conserved", source="Lemma A.3, (A.12)",
    )  # fmt: skip
    S.identity(
        "dissipation", along(loss), -(dU.square + du**2),
        form="ours", title="The loss falls at the rate of the squared gradient", source="Lemma 5.4, proof",
    )  # fmt: skip
    moved = u * (root @ U @ root) - Lambda @ Gamma_inv
    S.identity(
        "corollary-a-2", loss - least, (moved.T @ Gamma @ moved).trace / 2,
        form="printed", title="The loss above its least value is a square", source="Corollary A.2",
    )  # fmt: skip
