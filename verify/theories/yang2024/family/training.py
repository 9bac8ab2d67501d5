"""Runs of a family: instances of equal sizes are trained together, in chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from verify.theories.yang2024.family.row import Start
from verify.theories.yang2024.numeric.batch import train_batch
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import TrainingError, Trajectory

MOST = {"cpu": 32, "cuda": 256}  # instances of a chunk, which is what is lost where a sweep is killed
SNAPSHOTS = (1,)  # kept beside the last iterate, to be enclosed; the margin of (18) is smallest early
CHUNK_ENTRIES = 2**23  # and numbers H·N·K of all of them


def chunks(instances: Sequence[Instance], starts: Sequence[Start], device: str) -> list[list[int]]:
    """Positions of the instances that are to be trained, those of one size and of like length together, longest last.

    It depends on nothing but sizes, numbers of steps and the device, so that a sweep which goes on trains the same chunks.
    """
    chosen = [i for i, one in enumerate(starts) if not one.not_run]

    def size(i: int) -> tuple[int, int, int]:
        return instances[i].N, instances[i].K, instances[i].H

    found: list[list[int]] = []
    for (N, K, H), members in groupby(sorted(chosen, key=lambda i: (size(i), starts[i].steps, i)), key=size):
        group, fit = list(members), max(1, min(MOST[device.partition(":")[0]], CHUNK_ENTRIES // (N * K * H)))
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
    """The run of each instance at its own rates until its bound is at the target; the error where one overflowed.

    One that overflows ends the batch, which then begins again without it: no instance depends on the others.
    """
    import torch

    rates = [one.rates.rates() for one in starts if one.rates is not None]
    overflowed: dict[int, TrainingError] = {}
    while True:
        left = [i for i in range(len(instances)) if i not in overflowed]
        try:
            trained = train_batch(
                [instances[i] for i in left], [rates[i] for i in left], max_steps=max_steps, stop=target,
                dtype=torch.float64 if dtype == "float64" else torch.float32, device=device, snapshots=SNAPSHOTS,
                progress=progress,
            )  # fmt: skip
        except TrainingError as error:
            if error.index is None:
                raise
            overflowed[left[error.index]] = error
        else:
            done: dict[int, Trajectory | TrainingError] = dict(zip(left, trained, strict=True))
            return [(done | overflowed)[i] for i in range(len(instances))]
