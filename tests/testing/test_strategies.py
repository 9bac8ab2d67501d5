"""Points that Hypothesis draws: in the domain of every letter by exact arithmetic, within conditions, and small after shrinking."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from patient import patient

from numeric.errors import InputError
from verify import Setting, property_test, total
from verify.points.compare import outside
from verify.strategies import Point, points

S = Setting("letters of every kind")
p, q = S.dims("p q")
K = S.dim("K", "N U")
i, k, j = p.index("i"), p.index("k"), q.index("j")
X, u, x = S.letters(X=(p, q), u=p, x=K)
s = S.letters(kind="simplex", s=p)
A = S.letters(kind="simplex", A=(p, q))
a, b = S.letters(kind="positive", a=q), S.letters(kind="nonnegative", b=q)
M = S.letters(kind="symmetric", M=(p, p))
R = S.letters(kind="positive semidefinite", R=(p, p))
P = S.letters(kind="positive definite", P=(p, p))
W = S.letters(kind="unit columns", W=(p, K))
c = S.letters(c=())
tau, rho = S.scalars("tau rho")
y = S.define("y", total(X[i, j] * u[i], i), j)
nu = S.norm("nu", u[i], i)
G = S.inverse("G", P[i, k], i, k)
soft = S.softmax("soft", u[i], i, over=i)
r = K.parts[1].index("r")
top = S.largest("top", x[r], r)
S.inequality("small", tau * rho, 1, when=[tau <= 1, rho < 1])
S.inequality("on a plane", total(u[i] ** 2, i), 9, when=[total(u[i], i) <= 1, total(u[i], i) >= 1])
S.inequality("far", 1, c, when=[c >= 10**4])


def drawn(strategy: Any, examples: int, seen: Callable[[Point], None]) -> None:
    """Calls a function at drawn points; a health check that fails is an error."""

    @settings(patient, max_examples=examples)
    @given(strategy)
    def run(point: Point) -> None:
        seen(point)

    run()


@pytest.mark.parametrize("examples", [200, pytest.param(1000, marks=pytest.mark.whole)])
def test_each_letter_lies_in_its_domain(examples: int) -> None:
    sizes, cases, count = set(), set(), 0

    def seen(point: Point) -> None:
        nonlocal count
        count += 1
        at, asked = point._at, point._asked
        assert outside(asked, at.sizes, {name: at.parameter(name) for name in asked.parameters}) == ""
        sizes.add(tuple(at.sizes.values()))
        cases.add(at.kind)  # type: ignore[attr-defined]

    drawn(points(S), examples, seen)
    assert count == examples
    assert len(sizes) > 20
    assert len(cases) > 8


@pytest.mark.parametrize("values", ["float64", "torch"])
def test_floats_are_the_fractions_rounded(values: Any) -> None:
    def seen(point: Point) -> None:
        exact = point.as_values("exact")
        for name in point._asked.parameters:
            np.testing.assert_array_equal(np.asarray(point[name]), np.asarray(exact[name], dtype=np.float64))
        size = abs(exact["X"].T) @ abs(exact["u"])  # of the terms, whose sum may be small
        assert all(
            abs(np.asarray(point["y"]) - exact["y"].astype(np.float64)) <= 1e-14 * size.astype(np.float64)
        )
        assert float(point["soft"].sum()) == pytest.approx(1, abs=1e-14)

    drawn(points(S, "X", "u", "c", "tau", "y", "soft", values=values), 50, seen)


def test_a_point_at_which_a_letter_has_no_value_is_rejected() -> None:
    met = []

    def seen(point: Point) -> None:
        found = point["top"]
        met.append(point["U"])
        assert found == max(point["x"][point["N"] :])

    drawn(points(S, "top", values="exact"), 50, seen)
    assert len(met) == 50
    assert min(met) == 1
    drawn(points(S, "top"), 50, seen)
    assert min(met) == 1


def test_conditions_are_met() -> None:
    def small(point: Point) -> None:
        assert point["tau"] <= 1
        assert point["rho"] < 1

    def plane(point: Point) -> None:
        assert sum(point["u"]) == 1

    def far(point: Point) -> None:
        assert point["c"] >= 10**4

    drawn(points(S, "tau", meeting="small", values="exact"), 100, small)
    drawn(points(S, "u", meeting="on a plane", values="exact"), 50, plane)
    drawn(points(S, meeting="far", values="exact"), 30, far)


def test_sizes_that_are_set() -> None:
    def seen(point: Point) -> None:
        assert point["X"].shape == (2, 5)
        assert (point["K"], point["N"], point["U"]) == (4, 4, 0)

    drawn(points(S, "X", "x", sizes={"p": 2, "q": 5, "K": 4, "N": 4}), 30, seen)


FAILURES: dict[str, tuple[Callable[[Point], bool], str]] = {
    "the mean of squares, up to two": (lambda at: sum(at["u"]) ** 2 > 2 * sum(at["u"] ** 2), "u=(1, 1, 1)"),
    "an entry": (lambda at: any(at["u"] < 0), "u=(-1)"),
    "different entries": (lambda at: at["p"] > 1 and at["u"][0] != at["u"][1], "u=(0, 1)"),
    "a trace": (lambda at: np.trace(at["P"]) > 1, "P=[(2)]"),
    "an entry off the diagonal": (lambda at: at["p"] > 1 and at["M"][0, 1] > 0, "M=[(0, 1/2); (1/2, 0)]"),
    "an uneven simplex": (lambda at: at["p"] > 1 and at["s"][0] != at["s"][1], "s=(0, 1)"),
    "no unlabelled token": (lambda at: at["N"] == at["K"], "K=1"),
    "an unlabelled token": (lambda at: at["U"] > 0, "K=2"),
    "a large number": (lambda at: abs(at["c"]) >= 100, "c=100"),
    "a product": (lambda at: any(np.ravel(at["X"]) != 0), "X=[(1)]"),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", FAILURES)
def test_failures_shrink_to_small_points_of_whole_numbers(name: str) -> None:
    broken, text = FAILURES[name]
    letters = tuple(one for one in ("u", "P", "M", "s", "x", "c", "X") if f"{one}=" in text) or ("x",)
    found = find(
        points(S, *letters, values="exact"),
        broken,
        settings=settings(patient, max_examples=2000),
    )
    assert text in repr(found)
    assert max(found[dim] for dim in ("p", "q", "K")) <= 3


def test_a_function_over_letters_is_called_at_points() -> None:
    met: list[tuple[type, ...]] = []

    @settings(patient, max_examples=20)
    @property_test(S, values=("exact", "float64"), sizes={"p": 2})
    def run(u: Any, tau: Any, p: Any) -> None:
        met.append((type(u[0]), type(tau), type(p)))

    run()
    assert len(met) == 40
    assert set(met) == {(Fraction, Fraction, int), (np.float64, float, int)}


def test_an_irrational_letter_has_no_exact_value() -> None:
    @patient
    @property_test(S, values="exact")
    def run(nu: Any) -> None:
        assert isinstance(nu, Fraction)

    with pytest.raises(
        InputError, match="values = exact, of nu: needs a rational value, and this is the root of"
    ):
        run()


def test_a_false_function_fails_at_a_small_point() -> None:
    @settings(patient, max_examples=500)
    @property_test(S)
    def bound(u: Any, p: int) -> None:
        assert u.sum() ** 2 <= 2 * (u**2).sum()

    with pytest.raises(AssertionError) as raised:
        bound()
    assert "u=(1, 1, 1)" in "".join(raised.value.__notes__)
