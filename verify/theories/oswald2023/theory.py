"""Proposition 1 with its construction, from the literal layer: e ↦ e + P V Kᵀq over tokens e = (x, y) that are columns of E.

W_K = W_Q = [[I, 0], [0, 0]], W_V = [[0, 0], [W₀, −I]] and P = (η/N)I are definitions here. ΔW is −η times the gradient of the loss.
"""

from __future__ import annotations

import sympy as sp

from verify import Setting, array, total
from verify.own.arrays import Array, eye

S = Setting("von Oswald et al. (2023)")
rows = S.dim("rows", "features labels")
d, o = rows.parts
N, T = S.dims("N"), S.dim("T", "first others")
a, b, c = (rows.index(name) for name in "abc")
f, g = d.index("f"), d.index("g")
k, l = o.index("k"), o.index("l")
i, j = N.index("i"), N.index("j")
E, token = (array(letter) for letter in S.letters(E=(rows, N), token=rows))
W = S.letters(W=(o, d))
R = array(S.letters(R=(rows, rows)))
eta = S.scalars("eta")
t, m = T.index("t"), T.parts[1].index("m")
y, s = S.letters(y=T, s=T)
rate, found = S.letters(rate=(), found=())

delta = sp.KroneckerDelta
kept = total(delta(a, f) * delta(f, b), f)
W_K, W_Q = (array(S.define(name, kept, a, b)) for name in ("W_K", "W_Q"))
W_V = array(S.define("W_V", total(delta(a, k) * (total(W[k, f] * delta(f, b), f) - delta(k, b)), k), a, b))


def step(query: Array, keys: Array = E, key: Array = W_K, value: Array = W_V, at: Array = W_Q) -> Array:
    """P V Kᵀq, over the tokens whose keys and values are taken."""
    change: Array = eta / N.size * (value @ keys @ ((key @ keys).T @ (at @ query)))
    return change


fit = total((total(W[k, f] * E[f, i], f) - E[k, i]) ** 2, k, i) / (2 * N.size)


def moved(of: Array) -> sp.Expr:
    """−ΔW x of a token, with ΔW = −η∇L(W₀)."""
    return eta * total(S.gradient(fit, W[k, f]) * of[f], f)


def predicted(of: Array) -> sp.Expr:
    """W₀x of a token."""
    return total(W[k, f] * of[f], f)


S.section("Proposition 1")
context = Array((rows,), lambda row: E[row, j])
S.identity(
    "proposition-1", step(context)[k], moved(context),
    form="printed", title="The labels of a context token move by −ΔW x", source="Proposition 1",
)  # fmt: skip
S.identity(
    "proposition-1-features", step(context)[g], 0,
    form="printed", title="The features of a token stay", source="Proposition 1",
)  # fmt: skip
S.identity(
    "proposition-1-test", step(token)[k], moved(token),
    form="printed", title="A test token that is a query alone moves alike, whatever its label is", source="Proposition 1",
)  # fmt: skip
S.identity(
    "proposition-1-answer", -(token[k] + step(token)[k]), predicted(token) - moved(token),
    when=sp.Eq(token[k], -predicted(token)),
    form="printed", title="A test token (x, −W₀x), read with a minus, has the answer (W₀ + ΔW)x", source="Proposition 1, construction",
)  # fmt: skip
every = step(token) + eta / N.size * ((W_K @ token) @ (W_Q @ token) * (W_V @ token))
S.identity(
    "proposition-1-every-token", every[k], moved(token), when=sp.Eq(token[k], -predicted(token)),
    expected="fails", failure="misread",
    form="printed", title="The same where the test token (x, −W₀x) is a key and a value too", source="Proposition 1",
    reason="The token adds (η/N)‖x‖² times its own value, which is W₀x − (−W₀x) = 2W₀x.",
    consequence="The test token has to be a query alone, or W₀ = 0.",
)  # fmt: skip
S.identity(
    "proposition-1-every-token", every[k], moved(token), when=sp.Eq(token[k], predicted(token)),
    form="repaired", title="The same where the test token is (x, W₀x): its own value is zero", source="Proposition 1",
)  # fmt: skip

S.section("The text of the later article")
S.inequality(
    "words-rotation", (step(token, key=W_K @ R, value=W_V @ R) - step(token)).square, 0, when=sp.Eq((R.T @ R)[a, b], eye(rows)[a, b]),
    expected="fails", failure="false",
    witness={"rows": 2, "features": 1, "N": 1, "T": 1, "first": 1, "W": "0", "R": "0 -1 1 0", "E": "1 1", "token": "1 0", "eta": "1"},
    form="printed", title="W_V R and W_K R have the dynamics of W_V and W_K for every orthogonal R", source="ICLR 2024 article, in words",
    reason="R turns the tokens: E becomes RE before keys and values are taken, and REEᵀRᵀ is not EEᵀ.",
    consequence="What may be turned are keys and queries together, or values and keys over the tokens.",
)  # fmt: skip
S.identity(
    "words-rotation", step(token, key=R @ W_K, at=R @ W_Q)[c], step(token)[c], when=sp.Eq((R.T @ R)[a, b], eye(rows)[a, b]),
    form="repaired", title="RW_K and RW_Q have the dynamics of W_K and W_Q", source="ICLR 2024 article, in words",
)  # fmt: skip
losses = total((y[t] - rate * s[t]) ** 2, t)
S.inequality(
    "words-rate", total((y[t] - found * s[t]) ** 2, t), losses, when=sp.Eq(found * total(s[m] ** 2, m), total(y[m] * s[m], m)),
    expected="fails", failure="false",
    form="printed", title="The best rate, with sums that leave out the first task", source="ICLR 2024 article, η*",
    reason="Tasks are numbered from 0 to N − 1, and the sums begin at 1.",
    consequence="The rate is best for the other tasks.",
)  # fmt: skip
S.identity(
    "words-rate", losses - total((y[t] - found * s[t]) ** 2, t), (found - rate) ** 2 * total(s[t] ** 2, t),
    when=sp.Eq(found * total(s[t] ** 2, t), total(y[t] * s[t], t)),
    form="repaired", title="The best rate, with sums over all tasks: any other adds a square", source="ICLR 2024 article, η*",
)  # fmt: skip
SETTING = S
