"""One penalty, two conventions: the sum of squares with alpha, and the mean of squares with lambda = alpha / n."""

from verify import Setting, total

S = Setting("conventions of a penalty")
n, d = S.dims("n d")
i, j = n.index("i"), d.index("j")
X, y, w = S.letters(X=(n, d), y=n, w=d)
lam = S.scalars("lam")
loss = total((y[i] - total(X[i, j] * w[j], j)) ** 2, i)

S.identity(
    "alpha is n lambda",
    n.size * (loss / n.size + lam * total(w[j] ** 2, j)),
    loss + n.size * lam * total(w[j] ** 2, j),
)
S.identity(
    "alpha is lambda", n.size * (loss / n.size + lam * total(w[j] ** 2, j)), loss + lam * total(w[j] ** 2, j),
    expected="fails", reason="with n = 2 the penalty counts twice",
)  # fmt: skip
S.identity(
    "gradient",
    S.gradient(loss / 2 + lam * total(w[j] ** 2, j) / 2, w[d.index("k")]),
    lam * w[d.index("k")] - total(X[i, d.index("k")] * (y[i] - total(X[i, j] * w[j], j)), i),
)
