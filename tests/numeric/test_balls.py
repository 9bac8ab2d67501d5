"""Enclosures contain the truth, certificates are refused where they would be false."""

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numeric import balls
from numeric.errors import InputError

finite = st.floats(-1e3, 1e3, allow_nan=False)
exponents = st.lists(st.integers(-90, 90), min_size=1, max_size=6)


def orthogonal(n: int, seed: int) -> arb_mat:
    """A random rational orthogonal matrix (Cayley), enclosed at the current precision."""
    upper = np.triu(np.random.default_rng(seed).standard_normal((n, n)), 1)
    skew = balls.exact(upper - upper.T)
    return (balls.identity(n) - skew) * (balls.identity(n) + skew).inv()


def planted(eigenvalues: list[arb], seed: int) -> arb_mat:
    U = orthogonal(len(eigenvalues), seed)
    return U * balls.diagonal(eigenvalues) * U.transpose()


def accurate(ball: arb, bits: int = 30) -> bool:
    return ball.rel_accuracy_bits() >= bits


def test_precision_is_restored_after_an_error():
    before = ctx.prec
    with pytest.raises(ZeroDivisionError), balls.precision(777):
        1 / (ctx.prec - 777)
    assert ctx.prec == before


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_conversion_is_exact(x):
    entry = balls.exact(np.array([[x]]))[0, 0]
    assert entry.is_exact()
    assert Fraction(int(entry.fmpq().p), int(entry.fmpq().q)) == Fraction(x)


@pytest.mark.parametrize("array", [np.array([[np.nan]]), np.array([[np.inf]]), np.zeros(3)])
def test_conversion_refuses_what_has_no_exact_value(array):
    with pytest.raises(InputError, match="matrix"):
        balls.exact(array)


@given(st.lists(finite, min_size=1, max_size=6), st.integers(0, 2))
def test_softmax_is_positive_sums_to_one_and_agrees_with_higher_precision(column, power):
    scores = balls.exact(np.array(column)[:, None] * 10.0**power)
    shares = balls.softmax_columns(scores).entries()
    assert all(share > 0 for share in shares)
    assert sum(shares).contains(1)
    with balls.precision(600):
        sharp = balls.softmax_columns(scores).entries()
    assert all(coarse.overlaps(fine) for coarse, fine in zip(shares, sharp, strict=True))


def test_softmax_of_scores_past_double_precision():
    with balls.precision(128):
        shares = balls.softmax_columns(balls.exact(np.array([[0.0], [-2000.0]])))
        assert shares[1, 0].overlaps(arb(-2000).exp() / (1 + arb(-2000).exp()))
        assert accurate(shares[1, 0])
        assert 0 < shares[1, 0] < arb(10) ** -800


@settings(deadline=None, max_examples=40)
@given(exponents, st.integers(0, 99))
def test_extreme_eigenvalues_of_a_planted_spectrum(powers, seed):
    with balls.precision(1024):
        eigenvalues = [arb(2) ** power for power in powers]
        S = planted(eigenvalues, seed)
        for enclosure, truth in (
            (balls.lambda_min_positive(S), min(powers)),
            (balls.lambda_min_enclosure(S), min(powers)),
            (balls.lambda_max_enclosure(S), max(powers)),
            (balls.spectral_radius(S), max(powers)),
            (balls.spectral_norm(S), max(powers)),
        ):
            assert enclosure.contains(arb(2) ** truth)
            assert accurate(enclosure)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6), st.integers(0, 99))
def test_indefinite_matrices_are_enclosed_and_never_certified(eigenvalues, seed):
    with balls.precision(256):
        S = planted([arb(x) for x in eigenvalues], seed)
        assert balls.lambda_min_enclosure(S).contains(min(eigenvalues))
        assert balls.lambda_max_enclosure(S).contains(max(eigenvalues))
        definite = balls.is_positive_definite(S)
        assert definite is (True if min(eigenvalues) > 0 else definite)
        if min(eigenvalues) <= 0:
            assert definite is not True
            with pytest.raises(balls.Undecided):
                balls.cholesky(S)
            with pytest.raises(balls.Undecided):
                balls.lambda_min_positive(S)
        if min(eigenvalues) < 0:
            assert definite is False


@settings(deadline=None, max_examples=20)
@example(n=4, spread=200, seed=0)  # at 64 bits positive definiteness is certain and the inverse is not
@given(st.integers(1, 4), st.sampled_from([0, 20, 200]), st.integers(0, 10**6))
def test_more_bits_are_as_sharp_and_all_hold_what_mpmath_finds(n, spread, seed):
    """λ_min, λ_max and norm of a Gram matrix of dyadic entries over 2·spread orders of two, at 64 to 1024 bits."""
    rng = np.random.default_rng(seed)
    X = np.ldexp(rng.standard_normal((n, n + 1)), rng.integers(-spread, spread + 1, (n, n + 1)))
    with mpmath.workdps(900):
        exact = mpmath.matrix(X.tolist())
        values = mpmath.eigsy(exact * exact.T, eigvals_only=True)
        least, most = (mpmath.nstr(value, 400) for value in (min(values), max(values)))
    found: list[tuple[arb, ...]] = []
    for bits in (64, 128, 256, 1024):
        with balls.precision(bits):
            S = balls.exact(X) * balls.exact(X).transpose()
            try:
                row = (
                    balls.lambda_min_positive(S),
                    balls.lambda_max_enclosure(S),
                    balls.spectral_norm(balls.exact(X)) ** 2,
                )
            except balls.Undecided:
                assert not found  # what few bits decide, more decide too
                continue
            assert row[0].overlaps(arb(least))
            assert row[1].overlaps(arb(most))
            assert row[2].overlaps(arb(most))
            found.append(row)
    assert found
    for fewer, more in itertools.pairwise(found):
        assert all(x.overlaps(y) for x, y in zip(fewer, more, strict=True))
        assert all(
            y.rel_accuracy_bits() >= min(30, x.rel_accuracy_bits()) for x, y in zip(fewer, more, strict=True)
        )


def test_clustered_eigenvalues_need_no_gap():
    with balls.precision(512):
        eigenvalues = [1 + arb(2) ** -200, arb(1), 1 + arb(2) ** -37, arb(1)]
        assert accurate(balls.lambda_min_positive(planted(eigenvalues, 3)))


@pytest.mark.parametrize("bits", [96, 256])
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=4), st.integers(0, 99))
def test_positive_root_needs_no_gap_and_squares_back(bits, exponents, seed):
    """Eigenvalues 10^e, equal ones among them; the root of the planted matrix is planted too."""
    with balls.precision(bits):
        roots = [arb(10) ** e for e in exponents]
        S, truth = planted([x * x for x in roots], seed), planted(roots, seed)
        try:
            root = balls.positive_root(S)
        except balls.Undecided:
            assert bits < 128
            return
        assert (root * root).overlaps(S)
        assert root.overlaps(truth)
        if bits == 256:
            assert all(accurate(x, 64) for x in root.entries() if abs(x) > arb(10) ** -9)


def test_positive_root_refuses_what_is_singular():
    with pytest.raises((balls.Undecided, ZeroDivisionError)), balls.precision(128):
        balls.positive_root(balls.exact(np.array([[1.0, 1.0], [1.0, 1.0]])))


def test_norms_as_sharp_as_they_are_asked_for():
    """Equal largest singular values, where traces of powers converge slowest."""
    with balls.precision(256):
        S = planted([arb(3), arb(3), arb(1)], 5)
        assert balls.spectral_norm(S, 120).rel_accuracy_bits() >= 120
        assert balls.spectral_norm(S, 120).contains(3)


def test_a_tiny_eigenvalue_is_decided_by_raising_the_precision():
    def smallest() -> arb:
        return balls.lambda_min_positive(planted([arb(1), arb(10) ** 200, arb(10) ** -200], 1))

    value, bits = balls.refine(smallest, lambda ball: [ball])
    with balls.precision(bits):
        assert value.contains(arb(10) ** -200)
    assert bits >= 2048


def test_a_singular_matrix_stays_undecided():
    C = balls.exact(np.array([[1.0, 3.0], [1.0, 3.0]]))
    with pytest.raises(balls.Undecided, match="not decided with 512 bits"):
        balls.refine(lambda: balls.lambda_min_positive(C * C.transpose()), lambda ball: [ball], limit=512)


def test_a_ball_around_zero_is_undecided_and_the_zero_matrix_is_not():
    with pytest.raises(balls.Undecided):
        balls.spectral_radius(arb_mat([[arb(0, 1e-30)]]))
    assert balls.spectral_radius(arb_mat(2, 2)) == 0


@given(st.integers(1, 5), st.integers(0, 99))
def test_cholesky_gives_back_its_matrix(n, seed):
    X = np.random.default_rng(seed).standard_normal((n, n + 2))
    with balls.precision(128):
        S = balls.exact(X) * balls.exact(X).transpose()
        R = balls.cholesky(S)
        assert (R * R.transpose()).overlaps(S)
        assert all(R[i, j].is_zero() for i in range(n) for j in range(i + 1, n))


@given(st.integers(0, 50))
def test_gram_certificate_agrees_with_the_enclosure(seed):
    rng = np.random.default_rng(seed)
    C, F = balls.exact(rng.random((3, 6))), balls.exact(rng.standard_normal((3, 3)))
    with balls.precision(192):
        M = F * F.transpose() + balls.identity(3)
        G = balls.cholesky(M).transpose() * C
        smallest = balls.lambda_min_positive(G * G.transpose())
        assert balls.gram_exceeds(C, M, smallest * (1 - arb(2) ** -25)) is True
        assert balls.gram_exceeds(C, M, smallest * (1 + arb(2) ** -25)) is False


@given(st.floats(-1e300, 1e300), st.floats(0, 1))
def test_outward_rounding(middle, relative_radius):
    ball = arb(middle, abs(middle) * relative_radius)
    below, above = balls.float_down(ball), balls.float_up(ball)
    assert arb(below) <= ball <= arb(above)
    assert balls.ceiling(ball) - 1 < ball.upper() <= balls.ceiling(ball)


def test_rounding_past_float64():
    assert balls.float_up(arb(10) ** 400) == math.inf
    assert balls.float_down(arb(10) ** 400) > 1e308
    assert balls.float_up(arb("nan")) == math.inf
    assert balls.ceiling(arb(fmpq(7, 2))) == 4
    assert balls.ceiling(arb(fmpq(-7, 2))) == -3
    assert balls.ceiling(arb(2) ** 300) == 2**300
    with pytest.raises(balls.Undecided):
        balls.ceiling(arb("nan"))
    with pytest.raises(balls.Undecided, match=r"near 10\^\(3e\+11\), too large to write out"):
        balls.ceiling(arb(2) ** 996578428466)  # it would take 125 GB


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_norms_of_rectangular_matrices(n, columns, seed):
    X = np.random.default_rng(seed).standard_normal((n, columns))
    with balls.precision(128):
        ball = balls.exact(X)
        assert float(balls.spectral_norm(ball)) == pytest.approx(np.linalg.norm(X, 2), rel=1e-9)
        assert float(balls.frobenius(ball)) == pytest.approx(np.linalg.norm(X), rel=1e-12)
        part = balls.block(ball, range(n), range(columns - 1, columns))
        assert float(balls.inner(part, part)) == pytest.approx(np.sum(X[:, -1] ** 2), rel=1e-12)
