"""Norms of vectors and matrices: the triangle inequality, and what a spectral norm bounds."""

from verify import Setting, total

S = Setting("norms")
p, q = S.dims("p q")
i, j = p.index("i"), q.index("j")
X = S.letters(X=(p, q))
u, v, x = S.letters(u=p, v=p, x=q)
nu, nv, both = S.norm("nu", u[i], i), S.norm("nv", v[i], i), S.norm("both", u[i] + v[i], i)
spectral = S.norm("spectral", X[i, j], i, j, kind="spectral")
image = total(total(X[i, j] * x[j], j) ** 2, i)

S.inequality("triangle", both, nu + nv)
S.inequality(
    "triangle, the other way", nu + nv, both, expected="fails", reason="opposite vectors have the sum zero"
)
S.inequality("spectral", image, spectral**2 * total(x[j] ** 2, j))
S.inequality(
    "spectral, not squared", image, spectral * total(x[j] ** 2, j),
    expected="fails", reason="both sides need the same degree in X",
)  # fmt: skip
