"""The Schur complement: the least value of a quadratic form over one of its two vectors."""

from verify import Setting, total

S = Setting("Schur complement")
p, q = S.dims("p q")
i, k = p.index("i"), p.index("k")
j = q.index("j")
A = S.letters(kind="positive definite", A=(p, p))
B = S.letters(B=(p, q))
u, v, x = S.letters(u=p, v=q, x=p)
Ai = S.inverse("Ai", A[i, k], i, k)
b = S.define("b", total(B[i, j] * v[j], j), i)
least = S.define("least", total(Ai[i, k] * b[k], k), i)
apart = S.define("apart", u[i] + least[i], i)
form = total(u[i] * A[i, k] * u[k], i, k) + 2 * total(u[i] * b[i], i)
square = total(apart[i] * A[i, k] * apart[k], i, k)
complement = total(b[i] * Ai[i, k] * b[k], i, k)

S.identity("at the minimum", total(A[i, k] * least[k], k), b[i])
S.identity("completed square", form, square - complement)
S.inequality("the square is nonnegative", 0, total(x[i] * A[i, k] * x[k], i, k))
S.identity(
    "completed square, the other sign", form, square + complement,
    expected="fails", reason="the complement is subtracted",
)  # fmt: skip
