"""Exact points: rational, of every kind and many orders of magnitude, the same whoever asks, and near the floats they come from."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from every_letter import ALL, SIZE, alpha_sum
from paper_points import KINDS, shape

from numeric.twister import Twister
from symbolic.indexed import number
from verify.points.domains import rounded, unit_columns
from verify.points.evaluation import pose
from verify.points.exact_points import Instances
from verify.points.rules import SLACK, mentioned
from verify.search.climb import look
from verify.search.layout import Layout, exact
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index

abar = let.scalar_symbol("abar")


def test_points_keep_their_promises() -> None:
    instances, seen = Instances(0), set()
    for number_of in range(3 * len(KINDS)):
        point = instances.at(number_of, ALL)
        assert max(point.sizes.values()) <= 4
        assert point.sizes["N"] <= min(point.sizes["K"], point.sizes["H"])
        V = point.parameter("V")
        columns = [tuple(column) for column in V.T]
        assert all(sum(x * x for x in column) == 1 for column in columns)
        assert len(set(columns)) == len(columns)
        for name in ALL.parameters:
            value = point.parameter(name)
            flat = value.flat if isinstance(value, np.ndarray) else (value,)
            assert all(type(x) is Fraction for x in flat), name
            assert np.shape(value) == shape(name, point.sizes)
            if not isinstance(value, np.ndarray):
                assert value > 0
            assert not name.startswith(SLACK) or value <= 1
        seen.add(point.kind)
    assert seen == set(KINDS)
    scales = [float(instances.at(n, ALL).parameter("gamma")) for n in range(90)]
    assert min(scales) < 1e-5
    assert max(scales) > 1e5


def test_points_do_not_depend_on_who_asks_first() -> None:
    one, other = Instances(5), Instances(5)
    short = pose(inequality(alpha_sum, let.K * abar**2, {"h": "H"}))
    for number_of in range(12):
        first = one.at(number_of, ALL)
        _ = [first.parameter(name) for name in reversed(ALL.parameters)]
        second = other.at(number_of, ALL)
        assert (second.parameter("alpha") == first.parameter("alpha")).all()
        assert (other.at(number_of, short).parameter("alpha").shape) == tuple(
            other.at(number_of, short).sizes[name] for name in ("H", "K")
        )


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_unit_columns_are_rational_and_near(d: int) -> None:
    rng = np.random.default_rng(d)
    columns = rng.standard_normal((d, 6))
    columns /= np.linalg.norm(columns, axis=0)
    found = unit_columns(columns, 10**6)
    assert all(sum(x * x for x in column) == 1 for column in found.T)
    assert np.abs(found.astype(float) - columns).max() < 1e-5
    axes = unit_columns(np.concatenate([np.eye(d), -np.eye(d)], axis=1), 1)
    assert (axes == np.concatenate([np.eye(d), -np.eye(d)], axis=1)).all()


def test_rounding_keeps_the_order_of_magnitude() -> None:
    assert rounded(0.333333, 10) == Fraction(1, 3)
    assert rounded(-1.26e9, 1) == -(10**9)
    assert rounded(2.5e-7, 2) == Fraction(5, 2 * 10**7)
    assert rounded(0.0, 5) == rounded(float("nan"), 5) == 0


def test_a_row_and_its_fractions_are_the_same_point() -> None:
    layout = Layout.of(ALL, SIZE)
    seen = look(layout, 16, Twister(3))
    assert len(seen.rows) > 0
    point = exact(layout, seen.rows[0], 10**15)
    for name in ALL.parameters:
        near = layout.parameter(name, seen.rows[:1])[0]
        value = np.asarray(point.parameter(name), dtype=np.float64)
        assert np.allclose(value, near, rtol=1e-9, atol=1e-12 * np.abs(near).max())


def test_mentioned_knows_the_sizes_of_sums() -> None:
    U = index("t", "U")
    assert mentioned((let.Z[index("a", "m"), U] ** 2).sum(U, index("a", "m"))) == {"Z", "N", "K", "m"}
    assert mentioned(number(1)) == frozenset()
