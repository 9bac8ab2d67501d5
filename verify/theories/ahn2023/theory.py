"""Theorem 1 with its proof, Lemma 1 and Theorem 5. A layer adds (1/n) P Z M (ZᵀQZ) to Z; the mask M leaves the query out of the keys.

Of P the last row counts, of Q the first d columns; `row`, `last` and `A`, `bottom` are their blocks.
"""

from __future__ import annotations

import sympy as sp

from verify import Setting, array, total
from verify.own.arrays import Array, eye, outer

S = Setting("Ahn, Cheng, Daneshmand, Sra (2023)")
d, n = S.dims("d n")
a, b, c, j = (d.index(name) for name in "abcj")
i = n.index("i")

# The covariance Σ, and what (6) inverts
covariance = S.letters(kind="positive definite", Sigma=(d, d))
Sigma = array(covariance)
tr, n_1 = S.define("tr_Sigma", Sigma.trace), S.define("n_1", n.size + 1)
Gamma = array(S.define("Gamma", ((n.size + 1) / n.size * Sigma + tr / n.size * eye(d))[a, b], a, b))
Gamma_inv = array(S.inverse("Gamma_inv", Gamma[a, b], a, b))
root = array(S.root("R", Sigma[a, b], a, b))

# A prompt, its law, and the parameters
X, x, w = (array(letter) for letter in S.letters(X=(d, n), x=d, w=d))
E = S.expectation("E", X=S.gaussian(covariance), x=S.gaussian(covariance), w=S.gaussian())
A, row, bottom = (array(letter) for letter in S.letters(A=(d, d), row=d, bottom=d))
last, gamma = S.letters(last=()), S.scalars("gamma")
zero = Array((d,), lambda _: sp.Integer(0))


def parts(row: Array, last: sp.Expr, A: Array, bottom: Array) -> tuple[sp.Expr, sp.Expr]:
    """The last entry of the first layer, even and odd in w."""
    hat = X @ X.T / n.size
    even = row @ (hat @ (A @ x)) + last * (w @ (hat @ w)) * (bottom @ x)
    return even, (row @ (hat @ w)) * (bottom @ x) + last * ((hat @ w) @ (A @ x))


def loss(*parameters: Array | sp.Expr) -> sp.Expr:
    """f of (5) for one layer."""
    return E((sum(parts(*parameters)) + w @ x) ** 2)


def weighted(matrix: Array) -> sp.Expr:
    """tr(YᵀΓY) as a sum of squares."""
    return (1 + 1 / n.size) * (root @ matrix).square + outer(root, matrix).square / n.size


least = tr - (Sigma @ Sigma @ Gamma_inv).trace
optimum = (zero, sp.Integer(1), -1 * Gamma_inv, zero)

S.section("The layer")
labels = X.T @ w
S.identity(
    "eq-3", (X.T @ row + last * labels) @ (X.T @ (A @ x) + (bottom @ x) * labels) / n.size, sum(parts(row, last, A, bottom)),
    form="printed", title="The last entry of the masked layer, token by token and by blocks", source="(3), (4)",
)  # fmt: skip
S.identity(
    "theorem-1-rescaling", sum(parts(gamma * row, gamma * last, A / gamma, bottom / gamma)), sum(parts(row, last, A, bottom)),
    form="printed", title="γP and Q/γ predict what P and Q predict", source="Theorem 1, “up to re-scaling”",
)  # fmt: skip

S.section("Theorem 1")
S.identity(
    "gamma-inverse", (Sigma @ Gamma_inv)[a, b], ((n.size * eye(d) - tr * Gamma_inv) / n_1)[a, b],
    steps=[((n.size * (Gamma @ Gamma_inv) - tr * Gamma_inv) / n_1)[a, b]],
    form="ours", title="ΣΓ⁻¹ in partial fractions", source="definition of Γ",
)  # fmt: skip
S.identity(
    "gamma-commutes", (Gamma_inv @ Sigma)[a, b], (Sigma @ Gamma_inv)[a, b],
    form="ours", title="Γ⁻¹ commutes with Σ", source="definition of Γ",
)  # fmt: skip
S.identity(
    "root-between", (root @ Sigma @ root)[a, b], (Sigma @ Sigma)[a, b],
    form="ours", title="The root of Σ on both sides of Σ", source="definition of the root",
)  # fmt: skip
S.identity(
    "gamma-inverse-between", (root @ Gamma_inv @ root)[a, b], (Sigma @ Gamma_inv)[a, b],
    steps=[(Gamma_inv @ Gamma @ root @ Gamma_inv @ root)[a, b], (Gamma_inv @ root @ Gamma @ Gamma_inv @ root)[a, b]],
    form="ours", title="The root of Σ on both sides of Γ⁻¹", source="definition of Γ",
)  # fmt: skip
even, odd = parts(row, last, A, bottom)
B = array(S.letters(B=(d, d)))
alone = E(((X @ X.T @ w / n.size) @ (B @ x) + w @ x) ** 2)
off = root @ B @ root + Sigma @ Gamma_inv
S.identity(
    "theorem-1-one-matrix", loss(row, last, A, bottom), E(even**2) + E((odd + w @ x) ** 2),
    form="ours", title="The loss in two parts, even and odd in w", source="Theorem 1",
)  # fmt: skip
S.identity(
    "theorem-1-gap", alone - least, (off.T @ Gamma @ off).trace,
    form="ours", title="The odd part for any matrix: above the least loss it is a square", source="Theorem 1",
)  # fmt: skip
S.inequality(
    "theorem-1-least", least, alone, proof=weighted(off), expected="holds",
    form="ours", title="The least loss of the odd part", source="Theorem 1",
)  # fmt: skip
reached = root @ (outer(row, bottom) + last * A) @ root + Sigma @ Gamma_inv
S.inequality(
    "theorem-1", least, loss(row, last, A, bottom), proof=E(even**2) + weighted(reached), expected="holds",
    form="printed", title="The least loss over all P and Q", source="Theorem 1",
)  # fmt: skip
S.identity(
    "theorem-1-attained", loss(*optimum), least,
    form="printed", title="(6) is a global minimum: the least loss is attained there", source="Theorem 1, (6)",
)  # fmt: skip
highest = loss(row, last, A, bottom) - least
S.inequality(
    "theorem-1-unique", ((last * A + Gamma_inv)[a, b]) ** 2, 0, when=sp.Le(highest, 0, evaluate=False), expected="fails", failure="misread",
    witness={"d": 1, "n": 1, "Sigma": "1", "row": "1", "last": "0", "A": "0", "bottom": "-1/3"},
    form="printed", title="(6) is the only global minimum up to re-scaling", source="Theorem 1, “a global minimizer up to re-scaling”",
    reason="At d = 1 the layer that multiplies features of P by labels of Q has the same loss. For d ≥ 2 this is not decided here.",
    consequence="None: the theorem says that (6) is a global minimum.",
)  # fmt: skip
S.inequality(
    "theorem-1-unique", weighted(reached), highest, proof=E(even**2), expected="holds",
    form="repaired", title="Every global minimum has b aᵀ + last·A = −Γ⁻¹: what is squared vanishes there alone", source="Theorem 1",
)  # fmt: skip
S.identity(
    "eq-7", ((n.size - 1) / n.size + (d.size + 2) / n.size) * Gamma_inv[a, b], eye(d)[a, b],
    when=sp.Eq(Sigma[a, b], eye(d)[a, b]), steps=[(Gamma @ Gamma_inv)[a, b]],
    form="printed", title="Γ⁻¹ for Σ = I", source="(7)",
)  # fmt: skip
lam = array(S.letters(kind="positive", lambda_=d))
theta = array(S.define("theta", (n.size + 1) / n.size * lam[a] + total(lam[b], b) / n.size, a))
Theta = array(S.define("Theta", theta[a] * eye(d)[a, b], a, b))
ratio = array(S.inverse("ratio", Theta[a, b], a, b))
V = array(S.letters(V=(d, d)))
S.identity(
    "eq-6", (Gamma @ V @ ratio)[a, b], V[a, b], steps=[(V @ Theta @ ratio)[a, b]],
    when=[sp.Eq(Sigma[a, b], total(V[a, c] * lam[c] * V[b, c], c)), sp.Eq((V.T @ V)[a, b], eye(d)[a, b])],
    form="printed", title="(6) is Γ⁻¹ by eigenvectors: Γ V diag(1/θ) = V", source="(6)",
)  # fmt: skip

S.section("The proof of Theorem 1: f_j in coordinates of variances λ")
Y = array(S.letters(Y=(d, n)))
turned = Y @ Y.T / n.size
E_turned = S.expectation("E_turned", Y=S.gaussian(lam[a], a, i), x=S.gaussian(lam[a], a), w=S.gaussian())
block, right, below = (array(letter) for letter in S.letters(block=(d, d), right=d, below=d))
corner = S.letters(corner=())


def inner(block: Array, right: Array, below: Array, corner: sp.Expr) -> sp.Expr:
    """⟨G, X⟩ for X = [[block, right], [belowᵀ, corner]]."""
    return (
        (turned.T @ block).trace + right @ (turned @ w) + below @ (turned @ w) + corner * (w @ (turned @ w))
    )


column = Array((d,), lambda place: A[place, j])
product = inner(outer(row, column), bottom[j] * row, last * column, last * bottom[j])
whole = row @ (turned @ (A @ x)) + (row @ (turned @ w)) * (bottom @ x) + last * ((turned @ w) @ (A @ x))
S.identity(
    "theorem-1-columns",
    E_turned((whole + last * (w @ (turned @ w)) * (bottom @ x) + w @ x) ** 2),
    total(lam[j] * E_turned((product + w[j]) ** 2), j),
    form="printed", title="f is the sum of λ_j f_j at X_j = b a_jᵀ", source="proof of Theorem 1",
)  # fmt: skip
found = inner(block, right, below, corner)
f_j = E_turned((found + w[j]) ** 2)
S.identity(
    "theorem-1-gradient", S.gradient(f_j, right[a]), 2 * E_turned(found * (turned @ w)[a]) + 2 * E_turned(w[j] * (turned @ w)[a]),
    form="printed", title="∇f_j is 2E[⟨G, X⟩G] + 2E[w_j G]: the block of the labels", source="proof of Theorem 1",
)  # fmt: skip
S.identity(
    "theta-inverse", theta[a] * ratio[a, b], eye(d)[a, b], steps=[(Theta @ ratio)[a, b]],
    form="ours", title="The inverse of diag(θ), entry by entry", source="definition of θ",
)  # fmt: skip
best = 1 - lam[j] * ratio[j, j]
pure = (turned.T @ block).trace + corner * (w @ (turned @ w))
away = right + below + Array((d,), lambda place: ratio[place, j])
S.inequality(
    "lemma-3", best, f_j, proof=E_turned(pure**2) + total(lam[a] * theta[a] * away[a] ** 2, a), expected="holds",
    form="printed", title="The least value of f_j", source="Lemmas 2 and 3",
)  # fmt: skip
optimal = inner(0 * A, -1 * Array((d,), lambda place: ratio[place, j]), zero, sp.Integer(0))
S.identity(
    "lemma-3-attained", E_turned((optimal + w[j]) ** 2), best,
    steps=[
        total(lam[a] * theta[a] * ratio[a, j] ** 2, a) - 2 * lam[j] * ratio[j, j] + 1,
        total(lam[a] * (Theta @ ratio)[a, j] * ratio[a, j], a) - 2 * lam[j] * ratio[j, j] + 1,
    ],
    form="printed", title="A global minimum of f_j is X_j = −E_{d+1,j}/θ_j", source="Lemmas 2 and 3",
)  # fmt: skip
S.inequality(
    "lemma-3-unique", right @ right, 0, when=f_j <= best, expected="fails", failure="false",
    witness={"d": 1, "n": 1, "lambda_": "1", "right": "-1/3", "below": "0", "block": "0", "corner": "0"},
    form="printed", title="X_j is the unique global minimum: it has no entries in its last column", source="proof of Theorem 1",
    reason="G is symmetric, so ⟨G, X⟩ is ⟨G, Xᵀ⟩: the transpose of X_j has the same loss.",
    consequence="The proof needs that the minima exist, not that they are unique.",
)  # fmt: skip
S.inequality(
    "lemma-3-unique", total(lam[a] * theta[a] * away[a] ** 2, a), f_j - best, proof=E_turned(pure**2), expected="holds",
    form="repaired", title="The last row of X_j + X_jᵀ is unique: another adds a square", source="proof of Theorem 1",
)  # fmt: skip

S.section("Lemma 1")
v = array(S.letters(v=d))
R = total((X.T @ (v - w))[i] ** 2, i) / (2 * n.size)
gradient = Array((d,), lambda place: S.gradient(R, v[place]))
entry = -(x @ v) - (labels - X.T @ v) @ (X.T @ (A @ x)) / n.size
S.identity(
    "lemma-1", entry, -(x @ (v - A @ gradient)), expected="fails", failure="silent",
    form="printed", title="A layer takes −⟨x, w_ℓ⟩ to −⟨x, w_ℓ − A_ℓ∇R(w_ℓ)⟩", source="Lemma 1, (8), (9)",
    reason="The layer multiplies by the transpose of A_ℓ. The lemma does not say that A_ℓ is symmetric.",
    consequence="Lemma 1 is used for symmetric A_ℓ, where it holds.",
)  # fmt: skip
S.identity(
    "lemma-1", entry, -(x @ (v - A.T @ gradient)),
    form="repaired", title="A layer takes −⟨x, w_ℓ⟩ to −⟨x, w_ℓ − A_ℓᵀ∇R(w_ℓ)⟩", source="Lemma 1, (8), (9)",
)  # fmt: skip
own = Array((d,), lambda place: X[place, i])
S.identity(
    "lemma-1-tokens", (labels - X.T @ v)[i] - (labels - X.T @ v) @ (X.T @ (A @ own)) / n.size, labels[i] - own @ (v - A.T @ gradient),
    form="ours", title="A layer takes y_i − ⟨x_i, w_ℓ⟩ to y_i − ⟨x_i, w_ℓ − A_ℓᵀ∇R(w_ℓ)⟩", source="proof of Lemma 1",
)  # fmt: skip
S.identity(
    "lemma-1-hessian", S.gradient(gradient[a], v[b]), (X @ X.T)[a, b] / (2 * n.size), expected="fails", failure="false",
    form="printed", title="The Hessian of R", source="after Lemma 1",
    reason="R has the factor 1/(2n), and the derivative of the square brings 2.",
    consequence="None for what follows: (9) uses the gradient.",
)  # fmt: skip
S.identity(
    "lemma-1-hessian", S.gradient(gradient[a], v[b]), (X @ X.T)[a, b] / n.size,
    form="repaired", title="The Hessian of R is (1/n)XXᵀ", source="after Lemma 1",
)  # fmt: skip

# A query x and Ax = se with ‖e‖ = 1 and s ≥ 0: x_i is (I − eeᵀ)p_i + ε_i g_i e for a sign ε_i and normal g_i, p_i. Where g_i ≥ 0,
# ReLU of ⟨x_i, Ax⟩ is s g_i(1 + ε_i)/2; what is summed is even in (p_i, g_i), so that |g_i| may be replaced by g_i.
S.section("Theorem 5")
e, query = (array(letter) for letter in S.letters(e=d, query=d))
p, g, sign = (array(letter) for letter in S.letters(p=(d, n), g=n, sign=n))
s = S.letters(s=())
E_signs = S.expectation("E_signs", p=S.gaussian(), g=S.gaussian(), sign=S.independent(1, 1), w=1)
E_query = S.expectation("E_query", query=S.gaussian())
tokens = Array(
    (d, n), lambda row, at: p[row, at] - e[row] * total(p[b, at] * e[b], b) + sign[at] * g[at] * e[row]
)
scores = Array((n,), lambda at: s * g[at] * (1 + sign[at]) / 2)
attended = tokens @ scores / n.size
n_2 = S.define("n_2", 2 * (d.size + 2) + n.size - 1)
curvature, rate = n_2 / (4 * n.size), 2 * n.size / n_2
unit = sp.Eq(e @ e, 1)


def relu_loss(row: Array, last: sp.Expr, A: Array) -> sp.Expr:
    """f of a ReLU layer, as a mean over the query alone."""
    moved = A @ query
    return E_query(query.square + last * (query @ moved) + curvature * last**2 * moved.square) + E_query(
        row.square * moved.square / (2 * n.size) + (n.size + 3) * (row @ moved) ** 2 / (4 * n.size)
    )


S.identity(
    "theorem-5-query", E_signs((last * (w @ attended) + w @ query) ** 2),
    query.square + last * s * (query @ e) + curvature * (last * s) ** 2, when=unit,
    form="ours", title="The loss of a ReLU layer at one query with Ax = se: the part odd in w", source="Theorem 5",
)  # fmt: skip
S.identity(
    "theorem-5-query-even", E_signs((row @ attended) ** 2),
    s**2 * (row.square / (2 * n.size) + (n.size + 3) * (row @ e) ** 2 / (4 * n.size)), when=unit,
    form="ours", title="The loss of a ReLU layer at one query with Ax = se: the part even in w", source="Theorem 5",
)  # fmt: skip
least_relu = d.size - d.size * rate / 2
relu_off = last * A + rate * eye(d)
relu_even = (row.square * A.square / (2 * n.size)) + (n.size + 3) * (A.T @ row).square / (4 * n.size)
S.identity(
    "theorem-5-gap", relu_loss(row, last, A) - least_relu, curvature * relu_off.square + relu_even,
    form="ours", source="Theorem 5",
    title="Above the least loss are squares: every minimum has last·A = −2n/(2(d + 2) + n − 1)·I and no other entry in the row of P",
)  # fmt: skip
S.inequality(
    "theorem-5", least_relu, relu_loss(row, last, A), proof=curvature * relu_off.square + relu_even, expected="holds",
    form="printed", title="The least loss of a ReLU layer over all P, and all Q with a last row of zeros", source="Theorem 5",
)  # fmt: skip
S.identity(
    "theorem-5-attained", relu_loss(zero, sp.Integer(1), -rate * eye(d)), least_relu,
    form="printed", title="P₀ and Q₀ = −2n/(2(d + 2) + n − 1)·I attain the least loss", source="Theorem 5",
)  # fmt: skip
SETTING = S
