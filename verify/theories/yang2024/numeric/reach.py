"""What the loss (9) can come down to over θ = (Q, w), enclosed, where it is not known that some θ attains the minimum over Â.

Below: column k of Â(θ) is Σ_h w_{h,k} s_k^h with softmax columns s_k^h. One head gives a column whose entries have one sign; equal tokens
of the prompt give equal entries, and a token that is zero gives equal entries throughout. Each column is relaxed to all vectors of
that kind, and the least of (9) over them is bounded by its dual. Two heads or more give any column of that kind.
Above: the loss of explicit parameters, in balls.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

import numpy as np
from flint import arb, arb_mat, fmpq
from numpy.typing import NDArray

from numeric import balls
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.floor import frozen_floor
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.spectrum import attention

Array = NDArray[np.float64]
BITS = 256
FAR = 60.0  # below the largest score: the softmax of what should be 0 is e⁻⁶⁰
NEAR = 1e-6  # relative: bounds as near as this need no other parameters
DIGITS = 8
MOST = 10**6  # softmax weights that are enclosed


@dataclass(frozen=True)
class Reach:
    """lower ≤ inf_θ 𝓛 ≤ upper, both certified.

    least    min_Â 𝓛, which is at most inf_θ 𝓛
    start    𝓛(θ^(0)), which is at least inf_θ 𝓛
    """

    least: arb
    lower: arb
    upper: arb
    start: arb

    @property
    def infimum(self) -> arb:
        """inf_θ 𝓛, from lower to upper."""
        return self.lower.union(self.upper)

    @property
    def gap(self) -> arb:
        """Δ^(0) (11) = 𝓛(θ^(0)) − inf_θ 𝓛."""
        return (self.start - self.upper).union(self.start - self.lower)


def enclose_reach(exact: ExactInstance, least: arb, start: arb) -> Reach:
    """Both bounds, from `least` = min_Â 𝓛 and `start` = 𝓛(θ^(0))."""
    with balls.precision(BITS):
        excess, best = _relaxed(exact)
        lower, upper = least + excess / (2 * exact.K), start
        for Q, heads in _candidates(exact.instance, best):
            if upper - lower <= NEAR * abs(lower):
                break
            if not np.isfinite(Q).all():
                continue  # tokens so short that no float64 Q gives these scores
            found = _loss(replace(exact.instance, Q_given=Q, H=heads, w_given=None))
            upper = min(upper, found, key=lambda ball: ball.upper())
        return Reach(
            least, _outward(lower.lower(), ROUND_FLOOR), _outward(upper.upper(), ROUND_CEILING), start
        )


def _outward(end: arb, rounding: str) -> arb:
    """The end with DIGITS digits, away from the other one: what float64 makes of the parameters above differs with the processor."""
    float_end = balls.float_up(end) if rounding == ROUND_CEILING else balls.float_down(end)
    decimal = Context(prec=DIGITS, rounding=rounding).create_decimal(float_end)
    return arb(fmpq(*decimal.as_integer_ratio()))


def _relaxed(exact: ExactInstance) -> tuple[arb, Array]:
    """Σ_k of what column k must miss, bounded from below, and columns near the best ones, (N, K) in float64."""
    i, A = exact.instance, exact.minimiser()
    best, excess = np.zeros((i.N, i.K)), arb(0)
    zero = np.array([not token.any() for token in i.tokens.T])
    for tokens, E in ((np.flatnonzero(~zero), _alike(i.V.T)), (np.flatnonzero(zero), np.ones((i.N, 1)))):
        if i.H > 1 and E.shape[1] == i.N:  # nothing is missed
            best[:, tokens] = _floats(_chosen(A, tokens))
        elif len(tokens):
            one_sign = i.H == 1 and not zero[tokens[0]]
            rows = _chosen(exact.label_covariance[0], tokens)
            missed, best[:, tokens] = _missed(exact, _chosen(A, tokens), rows, E, one_sign=one_sign)
            excess += missed
    return excess, best


def _missed(
    exact: ExactInstance, A: arb_mat, rows: arb_mat, E: Array, *, one_sign: bool
) -> tuple[arb, Array]:
    """Over g, with all entries of one sign where it is asked for, (Eg − a)ᵀP(Eg − a) is gᵀSg − 2bᵀg + c for each column a: Σ of bounds
    from below of the least, and columns Eg near it.

    For any λ ≥ 0 the least over g ≥ 0 is at least c − (b + λ/2)ᵀS⁻¹(b + λ/2), and with λ = 0 that is the least over all g.
    """
    groups = balls.exact(E)
    S, right = groups.transpose() * exact.prompt_covariance * groups, groups.transpose() * rows
    S_float, b = _floats(S), _floats(right)
    found: list[tuple[list[arb], Array]] = []
    for sign in (1, -1) if one_sign else (1,):
        g, multiplier = _one_sign(S_float, sign * b) if one_sign else (_solved(S_float, b), np.zeros_like(b))
        shifted = sign * right + balls.exact(multiplier / 2)
        solved = S.solve(shifted).transpose().tolist()
        taken = [
            sum((x * y for x, y in zip(*pair, strict=True)), arb(0))
            for pair in zip(shifted.transpose().tolist(), solved, strict=True)
        ]
        found.append((taken, sign * g))
    missed, best = arb(0), np.zeros((len(E), b.shape[1]))
    whole = [balls.inner(*pair) for pair in zip(_split(A), _split(rows), strict=True)]
    for k, c in enumerate(whole):
        least, g = min(((c - taken[k], g[:, k]) for taken, g in found), key=lambda pair: pair[0].lower())
        missed, best[:, k] = missed + least.max(arb(0)), E @ g
    return missed, best


def _chosen(matrix: arb_mat, tokens: NDArray[np.intp]) -> arb_mat:
    return arb_mat([[row[k] for k in tokens] for row in matrix.tolist()])


def _split(matrix: arb_mat) -> list[arb_mat]:
    """Its columns."""
    return [arb_mat([[x] for x in column]) for column in matrix.transpose().tolist()]


def _floats(matrix: arb_mat) -> Array:
    return np.array([float(x.mid()) for x in matrix.entries()]).reshape(matrix.nrows(), matrix.ncols())


def _one_sign(S: Array, b: Array) -> tuple[Array, Array]:
    """g ≥ 0 near the best for each column of b, and multipliers; zeros, which bound less, where float64 does not hold S."""
    from scipy.optimize import nnls  # here: a replay of a witness loads no scipy

    g, multiplier = np.zeros_like(b), np.zeros_like(b)
    with suppress(np.linalg.LinAlgError, RuntimeError):
        root = np.linalg.cholesky(S).T
        targets = np.linalg.solve(root.T, b)
        for k in range(b.shape[1]):
            g[:, k], _ = nnls(root, targets[:, k])
        multiplier = np.where(g > 0, 0.0, 2 * (S @ g - b)).clip(min=0.0)
    return g, multiplier


def _solved(S: Array, b: Array) -> Array:
    g: Array = np.zeros_like(b)
    with suppress(np.linalg.LinAlgError):
        g = np.asarray(np.linalg.solve(S, b), dtype=np.float64)
    return g


def _alike(rows: Array) -> Array:
    """(N, G): 1 where a token of the prompt belongs to a group of equal ones."""
    _, group = np.unique(rows, axis=0, return_inverse=True)
    return np.eye(int(group.max()) + 1)[group.ravel()]


def _candidates(i: Instance, best: Array) -> Iterator[tuple[Array, int]]:
    """Parameters Q and their number of heads: two heads whose softmax columns are near the positive and the negative part of the best
    columns, as far as scores of the form VᵀQv_k go; then those of θ^(0), unless they are too many."""
    heads = min(i.H, 2)
    parts = [best.clip(min=0), (-best).clip(min=0)] if heads == 2 else [np.abs(best)]
    left, right = np.linalg.pinv(i.V.T), np.linalg.pinv(i.tokens)
    yield np.stack([left @ _scores(part) @ right for part in parts]), heads
    if i.N * i.H * i.K <= MOST:
        yield np.stack(list(i.heads())), i.H


def _scores(part: Array) -> Array:
    """Scores whose softmax columns are these nonnegative columns, each over its sum; 0 for a column of zeros."""
    top = part.max(axis=0)
    share = np.divide(part, top, out=np.ones_like(part), where=top > 0)
    scores: Array = np.log(share.clip(min=np.exp(-FAR)))
    return scores


def _loss(i: Instance) -> arb:
    """𝓛 at the attention of this instance and w near the best for it."""
    exact = ExactInstance(i)
    return exact.loss(exact.A_hat(exact.C(), frozen_floor(i, attention(i)).w))


__all__ = ["Reach", "enclose_reach"]
