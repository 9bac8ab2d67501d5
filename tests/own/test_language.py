"""What may be said: every kind of letter and operation, each in a true statement and in a false one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from verify import Setting, check, total

Two = tuple[Setting, str, str]  # with the names of a true and of a false statement


def example() -> Setting:
    """The example of the documentation."""
    S = Setting("my note, Lemma 3")
    p, q = S.dims("p q")
    i, j, k = p.index("i"), q.index("j"), p.index("k")
    X, Y = S.letters(X=(p, q), Y=(q, p))
    u, v = S.letters(u=p, v=p)
    S.identity("trace", total(X[i, j] * Y[j, i], i, j), total(Y[j, i] * X[i, j], j, i))
    S.inequality(
        "cauchy", total(u[i] * v[i], i) ** 2, total(u[i] ** 2, i) * total(v[i] ** 2, i),
        proof=total((u[i] * v[k] - u[k] * v[i]) ** 2, i, k) / 2,
    )  # fmt: skip
    S.inequality("too sharp", total(u[i], i) ** 2, 4 * total(u[i] ** 2, i))
    return S


def test_the_example() -> None:
    record = check(example())
    found = [(row.id, row.form, row.verdict, row.strength, row.refutation) for row in record.claims]
    assert found == [
        ("trace", "stated", "holds", "proved", None),
        ("cauchy", "stated", "holds", "proved", None),
        ("too sharp", "stated", "fails", None, "exact witness"),
    ]
    assert record.claims[2].witness is not None
    assert record.claims[2].witness.sizes == {"p": 5}
    assert record.headline == "3 statements: 2 hold (2 proved), 1 fails (1 by an exact witness)."
    assert record.exit_code == 0


@pytest.mark.slow
def test_the_same_twice() -> None:
    one, other = (check(example()).model_dump(exclude={"provenance"}) for _ in "12")
    for record in (one, other):
        for row in record["claims"]:
            for evidence in row["evidence"]:
                evidence.pop("seconds")
    assert one == other


def parts() -> Two:
    S = Setting("parts")
    whole = S.dim("tokens", "prompt rest")
    prompt, rest = whole.parts
    k, i, r = whole.index("k"), prompt.index("i"), rest.index("r")
    u = S.letters(u=whole)
    S.identity("split", total(u[k], k), total(u[i], i) + total(u[r], r))
    S.identity("without the rest", total(u[k], k), total(u[i], i))
    return S, "split", "without the rest"


def softmax() -> Two:
    S = Setting("softmax")
    p = S.dims("p")
    i, k = p.index("i"), p.index("k")
    x, u = S.letters(x=p, u=p)
    s = S.softmax("s", x[i], i, over=i)
    variance = total(s[i] * u[i] ** 2, i) - total(s[i] * u[i], i) ** 2
    S.inequality("variance", 0, variance, proof=total(s[i] * s[k] * (u[i] - u[k]) ** 2, i, k) / 2)
    S.inequality("above a half", Fraction(1, 2), total(s[i] ** 2, i))
    return S, "variance", "above a half"


def slope() -> Two:
    S = Setting("slope of a softmax")
    p = S.dims("p")
    i, k = p.index("i"), p.index("k")
    x, u = S.letters(x=p, u=p)
    s = S.softmax("s", x[i], i, over=i)
    mean = total(s[i] * u[i], i)
    S.identity("slope", S.gradient(mean, x[k]), s[k] * (u[k] - mean))
    S.identity("slope without the mean", S.gradient(mean, x[k]), s[k] * u[k])
    return S, "slope", "slope without the mean"


def gradient() -> Two:
    S = Setting("least squares")
    p, q = S.dims("p q")
    i, j, n = p.index("i"), q.index("j"), q.index("n")
    X = S.letters(X=(p, q))
    w, y = S.letters(w=q, y=p)
    loss = total((total(X[i, j] * w[j], j) - y[i]) ** 2, i) / 2
    right = total(X[i, n] * (total(X[i, j] * w[j], j) - y[i]), i)
    S.identity("gradient", S.gradient(loss, w[n]), right)
    S.identity("gradient twice", S.gradient(loss, w[n]), 2 * right)
    return S, "gradient", "gradient twice"


def expectation() -> Two:
    S = Setting("noise")
    p = S.dims("p")
    i = p.index("i")
    u, e = S.letters(u=p, e=p)
    tau = S.scalars("tau")
    E = S.expectation(e=tau)
    squares = E(total((u[i] + e[i]) ** 2, i))
    S.identity("bias and variance", squares, total(u[i] ** 2, i) + p.size * tau)
    S.identity("variance once", squares, total(u[i] ** 2, i) + tau)
    return S, "bias and variance", "variance once"


def expectation_of_definitions() -> Two:
    S = Setting("labels")
    p = S.dims("p")
    i = p.index("i")
    u, e = S.letters(u=p, e=p)
    tau = S.scalars("tau")
    E = S.expectation(e=tau)
    y = S.define("y", u[i] + e[i], i)
    z = S.define("z", 2 * y[i], i)
    S.identity("second moment", E(total(z[i] ** 2, i)), 4 * total(u[i] ** 2, i) + 4 * p.size * tau)
    S.identity("without noise", E(total(z[i] ** 2, i)), total(z[i] ** 2, i))
    return S, "second moment", "without noise"


def inverse() -> Two:
    S = Setting("inverse")
    p = S.dims("p")
    i, k, n = p.index("i"), p.index("k"), p.index("n")
    P = S.letters(kind="positive definite", P=(p, p))
    M = S.inverse("M", P[i, k], i, k)
    S.identity("an inverse", total(P[i, k] * M[k, n] * P[n, i], i, k, n), total(P[i, i], i))
    S.identity("no square", total(M[i, k] * M[k, i], i, k), total(M[i, i], i))
    return S, "an inverse", "no square"


def norms() -> Two:
    S = Setting("norms")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    n = S.norm("n", u[i], i)
    S.identity("square of a norm", n**2, total(u[i] ** 2, i))
    S.inequality("norm and sum", n**2, total(u[i], i) ** 2)
    return S, "square of a norm", "norm and sum"


def condition() -> Two:
    S = Setting("a condition")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    c = S.scalars("c")
    S.inequality("doubled", 2 * total(u[i] ** 2, i), 2 * c, when=[total(u[i] ** 2, i) <= c])
    S.inequality("halved", total(u[i] ** 2, i), c / 2, when=[total(u[i] ** 2, i) <= c])
    return S, "doubled", "halved"


def nonnegative() -> Two:
    S = Setting("nonnegative")
    p = S.dims("p")
    i = p.index("i")
    a = S.letters(kind="nonnegative", a=p)
    u = S.letters(u=p)
    S.inequality("a sum of squares", 0, total(a[i] * u[i] ** 2, i))
    S.inequality("a sum", 0, total(a[i] * u[i], i))
    return S, "a sum of squares", "a sum"


def definite() -> Two:
    S = Setting("positive definite")
    p = S.dims("p")
    i, k = p.index("i"), p.index("k")
    P = S.letters(kind="positive definite", P=(p, p))
    S.identity("symmetric", P[i, k], P[k, i])
    S.inequality("entries", 0, P[i, k])
    return S, "symmetric", "entries"


def unit() -> Two:
    S = Setting("unit columns")
    p, q = S.dims("p q")
    i, j = p.index("i"), q.index("j")
    W = S.letters(kind="unit columns", W=(p, q))
    S.identity("Frobenius norm", total(W[i, j] ** 2, i, j), q.size)
    S.identity("of rows", total(W[i, j] ** 2, i, j), p.size)
    return S, "Frobenius norm", "of rows"


def number_letter() -> Two:
    S = Setting("defined")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    m = S.define("m", u[i] ** 2 + 1, i)
    S.identity("definition", total(m[i], i), total(u[i] ** 2, i) + p.size)
    S.inequality("at least two", 2 * p.size, total(m[i], i))
    return S, "definition", "at least two"


MAKERS: tuple[Callable[[], Two], ...] = (
    parts, softmax, slope, gradient, expectation, expectation_of_definitions, inverse, norms, condition, nonnegative, definite, unit,
    number_letter,
)  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.usefixtures("verdicts_alone")
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_true_and_false(make: Callable[[], Two]) -> None:
    S, true, false = make()
    rows = {row.id: row for row in check(S).claims}
    told = [e.statement for e in rows[true].evidence]
    assert (rows[true].verdict, rows[true].strength) == ("holds", "proved"), told
    assert rows[false].verdict == "fails", [e.statement for e in rows[false].evidence]


@pytest.mark.usefixtures("verdicts_alone")
def test_a_defined_number_may_be_negative() -> None:
    """A statement that rests on the sign of a number which is never positive is refuted, and not proved by declaration."""
    S = Setting("sign")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    d = S.define("d", -1 - total(u[i] ** 2, i))
    S.inequality("by its definition", d, -1)
    S.inequality("nonnegative", 0, d)
    S.inequality("what cancels", 0, d + total(u[i] ** 2, i))
    assert [row.verdict for row in check(S).claims] == ["holds", "fails", "fails"]


def test_conditions_that_contradict_one_another_prove_nothing() -> None:
    S = Setting("nothing")
    a, b = S.scalars("a b")
    S.inequality("x", a, b, when=[a <= 1, a >= 2])
    (row,) = check(S).claims
    assert row.verdict == "vacuous"
