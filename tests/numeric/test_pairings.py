"""Expectations by pairings against moments that are known, and the gradient against differences."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.pairings import Form, Law, Term, expectation, gradient, moment, value

LAW = Law({"x": "S"}, frozenset({"x"}), 3)
S = np.array([[Fraction(2), Fraction(1, 3)], [Fraction(1, 3), Fraction(1)]])
A = np.array([[Fraction(1), Fraction(2)], [Fraction(-1), Fraction(3)]])
a, b = np.array([Fraction(1), Fraction(-2)]), np.array([Fraction(3), Fraction(1, 2)])
ARRAYS = {"S": S, "A": A, "a": a, "b": b}


def at(polynomial):
    return value(polynomial, ARRAYS, lambda weight: weight)


@pytest.mark.parametrize(("power", "expected"), [(1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)])
def test_the_moments_of_one_normal_number(power, expected):
    found = expectation((Form("", "a", "x"),) * power, LAW)
    assert at(found) == expected * (a @ S @ a) ** (power // 2)


def test_the_second_moment_of_a_quadratic_form():
    """E(xᵀAx)² = tr(AS)² + tr(ASAS) + tr(ASAᵀS), A not symmetric."""
    found = expectation((Form("x", "A", "x"),) * 2, LAW)
    assert at(found) == (A @ S).trace() ** 2 + (A @ S @ A @ S).trace() + (A @ S @ A.T @ S).trace()


def test_a_fourth_moment_between_vectors():
    """E[xxᵀAxxᵀ] = S(A + Aᵀ)S + tr(AS)S (D.2)."""
    found = expectation((Form("", "a", "x"), Form("x", "A", "x"), Form("", "b", "x")), LAW)
    assert at(found) == a @ (S @ (A + A.T) @ S + (A @ S).trace() * S) @ b


def test_samples_are_equal_or_independent():
    """E((1/n) Σ (aᵀx_i)²)² = ((n − 1)/n) v² + (3/n) v² with v = aᵀSa."""
    square = [Term(Fraction(1, 3), (Form("", "a", "x"),) * 2)]
    v = a @ S @ a
    assert at(moment(square, square, LAW)) == v**2 * (Fraction(2, 3) + 1)
    one = [Term(Fraction(1), ())]
    assert at(moment(square, one, LAW)) == v
    assert moment([Term(Fraction(1), (Form("", "a", "x"),))], one, LAW) == {}


def test_equal_components_have_one_spelling():
    forward = expectation((Form("", "a", "x"), Form("x", "A", "x"), Form("", "b", "x")), LAW)
    back = expectation((Form("", "b", "x"), Form("x", "A", "x"), Form("", "a", "x")), LAW)
    assert forward == back


def test_the_gradient_is_that_of_the_value():
    law = Law({"x": "S", "y": "S"})
    forms = (
        Form("x", "A", "x"),
        Form("x", "A", "y"),
        Form("", "a", "y"),
        Form("", "b", "x"),
        Form("", "c", ""),
    )
    found = expectation(forms, law)
    rng = np.random.default_rng(0)
    arrays = {name: rng.standard_normal(np.shape(array)) for name, array in ARRAYS.items()}
    arrays["S"], arrays["c"] = np.array(S, dtype=float), np.array(0.7)
    slopes = gradient(found, arrays, ("A", "a", "b", "c"))
    for name, slope in slopes.items():
        for place in np.ndindex(slope.shape):
            moved = np.zeros(slope.shape)
            moved[place] = 1e-6
            up, down = (value(found, {**arrays, name: arrays[name] + sign * moved}) for sign in (1, -1))
            assert slope[place] == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-6)
