"""When gradient descent first predicts as (22) asks: the trajectory run again, every step held to every prompt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numeric.predict import Prompts, ridge_predictions
from numeric.threads import threads_for
from numeric.train import Trajectory

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]
BLOCK = 64  # steps between two looks at whether all has arrived


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

    from numeric.descent import Descent

    instance, last = trajectory.instance, trajectory.last.t
    descent = Descent(instance, trajectory.rates, dtype or torch.float64, device)

    def tensor(array: Array) -> torch.Tensor:
        return torch.tensor(array, dtype=descent.X.dtype, device=descent.X.device)

    # ŷ − ŷ* = (Â − A)ᵀy + (Aᵀy − ŷ*), and the last is 0 where A is (34): the difference itself, without cancellation
    labels = [tensor(goal.prompts.y) for goal in goals]
    beside = [
        tensor(goal.prompts.y @ descent.quadratic.A - ridge_predictions(instance, goal.prompts))
        for goal in goals
    ]
    seen = torch.zeros((len(goals), last + 1), dtype=descent.X.dtype, device=descent.X.device)
    met: list[int | None] = [None] * len(goals)
    with threads_for(descent.X.numel()), torch.no_grad():
        gap = torch.zeros((), dtype=descent.X.dtype, device=descent.X.device)
        t = 0
        while True:
            descent.gradients(gap)
            for n, goal in enumerate(goals):
                missed = torch.addmm(beside[n], labels[n], descent.D.T)
                seen[n, t] = missed.square_().sum(1).kthvalue(goal.count).values / (2 * instance.K)
            if t % BLOCK == 0 or t == last:
                for n, goal in enumerate(goals):
                    there = torch.nonzero(seen[n, : t + 1] <= goal.epsilon)
                    met[n] = int(there[0]) if len(there) else None
                if progress is not None:
                    progress(t, last)
                if t == last or None not in met:
                    break
            descent.update_Q()
            descent.update_w()
            t += 1
    distances = seen[:, : t + 1].to("cpu", torch.float64).numpy()
    return [Arrival(step, distance) for step, distance in zip(met, distances, strict=True)]
