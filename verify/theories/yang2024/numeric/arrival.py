"""When gradient descent first predicts as (22) asks: the trajectory run again, every step held to every prompt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.predict import Prompts, ridge_predictions
from verify.theories.yang2024.numeric.train import Iterate, Trajectory, train

if TYPE_CHECKING:
    import torch

    from verify.theories.yang2024.numeric.descent import Descent

Array = NDArray[np.float64]
BLOCK = 512  # steps between two looks at whether all has arrived


@dataclass(frozen=True)
class Goal:
    """(1/2K)‖ŷ − ŷ*‖₂² ≤ epsilon for at least this share of the prompts, 0 < share ≤ 1; ŷ* by ridge regression (20)."""

    prompts: Prompts
    share: float
    epsilon: float

    @property
    def count(self) -> int:
        """How many prompts that is."""
        return max(1, math.ceil(self.share * len(self.prompts)))


@dataclass(frozen=True)
class Arrival:
    """step    the first t at which the goal is met, None if it never was
    distance  the least ε that the share of the prompts meets, at each step looked at, from t = 0
    """

    step: int | None
    distance: Array


def arrivals(
    trajectory: Trajectory,
    goals: Sequence[Goal],
    dtype: torch.dtype | None = None,
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> list[Arrival]:
    """Run the steps of `trajectory`, which starts at 0, again: until all goals are met, or to its end.

    dtype, device  as in the run itself
    """
    import torch

    instance, last = trajectory.instance, trajectory.last.t
    A = least_squares(label_covariance(instance), instance.N).A
    like = torch.zeros((), dtype=dtype or torch.float64, device=device)
    # ŷ − ŷ* = (Â − A)ᵀy + (Aᵀy − ŷ*), and the last is 0 where A is (34): the difference itself, without cancellation
    labels = [torch.tensor(goal.prompts.y).to(like) for goal in goals]
    apart = [goal.prompts.y @ A - ridge_predictions(instance, goal.prompts) for goal in goals]
    beside = [torch.tensor(one).to(like) for one in apart]
    seen = like.new_zeros((len(goals), last + 1))

    def look(descent: Descent, t: int) -> None:
        for n, goal in enumerate(goals):
            missed = torch.addmm(beside[n], labels[n], descent.D.view(instance.K, instance.N).T)
            seen[n, t] = missed.square_().sum(1).kthvalue(goal.count).values / (2 * instance.K)

    met: list[int | None] = [None] * len(goals)
    done: Iterate | None = None
    while True:
        t = 0 if done is None else done.t
        done = train(
            instance, trajectory.rates, max_steps=min(BLOCK, last - t), dtype=like.dtype, device=like.device, resume=done,
            watch=look, watch_at=lambda t: True,
        ).last  # fmt: skip
        for n, goal in enumerate(goals):
            there = torch.nonzero(seen[n, : done.t + 1] <= goal.epsilon)
            met[n] = int(there[0]) if len(there) else None
        if progress is not None:
            progress(done.t, last)
        if done.t == last or None not in met:
            break
    distances = seen[:, : done.t + 1].to("cpu", torch.float64).numpy()
    return [Arrival(step, distance) for step, distance in zip(met, distances, strict=True)]
