"""Runs of a family: instances of equal sizes are trained together, in chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from numeric.instance import Instance
from numeric.train import TrainingError, Trajectory, train
from verify.family.row import Start
from verify.laboratory import UPDATE_PAIRS

CHUNK_ENTRIES = 400_000  # numbers H·N·K of all instances that are trained at once
MOST = 25  # instances that are trained at once: what is lost where a sweep is killed


def chunks(instances: Sequence[Instance], starts: Sequence[Start]) -> list[list[int]]:
    """Positions of the instances that are to be trained, those of one size and of like length together, longest last.

    It depends on nothing but sizes and numbers of steps, so that a sweep which goes on trains in the same company.
    """
    chosen = [i for i, one in enumerate(starts) if not one.not_run]

    def size(i: int) -> tuple[int, int, int]:
        return instances[i].H, instances[i].N, instances[i].K

    found: list[list[int]] = []
    for (H, N, K), members in groupby(sorted(chosen, key=lambda i: (size(i), starts[i].steps, i)), key=size):
        group, fit = list(members), max(1, min(MOST, CHUNK_ENTRIES // (H * N * K)))
        found += [group[first : first + fit] for first in range(0, len(group), fit)]
    return found


def together(
    instances: Sequence[Instance],
    starts: Sequence[Start],
    *,
    target: float,
    max_steps: int,
    dtype: str,
    device: str,
    progress: Callable[[int, int], None] | None = None,
) -> list[Trajectory | TrainingError]:
    """The run of each instance at its own rates until its bound is at the target; the error where one overflowed."""
    import torch

    precision = torch.float64 if dtype == "float64" else torch.float32
    found: list[Trajectory | TrainingError] = []
    for instance, before in zip(instances, starts, strict=True):
        assert before.rates is not None
        try:
            found.append(
                train(
                    instance, before.rates.rates(), max_steps=max_steps, stop=target, dtype=precision, device=device,
                    snapshots=[t for t in UPDATE_PAIRS if t < (before.steps or 0)], progress=progress,
                )
            )  # fmt: skip
        except TrainingError as error:
            found.append(error)
    return found
