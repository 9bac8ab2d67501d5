"""Posterior means over a finite set of tasks, with Gaussian noise of standard deviation σ: given tasks, or all sign vectors."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import product

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.families.smoothing import softmax
from numeric.probe.family import Family

MOST_SIGNS = 10  # features, with 2^10 sign vectors
NOISE = np.geomspace(0.02, 20.0, 10)


def posterior(prompts: Prompts, tasks: Array, sigma: float) -> Array:
    """(M,) posterior means of the query's label, where the tasks (T, m) are equally likely."""
    found = []
    for block in prompts.blocks:
        means = np.einsum("tm,bnm->btn", tasks, block.Z)
        squares = (
            (block.Y**2).sum(axis=2)[:, :, None]
            + (means**2).sum(axis=2)[:, None, :]
            - 2 * np.einsum("bsn,btn->bst", block.Y, means)
        )
        found.append(softmax(-squares / (2 * sigma**2)) @ tasks)
    return prompts.mapped(found)


class FiniteTasks(Family):
    """The posterior mean under a uniform prior on given tasks (T, m), as of a model that was trained on these tasks ("dMMSE")."""

    name, parameters, last = "posterior over given tasks", ("σ",), True

    def __init__(self, tasks: Array) -> None:
        self.tasks = tasks

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        return NOISE[:, None] * float(np.sqrt((self.tasks**2).mean()))

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return posterior(prompts, self.tasks, float(parameters[0]))


class Rademacher(Family):
    """The posterior mean where each coefficient of the task is ±s with equal probability."""

    name, parameters, last = "posterior with Rademacher tasks", ("s", "σ"), True

    def refusal(self, prompts: Prompts) -> str:
        return f"more than {MOST_SIGNS} features" if prompts.m > MOST_SIGNS else ""

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        typical = prompts.typical_task
        return np.array(
            [(s * typical, s * typical * noise) for s in (0.3, 0.6, 1.0, 1.7, 3.0) for noise in NOISE]
        )

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        signs = np.array(list(product((-1.0, 1.0), repeat=prompts.m)))
        return posterior(prompts, float(parameters[0]) * signs, float(parameters[1]))
