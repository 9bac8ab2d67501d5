"""Polynomials that are seen to be nonnegative: none that is negative somewhere, and the usual ones."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import Ordering, fmpq, fmpq_mpoly_ctx

from symbolic.squares import homogeneous, multiples, nonnegative

RING = fmpq_mpoly_ctx.get(("x", "y", "z", "s", "t"), Ordering.lex)
x, y, z, s, t = RING.gens()
SIGNED = (3, 4)  # s and t are at least 0

SEEN = [
    (x - y) ** 2, x**2 + y**2 - x * y, (x + 2 * y - 3 * z) ** 2 + (x - z) ** 2, x**4 - 2 * x**2 * y**2 + y**4, s * (x - y) ** 2 + t * x**2,
    s * t * (x + z) ** 2 + s**3, s**2 - 2 * s * t + t**2, x**2 * y**2 + y**2 * z**2 - 2 * x * y**2 * z, 0 * x, s + 3 + 0 * x,
    (x**2 + y**2) * (z**2 + x**2) - (x * z + x * y) ** 2,
]  # fmt: skip
NEGATIVE = [
    x, -(x**2), x**2 - 1, x * y, x**2 + y**2 - 3 * x * y, (x - y) ** 2 - z**2, s - t, s * (x - y) ** 2 - t * x**2, s**2 - 3 * s * t + t**2,
    x**4 - 3 * x**2 * y**2 + y**4, x**3 + s, s * x, (x - y) ** 2 - fmpq(1, 10**9), x**2 + 2 * x * y + y**2 + 2 * x * z, -1 + 0 * x,
]  # fmt: skip


@pytest.mark.parametrize("poly", SEEN, ids=str)
def test_squares_are_seen(poly: object) -> None:
    assert nonnegative(poly, SIGNED)


@pytest.mark.parametrize("poly", NEGATIVE, ids=str)
def test_what_is_negative_somewhere_is_not(poly: object) -> None:
    assert not nonnegative(poly, SIGNED)
    assert least(poly, random.Random(0), 4000) < 0


def least(poly: object, rng: random.Random, points: int) -> object:
    """The least value at random points of few digits and a few special ones."""
    values = [fmpq(n, 2) for n in range(-4, 5)] + [fmpq(1, 10**5), fmpq(10**6)]
    low = fmpq(1)
    for _ in range(points):
        at = [rng.choice(values) for _ in range(5)]
        at[3:] = [abs(value) for value in at[3:]]
        low = min(low, poly(*at))
    return low


def test_nothing_negative_is_accepted_of_many() -> None:
    """Random polynomials, and sums of squares less something: what is accepted has no negative value at a random point."""
    rng = random.Random(1)
    accepted = 0
    monomials = [x, y, z, x * y, y * z, x * x, s * x, t * y, x * s * t, RING.constant(1)]
    for _ in range(400):
        poly = RING.constant(0)
        for _ in range(rng.randint(1, 3)):
            form = sum((rng.randint(-2, 2) * one for one in rng.sample(monomials, 3)), RING.constant(0))
            poly += rng.choice((RING.constant(1), s, t, s * t)) * form**2
        if rng.random() < 0.5:
            poly -= rng.choice((1, 1, 2)) * rng.choice(monomials) ** 2
        if nonnegative(poly, SIGNED):
            accepted += 1
            assert least(poly, rng, 300) >= 0, str(poly)
    assert accepted >= 50


def test_terms_are_made_of_one_degree() -> None:
    """s + t = 1: what is so on the simplex is seen after terms are multiplied by the sum."""
    jensen = s * x**2 + t * y**2 - (s * x + t * y) ** 2
    assert not nonnegative(jensen, SIGNED)
    assert nonnegative(jensen, SIGNED, [(3, 4)])
    assert not nonnegative(-jensen, SIGNED, [(3, 4)])
    assert nonnegative(1 - s + 0 * x, SIGNED, [(3, 4)])
    assert not nonnegative(fmpq(1, 2) - s + 0 * x, SIGNED, [(3, 4)])
    one = homogeneous({(0, 0, 0, 0, 0): Fraction(1), (0, 0, 0, 1, 1): Fraction(-2)}, (3, 4))
    assert one == {(0, 0, 0, 2, 0): Fraction(1), (0, 0, 0, 0, 2): Fraction(1)}


def test_multiples_of_a_fact_take_a_term_away() -> None:
    assert list(multiples(2 * x - 2 * y + z**2, x - y)) == [z**2]
    assert list(multiples(-x, x + y)) == []
