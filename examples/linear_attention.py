"""Linear attention computes one step of gradient descent on the labels of its prompt."""

from verify import Setting, total

S = Setting("linear attention")
n, d = S.dims("n d")
i, j = n.index("i"), d.index("j")
X, y = S.letters(X=(n, d), y=n)
query, w = S.letters(query=d, w=d)
eta = S.scalars("eta")
loss = total((y[i] - total(X[i, j] * w[j], j)) ** 2, i) / 2
state = S.define("state", total(y[i] * X[i, j], i), j)
attention = total(y[i] * total(X[i, j] * query[j], j), i)
residual = y[i] - total(X[i, j] * w[j], j)

S.identity("summed once", attention, total(state[j] * query[j], j))
S.identity(
    "a step of gradient descent",
    total(-eta * S.gradient(loss, w[j]) * query[j], j),
    eta * total(residual * total(X[i, j] * query[j], j), i),
)
S.identity(
    "a step from anywhere", total(-eta * S.gradient(loss, w[j]) * query[j], j), eta * attention,
    expected="fails", reason="only at w = 0 are the residuals the labels",
)  # fmt: skip
