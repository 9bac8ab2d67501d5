"""The push-through identity and the Woodbury formula, which move an inverse from one side of a matrix to the other."""

from sympy import KroneckerDelta

from verify import Setting, total

S = Setting("push-through")
p, q = S.dims("p q")
i, k, n = p.index("i"), p.index("k"), p.index("n")
j, l = q.index("j"), q.index("l")  # noqa: E741
X = S.letters(X=(p, q))
tau = S.scalars("tau")
G = S.inverse("G", total(X[i, j] * X[k, j], j) + tau * KroneckerDelta(i, k), i, k)
R = S.inverse("R", total(X[i, j] * X[i, l], i) + tau * KroneckerDelta(j, l), j, l)

S.identity("push-through", total(G[i, k] * X[k, j], k), total(X[i, l] * R[l, j], l))
S.identity("Woodbury", tau * G[i, k], KroneckerDelta(i, k) - total(X[i, j] * R[j, l] * X[k, l], j, l))
S.identity(
    "Woodbury without the unit matrix", tau * G[i, k], -total(X[i, j] * R[j, l] * X[k, l], j, l),
    expected="fails", reason="with X = 0 the left side is the unit matrix",
)  # fmt: skip
S.identity(
    "both inverses on one side", total(G[i, k] * X[k, j], k), total(G[i, k] * X[k, l] * R[l, j], k, l),
    expected="fails", reason="the inverse is counted twice",
)  # fmt: skip
