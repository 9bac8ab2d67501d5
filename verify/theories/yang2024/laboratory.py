"""The laboratory: one instance, one set of options, and every expensive number about them, computed once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import NDArray

from numeric.balls import Undecided
from numeric.threads import threads_for
from verify.pipeline.bench import Bench, Progress
from verify.theories.yang2024.certificates import Certificates
from verify.theories.yang2024.numeric.constants import (
    Constants,
    IterateEnclosure,
    Spectrum,
    T_theorem2,
    enclose_constants,
    enclose_gap,
    enclose_spectrum,
    steps_for_bound,
)
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.forecast import step_cost
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic, label_covariance, least_squares, population_loss
from verify.theories.yang2024.numeric.margins import Along, Levels, along
from verify.theories.yang2024.numeric.predict import Prompts, sample_prompts
from verify.theories.yang2024.numeric.reach import Reach, enclose_reach
from verify.theories.yang2024.numeric.train import TrainingError, TrainingInterrupted, Trajectory, train
from verify.theories.yang2024.numeric.watch import Watch, schedule
from verify.theories.yang2024.options import Options, usable_device

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]
OPEN = (
    Undecided,
    TrainingError,
    LinAlgError,
    OverflowError,
)  # what leaves a question open, and is no fault of the program
SHORT_STEPS = 1000
SHORT_WORK = 4e11  # operations of a short run, about a minute or two on two cores
FEWEST_STEPS = 3
EXACT_BITS = 1_000_000  # of a number of steps that is shown exactly rounded
UPDATE_PAIRS = (1, 2, 16, 128)
RANDOM_THETAS = 20
FEWEST_THETAS = 4
THETA_WORK = 1e9  # operations of the literal model at all of them, without its gradients


@dataclass(frozen=True)
class Theta:
    """Parameters: Q (H, d, d) and w (H, K)."""

    Q: Array
    w: Array


def random_thetas(instance: Instance) -> Iterator[Theta]:
    """Random parameters with w ≠ 0 and scores of order one, without end."""
    i, rng = instance, instance.rng("random parameters")
    scale = (1.4 / max(1.0, float(np.linalg.norm(i.tokens, axis=0).max()))) ** 2
    while True:
        yield Theta(
            scale * rng.standard_normal((i.H, i.d, i.d)), rng.standard_normal((i.H, i.K)) / np.sqrt(i.H)
        )


@dataclass(frozen=True)
class Gradients:
    """Loss and its gradients by automatic differentiation of the literal model, in float64."""

    loss: float
    A_hat: Array
    w: Array
    Q: Array


@dataclass(frozen=True)
class Plan:
    """How many steps the theorems ask for at the rates in use, against the budget.

    bound_steps   steps until the guaranteed bound (18) is down to the target
    theorem2      T of (21) for the instance's ε, δ, B
    steps         steps that will be run: the larger of the two that fits the budget, else a short run
    """

    bound_steps: int | None
    theorem2: int | None
    steps: int
    reason: str

    @property
    def complete(self) -> bool:
        """Whether the run goes on until the guaranteed bound is at its target."""
        return self.bound_steps is not None and self.steps >= self.bound_steps

    def seconds(self, steps: int | None, seen: Trajectory) -> float | None:
        """Time that so many steps would take at the pace that was seen; None where no float holds it."""
        try:
            return float(steps or 0) * seen.seconds / max(1, seen.steps)
        except OverflowError:
            return None


def big(steps: int | None, digits: int = 4) -> str:
    """A number of steps that may be astronomical, in words: with so many digits, rounded down, from 10^7 on."""
    if steps is None or steps < 10**7:
        return str(steps)
    bits = steps.bit_length()
    if bits > EXACT_BITS:  # a power of ten that is as large would take seconds
        whole = math.log10(steps >> bits - 64) + (bits - 64) * math.log10(2)
        return f"{math.floor(10 ** (whole % 1 + digits - 1)) / 10 ** (digits - 1):g}e{math.floor(whole)}"
    # str() refuses integers of more than 4,300 digits.
    exponent = int((bits - 1) * math.log10(2))
    exponent += steps >= 10 ** (exponent + 1)
    return f"{steps // 10 ** (exponent + 1 - digits) / 10 ** (digits - 1):g}e{exponent}"


def counted_steps(steps: int) -> str:
    """A number of steps in full, or where that is beyond reading with eight digits, rounded down."""
    return f"{steps:,}" if steps < 10**15 else big(steps, 8)


class Laboratory(Bench):
    """Lazily computed facts about one instance. Nothing here judges.

    checkpoint   where the training is kept, and taken up from if it is there; see verify/theories/yang2024/numeric/checkpoint.py
    """

    open = OPEN

    def __init__(
        self,
        instance: Instance,
        options: Options | None = None,
        progress: Progress | None = None,
        checkpoint: Path | None = None,
    ) -> None:
        self.instance = instance
        self.options = options or Options()
        super().__init__(instance.seed, self.options.tier, progress)
        self.checkpoint = checkpoint
        self.seconds: dict[str, float] = {}
        self.further: Callable[[int], Iterable[int]] = (
            lambda steps: ()
        )  # of so many, those to keep beside UPDATE_PAIRS

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes of the instance."""
        i = self.instance
        return {"N": i.N, "K": i.K, "m": i.m, "d": i.d, "H": i.H}

    def timed(self, stage: str, since: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - since

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A piece of work that is announced, and timed however it ends."""
        self.progress(name, 0, 1)
        started = perf_counter()
        try:
            yield
        finally:
            self.timed(name, started)
            self.progress(name, 1, 1)

    @cached_property
    def device(self) -> str:
        return usable_device(self.options.device)

    @property
    def dtype(self) -> torch.dtype:
        import torch

        return torch.float64 if self.options.dtype == "float64" else torch.float32

    @cached_property
    def exact(self) -> ExactInstance:
        """The instance in balls; Q^(0) is converted once."""
        return ExactInstance(self.instance)

    @cached_property
    def spectrum(self) -> Spectrum:
        """λ_min(B_kB_kᵀ) (13) at θ^(0), enclosed."""
        with self.stage("certified constants"):
            return enclose_spectrum(self.exact)

    @cached_property
    def constants(self) -> Constants:
        """(11), (12), (14)–(17) enclosed."""
        spectrum = self.spectrum
        with self.stage("certified constants"):
            return enclose_constants(self.exact, spectrum)

    @cached_property
    def reach(self) -> Reach | None:
        """inf_θ 𝓛 enclosed where A2 does not make it the minimum over Â; None where it does."""
        c = self.constants
        return None if c.spectrum.rank == "full" else enclose_reach(self.exact, c.infimum, c.loss0)

    @cached_property
    def covariance(self) -> Array:
        """E[yyᵀ], (K, K)."""
        return label_covariance(self.instance)

    @cached_property
    def quadratic(self) -> Quadratic:
        """The minimiser over Â and the minimum, by least squares."""
        return least_squares(self.covariance, self.instance.N)

    @property
    def prompt_gram(self) -> Array:
        """ZᵀZ + mτI_N (12)."""
        i = self.instance
        gram: Array = i.Z.T @ i.Z + i.m * i.tau * np.eye(i.N)
        return gram

    def thetas(self) -> list[Theta]:
        """Random parameters with w ≠ 0 and scores of order one, so that no softmax is saturated; fewer of them at large sizes."""
        i = self.instance
        work = i.H * i.N * (i.d + i.K) ** 2  # of (5): scores of all tokens, and values K×K
        count = max(FEWEST_THETAS, min(RANDOM_THETAS, int(THETA_WORK / work)))
        return list(islice(random_thetas(i), count))

    def autograd(self, theta: Theta) -> Gradients:
        """The literal model (5)–(8) under automatic differentiation of (9)."""
        import torch

        from verify.theories.yang2024.numeric.model import Transformer

        i = self.instance
        tokens, Q, w = (torch.tensor(a, dtype=torch.float64) for a in (i.tokens, theta.Q, theta.w))
        model = Transformer(tokens, Q, w, i.N)
        with threads_for(i.H * i.N * i.K):
            A_hat = model.A_hat()
            loss = population_loss(A_hat, torch.tensor(self.covariance))
            loss.backward()  # type: ignore[no-untyped-call]
        assert model.w.grad is not None
        assert model.Q_offset.grad is not None
        return Gradients(
            float(loss.detach()), A_hat.detach().numpy(), model.w.grad.numpy(), model.Q_offset.grad.numpy()
        )

    @property
    def short(self) -> int:
        """Steps that are looked at where the bound is out of reach: fewer where one of them costs much."""
        i = self.instance
        return max(FEWEST_STEPS, min(SHORT_STEPS, int(SHORT_WORK / step_cost(i.N, i.K, i.H).flops)))

    @cached_property
    def plan(self) -> Plan:
        rates, budget = self.constants.rates, self.options.max_steps
        if rates is None or rates.log_rate is None:
            return Plan(None, None, 0, self.constants.no_rates)
        held = np.finfo(self.options.dtype)
        for name, rate in (("eta_Q", rates.eta_Q), ("eta_w", rates.eta_w)):
            if not held.tiny <= rate <= held.max:
                return Plan(
                    None, None, 0, f"{name} = {rate:.3g} is outside the range of {self.options.dtype}"
                )
        inference = self.instance.inference
        bound_steps = steps_for_bound(rates.log_rate, self.options.bound_target)
        try:
            theorem2: int | None = T_theorem2(
                self.constants, inference.B, inference.epsilon, inference.delta, rates.log_rate
            )[1]
        except Undecided:
            theorem2 = None
        fitting = [t for t in (bound_steps, theorem2) if t is not None and t <= budget]
        steps = max(fitting, default=min(self.short, budget))
        reason = "" if bound_steps <= budget else f"{big(bound_steps)} steps needed, the budget is {budget:,}"
        return Plan(bound_steps, theorem2, steps, reason)

    @cached_property
    def trajectory(self) -> Trajectory | None:
        """Gradient descent (10) at the printed rates; None where there are no rates."""
        plan, rates = self.plan, self.constants.rates
        if rates is None or plan.steps == 0:
            return None
        started = perf_counter()
        try:
            return train(
                self.instance, rates, max_steps=plan.steps, dtype=self.dtype, device=self.device,
                snapshots=[t for t in (*UPDATE_PAIRS, *self.further(plan.steps)) if t < plan.steps],
                progress=lambda done, total: self.progress("gradient descent", done, total),
                watch=self.watch, watch_at=self.watch.wants, checkpoint=self.checkpoint,
            )  # fmt: skip
        except TrainingInterrupted as stop:
            self.__dict__["trajectory"] = stop.trajectory  # what was seen is kept for the partial record
            raise
        finally:
            self.timed("gradient descent", started)

    @cached_property
    def certificates(self) -> Certificates:
        """What is certified of every step."""
        return Certificates(self)

    @cached_property
    def watch(self) -> Watch:
        """What looks at the run at chosen steps."""
        i = self.instance
        return Watch([i], schedule(i.N, i.K, i.H, self.plan.steps))

    @cached_property
    def watched(self) -> dict[str, Along]:
        """Both sides of the inequalities of Theorem 1's proof along the run; empty where nothing was trained."""
        trajectory = self.trajectory
        if trajectory is None:
            return {}
        seen = self.watch.observed(until=trajectory.last.t)
        return along(trajectory, seen, Levels.of(self.constants, trajectory.rates), self.options.dtype)

    @cached_property
    def final_A_hat(self) -> Array | None:
        """Â(θ) at the last iterate, by the literal model in float64."""
        return None if self.trajectory is None else trained_A_hat(self.trajectory)

    @cached_property
    def final_enclosure(self) -> IterateEnclosure | None:
        """Gap, distance to A and loss at the last stored iterate, enclosed."""
        if self.trajectory is None:
            return None
        started = perf_counter()
        last = self.trajectory.last
        found = enclose_gap(self.exact, last.w, last.X)
        self.timed("certified final iterate", started)
        return found

    @cached_property
    def inference_prompts(self) -> Prompts:
        """Prompts with tasks from the inference law, outside the training law by default."""
        i = self.instance
        return sample_prompts(i, i.inference.tasks, i.inference.prompts, i.rng("inference prompts"))

    @cached_property
    def training_prompts(self) -> Prompts:
        """Prompts with tasks from the training law."""
        i = self.instance
        return sample_prompts(i, i.tasks, i.inference.prompts, i.rng("in-domain prompts"))

    def more_prompts(self, factor: int) -> Prompts:
        """A fresh, larger sample, for a statistical verdict that went against the claim."""
        i = self.instance
        return sample_prompts(
            i, i.inference.tasks, factor * i.inference.prompts, i.rng("inference prompts, again")
        )


def trained_A_hat(trajectory: Trajectory) -> Array:
    """Â(θ) (35) at the last iterate, (N, K), by the literal model in float64."""
    import torch

    from verify.theories.yang2024.numeric.model import Transformer

    i = trajectory.instance
    model = Transformer.from_instance(i)
    with threads_for(i.H * i.N * i.K), torch.no_grad():
        model.Q_offset.copy_(torch.tensor(trajectory.Q_offset()))
        model.w.copy_(torch.tensor(trajectory.last.w))
        A_hat: Array = model.A_hat().numpy()
    return A_hat
