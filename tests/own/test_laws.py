"""Gaussian laws and laws of four moments: true statements are proved and hold at sizes, false ones are refuted, wrong use is one line."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from numeric.errors import InputError
from verify import Setting, total
from verify.own.described import reading
from verify.own.theory import theory
from verify.pipeline.bench import Bench
from verify.prove.expand import AtSize
from verify.prove.identity import Decide

S = Setting("Gaussian laws")
p, n = S.dims("p n")
a, b, c, d = (p.index(name) for name in "abcd")
i, j = n.index("i"), n.index("j")
A = S.letters(A=(p, p))
x, u, v, w, e = S.letters(x=p, u=p, v=p, w=p, e=p)
X, Y = S.letters(X=(p, n), Y=(p, n))
L = S.letters(L=(p, p), kind="positive semidefinite")
lam = S.letters(lam=p, kind="nonnegative")
k, tau = S.scalars("k", positive=False), S.scalars("tau")
E = S.expectation(x=S.gaussian(L))
columns = S.expectation("columns", X=S.gaussian(L))
spread = S.expectation("spread", Y=L)
standard = S.expectation("standard", u=S.gaussian())
each = S.expectation("each", v=S.gaussian(lam[a], a))
four = S.expectation("four", w=S.independent(lam[a], lam[a] ** 2 * (1 + k), a))
noise = S.expectation("noise", e=tau)
N, D = n.size, p.size

quadratic = E(x[a] * total(x[b] * A[b, c] * x[c], b, c) * x[d])
trace = total(A[b, c] * L[c, b], b, c) * L[a, d]
covariance = columns(total(X[a, i] * X[b, i] * X[b, j] * X[c, j], i, j, b)) / N**2
chi = total(u[a] ** 2, a)
TRUE: dict[str, tuple[sp.Expr, sp.Expr]] = {
    "E[xxᵀAxxᵀ] = Λ(A + Aᵀ)Λ + tr(AΛ)Λ": (
        quadratic, total(L[a, b] * (A[b, c] + A[c, b]) * L[c, d], b, c) + trace,
    ),
    "E[Λ̂²] = (N + 1)/N Λ² + tr(Λ)Λ/N": (
        covariance, (N + 1) / N * total(L[a, b] * L[b, c], b) + total(L[b, b], b) * L[a, c] / N,
    ),
    "second moment of χ²": (standard(chi**2), D * (D + 2)),
    "third moment of χ²": (standard(chi**3), D * (D + 2) * (D + 4)),
    "fourth moment of χ²": (standard(chi**4), D * (D + 2) * (D + 4) * (D + 6)),
    "one variance for each entry": (
        each(total(v[a] ** 2, a) ** 2), total(lam[a], a) ** 2 + 2 * total(lam[a] ** 2, a),
    ),
    "a kurtosis": (four(total(w[a] ** 2, a) ** 2), total(lam[a], a) ** 2 + k * total(lam[a] ** 2, a)),
    "a covariance, and nothing else": (
        spread(total(A[a, b] * Y[b, i], b, i) ** 2), N * total(A[a, b] * L[b, c] * A[a, c], b, c),
    ),
    "the mean of a covariance": (spread(total(Y[a, i], i)), sp.Integer(0)),
    "odd moments": (four(w[a] * w[b] * w[c]) + each(v[a] * v[b] * v[c]), sp.Integer(0)),
}  # fmt: skip
FALSE: dict[str, tuple[sp.Expr, sp.Expr]] = {
    "A for A + Aᵀ": (quadratic, 2 * total(L[a, b] * A[b, c] * L[c, d], b, c) + trace),
    "1/N left out": (covariance, total(L[a, b] * L[b, c], b) + total(L[b, b], b) * L[a, c] / N),
    "a pairing left out": (standard(chi**2), D * (D + 1)),
    "columns that are correlated": (
        spread(total(A[a, b] * Y[b, i], b, i) ** 2), N**2 * total(A[a, b] * L[b, c] * A[a, c], b, c),
    ),
    "a kurtosis of 3": (
        four(total(w[a] ** 2, a) ** 2), total(lam[a], a) ** 2 + 2 * total(lam[a] ** 2, a),
    ),
    "one variance": (each(total(v[a] ** 2, a) ** 2), D * (D + 2) * total(lam[a], a) ** 2 / D**2),
}  # fmt: skip


def found(sides: tuple[sp.Expr, sp.Expr]) -> tuple[Any, Any]:
    """What the proof and the expansion at sizes say."""
    S.statements.clear()
    S.identity("x", *sides)
    (claim,) = theory(S).claims
    bench = Bench()
    (proof,), (expanded,) = Decide()(claim, bench), AtSize()(claim, bench)
    return proof, expanded


@pytest.mark.parametrize("name", TRUE)
def test_a_true_statement_is_proved_and_holds_at_sizes(name: str) -> None:
    proof, expanded = found(TRUE[name])
    assert (proof.verdict, proof.strength) == ("holds", "proved"), proof.statement
    assert expanded.statement.startswith("Both sides are the same polynomials"), expanded.statement


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_is_refuted(name: str) -> None:
    proof, expanded = found(FALSE[name])
    assert (proof.verdict, proof.refutation) == ("fails", "exact witness")
    assert (expanded.verdict, expanded.statement[:7]) == ("fails", "Refuted")


def test_the_page_says_what_is_random() -> None:
    S.statements.clear()
    S.identity("x", E(x[a] ** 2) + four(w[a] ** 2) + noise(e[a] ** 2) + standard(u[a] ** 2), 0)
    (statement,) = theory(S).claims[0].identities()
    said = reading(S, statement)
    for words in (
        "E is the expectation over x, Gaussian with mean zero and covariance L",
        "noise is the expectation over e, uncorrelated entries of mean zero, variance tau",
        "standard is the expectation over u, Gaussian with independent entries of mean zero, variance 1",
        "four is the expectation over w, independent entries with symmetric laws, variance lam[a] at the entry a",
    ):
        assert words in said


def other() -> tuple[Setting, dict[str, Any]]:
    T = Setting("misuse")
    q, r = T.dims("q r")
    names: dict[str, Any] = {"T": T, "s": q.index("s"), "t": r.index("t"), "c": T.scalars("c")}
    names["total"] = total
    names["y"], names["z"] = T.letters(y=q, z=q)
    names["B"] = T.letters(B=(q, q))
    names["P"] = T.letters(P=(r, r), kind="positive definite")
    names["v"] = T.letters(v=r)
    names["m"] = T.letters(m=q, kind="nonnegative")
    return T, names


WRONG = {
    "a covariance that need not be semidefinite": (
        "T.expectation(y=T.gaussian(B))", "y = B: needs a letter that is positive semidefinite, over (q, q)",
    ),
    "a covariance over another dimension": (
        "T.expectation(y=T.gaussian(P))", "y = P: needs a letter that is positive semidefinite, over (q, q)",
    ),
    "a covariance with indices": ("T.expectation(y=T.gaussian(P, s))", "y = P: needs a covariance letter alone"),
    "an index of another dimension": ("T.expectation(y=T.gaussian(1, t))", "y = indices t: needs an index for each slot of y, over q"),
    "an index too many": ("T.expectation(y=T.gaussian(1, s, t))", "y = indices s, t: needs an index for each slot of y, over q"),
    "a variance of either sign": ("T.expectation(y=T.gaussian(z[s], s))", "E = z[s]: needs a variance of y that is nonnegative"),
    "a variance at an index that is not named": ("T.expectation(y=T.gaussian(m[s]))", "index s"),
    "a variance that is random": ("T.expectation(y=T.gaussian(z[s]**2, s), z=1)", "needs a variance of y that no random letter enters"),
    "a fourth moment below the square of the variance": (
        "T.expectation(y=T.independent(2, 3))", "y = 3: needs a fourth moment of y that is seen to be at least the square of the variance",
    ),
    "a fourth moment of either sign": ("T.expectation(y=T.independent(0, z[s], s))", "needs a fourth moment of y that is nonnegative"),
    "a tenth moment": ("T.identity('x', T.expectation(y=T.gaussian())(total(y[s] ** 10, s)), 945)",
        "moment of order 10 of y: the largest order is 8"),
    "a third moment of a covariance": (
        "T.identity('x', T.expectation(v=P)(v[t] ** 3), 0)", "moment of order 3 of v: only first and second are assumed",
    ),
    "a sixth moment of four": (
        "T.identity('x', T.expectation(y=T.independent(1, 3))(total(y[s] ** 6, s)), 15)", "moment of order 6 of y: the largest order is 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_one_line(name: str) -> None:
    _, names = other()
    code, line = WRONG[name]
    with pytest.raises(InputError) as caught:
        eval(code, names)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
