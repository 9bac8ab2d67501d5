"""Equations among the conditions, identities above, flows, expectations of squares, given steps: nothing false is proved with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from verify import InputError, Setting, array, check, total
from verify.own.terms import Dim

pytestmark = pytest.mark.usefixtures("verdicts_alone")


def letters() -> tuple[Setting, Dim]:
    """A setting with one dimension."""
    S = Setting("steps")
    return S, S.dims("p")


def a_sum_that_vanishes(S: Setting, p: Dim) -> None:
    i, j = p.index("i"), p.index("j")
    x = S.letters(x=p)
    S.identity("false", x[j], 0, when=[sp.Eq(total(x[i], i), 0)])


def the_condition_of_another_statement(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x = S.letters(x=p)
    S.identity("above", total(x[i] ** 2, i), 0, when=[sp.Eq(x[i], 0)])
    S.identity("false", total(x[i] ** 2, i), 0)


def another_condition_than_that_of_the_statement_above(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x, y = S.letters(x=p, y=p)
    S.identity("above", total(x[i] * y[i], i), 0, when=[sp.Eq(x[i], 0)])
    S.identity("false", total(x[i] * y[i], i), 0, when=[sp.Eq(total(y[i], i), 0)])


def an_inequality_that_is_no_equation(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x = S.letters(x=p)
    S.identity("false", x[i] ** 2, x[i], when=[x[i] <= 1, x[i] >= 0])


def steps_that_lead_astray(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x = S.letters(x=p)
    S.identity("false", total(x[i], i) ** 2, total(x[i] ** 2, i), steps=[total(x[i], i), total(x[i] ** 2, i)])


def what_is_no_square(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x = S.letters(x=p)
    E = S.expectation("E", x=S.gaussian())
    S.inequality("false", 4, E(x[i] ** 4), proof=E(x[i] ** 4 - 4))


def a_negative_multiple_of_the_mean_of_a_square(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x = S.letters(x=p)
    E = S.expectation("E", x=S.gaussian())
    S.inequality("false", E((x[i] ** 2 - 1) ** 2), 0, proof=-E((x[i] ** 2 - 1) ** 2))


def the_mean_of_a_square_of_another_law(S: Setting, p: Dim) -> None:
    i = p.index("i")
    x, y = S.letters(x=p, y=p)
    E, F = S.expectation("E", x=S.gaussian()), S.expectation("F", y=S.gaussian(2))
    S.inequality("false", 4, E(x[i] ** 4), proof=F((y[i] ** 2 - 2) ** 2) / 8)


def a_flow_of_the_other_sign(S: Setting, p: Dim) -> None:
    a = p.index("a")
    x = S.letters(x=p)
    along = S.flow({x[a]: -x[a]})
    S.identity("false", along(total(x[a] ** 2, a)), 2 * total(x[a] ** 2, a))


def a_derivative_along_a_flow_is_no_mean_of_a_square(S: Setting, p: Dim) -> None:
    a, b = p.index("a"), p.index("b")
    x = S.letters(x=p)
    along = S.flow({x[a]: -x[a]})
    value = along(x[b] ** 2)
    S.inequality("false", 0, value, proof=value)


def a_matrix_that_is_not_symmetric(S: Setting, p: Dim) -> None:
    i, j = p.index("i"), p.index("j")
    A, B = S.letters(A=(p, p), B=(p, p))
    C = S.define("C", total(A[i, p.index("k")] * B[p.index("k"), j], p.index("k")), i, j)
    S.identity("false", C[i, j], C[j, i])


def a_transpose_that_is_forgotten(S: Setting, p: Dim) -> None:
    i, j = p.index("i"), p.index("j")
    A = array(S.letters(A=(p, p)))
    S.identity("false", (A @ A.T)[i, j], (A.T @ A)[i, j])


FALSE = (
    a_sum_that_vanishes, the_condition_of_another_statement, another_condition_than_that_of_the_statement_above,
    an_inequality_that_is_no_equation, steps_that_lead_astray, what_is_no_square, a_negative_multiple_of_the_mean_of_a_square,
    the_mean_of_a_square_of_another_law, a_flow_of_the_other_sign, a_derivative_along_a_flow_is_no_mean_of_a_square,
    a_matrix_that_is_not_symmetric, a_transpose_that_is_forgotten,
)  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("state", FALSE, ids=[one.__name__ for one in FALSE])
def test_what_is_false_is_refuted(state: Callable[..., None]) -> None:
    S, p = letters()
    state(S, p)
    rows = check(S).claims
    assert (rows[-1].id, rows[-1].verdict, rows[-1].strength) == ("false", "fails", None), rows[-1]


@pytest.mark.parametrize("name", ["rest", "difference", "squares", "nonnegative", "square"])
def test_a_defined_scalar_that_may_be_zero_divides_nothing(name: str) -> None:
    """The size of a part that may be empty, a difference of sizes, a sum of squares, a nonnegative scalar, and the square of a number."""
    S = Setting("division")
    K = S.dim("K", "N U")
    i = K.index("i")
    x, e, t = S.letters(x=K), S.letters(e=()), S.scalars("t", positive=False)
    values = {
        "rest": K.parts[1].size, "difference": K.size - 2, "squares": total(x[i] ** 2, i), "nonnegative": 2 * t, "square": e**2,
    }  # fmt: skip
    c = S.define("c", values[name])
    with pytest.raises(InputError, match="division"):
        S.identity("one", total(x[i], i) / c, total(x[i], i) / c)


def test_an_equation_whose_sides_have_an_index_in_common_is_read() -> None:
    S, p = letters()
    i = p.index("i")
    x, y = S.letters(x=p, y=p)
    S.identity("cancels", total(y[i], i), 0, when=[sp.Eq(total(y[i], i) + x[i], x[i])])
    (row,) = check(S).claims
    assert (row.verdict, row.strength) == ("holds", "proved")
