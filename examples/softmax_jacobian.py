"""The derivative of the softmax, and the weights of attention as a distribution."""

from sympy import KroneckerDelta

from verify import Setting, total

S = Setting("softmax")
p = S.dims("p")
i, k = p.index("i"), p.index("k")
u, v = S.letters(u=p, v=p)
s = S.softmax("s", u[i], i, over=i)

S.identity("weights sum to one", total(s[i], i), 1)
S.identity("Jacobian", S.gradient(s[i], u[k]), s[i] * (KroneckerDelta(i, k) - s[k]))
S.identity(
    "Jacobian of a sigmoid", S.gradient(s[i], u[k]), s[i] * (1 - s[k]),
    expected="fails", reason="off the diagonal the one is missing from it",
)  # fmt: skip
S.identity(
    "gradient of an average",
    S.gradient(total(s[i] * v[i], i), u[k]),
    s[k] * (v[k] - total(s[i] * v[i], i)),
)
S.identity(
    "gradient of an average, not centred", S.gradient(total(s[i] * v[i], i), u[k]), s[k] * v[k],
    expected="fails", reason="a constant v has gradient zero",
)  # fmt: skip
