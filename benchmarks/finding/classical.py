"""Classical lemmas over letters of one's own, as bare statements: those that proofs are sought for, and false neighbours of them.

TRUE and FALSE are pairs of sides, left at most right, in the names of `letters`. MATRICES are true as well: a relation and two sides in
the names of `matrices`. FALSE fails at some size, or for some values.
"""

from __future__ import annotations

from typing import Any

from sympy import KroneckerDelta

from verify import Setting, total


def letters() -> tuple[Setting, dict[str, Any]]:
    """A setting with letters of every kind, and all of its names."""
    S = Setting("classical lemmas")
    p, q = S.dims("p q")
    i, k, j = p.index("i"), p.index("k"), q.index("j")
    u, v, w = S.letters(u=p, v=p, w=q)
    X, Y = S.letters(X=(p, q), Y=(p, q))
    s = S.letters(kind="simplex", s=p)
    a, b = S.letters(kind="nonnegative", a=p, b=p)
    P = S.letters(kind="positive semidefinite", P=(p, p))
    tau = S.scalars("tau")
    c = S.scalars("c", positive=False)
    z = S.softmax("z", u[i], i, over=i)
    nu, nv = S.norm("nu", u[i], i), S.norm("nv", v[i], i)
    nuv = S.norm("nuv", u[i] + v[i], i)
    sX = S.norm("sX", X[i, j], i, j, kind="spectral")
    return S, dict(locals(), total=total)


def matrices() -> tuple[Setting, dict[str, Any]]:
    """A setting with what lemmas on matrices, norms and softmax speak of, and all of its names."""
    S = Setting("matrices and softmax")
    p, q, r = S.dims("p q r")
    i, k, h, j, n, m = (*map(p.index, "ikh"), *map(q.index, "jn"), r.index("m"))
    delta = KroneckerDelta
    u, v, w = S.letters(u=p, v=p, w=q)
    X, Y = S.letters(X=(p, q), Y=(q, r))
    P, R = S.letters(kind="positive semidefinite", P=(p, p), R=(p, p))
    s = S.letters(kind="simplex", s=p)
    tau, rho = S.scalars("tau rho")
    G = S.inverse("G", total(X[i, j] * X[k, j], j) + tau * delta(i, k), i, k)
    H = S.inverse("H", total(X[i, j] * X[i, n], i) + tau * delta(j, n), j, n)
    y, z = S.softmax("y", v[i], i, over=i), S.softmax("z", u[i], i, over=i)
    sX = S.norm("sX", X[i, j], i, j, kind="spectral")
    one, most = S.norm("one", u[i], i, kind="1"), S.norm("most", v[i], i, kind="inf")
    return S, dict(locals(), total=total)


TRUE = {
    "Cauchy–Schwarz": ("total(u[i] * v[i], i) ** 2", "total(u[i] ** 2, i) * total(v[i] ** 2, i)"),
    "Cauchy–Schwarz by norms": ("total(u[i] * v[i], i)", "nu * nv"),
    "triangle inequality": ("nuv", "nu + nv"),
    "means": ("total(u[i], i) ** 2", "p.size * total(u[i] ** 2, i)"),
    "Jensen for squares": ("total(s[i] * u[i], i) ** 2", "total(s[i] * u[i] ** 2, i)"),
    "weighted Cauchy–Schwarz": ("total(a[i] * u[i] * v[i], i) ** 2", "total(a[i] * u[i] ** 2, i) * total(a[i] * v[i] ** 2, i)"),
    "Young": ("2 * total(u[i] * v[i], i)", "tau * total(u[i] ** 2, i) + total(v[i] ** 2, i) / tau"),
    "sum of squares on the simplex": ("total(s[i] ** 2, i)", "1"),
    "squares of a nonnegative vector": ("total(a[i] ** 2, i)", "total(a[i], i) ** 2"),
    "Frobenius bounds the operator": ("total(total(X[i, j] * w[j], j) ** 2, i)", "total(X[i, j] ** 2, i, j) * total(w[j] ** 2, j)"),
    "Frobenius inner product": ("total(X[i, j] * Y[i, j], i, j) ** 2", "total(X[i, j] ** 2, i, j) * total(Y[i, j] ** 2, i, j)"),
    "spectral norm": ("total(total(X[i, j] * w[j], j) ** 2, i)", "sX ** 2 * total(w[j] ** 2, j)"),
    "a quadratic form": ("0", "total(u[i] * P[i, k] * u[k], i, k)"),
    "Young for a quadratic form": (
        "2 * total(u[i] * P[i, k] * v[k], i, k)", "total(u[i] * P[i, k] * u[k], i, k) + total(v[i] * P[i, k] * v[k], i, k)",
    ),
    "the trace bounds a quadratic form": ("total(u[i] * P[i, k] * u[k], i, k)", "total(P[i, i], i) * total(u[i] ** 2, i)"),
    "the Jacobian of softmax is semidefinite": ("total(z[i] * v[i], i) ** 2", "total(z[i] * v[i] ** 2, i)"),
    "parallelogram": ("total((u[i] + v[i]) ** 2, i)", "2 * total(u[i] ** 2, i) + 2 * total(v[i] ** 2, i)"),
    "three squares": ("(tau + c + 1) ** 2", "3 * tau ** 2 + 3 * c ** 2 + 3"),
    "variance is at most the second moment": (
        "total(s[i] * (u[i] - total(s[k] * u[k], k)) ** 2, i)", "total(s[i] * u[i] ** 2, i)",
    ),
    "a share of a sum": ("total(a[i] * b[i], i)", "total(a[i], i) * total(b[i], i)"),
    "columns": ("total(total(X[i, j], i) ** 2, j)", "p.size * total(X[i, j] ** 2, i, j)"),
    "covariance on the simplex": (
        "total(s[i] * u[i] * v[i], i) ** 2", "total(s[i] * u[i] ** 2, i) * total(s[i] * v[i] ** 2, i)",
    ),
}  # fmt: skip
HAT = "total(X[i, j] * G[i, k] * X[k, n], i, k)"
MATRICES = {
    "trace of the hat matrix, examples": ("<=", "total(X[i, j] * G[i, k] * X[k, j], i, j, k)", "q.size"),
    "trace of the hat matrix, features": ("<=", "total(X[i, j] * G[i, k] * X[k, j], i, j, k)", "p.size"),
    "the hat matrix is a contraction": ("<=", f"total(w[j] * {HAT} * w[n], j, n)", "total(w[j] ** 2, j)"),
    "an inverse is semidefinite": ("<=", "0", "total(u[i] * G[i, k] * u[k], i, k)"),
    "an inverse of at least τ": ("<=", "total(u[i] * G[i, k] * u[k], i, k)", "total(u[i] ** 2, i) / tau"),
    "push-through": ("=", "total(G[i, k] * X[k, j], k)", "total(X[i, n] * H[n, j], n)"),
    "Woodbury": ("=", "tau * H[j, n]", f"delta(j, n) - {HAT}"),
    "traces of both inverses": ("=", "tau * total(G[i, i], i) - p.size", "tau * total(H[j, j], j) - q.size"),
    "an inverse and its square": (
        "=", "total(X[i, j] * G[i, k] * G[k, h] * X[h, j], i, j, k, h)", "total(G[i, i], i) - tau * total(G[i, k] ** 2, i, k)",
    ),
    "Frobenius norm of a product": (
        "<=", "total(total(X[i, j] * Y[j, m], j) ** 2, i, m)", "total(X[i, j] ** 2, i, j) * total(Y[j, m] ** 2, j, m)",
    ),
    "spectral and Frobenius norm of a product": (
        "<=", "total(total(X[i, j] * Y[j, m], j) ** 2, i, m)", "sX ** 2 * total(Y[j, m] ** 2, j, m)",
    ),
    "spectral at most Frobenius": ("<=", "sX ** 2", "total(X[i, j] ** 2, i, j)"),
    "bilinear form by the spectral norm": (
        "<=", "total(u[i] * X[i, j] * w[j], i, j) ** 2", "sX ** 2 * total(u[i] ** 2, i) * total(w[j] ** 2, j)",
    ),
    "an entry by the spectral norm": ("<=", "X[i, j] ** 2", "sX ** 2"),
    "trace of a product of semidefinite matrices": ("<=", "0", "total(P[i, k] * R[k, i], i, k)"),
    "trace of a product, by traces": ("<=", "total(P[i, k] * R[k, i], i, k)", "total(P[i, i], i) * total(R[i, i], i)"),
    "trace of a product, by squares": (
        "<=", "2 * total(P[i, k] * R[k, i], i, k)", "rho * total(P[i, k] ** 2, i, k) + total(R[i, k] ** 2, i, k) / rho",
    ),
    "Cauchy–Schwarz of a form": (
        "<=", "total(u[i] * P[i, k] * v[k], i, k) ** 2",
        "total(u[i] * P[i, k] * u[k], i, k) * total(v[i] * P[i, k] * v[k], i, k)",
    ),
    "a minor of a semidefinite matrix": ("<=", "P[i, k] ** 2", "P[i, i] * P[k, k]"),
    "a diagonal entry of a semidefinite matrix": ("<=", "0", "P[i, i]"),
    "Frobenius norm by the trace": ("<=", "total(P[i, k] ** 2, i, k)", "total(P[i, i], i) ** 2"),
    "trace by the Frobenius norm": ("<=", "total(P[i, i], i) ** 2", "p.size * total(P[i, k] ** 2, i, k)"),
    "semidefinite and entrywise product": ("<=", "0", "total(u[i] * v[i] * P[i, k] * u[k] * v[k], i, k)"),
    "Schur": ("<=", "0", "total(u[i] * P[i, k] * R[i, k] * u[k], i, k)"),
    "softmax is ½-Lipschitz": ("<=", "total((y[i] - z[i]) ** 2, i)", "total((u[i] - v[i]) ** 2, i) / 4"),
    "the Jacobian of softmax is at most ½": (
        "<=", "total(z[i] * v[i] ** 2, i) - total(z[i] * v[i], i) ** 2", "total(v[i] ** 2, i) / 2",
    ),
    "trace of the Jacobian of softmax": ("<=", "total(z[i] * (1 - z[i]), i)", "1"),
    "a weight is at most one": ("<=", "z[i]", "1"),
    "a mean of squares of weights": ("<=", "1", "p.size * total(s[i] ** 2, i)"),
    "distance of two weights": ("<=", "total((y[i] - z[i]) ** 2, i)", "2"),
    "fourth powers": ("<=", "total(u[i] ** 2, i) ** 2", "p.size * total(u[i] ** 4, i)"),
    "squares of squares": ("<=", "total(u[i] ** 4, i)", "total(u[i] ** 2, i) ** 2"),
    "Jensen for fourth powers": ("<=", "total(s[i] * u[i], i) ** 4", "total(s[i] * u[i] ** 4, i)"),
    "kurtosis is at least one": ("<=", "total(s[i] * u[i] ** 2, i) ** 2", "total(s[i] * u[i] ** 4, i)"),
    "Jensen for squares, a mean of vectors": (
        "<=", "total(total(s[i] * X[i, j], i) ** 2, j)", "total(s[i] * total(X[i, j] ** 2, j), i)",
    ),
    "Hölder, 1 and ∞": ("<=", "total(u[i] * v[i], i)", "one * most"),
    "the 2-norm by the 1-norm": ("<=", "total(u[i] ** 2, i)", "one ** 2"),
    "the 1-norm by the 2-norm": ("<=", "one ** 2", "p.size * total(u[i] ** 2, i)"),
    "the 2-norm by the largest entry": ("<=", "total(v[i] ** 2, i)", "p.size * most ** 2"),
    "arithmetic and geometric mean": ("<=", "4 * tau * rho", "(tau + rho) ** 2"),
    "cubes": ("<=", "tau ** 2 * rho + tau * rho ** 2", "tau ** 3 + rho ** 3"),
    "completing the square": ("<=", "2 * total(u[i] * v[i], i) - tau * total(u[i] ** 2, i)", "total(v[i] ** 2, i) / tau"),
    "two means": ("<=", "total(u[i], i) * total(v[i], i)", "p.size * total(u[i] ** 2 + v[i] ** 2, i) / 2"),
}  # fmt: skip
FALSE = {
    "Cauchy–Schwarz, halved": ("total(u[i] * v[i], i) ** 2", "total(u[i] ** 2, i) * total(v[i] ** 2, i) / 2"),
    "Cauchy–Schwarz, nearly": ("total(u[i] * v[i], i) ** 2", "999 * total(u[i] ** 2, i) * total(v[i] ** 2, i) / 1000"),
    "Cauchy–Schwarz by norms, shifted": ("total(u[i] * v[i], i) + 1", "nu * nv"),
    "triangle, one side": ("nuv", "nu"),
    "triangle, nearly": ("nuv", "99 * (nu + nv) / 100"),
    "reversed triangle": ("nu + nv", "nuv"),
    "means up to 4": ("total(u[i], i) ** 2", "4 * total(u[i] ** 2, i)"),
    "means up to 7": ("total(u[i], i) ** 2", "7 * total(u[i] ** 2, i)"),
    "means with the other size": ("total(u[i], i) ** 2", "q.size * total(u[i] ** 2, i)"),
    "Jensen without weights": ("total(u[i], i) ** 2", "total(u[i] ** 2, i)"),
    "Jensen reversed": ("total(s[i] * u[i] ** 2, i)", "total(s[i] * u[i], i) ** 2"),
    "Jensen, nearly": ("total(s[i] * u[i], i) ** 2", "19 * total(s[i] * u[i] ** 2, i) / 20"),
    "weighted by a letter of any sign": ("total(v[i] * u[i], i) ** 2", "total(v[i], i) * total(v[i] * u[i] ** 2, i)"),
    "Young, too small": ("2 * total(u[i] * v[i], i)", "tau * total(u[i] ** 2, i) + total(v[i] ** 2, i) / (2 * tau)"),
    "simplex, half": ("total(s[i] ** 2, i)", "Rational(1, 2)"),
    "simplex, at least a quarter": ("Rational(1, 4)", "total(s[i] ** 2, i)"),
    "simplex, at least a sixth": ("Rational(1, 6)", "total(s[i] ** 2, i)"),
    "squares of any vector": ("total(u[i] ** 2, i)", "total(u[i], i) ** 2"),
    "operator by one column": ("total(total(X[i, j] * w[j], j) ** 2, i)", "total(X[i, j] ** 2, i, j)"),
    "operator, half": ("total(total(X[i, j] * w[j], j) ** 2, i)", "total(X[i, j] ** 2, i, j) * total(w[j] ** 2, j) / 2"),
    "spectral norm, not squared": ("total(total(X[i, j] * w[j], j) ** 2, i)", "sX * total(w[j] ** 2, j)"),
    "spectral norm, nearly": ("total(total(X[i, j] * w[j], j) ** 2, i)", "9 * sX ** 2 * total(w[j] ** 2, j) / 10"),
    "Frobenius at most spectral": ("total(X[i, j] ** 2, i, j)", "sX ** 2"),
    "a form of two vectors": ("0", "total(u[i] * P[i, k] * v[k], i, k)"),
    "a form and its trace": ("total(P[i, i], i)", "total(u[i] * P[i, k] * u[k], i, k)"),
    "the trace, halved": ("total(u[i] * P[i, k] * u[k], i, k)", "total(P[i, i], i) * total(u[i] ** 2, i) / 2"),
    "Young for a form, one side": ("2 * total(u[i] * P[i, k] * v[k], i, k)", "total(u[i] * P[i, k] * u[k], i, k)"),
    "softmax, squared weights": ("total(z[i] * v[i], i) ** 2", "total(z[i] ** 2 * v[i] ** 2, i)"),
    "parallelogram, once": ("total((u[i] + v[i]) ** 2, i)", "total(u[i] ** 2, i) + total(v[i] ** 2, i)"),
    "three squares, twice": ("(tau + c + 1) ** 2", "2 * tau ** 2 + 2 * c ** 2 + 2"),
    "variance at most half": (
        "total(s[i] * (u[i] - total(s[k] * u[k], k)) ** 2, i)", "total(s[i] * u[i] ** 2, i) / 2",
    ),
    "products of sums, any sign": ("total(u[i] * v[i], i)", "total(u[i], i) * total(v[i], i)"),
    "columns by q": ("total(total(X[i, j], i) ** 2, j)", "q.size * total(X[i, j] ** 2, i, j)"),
    "covariance, nearly": (
        "total(s[i] * u[i] * v[i], i) ** 2", "9 * total(s[i] * u[i] ** 2, i) * total(s[i] * v[i] ** 2, i) / 10",
    ),
    "a wrong sign": ("0", "total(u[i] ** 2, i) - 2 * total(u[i] * v[i], i) + total(v[i] ** 2, i) - tau"),
    "positive, not at least one": ("1", "tau"),
    "a scalar and its square": ("tau", "tau ** 2"),
    "a nonnegative scalar, divided": ("1", "c ** 2 + tau"),
    "a difference of squares": ("total(v[i] ** 2, i)", "total(u[i] ** 2, i)"),
    "an entry and the norm": ("total(u[i] ** 2, i)", "total(u[i], i) ** 2 + total(v[i] ** 2, i)"),
}  # fmt: skip
