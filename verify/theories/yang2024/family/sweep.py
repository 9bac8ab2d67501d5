"""The sweep: constants of every instance, those within the budget trained and held to (18), one record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

from numeric.errors import InputError
from verify.pipeline import resume as resumed
from verify.pipeline.bench import Progress
from verify.pipeline.folder import locked
from verify.pipeline.pool import processes
from verify.pipeline.provenance import code, now, provenance
from verify.pipeline.sweep_parts import SweepParts
from verify.record import Record, Settings
from verify.theories.yang2024 import summary
from verify.theories.yang2024.family.draw import Varied, family, parse
from verify.theories.yang2024.family.row import Row, Seen, Start, seen, start
from verify.theories.yang2024.family.study import headline, study
from verify.theories.yang2024.family.training import chunks, together
from verify.theories.yang2024.fits import NAMES, Sizes, must_fit
from verify.theories.yang2024.job import Interrupted
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.theory import theory

API_CALL = "verify.sweep()"
WORTH = 12  # instances from which on further processes pay for their start
OPTIONS = {"training.bound_target": "--target", "training.max_steps": "--max-steps"}
UNDER_WAY = "under way, or ended without a word"


def sweep(
    path: str | Path | None = None,
    *,
    instances: int = 100,
    vary: str = "seed",
    seed: int | None = None,
    target: float | None = None,
    max_steps: int | None = None,
    device: str = "auto",
    dtype: str = "float64",
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    command: str = "",
    save: Callable[[Record], object] | None = None,
    resume: Record | None = None,
) -> Record:
    """Theorem 1 on a family of instances: each at its own certified rates until its bound (18) is at `target` of its start.

    path, seed   one description, as for `verify.load`, and the first seed; the file's where None
    vary         what varies, such as "seed,tau=0.05..0.5,H=48/96"; see `verify.theories.yang2024.family.draw`
    target, max_steps   in the place of the file's; an instance that needs more steps is listed, not run
    out          folder in which finished parts are kept, for `resume`
    workers      processes for what is certified; more than one only from a script that guards its main module
    progress, command, save, resume   as for `verify.run`

    Raises InputError; Interrupted, with a partial record, on Ctrl-C.
    """
    job = prepared(
        path, instances=instances, vary=vary, seed=seed, target=target, max_steps=max_steps, device=device, dtype=dtype,
        out=out, command=command,
    )  # fmt: skip
    with nullcontext() if out is None else locked(Path(out), "out"):
        return job.run(workers, progress, save, resume)


def prepared(
    path: str | Path | None, *, instances: int, vary: str, seed: int | None, target: float | None, max_steps: int | None,
    device: str, dtype: str, out: str | Path | None, command: str,
) -> Sweep:  # fmt: skip
    """The sweep that these arguments of `sweep` describe, before any work. Raises InputError."""
    varied = parse(vary)
    given = Options(device=device, dtype=dtype)
    found, from_file = family(path, instances, varied, seed)
    try:
        options = replace(
            given,
            bound_target=from_file.bound_target if target is None else target,
            max_steps=from_file.max_steps if max_steps is None else max_steps,
        )
    except InputError as error:
        # The file was checked when it was read, so the bad value is an argument of the sweep.
        argument = OPTIONS.get(error.argument, error.argument)
        raise InputError(argument, error.value, error.needed, error.remedy) from None
    largest = max(found, key=lambda one: one.H)
    named = NAMES if max_steps is None else NAMES | {"max_steps": "--max-steps"}
    must_fit(Sizes.of(largest, options, len(found)), "sweep", names=named)
    return Sweep(found, options, varied, command or API_CALL, SweepParts(None if out is None else Path(out)))


class Sweep:
    """A sweep under way: what is finished is kept, so that a partial record can be made of it at any moment."""

    def __init__(
        self,
        instances: Sequence[Instance],
        options: Options,
        varied: Sequence[Varied],
        command: str,
        kept: SweepParts,
    ) -> None:
        self.instances, self.options, self.varied = instances, options, varied
        self.command, self.kept = command, kept
        self.progress: Progress = lambda stage, done, total: None
        self.before: Record | None = None
        self.starts: dict[int, Start] = {}
        self.ends: dict[int, Seen] = {}
        self.seconds: dict[str, float] = {}
        self.started, self.clock, _ = (
            now(),
            perf_counter(),
            code(),
        )  # the code as it is before the first instance
        self.laboratory = Laboratory(instances[0], options)

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the instances."""
        return hashlib.sha256("".join(one.digest for one in self.instances).encode()).hexdigest()

    @property
    def done(self) -> str:
        return f"{len(self.ends)} of {len(self.instances)} instances"

    def run(
        self,
        workers: int,
        progress: Progress | None = None,
        save: Callable[[Record], object] | None = None,
        before: Record | None = None,
    ) -> Record:
        """The whole sweep. Raises InputError; Interrupted, with a partial record, on Ctrl-C."""
        self.progress, self.before = progress or self.progress, before
        try:
            return self._run(workers, save or (lambda record: None), before)
        except KeyboardInterrupt as stop:
            raise Interrupted(self.record("partial", f"interrupted by Ctrl-C after {self.done}")) from stop

    def _run(self, workers: int, saved: Callable[[Record], object], before: Record | None) -> Record:
        fresh = self.record("partial")  # an absent device is said before any work
        self.kept.basis = resumed.identity(fresh)
        if before is None:
            self.kept.clear()
        else:
            resumed.finished(before, fresh, [])
        saved(self.record("partial", UNDER_WAY))
        with processes(workers if len(self.instances) >= WORTH else 1) as mapped:
            self._begin(mapped)
            starts = [self.starts[i] for i in range(len(self.instances))]
            groups = chunks(self.instances, starts, self.laboratory.device)
            for number, group in enumerate(groups, 1):
                if not self._taken_up(group):
                    self._train(mapped, group, f"gradient descent · {number} of {len(groups)}")
                    saved(self.record("partial", f"{UNDER_WAY}, after {self.done}"))
        return self.record("complete")

    def _begin(self, mapped: Callable[..., Iterator[Start]]) -> None:
        """What is certified before training, of the instances of which it is not kept."""
        since, stage, total = perf_counter(), "certified constants", len(self.instances)
        for i, instance in enumerate(self.instances):
            part = self.kept.get(f"start-{i + 1:05}", Start)
            if part is not None and part.digest == instance.digest:
                self.starts[i] = part
        missing = [i for i in range(total) if i not in self.starts]
        self.progress(stage, len(self.starts), total)
        found = mapped(partial(start, options=self.options), [self.instances[i] for i in missing])
        for i, one in zip(missing, found, strict=True):
            self.starts[i] = one
            self.kept.put(f"start-{i + 1:05}", one)
            self.progress(stage, len(self.starts), total)
        self._took(stage, since)

    def _taken_up(self, group: Sequence[int]) -> bool:
        """Whether the whole chunk is kept; it is then not trained again."""
        parts = {i: self.kept.get(f"seen-{i + 1:05}", Seen) for i in group}
        found = {i: part for i, part in parts.items() if part and part.digest == self.instances[i].digest}
        if len(found) == len(group):
            self.ends |= found
        return len(found) == len(group)

    def _train(self, mapped: Callable[..., Iterator[Seen]], group: Sequence[int], stage: str) -> None:
        """One chunk: descent together, then each run held to the bound."""
        instances = [
            replace(self.instances[i]) for i in group
        ]  # what they keep of their scores goes with them
        starts, options, since = [self.starts[i] for i in group], self.options, perf_counter()
        runs = together(
            instances, starts, target=options.bound_target, max_steps=options.max_steps,
            dtype=options.dtype, device=self.laboratory.device,
            progress=partial(self.progress, stage),
        )  # fmt: skip
        since, stage = self._took("gradient descent", since), "certified last iterates"
        self.progress(stage, 0, len(group))
        for n, one in enumerate(mapped(partial(seen, dtype=options.dtype), instances, starts, runs)):
            self.ends[group[n]] = one
            self.kept.put(f"seen-{group[n] + 1:05}", one)
            self.progress(stage, n + 1, len(group))
        self._took(stage, since)

    def _took(self, stage: str, since: float) -> float:
        moment = perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + moment - since
        return moment

    @property
    def varying(self) -> str:
        words = "; ".join(one.words(self.instances[0]) for one in self.varied)
        return words[0].upper() + words[1:]

    @property
    def method(self) -> str:
        options = self.options
        return (
            f"{self.varying}. Constants enclosed for each; rates (16) at equality, γ rounded up and η_Q down; gradient descent (10) in "
            f"{options.dtype} on {self.laboratory.device} until the guaranteed bound is at most {options.bound_target:g} of its start, "
            f"at most {options.max_steps} steps; the recorded gap held to (18) at every step, and enclosed at step 1 and the last"
        )

    def rows(self) -> list[Row]:
        return [
            Row(
                number=i + 1, seed=one.seed, H=one.H, tau=one.tau, beta=one.beta, start=self.starts[i],
                seen=self.ends.get(i),
            )
            for i, one in enumerate(self.instances) if i in self.starts
        ]  # fmt: skip

    def record(self, status: str, reason: str = "") -> Record:
        """Everything finished so far."""
        rows, options, first, finished = self.rows(), self.options, self.instances[0], status == "complete"
        spent = perf_counter() - self.clock
        names = [one.name for one in self.varied]
        found = study(rows, len(self.instances), options, names, self.method, first.seed, spent)
        about = summary.instance(first)
        return Record(
            status="complete" if finished else "partial", status_reason=reason,
            exit_code=(1 if found.contradiction else 0) if finished else 130,
            headline=headline(rows, len(self.instances), options.bound_target), theory=theory().source,
            settings=Settings(
                seed=first.seed, device=self.laboratory.device, dtype=options.dtype, tier=options.tier,
                gpu=summary.gpu(self.laboratory),
                budgets={
                    "instances": len(self.instances), "vary": ",".join(one.text() for one in self.varied),
                    "bound_target": options.bound_target, "max_steps": options.max_steps,
                },
            ),
            instance=about.model_copy(
                update={
                    "digest": self.digest,
                    "description": f"{len(self.instances)} instances; the first: {about.description}. {self.varying}",
                }
            ),
            assumptions=[], claims=[], studies=[found],
            provenance=provenance(self.command, self.started, spent, self.seconds, None if self.before is None else self.before.provenance),
        )  # fmt: skip
