"""Theorem 3.1 with what its proof uses: x ~ N(0, H), w of covariance ψ²I, noise of variance σ², f(X, y, x) = ⟨(1/N) P Xᵀy, x⟩.

The theorem was written down from memory. Of w and of the noise the laws here have no moment beyond the second, of x they have the fourth.
"""

from __future__ import annotations

import sympy as sp

from verify import Setting, array
from verify.own.arrays import Array, eye, outer

S = Setting("Wu et al. (2024)")
d, N = S.dims("d N")
a, b = d.index("a"), d.index("b")
i = N.index("i")
covariance = S.letters(kind="positive definite", H=(d, d))
H = array(covariance)
tr, N_1 = S.define("tr_H", H.trace), S.define("N_1", N.size + 1)
psi = S.scalars("psi")
sigma = S.scalars("sigma", positive=False)
noise = S.define("ratio", sigma**2 / psi**2)
Gamma = array(S.define("Gamma", ((N.size + 1) / N.size * H + (tr + noise) / N.size * eye(d))[a, b], a, b))
best = array(S.inverse("best", Gamma[a, b], a, b))
root = array(S.root("R", H[a, b], a, b))
root_inv = array(S.inverse("R_inv", root[a, b], a, b))

P = array(S.letters(P=(d, d)))
X, x, w = (array(letter) for letter in S.letters(X=(d, N), x=d, w=d))
e, r = array(S.letters(e=N)), S.letters(r=())
E = S.expectation("E", X=S.gaussian(covariance), x=S.gaussian(covariance), w=psi**2, e=sigma**2, r=sigma**2)
k, c = S.scalars("k", positive=False), S.letters(c=())
q = 1 + k  # a fourth moment is at least the square of the variance, which is 1
E_four = S.expectation("E_four", X=S.independent(1, q), w=psi**2, e=sigma**2)


def risk(matrix: Array) -> sp.Expr:
    """E(⟨(1/N) P Xᵀy, x⟩ − y)²."""
    return E((x @ (matrix @ (X @ (X.T @ w + e))) / N.size - x @ w - r) ** 2)


def above(matrix: Array) -> Array:
    """What is squared in the risk above its least value."""
    square: Array = root @ matrix.T @ root - H @ best
    return square


def weighted(matrix: Array) -> sp.Expr:
    """tr(YᵀΓY) as a sum of squares."""
    size = N.size
    return (
        (size + 1) / size * (root @ matrix).square
        + outer(root, matrix).square / size
        + noise / size * matrix.square
    )


least = psi**2 * (tr - (H @ H @ best).trace) + sigma**2
SETTING = S

S.section("The matrix Γ*")
S.identity(
    "gamma-inverse", (H @ best)[a, b], ((N.size * eye(d) - (tr + noise) * best) / N_1)[a, b],
    steps=[((N.size * (Gamma @ best) - (tr + noise) * best) / N_1)[a, b]],
    form="ours", title="HΓ* in partial fractions", source="definition of Γ*",
)  # fmt: skip
S.identity(
    "gamma-commutes", (best @ H)[a, b], (H @ best)[a, b],
    form="ours", title="Γ* commutes with H", source="definition of Γ*",
)  # fmt: skip
S.identity(
    "root-between", (root @ H @ root)[a, b], (H @ H)[a, b],
    form="ours", title="The root of H on both sides of H", source="definition of the root",
)  # fmt: skip
S.identity(
    "best-between", (root @ best @ root)[a, b], (H @ best)[a, b],
    steps=[(best @ Gamma @ root @ best @ root)[a, b], (best @ root @ Gamma @ best @ root)[a, b]],
    form="ours", title="The root of H on both sides of Γ*", source="definition of Γ*",
)  # fmt: skip

S.section("Theorem 3.1")
S.identity(
    "risk-moments", risk(P),
    psi**2 * ((H @ P @ Gamma @ H @ P.T).trace - 2 * (P @ H @ H).trace + tr) + sigma**2,
    form="ours", title="The risk of any matrix by the moments of x", source="Theorem 3.1, in its proof",
)  # fmt: skip
S.identity(
    "theorem-3-1-gap", risk(P) - least, psi**2 * (above(P).T @ Gamma @ above(P)).trace,
    form="ours", title="The risk above its least value is a square", source="Theorem 3.1, in its proof",
)  # fmt: skip
S.inequality(
    "theorem-3-1", least, risk(P), proof=psi**2 * weighted(above(P)), expected="holds",
    form="printed", title="The least risk over all matrices", source="Theorem 3.1",
)  # fmt: skip
S.identity(
    "theorem-3-1-attained", risk(best), least,
    form="printed", title="The least risk is attained by Γ*", source="Theorem 3.1",
)  # fmt: skip
S.identity(
    "theorem-3-1-unique", (P.T - best)[a, b], (root_inv @ above(P) @ root_inv)[a, b],
    steps=[(P.T - root_inv @ root @ best @ root @ root_inv)[a, b], (P.T - root_inv @ H @ best @ root_inv)[a, b]],
    form="ours", title="Γ* is the only such matrix: what is squared determines Pᵀ − Γ*", source="Theorem 3.1",
)  # fmt: skip

S.section("Which moments of x are used")
isotropic = E_four((c / N.size * (X @ (X.T @ w + e)) - w).square)
S.identity(
    "risk-by-the-fourth-moment", isotropic, psi**2 * d.size * (c**2 * (N.size + d.size - 2 + q + noise) / N.size - 2 * c + 1),
    form="ours", title="For independent entries of variance 1 and fourth moment q, the best c is N/(N + d − 2 + q + σ²/ψ²)",
    source="Theorem 3.1, for other laws of x",
)  # fmt: skip
S.identity(
    "theorem-3-1-any-law", S.gradient(isotropic, c), 0,
    when=sp.Eq(c * (N.size + d.size + 1 + noise), N.size), expected="fails", failure="silent",
    form="ours", title="For independent entries of variance 1 and any law, the risk is stationary at the Γ* = cI of normal entries",
    source="Theorem 3.1, for other laws of x",
    reason="The square of XXᵀ brings the fourth moment of x, which is 3 for a normal law and q here.",
    consequence="The theorem needs the fourth moments of a normal law; of w and of the noise it needs the second moments.",
)  # fmt: skip
