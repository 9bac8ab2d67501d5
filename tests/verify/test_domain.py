"""Letters at a point: the same in every arithmetic, what their definitions say, what an independent program computes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch
from every_letter import ALL, BITS, POINTS, SIZE, alpha_sum, h, j, k, letter, p, q
from flint import arb
from literal_point import REAL, Literal
from paper_points import ARRAYS, POSITIVE, SIZES, Drawn, ExactPoint, Values, in_differences, rules, shape

from numeric.balls import Undecided, precision
from numeric.errors import InputError
from numeric.twister import Twister
from symbolic.evaluate import ExactnessError, Point, evaluate
from symbolic.kinds import Free, Is, LargestRoot, Root
from verify.points.arithmetic import BALLS, RATIONALS, Irrational
from verify.points.batched import FLOATS, Array, Batched, BatchValues
from verify.points.compare import decide
from verify.points.evaluation import pose
from verify.points.rules import SLACK
from verify.search.gradients import with_gradients
from verify.search.height import height_of
from verify.search.layout import Layout
from verify.statement import Domain
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import (
    axiom,
    kinds,
    root_axiom,
    unit_token,
)
from verify.theories.yang2024.symbolic.derivation import ridge_axiom, system_axiom
from verify.theories.yang2024.symbolic.letters import index


def at(point: ExactPoint, bits: int = BITS) -> Values:
    return point.values(ALL, bits)


def test_every_letter_with_a_rule_is_there() -> None:
    assert {
        "s",
        "s2",
        "Zbar",
        "Minv",
        "Ginv",
        "nZbar",
        "nA",
        "nZ",
        "nZZ",
        "abar",
        "zeta",
        "sigma",
        "fmax",
        "mx",
    } <= set(rules())
    assert {name for name, kind in kinds().items() if not isinstance(kind, Free)} <= set(rules())
    assert set(ALL.parameters) <= {*ARRAYS, *POSITIVE, *let.SCALARS, f"{SLACK}abar", f"{SLACK}zeta"}
    assert ALL.sizes == SIZES


@pytest.mark.parametrize("point", POINTS, ids=lambda point: str(point.number))
def test_letters_are_what_their_definitions_say(point: Drawn) -> None:
    values, axioms = at(point), [axiom(name) for name, kind in kinds().items() if isinstance(kind, Is | Root)]
    with precision(BITS):
        for found in (*axioms, root_axiom(), system_axiom(), ridge_axiom(), unit_token()):
            zero = values.of(found.zero, found.indices)
            size = max(
                (abs(x).upper() for x in np.atleast_1d(values.of(found.lhs, found.indices)).flat),
                default=arb(0),
            )
            for x in zero.flat:
                assert x.contains(0), found.name
                assert abs(x).upper() <= arb("1e-30") * (size + 1), found.name


def test_largest_letters_are_the_largest() -> None:
    values = at(POINTS[0])
    with precision(BITS):
        for name, kind in kinds().items():
            if not isinstance(kind, LargestRoot):
                continue
            axes, over, squares = kind.indices, kind.over, kind.squares
            roots = np.atleast_1d(np.asarray(values[name], dtype=object)).reshape(-1)
            for square in squares:
                entries = values.of(square, (*axes, *over)).reshape(len(roots), -1)
                assert all(
                    not entry > root * root for root, row in zip(roots, entries, strict=True) for entry in row
                )
            rows = [values.of(square, (*axes, *over)).reshape(len(roots), -1) for square in squares]
            assert all(
                any(entry.overlaps(root * root) for row in rows for entry in row[n])
                for n, root in enumerate(roots)
            )


# A second program: `literal_point`, the formulas of the paper in mpmath, by loops.


@pytest.mark.parametrize("second", ["", "2"])
@pytest.mark.parametrize("number", [0, 3])
def test_an_independent_program_computes_the_same(number: int, second: str) -> None:
    point = Drawn(number, 0, SIZE, "")
    known = Literal(SIZE, {name: point.parameter(name) for name in (*ARRAYS[:6], *POSITIVE)}, second)
    truths = {
        f"{name}{second}": truth
        for name, truth in {
            "s": known.s, "del": known.delta, "b": known.b, "gQ": known.gQ, "ga": known.ga, "lmin": known.lmin,
        }.items()
    } | {"Zbar": known.Zbar, "A": known.A, "nZbar": known.nZbar, "nA": known.nA, "fmax": known.fmax}  # fmt: skip
    values = at(point)
    with precision(BITS):
        for name, truth in truths.items():
            found, wanted = np.asarray(values[name], dtype=object), np.array(truth, dtype=object)
            assert found.shape == wanted.shape
            loose = REAL.mpf(10) ** (-12 if name.startswith("g") else -30) * max(abs(x) for x in wanted.flat)
            for x, y in zip(found.flat, wanted.flat, strict=True):
                assert abs(REAL.mpf(x.mid().str(50, radius=False)) - y) <= loose, (name, x, y)


# The arithmetics among themselves.


LIBRARIES = pytest.mark.parametrize("batched", [FLOATS, with_gradients()], ids=["numpy", "torch"])


@LIBRARIES
@pytest.mark.parametrize("kind", ["", "Z = 0", "Q = 0", "N = 1", "near"])
def test_batches_compute_what_balls_enclose(kind: str, batched: Batched) -> None:
    sizes = SIZE | ({"N": 1} if kind == "N = 1" else {})
    points = [Drawn(number, 1, sizes, kind) for number in (0, 3, 6)]  # of moderate scales

    def stacked(name: str) -> Array:
        values = [np.asarray(point.parameter(name), dtype=np.float64) for point in points]
        return batched.xp.asarray(np.stack(values))

    batch = BatchValues(batched, sizes, stacked, ALL.rules)
    for row, point in enumerate(points):
        values = at(point)
        with precision(BITS):
            for name in rules():
                if name in ("cinv", "zeta", "sigma") and sizes["H"] < sizes["N"]:
                    continue
                try:
                    exact_ones = np.asarray(values[name], dtype=object)
                except (Undecided, ZeroDivisionError):
                    continue  # C_k C_kᵀ is singular where attention is flat
                found = np.broadcast_to(np.asarray(batch[name]), (len(points), *batch[name].shape[1:]))[row]
                size = max(abs(float(x)) for x in exact_ones.flat)
                for x, y in zip(exact_ones.flat, np.atleast_1d(found).flat, strict=True):
                    assert abs(float(x) - y) <= 1e-6 * size + 1e-9, (name, x, y)  # what cancels is rounded


def test_rational_letters_lie_in_the_balls() -> None:
    """N = 1: softmax is 1 and Z̄ may be rational; Q = 0: softmax is flat."""
    seen = set()
    for point in (
        Drawn(0, 0, SIZE | {"N": 1}, "N = 1"),
        Drawn(3, 0, SIZE, "Q = 0"),
        Drawn(6, 0, SIZE, "Z = 0"),
    ):
        exactly, enclosed = point.values(ALL, 0), point.values(ALL, 128)
        for name in rules():
            try:
                value = np.asarray(exactly[name], dtype=object)
            except (Irrational, ZeroDivisionError):
                continue
            with precision(128):
                ball = np.asarray(enclosed[name], dtype=object)
                assert all(arb(x).overlaps(y) for x, y in zip(value.flat, ball.flat, strict=True)), name
            seen.add(name)
    assert {"s", "A", "del", "Minv", "abar", "nA"} <= seen


def test_rational_matrix_functions() -> None:
    def matrix(*rows: list[int]) -> np.ndarray:
        return RATIONALS.array(np.array([[Fraction(x) for x in row] for row in rows], dtype=object))

    root = RATIONALS.matrix_root(matrix([5, 4], [4, 5]))
    assert (root @ root == matrix([5, 4], [4, 5])).all()
    assert RATIONALS.norm(matrix([3, 0, 0], [0, 4, 0])) == 4
    assert RATIONALS.smallest(np.stack([matrix([5, 4], [4, 5]), matrix([2, 0], [0, 3])])).tolist() == [1, 2]
    for bad in (matrix([2, 1], [1, 2]), matrix([2, 1, 0], [1, 2, 0], [0, 0, 1])):
        with pytest.raises(Irrational):
            RATIONALS.matrix_root(bad)
    with pytest.raises(Irrational):
        RATIONALS.softmax(RATIONALS.array(np.array([[[Fraction(1)], [Fraction(2)]]], dtype=object)))


def test_gradients_are_finite_where_eigenvalues_are_equal() -> None:
    """Z = 0 makes Z̄ a multiple of I; N = 1 and equal heads flatten everything else."""
    posed = pose(
        inequality(
            sp.Sum(letter("gQ")[h, p, q] ** 2, (p, 1, let.d), (q, 1, let.d)),
            let.scalar_symbol("nZbar") ** 2,
            {"h": "H"},
        )
    )
    layout = Layout.of(posed, SIZE)
    rows = np.zeros((4, layout.width))
    rows[1] = 1.0
    rows[2:] = Twister(0).normal(2, layout.width)
    at = torch.tensor(rows, requires_grad=True)
    values = layout.values(at, with_gradients())
    (slope,) = torch.autograd.grad(height_of(posed, values, 4)[0].nan_to_num(0.0).sum(), at)
    assert torch.isfinite(slope).all()


def test_the_derivative_of_a_matrix_root_is_right() -> None:
    generator = torch.Generator().manual_seed(1)
    X = torch.randn((3, 3, 3), generator=generator, dtype=torch.float64)
    matrices = (X @ X.mT + torch.eye(3, dtype=torch.float64)).requires_grad_(True)
    symmetric = lambda M: with_gradients().matrix_root((M + M.mT) / 2)  # noqa: E731
    assert torch.autograd.gradcheck(symmetric, (matrices,))
    with torch.no_grad():
        assert torch.allclose(symmetric(matrices) @ symmetric(matrices), matrices)


@LIBRARIES
def test_what_is_not_finite_is_marked_and_raises_nothing(batched: Batched) -> None:
    bad = batched.xp.asarray(np.stack([np.eye(2), np.full((2, 2), np.nan)]))
    for found in (batched.matrix_root(bad), batched.norm(bad), batched.smallest(bad[:, None])):
        assert np.isfinite(np.asarray(found[0])).all()
        assert np.isnan(np.asarray(found[1])).all()


@LIBRARIES
def test_an_inverse_is_found_beside_a_singular_matrix(batched: Batched) -> None:
    found = np.asarray(batched.inverse(batched.xp.asarray(np.stack([2 * np.eye(2), np.ones((2, 2))]))))
    assert (found[0] == np.eye(2) / 2).all()
    assert not np.isfinite(found[1]).all()


# Differences.


def test_differences_are_found_and_change_nothing() -> None:
    J, K, H = index("j", "N"), index("k", "K"), index("h", "H")
    moves = (let.DEL[J, K] - let.DEL2[J, K]) ** 2
    inner, pairs = in_differences(moves.sum(J))
    assert pairs == (("del", "del2"),)
    assert inner == (let.DEL[J, K] ** 2).sum(J)
    stays = let.DEL[J, K] ** 2 - let.DEL2[J, K] ** 2
    assert in_differences(stays) == (stays, ())
    attention = ((let.S[H, J, K] - let.S2[H, J, K]) ** 2 * let.ALPHA[H, K] * let.ALPHA2[H, K]).sum(J)
    inner, pairs = in_differences(attention)
    assert pairs == (("s", "s2"),)
    assert inner == (let.S[H, J, K] ** 2 * let.ALPHA[H, K] * let.ALPHA2[H, K]).sum(J)
    point = POINTS[0]
    with precision(BITS):
        values = at(point)
        direct = values.of(moves, (J, K))
        moved = {"del": np.asarray(values["del"] - values["del2"])}
        by_difference = evaluate(let.DEL[J, K] ** 2, Point(BALLS.ring, moved, dict(SIZE)), (J, K))
        assert all(x.overlaps(y) for x, y in zip(direct.flat, by_difference.flat, strict=True))


# The domain.

abar, eta, lip = (let.scalar_symbol(name) for name in ("abar", "eta", "Lip"))


def test_alpha_bounds_the_points_that_the_statement_has() -> None:
    one = pose(inequality(alpha_sum, let.K * abar**2, {"h": "H"}))
    both = pose(
        inequality(alpha_sum + sp.Sum(letter("alpha2")[h, k], (k, 1, let.K)), let.K * abar**2, {"h": "H"})
    )
    assert one.parameters == ("alpha", f"{SLACK}abar")
    assert both.parameters == ("alpha", "alpha2", f"{SLACK}abar")
    assert one.sizes == ("K", "H")
    values = {
        "alpha": np.full((1, 1), Fraction(1), dtype=object),
        "alpha2": np.full((1, 1), Fraction(-3), dtype=object),
    }
    point = ExactPoint(dict.fromkeys(SIZES, 1), (values | {f"{SLACK}abar": Fraction(1, 2)}).__getitem__)
    assert point.values(one, 0)["abar"] == 2
    assert point.values(both, 0)["abar"] == 6


def test_free_scalars_are_drawn_and_given_ones_follow_their_relation() -> None:
    free = pose(inequality(alpha_sum, let.K * abar**2, {"h": "H"}, domain=Domain(free=("abar",))))
    assert free.parameters == ("alpha", "abar")
    values = {"eta": Fraction(7), "Lip": Fraction(5), f"{SLACK}eta": Fraction(1, 2)}
    point = ExactPoint(dict.fromkeys(SIZES, 1), values.__getitem__)
    for relation, wanted in (("=", Fraction(1, 5)), ("<=", Fraction(1, 10)), (">=", Fraction(2, 5))):
        posed = pose(inequality(eta * lip, sp.Integer(1), domain=Domain(given={"eta": (relation, 1 / lip)})))
        assert f"{SLACK}eta" not in posed.parameters if relation == "=" else f"{SLACK}eta" in posed.parameters
        assert point.values(posed, 0)["eta"] == RATIONALS.number(wanted)


def test_a_negative_bound_leaves_no_point() -> None:
    posed = pose(inequality(eta, eta, domain=Domain(given={"eta": ("<=", lip - 10)})))
    values = {"Lip": Fraction(5), f"{SLACK}eta": Fraction(1)}
    assert decide(posed, ExactPoint(dict.fromkeys(SIZES, 1), values.__getitem__)).relation == "outside"


def test_sizes_and_dropped_hypotheses() -> None:
    scores = sp.Sum(letter("s")[h, j, k] ** 2, (j, 1, let.N))
    unit = pose(inequality(scores, sp.Integer(1), {"h": "H", "k": "K"}, domain=Domain(least={"N": 2})))
    assert not unit.allows({"N": 1, "K": 3, "m": 1, "d": 2, "H": 1})
    assert not unit.allows({"N": 2, "K": 1, "m": 1, "d": 2, "H": 1})
    assert not unit.allows({"N": 2, "K": 3, "m": 1, "d": 1, "H": 1}), "±1 are two tokens"
    assert unit.allows({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1})
    loose = pose(inequality(scores, sp.Integer(1), {"h": "H", "k": "K"}, domain=Domain(relaxed=("A0",))))
    assert loose.allows({"N": 2, "K": 3, "m": 1, "d": 1, "H": 1})
    assert "scale of V" in {block for block, _, _ in Layout.of(loose, SIZE).blocks}
    assert "scale of V" not in {block for block, _, _ in Layout.of(unit, SIZE).blocks}
    ranked = pose(inequality(let.scalar_symbol("zeta"), sp.Integer(1)))
    assert bool(ranked.conditions)
    assert not ranked.allows(SIZE | {"N": 3, "H": 2})


def test_what_has_no_value_is_said_in_one_line() -> None:
    with pytest.raises(InputError, match="letter"):
        pose(inequality(sp.Sum(letter("Zsq")[j, k], (j, 1, let.N), (k, 1, let.K)), sp.Integer(0)))
    with pytest.raises(InputError, match="domain"):
        pose(inequality(abar, abar, domain=Domain(free=("s",))))


# Exactness.


@pytest.mark.parametrize(
    "value", [0.5, np.float64(0.5), np.array([[0.5]], dtype=object), np.array([[0.5]]), 1 + 0j], ids=repr
)
def test_a_float_never_reaches_a_certified_comparison(value) -> None:
    posed = pose(inequality(alpha_sum, let.K * abar**2, {"h": "H"}, domain=Domain(free=("abar",))))
    array = isinstance(value, np.ndarray)
    good = {"alpha": np.full((1, 1), Fraction(1), dtype=object), "abar": Fraction(2)}
    assert decide(posed, ExactPoint(dict.fromkeys(SIZES, 1), good.__getitem__)).relation == "below"
    bad = good | {"alpha" if array else "abar": value}
    with pytest.raises(ExactnessError):
        decide(posed, ExactPoint(dict.fromkeys(SIZES, 1), bad.__getitem__))


def test_a_float_in_a_ball_point_raises() -> None:
    values = Values(
        BALLS,
        SIZE,
        lambda name: 0.5 if not shape(name, SIZE) else np.full(shape(name, SIZE), 0.5, dtype=object),
    )
    with pytest.raises(ExactnessError):
        _ = values["s"]
