"""How long steps and certified constants take on this machine, measured on less work of the same kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.forecast import (
    head_counts,
    step_cost,
)
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.train import train

CALIBRATION_STEPS = 40
CALIBRATION_WORK = 2e7  # operations of one step; longer steps are measured with fewer heads


@dataclass(frozen=True)
class Pace:
    """Seconds on this machine, now. A step takes `fixed`, and `each` for every operation that is counted."""

    fixed: float
    each: float
    certified: float

    def step(self, N: int, K: int, H: int) -> float:
        return self.fixed + self.each * step_cost(N, K, H).flops


def pace(laboratory: Laboratory) -> Pace:
    """Measured on less work of the same kind: few heads and many for a step, a small dictionary for what is certified."""
    instance = laboratory.instance
    N, K, given = instance.N, instance.K, instance.Q_given
    one = step_cost(N, K, 1).flops
    fit = max(2, int(CALIBRATION_WORK / one))
    many = min(fit, max([2, instance.H, *head_counts(instance)]) if given is None else instance.H)

    # The time of a step does not depend on the numbers, and large ones would overflow at the rates that are used here.
    tame = replace(
        instance, tokens=_at_most_one(instance.tokens), features=_at_most_one(instance.features), tau=1.0, beta=1.0,
        tasks=TaskLaw(), Q_given=None, w_given=None,
    )  # fmt: skip

    def seconds(heads: int) -> float:
        few = replace(tame, H=heads)
        seen = train(
            few,
            Rates(1.0, 1e-9, 1e-9),
            max_steps=CALIBRATION_STEPS,
            dtype=laboratory.dtype,
            device=laboratory.device,
        )
        return seen.seconds / seen.steps

    seconds(1)  # the first steps of a process are slow
    low, high = seconds(1), seconds(many)
    each = max(high - low, 0.0) / ((many - 1) * one) if many > 1 else 0.0
    fixed = max(low - each * one, 0.0)
    n = min(N, 12)
    k, h = min(K, n + 4), min(instance.H, 2 * n)
    small = replace(
        instance, tokens=instance.tokens[:, :k], features=instance.features[:, :k], N=n, H=h, Q_given=_first(given, h),
        w_given=None,
    )  # fmt: skip
    started = perf_counter()
    enclose_constants(small)
    return Pace(fixed, each, (perf_counter() - started) * _balls(instance) / _balls(small))


def _at_most_one(array: np.ndarray) -> np.ndarray:
    """The array with no entry beyond 1 in size."""
    return np.asarray(array / max(1.0, float(np.abs(array).max())))


def _first(given: np.ndarray | None, count: int) -> np.ndarray | None:
    return None if given is None else given[:count]


def _balls(i: Instance) -> float:
    """Products of balls: scores, B_k B_kᵀ with its inverse and some squarings, E[yyᵀ]."""
    return i.H * i.N * (i.d**2 + i.d * i.K) + i.K * i.N**2 * (2 * i.H + 15 * i.N) + i.K**2 * (i.m + i.N)
