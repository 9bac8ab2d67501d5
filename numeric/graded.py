"""λ_min(BBᵀ) of B = Z̄C (13), whatever the orders of magnitude that the entries of C > 0 span.

A saturated softmax gives entries from 1 down to 1e-1000. A Gram matrix adds their squares up, and the small ones vanish in
the rounding of the large ones: its λ_min takes as many bits as the entries span. But where a few entries lead each sum,
C is ill-conditioned by its scale alone, and scale is exact. N of its columns, S, are chosen so that the product of a
matching's entries is as large as can be. Then, with X = C_S⁻¹ C_rest,

    C Cᵀ = C_S (I + XXᵀ) C_Sᵀ,     1/λ_min(BBᵀ) = ρ(Z̄⁻¹ C_S⁻ᵀ (I + XXᵀ)⁻¹ C_S⁻¹ Z̄⁻¹),

where the entries of X are of order one (Cramer's rule), and C_S is, but for powers of two on its rows and columns, a
matrix with entries of order one on its diagonal and below elsewhere. Any choice of columns and powers gives an enclosure;
a good one gives a sharp one.
"""

from __future__ import annotations

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from numeric import balls

Array = NDArray[np.float64]


def smallest_eigenvalue(C: arb_mat, R: arb_mat, accuracy: int = balls.ACCURACY) -> arb:
    """λ_min(Rᵀ C Cᵀ R) for C (N×H, entries > 0) of rank N and an invertible R (N×N): that of BBᵀ where RRᵀ = Z̄².

    From the Gram matrix where that is sharp, otherwise from a basis of columns. Raises Undecided where this precision
    does not certify rank N.
    """
    found: arb | None = None
    for method in (_by_gram, _by_basis):
        try:
            ball = method(C, R, accuracy)
        except (balls.Undecided, ZeroDivisionError):  # flint's word for "this matrix may be singular"
            continue
        if ball > 0 and (found is None or ball.rel_accuracy_bits() > found.rel_accuracy_bits()):
            found = ball
        if found is not None and found.rel_accuracy_bits() >= accuracy - 4:
            return found
    if found is None:
        raise balls.Undecided("rank N is not certain")
    return found


def _by_gram(C: arb_mat, R: arb_mat, accuracy: int) -> arb:
    B = R.transpose() * C
    return balls.lambda_min_positive(B * B.transpose(), accuracy)


def _by_basis(C: arb_mat, R: arb_mat, accuracy: int) -> arb:
    """The second formula above: no sum of squares of entries of different scale."""
    N, H = C.nrows(), C.ncols()
    if H < N:
        raise balls.Undecided("fewer columns than rows")
    columns, r, s = basis(_logarithms(C))
    chosen = set(columns)
    down = [arb(2) ** -x for x in r]
    left = [arb(2) ** -x for x in s]
    scaled = [[x * scale for x in row] for row, scale in zip(C.tolist(), down, strict=True)]
    S = arb_mat([[row[j] * scale for j, scale in zip(columns, left, strict=True)] for row in scaled])
    inverse = R.inv().tolist()
    right = [
        [row[h] for h in range(H) if h not in chosen] + [inverse[j][i] * down[i] for j in range(N)]
        for i, row in enumerate(scaled)
    ]
    solved = S.solve(arb_mat(right)).tolist()
    X = (
        arb_mat([[x * scale for x in row[: H - N]] for row, scale in zip(solved, left, strict=True)])
        if H > N
        else None
    )
    Y = arb_mat([[x * scale for x in row[H - N :]] for row, scale in zip(solved, left, strict=True)])
    middle = Y if X is None else (balls.identity(N) + X * X.transpose()).solve(Y)
    return 1 / balls.spectral_radius(Y.transpose() * middle, accuracy)


def basis(logarithms: Array) -> tuple[list[int], list[int], list[int]]:
    """Columns j_1..j_N and whole numbers r, s with C[i, j_l] ≲ 2^(r_i + s_l), ≈ for l = i, and C[i, h] ≲ 2^(r_i) elsewhere.

    logarithms  log2 of the entries of C, (N, H), H ≥ N, finite. The columns are an assignment of largest sum; r and s
    solve its dual problem with r as large as it can be.
    """
    from scipy.optimize import linear_sum_assignment  # 0.2 s to import: only where attention saturates

    columns = np.asarray(linear_sum_assignment(logarithms, maximize=True)[1])
    weights = logarithms[:, columns]
    r = top = np.diag(weights)
    for _ in range(len(r)):  # shortest paths: r_j ≤ r_i − (weights_ij − weights_jj), and s ≥ 0
        shorter = np.minimum(r, (r[:, None] - (weights - top)).min(axis=0))
        if (shorter == r).all():
            break
        r = shorter
    return columns.tolist(), [round(x) for x in r.tolist()], [round(x) for x in (top - r).tolist()]


def _logarithms(C: arb_mat) -> Array:
    """log2 of the entries' midpoints, in float64. Raises Undecided where one is not positive."""
    with balls.precision(32):
        found = np.array([[float(x.mid().log()) for x in row] for row in C.tolist()]) / np.log(2)
    if not np.isfinite(found).all():
        raise balls.Undecided("an entry of C may be zero")
    return np.asarray(found)
