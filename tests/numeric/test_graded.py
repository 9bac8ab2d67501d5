"""λ_min(BBᵀ) from a basis of columns: against exact fractions, against mpmath, and where a Gram matrix cannot tell."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numeric import balls, graded

sizes = st.tuples(st.integers(1, 4), st.integers(0, 3))  # N and H − N


def positive(N, H, spread, seed):
    """N×H positive dyadic entries, exponents uniform in [−spread, 0]."""
    rng = np.random.default_rng(seed)
    return np.ldexp(rng.uniform(1, 2, (N, H)), -rng.integers(0, spread + 1, (N, H)))


def lower(N, seed):
    rng = np.random.default_rng(seed)
    return np.tril(rng.standard_normal((N, N)), -1) + np.diag(rng.uniform(0.5, 2, N))


def truth(C, R, digits=2500):
    """λ_min(RᵀCCᵀR) by mpmath, whose arithmetic and algorithm are others."""
    with mpmath.workdps(digits):
        B = mpmath.matrix(R.tolist()).T * mpmath.matrix(C.tolist())
        value = min(mpmath.eigsy(B * B.T, eigvals_only=True))
        return arb(mpmath.nstr(value, 60))


@settings(deadline=None, max_examples=60)
@given(sizes, st.sampled_from([0, 3, 60, 300]), st.integers(0, 10**6))
def test_both_ways_hold_the_eigenvalue(size, spread, seed):
    N, extra = size
    C, R = positive(N, N + extra, spread, seed), lower(N, seed)
    with balls.precision(400):
        exact = truth(C, R)
    with balls.precision(128):
        found = graded.smallest_eigenvalue(balls.exact(C), balls.exact(R))
        assert found.rel_accuracy_bits() >= 48
        assert found.overlaps(exact)
        assert graded._by_basis(balls.exact(C), balls.exact(R), balls.ACCURACY).overlaps(exact)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(0, 2))
def test_two_rows_against_the_closed_form(seed, extra):
    """λ_min of a 2×2 Gram matrix, with its square root taken over exact fractions."""
    C = positive(2, 2 + extra, 200, seed)
    rows = [[Fraction(x) for x in row] for row in C.tolist()]
    a, b, c = (sum(x * y for x, y in zip(rows[i], rows[j], strict=True)) for i, j in ((0, 0), (0, 1), (1, 1)))
    half, root2 = (a + c) / 2, ((a - c) / 2) ** 2 + b * b
    with balls.precision(3000):
        exact = (
            arb(fmpq(half.numerator, half.denominator)) - arb(fmpq(root2.numerator, root2.denominator)).sqrt()
        )
        assume(exact > 0)
    with balls.precision(128):
        assert graded.smallest_eigenvalue(balls.exact(C), balls.identity(2)).overlaps(exact)


@pytest.mark.parametrize("spread", [10.0, 1e3, 1e6])
def test_saturated_columns_need_no_more_bits(spread):
    """Softmax of scores up to `spread`: a Gram matrix of 128 bits cannot tell the rank, a basis can."""
    scores, R = np.random.default_rng(0).uniform(0, spread, (8, 12)), balls.exact(lower(8, 0))
    with balls.precision(128):
        C = balls.softmax_columns(balls.exact(scores))
        found = graded.smallest_eigenvalue(C, R)
        assert found.rel_accuracy_bits() >= 48
        if spread > 10:
            with pytest.raises(balls.Undecided):
                graded._by_gram(C, R, balls.ACCURACY)
    if spread < 1e4:
        with balls.precision(int(8 * spread)):
            sharp = balls.softmax_columns(balls.exact(scores))
            assert graded._by_gram(sharp, R, balls.ACCURACY).overlaps(found)


@settings(deadline=None, max_examples=30)
@given(sizes, st.integers(0, 10**6))
def test_more_bits_are_at_least_as_sharp(size, seed):
    """Enclosures of the same number: they overlap, and one with twice the bits is no wider."""
    N, extra = size
    C, R = balls.exact(positive(N, N + extra, 40, seed)), balls.exact(lower(N, seed))
    found = []
    for bits in (64, 128, 256, 512):
        with balls.precision(bits):
            try:
                found.append(graded._by_basis(C, R, bits // 2))
            except (balls.Undecided, ZeroDivisionError):
                assert not found  # what few bits decide, more decide too
    assert len(found) >= 3
    for one, other in itertools.pairwise(found):
        assert one.overlaps(other)
        assert other.rad() <= one.rad()


def planted(eigenvalues, seed):
    """C and R with RᵀCCᵀR = U Diag(eigenvalues) Uᵀ, at the precision in force: R = L⁻ᵀ Diag(√eigenvalues) Uᵀ where CCᵀ = LLᵀ."""
    N = len(eigenvalues)
    C = balls.exact(positive(N, N + 2, 30, seed))
    upper = balls.exact(np.triu(np.random.default_rng(seed).standard_normal((N, N)), 1))
    skew = upper - upper.transpose()
    U = (balls.identity(N) - skew) * (balls.identity(N) + skew).inv()
    inverse = balls.cholesky(C * C.transpose()).inv().transpose()
    return C, inverse * balls.diagonal([x.sqrt() for x in eigenvalues]) * U.transpose()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-90, 90), min_size=1, max_size=4), st.integers(0, 10**6))
def test_planted_spectra_of_any_spread(powers, seed):
    with balls.precision(1024):
        C, R = planted([arb(2) ** power for power in powers], seed)
        for found in (
            graded.smallest_eigenvalue(C, R),
            graded._by_gram(C, R, balls.ACCURACY),
            graded._by_basis(C, R, balls.ACCURACY),
        ):
            assert found.contains(arb(2) ** min(powers))
            assert found.rel_accuracy_bits() >= 48


def test_clustered_eigenvalues_need_no_gap():
    with balls.precision(512):
        C, R = planted([1 + arb(2) ** -200, arb(1), 1 + arb(2) ** -37, arb(1)], 3)
        found = graded._by_basis(C, R, balls.ACCURACY)
        assert found.contains(1)
        assert found.rel_accuracy_bits() >= 48


def test_an_eigenvalue_zero_is_never_certified():
    with balls.precision(512), pytest.raises(balls.Undecided):
        graded.smallest_eigenvalue(*planted([arb(1), arb(0), arb(2)], 4))


@pytest.mark.parametrize("columns", [[[1, 1], [1, 1], [1, 1]], [[1, 2], [2, 4], [3, 6]]])
def test_a_deficient_matrix_is_never_certified(columns):
    C = balls.exact(np.array(columns, dtype=float).T)
    with balls.precision(1024), pytest.raises(balls.Undecided):
        graded.smallest_eigenvalue(C, balls.identity(2))


def test_fewer_columns_than_rows_is_deficient():
    with balls.precision(256), pytest.raises(balls.Undecided):
        graded.smallest_eigenvalue(balls.exact(np.array([[1.0], [2.0]])), balls.identity(2))


def test_equal_columns_in_the_best_assignment_leave_it_to_the_gram_matrix():
    """The assignment may choose two equal heads; the rank is there all the same."""
    C = np.array([[0.5, 0.5, 0.4], [0.5, 0.5, 0.4 + 2.0**-20]])
    with balls.precision(128):
        ball = balls.exact(C)
        with pytest.raises((balls.Undecided, ZeroDivisionError)):
            graded._by_basis(ball, balls.identity(2), balls.ACCURACY)
        assert graded.smallest_eigenvalue(ball, balls.identity(2)).overlaps(truth(C, np.eye(2)))


@given(sizes, st.sampled_from([0.0, 5.0, 500.0]), st.integers(0, 10**6))
def test_the_powers_of_two_are_a_dual_solution(size, spread, seed):
    """Up to rounding of r and s to whole numbers: no scaled entry is above 2, matched ones are about 1, and s ≥ 0."""
    N, extra = size
    weights = -spread * np.random.default_rng(seed).random((N, N + extra))
    columns, r, s = (np.array(found) for found in graded.basis(weights))
    assert len(set(columns.tolist())) == N
    rest = np.setdiff1d(np.arange(N + extra), columns)
    slack = r[:, None] + s - weights[:, columns]
    assert (slack > -1.01).all()
    assert (abs(np.diag(slack)) < 1.01).all()
    assert (s >= 0).all()
    assert (r[:, None] - weights[:, rest] > -0.51).all()
    best = max(
        sum(weights[i, j] for i, j in enumerate(order))
        for order in itertools.permutations(range(N + extra), N)
    )
    assert np.isclose(weights[np.arange(N), columns].sum(), best)


def test_an_entry_that_may_be_zero_is_undecided():
    C = arb_mat([[arb(0, 1), arb(1)], [arb(1), arb(2)]])
    with balls.precision(128), pytest.raises(balls.Undecided):
        graded.smallest_eigenvalue(C, balls.identity(2))
