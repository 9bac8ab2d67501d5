"""Whether a run in floating point stays inside the certificate at every step it took: two routes that share no formula.

The certificate is evaluated in float64 for all steps at once. What rounding may do to the run is a worst case to first order, as in
`rounding.py`: each step adds an error to r_k, which falls by 1 − c_k with r_k, so that no more than min(t, 1/c_k) of them are there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric import balls
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.train import Trajectory

Array = NDArray[np.float64]
EVALUATED = 1e-12  # relative error of the float64 evaluation, at most
TOLD = 0.01  # of the gap: rounding that leaves the comparison something to say
BLOCK = 4_000_000  # entries alive at once


@dataclass(frozen=True)
class Inside:
    """The recorded gaps against the enclosures.

    outside  steps at which the gap is outside by more than rounding explains
    sharp    at so many steps rounding is granted no more than TOLD of the gap
    width    the widest enclosure at these, relative to its middle
    """

    steps: int
    outside: list[int]
    sharp: int
    width: float


def inside(made: Certificate, trajectory: Trajectory, dtype: str) -> Inside:
    """Every recorded gap of a run from θ^(0) at the rates of the certificate."""
    steps = np.arange(trajectory.start, trajectory.last.t + 1)
    low, high = _gaps(made, steps, 0.0)
    with_rounding = _gaps(made, steps, float(np.finfo(dtype).eps) / 2)
    out = (trajectory.gap < with_rounding[0]) | (trajectory.gap > with_rounding[1])
    middle, width = (low + high) / 2, high - low
    sharp = with_rounding[1] - with_rounding[0] - width <= TOLD * middle
    sharp[0] = False  # t = 0 is where both routes start
    return Inside(
        len(steps) - 1,
        [int(t) for t in steps[out]],
        int(sharp.sum()),
        float((width[sharp] / middle[sharp]).max(initial=0.0)),
    )


def _gaps(made: Certificate, steps: NDArray[np.int64], u: float) -> tuple[Array, Array]:
    """Lower and upper ends of the gap at these steps (step 2 of `certificate.py`), widened by what a unit roundoff u may do."""
    with balls.precision(made.bits):
        course = _Course.of(made)
    rounded = _Rounded.of(made, u)
    K = made.still.exact.K
    low, high = np.zeros(len(steps)), np.zeros(len(steps))
    width = max(1, BLOCK // course.parts.size)
    for first in range(0, len(steps), width):
        block = slice(first, first + width)
        t = steps[block].astype(np.float64)
        length, off = course.at(t[:, None])
        off = off + EVALUATED * length + rounded.at(t[:, None])
        low[block] = np.sum((length - off).clip(0) ** 2, axis=1) / (2 * K)
        high[block] = np.sum((length + off) ** 2, axis=1) / (2 * K)
    return low - rounded.summed * high, high + rounded.summed * high


@dataclass(frozen=True)
class _Course:
    """The numbers of step 2, token by token: logarithms of m_i, α_k, β, and what stands before their differences."""

    parts: Array  # (K, N)
    log_m: Array
    log_m_over_alpha: Array
    moved: Array
    log_alpha: Array  # (K,)
    log_alpha_over_beta: Array
    coupled: Array
    log_beta: float

    @classmethod
    def of(cls, made: Certificate) -> _Course:
        slow, sigma = made.slow, made.sigma
        rows: list[list[list[float]]] = [[], [], [], []]
        tokens = []
        for k, (token, own) in enumerate(zip(made.still.tokens, made.bounds, strict=True)):
            kept, c = made.kept[k], made.speeds[k]
            log_kept = (-kept).log1p()
            falls = [made.rates.eta_w * value / made.still.exact.K for value in token.near.values]
            logs = [_log(x) for x in falls]
            rows[0].append([float(abs(part).mid()) for part in token.parts])
            rows[1].append([float(x.mid()) for x in logs])
            rows[2].append([float((x - log_kept).mid()) for x in logs])
            rows[3].append(
                [
                    float((c * own.share * abs(part) / (x - kept)).upper())
                    for x, part in zip(falls, token.parts, strict=True)
                ]
            )
            coupled = sigma * made.pulls[k] / (kept - slow) if sigma > 0 else arb(0)
            log_ratio = float((log_kept - (-slow).log1p()).mid())
            tokens.append((float(log_kept.mid()), log_ratio, float(coupled.upper())))
        parts, log_m, log_m_over_alpha, moved = (np.array(row) for row in rows)
        log_alpha, log_alpha_over_beta, coupled_before = np.array(tokens).T
        log_beta = float((-slow).log1p().mid())
        return cls(
            parts, log_m, log_m_over_alpha, moved, log_alpha, log_alpha_over_beta, coupled_before, log_beta
        )

    def at(self, t: Array) -> tuple[Array, Array]:
        """‖M_k^t r_k(0)‖ and by how much r_k(t) may be off, (steps, K); t is (steps, 1)."""
        m = np.exp(t[:, :, None] * self.log_m)
        length = np.sqrt(np.sum((self.parts * m) ** 2, axis=2))
        moved = np.sum(self.moved * -np.expm1(t[:, :, None] * self.log_m_over_alpha), axis=2)
        coupled = self.coupled * np.exp(t * self.log_beta) * -np.expm1(t * self.log_alpha_over_beta)
        return length, np.exp(t * self.log_alpha) * moved + coupled


def _log(falls: arb) -> arb:
    """log(1 − falls), of a number that is 0 to every float64 power where it may be 1."""
    return (-falls).log1p() if falls < 1 else arb(-1e300)


@dataclass(frozen=True)
class _Rounded:
    """What rounding adds to r_k: `step` at each step, of which `most` = 1/c_k are left at most, and `stored` at any, both with a part
    for each unit of ‖w_k‖; of the sum of squares a relative error of `summed`.

    ‖w_k(t)‖ is at most W_k, and at most ‖w_k(0)‖ + t · grows.
    """

    step: Array  # (K,), as all but the last
    step_w: Array
    stored: Array
    stored_w: Array
    most: Array
    W: Array
    start: Array
    grows: Array
    summed: float

    @classmethod
    def of(cls, made: Certificate, u: float) -> _Rounded:
        """An entry of a softmax is off by u times its score, an inner product over d, and N + 8 operations; Â by H terms of size |w|."""
        i, still = made.still.exact.instance, made.still
        N, K, H = i.N, i.K, i.H
        scores = float(np.abs(i.scores0).max())
        softmax, sums = 2 * u * ((i.d + 2) * scores + N + 8), 2 * u * (H + scores + N + 8)
        P = i.Z.T @ i.Z * i.tasks.std**2 + i.tasks.mean**2 * np.outer(i.Z.sum(axis=0), i.Z.sum(axis=0))
        noise = i.m * i.tau * (i.tasks.std**2 + i.tasks.mean**2)
        weight, norm = (
            float(np.linalg.norm(P)) + np.sqrt(N) * noise,
            float(np.sqrt(np.linalg.norm(P, 2) + noise)),
        )
        rows = []
        for k, (token, own, c) in enumerate(zip(still.tokens, made.bounds, made.speeds, strict=True)):
            falls, width = float((made.rates.eta_w * token.greatest / K).upper()), float(token.width)
            length, reach = float(token.length), made.rates.eta_w / K * width
            of_A_hat = norm * sums * np.sqrt(H)
            # E[yyᵀ](Â − A): its terms cancel where E[yyᵀ] is ill-conditioned
            cancelled = reach * np.sqrt(H) * 2 * u * N * weight / np.sqrt(noise) * length
            rows.append((
                2 * softmax * falls * length + cancelled, falls * of_A_hat + u * width, 4 * N * u * weight / noise * length, of_A_hat,
                1 / float(c.lower()), float(own.W), float(np.linalg.norm(i.w0[:, k])),
                (reach + made.rates.eta_w / K * float(own.D)) * length,
            ))  # fmt: skip
        step, step_w, stored, stored_w, most, W, start, grows = np.array(rows).T
        return cls(
            step, step_w, stored, stored_w, most, W, start, grows, 2 * u * (K * N + N) * weight / noise
        )

    def at(self, t: Array) -> Array:
        w = np.minimum(self.W, self.start + t * self.grows)
        found: Array = (
            self.stored + self.stored_w * w + (self.step + self.step_w * w) * np.minimum(t, self.most)
        )
        return found
