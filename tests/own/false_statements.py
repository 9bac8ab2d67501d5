"""False statements over letters of one's own: some fail at once, some are near misses that hold at small sizes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verify import Setting, total


def setting() -> tuple[Setting, dict[str, object]]:
    """A setting with letters of several kinds, and its names."""
    S = Setting("false statements")
    p, q = S.dims("p q")
    i, k, n = p.index("i"), p.index("k"), p.index("n")
    j = q.index("j")
    X, Y = S.letters(X=(p, q), Y=(q, p))
    u, v = S.letters(u=p, v=p)
    s = S.letters(s=p, kind="simplex")
    a = S.letters(a=p, kind="nonnegative")
    P = S.letters(P=(p, p), kind="positive definite")
    W = S.letters(W=(p, q), kind="unit columns")
    c, d = S.scalars("c d")
    names = dict(locals()) | {"total": total, "Fraction": Fraction}
    return S, names


# name: relation, left side, right side, as they are written in Python
SMALL: dict[str, tuple[str, str, str]] = {
    "a product of sums": ("=", "total(u[i] * v[i], i)", "total(u[i], i) * total(v[i], i)"),
    "the trace of a product, transposed": (
        "=",
        "total(X[i, j] * Y[j, i], i, j)",
        "total(X[i, j] * X[i, j], i, j)",
    ),
    "a sum of squares without its cross terms": ("=", "total(u[i], i) ** 2", "total(u[i] ** 2, i)"),
    "the factor of a size is missing": ("=", "total(u[i] + 1, i)", "total(u[i], i) + 1"),
    "a binomial with the wrong factor": (
        "=",
        "total((u[i] + v[i]) ** 2, i)",
        "total(u[i] ** 2 + v[i] ** 2 + u[i] * v[i], i)",
    ),
    "the mean of a simplex": ("=", "total(s[i] * u[i], i)", "total(u[i], i) / p.size"),
    "a simplex sums to its size": ("=", "total(s[i], i)", "p.size"),
    "one free index, another entry": ("=", "u[i] * v[k]", "u[k] * v[i]"),
    "a sign": ("=", "total((u[i] - v[i]) ** 2, i)", "total(u[i] ** 2 - v[i] ** 2, i)"),
    "two orders of summation with other letters": (
        "=",
        "total(X[i, j] * u[i], i, j)",
        "total(X[i, j] * v[i], i, j)",
    ),
    "a square is at most its root": ("<=", "total(u[i] ** 2, i)", "1 + total(u[i], i)"),
    "Cauchy without a square": ("<=", "total(u[i] * v[i], i)", "total(u[i] ** 2, i)"),
    "Cauchy, a quarter too sharp": (
        "<=",
        "4 * total(u[i] * v[i], i) ** 2",
        "3 * total(u[i] ** 2, i) * total(v[i] ** 2, i)",
    ),
    "Jensen the other way": ("<=", "total(s[i] * u[i] ** 2, i)", "total(s[i] * u[i], i) ** 2"),
    "the least weight of a simplex": ("<=", "Fraction(1, 4)", "total(s[i] ** 2, i)"),
    "a weight is small": ("<=", "s[i]", "Fraction(1, 2)"),
    "a nonnegative sum is small": ("<=", "total(a[i], i)", "1"),
    "the square of a nonnegative sum": ("<=", "total(a[i], i) ** 2", "total(a[i] ** 2, i)"),
    "positive definite with negative entries": ("<=", "0", "total(P[i, k], k)"),
    "a diagonal dominates": ("<=", "total(P[i, k] ** 2, i, k)", "total(P[i, i] ** 2, i)"),
    "columns of norm one are orthogonal": ("<=", "total(total(W[i, j], j) ** 2, i)", "q.size"),
    "an entry of a unit column": ("<=", "total(W[i, j], i)", "1"),
    "arithmetic and geometric mean, too sharp": ("<=", "3 * c * d", "c ** 2 + d ** 2"),
    "a scalar below its square": ("<=", "c", "c ** 2"),
    "Frobenius below the trace": ("<=", "total(X[i, j] ** 2, i, j)", "total(X[i, j], i, j) ** 2"),
    "half of a square": ("<=", "total(u[i] ** 2, i)", "total((u[i] - v[i]) ** 2, i) + total(v[i] ** 2, i)"),
    "Young with the wrong weight": (
        "<=",
        "total(u[i] * v[i], i)",
        "total(u[i] ** 2, i) / 4 + total(v[i] ** 2, i) / 2",
    ),
    "power means exchanged": ("<=", "total(u[i] ** 4, i)", "total(u[i] ** 2, i)"),
}
NEAR: dict[str, tuple[str, str, str]] = {
    "a sum of squares, up to 4": ("<=", "total(u[i], i) ** 2", "4 * total(u[i] ** 2, i)"),
    "a sum of squares, up to 5": ("<=", "total(u[i], i) ** 2", "5 * total(u[i] ** 2, i)"),
    "a sum of squares, up to 7": ("<=", "total(u[i], i) ** 2", "7 * total(u[i] ** 2, i)"),
    "a simplex of four weights": ("<=", "Fraction(1, 5)", "total(s[i] ** 2, i)"),
    "a simplex of seven weights": ("<=", "Fraction(1, 7)", "total(s[i] ** 2, i)"),
    "a size is at most 6": ("<=", "p.size", "6"),
    "a size squared is at most 49": ("<=", "p.size ** 2", "49"),
    "a matrix of at most 20 entries": ("<=", "total(X[i, j], i, j) ** 2", "20 * total(X[i, j] ** 2, i, j)"),
    "a matrix of at most 36 entries": ("<=", "total(X[i, j], i, j) ** 2", "36 * total(X[i, j] ** 2, i, j)"),
    "a nonnegative vector of at most 6": ("<=", "total(a[i], i) ** 2", "6 * total(a[i] ** 2, i)"),
    "unit columns, at most 6": ("<=", "total(total(W[i, j], j) ** 2, i)", "6 * q.size"),
    "a product of sizes is at most 30": ("<=", "p.size * q.size", "30"),
    "linear in the size": ("<=", "total(total(u[i] * v[k], i, k), j)", "6 * total(u[i] ** 2 + v[i] ** 2, i)"),
    "powers of a size": ("<=", "p.size ** 3", "64 + 36 * p.size ** 2 / 6"),
}


def stated(name: str, row: tuple[str, str, str]) -> Setting:
    """The setting with one false statement."""
    S, names = setting()
    relation, lhs, rhs = row
    left, right = (eval(side, dict(names)) for side in (lhs, rhs))
    make: Callable[..., None] = S.identity if relation == "=" else S.inequality
    make(name, left, right, expected="fails")
    return S
