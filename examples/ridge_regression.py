"""Ridge regression: its closed form solves the normal equations, and the penalty is what its predictions lack in length."""

from sympy import KroneckerDelta

from verify import Setting, total

S = Setting("ridge regression")
n, d = S.dims("n d")
i = n.index("i")
j, k = d.index("j"), d.index("k")
X, y = S.letters(X=(n, d), y=n)
lam = S.scalars("lam")
G = S.inverse("G", total(X[i, j] * X[i, k], i) + lam * KroneckerDelta(j, k), j, k)
w = S.define("w", total(G[j, k] * X[i, k] * y[i], i, k), j)
fit = S.define("fit", total(X[i, j] * w[j], j), i)

S.identity("normal equations", total(X[i, j] * fit[i], i) + lam * w[j], total(X[i, j] * y[i], i))
S.identity("energy", total(fit[i] * y[i], i), total(fit[i] ** 2, i) + lam * total(w[j] ** 2, j))
S.identity(
    "energy without a penalty", total(fit[i] * y[i], i), total(fit[i] ** 2, i),
    expected="fails", reason="the predictions are shorter than the projection of the labels",
)  # fmt: skip
S.identity(
    "interpolation", fit[i], y[i],
    expected="fails", reason="a penalty moves the predictions away from the labels",
)  # fmt: skip
