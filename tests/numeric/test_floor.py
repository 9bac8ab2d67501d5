"""The least-squares floor against brute force, its ranks on constructed attention, and its words."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.floor import frozen_descent, frozen_floor, why_deficient
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.spectrum import attention
from verify.theories.yang2024.numeric.train import train

sizes = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2), st.integers(0, 10**6))


def instance(N=3, K=5, H=2, seed=0, **changes):
    return replace(synthetic(N=N, K=K, d=4, m=3, H=H, tau=0.3, beta=2.0, seed=seed), **changes)


def gap_at(i, s, w):
    quadratic = least_squares(label_covariance(i), i.N)
    return quadratic.gap(np.einsum("hnk,hk->nk", s, w))


@pytest.mark.parametrize("tasks", [TaskLaw(), TaskLaw(mean=0.7, std=0.5)])
def test_a_general_minimiser_finds_the_same_floor(tasks):
    i = instance(N=4, H=2, tasks=tasks)
    s = attention(i)
    found = scipy.optimize.minimize(
        lambda w: gap_at(i, s, w.reshape(i.H, i.K)), np.zeros(i.H * i.K), options={"gtol": 1e-10}
    )
    floor = frozen_floor(i, s)
    assert floor.gap == pytest.approx(found.fun, rel=1e-7)
    assert gap_at(i, s, floor.w) == pytest.approx(floor.gap, rel=1e-12)
    assert found.x.reshape(i.H, i.K) == pytest.approx(floor.w, abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_each_token_is_a_least_squares_problem_of_its_own(drawn):
    N, H, more, seed = drawn
    i = instance(N=N, K=N + more, H=H, seed=seed)
    s, quadratic = attention(i), least_squares(label_covariance(i), N)
    floor = frozen_floor(i, s)
    for k in range(i.K):
        M, b = quadratic.root @ s[:, :, k].T, quadratic.root @ quadratic.A[:, k]
        w, _, rank, singular = np.linalg.lstsq(M, b, rcond=floor.tolerance)
        assert (rank, singular) == (floor.rank[k], pytest.approx(floor.singular[k]))
        assert np.linalg.norm(M @ (floor.w[:, k] - w)) <= 1e-9 * np.linalg.norm(b)
        assert floor.gaps[k] == pytest.approx(np.sum((M @ w - b) ** 2) / (2 * i.K), rel=1e-9, abs=1e-20)
        assert floor.missed[k] == pytest.approx(np.linalg.norm(M @ w - b) / np.linalg.norm(b), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(sizes, st.floats(0.01, 10))
def test_no_weights_lie_below_the_floor_and_a_head_more_does_not_raise_it(drawn, size):
    N, H, more, seed = drawn
    i = instance(N=N, K=N + more, H=H + 1, seed=seed)
    s, rng = attention(i), np.random.default_rng(seed)
    fewer = replace(i, H=H)
    floor, before = frozen_floor(i, s), frozen_floor(fewer, s[:H])
    assert floor.gap <= before.gap * (1 + 1e-9)
    for _ in range(5):
        w = floor.w + size * rng.standard_normal(floor.w.shape)
        assert gap_at(i, s, w) >= floor.gap * (1 - 1e-9)


def test_full_rank_is_a_floor_of_exactly_zero_that_the_weights_attain():
    i = instance(N=3, H=9)
    floor = frozen_floor(i, attention(i))
    assert floor.gap == 0.0
    assert not floor.gaps.any()
    assert (floor.rank == 3).all()
    assert not len(floor.unreached)
    assert gap_at(i, attention(i), floor.w) < 1e-24
    assert why_deficient(i, attention(i), floor, 0) == ""


def softmax(i, columns):
    """The same attention for each token: columns (N, H)."""
    return np.repeat(np.array(columns, dtype=float).T[:, :, None], i.K, axis=2)


DEPENDENT = "the softmax columns are linearly dependent to rounding, no two of them equal"
ONE = "no head attends to prompt tokens 2, 3; 3 of 3 heads are saturated, on token 1"
TWO = "no head attends to prompt token 3; 3 of 3 heads are saturated, on tokens 1, 2"


@pytest.mark.parametrize(
    ("columns", "rank", "said"),
    [
        ([[1, 1, 1], [0, 0, 0], [0, 0, 0]], 1, ONE),
        ([[1, 0, 0], [0, 1, 1], [0, 0, 0]], 2, TWO),
        ([[0.5, 0.2, 0.5], [0.3, 0.2, 0.3], [0.2, 0.6, 0.2]], 2, "only 2 of 3 softmax columns differ (heads 1 = 3)"),
        ([[0.6, 0.2, 0.4], [0.2, 0.6, 0.4], [0.2, 0.2, 0.2]], 2, DEPENDENT),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 3, ""),
    ],
)  # fmt: skip
def test_rank_and_cause_of_attention_that_was_made_so(columns, rank, said):
    i = instance(N=3, H=3)
    s = softmax(i, columns)
    floor = frozen_floor(i, s, tolerance=1e-12)
    assert (floor.rank == rank).all()
    assert why_deficient(i, s, floor, 0) == said
    assert (floor.gap > 0) == (rank < 3)


def test_one_head_and_equal_prompt_tokens_are_named():
    few = instance(N=3, H=2)
    floor = frozen_floor(few, attention(few))
    assert (floor.rank == 2).all()
    assert why_deficient(few, attention(few), floor, 1) == "2 heads span at most 2 of 3 directions"
    tokens = few.tokens.copy()
    tokens[:, 2] = tokens[:, 0]
    twice = instance(N=3, H=9, tokens=tokens)
    floor = frozen_floor(twice, attention(twice))
    assert (floor.rank == 2).all()
    said = why_deficient(twice, attention(twice), floor, 1)
    assert said == "equal prompt tokens 1 = 3 always get equal attention"


def test_a_target_inside_the_span_is_reached_in_spite_of_the_rank():
    i = instance(N=3, H=1)
    A = least_squares(label_covariance(i), 3).A
    column = np.abs(A[:, 4]) / np.abs(A[:, 4]).sum()  # any column; token 5's target is made to lie along it
    quadratic = replace(
        least_squares(label_covariance(i), 3), A=np.repeat((2 * column)[:, None], i.K, axis=1)
    )
    floor = frozen_floor(i, softmax(i, column[:, None]), quadratic)
    assert (floor.rank == 1).all()
    assert floor.w == pytest.approx(2)
    assert not len(floor.unreached)


def test_features_that_leave_the_root_singular_are_named():
    i = instance(N=3, H=9, features=np.ones((1, 5)), tau=1e-13)
    s = attention(i)
    floor = frozen_floor(i, s, tolerance=1e-6)
    assert (floor.rank == 1).all()
    assert why_deficient(i, s, floor, 0) == "Z̄ is singular to rounding"


def test_attention_of_another_shape_or_not_finite_is_refused():
    i = instance()
    with pytest.raises(InputError, match="needs 2 x 3 x 5 finite numbers"):
        frozen_floor(i, attention(i)[:1])
    with pytest.raises(InputError, match="finite numbers"):
        frozen_floor(i, np.full((2, 3, 5), np.nan))


@pytest.mark.parametrize("eta_w", [0.02, 0.3])
@pytest.mark.parametrize("H", [1, 8])
def test_descent_in_w_alone_is_known_in_closed_form(H, eta_w):
    i = instance(N=3, H=H)
    i = replace(i, w_given=np.random.default_rng(0).standard_normal((H, i.K)))
    frozen = frozen_descent(i, attention(i), eta_w)
    stepped = train(i, Rates(1.0, 1e-300, eta_w), max_steps=60)
    assert [frozen.gap(t) for t in range(61)] == pytest.approx(stepped.gap, rel=1e-9)
    for target in (stepped.gap[0], stepped.gap[1], stepped.gap[40]):
        assert frozen.first(target * (1 + 1e-9)) == np.flatnonzero(stepped.gap <= target * (1 + 1e-9))[0]


def test_descent_in_w_alone_ends_at_the_floor():
    i = instance(N=3, H=2)
    frozen, floor = frozen_descent(i, attention(i), 0.3), frozen_floor(i, attention(i))
    assert frozen.gap(10**6) == pytest.approx(floor.gap, rel=1e-12)
    assert frozen.first(floor.gap * 0.999) is None
    assert frozen.first(floor.gap * 1.001) < 10**6


def test_rates_next_to_zero_count_their_steps_and_too_large_ones_diverge():
    i = instance(N=3, H=8)
    slow, slower = (frozen_descent(i, attention(i), rate) for rate in (1e-6, 1e-26))
    target = slow.gap(0) / 1000
    assert slower.first(target) == pytest.approx(slow.first(target) * 10**20, rel=1e-5)
    fast = frozen_descent(i, attention(i), 1e3)
    assert fast.gap(10**4) == np.inf
    assert fast.first(target) is None
