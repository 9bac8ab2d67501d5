"""Tails of χ² laws against closed forms and scipy, and zeros of sums of exponentials against Sturm's count."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import factorial

import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq
from scipy.stats import chi2, ncx2

from numeric import balls
from numeric.chi_square import noncentral_tail, tail
from numeric.exponential_sums import derivative, reach, zeros


@pytest.mark.parametrize("half", [1, 2, 5])
@pytest.mark.parametrize("x", [Fraction(1, 3), Fraction(7), Fraction(90)])
def test_even_degrees_have_a_closed_form(half: int, x: Fraction) -> None:
    """P(χ²_{2n} ≥ x) = e^{−x/2} Σ_{k<n} (x/2)^k/k!."""
    with balls.precision(200):
        at = arb(fmpq(x.numerator, x.denominator))
        closed = (-at / 2).exp() * sum(((at / 2) ** k / factorial(k) for k in range(half)), arb(0))
        found = tail(2 * half, at)
        assert found.overlaps(closed)
        assert found.rel_accuracy_bits() > 140


@pytest.mark.parametrize("N", [1, 3, 40, 1000])
def test_tails_against_scipy(N: int) -> None:
    for x in (0.1 * N, float(N), 2.0 * N):
        assert float(tail(N, arb(x))) == pytest.approx(chi2.sf(x, N), rel=1e-9)
        for centre in (0.01, 3.0, 60.0):
            with balls.precision(128):
                found = noncentral_tail(N, arb(centre), arb(x))
            assert found.rel_accuracy_bits() > 20
            assert float(found) == pytest.approx(ncx2.sf(x, N, centre), rel=1e-7)


def test_a_noncentral_tail_by_hand() -> None:
    """N = 1: P(|μ + ξ| ≥ r) from two normal tails."""
    with balls.precision(128):
        mu, r = arb(1), arb(2)
        normal = [((z / arb(2).sqrt()).erfc()) / 2 for z in (r - mu, r + mu)]
        assert noncentral_tail(1, mu**2, r**2).overlaps(normal[0] + normal[1])
        assert not noncentral_tail(1, mu**2, r**2).overlaps(normal[0])


def test_an_endless_series_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numeric.chi_square.TERMS", 5)
    with pytest.raises(balls.Undecided, match="more than 5 terms"):
        noncentral_tail(1, arb(100), arb(150))


def exact(values: list[int]) -> list[arb]:
    return [arb(x) for x in values]


@pytest.mark.parametrize("seed", range(40))
def test_zeros_against_sturm(seed: int) -> None:
    """With whole exponents g(log t) is a polynomial in t, whose positive roots Sturm's theorem counts exactly."""
    rng = np.random.default_rng(seed)
    N = int(rng.integers(1, 6))
    a = [int(x) for x in rng.choice(9, N, replace=False)]
    c = [int(x) for x in rng.choice([-7, -3, -2, -1, 1, 2, 5], N)]
    t = sp.Symbol("t")
    polynomial = sp.Poly(sum(c_i * t**a_i for c_i, a_i in zip(c, a, strict=True)), t)
    if sp.gcd(polynomial, polynomial.diff()).degree() > min(a):
        return  # a zero that is double
    wanted = polynomial.count_roots(0, None) - (1 if min(a) > 0 else 0)
    with balls.precision(128):
        found = zeros(exact(c), exact(a), width=arb(2) ** -60)
        assert len(found) == wanted
        for q in found:
            assert derivative(exact(c), exact(a), q).contains(0)
            assert 2 * q.rad() < arb(2) ** -60
        assert all(one < other for one, other in pairwise(found))


def test_zeros_where_they_are() -> None:
    """(t − 1)(t − 2)(t − 4) at t = e^q."""
    with balls.precision(128):
        found = zeros(exact([-8, 14, -7, 1]), exact([0, 1, 2, 3]), width=arb(2) ** -90)
        assert [q.contains(arb(t).log()) for q, t in zip(found, (1, 2, 4), strict=True)] == [True] * 3
        assert reach(exact([-8, 14, -7, 1]), exact([0, 1, 2, 3])) > arb(4).log()


def test_what_cannot_be_told_is_refused() -> None:
    with balls.precision(128):
        with pytest.raises(balls.Undecided, match="within 4000 intervals"):
            zeros(exact([1, -2, 1]), exact([0, 1, 2]))  # double at 0
        with pytest.raises(balls.Undecided, match="exponents that may be equal"):
            zeros(exact([1, -1]), exact([1, 1]))
        with pytest.raises(balls.Undecided, match="outermost coefficient"):
            zeros(exact([0, 1, -1]), exact([0, 1, 2]))
        with pytest.raises(balls.Undecided, match="no narrower"):
            zeros(exact([-1, 1]), [arb(0), arb(1, 1e-3)], width=arb(2) ** -200)
