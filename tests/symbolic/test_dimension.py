"""Dimensions as objects: their parts, and a theory whose dimensions have other names and three parts, through both checkers."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from copy import copy, deepcopy
from typing import Any

import numpy as np
import pytest

from symbolic.bound import Certificate, Fact, Weight
from symbolic.dimension import Dimension, disjoint, within
from symbolic.double import Doubled, document, double_check
from symbolic.evaluate import FLOAT64, Point, evaluate
from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, fresh, number, scalar
from symbolic.operations import LedgerError
from symbolic.proof import Axiom, Proof, Use
from symbolic.registry import CONDITION, Entry, Registry
from symbolic.second import replay, types

TIME = Dimension("time", ("past", "now", "later"), ("t",), past=("s",))
PAST, NOW, LATER = TIME.parts
LAYER = Dimension("layer")
s, t, l_ = Index("s", PAST), Index("t", TIME), Index("l", LAYER)
n, u = Index("n", NOW), Index("u", LATER)
X, Y = Tensor("x", (TIME,)), Tensor("y", (LAYER, NOW))
SHARE = Tensor("share", (LAYER, TIME), unit_sum=1, nonneg=True)
SIZES = {"time": 9, "past": 2, "now": 4, "layer": 3}


def test_one_structure_is_one_object() -> None:
    assert Dimension("time", ("past", "now", "later"), ("t",), past=("s",)) is TIME
    others = [
        Dimension("time", ("past", "now", "later"), ("t",)),
        Dimension("time", ("now", "past", "later"), ("t",), past=("s",)),
        Dimension("time", ("past", "later"), ("t",), past=("s",)),
        Dimension("time", ("past", "now", "later"), ("k",), past=("s",)),
        Dimension("time", letters=("t",)),
        Dimension("times", ("past", "now", "later"), ("t",), past=("s",)),
    ]
    assert len({TIME, *others}) == 1 + len(others)
    assert all(other.parts[:1] != TIME.parts[:1] for other in others)
    assert Index("t", TIME) != Index("t", others[0])
    assert copy(TIME) is deepcopy(TIME) is TIME
    assert deepcopy({"in": [NOW]})["in"][0] is NOW
    assert str(TIME) == "time"
    assert repr(NOW) == "'now'"


def test_parts() -> None:
    assert [str(part) for part in TIME.parts] == ["past", "now", "later"]
    assert all(part.whole is TIME for part in TIME.parts)
    assert TIME.whole is None
    assert (TIME.split, NOW.split, LAYER.split) == (TIME.parts, (NOW,), (LAYER,))
    assert [part.before for part in TIME.parts] == [(), (PAST,), (PAST, NOW)]
    assert TIME.before == LAYER.before == ()
    assert [dim.letters for dim in (TIME, PAST, NOW, LAYER)] == [("t",), ("s",), ("now",), ("layer",)]


def test_sizes() -> None:
    """The last part holds what the others leave: its size is a difference, which may be 0."""
    assert [dim.pieces for dim in (TIME, PAST, NOW, LAYER)] == [
        ((name, 1),) for name in ("time", "past", "now", "layer")
    ]
    assert LATER.pieces == (("time", 1), ("past", -1), ("now", -1))
    assert [dim.may_be_empty for dim in (TIME, PAST, NOW, LATER, LAYER)] == [False, False, False, True, False]
    assert [dim.start(SIZES) for dim in (TIME, PAST, NOW, LATER, LAYER)] == [0, 0, 2, 6, 0]
    point = Point(FLOAT64, {}, SIZES)
    assert [point.size(dim) for dim in (TIME, PAST, NOW, LATER)] == [9, 2, 4, 3]
    assert [point.start(dim) for dim in (TIME, PAST, NOW, LATER)] == [0, 0, 2, 6]


def test_which_lies_in_which() -> None:
    every = (TIME, *TIME.parts, LAYER)
    assert {(str(a), str(b)) for a in every for b in every if within(a, b) and a is not b} == {
        ("past", "time"),
        ("now", "time"),
        ("later", "time"),
    }
    assert all(within(dim, dim) and not disjoint(dim, dim) for dim in every)
    assert {(str(a), str(b)) for a in every for b in every if disjoint(a, b)} == {
        (str(a), str(b)) for a in TIME.parts for b in TIME.parts if a is not b
    }
    alike = Dimension("hours", ("past", "now", "later")).parts[0]
    assert not within(alike, TIME)
    assert not disjoint(alike, NOW)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dimension("a", ("b",)), ValueError, "dimension a: parts b: needs two or more parts, each with a name of its own"),
        (lambda: Dimension("a", ("b", "b")), ValueError, "dimension a: parts b, b: needs two or more parts, each with a name of its own"),
        (lambda: Dimension("a", ("a", "b")), ValueError, "dimension a: parts a, b: needs two or more parts, each with a name of its own"),
        (lambda: Dimension("a", ("b", "c"), d=("x",)), ValueError,
         "dimension a: parts b, c: needs two or more parts, each with a name of its own"),
        (lambda: pickle.dumps(TIME), TypeError, "dimension time: an object of its own, which cannot be copied into another process"),
        (lambda: Index("a", "time"), KernelError, "index a: 'time' is no dimension"),  # type: ignore[arg-type]
        (lambda: X[l_], KernelError, "x: index l of dimension layer in a slot of dimension time"),
        (lambda: Y[l_, t], KernelError, "y: index t of dimension time in a slot of dimension now"),
        (lambda: Y[l_, s], KernelError, "y: index s of dimension past in a slot of dimension now"),
        (lambda: delta(l_, t), KernelError, "delta of indices l: layer and t: time"),
        (lambda: X[s].at({s: n}), KernelError, "index s: past cannot become n: now"),
    ],
)  # fmt: skip
def test_what_is_refused(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


# A theory of other dimensions

EARLY = Axiom("the past is 1", X[s], number(1), (s,))
LATE = Axiom("what comes is 1", X[u], number(1), (u,))
NEVER = Axiom("1 = 0, at a later time", number(1), number(0), (u,))
BALL = Fact("x in a ball", scalar("c", 2) - (X[t] ** 2).sum(t))
TRUE: dict[str, tuple[Expr, Expr, Proof]] = {
    "a sum over three parts": (X[t].sum(t), X[s].sum(s) + X[n].sum(n) + X[u].sum(u), Proof()),
    "the last part is counted": (number(1).sum(u), scalar("time") - scalar("past") - scalar("now"), Proof()),
    "a unit sum": (SHARE[l_, t].sum(t, l_), scalar("layer"), Proof()),
    "parts do not meet": ((delta(s, n) * Y[l_, n]).sum(n), number(0), Proof()),
    "a delta of the whole and a part": ((delta(t, n) * X[t]).sum(t), X[n], Proof()),
    "each time lies in one part": (
        delta(s, t).sum(s) + delta(n, t).sum(n) + delta(u, t).sum(u), number(1), Proof()),
    "an axiom at one part": (X[s].sum(s), scalar("past"), Proof((Use(EARLY, number(1), (s,), (s,)),))),
    "an axiom at the last part": (
        X[u].sum(u), scalar("time") - scalar("past") - scalar("now"), Proof((Use(LATE, number(1), (u,), (u,)),))),
    "one order of sums and another": ((Y[l_, n] * X[n]).sum(l_, n), (X[n] * Y[l_, n]).sum(n, l_), Proof()),
}  # fmt: skip
FALSE: dict[str, tuple[Expr, Expr, Proof]] = {
    "two of three parts": (X[t].sum(t), X[s].sum(s) + X[u].sum(u), Proof()),
    "the last part is all but the first": (number(1).sum(u), scalar("time") - scalar("past"), Proof()),
    "a unit sum over a part": (SHARE[l_, n].sum(n), number(1), Proof()),
    "a sum over a part is one over the whole": (X[n].sum(n), X[t].sum(t), Proof()),
    "an axiom at one part, for all": (X[t].sum(t), scalar("time"), Proof((Use(EARLY, number(1), (s,), (s,)),))),
    "an axiom at a part that may be empty": (number(1), number(0), Proof((Use(NEVER, number(1), (u,)),))),
}  # fmt: skip
REGISTRY = Registry(
    [Entry(EARLY), Entry(LATE), Entry(NEVER), Entry(BALL, CONDITION)],
    {"past": "there is a past"},
    (X, Y, SHARE),
)


@pytest.mark.parametrize("registry", [None, REGISTRY], ids=["any premise", "premises of the theory"])
@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_of_three_parts_is_proved(name: str, registry: Registry | None) -> None:
    doubled = double_check(*TRUE[name], registry=registry)
    assert doubled.proved, doubled
    assert not doubled.contradiction


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refused_by_both(name: str) -> None:
    doubled = double_check(*FALSE[name])
    assert doubled.kernel
    assert doubled.replayer
    assert not doubled.contradiction


def test_what_is_true_holds_in_numbers() -> None:
    """Also where the last part is empty."""
    for later in (3, 0):
        sizes = {**SIZES, "time": 6 + later}
        x = np.array([number_ % 5 - 2 for number_ in range(6 + later)], dtype=float)
        x[:2] = 1
        x[6:] = 1
        share = np.array([[0] * (5 + later) + [1]] * 3, dtype=float)
        y = np.array([[1, -2, 3, 4]] * 3, dtype=float)
        point = Point(FLOAT64, {"x": x, "share": share, "y": y}, sizes)
        for name, (lhs, rhs, _) in TRUE.items():
            axes = tuple(sorted(lhs.free() | rhs.free()))
            left, right = (evaluate(side, point, axes) for side in (lhs, rhs))
            assert np.all(np.asarray(left) == np.asarray(right)), (name, later)


def test_a_bound_over_the_parts() -> None:
    """c² ≥ Σ x² over the whole, hence over each part: the squares of the others are left out."""
    others = [part for part in TIME.parts if part is not NOW]
    squares = [Weight(root=X[one], bind=(one,)) for one in (fresh(part) for part in others)]
    why = Certificate((Weight(fact=BALL), *squares))
    shown = Fact("x is bounded now", scalar("c", 2) - (X[n] ** 2).sum(n), (), why)
    doubled = double_check(number(0), shown.positive, shown)
    assert doubled.proved, doubled
    assert "split" in doubled.rules
    short = Fact("too much", scalar("c", 2) - 2 * (X[n] ** 2).sum(n), (), why)
    refused = double_check(number(0), short.positive, short)
    assert refused.kernel
    assert refused.replayer


def test_the_data_have_a_table_of_dimensions() -> None:
    data = document([(name, *row, ()) for name, row in TRUE.items()])
    assert data["dimensions"] == {"layer": [], "time": ["past", "now", "later"]}
    assert data["tensors"]["y"]["slots"] == ["layer", "now"]
    assert [report.reason for report in replay(data)] == [""] * len(TRUE)
    for table in (
        {"layer": [], "time": ["past", "later", "now"]},
        {"layer": [], "time": []},
        {"layer": [], "time": ["past", "now", "later", "never"]},
    ):
        assert any(report.reason for report in replay({**data, "dimensions": table})), table
    del data["dimensions"]
    assert {report.reason for report in replay(data)} == {"not readable: KeyError('dimensions')"}


def test_a_theory_says_what_its_dimensions_are() -> None:
    row = ("split", *TRUE["a sum over three parts"], ())
    data = document([row], REGISTRY)
    assert data["dimensions"] == {"time": ["past", "now", "later"]}
    assert REGISTRY.data["dimensions"] == {"layer": [], "time": ["past", "now", "later"]}
    spoiled = (
        {"time": ["now", "past", "later"]},
        {"time": []},
        {"time": ["past", "now", "later"], "layer": ["one", "two"]},
        {"time": ["past", "now", "later"], "other": []},
        {"past": [], "time": ["now", "later"]},
    )
    for table in spoiled:
        (report,) = replay({**data, "dimensions": table}, registry=REGISTRY.second)
        assert report.reason.endswith("the theory says something else of this"), table


def test_one_name_for_two_dimensions_is_no_proof() -> None:
    alone, hours = Index("p", Dimension("past")), Dimension("hours", ("past", "rest"))
    for other in (alone, Index("p", hours.parts[0])):
        doubled: Doubled = double_check(number(1).sum(other) - number(1).sum(s), number(0), Proof())
        twice = number(1).sum(s) * Tensor("z", (other.dim,))[other].sum(other)
        with pytest.raises(LedgerError, match=r"dimension (past|time|hours): two structures"):
            document([("both", twice + X[s].sum(s), twice + X[s].sum(s), Proof(), ())])
        assert not doubled.contradiction


def test_a_dimension_keeps_its_type_while_a_document_grows() -> None:
    """Facts that were replayed with fewer dimensions are used with more of them."""
    one, more = types.Types({"b": ["x", "y"]}), types.Types({"a": [], "b": ["x", "y"]})
    assert {name: more.codes[name] for name in one.codes} == one.codes
    assert more.codes["a"] not in one.codes.values()
    other = types.Types({"b": []})  # another structure is another dimension
    assert other.codes["b"] not in (*one.codes.values(), *more.codes.values())
