"""What is watched of a training run: how near its predictions are to those of ridge regression, and when they first were near enough."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import Quadratic, sample_labels

Array = NDArray[np.float64]
PROMPTS = 200  # in each test set
TARGETS = (1e-3, 1e-6)
LAWS = {"in domain": TaskLaw("gaussian", 0.0, 1.0), "out of domain": TaskLaw("gaussian", 1.0, 2.0)}
LOOKS = frozenset({0, *(int(1.05**i) for i in range(500))})  # steps before which the test sets are looked at


@dataclass
class Course:
    """(1/K)‖ŷ − ŷ*‖² in the mean over two test sets, as training goes on. The clock stands while they are looked at."""

    instance: Instance
    quadratic: Quadratic
    seconds: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    errors: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in LAWS})

    def __post_init__(self) -> None:
        i = self.instance
        self.prompts = {}
        for name, law in LAWS.items():
            rng = i.rng(f"benchmark, {name}")
            self.prompts[name] = sample_labels(i, law.sample(rng, PROMPTS, i.m), rng)[:, : i.N]
        self.spent = 0.0
        self.since = time.perf_counter()

    @property
    def now(self) -> float:
        """Seconds of training, with the clock running."""
        return self.spent + time.perf_counter() - self.since

    def start(self) -> None:
        self.since = time.perf_counter()

    def pause(self) -> None:
        self.spent = self.now

    def error(self, D: Array) -> dict[str, float]:
        """For Â − A = D (N, K): ŷ − ŷ* is Dᵀy."""
        return {
            name: float(np.sum((y @ D) ** 2) / (len(y) * self.instance.K)) for name, y in self.prompts.items()
        }

    def look(self, step: int, D: Array) -> None:
        self.steps.append(step)
        self.seconds.append(self.spent)
        for name, value in self.error(D).items():
            self.errors[name].append(value)

    @property
    def there(self) -> bool:
        """Whether every target is met on both sets."""
        return all(min(values, default=np.inf) <= min(TARGETS) for values in self.errors.values())

    def told(self) -> dict[str, Any]:
        """For the record: when each target was first met, and where it ended, with where it was at half of the time."""
        at = np.array(self.seconds)
        half = int(np.searchsorted(at, at[-1] / 2))
        found: dict[str, Any] = {"steps": self.steps[-1], "seconds": float(at[-1])}
        for name, values in self.errors.items():
            series = np.array(values)
            first = {}
            for target in TARGETS:
                met = np.flatnonzero(series <= target)
                first[f"{target:g}"] = [float(at[met[0]]), self.steps[met[0]]] if len(met) else None
            found[name] = {
                "first": first, "least": float(series.min()), "half": float(series[half]), "end": float(series[-1]),
            }  # fmt: skip
        return found
