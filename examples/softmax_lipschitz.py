"""How strongly weights on a simplex react: the variance of v under the weights s is vᵀJv, with J the Jacobian of the softmax."""

from verify import Setting, total

S = Setting("Lipschitz constant of softmax")
p = S.dims("p")
i = p.index("i")
s = S.letters(kind="simplex", s=p)
v = S.letters(v=p)
variance = total(s[i] * v[i] ** 2, i) - total(s[i] * v[i], i) ** 2

S.inequality("nonnegative", 0, variance)
S.inequality("constant one", variance, total(v[i] ** 2, i))
S.inequality(
    "constant one quarter", variance, total(v[i] ** 2, i) / 4,
    expected="fails", reason="1/4 is the constant of a sigmoid; weights 1/2, 1/2 and v = (1, -1) give 1/2",
)  # fmt: skip
