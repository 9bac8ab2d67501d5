"""Gradient descent (10) itself, step by step in balls: what is enclosed is exact descent, not what float64 makes of it.

For few steps of small instances. With G = VᵀV and R = V̂ᵀV̂ the scores are those of Q^(0) plus G X_h R, and X_h moves by
−η_Q ∂𝓛/∂(scores of head h), as in `verify/theories/yang2024/numeric/train.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from flint import arb, arb_mat

from numeric import balls
from numeric.graded import smallest_eigenvalue
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.exact import ExactInstance

HORIZON = 32  # steps that are watched
WORK = 1e7  # products of balls that these may take
BITS = 192


@dataclass(frozen=True)
class EnclosedIterate:
    """θ^(t): X_h (N×K) with Q_h = Q_h^(0) + V X_h V̂ᵀ, w (H×K), the C_k (13), and Â(θ) − A (N×K)."""

    t: int
    X: list[arb_mat]
    w: arb_mat
    C: list[arb_mat]
    offset: arb_mat


def descend(exact: ExactInstance, rates: Rates, steps: int) -> Iterator[EnclosedIterate]:
    """θ^(0), …, θ^(steps) of (10) at these very float64 rates, at the precision in force."""
    N, K, _, H = exact.sizes
    V_T = exact.V.transpose()
    G, R, start = V_T * exact.V, exact.V_hat.transpose() * exact.V_hat, exact.scores()
    left, A = exact.prompt_covariance, exact.minimiser()
    eta_Q, eta_w = arb(rates.eta_Q), arb(rates.eta_w)
    X, w = [arb_mat(N, K) for _ in range(H)], balls.exact(exact.instance.w0)
    for t in range(steps + 1):
        s = [balls.softmax_columns(scores + G * X_h * R) for scores, X_h in zip(start, X, strict=True)]
        weighted = [_times_rows(s_h, [w[h, k] for k in range(K)]) for h, s_h in enumerate(s)]
        offset = sum(weighted, arb_mat(N, K)) - A
        yield EnclosedIterate(t, X, w, _by_token(s, K), offset)
        D = left * offset / K  # ∂𝓛/∂Â
        of_w = [[sum((s_h[j, k] * D[j, k] for j in range(N)), arb(0)) for k in range(K)] for s_h in s]
        of_scores = [
            arb_mat([[one[j, k] * (D[j, k] - inner[k]) for k in range(K)] for j in range(N)])
            for one, inner in zip(weighted, of_w, strict=True)
        ]
        X = [X_h - eta_Q * g for X_h, g in zip(X, of_scores, strict=True)]
        w = w - eta_w * arb_mat(of_w)


@dataclass(frozen=True)
class Seen:
    """θ^(t) of exact descent: 𝓛 − inf 𝓛, the greatest ‖w_h‖, and min_k λ_min(B_kB_kᵀ), which is nan where it is not told from 0."""

    t: int
    gap: arb
    weights: arb
    least: arb
    bits: int


def affordable(exact: ExactInstance) -> int:
    """How many steps are watched at these sizes; 0 where one of them costs too much."""
    N, K, _, H = exact.sizes
    return min(HORIZON, int(WORK // (H * N * K * (K + N))))


def watch(exact: ExactInstance, rates: Rates, steps: int) -> list[Seen]:
    """θ^(0), …, θ^(steps), as they are seen."""
    with balls.precision(BITS):
        root, left = balls.cholesky(exact.M), exact.prompt_covariance
        return [
            Seen(
                one.t,
                balls.inner(one.offset, left * one.offset) / (2 * exact.K),
                _longest(one.w),
                _least(one.C, root),
                BITS,
            )
            for one in descend(exact, rates, steps)
        ]


def _longest(rows: arb_mat) -> arb:
    squares = (sum((x * x for x in row), arb(0)) for row in rows.tolist())
    return reduce(arb.max, squares).max(arb(0)).sqrt()


def _least(C: list[arb_mat], root: arb_mat) -> arb:
    try:
        return min((smallest_eigenvalue(C_k, root) for C_k in C), key=lambda ball: ball.lower())
    except balls.Undecided:
        return arb.nan()


def _times_rows(matrix: arb_mat, row: list[arb]) -> arb_mat:
    return arb_mat([[x * y for x, y in zip(line, row, strict=True)] for line in matrix.tolist()])


def _by_token(s: list[arb_mat], K: int) -> list[arb_mat]:
    columns = [one.transpose().tolist() for one in s]
    return [arb_mat([head[k] for head in columns]).transpose() for k in range(K)]
