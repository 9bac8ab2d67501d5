"""The gap that w alone can reach: the least of (9) over w with the attention held fixed, token by token.

For token k it is a least-squares problem in H unknowns, min_w (1/2K)‖R(C_k w − A_{:,k})‖², with RᵀR = E[y_{1:N} y_{1:N}ᵀ] (Z̄² under
A1), C_k of (13). It is 0 for every target exactly where B_k has full row rank (A2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic, label_covariance, least_squares

Array = NDArray[np.float64]
BLOCK_ENTRIES = 4_000_000  # floats of R C_k alive at once, 32 MB
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Floor:
    """The least-squares floor of one attention.

    gaps       (K,) each token's share of 𝓛 − min_Â 𝓛 at the best w; exactly 0 where the rank is N
    w          (H, K) the best weights, of least norm among the best
    rank       (K,) numerical rank of B_k: singular values above `tolerance` times the largest
    singular   (K, min(N, H)) singular values of B_k, descending
    missed     (K,) ‖R(C_k w − A_{:,k})‖ / ‖R A_{:,k}‖: 0 where A_{:,k} lies in the column space of C_k, 1 where w is of no use;
               0 for A_{:,k} = 0
    doubt      (K,) how far rounding may have moved `missed`: tolerance · σ_1 / σ_rank
    """

    gaps: Array
    w: Array
    rank: NDArray[np.int64]
    singular: Array
    missed: Array
    doubt: Array
    tolerance: float

    @property
    def gap(self) -> float:
        """min over w of 𝓛, less min_Â 𝓛."""
        return float(self.gaps.sum())

    @property
    def unreached(self) -> NDArray[np.int64]:
        """Tokens, from 0, whose A_{:,k} is outside the column space of C_k by more than rounding."""
        return np.flatnonzero(self.missed > self.doubt)


def rank_tolerance(instance: Instance) -> float:
    """Below this part of the largest, a singular value of B_k is rounding: max(N, H) ε, times the largest |score| where that is above 1,
    because a score rounds in proportion to its size and an entry of C_k in proportion to its score's rounding."""
    return EPSILON * max(instance.N, instance.H) * max(1.0, float(np.abs(instance.scores0).max()))


def frozen_floor(
    instance: Instance, s: Array, quadratic: Quadratic | None = None, tolerance: float | None = None
) -> Floor:
    """The floor at attention s (H, N, K) (28), e.g. `verify.theories.yang2024.numeric.spectrum.attention(instance, X)`.

    quadratic  of the loss, where it is known already
    tolerance  relative, of the rank; `rank_tolerance` where None

    Raises InputError where s has another shape or an entry that is not finite.
    """
    H, N, K = instance.H, instance.N, instance.K
    if s.shape != (H, N, K) or not np.isfinite(s).all():
        raise InputError(
            "attention", s.shape, f"{H} x {N} x {K} finite numbers", "pass softmax weights, head by head"
        )
    quadratic = quadratic or least_squares(label_covariance(instance), N)
    tolerance = rank_tolerance(instance) if tolerance is None else tolerance
    targets = quadratic.root @ quadratic.A  # R A, (N, K)
    lengths = np.linalg.norm(targets, axis=0)
    w, singular = np.zeros((H, K)), np.zeros((K, min(N, H)))
    rank, left = np.zeros(K, dtype=np.int64), np.zeros(K)
    for here, U, sigma, Vt in _decomposed(quadratic, s):
        kept = sigma > tolerance * sigma[:, :1]
        along, rest = _split(U, targets[:, here], kept)
        inverse = np.divide(1.0, sigma, out=np.zeros_like(sigma), where=kept)
        w[:, here] = np.einsum("kih,ki->hk", Vt, inverse * along)
        rank[here], singular[here] = kept.sum(axis=1), sigma
        left[here] = np.where(rank[here] == N, 0.0, np.linalg.norm(rest, axis=0))
    smallest = np.take_along_axis(singular, np.maximum(rank - 1, 0)[:, None], axis=1)[:, 0]
    return Floor(
        gaps=left**2 / (2 * K), w=w, rank=rank, singular=singular,
        missed=np.divide(left, lengths, out=np.zeros(K), where=lengths > 0),
        doubt=tolerance * np.divide(singular[:, 0], smallest, out=np.ones(K), where=smallest > 0),
        tolerance=tolerance,
    )  # fmt: skip


@dataclass(frozen=True)
class FrozenDescent:
    """Descent (10) in w alone, Q held fixed: the residual R(C_k w − A_{:,k}) shrinks by 1 − η_w σ_i²/K a step along the i-th left
    singular vector of R C_k, and stays elsewhere. So every step is known without taking it.

    decay, energies   of all these directions: log |1 − η_w σ_i²/K|, and ‖residual‖² along it at w^(0), over 2K
    outside           what stays, over 2K
    """

    decay: Array
    energies: Array
    outside: float

    def gap(self, t: int) -> float:
        """𝓛 − min_Â 𝓛 after t steps; inf where it overflows, because η_w is too large for descent in w."""
        if t == 0:
            return float(self.energies.sum()) + self.outside
        moving = self.energies > 0
        with np.errstate(over="ignore", under="ignore"):
            return float(np.sum(np.exp(2.0 * t * self.decay[moving]) * self.energies[moving])) + self.outside

    def first(self, target: float) -> int | None:
        """The least t with a gap of at most `target`, as long as none of these parts grows; None where there is none below 2^1000."""
        if self.gap(0) <= target:
            return 0
        if (self.decay > 0).any() or not self.gap(2**1000) <= target:
            return None
        low, high = 0, 1
        while self.gap(high) > target:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.gap(middle) <= target else (middle, high)
        return high


def frozen_descent(
    instance: Instance, s: Array, eta_w: float, quadratic: Quadratic | None = None
) -> FrozenDescent:
    """From w^(0), with Q held fixed at attention s (H, N, K)."""
    K = instance.K
    quadratic = quadratic or least_squares(label_covariance(instance), instance.N)
    residual = quadratic.root @ (np.einsum("hnk,hk->nk", s, instance.w0) - quadratic.A)
    decay, energies, outside = [], [], 0.0
    for here, U, sigma, _ in _decomposed(quadratic, s):
        along, rest = _split(U, residual[:, here], np.ones(sigma.shape, dtype=bool))
        step = (eta_w * sigma**2 / K).ravel()
        with np.errstate(divide="ignore"):  # a step of exactly 1 ends there
            near = np.log1p(-step, where=step < 1, out=np.zeros_like(step))
            decay.append(np.where(step < 1, near, np.log(np.abs(1 - step))))
        energies.append((along**2).ravel() / (2 * K))
        outside += float(np.sum(rest**2)) / (2 * K) if U.shape[1] > U.shape[2] else 0.0
    return FrozenDescent(np.concatenate(decay), np.concatenate(energies), outside)


def _decomposed(quadratic: Quadratic, s: Array) -> Iterator[tuple[slice, Array, Array, Array]]:
    """Singular vectors and values of R C_k for a block of tokens at a time: tokens, U (k, N, ·), σ (k, ·), Vᵀ (k, ·, H)."""
    H, N, K = s.shape
    size = max(1, BLOCK_ENTRIES // (N * H))
    for start in range(0, K, size):
        here = slice(start, min(start + size, K))
        U, sigma, Vt = np.linalg.svd(quadratic.root @ s[:, :, here].transpose(2, 1, 0), full_matrices=False)
        yield here, U, sigma, Vt


def _split(U: Array, columns: Array, kept: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Columns (N, k) along the kept vectors of U (k, N, ·), as (k, ·), and the rest of them, itself and not by a difference of squares."""
    along = np.where(kept, np.einsum("kni,nk->ki", U, columns), 0.0)
    return along, columns - np.einsum("kni,ki->nk", U, along)


def why_deficient(instance: Instance, s: Array, floor: Floor, k: int) -> str:
    """What keeps B_k of token k (from 0) from rank N in double precision, in words that count from 1; '' where nothing does.

    s and floor as `frozen_floor` took and gave them.
    """
    N, H, C, tolerance = instance.N, instance.H, s[:, :, k].T, floor.tolerance
    if floor.rank[k] == N:
        return ""
    reasons = []
    if H < N:
        reasons.append(f"{H} heads span at most {H} of {N} directions")
    if pairs := _equal(instance.V.T, 0.0):
        reasons.append(f"equal prompt tokens {_pairs(pairs)} always get equal attention")
    unseen = np.flatnonzero(C.max(axis=1) <= tolerance)
    if len(unseen):
        reasons.append(f"no head attends to prompt token{_plural(unseen)} {_listed(unseen)}")
    saturated = np.flatnonzero(C.max(axis=0) >= 1 - tolerance)
    if len(saturated):
        on = np.unique(C[:, saturated].argmax(axis=0))
        reasons.append(f"{len(saturated)} of {H} heads are saturated, on token{_plural(on)} {_listed(on)}")
    elif twins := _equal(C.T, tolerance):
        distinct = H - len({j for _, j in twins})
        reasons.append(f"only {distinct} of {H} softmax columns differ (heads {_pairs(twins)})")
    if reasons:
        return "; ".join(reasons)
    if np.linalg.matrix_rank(C, rtol=tolerance) < N:
        return "the softmax columns are linearly dependent to rounding, no two of them equal"
    return "Z̄ is singular to rounding"


def _equal(rows: Array, tolerance: float) -> list[tuple[int, int]]:
    """Pairs (first of its kind, later row) that are equal to within tolerance, so each later row once."""
    found: list[tuple[int, int]] = []
    firsts: list[int] = []
    for j, row in enumerate(rows):
        for i in firsts:
            if np.abs(rows[i] - row).max() <= tolerance:
                found.append((i, j))
                break
        else:
            firsts.append(j)
    return found


def _plural(indices: NDArray[np.int64]) -> str:
    return "" if len(indices) == 1 else "s"


def _listed(indices: NDArray[np.int64], most: int = 6) -> str:
    shown = ", ".join(str(i + 1) for i in indices[:most])
    return shown + (", …" if len(indices) > most else "")


def _pairs(pairs: list[tuple[int, int]], most: int = 3) -> str:
    shown = ", ".join(f"{i + 1} = {j + 1}" for i, j in pairs[:most])
    return shown + (", …" if len(pairs) > most else "")
