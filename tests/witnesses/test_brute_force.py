"""Brute force against itself: what is printed is read as it is meant, slopes are those of the loss, the loss is a mean."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from itertools import product

import brute_force_witness as bf
import matrices_witness as la
import pytest
from failing_claims import printed
from identities_witness import query_key
from printed_witness import Unreadable, array, read, shape, side

# Reading.


@pytest.mark.parametrize(
    "text", ["", "(1", "[(1)", "1.5", "(1; 2)", "[(1, 2), (3)]", "(1, 2) 3", "one", "1/", "(1, )"]
)
def test_what_is_no_array_of_fractions_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        array(text)


def test_arrays_are_read_as_they_are_written() -> None:
    assert array("[[(1, 1/2); (-3, 0)]]") == [[[Fraction(1), Fraction(1, 2)], [Fraction(-3), Fraction(0)]]]
    assert shape(array("[(1, 2, 3); (4, 5, 6)]")) == (2, 3)
    with pytest.raises(Unreadable, match="ragged"):
        shape(array("[(1, 2); (3)]"))
    with pytest.raises(Unreadable, match="Z has 2 where K is 3"):
        read("", {"K": 3}, {"Z": "[(1, 2)]"}, ("1", "2"), {"Z": "mK"})
    with pytest.raises(Unreadable, match="Z has 1 axes, not 2"):
        read("", {}, {"Z": "(1, 2)"}, ("1", "2"), {"Z": "mK"})


def test_sides_are_read_as_intervals() -> None:
    assert side("(9) = 9/8") == (Fraction(9, 8), Fraction(9, 8))
    assert side("[12.5 +/- 0.25]") == (Fraction(49, 4), Fraction(51, 4))
    assert side("factor after = 0.25") == (Fraction(24, 100), Fraction(26, 100))
    low, high = side("2^(1/2)")
    assert isinstance(low, Fraction)
    assert low**2 < 2 < high**2
    assert side("v_1 = v_3") == "v_1 = v_3"


# Brute force against itself: slopes against differences of the loss, the law of the labels against a sum over signs.


def small_setting() -> bf.Setting:
    return bf.Setting(
        [[Fraction(1), Fraction(-2), Fraction(1, 2)], [Fraction(0), Fraction(1), Fraction(3)]],
        2,
        Fraction(1, 4),
    )


def test_the_loss_is_the_mean_over_signs() -> None:
    """Independent signs for λ, signs times √τ for ε: a law with the moments that are assumed, summed out."""
    here = small_setting()
    weights = [[Fraction(1), Fraction(2), Fraction(-1)], [Fraction(0), Fraction(1, 2), Fraction(1)]]
    total, count = Fraction(0), 0
    for task in product((1, -1), repeat=2):
        for signs in product((Fraction(1, 2), Fraction(-1, 2)), repeat=6):
            y = [sum(task[a] * (here.features[a][k] + signs[3 * a + k]) for a in range(2)) for k in range(3)]
            total += sum((sum(y[j] * weights[j][k] for j in range(2)) - y[k]) ** 2 for k in range(3))
            count += 1
    assert here.loss(weights) == total / (6 * count)


def test_the_gradients_are_slopes_of_the_loss() -> None:
    """By central differences of the loss with 60 digits, at the scores of (56)'s witness and at one with two heads."""
    at = printed("eq-56")
    one = bf.Parameters(bf.Setting(at["Z"], 2, at["tau"]), at["V"], query_key(at), at["alpha"], at["gamma"])
    heads = [
        [[Fraction(1, 2), Fraction(-1)], [Fraction(1, 3), Fraction(2)]],
        [[Fraction(0), Fraction(1)], [Fraction(-1), Fraction(1, 5)]],
    ]
    tokens = [[Fraction(1), Fraction(0), Fraction(3, 5)], [Fraction(0), Fraction(1), Fraction(4, 5)]]
    alphas = [[Fraction(1), Fraction(-1), Fraction(2)], [Fraction(1, 2), Fraction(3), Fraction(0)]]
    two = bf.Parameters(small_setting(), tokens, heads, alphas, Fraction(3, 2))
    step = la.REAL.mpf(10) ** -20
    for point in (one, two):
        gradient = point.gradient_Q()
        for h, p, q in product(range(point.H), range(2), range(2)):
            moved = []
            for sign in (1, -1):
                Q = deepcopy(point.Q)
                Q[h][p][q] = la.real(Q[h][p][q]) + sign * step
                moved.append(bf.Parameters(point.setting, point.tokens, Q, point.alpha, point.gamma))
            slope = (moved[0].setting.loss(moved[0].weights) - moved[1].setting.loss(moved[1].weights)) / (
                2 * step
            )
            assert abs(slope - la.real(gradient[h][p][q])) < la.REAL.mpf(10) ** -30
        for h, k in product(range(point.H), range(point.setting.K)):
            losses = []
            for sign in (1, -1):  # of a quadratic function the central difference is the derivative
                alpha = deepcopy(point.alpha)
                alpha[h][k] += sign
                moved_ = bf.Parameters(point.setting, point.tokens, point.Q, alpha, point.gamma)
                losses.append(moved_.setting.loss(moved_.weights))
            assert (
                abs(la.real((losses[0] - losses[1]) / 2 - point.gradient_alpha()[h][k]))
                < la.REAL.mpf(10) ** -50
            )


def test_the_pieces_of_brute_force() -> None:
    here = small_setting()
    assert here.best == here.A, "(34) is where every slope vanishes"
    square = la.times(here.Zbar, here.Zbar)
    for i, j in product(range(2), repeat=2):
        assert abs(square[i][j] - la.real(here.gram[i][j])) < la.REAL.mpf(10) ** -50
    assert la.sqrt(Fraction(9, 4)) == Fraction(3, 2)
    assert abs(la.sqrt(Fraction(2)) ** 2 - 2) < la.REAL.mpf(10) ** -55
    assert la.exact(la.REAL.mpf("0.375")) == Fraction(3, 8)
    assert la.spectral_norm([[Fraction(3), Fraction(0)], [Fraction(4), Fraction(0)]]) == 5
    with pytest.raises(la.Shape):
        la.times(la.zeros(2, 3), la.zeros(2, 3))
    with pytest.raises(la.Shape):
        la.plus(la.zeros(2, 1), la.zeros(3, 1))
    with pytest.raises(ZeroDivisionError):
        la.inverse(la.zeros(2, 2))
    with pytest.raises(ValueError, match="only second moments"):
        la.mean({(("a",),) * 3: Fraction(1)}, lambda variable: Fraction(1))
