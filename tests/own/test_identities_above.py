"""An identity may use identities above it and the steps that are given; what does not follow stays open; flows, forms and arrays."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from numeric.errors import InputError
from verify import Setting, array, check, total
from verify.own.arrays import eye, outer
from verify.own.theory import theory
from verify.pipeline.bench import Bench
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.record import Evidence
from verify.statement import Claim


class Shifted:
    """M = cA + I for a symmetric A, and the inverse of M."""

    def __init__(self) -> None:
        self.S = S = Setting("a matrix and its inverse")
        p, self.n = S.dims("p n")
        self.a, self.b = p.index("a"), p.index("b")
        self.A = array(S.letters(kind="positive definite", A=(p, p)))
        self.one, self.N_1 = eye(p), S.define("N_1", self.n.size + 1)
        self.M = array(
            S.define("M", (self.n.size * self.A + self.A + self.one)[self.a, self.b], self.a, self.b)
        )
        self.G = array(S.inverse("G", self.M[self.a, self.b], self.a, self.b))

    def state(self, name: str, lhs: Any, rhs: Any, **told: Any) -> None:
        self.S.identity(name, lhs[self.a, self.b], rhs[self.a, self.b], **told)

    def lemma(self) -> None:
        self.state(
            "fractions",
            self.A @ self.G,
            (self.one - self.G) / self.N_1,
            steps=[((self.M @ self.G - self.G) / self.N_1)[self.a, self.b]],
        )


def proof(S: Setting, name: str) -> Evidence:
    return evidence(next(claim for claim in theory(S).claims if claim.id == name))


def evidence(claim: Claim) -> Evidence:
    found = next(one for one in claim.checks if isinstance(one, Decide | ProveBound))
    return next(iter(found(claim, Bench())))


def test_words_in_a_matrix_and_its_inverse_are_put_in_partial_fractions() -> None:
    one = Shifted()
    one.lemma()
    left = one.G @ one.A @ one.A @ one.G
    right = (one.one - 2 * one.G + one.G @ one.G) / one.N_1**2
    one.state("word", left, right)
    one.state("false", left, (one.one - one.G + one.G @ one.G) / one.N_1**2)
    assert [proof(one.S, name).strength for name in ("fractions", "word")] == ["proved", "proved"]
    assert proof(one.S, "false").verdict == "fails"


def test_a_false_step_proves_nothing() -> None:
    one = Shifted()
    one.state("twice", one.A @ one.M, 2 * (one.M @ one.A), steps=[(one.A @ one.M @ one.one)[one.a, one.b]])
    assert proof(one.S, "twice").verdict == "fails"


def test_a_false_identity_above_is_not_used() -> None:
    one = Shifted()
    one.state("false", one.A @ one.G, one.one, expected="fails")
    one.state("rests on it", one.A @ one.A @ one.G, one.A)
    assert proof(one.S, "rests on it").verdict == "fails"


def test_an_identity_under_a_condition_is_used_under_that_condition_alone() -> None:
    one = Shifted()
    S, condition = one.S, sp.Eq(one.A[one.a, one.b], one.one[one.a, one.b])
    one.state("squared", one.A @ one.A, one.one, when=condition)
    one.state("without", one.A @ one.A @ one.A, one.one)
    assert (proof(S, "squared").strength, proof(S, "without").verdict) == ("proved", "fails")


def test_squares_that_are_given_use_identities_above() -> None:
    one = Shifted()
    one.lemma()
    total_ = (one.one - 2 * one.G + one.G @ one.G).trace
    one.S.inequality("square", 0, total_, proof=one.N_1**2 * (one.A @ one.G).square)
    one.S.inequality("wrong", 0, total_, proof=2 * one.N_1**2 * (one.A @ one.G).square)
    assert proof(one.S, "square").strength == "proved"
    assert proof(one.S, "wrong").verdict == "undecided"


def rotation() -> tuple[Setting, Any, Any, Any]:
    S = Setting("a flow")
    p = S.dims("p")
    a, b = p.index("a"), p.index("b")
    x, K = S.letters(x=p, K=(p, p))
    c = S.letters(c=())
    return S, S.flow({x[a]: total((K[a, b] - K[b, a]) * x[b], b), c: 2 * c}), total(x[a] ** 2, a), c


def test_what_a_flow_conserves_has_the_derivative_zero() -> None:
    S, along, norm, c = rotation()
    S.identity("norm", along(norm), 0)
    S.identity("grows", along(c**3), 6 * c**3)
    S.identity("both", along(norm * c), 0)
    assert [proof(S, name).verdict for name in ("norm", "grows", "both")] == ["holds", "holds", "fails"]


def test_a_velocity_has_the_indices_of_its_entry() -> None:
    S = Setting("wrong flows")
    p = S.dims("p")
    a, b = p.index("a"), p.index("b")
    x = S.letters(x=p)
    with pytest.raises(InputError, match="index b"):
        S.flow({x[a]: x[b]})
    with pytest.raises(InputError, match="index a"):
        S.flow({x[a]: x[a]})(x[a])
    with pytest.raises(InputError, match="gradient"):
        S.gradient(x[a], p.size)


def test_the_mean_of_a_square_is_nonnegative() -> None:
    S = Setting("means of squares")
    p = S.dims("p")
    a, b = p.index("a"), p.index("b")
    x, v = S.letters(x=p, v=p)
    E = S.expectation(x=S.gaussian())
    square = (total(x[a] * v[a], a) ** 2 - total(v[a] ** 2, a)) ** 2
    norm = total(v[a] ** 2, a) ** 2
    S.inequality("mean", norm, norm + 2 * E(square), proof=2 * E(square))
    S.inequality("no square", 0, E(total(x[a] * x[b] * v[a], a, b)), proof=E(total(x[a] * x[b] * v[a], a, b)))
    assert proof(S, "mean").strength == "proved given"
    assert proof(S, "mean").given == ["mean square 1 of mean is nonnegative"]
    assert proof(S, "no square").verdict == "undecided"


def test_a_repair_has_the_name_of_what_it_repairs(verdicts_alone: None) -> None:
    S = Setting("printed and repaired")
    p = S.dims("p")
    a = p.index("a")
    v = S.letters(v=p)
    S.section("Section 2")
    words = {"source": "(2.1)", "title": "a bound"}
    S.inequality(
        "eq-2-1", total(v[a], a) ** 2, total(v[a] ** 2, a), form="printed", failure="false", expected="fails",
        witness={"p": 2, "v": "1 1"}, consequence="a factor p", reason="p is missing", **words,
    )  # fmt: skip
    S.inequality("eq-2-1", total(v[a], a) ** 2, p.size * total(v[a] ** 2, a), form="repaired", **words)
    printed, repaired = check(S).claims
    assert (printed.verdict, printed.form, printed.part, repaired.verdict, repaired.form) == (
        "fails", "printed", "Section 2", "holds", "repaired",
    )  # fmt: skip
    claim = theory(S).claims[0]
    assert claim.replays is not None
    witness = claim.replays()
    assert witness is not None
    assert (witness.lhs, witness.rhs) == ("4", "2")
    with pytest.raises(InputError, match="eq-2-1 \\(repaired\\)"):
        S.inequality("eq-2-1", 0, total(v[a] ** 2, a), form="repaired")
    with pytest.raises(InputError, match="form"):
        S.inequality("eq-2-2", 0, total(v[a] ** 2, a), form="mended")  # type: ignore[arg-type]


def test_arrays_are_sums_over_indices() -> None:
    S = Setting("arrays")
    p, q = S.dims("p q")
    a, b, k = p.index("a"), p.index("b"), q.index("k")
    X, u, v = (array(letter) for letter in S.letters(X=(p, q), u=p, v=q))
    S.identity("form", u @ (X @ v), total(u[a] * X[a, k] * v[k], a, k))
    S.identity("gram", (X @ X.T)[a, b], total(X[a, k] * X[b, k], k))
    S.identity("trace", (X @ X.T).trace, X.square)
    S.identity("outer", (outer(u, v) @ v)[a], u[a] * (v @ v))
    S.identity("sum", (X - 2 * X + X / 2)[a, k], -X[a, k] / 2)
    S.identity("false", (X.T @ X).trace, 2 * X.square)
    assert [proof(S, name).verdict for name in S.statements] == ["holds"] * 5 + ["fails"]
    with pytest.raises(InputError, match="an array over p"):
        X.T @ v
