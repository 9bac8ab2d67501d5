"""The population loss (9) by summing over a finite law of λ and ε, exactly: no moment is named, none is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from verify.theories.yang2024.binding import Objects, objects, rational

Task = tuple[int | Fraction, ...]


@dataclass(frozen=True)
class FiniteTasks:
    """λ is each of `tasks` with equal probability."""

    tasks: tuple[Task, ...]

    @property
    def mean(self) -> list[Any]:
        return [self.average([task[a] for task in self.tasks]) for a in range(len(self.tasks[0]))]

    @property
    def second(self) -> Objects:
        """E[λλᵀ], (m, m)."""
        size = range(len(self.tasks[0]))
        return objects(
            [[self.average([Fraction(t[a]) * t[b] for t in self.tasks]) for b in size] for a in size]
        )

    @staticmethod
    def average(values: Sequence[int | Fraction]) -> Fraction:
        return sum((Fraction(value) for value in values), Fraction(0)) / len(values)

    def dependent(self) -> tuple[int, int] | None:
        """Two components whose joint law is not the product of their laws; None where every pair is independent."""
        size = len(self.tasks[0])
        for a in range(size):
            for b in range(a):
                for x, z in product({t[a] for t in self.tasks}, {t[b] for t in self.tasks}):
                    both, one, other = (
                        self.average([int(so) for so in events])
                        for events in (
                            [t[a] == x and t[b] == z for t in self.tasks],
                            [t[a] == x for t in self.tasks],
                            [t[b] == z for t in self.tasks],
                        )
                    )
                    if both != one * other:
                        return b, a
        return None


def noises(m: int, K: int, deviation: Fraction) -> Iterator[Objects]:
    """Every ε (m, K) with entries ± deviation: independent, mean 0, variance deviation²; each as likely as any other."""
    for signs in product((1, -1), repeat=m * K):
        yield objects([sign * deviation for sign in signs]).reshape(m, K)


def mean_loss(features: Objects, A_hat: Objects, law: FiniteTasks, deviation: Fraction) -> Any:
    """(9), the average of (1/2K) Σ_k (ŷ_k − y_k)² with y_k = λᵀ(z_k + ε_k) (1) and ŷ = Âᵀ(y_1..y_N) (8)."""
    (m, K), N = features.shape, len(A_hat)
    total, count = rational(0), 0
    for noise in noises(m, K, deviation):
        for task in law.tasks:
            y = objects(list(task)) @ (features + noise)
            off = y[:N] @ A_hat - y
            total += off @ off
            count += 1
    return total / (2 * K * count)
