"""Which hypotheses a statement over letters of one's own needs: known ones, superfluous ones, and what cannot be told."""

from __future__ import annotations

import pytest
from own_lemmas import Lemma, stated

from verify import Setting, check, total
from verify.necessity.hypotheses import Examined, examine
from verify.necessity.points import Tried
from verify.own.theory import theory
from verify.own.weaker import hypotheses
from verify.pipeline.bench import Bench
from verify.points.evaluation import pose
from verify.record import Need
from verify.search.search import Finding

MEAN = "total(s[i] * s[k] * (u[i] - u[k]) ** 2, i, k) / 2"
LAGRANGE = "total(({0}[i] * u[k] - {0}[k] * u[i]) ** 2, i, k) / 2"
# name: the hypothesis, and the statement
NEEDED: dict[str, tuple[str, Lemma]] = {
    "Jensen": (
        "s: simplex",
        ("<=", "total(s[i] * u[i], i) ** 2", "total(s[i] * u[i] ** 2, i)", {"proof": MEAN}),
    ),
    "a weight is at most one": ("s: simplex", ("<=", "s[i]", "1", {})),
    "weights sum to one": ("s: simplex", ("=", "total(s[i], i)", "1", {})),
    "a sum of nonnegative numbers": ("a: nonnegative", ("<=", "0", "total(a[i], i)", {})),
    "a weighted sum of squares": ("a: nonnegative", ("<=", "0", "total(a[i] * u[i] ** 2, i)", {})),
    "squares below the square of the sum": (
        "a: nonnegative",
        ("<=", "total(a[i] ** 2, i)", "total(a[i], i) ** 2", {}),
    ),
    "a sum of positive numbers": ("b: positive", ("<=", "0", "total(b[i], i)", {})),
    "a quadratic form": ("P: positive definite", ("<=", "0", "total(u[i] * P[i, k] * u[k], i, k)", {})),
    "a trace": ("M: positive semidefinite", ("<=", "0", "total(M[i, i], i)", {})),
    "a matrix and its transpose": ("G: symmetric", ("=", "G[i, k]", "G[k, i]", {})),
    "columns of norm one": ("W: unit columns", ("=", "total(W[i, j] ** 2, i, j)", "q.size", {})),
    "a condition on a norm": (
        "Sum(u[i]**2, (i, 1, p)) <= c",
        ("<=", "2 * total(u[i] ** 2, i)", "2 * c", {"when": "[total(u[i] ** 2, i) <= c]"}),
    ),
    "two scalars in order": ("c <= d", ("<=", "3 * c", "3 * d", {"when": "[c <= d]"})),
}
SUPERFLUOUS: dict[str, tuple[str, Lemma]] = {
    "Cauchy for weights": (
        "s: simplex",
        ("<=", "total(s[i] * u[i], i) ** 2", "total(s[i] ** 2, i) * total(u[i] ** 2, i)", {"proof": LAGRANGE.format("s")}),
    ),
    "Cauchy for nonnegative numbers": (
        "a: nonnegative",
        ("<=", "total(a[i] * u[i], i) ** 2", "total(a[i] ** 2, i) * total(u[i] ** 2, i)", {"proof": LAGRANGE.format("a")}),
    ),
    "squares are nonnegative": ("a: nonnegative", ("<=", "0", "total(a[i] ** 2, i)", {})),
    "a square of a sum": ("b: positive", ("=", "total(b[i], i) ** 2", "total(b[i] * b[k], i, k)", {})),
    "the trace of a product": (
        "P: positive definite",
        ("=", "total(P[i, k] * R[k, i], i, k)", "total(R[i, k] * P[k, i], i, k)", {}),
    ),
    "linear in a vector": (
        "M: positive semidefinite",
        ("=", "total(M[i, k] * (u[k] + v[k]), k)", "total(M[i, k] * u[k], k) + total(M[i, k] * v[k], k)", {}),
    ),
    "the norm of a matrix": ("G: symmetric", ("<=", "0", "total(G[i, k] ** 2, i, k)", {})),
    "a binomial": (
        "W: unit columns",
        ("=", "total((W[i, j] + X[i, j]) ** 2, i, j)", "total(W[i, j] ** 2 + 2 * W[i, j] * X[i, j] + X[i, j] ** 2, i, j)", {}),
    ),
    "a condition that is not used": ("c <= d", ("<=", "0", "total(u[i] ** 2, i)", {"when": "[c <= d]"})),
    "two means": ("c <= d", ("<=", "2 * c * d", "c ** 2 + d ** 2", {"when": "[c <= d]", "proof": "(c - d) ** 2"})),
    "the other factor": ("b: positive", ("<=", "0", "total(a[i] * b[i] ** 2, i)", {})),
}  # fmt: skip


def examined(name: str, row: Lemma) -> Examined:
    S, claim = stated(name, row)
    return examine(claim, hypotheses(S, claim), Bench())


def need(found: Examined, hypothesis: str) -> Need:
    (one,) = [need for need in found.needs if need.assumption == hypothesis]
    return one


@pytest.mark.parametrize("name", NEEDED)
def test_a_hypothesis_that_is_needed_has_a_counterexample_without_it(name: str) -> None:
    hypothesis, row = NEEDED[name]
    found = need(examined(name, row), hypothesis)
    assert (found.verdict, found.strength) == ("needed", "certified")
    assert found.witness is not None
    assert found.witness.exact
    assert found.witness.lhs != found.witness.rhs
    assert found.budget


@pytest.mark.parametrize("name", SUPERFLUOUS)
def test_a_superfluous_hypothesis_is_proved_to_be_one(name: str) -> None:
    hypothesis, row = SUPERFLUOUS[name]
    found = need(examined(name, row), hypothesis)
    assert (found.verdict, found.strength, found.witness) == ("not needed", "proved", None)


def test_one_hypothesis_is_needed_and_the_other_is_not() -> None:
    found = examined("the other factor", SUPERFLUOUS["the other factor"][1])
    assert {one.assumption: one.verdict for one in found.needs} == {
        "a: nonnegative": "needed",
        "b: positive": "not needed",
    }


@pytest.mark.parametrize(
    ("row", "hypothesis", "enough"),
    [
        (("<=", "0", "total(b[i], i)", {}), "b: positive", "b: nonnegative"),
        (("<=", "0", "total(s[i] * u[i] ** 2, i)", {}), "s: simplex", "s: nonnegative"),
        (("=", "P[i, k]", "P[k, i]", {}), "P: positive definite", "P: symmetric"),
    ],
)
def test_a_weaker_hypothesis_that_is_enough_is_named(row: Lemma, hypothesis: str, enough: str) -> None:
    found = need(examined("weaker", row), hypothesis)
    assert found.verdict == "needed"
    assert found.statement.endswith(f" With {enough} in its place it is proved.")


def test_neither_a_proof_nor_a_counterexample_is_none_found(monkeypatch: pytest.MonkeyPatch) -> None:
    row: Lemma = ("<=", "total(s[i] * u[i], i) ** 2", "total(s[i] ** 2, i) * total(u[i] ** 2, i)", {})
    monkeypatch.setattr("symbolic.find.inequality.fact", lambda *_: None)
    found = need(examined("Cauchy, and no proof is found", row), "s: simplex")
    assert (found.verdict, found.strength, found.witness) == ("none found", None, None)
    assert found.budget.startswith("40 exact points of sizes up to 4, then ")
    assert "The closest left/right is 1." in found.statement


def test_a_domain_that_a_definition_has_used_is_not_examined() -> None:
    S = Setting("weights")
    p = S.dims("p")
    i = p.index("i")
    s, u = S.letters(s=p, kind="simplex"), S.letters(u=p)
    m = S.define("m", s[i] * u[i], i)
    S.inequality("squares", 0, total(m[i] ** 2, i))
    (claim,) = theory(S).claims
    (found,) = examine(claim, hypotheses(S, claim), Bench()).needs
    assert found.verdict == "not examined"
    assert found.statement == "The definition of m takes the domain of s for granted."


def test_a_root_keeps_its_matrix_positive_definite_and_an_inverse_keeps_it_symmetric() -> None:
    S = Setting("matrices")
    p = S.dims("p")
    i, k, n = p.index("i"), p.index("k"), p.index("n")
    P = S.letters(P=(p, p), kind="positive definite")
    R, V = S.root("R", P[i, k], i, k), S.inverse("V", P[i, k], i, k)
    S.identity("root", total(R[i, k] * R[k, n], k), P[i, n])
    S.inequality("trace of the inverse", 0, total(V[i, i], i))
    root, inverse = (examine(claim, hypotheses(S, claim), Bench()).needs[0] for claim in theory(S).claims)
    assert (root.verdict, inverse.verdict) == ("not examined", "needed")
    assert root.statement == "The definition of R takes the domain of P for granted."
    assert inverse.witness is not None
    assert inverse.witness.lhs == "0"


def test_a_domain_goes_through_the_definitions_that_have_not_used_it() -> None:
    S = Setting("weights")
    p = S.dims("p")
    i = p.index("i")
    a, u = S.letters(a=p, kind="nonnegative"), S.letters(u=p)
    m = S.define("m", a[i] * u[i] ** 2, i)
    S.inequality("sum", 0, total(m[i], i))
    (claim,) = theory(S).claims
    (found,) = examine(claim, hypotheses(S, claim), Bench()).needs
    assert found.verdict == "needed"
    assert found.witness is not None
    assert "-" in found.witness.values["a"]


def test_a_counterexample_that_meets_the_hypothesis_refutes_the_statement() -> None:
    """A false statement that no check was asked about: dropping a hypothesis is no way to hide it."""
    S, claim = stated("small", ("<=", "total(a[i], i)", "1", {}))
    found = examine(claim, hypotheses(S, claim), Bench())
    (against,) = found.against
    assert found.needs == ()
    assert (against.verdict, against.refutation) == ("fails", "exact witness")
    assert against.witness is not None
    assert "-" not in against.witness.values["a"]


def test_a_search_that_never_finds_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without points and without a search, a hypothesis that is needed is never called superfluous."""
    hypothesis, row = NEEDED["a quadratic form"]

    def nothing(inequality: object, *at: object) -> Finding:
        return Finding(pose(inequality), 0.0, None, 0, 0, 0, 0, 0)  # type: ignore[arg-type]

    monkeypatch.setattr("verify.necessity.hypotheses.search", nothing)
    monkeypatch.setattr(Tried, "broken_at", lambda *at: None)
    assert need(examined("blind", row), hypothesis).verdict == "none found"


def test_rows_of_a_record_say_what_is_needed() -> None:
    S, _ = stated("Jensen", NEEDED["Jensen"][1])
    p = S.dims("m")
    w, i = S.letters(w=p, kind="nonnegative"), p.index("h")
    S.inequality("small", total(w[i], i), 1, expected="fails")
    holds, fails = check(S).claims
    assert (holds.verdict, fails.verdict) == ("holds", "fails")
    assert [(one.assumption, one.verdict) for one in holds.needs] == [("s: simplex", "needed")]
    assert fails.needs == []
