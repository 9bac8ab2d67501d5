"""One step of gradient descent on a quadratic function with Hessian P, and on least squares."""

from verify import Setting, total

S = Setting("a step of gradient descent")
d = S.dims("d")
i, j = d.index("i"), d.index("j")
P = S.letters(kind="positive semidefinite", P=(d, d))
x = S.letters(x=d)
eta = S.scalars("eta")
g = S.define("g", total(P[i, j] * x[j], j), i)
step = S.define("step", x[i] - eta * g[i], i)
before = total(x[i] * g[i], i) / 2
after = total(step[i] * P[i, j] * step[j], i, j) / 2
curvature = total(g[i] * P[i, j] * g[j], i, j)

S.identity("change of the loss", after, before - eta * total(g[i] ** 2, i) + eta**2 * curvature / 2)
S.identity(
    "change of the loss, halved", after, before - eta * total(g[i] ** 2, i) / 2 + eta**2 * curvature / 2,
    expected="fails", reason="the gradient of a half square has no half",
)  # fmt: skip
S.inequality("convexity", before - eta * total(g[i] ** 2, i), after)
S.inequality(
    "descent at any rate", after, before,
    expected="fails", reason="beyond 2/L the loss grows",
)  # fmt: skip
