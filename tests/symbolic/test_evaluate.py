"""Values over exact rationals, balls and float64: three rings, one answer; no float slips into the exact ones."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import brute_force as bf
import flint
import numpy as np
import pytest
from points import FRACTIONS, exact_point
from random_expressions import environments, loops, tree
from rooted import power_of

from symbolic import indexed
from symbolic.evaluate import FLOAT64, ExactnessError, Point, Ring, evaluate
from symbolic.indexed import Expr, KernelError, delta, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.derivation import derive
from verify.theories.yang2024.symbolic.letters import index, tensor

FLINT = Ring("exact rational", lambda f: flint.fmpq(f.numerator, f.denominator), object, exact=True)
BALL = Ring("ball", lambda f: flint.arb(flint.fmpq(f.numerator, f.denominator)), object, exact=True)


class Roots(Ring):
    """Fractions, and roots of them written as they are."""

    def power(self, base: Any, power: int | Fraction) -> Any:
        return power_of(Fraction(base), power)


ROOTED = Roots("fractions and roots", Fraction, object, exact=True)
j, k, a = index("j", "N"), index("k", "K"), index("a", "m")


def over(ring: Ring, point: Point, convert: Any) -> Point:
    def moved(array: Any) -> Any:
        entries = [convert(Fraction(x)) for x in array.flat]
        return np.array(entries, dtype=ring.dtype).reshape(array.shape)

    return Point(ring, {name: moved(x) for name, x in point.arrays.items()}, {
        name: x if isinstance(x, int) else convert(x) for name, x in point.scalars.items()
    })  # fmt: skip


def test_random_expressions_as_brute_force_has_them() -> None:
    """Every ring path against plain loops, the axes in the order asked for."""
    arrays = {}
    for name, (slots, _, _) in bf.TENSORS.items():
        array = np.empty(tuple(bf.SIZES[slot] for slot in slots), dtype=object)
        for at, x in bf.VALUES[name].items():
            array[at] = Fraction(x)
        arrays[name] = array
    point = Point(ROOTED, arrays, bf.SCALARS)
    random, tried = Random(12), 0
    while tried < 250:
        node = tree(random, random.choice((1, 2, 3)), random.choice(("ijk", "ijuvkt", "ihk", "kab")))
        if loops(node) > 300 or len(bf.free(node)) > 4:
            continue
        tried += 1
        names = sorted(bf.free(node))
        random.shuffle(names)
        found = evaluate(bf.build(node, indexed), point, tuple(bf.index(indexed, x) for x in names))
        assert found.shape == tuple(len(bf.RANGES[bf.DIM[x]]) for x in names)
        for env in environments(random, set(names), 3):
            at = tuple(env[x] - bf.RANGES[bf.DIM[x]][0] for x in names)
            assert found[at] == bf.value(node, env), node


@pytest.mark.parametrize(
    "name", ["loss", "gradient_A", "fixed_point", "residual", "ridge", "gradient_w", "gradient_Q", "softmax"]
)
@pytest.mark.parametrize("sizes", [(2, 3, 2, 2, 2), (1, 1, 1, 1, 1), (3, 3, 1, 2, 1)], ids=str)
def test_three_rings_agree(name: str, sizes: tuple[int, ...]) -> None:
    expr: Expr = getattr(derive(), name)
    point = exact_point(Random(4), *sizes)
    axes = tuple(sorted(expr.free()))
    exact = evaluate(expr, point, axes)
    rational = evaluate(expr, over(FLINT, point, FLINT.embed), axes)
    ball = evaluate(expr, over(BALL, point, BALL.embed), axes)
    double = evaluate(expr, over(FLOAT64, point, float), axes)
    assert double.dtype == np.float64
    for one, other, enclosure, rounded in zip(exact.flat, rational.flat, ball.flat, double.flat, strict=True):
        assert flint.fmpq(one.numerator, one.denominator) == other
        assert enclosure.contains(other)
        assert enclosure.rad() < 1e-10
        assert rounded == pytest.approx(float(one), rel=1e-12, abs=1e-12)


def test_no_unlabelled_token() -> None:
    """N = K: sums over N+1..K are empty, and arrays over them have no entry."""
    point = exact_point(Random(1), 2, 2, 1, 1, 1)
    u = index("u", "U")
    assert evaluate((let.Z[a, u] ** 2).sum(a, u), point)[()] == 0
    assert evaluate(let.Z[a, u], point, (a, u)).shape == (1, 0)
    assert evaluate(scalar("K") - scalar("N"), point)[()] == 0
    assert evaluate((let.Z[a, u] * let.Z[a, j]).sum(u), point, (a, j)).tolist() == [[0, 0]]


def test_axes_that_the_expression_does_not_use() -> None:
    point = exact_point(Random(1), 2, 3, 1, 1, 1)
    assert evaluate(scalar("tau"), point, (j, k)).tolist() == [[point.scalars["tau"]] * 3] * 2
    assert evaluate(delta(j, k), point, (k, j)).tolist() == [[1, 0], [0, 1], [0, 0]]
    assert evaluate(delta(k, index("u", "U")), point, (index("u", "U"), k)).tolist() == [[0, 0, 1]]
    assert evaluate(Expr(), point, (j,)).tolist() == [0, 0]


def point(**changes: Any) -> Point:
    arrays = {"Z": np.array([[1, 2, 3]], dtype=object)}
    return Point(FRACTIONS, {**arrays, **changes.pop("arrays", {})}, {"N": 2, "K": 3, "m": 1, **changes})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: point(arrays={"Z": np.array([[1.0, 2.0, 3.0]])}), "Z: a float in exact fraction arithmetic"),
        (lambda: point(arrays={"Z": np.array([[1, 0.5, 3]], dtype=object)}), "Z: a float in exact fraction arithmetic"),
        (lambda: point(arrays={"Z": np.array([[1, np.float32(2), 3]], dtype=object)}), "Z: a float in exact fraction arithmetic"),
        (lambda: point(tau=0.1), "tau: a float in exact fraction arithmetic"),
        (lambda: point(tau=np.float64(0.1)), "tau: a float in exact fraction arithmetic"),
        (lambda: evaluate(let.XI[j], point(), (j,)), "letter xi has no value"),
        (lambda: evaluate(scalar("tau"), point()), "scalar tau has no value"),
        (lambda: evaluate(let.V[index("p", "d"), k], point(arrays={"V": np.array([[1, 1, 1]], dtype=object)}), (index("p", "d"), k)),
         "scalar d has no value"),
        (lambda: evaluate(let.Z[a, k], point(), (a,)), "free index k is not among the axes"),
    ],
)  # fmt: skip
def test_what_has_no_exact_value_raises(make: Any, message: str) -> None:
    with pytest.raises(ExactnessError) as caught:
        make()
    assert str(caught.value) == message


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 4)])
def test_an_array_of_another_shape_is_not_stretched(shape: tuple[int, int]) -> None:
    wrong = point(arrays={"Z": np.full(shape, 1, dtype=object)}, m=2)
    with pytest.raises(KernelError) as caught:
        evaluate(let.Z[a, k], wrong, (a, k))
    assert str(caught.value) == f"letter Z has shape {shape}, its slots ask for (2, 3)"


def test_a_letter_with_more_axes_than_einsum_has_room_for_pairwise() -> None:
    """A long product is contracted in pairs, over objects too."""
    f = tensor("f", "N")
    values = np.array([Fraction(1, 2), Fraction(3)], dtype=object)
    at = Point(FRACTIONS, {"f": values}, {"N": 2, "K": 2})
    assert evaluate((f[j] ** 7).sum(j) * f[j].sum(j) ** 5, at)[()] == (values**7).sum() * values.sum() ** 5
