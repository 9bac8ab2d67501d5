"""Cauchy-Schwarz, Jensen and the parallelogram, each beside a version that is false by a factor."""

from verify import Setting, total

S = Setting("sums of squares")
p = S.dims("p")
i = p.index("i")
u, v = S.letters(u=p, v=p)
s = S.letters(kind="simplex", s=p)
square, other = total(u[i] ** 2, i), total(v[i] ** 2, i)

S.inequality("Cauchy-Schwarz", total(u[i] * v[i], i) ** 2, square * other)
S.inequality("mean", total(u[i], i) ** 2, p.size * square)
S.inequality(
    "mean, up to three",
    total(u[i], i) ** 2,
    3 * square,
    expected="fails",
    reason="four equal entries break it",
)
S.inequality("Jensen", total(s[i] * u[i], i) ** 2, total(s[i] * u[i] ** 2, i))
S.identity("parallelogram", total((u[i] + v[i]) ** 2 + (u[i] - v[i]) ** 2, i), 2 * (square + other))
S.identity(
    "parallelogram, once", total((u[i] + v[i]) ** 2 + (u[i] - v[i]) ** 2, i), square + other,
    expected="fails", reason="each square is counted twice",
)  # fmt: skip
