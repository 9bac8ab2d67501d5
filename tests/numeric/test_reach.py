"""inf_θ 𝓛 where A2 fails: both bounds against other programs, and against parameters that were found otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.dictionaries import digits, synthetic
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import Quadratic, label_covariance, least_squares
from verify.theories.yang2024.numeric.reach import NEAR, Reach, enclose_reach


def reach(i: Instance) -> Reach:
    exact = ExactInstance(i)
    constants = enclose_constants(exact)
    return enclose_reach(exact, constants.infimum, constants.loss0)


def quadratic(i: Instance) -> Quadratic:
    return least_squares(label_covariance(i), i.N)


def by_bounds(i: Instance) -> float:
    """The least over columns of one sign, by a solver with bounds."""
    q, total = quadratic(i), 0.0
    for a in q.A.T:
        ways = [
            scipy.optimize.lsq_linear(q.root, sign * q.root @ a, (0, np.inf), tol=1e-14) for sign in (1, -1)
        ]
        total += min(2 * way.cost for way in ways)
    return q.infimum + total / (2 * i.K)


ONE_HEAD = digits(N=3, K=8, m=4, H=1)


@pytest.mark.parametrize(
    "i", [ONE_HEAD, digits(N=5, K=20, m=4, H=1), replace(ONE_HEAD, tasks=TaskLaw(mean=0.7, std=0.5))],
    ids=["3 of 8", "5 of 20", "another law of tasks"],
)  # fmt: skip
def test_one_head_leaves_what_a_solver_with_bounds_leaves(i: Instance) -> None:
    found, other = reach(i), by_bounds(i)
    assert float(found.lower) <= other * (1 + 1e-9)
    assert float(found.upper) >= other * (1 - 1e-9)
    assert found.upper - found.lower <= 2 * NEAR * found.lower
    assert found.lower > found.least
    assert found.gap.overlaps(found.start - found.infimum)


def test_the_infimum_that_was_excluded_lies_between() -> None:
    """min_Â 𝓛 is 0.309036 here, and inf_θ 𝓛 at least 0.326557."""
    found = reach(ONE_HEAD)
    assert float(found.least) == pytest.approx(0.309036, abs=1e-6)
    assert float(found.lower) == pytest.approx(0.326558, abs=1e-6)


def test_descent_in_all_parameters_stays_above() -> None:
    i, q = ONE_HEAD, quadratic(ONE_HEAD)
    rng = np.random.default_rng(0)

    def loss(x: np.ndarray) -> float:
        scores = i.V.T @ x[: i.d * i.d].reshape(i.d, i.d) @ i.tokens
        s = np.exp(scores - scores.max(axis=0))
        return q.infimum + q.gap(x[i.d * i.d :] * s / s.sum(axis=0))

    # The scores have 24 entries and Q 4096: descent in a random plane of 40 directions is enough to come near.
    for _ in range(2):
        plane = rng.standard_normal((i.d * i.d + i.K, 40))
        found = scipy.optimize.minimize(
            lambda c, plane=plane: loss(plane @ c), 0.01 * rng.standard_normal(40), options={"maxiter": 40}
        )
        assert found.fun > float(reach(i).lower)


def test_two_heads_come_to_the_minimum_where_tokens_are_independent() -> None:
    found = reach(digits(N=3, K=8, m=4, H=2))
    assert found.lower <= found.least
    assert found.upper >= found.least
    assert found.upper - found.least <= NEAR * found.least


def test_where_scores_are_not_free_the_bounds_are_apart_and_both_stand() -> None:
    """Eight tokens in three dimensions: no θ is known that comes to the lower bound, and each that is known lies above."""
    i = synthetic(N=3, K=8, d=3, m=4, H=1, tau=0.3, beta=1.0, seed=0)
    found = reach(i)
    assert found.least < found.lower
    assert found.lower < found.upper
    assert found.upper <= found.start
    assert float(found.lower) == pytest.approx(by_bounds(i), rel=1e-7)


@pytest.mark.parametrize(
    ("change", "E"),
    [
        (lambda tokens: np.insert(np.delete(tokens, 1, axis=1), 1, tokens[:, 0], axis=1), np.array([[1, 0], [1, 0], [0, 1]])),
        (lambda tokens: np.insert(np.delete(tokens, 6, axis=1), 6, 0.0, axis=1), None),
    ],
    ids=["equal prompt tokens", "a token that is zero"],
)  # fmt: skip
def test_columns_that_cannot_be_had_by_any_number_of_heads(change, E) -> None:
    i = synthetic(N=3, K=8, d=8, m=4, H=5, tau=0.3, beta=1.0, seed=0)
    i = replace(i, tokens=change(i.tokens))
    q = quadratic(i)
    ones, left = np.ones((3, 1)), 0.0
    for k in range(i.K):
        shape = ones if E is None and k == 6 else np.eye(3) if E is None else E
        M, b = q.root @ shape, q.root @ q.A[:, k]
        left += float(np.sum((M @ np.linalg.lstsq(M, b)[0] - b) ** 2))
    found = reach(i)
    assert float(found.lower) == pytest.approx(q.infimum + left / (2 * i.K), rel=1e-7)
    assert found.upper - found.lower <= 2 * NEAR * found.lower
