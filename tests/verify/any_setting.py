"""Statements over letters of every kind: false ones, near misses among them, and true ones."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symbolic.kinds import Free, LeastEigenvalue
from verify import Setting, total
from verify.own.theory import theory
from verify.statement import Inequality

Row = tuple[str, str, str]  # the left side, the right side, the conditions, as they are written in Python


def setting() -> tuple[Setting, dict[str, object]]:
    """A setting with letters of every kind, and its names."""
    S = Setting("any letters")
    p, q = S.dims("p q")
    t = S.dim("t", "f g")
    f, g = t.parts
    i, k, n, j, l = p.index("i"), p.index("k"), p.index("n"), q.index("j"), q.index("l")  # noqa: E741
    x, y, z = t.index("x"), f.index("y"), g.index("z")
    u, v, w = S.letters(u=p, v=p, w=t)
    X, Y = S.letters(X=(p, q), Y=(p, q))
    c, d = S.letters(c=(), d=())
    h = S.letters(kind="nonnegative", h=())
    o = S.letters(kind="positive", o=())
    a, b = S.letters(kind="nonnegative", a=p, b=p)
    e = S.letters(kind="positive", e=p)
    s, r = S.letters(kind="simplex", s=p, r=(p, q))
    V = S.letters(kind="unit columns", V=(p, q))
    M = S.letters(kind="symmetric", M=(p, p))
    G = S.letters(kind="positive semidefinite", G=(p, p))
    P, Q = S.letters(kind="positive definite", P=(p, p), Q=(p, p))
    A, A2 = S.letters(A=(p, q), A2=(p, q))
    a2, e2, s2 = S.letters(a2=p, e2=p, s2=p)
    V2 = S.letters(V2=(p, q))
    alpha, beta = S.scalars("alpha beta")
    S.kinds |= {
        "A": Free(score=True), "A2": Free(score=True, near="A"), "a2": Free("nonnegative", near="a"), "e2": Free("positive", near="e"),
        "s2": Free("simplex", near="s"), "V2": Free("unit columns", near="V"), "u": Free(), "v": Free(near="e"),
    }  # fmt: skip
    m = S.define("m", total(u[i] ** 2, i))
    gap = S.define("gap", alpha - beta)
    top, low = S.largest("top", w[z] ** 2, z), S.largest("low", [c, d], least=True)
    norm, infinite = S.norm("norm", X[i, j], i, j, kind="spectral"), S.norm("infinite", w[z], z, kind="inf")
    size = S.absolute("size", c - 1)
    I = S.inverse("I", P[i, k], i, k)  # noqa: E741
    least = S.define("least", total(M[i, i], i))
    row, column = (index for index in S.built.language.axes({"i": "p", "k": "p"}))
    S.kinds["least"] = LeastEigenvalue((), row, column, S.read("least", M[i, k], {"i": p.dim, "k": p.dim}))
    S._built = None
    names = dict(locals()) | {"total": total, "Fraction": Fraction, "Eq": sp.Eq}
    return S, names


FALSE: dict[str, Row] = {
    "no slots": ("2 * c * d", "c ** 2 + d ** 2 / 2", ""),
    "no slots, nonnegative": ("h ** 2", "h", ""),
    "no slots, positive": ("o", "o ** 2", ""),
    "no slots beside a vector": ("(o + h) * total(u[i] ** 2, i)", "(o + h) ** 2 * total(u[i] ** 2, i)", ""),
    "an absolute value": ("size", "c ** 2 / 2", ""),
    "a definition without indices": ("m ** 2", "5 * m", ""),
    "a definition that may be negative": ("gap ** 2", "alpha ** 2 / 2", ""),
    "a cube of a definition that may be negative": ("0", "gap ** 3", ""),
    "the largest of an empty part": ("2 * top", "total(w[x] ** 2, x)", ""),
    "the largest absolute value of an empty part": ("total(w[x] ** 2, x)", "3 * infinite ** 2 + 5", ""),
    "the least of two numbers": ("low", "c / 2", ""),
    "a least eigenvalue": ("least * p.size", "total(M[i, i], i) / 2", ""),
    "sizes alone": ("p.size ** 2", "q.size ** 3 + 30", ""),
    "positive below its square": ("e[i]", "e[i] ** 2", ""),
    "positive near another one": ("e2[i]", "2 * e[i] + 1", ""),
    "nonnegative near another one": ("total(a2[i] ** 2, i)", "total(a[i] ** 2, i) + 2", ""),
    "any near a positive one": ("total(v[i], i)", "3 * total(e[i], i)", ""),
    "a simplex near another one": ("total(s2[i] ** 2, i)", "total(s[i] ** 2, i)", ""),
    "unit columns near others": ("total(V[i, j] * V2[i, j], i)", "Fraction(99, 100)", ""),
    "scores": ("total((A[i, j] - A2[i, j]) ** 2, i, j)", "total(A[i, j] ** 2, i, j)", ""),
    "a simplex of matrices": ("total(r[i, j] ** 2, i, j)", "q.size * Fraction(9, 10)", ""),
    "a symmetric square": ("total(M[i, k], i, k) ** 2", "2 * total(M[i, k] ** 2, i, k)", ""),
    "semidefinite entries": ("G[i, k]", "G[i, i] / 2 + G[k, k] / 3", ""),
    "definite, trace of the square": ("total(P[i, i], i)", "total(P[i, k] ** 2, i, k)", ""),
    "two definite matrices": ("total(P[i, k] * Q[k, i], i, k)", "total(P[i, i], i)", ""),
    "an inverse": ("total(I[i, i], i)", "total(P[i, i], i)", ""),
    "a spectral norm": ("total(X[i, j] ** 2, i, j)", "norm ** 2 + 1", ""),
    "a spectral norm, up to 2": ("total(X[i, j] ** 2, i, j)", "2 * norm ** 2", ""),
    # Near misses: they hold at sizes up to 4.
    "up to 4": ("total(u[i], i) ** 2", "4 * total(u[i] ** 2, i)", ""),
    "positive, up to 5": ("total(e[i], i) ** 2", "5 * total(e[i] ** 2, i)", ""),
    "simplex, up to 6": ("Fraction(1, 6)", "total(s[i] ** 2, i)", ""),
    "semidefinite, up to 4": ("total(G[i, i], i) ** 2", "4 * total(G[i, k] ** 2, i, k)", ""),
    "definite, up to 5": ("total(P[i, k], i, k)", "5 * total(P[i, i], i)", ""),
    "a line and a curve that meet": ("Fraction(1, 10**6)", "(c - d) ** 2 + (c * d - 2) ** 2", ""),
    # With conditions.
    "fourth powers, up to 5": (
        "total(u[i] ** 4, i)",
        "4 * p.size",
        "Eq(total(u[i], i), 0), total(u[i] ** 2, i) <= p.size",
    ),
    "within a ball": ("total(u[i], i) ** 2", "3", "total(u[i] ** 2, i) <= 1"),
    "on a sphere": ("total(u[i], i)", "Fraction(4, 3)", "Eq(total(u[i] ** 2, i), 1)"),
    "on a plane": ("total(u[i] ** 2, i)", "1", "Eq(total(u[i], i), 1)"),
    "fifth powers, up to 4": (
        "total(u[i] ** 5, i)",
        "0",
        "Eq(total(u[i], i), 0), Eq(total(u[i] ** 3, i), 0)",
    ),
    "in order": ("u[i] ** 2", "X[i, j] ** 2", "u[i] <= X[i, j]"),
    "strictly": ("2", "alpha * beta", "alpha > 1, beta > 1"),
    "a definite ball": ("total(P[i, i], i)", "3", "total(P[i, k] ** 2, i, k) <= 2"),
    "a box, up to 6": ("total(u[i], i)", "6", "u[i] <= 1"),
    "a definite box, up to 4": ("total(P[i, i], i)", "4", "P[i, k] ** 2 <= 1"),
    "shares within bounds": ("total(s[i] * u[i] ** 2, i)", "1", "u[i] <= 1"),
    "no slots, within bounds": ("c * d", "Fraction(9, 10)", "c ** 2 <= 1, d ** 2 <= 1"),
}
TRUE: dict[str, Row] = {
    "no slots": ("2 * c * d", "c ** 2 + d ** 2", ""),
    "positive, no slots": ("2", "o + 1 + (o - 1) ** 2 - o + 1", ""),
    "a definition that may be negative": ("gap", "alpha", ""),
    "the largest of an empty part": ("top", "total(w[x] ** 2, x)", ""),
    "the largest absolute value of an empty part": ("infinite ** 2", "total(w[x] ** 2, x)", ""),
    "the least of two numbers": ("low", "c", ""),
    "a least eigenvalue": ("least * p.size", "total(M[i, i], i)", ""),
    "sizes alone": ("p.size", "p.size ** 2", ""),
    "positive": ("0", "e[i] * e2[k]", ""),
    "nonnegative": ("0", "a2[i] + a[k] * b[i]", ""),
    "shares": ("s2[i]", "1", ""),
    "Jensen": ("total(s[i] * u[i], i) ** 2", "total(s[i] * u[i] ** 2, i)", ""),
    "unit columns": ("total(V[i, j] * V2[i, l], i)", "1", ""),
    "semidefinite entries": ("2 * G[i, k]", "G[i, i] + G[k, k]", ""),
    "two definite matrices": ("0", "total(P[i, k] * Q[k, i], i, k)", ""),
    "an inverse": ("p.size ** 2", "total(I[i, i], i) * total(P[i, i], i)", ""),
    "a spectral norm": ("norm ** 2", "total(X[i, j] ** 2, i, j)", ""),
    "within balls": ("total(u[i] * v[i], i)", "1", "total(u[i] ** 2, i) <= 1, total(v[i] ** 2, i) <= 1"),
    "on a sphere": ("total(u[i], i) ** 2", "p.size", "Eq(total(u[i] ** 2, i), 1)"),
    "fourth powers": (
        "total(u[i] ** 4, i)",
        "p.size ** 2",
        "Eq(total(u[i], i), 0), total(u[i] ** 2, i) <= p.size",
    ),
    "a line and a curve that meet": ("0", "(c - d) ** 2 + (c * d - 2) ** 2", ""),
    "strictly": ("alpha + 1", "2 * alpha", "alpha > 1"),
    "not at the bound": ("1 / alpha ** 2", "1 / alpha", "alpha >= 1"),
    "a box": ("total(u[i], i)", "p.size", "u[i] <= 1"),
    "shares within bounds": ("total(s[i] * u[i], i)", "1", "u[i] <= 1"),
}


def stated(row: Row) -> Inequality:
    """One statement as an inequality of the engine."""
    S, names = setting()
    lhs, rhs, when = row
    given = eval(f"({when},)", dict(names)) if when else ()
    conditions = [
        half
        for one in given
        for half in ((one.lhs <= one.rhs, one.lhs >= one.rhs) if isinstance(one, sp.Eq) else (one,))
    ]
    S.inequality("x", eval(lhs, dict(names)), eval(rhs, dict(names)), when=conditions)
    (inequality,) = theory(S).claims[0].inequalities()
    return inequality
