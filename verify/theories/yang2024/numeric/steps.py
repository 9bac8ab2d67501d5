"""Steps of (10) for a group of instances, in blocks: gaps, snapshots, faults, Ctrl-C. One loop for one instance or many.

Within a block nothing waits for the device; between blocks it is asked for numbers, and the clock for the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numeric.errors import InputError
from verify.theories.yang2024.numeric import graph
from verify.theories.yang2024.numeric.checkpoint import Checkpoint
from verify.theories.yang2024.numeric.constants import Rates, steps_for_bound
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.train import Iterate, TrainingError, TrainingInterrupted, Trajectory

Array = NDArray[np.float64]
BLOCK_STEPS = 1024
BLOCK_WORK = 4_000_000  # entries of X times steps: about a tenth of a second on one core


@dataclass
class Leg:
    """What one instance is to go through, and what was seen of it.

    index         its place in the batch; 0 where it is alone
    first, final  the steps it starts from and ends at
    target        see Trajectory.target_steps
    wanted        steps t at which to keep θ^(t), in `kept`
    gap           nan where no step has got to yet
    """

    index: int
    first: int
    final: int
    target: int | None = None
    wanted: frozenset[int] = frozenset()
    kept: list[Iterate] = field(default_factory=list)
    gap: Array = field(init=False)

    def __post_init__(self) -> None:
        self.gap = np.full(self.final - self.first + 1, np.nan)

    @classmethod
    def of(
        cls,
        index: int,
        rates: Rates,
        max_steps: int,
        stop: float | None,
        snapshots: Iterable[int],
        resume: Iterate | None,
    ) -> Leg:
        """What `train` is asked for. Raises InputError where `stop` is no factor, or no rate is guaranteed."""
        first, target = resume.t if resume else 0, None
        if stop is not None:
            if rates.log_rate is None or not 0 < stop <= 1:
                needed = "a factor in (0, 1] and a guaranteed rate"
                raise InputError("stop", stop, needed, "pass None and max_steps")
            target = steps_for_bound(rates.log_rate, stop)
        final = first + max_steps if target is None else max(first, min(first + max_steps, target))
        return cls(index, first, final, target, frozenset(t + i for t in snapshots for i in (0, 1)))

    @property
    def steps(self) -> tuple[object, ...]:
        """Which steps are taken and which are kept."""
        return self.first, self.final, self.target, sorted(self.wanted)

    @property
    def length(self) -> int:
        return self.final - self.first


class Steps:
    """A group of legs under way, each counting from its own start.

    descent      one θ for each leg that still runs, in the order of `legs`
    taken        steps that are over: found finite, and kept by the descent
    after_block  called with the number of instance-steps just taken; what it raises ends the run
    checkpoint   where the state is kept, and taken up from if it is there
    batch        whether errors have to say which instance
    """

    def __init__(
        self,
        descent: Descent,
        legs: Iterable[Leg],
        *,
        watch: Callable[[Descent, int], None] | None = None,
        watch_at: Callable[[int], bool] = bool,
        after_block: Callable[[int], None] | None = None,
        checkpoint: Checkpoint | None = None,
        batch: bool = False,
    ) -> None:
        self.descent, self.legs = descent, list(legs)
        self.watch, self.watch_at, self.after_block = watch, watch_at, after_block
        self.checkpoint, self.batch = checkpoint, batch
        self.began = time.monotonic()
        self.graph: graph.Graph | None = None
        self.path, self.capture = "eager", descent.device.type == "cuda"
        self.taken = 0
        self.settled = True  # whether θ in the descent is the one after `taken` steps, and not on its way
        size = BLOCK_STEPS if descent.device.type == "cuda" else BLOCK_WORK // descent.entries
        self.size = max(1, min(BLOCK_STEPS, size))

    def run(self) -> dict[int, Trajectory]:
        """All legs to their ends: trajectories by index.

        Raises TrainingError at the first number that is not finite, TrainingInterrupted on Ctrl-C, InputError where the
        checkpoint is of another call or cannot be read or written.
        """
        over: dict[int, Trajectory] = {}
        try:
            self._take_up(over)
            self.descent.keep()
            if self.legs:
                self._block(0)
            while self.legs:
                for position, leg in enumerate(self.legs):
                    if leg.length == self.taken:
                        self._look(position, leg)
                        over[leg.index] = self.trajectory(position)
                self._go_on_with([i for i, leg in enumerate(self.legs) if leg.length > self.taken])
                if self.checkpoint is not None and (self.checkpoint.due or not self.legs):
                    self.checkpoint.write(over | self._under_way())
                if self.legs:
                    self._block(min(self.size, min(leg.length for leg in self.legs) - self.taken))
            return over
        except KeyboardInterrupt as error:
            if not self.settled:
                self.descent.go_back()
            seen = over
            if len(self.legs) == len(self.descent.instances):  # else Ctrl-C came while some were leaving
                seen = over | self._under_way()
                if self.checkpoint is not None:
                    self.checkpoint.write(seen)
            raise TrainingInterrupted(seen) from error

    def _take_up(self, over: dict[int, Trajectory]) -> None:
        """Go on from the checkpoint, if there is one; legs that it saw end go to `over`."""
        parts = self.checkpoint.load() if self.checkpoint is not None else {}
        if not parts:
            return
        self.taken = max(len(part.gap) for part in parts.values()) - 1
        self.began -= max(part.seconds for part in parts.values())
        for position, leg in enumerate(self.legs):
            part = parts[leg.index]
            self.descent.put(part.last, position)
            leg.gap[: len(part.gap)], leg.kept = part.gap, part.snapshots
            if leg.length <= self.taken:
                over[leg.index] = replace(self.trajectory(position), **vars(part))
        self._go_on_with([i for i, leg in enumerate(self.legs) if leg.length > self.taken])
        if self.after_block is not None:
            self.after_block(sum(len(part.gap) - 1 for part in parts.values()))

    def _go_on_with(self, staying: list[int]) -> None:
        if 0 < len(staying) < len(self.legs):
            self.descent.select(staying)
            self.graph = None  # it knows the tensors from before
        self.legs = [self.legs[i] for i in staying]

    def _under_way(self) -> dict[int, Trajectory]:
        return {leg.index: self.trajectory(i) for i, leg in enumerate(self.legs)}

    def trajectory(self, position: int) -> Trajectory:
        """What was seen of a leg in the steps that are over."""
        leg, descent = self.legs[position], self.descent
        last = descent.iterate(leg.first + self.taken, position)
        return Trajectory(
            descent.instances[position], descent.rates[position], descent.quadratics[position].infimum, leg.target,
            leg.gap[: self.taken + 1].copy(), last, [one for one in leg.kept if one.t <= last.t],
            time.monotonic() - self.began, self.path,
        )  # fmt: skip

    def _block(self, count: int) -> None:
        """`count` steps; 0 for the gap at the start alone."""
        descent, start = self.descent, self.taken
        gaps = torch.zeros(count + 1, len(self.legs), 1, 1, dtype=descent.dtype, device=descent.device)
        slots = gaps.unbind()
        marks = {t - leg.first for leg in self.legs for t in leg.wanted}
        self.settled = False
        if count == 0:
            descent.gradients(slots[0])
        seen_at = {i for i in range(count) if start + i in marks or self._watched(i)}
        for i, until in pairwise(sorted({0, *seen_at, count})):
            if i in seen_at:
                for position, leg in enumerate(self.legs):
                    self._look(position, leg, i)
            self._advance(gaps, slots, i, until)
        fresh = slice(min(count, 1), None)  # the gap before the first step is known, as are the gradients
        seen = gaps[fresh].to("cpu", torch.float64).numpy()[:, :, 0, 0] / 2
        if np.isfinite(seen).all() and descent.not_finite() is None:
            for leg, column in zip(self.legs, seen.T, strict=True):
                leg.gap[start : start + count + 1][fresh] = column
            self.taken, self.settled = start + count, True
            descent.keep()
        else:
            self._again(count)
        if self.after_block is not None:
            self.after_block(count * len(self.legs))

    def _look(self, position: int, leg: Leg, ahead: int = 0) -> None:
        """Snapshot and watch at θ^(t), whose gradients are known, where they are wanted."""
        t = leg.first + self.taken + ahead
        if t in leg.wanted and t not in (one.t for one in leg.kept):
            leg.kept.append(self.descent.iterate(t, position))
        if self.watch is not None and self.watch_at(t):
            self.watch(self.descent, t)

    def _watched(self, ahead: int) -> bool:
        return self.watch is not None and any(
            self.watch_at(leg.first + self.taken + ahead) for leg in self.legs
        )

    def _advance(self, gaps: Tensor, slots: Sequence[Tensor], i: int, until: int) -> None:
        """Steps i..until of the block; where the device can, many at a time."""
        if self.capture and self.graph is None and until - i >= graph.STEPS:
            self._make_graph()
        while self.graph is not None and until - i >= graph.STEPS:
            self.graph.replay()
            gaps[i + 1 : i + 1 + graph.STEPS].copy_(self.graph.gaps)
            i += graph.STEPS
        for slot in slots[i + 1 : until + 1]:
            self.descent.step(slot)

    def _make_graph(self) -> None:
        """Where that fails the steps are taken one by one, and the trajectory says why."""
        try:
            self.graph, self.path = graph.Graph(self.descent), "graph"
        except RuntimeError as error:
            self.capture, self.path = False, f"eager: {' '.join(str(error).split())}"

    def _again(self, count: int) -> None:
        """The block once more from its start, in single steps, each looked at before the next."""
        descent = self.descent
        gap = torch.zeros(len(self.legs), 1, 1, dtype=descent.dtype, device=descent.device)
        descent.go_back()
        self._hold(gap, self.taken)
        for _ in range(count):
            descent.update()
            self._hold(gap, self.taken + 1)
            self.taken += 1
        self.settled = True

    def _hold(self, gap: Tensor, taken: int) -> None:
        """Keep θ after so many steps, if it and its loss are finite. Raises TrainingError."""
        found = self.descent.not_finite()
        if found is None:
            self.descent.gradients(gap)
            values = gap.to("cpu", torch.float64).numpy().ravel() / 2
            bad = np.flatnonzero(~np.isfinite(values))
            found = (int(bad[0]), "the loss") if len(bad) else None
        if found is not None:
            position, quantity = found
            leg = self.legs[position]
            self.descent.go_back()
            index = leg.index if self.batch else None
            raise TrainingError(leg.first + taken, quantity, self.trajectory(position), index)
        for leg, value in zip(self.legs, values, strict=True):
            leg.gap[taken] = value
        self.descent.keep()
