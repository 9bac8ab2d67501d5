"""Gradient descent (10), watched at every step, without the d×d matrices.

The gradient of Q_h is V g_h V̂ᵀ with g_h = ∂𝓛/∂(scores of head h), N×K. So Q_h = Q_h^(0) + V X_h V̂ᵀ for all
time, X_h starts at 0 and moves by −η_Q g_h: exact dynamics in H·N·K numbers that hold Q's offset, not Q.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from numeric.threads import threads_for
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.rounding import least

if TYPE_CHECKING:
    import torch

    from verify.theories.yang2024.numeric.descent import Descent

Array = NDArray[np.float64]
SHOWN_EVERY = 0.3  # seconds


@dataclass(frozen=True)
class Iterate:
    """θ^(t): X (H, N, K) with Q_h = Q_h^(0) + V X_h V̂ᵀ, and w (H, K), both float64."""

    t: int
    X: Array
    w: Array


@dataclass
class Trajectory:
    """What was seen. gap[i] = 𝓛(θ^(start + i)) − inf 𝓛 (11), every step; `last` is the final iterate.

    target_steps   steps after which the guaranteed bound (18) is below `stop`; None if none was asked for
    snapshots      iterates kept, in order; each step asked for comes with its successor
    seconds        wall clock, with what was spent before a checkpoint was taken up
    path           "graph" where CUDA took the steps as graphs; else "eager", with the reason where CUDA could make no graph
    """

    instance: Instance
    rates: Rates
    infimum: float
    target_steps: int | None
    gap: Array
    last: Iterate
    snapshots: list[Iterate] = field(default_factory=list)
    seconds: float = 0.0
    path: str = "eager"

    @property
    def start(self) -> int:
        return self.last.t - self.steps

    @property
    def steps(self) -> int:
        return len(self.gap) - 1

    @property
    def reached(self) -> bool:
        """Whether the guaranteed bound fell below `stop`; never true without one."""
        return self.target_steps is not None and self.last.t >= self.target_steps

    @property
    def loss(self) -> Array:
        """𝓛(θ^(t)), every step."""
        loss: Array = self.gap + self.infimum
        return loss

    def Q_offset(self, X: Array | None = None) -> Array:
        """Q_h − Q_h^(0) = V X_h V̂ᵀ, (H, d, d); X None for the last iterate."""
        offset: Array = self.instance.V @ (self.last.X if X is None else X) @ self.instance.tokens.T
        return offset

    def movement(self, X: Array | None = None) -> Array:
        """‖Q_h − Q_h^(0)‖_F, (H,): the root of tr(VᵀV X_h V̂ᵀV̂ X_hᵀ); X None for the last iterate."""
        X = self.last.X if X is None else X
        V, tokens = self.instance.V, self.instance.tokens
        # Where ζ_0 is tiny, so is X: without a power of two taken out, which is exact, its squares would vanish.
        scale = np.ldexp(0.5, np.frexp(np.abs(X).max(axis=(1, 2)))[1])
        X = X / scale[:, None, None]
        squares = np.sum(X * (V.T @ V @ X @ (tokens.T @ tokens)), axis=(1, 2))
        return np.asarray(scale * np.sqrt(squares.clip(0)))

    def relative_movement(self, X: Array | None = None) -> Array:
        """‖Q_h − Q_h^(0)‖_F / ‖Q_h^(0)‖_F, (H,); inf or nan where Q_h^(0) = 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: Array = self.movement(X) / self.instance.norms0
        return ratio

    def worst_margin(
        self, log_rate: float, gap0: float | None = None, since: int = 0, until: int | None = None
    ) -> tuple[float, int]:
        """The smallest margin (rhs − lhs)/(|lhs| + |rhs|) of (18) over all recorded since ≤ t ≤ until, and the first t as close.

        At t = 0 both sides are equal, so since = 1 says more. gap0 is Δ^(0); None if the record starts at 0.
        """
        if gap0 is None and self.start != 0:
            raise InputError("gap0", gap0, "the gap at step 0", "this trajectory was resumed: pass it")
        t = np.arange(self.start, self.last.t + 1)
        kept = (t >= since) & (t <= (self.last.t if until is None else until))
        with np.errstate(divide="ignore"):
            log_ratio = np.log(self.gap) - np.log(self.gap[0] if gap0 is None else gap0) - t * log_rate
        margins = -np.tanh(log_ratio[kept] / 2)  # the margin in logarithms: rate^t may be far below 1e-308
        return float(margins.min()), int(t[kept][least(margins)])

    def observed_log_rate(self, since: int = 0) -> float:
        """Least-squares slope of log gap per step over recorded t ≥ since; nan if fewer than two are > 0."""
        t = np.arange(self.start, self.last.t + 1)
        kept = (t >= since) & (self.gap > 0)
        if kept.sum() < 2:
            return float("nan")
        return float(np.polynomial.Polynomial.fit(t[kept], np.log(self.gap[kept]), 1).convert().coef[1])


class TrainingError(ArithmeticError):
    """A number stopped being finite: the first that did, at the first step where it did.

    trajectory   ends at the last step at which all was finite
    index        which instance of a batch; None where there is but one
    """

    def __init__(self, step: int, quantity: str, trajectory: Trajectory, index: int | None = None) -> None:
        of = "" if index is None else f"instance {index}, "
        super().__init__(f"{of}step {step}: {quantity} is not finite; lower the learning rates")
        self.step, self.quantity, self.trajectory, self.index = step, quantity, trajectory, index


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C during training; trajectories end at the last complete block of steps.

    trajectory     that of the one instance, or of the first
    trajectories   by index, of all instances of a batch that had begun
    """

    def __init__(self, trajectories: Mapping[int, Trajectory]) -> None:
        self.trajectories = dict(sorted(trajectories.items()))
        self.trajectory = next(iter(self.trajectories.values()))
        super().__init__(f"interrupted after step {self.trajectory.last.t}")


def train(
    instance: Instance,
    rates: Rates,
    *,
    max_steps: int,
    stop: float | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
    snapshots: Iterable[int] = (),
    progress: Callable[[int, int], None] | None = None,
    resume: Iterate | None = None,
    watch: Callable[[Descent, int], None] | None = None,
    watch_at: Callable[[int], bool] = bool,
    checkpoint: Path | None = None,
) -> Trajectory:
    """Run (10) from θ^(0), or from `resume`, until the guaranteed bound (18) is ≤ `stop`, or for `max_steps`.

    stop        factor (1 − η_w ζ_0/(2K))^t to reach, in (0, 1]; needs rates.log_rate; None runs max_steps
    max_steps   most steps of this call; `Trajectory.reached` says whether it was enough
    dtype       float64 where None
    snapshots   steps t at which to keep θ^(t) and θ^(t+1)
    progress    called with (step, last step) a few times a second at most
    watch       called with (descent, t) at each step t where watch_at(t), and at the last one if it is one: after
                `Descent.gradients` at θ^(t) and before the update, so that all its letters are those of θ^(t). It may
                read them and call `score_gradient`, and must change nothing
    checkpoint  a file that holds the state of this call, written now and then, on Ctrl-C and at the end, for the caller to
                remove. Where it is there the call goes on from it, and ends as if it had never been cut; what
                a watcher of `verify.theories.yang2024.numeric.checkpoint.Rows` has seen is kept too

    Raises TrainingError where a number overflows and TrainingInterrupted on Ctrl-C, both with the partial
    trajectory; InputError where a rate is out of the dtype's range, `stop` has no guaranteed rate, or the checkpoint is
    damaged or of another call.
    """
    import torch

    from verify.theories.yang2024.numeric.checkpoint import Checkpoint, Rows, describe
    from verify.theories.yang2024.numeric.descent import Descent
    from verify.theories.yang2024.numeric.steps import Leg, Steps

    dtype = dtype or torch.float64
    leg = Leg.of(0, rates, max_steps, stop, snapshots, resume)
    descent = Descent([instance], [rates], dtype, device)
    if resume is not None:
        descent.put(resume)
    kept = None
    if checkpoint is not None:
        call = describe([instance], [rates], dtype, device, [leg.steps], [resume])
        kept = Checkpoint(checkpoint, call, watch if isinstance(watch, Rows) else None)
    shown = time.monotonic()

    def after_block(taken: int) -> None:
        nonlocal shown
        t = leg.first + steps.taken
        if progress is not None and (time.monotonic() - shown > SHOWN_EVERY or t == leg.final):
            shown = time.monotonic()
            progress(t, leg.final)

    with threads_for(descent.entries), torch.no_grad():
        steps = Steps(
            descent, [leg], watch=watch, watch_at=watch_at, after_block=after_block, checkpoint=kept
        )
        return steps.run()[0]
