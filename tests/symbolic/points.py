"""Points of small size with every letter of the theory: exact rationals, and mpmath at 50 digits from parameters."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from symbolic.evaluate import Point, Ring

FRACTIONS = Ring("exact fraction", Fraction, object, exact=True)
DIGITS = 50
MPMATH = Ring("mpmath", lambda f: mpmath.mpf(f.numerator) / f.denominator, object, exact=True)
Objects = NDArray[Any]


def filled(shape: tuple[int, ...], draw: Any) -> Objects:
    array = np.empty(shape, dtype=object)
    for at in product(*(range(n) for n in shape)):
        array[at] = draw()
    return array


def inverse(matrix: Objects) -> Objects:
    """Gauss–Jordan over whatever the entries are."""
    size = len(matrix)
    work = np.concatenate(
        [matrix, np.array([[row == c for c in range(size)] for row in range(size)]) * 1], axis=1
    )
    for column in range(size):
        pivot = next(row for row in range(column, size) if work[row, column] != 0)
        work[[column, pivot]] = work[[pivot, column]]
        work[column] = work[column] / work[column, column]
        for row in range(size):
            if row != column:
                work[row] = work[row] - work[row, column] * work[column]
    return work[:, size:]


def system(Z: Objects, N: int, mtau: Any) -> tuple[Objects, Objects]:
    """ZᵀZ + mτI_N and ZZᵀ + mτI_m."""
    prompt = Z[:, :N]
    eye = [np.array([[int(r == c) for c in range(n)] for r in range(n)], dtype=object) for n in (N, len(Z))]
    return prompt.T @ prompt + eye[0] * mtau, prompt @ prompt.T + eye[1] * mtau


def exact_point(random: Random, N: int, K: int, m: int, d: int, H: int) -> Point:
    """Random fractions for every letter that has an exact value; s = e r with r Σe = 1; G = M Â − R."""

    def draw() -> Fraction:
        return Fraction(random.randint(-6, 6), random.randint(1, 4))

    tau, gamma = Fraction(random.randint(1, 5), random.randint(1, 5)), Fraction(random.randint(1, 5), 2)
    Z, V, Q = filled((m, K), draw), filled((d, K), draw), filled((H, d, d), draw)
    e = filled((H, N, K), lambda: Fraction(random.randint(1, 9), random.randint(1, 4)))
    r = 1 / e.sum(axis=1)
    s, alpha = e * r[:, None, :], filled((H, K), draw)
    w = gamma * alpha
    Ahat = np.einsum("hk,hjk->jk", w, s)
    M, ridge = system(Z, N, m * tau)
    R = Z[:, :N].T @ Z + np.array([[m * tau * int(j == k) for k in range(K)] for j in range(N)], dtype=object)
    arrays = {
        "Z": Z, "V": V, "Q": Q, "e": e, "r": r, "s": s, "alpha": alpha, "w": w, "Ahat": Ahat, "Minv": inverse(M),
        "Ginv": inverse(ridge), "G": M @ Ahat - R, "lam": filled((m,), draw), "y": filled((K,), draw),
        "xi": filled((N,), draw), "eps": filled((m, K), draw), "x": np.einsum("pj,hpq,qk->hjk", V[:, :N], Q, V),
    }  # fmt: skip
    return Point(FRACTIONS, arrays, {"N": N, "K": K, "m": m, "d": d, "H": H, "tau": tau, "gamma": gamma})


def softmax(V: Objects, Q: Objects, N: int) -> Objects:
    """(28), literally."""
    H, K = len(Q), V.shape[1]
    s = np.empty((H, N, K), dtype=object)
    for h, k in product(range(H), range(K)):
        e = [mpmath.exp(V[:, j] @ Q[h] @ V[:, k]) for j in range(N)]
        s[h, :, k] = [x / mpmath.fsum(e) for x in e]
    return s


def population_loss(Z: Objects, V: Objects, Q: Objects, w: Objects, N: int, tau: Any) -> Any:
    """(8), (9) with E[yyᵀ] = ẐᵀẐ + mτI, token by token."""
    m, K = Z.shape
    s = softmax(V, Q, N)
    moments = Z.T @ Z
    total = mpmath.mpf(0)
    for k in range(K):
        residual = [
            mpmath.fsum(w[h, k] * s[h, j, k] for h in range(len(Q))) if j < N else mpmath.mpf(0)
            for j in range(K)
        ]
        residual[k] -= 1
        for i, j in product(range(K), range(K)):
            total += residual[i] * residual[j] * (moments[i, j] + (m * tau if i == j else 0))
    return total / (2 * K)
