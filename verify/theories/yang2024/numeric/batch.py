"""Gradient descent (10) on many instances at once.

Instances go in groups, each group one tensor program with the instances as a batch dimension. On a CPU a group is as large as
the cache allows, and the groups are shared out among threads; on CUDA it is as large as memory allows. An instance leaves its
group at the step where it is done, and the rest goes on without it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING

from numeric.errors import InputError
from numeric.threads import threads_for
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import SHOWN_EVERY, Iterate, TrainingInterrupted, Trajectory

if TYPE_CHECKING:
    import torch

    from verify.theories.yang2024.numeric.steps import Leg

GROUP_ENTRIES = 100_000  # of X in one group on a CPU: X, scores0, e and the workspace fit the caches together
GROUP_ENTRIES_CUDA = 2**28
PADDED = 1.25  # most heads in a group, over the fewest


def train_batch(
    instances: Sequence[Instance],
    rates: Sequence[Rates],
    *,
    max_steps: int,
    stop: float | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
    snapshots: Iterable[int] = (),
    progress: Callable[[int, int], None] | None = None,
    resume: Sequence[Iterate | None] | None = None,
    checkpoint: Path | None = None,
) -> list[Trajectory]:
    """`train` on each instance at its own rates, in one go; trajectories in the order of the instances.

    The instances share N and K; tokens, features, m, d, τ, β, seeds and H may differ. `stop`, `max_steps` and `snapshots` are
    those of `train`, for each instance apart; `resume` has an iterate or None for each; `progress` counts steps of all
    instances together; `checkpoint` is a folder, with one file a group. `Trajectory.seconds` is the time that the group took
    until the instance was done.

    An instance's trajectory does not depend on who else is in the batch, and is the one of `train`, up to the rounding of
    products that are blocked another way: no number of one instance enters another's. The same call gives the same bits.

    Raises as `train` does. TrainingError names the instance by its index, and ends the batch; TrainingInterrupted has
    the trajectories of all instances that had begun.
    """
    import torch

    from verify.theories.yang2024.numeric.descent import check_range, shared_sizes
    from verify.theories.yang2024.numeric.steps import Leg

    snapshots = list(snapshots)
    starts = [None] * len(instances) if resume is None else list(resume)
    for name, given in (("rates", rates), ("resume", starts)):
        if len(given) != len(instances):
            needed = f"one for each of {len(instances)} instances"
            raise InputError(name, f"{len(given)} of them", needed, "pass as many")
    shared_sizes(instances)
    for one in rates:
        check_range(one, dtype or torch.float64)
    legs = [
        Leg.of(index, one, max_steps, stop, snapshots, start)
        for index, (one, start) in enumerate(zip(rates, starts, strict=True))
    ]
    on_cpu = torch.device(device).type == "cpu"
    batch = _Batch(instances, rates, starts, dtype or torch.float64, device, legs, progress, checkpoint)
    groups = _groups(instances, legs, GROUP_ENTRIES if on_cpu else GROUP_ENTRIES_CUDA)
    return batch.run(groups, min(len(groups), torch.get_num_threads()) if on_cpu else 1)


def _groups(instances: Sequence[Instance], legs: Sequence[Leg], entries: int) -> list[list[int]]:
    """Indices, group by group: alike in H, so that little is padded, and in length, so that few leave early."""
    groups: list[list[int]] = []
    for index in sorted(range(len(instances)), key=lambda i: (instances[i].H, legs[i].length, i)):
        instance = instances[index]
        last = groups[-1] if groups else []
        fits = (len(last) + 1) * instance.N * instance.K * instance.H <= entries
        if last and fits and instance.H <= PADDED * instances[last[0]].H:
            last.append(index)
        else:
            groups.append([index])
    return groups


class _Batch:
    """What the groups of one call share."""

    def __init__(
        self,
        instances: Sequence[Instance],
        rates: Sequence[Rates],
        starts: Sequence[Iterate | None],
        dtype: torch.dtype,
        device: torch.device | str,
        legs: Sequence[Leg],
        progress: Callable[[int, int], None] | None,
        folder: Path | None,
    ) -> None:
        self.instances, self.rates, self.starts, self.legs = instances, rates, starts, legs
        self.dtype, self.device, self.progress, self.folder = dtype, device, progress, folder
        self.total, self.taken = sum(leg.length for leg in legs), 0
        self.shown = time.monotonic()
        self.lock, self.stopped = threading.Lock(), threading.Event()

    def run(self, groups: list[list[int]], threads: int) -> list[Trajectory]:
        import torch

        over: dict[int, Trajectory] = {}
        if threads <= 1:
            try:
                for number, group in enumerate(groups):
                    over |= self.group(number, group)
            except TrainingInterrupted as stop:
                raise TrainingInterrupted(over | stop.trajectories) from stop
            return [over[index] for index in range(len(self.instances))]
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            futures = [pool.submit(self.group, *one) for one in enumerate(groups)]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            except KeyboardInterrupt:
                pass
            finally:
                self.stopped.set()  # groups under way end with their block, the others do not begin
        errors = [future.exception() for future in futures]
        for error in errors:
            if error is not None and not isinstance(error, TrainingInterrupted):
                raise error
        for future, error in zip(futures, errors, strict=True):
            over |= error.trajectories if isinstance(error, TrainingInterrupted) else future.result()
        if len(over) < len(self.instances) or any(errors):
            raise TrainingInterrupted(over)
        return [over[index] for index in range(len(self.instances))]

    def group(self, number: int, indices: list[int]) -> dict[int, Trajectory]:
        """Trajectories of these, by index."""
        import torch

        from verify.theories.yang2024.numeric.checkpoint import Checkpoint, describe
        from verify.theories.yang2024.numeric.descent import Descent
        from verify.theories.yang2024.numeric.steps import Steps

        if self.stopped.is_set():
            return {}
        own, legs = [self.instances[index] for index in indices], [self.legs[index] for index in indices]
        rates, starts = [self.rates[index] for index in indices], [self.starts[index] for index in indices]
        try:
            descent = Descent(own, rates, self.dtype, self.device)
            for position, start in enumerate(starts):
                if start is not None:
                    descent.put(start, position)
            kept = None
            if self.folder is not None:
                call = describe(own, rates, self.dtype, self.device, [leg.steps for leg in legs], starts)
                kept = Checkpoint(self.folder / f"group-{number:04d}.npz", call)
            with threads_for(descent.entries), torch.no_grad():
                return Steps(descent, legs, after_block=self.after_block, checkpoint=kept, batch=True).run()
        except BaseException:
            self.stopped.set()  # before the thread is free for the next group
            raise

    def after_block(self, taken: int) -> None:
        if self.stopped.is_set():
            raise KeyboardInterrupt
        if self.progress is None:
            return
        with self.lock:
            self.taken += taken
            if time.monotonic() - self.shown > SHOWN_EVERY or self.taken == self.total:
                self.shown = time.monotonic()
                self.progress(self.taken, self.total)
