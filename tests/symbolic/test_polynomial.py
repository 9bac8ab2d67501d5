"""Identities at one size by polynomials: the letters are what they are said to be, and what is false is seen."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp
from flint import fmpq

from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.entries import Generic, Unsupported
from verify.theories.yang2024.symbolic.expand import Scope, Size, mentioned

SIZES = {"N": 2, "K": 3, "m": 2, "d": 2, "H": 1}
j, i, k, h, a, p, q = sp.symbols("j i k h a p q", integer=True)
V, Z, s, y, w, Q, alpha, Minv, Ginv, Zbar, lam, Ahat = (
    let.TABLE[name].base
    for name in ("V", "Z", "s", "y", "w", "Q", "alpha", "Minv", "Ginv", "Zbar", "lam", "Ahat")
)  # fmt: skip
AT = {"h": "H", "j": "N", "i": "N", "k": "K", "a": "m", "p": "d", "q": "d"}
E, E_eps = sp.Function("E"), sp.Function("E_eps")
Loss = sp.Symbol("Loss")


def same(lhs: sp.Expr, rhs: sp.Expr, dims: dict[str, str] | None = None, **sizes: int) -> bool:
    return Size(SIZES | sizes, (lhs, rhs)).difference(lhs, rhs, dims or {}) is None


def over(symbol: sp.Symbol, size: sp.Symbol) -> tuple[sp.Symbol, int, sp.Symbol]:
    return symbol, 1, size


# Letters


def product(left, right, generic):
    size = range(len(left))
    return [[generic.sum(left[r][n] * right[n][c] for n in size) for c in size] for r in size]


@pytest.mark.parametrize(("N", "m"), [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3)])
def test_the_root_is_the_root(N: int, m: int) -> None:
    generic = Generic(SIZES | {"N": N, "m": m}, {"Zbar", "Minv"})
    gram = generic._system("1/M")
    square = product(generic.Zbar, generic.Zbar, generic)
    one = product(gram, generic.inverse("1/M"), generic)
    for r, c in itertools.product(range(N), repeat=2):
        assert generic.vanishes(square[r][c] - gram[r][c])
        assert generic.vanishes(one[r][c] - int(r == c))
        assert not generic.vanishes(generic.Zbar[r][c] - gram[r][c])


@pytest.mark.parametrize("name", ["1/M", "1/G", "1/Gtau"])
def test_an_inverse_inverts(name: str) -> None:
    letter = {"1/M": "Minv", "1/G": "Ginv", "1/Gtau": "Gtau"}[name]
    generic = Generic(SIZES | {"N": 3, "K": 4}, {letter})
    rows = generic._system(name)
    one = product(rows, generic.inverse(name), generic)
    for r, c in itertools.product(range(len(rows)), repeat=2):
        assert generic.vanishes(one[r][c] - int(r == c))


def test_features_of_unlabelled_tokens_are_any() -> None:
    """z_k = (ZZᵀ + mτI) u_k is a bijection: its determinant is no zero."""
    generic = Generic(SIZES, {"Ginv"})
    assert generic.substituted
    images = [
        [generic.z(b, 2).derivative(f"Z({c},2)") - generic._system("1/G")[b][c] for c in range(2)]
        for b in range(2)
    ]
    assert all(x == 0 for row in images for x in row)
    assert generic.determinant(generic._system("1/G")) != 0


def test_a_relation_is_used_and_nothing_else() -> None:
    generic = Generic(SIZES, {"Minv", "gamma"})
    gamma, inverse = generic.generator["gamma"], generic.generator["1/gamma"]
    assert generic.vanishes(gamma * inverse - 1)
    assert generic.vanishes(gamma**2 * inverse - gamma)
    assert not generic.vanishes(gamma * inverse - 2)
    assert not generic.vanishes(gamma - inverse)
    assert not generic.vanishes(inverse)


def test_vanishing_is_decided_where_the_first_look_sees_zero() -> None:
    """A polynomial that is zero at the place looked at first, and not zero."""
    generic = Generic(SIZES, {"y"})
    chosen = generic._somewhere
    assert chosen is not None
    y0 = generic.generator["y(0)"]
    assert not generic.vanishes(y0 - chosen[generic.names.index("y(0)")])


# Statements


def test_sums_run_where_they_say() -> None:
    assert same(
        sp.Sum(y[k], over(k, let.K)) - sp.Sum(y[j], over(j, let.N)), sp.Sum(y[k], (k, let.N + 1, let.K))
    )
    assert not same(sp.Sum(y[k], over(k, let.K)), sp.Sum(y[j], over(j, let.N)))
    assert same(sp.Sum(sp.KroneckerDelta(j, k), over(k, let.K)), sp.Integer(1), {"j": "N"})
    assert same(sp.Sum(sp.Integer(1), over(a, let.m)), let.m, m=3)
    assert not same(sp.Sum(sp.Integer(1), over(a, let.m)), let.N, m=3)
    lhs = sp.Sum(sp.KroneckerDelta(j, k), over(j, let.N))
    assert same(lhs, sp.Integer(0), {"k": "U"})
    assert Size(SIZES, (lhs,)).difference(lhs, sp.Integer(1), {"k": "K"}) == {"k": 3}


def test_softmax_columns_sum_to_one() -> None:
    total = sp.Sum(s[h, j, k], over(j, let.N))
    assert same(total, sp.Integer(1), {"h": "H", "k": "K"})
    assert not same(total**2, s[h, 1 * i, k], {"h": "H", "k": "K", "i": "N"})


def test_the_derivative_of_softmax_is_that_of_sympy() -> None:
    """(29) against SymPy's own derivative of exp/Σexp, at rational values."""
    lhs = sp.Derivative(s[h, j, k], Q[h, p, q], evaluate=False)
    size = Size(SIZES, (lhs,))
    scores = sp.Matrix(2, 2, sp.symbols("x:4"))
    tokens = sp.Matrix(2, 3, [1, 2, 3, -1, 1, 2])
    weights = [sp.exp((tokens[:, n].T * scores * tokens[:, 2])[0]) for n in range(2)]
    exact = sp.diff(weights[0] / sum(weights), scores[1, 0]).subs(dict.fromkeys(scores, 0))
    values = dict.fromkeys(size.names, fmpq(1))
    for row, column in itertools.product(range(2), range(3)):
        values[f"V({row},{column})"] = fmpq(int(tokens[row, column]))
    values |= {f"r(0,{n})": fmpq(1, 2) for n in range(3)}
    found = size.value(lhs, Scope({"h": 0, "j": 0, "k": 2, "p": 1, "q": 0}, AT))
    got = found(*(values[name] for name in size.names))
    assert sp.Rational(int(got.p), int(got.q)) == exact != 0


def test_labels_have_their_moments() -> None:
    """E y_k² = ‖z_k‖² + mτ, E y_j y_k = z_j·z_k; noise alone leaves λ."""
    inner = sp.Sum(Z[a, j] * Z[a, k], over(a, let.m))
    moment = inner + let.m * let.tau * sp.KroneckerDelta(j, k)
    assert same(E(y[j] * y[k]), moment, {"j": "N", "k": "K"})
    assert not same(E(y[j] * y[k]), inner, {"j": "N", "k": "K"})
    assert same(E(y[k]), sp.Integer(0), {"k": "K"})
    assert same(E_eps(lam[a] * y[k]), lam[a] * y[k], {"a": "m", "k": "K"})


def test_the_loss_depends_on_w_through_attention() -> None:
    at = {"h": "H", "k": "K"}
    lhs = sp.Derivative(Loss, w[h, k], evaluate=False)
    rhs = sp.Sum(s[h, j, k] * sp.Derivative(Loss, Ahat[j, k], evaluate=False), over(j, let.N))
    size = Size(SIZES, (lhs, rhs))
    for scope in size.scopes(at):
        chain = size.replaced(size.value(rhs, scope), {"Ahat": size.weight})
        assert size.vanishes(size.value(lhs, scope) - chain)
        assert not size.vanishes(size.value(lhs, scope))


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (let.TABLE["Zdag"].base[j, a], "letter Zdag"),
        (sp.Symbol("zeta"), "symbol zeta"),
        (sp.sqrt(let.tau), "power 1/2"),
        (1 / y[j], "division by y"),
        (sp.Function("E_Q")(y[j]), "operator E_Q"),
        (y[sp.Symbol("z")], "index z"),
        (sp.Sum(y[k], (k, 2, let.K)), "a sum from 2 to K"),
        (sp.sin(let.tau), "an expression of type"),
        (Z[k, a], "index k of dimension K where Z has m"),
        (s[h, k, k], "index k of dimension K where s has N"),
        (y[j, k], "letter y"),
        (E(y[j] ** 3), "a moment beyond the second"),
        (sp.Derivative(Minv[j, i], Z[a, k], evaluate=False), "a derivative in Z"),
    ],
)
def test_what_is_not_known_is_said(expr: sp.Expr, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        same(expr, sp.Integer(0), AT)


def test_a_root_of_three_and_a_square_reading_are_refused() -> None:
    with pytest.raises(Unsupported, match="more than two"):
        same(Zbar[j, i], Zbar[i, j], {"j": "N", "i": "N"}, N=3)
    with pytest.raises(Unsupported, match="m ≠ N"):
        same(let.TABLE["Zsq"].base[j, k], y[k], {"j": "N", "k": "K"}, m=1)


def test_indices_of_a_derivative_are_told_apart() -> None:
    """SymPy's free_symbols leave out the indices of what a derivative is taken in; values are not confused by it."""
    lhs = sp.Derivative(sp.Sum(y[k] ** 2, over(k, let.K)), y[j], evaluate=False)
    assert same(lhs, 2 * y[j], {"j": "N"})
    assert j not in lhs.free_symbols


def test_names() -> None:
    lhs = sp.Derivative(s[h, j, k], Q[h, p, q], evaluate=False)
    assert mentioned(lhs) >= {"s", "Q", "Q differentiated", "s differentiated"}
    assert "s differentiated" not in mentioned(sp.Derivative(Loss, Q[h, p, q], evaluate=False))
