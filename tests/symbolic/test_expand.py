"""Statements at one size by polynomials: letters are what they are said to be, and what is false is seen."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import sympy as sp
from flint import fmpq

from symbolic.calculus import Law, Operator
from symbolic.expand import Scope, Size, named
from symbolic.indexed import number
from symbolic.polynomials import Budget, NoPoints, TooMany, Unsupported, entry
from symbolic.relations import Related
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic import letters as let

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
    return Size(SETTING, SIZES | sizes, (lhs, rhs), dims or {}).difference(lhs, rhs) is None


def over(symbol: sp.Symbol, size: sp.Symbol) -> tuple[sp.Symbol, int, sp.Symbol]:
    return symbol, 1, size


# Letters


def product(left, right, ring):
    size = range(len(left))
    return [[ring.sum(left[r][n] * right[n][c] for n in size) for c in size] for r in size]


@pytest.mark.parametrize(("N", "m"), [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3)])
def test_the_root_is_the_root(N: int, m: int) -> None:
    ring = Related(SETTING, SIZES | {"N": N, "m": m}, ("Zbar", "Minv"))
    gram = ring.matrix("Minv", ())
    root, inverse = ([[ring.letter(x, (r, c)) for c in range(N)] for r in range(N)] for x in ("Zbar", "Minv"))
    square, one = product(root, root, ring), product(gram, inverse, ring)
    half = product(root, product(inverse, root, ring), ring)
    for r, c in itertools.product(range(N), repeat=2):
        assert ring.vanishes(square[r][c] - gram[r][c])
        assert ring.vanishes(one[r][c] - int(r == c))
        assert ring.vanishes(half[r][c] - int(r == c))
        assert not ring.vanishes(root[r][c] - gram[r][c])
        assert not ring.vanishes(inverse[r][c] - root[r][c])


@pytest.mark.parametrize("name", ["Minv", "Ginv", "Gtau"])
def test_an_inverse_inverts(name: str) -> None:
    ring = Related(SETTING, SIZES | {"N": 3, "K": 4}, (name,))
    rows = ring.matrix(name, ())
    size = range(len(rows))
    one = product(rows, [[ring.letter(name, (r, c)) for c in size] for r in size], ring)
    for r, c in itertools.product(size, repeat=2):
        assert ring.vanishes(one[r][c] - int(r == c))
        assert not ring.vanishes(one[r][c] - 1 - int(r == c))


def test_a_relation_is_used_and_nothing_else() -> None:
    ring = Related(SETTING, SIZES, ("gamma",), ("gamma",))
    gamma, inverse = ring.generator["gamma"], ring.generator["1/gamma"]
    assert ring.vanishes(gamma * inverse - 1)
    assert ring.vanishes(gamma**2 * inverse - gamma)
    assert not ring.vanishes(gamma * inverse - 2)
    assert not ring.vanishes(gamma - inverse)
    assert not ring.vanishes(inverse)


def test_vanishing_is_decided_where_the_first_look_sees_zero() -> None:
    """A polynomial that is zero at the place looked at first, and not zero."""
    ring = Related(SETTING, SIZES, ("y",))
    assert ring.point is not None
    place = ring.where["y(0)"]
    assert not ring.vanishes(ring.generator["y(0)"] - ring.point[place])


def test_relations_hold_at_the_point_that_is_looked_at() -> None:
    ring = Related(SETTING, SIZES, ("V", "s", "Minv", "Ahat"), ("tau",), ("A0",))
    assert ring.point is not None
    assert {relation.sort for relation in ring.relations} == {"inverse", "softmax", "unit columns"}
    assert all(relation.zero(*ring.point) == 0 for relation in ring.relations)
    for name in ("Ahat", "Minv"):
        for about, value in ring.definition(name).items():
            assert ring.generator[about](*ring.point) == value(*ring.point)


def test_an_assumption_says_what_a_letter_is_where_it_is_made() -> None:
    unit = sp.Sum(V[p, k] ** 2, over(p, let.d))
    for assumptions, holds in (((), False), (("A0",), True)):
        size = Size(SETTING, SIZES, (unit,), {"k": "K"}, assumptions)
        assert (size.difference(unit, sp.Integer(1)) is None) is holds


def test_what_is_made_of_others_stands_first() -> None:
    ring = Related(SETTING, SIZES, ("Ahat", "s"))
    order = [ring.where[name] for name in ("Ahat(0,0)", "w(0,0)", "alpha(0,0)")]
    assert order == sorted(order)
    assert all(relation.zero.degrees()[ring.where[relation.about]] for relation in ring.relations)


def test_a_clearance_multiplies_by_what_is_inverted() -> None:
    ring = Related(SETTING, SIZES, ("gamma", "tau"), ("gamma",))
    gamma, inverse, tau = (ring.generator[name] for name in ("gamma", "1/gamma", "tau"))
    poly = 3 * inverse**3 * tau + inverse * gamma + 5 * tau**2
    assert (
        ring.cleared(poly, "1/gamma", gamma + tau)
        == 3 * tau + gamma * (gamma + tau) ** 2 + 5 * tau**2 * (gamma + tau) ** 3
    )
    assert ring.cleared(tau, "1/gamma", gamma) == tau


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
    assert Size(SETTING, SIZES, (lhs,), {"k": "K"}).difference(lhs, sp.Integer(1)) == {"k": 3}


def test_softmax_columns_sum_to_one() -> None:
    total = sp.Sum(s[h, j, k], over(j, let.N))
    assert same(total, sp.Integer(1), {"h": "H", "k": "K"})
    assert not same(total**2, s[h, 1 * i, k], {"h": "H", "k": "K", "i": "N"})


def test_the_derivative_of_softmax_is_that_of_sympy() -> None:
    """(29) against SymPy's own derivative of exp/Σexp, at rational values."""
    lhs = sp.Derivative(s[h, j, k], Q[h, p, q], evaluate=False)
    size = Size(SETTING, SIZES, (lhs,), AT)
    scores = sp.Matrix(2, 2, sp.symbols("x:4"))
    tokens = sp.Matrix(2, 3, [1, 2, 3, -1, 1, 2])
    weights = [sp.exp((tokens[:, n].T * scores * tokens[:, 2])[0]) for n in range(2)]
    exact = sp.diff(weights[0] / sum(weights), scores[1, 0]).subs(dict.fromkeys(scores, 0))
    values = dict.fromkeys(size.names, fmpq(0))
    for row, column in itertools.product(range(2), range(3)):
        values[f"V({row},{column})"] = fmpq(int(tokens[row, column]))
    values |= {entry("s", (0, n, 2)): fmpq(1, 2) for n in range(2)}
    found = size.value(lhs, Scope({"h": 0, "j": 0, "k": 2, "p": 1, "q": 0}, size.axes))
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
    lhs = sp.Derivative(Loss, w[h, k], evaluate=False)
    rhs = sp.Sum(s[h, j, k] * sp.Derivative(Loss, Ahat[j, k], evaluate=False), over(j, let.N))
    assert same(lhs, rhs, {"h": "H", "k": "K"})
    assert not same(lhs, sp.Integer(0), {"h": "H", "k": "K"})


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (let.TABLE["Zdag"].base[j, a], "letter Zdag"),
        (sp.sqrt(let.tau), "power 1/2"),
        (1 / y[j], "division by y"),
        (sp.Function("E_none")(y[j]), "operator E_none"),
        (y[sp.Symbol("z")], "index z"),
        (sp.Sum(y[k], (k, 2, let.K)), "a sum from 2 to K"),
        (sp.sin(let.tau), "an expression of type"),
        (Z[k, a], "index k of dimension K where Z has m"),
        (s[h, k, k], "index k of dimension K where s has N"),
        (y[j, k], "letter y with 2 indices"),
        (E(y[j] ** 3), "a moment beyond order 2"),
        (E(Zbar[j, i] * lam[a] ** 3), "a moment beyond order 2"),
        (sp.Derivative(let.TABLE["ds"].base[h, j, k], s[h, j, k], evaluate=False), "a derivative"),
        (
            sp.Derivative(s[h, j, k], s[h, i, k], evaluate=False),
            "a derivative in s, whose entries are not independent",
        ),
        (
            sp.Derivative(Zbar[j, i], Zbar[i, j], evaluate=False),
            "a derivative in Zbar, whose entries are not independent",
        ),
        (sp.Derivative(Minv[j, i], Minv[j, i], evaluate=False), "a derivative in Minv, whose entries"),
    ],
)
def test_what_is_not_known_is_said(expr: sp.Expr, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        same(expr, sp.Integer(0), AT)


def test_a_mean_over_entries_that_are_tied_is_refused() -> None:
    """Columns of a softmax sum to 1, so that they cannot have mean zero."""
    reader = SETTING.reader({})
    operators = {**reader.operators, "E_s": Operator(lambda inner: None, laws={let.S: Law(number(1))})}
    setting = replace(SETTING, reads=lambda: replace(reader, operators=operators))
    lhs = sp.Function("E_s")(sp.Sum(s[h, j, k], over(j, let.N)))
    with pytest.raises(Unsupported, match="a mean over s, whose entries are not independent"):
        Size(setting, SIZES, (lhs,), {"h": "H", "k": "K"}).difference(lhs, sp.Integer(1))


def test_an_inverse_moves_with_what_it_is_of() -> None:
    """In Z it moves by −M⁻¹ ∂M M⁻¹, from the adjugate and D."""
    c, n = sp.symbols("c n", integer=True)
    lhs = sp.Derivative(Minv[j, i], Z[a, k], evaluate=False)
    move = sp.KroneckerDelta(c, k) * Z[a, n] + sp.KroneckerDelta(n, k) * Z[a, c]
    rhs = -sp.Sum(Minv[j, c] * move * Minv[n, i], over(c, let.N), over(n, let.N))
    assert same(lhs, rhs, AT, m=1)
    assert not same(lhs, -rhs, AT, m=1)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(Unsupported, match="more than two"):
        same(Zbar[j, i], Zbar[i, j], {"j": "N", "i": "N"}, N=3)
    with pytest.raises(Unsupported, match="another shape than Z"):
        same(let.TABLE["Zsq"].base[j, k], y[k], {"j": "N", "k": "K"}, m=1)
    cinv = let.TABLE["cinv"].base
    with pytest.raises(NoPoints, match="there are no points of these sizes"):
        same(cinv[k, j, i], cinv[k, i, j], {"j": "N", "i": "N", "k": "K"}, H=1)
    assert same(cinv[k, j, i], cinv[k, i, j], {"j": "N", "i": "N", "k": "K"}, H=2)


def test_what_an_operator_puts_counts_where_its_letter_is_met() -> None:
    """at_ridge puts λ̂ for λ, and an inverse with it; a statement without λ has no use of either."""
    at_ridge = sp.Function("at_ridge")
    assert "Ginv" in Size(SETTING, SIZES, (at_ridge(lam[a]),), {"a": "m"}).kinds
    assert Size(SETTING, SIZES, (at_ridge(y[k]),), {"k": "K"}).kinds.keys() == {"y"}


def test_the_budget_is_of_products() -> None:
    lhs = sp.Sum(y[k], over(k, let.K)) ** 6
    assert Size(SETTING, SIZES, (lhs,), {}, budget=Budget(1000)).difference(lhs, lhs) is None
    with pytest.raises(TooMany, match="more products of monomials"):
        Size(SETTING, SIZES, (lhs,), {}, budget=Budget(50)).difference(lhs, lhs)
    with pytest.raises(TooMany, match="more than 400 entries of letters"):
        Size(SETTING, SIZES | {"K": 401}, (lhs,), {})


def test_indices_of_a_derivative_are_told_apart() -> None:
    """SymPy's free_symbols leave out the indices of what a derivative is taken in; values are not confused by it."""
    lhs = sp.Derivative(sp.Sum(y[k] ** 2, over(k, let.K)), y[j], evaluate=False)
    assert same(lhs, 2 * y[j], {"j": "N"})
    assert j not in lhs.free_symbols


def test_free_indices_of_an_operator_are_told_apart() -> None:
    """The variance of E_D is that of token k, whether or not its argument mentions k."""
    D = let.TABLE["QD"].base
    lhs = sp.Function("E_D")(D[p, h] ** 2)
    rhs = sp.Symbol("beta", nonnegative=True) ** 2 * sp.Sum(V[q, k] ** 2, over(q, let.d))
    at = {"p": "d", "h": "H", "k": "K"}
    assert same(lhs, rhs, at)
    assert not same(lhs, 2 * rhs, at)


def test_names() -> None:
    reader = SETTING.reader({})
    found = named(SETTING, reader, (Loss / let.tau, sp.Sum(y[k], (k, let.N + 1, let.K))))
    assert found.letters >= {"y", "Ahat", "lam", "eps", "Z", "tau", "K"}
    assert found.divided == {"tau", "K"}
    assert {dim.name for dim in found.dims} == {"K", "N", "U"}
