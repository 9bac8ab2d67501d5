"""Statements over letters of one's own at sizes, every value symbolic: what is true is shown, and no near miss is accepted."""

from __future__ import annotations

import pytest
import sympy as sp

import verify.prove.expand as route
from symbolic.expand import Size
from symbolic.polynomials import Budget, Unsupported
from verify import Setting, check, total
from verify.own.terms import Letter
from verify.own.theory import theory
from verify.points.arithmetic import RATIONALS
from verify.points.evaluation import Values
from verify.points.rules import Rules
from verify.prove.expand import at_size, bound_at_size, disagreement, sizes_of
from verify.prove.identity import decide
from verify.record import Evidence
from verify.sides import read
from verify.statement import Claim

delta = sp.KroneckerDelta


def setting() -> tuple[Setting, dict[str, object]]:
    """A setting with letters of every kind, and its names."""
    S = Setting("at sizes")
    n, p = S.dims("n p")
    T = S.dim("T", "prompt rest")
    prompt, rest = T.parts
    i, j, k = n.index("i"), n.index("j"), n.index("k")
    a, b, c = p.index("a"), p.index("b"), p.index("c")
    t, f, g = T.index("t"), prompt.index("f"), rest.index("g")
    X, Y = S.letters(X=(n, p), Y=(p, n))
    u, v, y = S.letters(u=n, v=n, y=T)
    s, o = S.letters(s=n, o=(n, p), kind="simplex")
    q = S.letters(q=n, kind="nonnegative")
    B = S.letters(B=(n, n), kind="symmetric")
    P = S.letters(P=(n, n), kind="positive definite")
    F = S.letters(F=(n, n), kind="positive semidefinite")
    W = S.letters(W=(n, p), kind="unit columns")
    x, z = S.scalars("x z")
    gram = S.inverse("G", total(X[i, a] * X[i, b], i), a, b)
    hat = S.define("H", total(X[i, a] * gram[a, b] * X[j, b], a, b), i, j)
    M = S.inverse("M", total(X[i, a] * X[i, b], i) + x * delta(a, b), a, b)
    N = S.inverse("N", total(X[i, a] * X[j, a], a) + x * delta(i, j), i, j)
    D = S.inverse("D", P[i, j], i, j)
    L = S.inverse("L", z * delta(i, j) + q[i] * delta(i, j), i, j)
    R = S.root("R", P[i, j], i, j)
    w = S.softmax("w", u[i], i, over=i)
    A = S.softmax("A", X[i, a], i, a, over=i)
    r, m = S.norm("r", u[i], i), S.norm("m", v[i], i)
    e = S.absolute("e", u[i], i)
    h = S.norm("h", u[i], i, kind="inf")
    top = S.largest("top", u[i], i)
    E = S.expectation(v=z)
    squares = total(u[i] ** 2, i) * total(v[i] ** 2, i)
    spread = total(s[i] * u[i] ** 2, i) - total(s[i] * u[i], i) ** 2
    wedge = total((u[i] * v[k] - u[k] * v[i]) ** 2, i, k)

    def form(matrix: Letter, left: Letter, right: Letter) -> sp.Expr:
        return total(left[i] * matrix[i, k] * right[k], i, k)

    names = dict(locals()) | {"total": total, "delta": delta, "grad": S.gradient}
    return S, names


TRUE = {
    "a hat matrix is idempotent": "total(hat[i, j] * hat[j, k], j) == hat[i, k]",
    "the trace of a hat matrix": "total(hat[i, i], i) == p.size",
    "a hat matrix leaves its columns": "total(hat[i, j] * X[j, a], j) == X[i, a]",
    "push-through": "total(M[a, b] * X[i, b], b) == total(X[j, a] * N[j, i], j)",
    "the dual of ridge regression": "total(X[i, a] * M[a, b] * X[j, b], a, b) == delta(i, j) - x * N[i, j]",
    "an inverse from the other side": "total(P[j, i] * D[j, k], j) == delta(i, k)",
    "an inverse of an inverse": "total(D[i, j] * P[j, k] * D[k, i], i, j, k) == total(D[i, i], i)",
    "an inverse with entries that are zero": "total((z + q[i]) * L[i, k], i) * u[k] == u[k]",
    "a root is the root": "total(R[i, j] * R[j, k], j) == P[i, k]",
    "a root commutes": "total(R[i, j] * P[j, k], j) == total(P[i, j] * R[j, k], j)",
    "a root and the inverse": "total(R[i, j] * D[j, k] * R[k, i], i, j, k) == n.size",
    "a softmax sums to one": "total(w[i], i) == 1",
    "columns of a softmax": "total(A[i, a] * A[j, a], i, j) - 1 == 0",
    "the derivative of a softmax": "grad(w[i], u[k]) == w[i] * (delta(i, k) - w[k])",
    "derivatives of a softmax sum to zero": "total(grad(w[i], u[k]), i) == 0",
    "the derivative of a square": "grad(total(u[i] ** 2, i), u[k]) == 2 * u[k]",
    "Lagrange": "squares - total(u[i] * v[i], i) ** 2 == wedge / 2",
    "the variance over a simplex": "2 * spread == total(s[i] * s[k] * (u[i] - u[k]) ** 2, i, k)",
    "a simplex over one slot": "total(o[i, a], i, a) == p.size",
    "unit columns": "total(W[i, a] ** 2, i, a) == p.size",
    "a reflection": "total((delta(i, j) - 2 * W[i, a] * W[j, a]) * (delta(j, k) - 2 * W[j, a] * W[k, a]), j) - delta(i, k) == 0",
    "a norm to the fourth": "r ** 4 == total(u[i] ** 2 * u[k] ** 2, i, k)",
    "absolute values of a product": "(e[i] * e[k]) ** 2 == u[i] ** 2 * u[k] ** 2",
    "symmetric": "total(B[i, k] * u[i] * v[k], i, k) == total(B[i, k] * v[i] * u[k], i, k)",
    "the mean of a square": "E(total(v[i] * u[i], i) ** 2) == z * r ** 2",
    "a sum in two parts": "total(y[t], t) == total(y[f], f) + total(y[g], g)",
    "the size of the last part": "total(u[i], t) == total(u[i], f) + total(u[i], g)",
    "Cauchy": "total(u[i] * v[i], i) ** 2 <= squares",
    "Cauchy for a form": "form(F, u, v) ** 2 <= form(F, u, u) * form(F, v, v)",
    "Jensen for squares": "total(s[i] * u[i], i) ** 2 <= total(s[i] * u[i] ** 2, i)",
    "Jensen for a softmax": "total(w[i] * v[i], i) ** 2 <= total(w[i] * v[i] ** 2, i)",
    "two means": "4 * x * z <= (x + z) ** 2",
    "squares of a nonnegative letter": "total(q[i] ** 2, i) <= total(q[i], i) ** 2",
    "an absolute value": "u[i] <= e[i]",
    "the largest entry": "u[i] <= top",
    "the largest square": "u[i] ** 2 <= h ** 2",
    "an entry below the trace": "F[i, i] <= total(F[k, k], k)",
}  # fmt: skip
FALSE = {
    "a hat matrix without its inverse": "total(hat[i, j] * hat[j, k], j) == 2 * hat[i, k]",
    "the trace is the number of rows": "total(hat[i, i], i) == n.size",
    "push-through, transposed sum": "total(M[a, b] * X[i, b], b) == total(X[j, a] * N[i, i], j)",
    "ridge regression without its penalty": "total(X[i, a] * M[a, b] * X[j, b], a, b) == delta(i, j) - N[i, j]",
    "an inverse is a transpose": "D[i, k] == P[i, k]",
    "an inverse of a diagonal matrix, its trace": "total((z + q[i]) * L[i, i], i) == 1",
    "the trace of an inverse": "total(D[i, i], i) * total(P[i, i], i) == n.size ** 2",
    "a root is the matrix": "R[i, k] == P[i, k]",
    "the trace of a root": "total(R[i, i], i) ** 2 == total(P[i, i], i)",
    "a root entry by entry": "R[i, k] ** 2 == P[i, k]",
    "a softmax sums over the other slot": "total(A[i, a], a) - 1 == 0",
    "the derivative of a softmax, a sign": "grad(w[i], u[k]) == w[i] * (delta(i, k) + w[k])",
    "the derivative of a softmax, its diagonal alone": "grad(w[i], u[k]) == w[i] * (1 - w[i]) * delta(i, k)",
    "Lagrange without the half": "squares - total(u[i] * v[i], i) ** 2 == wedge",
    "the variance with one weight": "2 * spread == total(s[i] * (u[i] - u[k]) ** 2, i, k)",
    "a simplex over the other slot": "total(o[i, a], a) - 1 == 0",
    "squares of a simplex": "total(s[i] ** 2, i) == 1",
    "unit rows": "total(W[i, a] ** 2, a) - 1 == 0",
    "half a reflection": "total((delta(i, j) - W[i, a] * W[j, a]) * (delta(j, k) - W[j, a] * W[k, a]), j) - delta(i, k) == 0",
    "orthogonal columns": "total(W[i, a] * W[i, b], i) == delta(a, b)",
    "a norm is a sum": "r == total(u[i], i)",
    "a product of norms": "r * m == total(u[i] * v[i], i)",
    "an absolute value is the value": "e[i] == u[i]",
    "the largest is the sum": "top == total(u[i], i)",
    "the largest square is the norm": "h == r",
    "positive definite is diagonal": "P[i, k] == P[i, i] * delta(i, k)",
    "symmetric is positive": "total(B[i, k] * u[i] * u[k], i, k) == total(B[i, i] * u[i] ** 2, i)",
    "the mean of a square with the other letter": "E(total(v[i] * u[i], i) ** 2) == r ** 2",
    "a sum without the last part": "total(y[t], t) == total(y[f], f)",
    "Cauchy, a quarter too sharp": "4 * total(u[i] * v[i], i) ** 2 <= 3 * squares",
    "Cauchy for a symmetric form": "form(B, u, v) ** 2 <= form(B, u, u) * form(B, v, v)",
    "a symmetric form": "0 <= total(u[i] * B[i, k] * u[k], i, k)",
    "Jensen the other way": "total(s[i] * u[i] ** 2, i) <= total(s[i] * u[i], i) ** 2",
    "Jensen without weights": "total(u[i], i) ** 2 <= total(u[i] ** 2, i)",
    "Jensen for a softmax and its scores": "total(w[i] * u[i] ** 2, i) <= total(w[i] * u[i], i) ** 2 + r",
    "two means, too sharp": "5 * x * z <= (x + z) ** 2",
    "squares of any letter": "total(u[i] ** 2, i) <= total(u[i], i) ** 2",
    "an absolute value from above": "e[i] <= u[i]",
    "the largest entry from above": "top <= u[i]",
    "entries of a positive definite matrix": "0 <= P[i, k]",
    "an entry of a unit column": "W[i, a] <= W[i, a] ** 2",
}  # fmt: skip


def stated(name: str, text: str) -> Claim:
    """The claim of one statement, read in a setting of its own."""
    S, names = setting()
    relation = "==" if "==" in text else "<="
    lhs, rhs = (eval(side, dict(names)) for side in text.split(relation))
    (S.identity if relation == "==" else S.inequality)(name, lhs, rhs, expected=None)
    (claim,) = theory(S).claims
    return claim


def found(claim: Claim, tier: str = "fast") -> Evidence | None:
    return at_size(claim, tier) if claim.identities() else bound_at_size(claim, tier)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_shown(name: str) -> None:
    evidence = found(stated(name, TRUE[name]))
    assert evidence is not None
    assert (evidence.verdict, evidence.strength, evidence.check) == (
        "not refuted",
        "proved at size",
        "expand",
    )


@pytest.mark.parametrize("name", FALSE)
def test_a_near_miss_is_not_accepted(name: str) -> None:
    claim = stated(name, FALSE[name])
    evidence = found(claim)
    if claim.inequalities():
        assert evidence is None
        return
    assert evidence is not None
    assert evidence.verdict in ("fails", "undecided")
    if evidence.verdict == "fails":
        assert evidence.witness is not None
        assert evidence.witness.lhs != evidence.witness.rhs
        assert decide(claim).verdict != "holds"


def test_there_are_as_many_as_are_asked_for() -> None:
    assert len(TRUE) >= 20
    assert len(FALSE) >= 20


def test_a_witness_has_the_values_of_the_letters() -> None:
    evidence = at_size(stated("the trace", "total(hat[i, i], i) == n.size"))
    assert evidence.statement == "Refuted: at n = 3, p = 2 the sides of identity 1 are different polynomials."
    witness = evidence.witness
    assert witness is not None
    assert (witness.sizes, witness.values) == ({"n": 3, "p": 2}, {"X": "[(13, -11); (7, -5); (3, 2)]"})
    assert (witness.lhs, witness.rhs) == ("2", "3")


@pytest.mark.parametrize("name", [name for name, text in FALSE.items() if "==" in text])
def test_a_witness_is_replayed_by_other_arithmetic(name: str) -> None:
    """The point at which the sides differ, evaluated by what the kernel read and what the letters are at exact points."""
    claim = stated(name, FALSE[name])
    evidence, (identity,) = at_size(claim), claim.identities()
    if evidence.witness is None:
        assert evidence.verdict == "undecided"
        return
    sizes = {**dict.fromkeys(identity.setting.sizes, 1), **evidence.witness.sizes}
    size = Size(identity.setting, sizes, (identity.lhs, identity.rhs), identity.dims)
    at = size.difference(identity.lhs, identity.rhs)
    assert at is not None
    point = size.at_point(identity.lhs, identity.rhs, at)
    assert point is not None
    left, right, letters = point
    arrays = {name: array.item() if array.ndim == 0 else array for name, array in letters.items()}
    values, sides = Values(RATIONALS, sizes, arrays.__getitem__, Rules(identity.setting)), read(identity)
    place = tuple(position - 1 for position in at.values())
    assert [values.of(side, sides.axes)[place] for side in (sides.lhs, sides.rhs)] == [left, right]
    assert left != right


def test_letters_of_which_more_is_so_refute_nothing() -> None:
    """Where entries are u = |u| the relation |u|² = u² does not say."""
    evidence = at_size(stated("twice", "e[i] * e[i] * e[k] == e[k] * u[i] * e[i]"))
    assert evidence.verdict == "undecided"
    assert evidence.statement == (
        "Not all decided: identity 1 (at n = 1, at i = 1, at k = 1 the difference of the sides does not vanish by the relations of e)."
    )


def test_the_evidence_says_what_was_used() -> None:
    evidence = at_size(stated("hat", TRUE["a hat matrix is idempotent"]))
    assert evidence.statement == (
        "Both sides are the same polynomials in all entries: sums written out, inverses by their relation, 38 monomials."
    )
    assert evidence.budget == "1 of 1 identities, at n = 1, p = 1; n = 3, p = 2"
    assert evidence.steps == [
        f"identity 1: the same polynomials at {at}" for at in ("n = 1, p = 1", "n = 3, p = 2")
    ]
    bound = bound_at_size(stated("two means", TRUE["two means"]))
    assert bound is not None
    assert bound.budget == "1 inequality, at any sizes"


def test_sizes_have_every_part_and_an_empty_one() -> None:
    (sum_in_parts,) = stated("parts", TRUE["a sum in two parts"]).statements
    assert sizes_of(sum_in_parts) == [{"prompt": 1, "T": 1}, {"prompt": 1, "T": 2}, {"prompt": 2, "T": 3}]
    (matrix,) = stated("hat", TRUE["push-through"]).statements
    assert sizes_of(matrix) == [{"n": 1, "p": 1}, {"n": 2, "p": 3}, {"n": 3, "p": 2}]
    (root,) = stated("root", TRUE["a root is the root"]).statements
    assert sizes_of(root) == [{"n": 1}, {"n": 2}]


def test_a_statement_without_points_at_a_size_is_not_shown_there() -> None:
    """XᵀX is singular where there are fewer rows than columns: every equation of its inverse would be shown."""
    claim = stated("hat", "gram[a, b] == gram[a, b] + 1")
    assert at_size(claim).verdict == "fails"
    (statement,) = claim.statements
    for sizes in sizes_of(statement):
        evidence = sizes["n"] >= sizes["p"]
        assert ("there are no points" in _reason(statement, sizes)) is not evidence


def _reason(statement: object, sizes: dict[str, int]) -> str:
    try:
        Size(
            statement.setting,
            {**dict.fromkeys(statement.setting.sizes, 1), **sizes},
            (statement.lhs,),
            statement.dims,
        )
    except ValueError as error:
        return str(error)
    return ""


def test_what_is_so_at_the_sizes_alone_is_said_of_them_alone() -> None:
    """A polynomial in the size that vanishes at 1, 2 and 3: shown there, and refuted at a larger size."""
    S, names = setting()
    n = names["n"]
    S.identity("three", (n.size - 1) * (n.size - 2) * (n.size - 3), 0, expected="fails")
    (row,) = check(S).claims
    assert [(e.check, e.verdict, e.strength) for e in row.evidence] == [
        ("refute", "fails", None), ("expand", "not refuted", "proved at size"),
    ]  # fmt: skip
    assert (row.verdict, row.refutation) == ("fails", "exact witness")


def test_what_is_proved_stays_proved_and_what_is_not_is_proved_at_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proof outranks an expansion; a statement for which no proof is found has the strength of its expansion."""
    S, names = setting()
    S.identity("sum", eval("total(w[i], i)", dict(names)), 1)
    u, v, i = (names[name] for name in "uvi")
    S.inequality("Cauchy", total(u[i] * v[i], i) ** 2, total(u[i] ** 2, i) * total(v[i] ** 2, i))
    with monkeypatch.context() as patch:
        patch.setattr("symbolic.find.inequality.fact", lambda *_: None)
        proved, shown = check(S).claims
    assert (proved.verdict, proved.strength) == ("holds", "proved")
    assert [e.strength for e in proved.evidence] == ["proved", "proved at size", None]
    assert (shown.verdict, shown.strength) == ("not refuted", "proved at size")


def test_a_proof_that_an_expansion_contradicts_surfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a rule of the kernel were wrong: the row is a contradiction and the program exits 1, whatever was expected."""
    for text in ("total(w[i], i) == 1", "total(u[i] + v[i], i) == total(u[i], i) + total(v[i], i)"):
        S, names = setting()
        lhs, rhs = (eval(side, dict(names)) for side in text.split("=="))
        S.identity("one", lhs, rhs, expected=None)
        with monkeypatch.context() as patch:
            patch.setattr(Size, "vanishes", lambda self, poly: False)
            record = check(S)
        (row,) = record.claims
        assert record.exit_code == 1
        assert row.contradiction is not None
        assert "the proof holds, and at a size the sides differ" in row.contradiction
        assert check(S).exit_code == 0


def test_evidence_that_agrees_contradicts_nothing() -> None:
    for text in (TRUE["a softmax sums to one"], FALSE["squares of a simplex"], FALSE["a norm is a sum"]):
        claim = stated("one", text)
        assert disagreement([decide(claim), at_size(claim)]) is None


def test_the_budget_leaves_sizes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = stated("power", "total(u[i], i) ** 6 == total(u[i], i) ** 3 * total(u[k], k) ** 3")
    assert at_size(claim).budget == "1 of 1 identities, at n = 1; n = 2; n = 3"
    monkeypatch.setitem(route.PRODUCTS, "fast", 100)
    assert at_size(claim).budget == "1 of 1 identities, at n = 1; n = 2"
    monkeypatch.setitem(route.PRODUCTS, "fast", 20)  # enough for one entry alone
    left_out = at_size(claim)
    assert (left_out.verdict, left_out.strength) == ("undecided", None)
    assert (
        left_out.statement
        == "Not all decided: identity 1 (more products of monomials than the budget allows)."
    )
    assert Budget().left is None


def test_a_smallest_size_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over one entry a sum of squares is the square of the sum."""
    claim = stated("one", "total(q[i] ** 2, i) == total(q[i], i) ** 2")
    assert at_size(claim).verdict == "fails"
    (bound,) = [stated("one", "total(q[i], i) ** 2 <= total(q[i] ** 2, i)")]
    monkeypatch.setitem(route.PRODUCTS, "fast", 5)
    assert (at_size(claim).verdict, at_size(claim).strength) == ("undecided", None)
    assert bound_at_size(bound) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mean(w[i])", "an operator on w, which is made of w_scores"),
        ("mean(r)", "an operator on r, which is made of u"),
        ("mean(total(u[i], i) ** 3)", "a moment beyond order 2"),
    ],
)
def test_a_mean_that_is_not_known_is_refused(text: str, reason: str) -> None:
    S, names = setting()
    names["mean"] = S.expectation("E_u", u=1)
    S.identity("one", names["u"][names["i"]], names["u"][names["i"]])  # type: ignore[index]
    (claim,) = theory(S).claims
    lhs = eval(text, dict(names))
    engine = claim.statements[0].setting
    size = Size(engine, {**dict.fromkeys(engine.sizes, 1), "n": 2}, (lhs,), {"i": "n"})
    with pytest.raises(Unsupported, match=reason):
        size.difference(lhs, sp.Integer(0))


def test_a_mean_of_letters_that_are_made_of_random_ones() -> None:
    S, names = setting()
    u, i, n, x = (names[name] for name in ("u", "i", "n", "x"))
    double, mean = S.define("double", 2 * u[i], i), S.expectation("E2", u=x)
    S.identity("right", mean(total(double[i] ** 2, i)), 4 * x * n.size)
    S.identity("wrong", mean(double[i]), double[i], expected="fails")
    right, wrong = check(S).claims
    assert [e.verdict for e in right.evidence if e.check != "mutants"] == ["holds", "not refuted"]
    assert [e.verdict for e in wrong.evidence] == ["fails", "fails"]


def test_conditions_of_a_statement_are_used_or_named() -> None:
    S, names = setting()
    x, z = names["x"], names["z"]
    S.inequality("given", 2 * x, 2 * z, when=[x <= z])
    S.inequality("not given", 2 * z, 2 * x, when=[x <= z])
    S.identity("pinched", x, z, when=[x <= z, z <= x], expected=None)
    given, other, pinched = theory(S).claims
    assert bound_at_size(given) is not None
    assert bound_at_size(other) is None
    assert at_size(pinched).statement == (
        "Not all decided: identity 1 (at any sizes the sides differ, and conditions of the statement are not used)."
    )
