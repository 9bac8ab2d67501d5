"""Statements that need lemmas on the way, over letters that stand for others: true ones, and false twins."""

from __future__ import annotations

from benchmarks.finding import classical
from benchmarks.finding.sets import lemma
from benchmarks.finding.sought import Sought
from verify import Setting, total

FIT = "total((total(X[i, j] * {0}[j], j) - v[i]) ** 2, i)"
# The move: a true statement, and the right side of a false twin.
MOVES = {
    "the solution of ridge regression is the least": (
        f"{FIT.format('ridge')} + tau * total(ridge[j] ** 2, j)", f"{FIT.format('w')} + tau * total(w[j] ** 2, j)",
        f"{FIT.format('w')} + tau * total(w[j] ** 2, j) / 2",
    ),
    "norms of matrices, one after the other": (
        "total(out[e] ** 2, e)", "total(B[e, i] ** 2, e, i) * sX ** 2 * nw ** 2",
        "total(B[e, i] ** 2, e, i) * sX ** 2 * nw ** 2 / 2",
    ),
    "the triangle inequality for what a letter stands for": (
        "total(shift[i] ** 2, i)", "(sX * nw + nv) ** 2", "(sX * nw + nv) ** 2 / 2",
    ),
    "as many entries as weights": ("1", "p.size", "p.size - 1"),
    "softmax of bounded scores": (
        "total((y[i] - z[i]) ** 2, i)", "far ** 2 / 2", "far ** 2 / 4",
    ),
    "a difference of products with one matrix": (
        "total((image[i] - other[i]) ** 2, i)", "sX ** 2 * nd ** 2", "sX ** 2 * nd ** 2 / 2",
    ),
    "a difference of products": (
        "total((first[i, j] - second[i, j]) ** 2, i, j)", "(nd + 3 * nw * far / 4) ** 2", "(nd + nw * far / 4) ** 2",
    ),
    "the least number that bounds every image": ("sX", "root", "root / 2"),
    "a sum over a part": ("total(a[f] ** 2, f)", "total(a[e] ** 2, e)", "total(a[e] ** 2, e) / 2"),
    "a vector within a part": (
        "total(total(B[o, i] * v[i], i) ** 2, o)", "total(B[e, i] ** 2, e, i) * total(v[i] ** 2, i)",
        "total(B[e, i] ** 2, e, i) * total(v[i] ** 2, i) / 2",
    ),
    "the size of a part": (
        "total(a[e] ** 2, e) * F.size", "total(a[e] ** 2, e) * E.size", "total(a[e] ** 2, e) * E.size / 2",
    ),
}  # fmt: skip


def letters() -> tuple[Setting, dict[str, object]]:
    S, names = classical.matrices()
    i, j, X, H, v, w = (names[name] for name in ("i", "j", "X", "H", "v", "w"))
    n = names["n"]
    ridge = S.define("ridge", total(H[j, n] * X[i, n] * v[i], n, i), j)
    image = S.define("image", total(X[i, j] * w[j], j), i)
    shift = S.define("shift", image[i] - v[i], i)
    nw, nv = S.norm("nw", w[j], j), S.norm("nv", v[i], i)
    E = S.dim("E", parts="F F2")
    F, F2 = E.parts
    e, f, o = E.index("e"), F.index("f"), F2.index("o")
    a, B = S.letters(a=E, B=(E, names["p"]))
    c = S.letters(c=names["q"])
    first, second = (
        S.define(name, one[j] * some[i], i, j)
        for name, one, some in (("first", w, names["y"]), ("second", c, names["z"]))
    )
    other = S.define("other", total(X[i, j] * c[j], j), i)
    nd, far = S.norm("nd", w[j] - c[j], j), S.norm("far", v[i] - names["u"][i], i, kind="inf")
    root = S.norm("root", X[i, j], i, j, kind="Frobenius")
    out = S.define("out", total(B[e, i] * image[i], i), e)
    return S, names | dict(locals())


def statement(move: str, rhs: str) -> Sought:
    return lemma(move, "<=", MOVES[move][0], rhs, letters)  # type: ignore[arg-type]
