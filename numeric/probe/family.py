"""A family of algorithms, and how a member is fitted: by the squared distance of its answers from those of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from numeric.draws import Array
from numeric.probe.data import NORMALISERS, Prompts

FEW = 300  # answers on which each order of a family is tried
STEPS = 12  # of Gauss and Newton
STENCIL = 1e-4  # of central differences in the logarithm of a parameter
NEAR = (
    1.3  # orders whose sum of squares on the few answers is within this factor of the least are fitted to all
)
MOST = 8  # orders that are fitted to all answers


@dataclass(frozen=True)
class Fit:
    """A member of a family.

    order       what is whole or named among its parameters, such as a number of steps; None where nothing is
    parameters  the positive real ones
    answers     (M,) what it answers
    slopes      (M, p) derivatives of the answers in the logarithms of the parameters; (M, 0) where there are none
    freedom     how many real parameters were fitted
    others      the best members of other orders, best first
    """

    order: Hashable
    parameters: Array
    answers: Array
    slopes: Array
    freedom: int
    rss: float
    others: tuple[Fit, ...] = field(default=(), repr=False)


class Family(ABC):
    """One kind of algorithm.

    name        in a word or two, as answers name it
    parameters  letters of its positive real parameters
    contains    names of families whose members it has as points or limits
    signed      whether minus its answers are not among its answers
    last        whether it is tried only where no other family is adequate, since it takes long or contains others
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ()
    contains: ClassVar[tuple[str, ...]] = ()
    last: ClassVar[bool] = False
    signed: ClassVar[bool] = True

    def title(self, order: Hashable) -> str:
        """What a member with this order is called."""
        return self.name

    def names(self, order: Hashable) -> tuple[str, ...]:
        """What the parameters of a member with this order are called."""
        return self.parameters

    def count(self, order: Hashable) -> int | None:
        """The whole number k among its parameters; None where there is none."""
        return None

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        """What is whole or named among its parameters, every choice that is tried."""
        return (None,)

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        """(G, p) parameters on a grid; the fit stays between the least and the largest of each."""
        return np.ones((1, len(self.parameters)))

    @abstractmethod
    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        """(M,) what the member with these parameters answers."""

    def includes(self, name: str, order: Hashable, prompts: Prompts) -> bool:
        """Whether the family of this name, with this order, is part of it on these prompts."""
        return name in self.contains

    def refusal(self, prompts: Prompts) -> str:
        """Why it cannot be fitted to these prompts; empty where it can."""
        return ""

    def fit(self, prompts: Prompts, target: Array) -> Fit:
        """The member whose answers are nearest to the target, in squared distance."""
        few, rows = prompts.thinned(FEW)
        tried = []
        for order in self.orders(prompts):
            grid = self.starts(prompts, order)
            sums = [float(((self.answers(few, order, p) - target[rows]) ** 2).sum()) for p in grid]
            best = self.polished(few, target[rows], order, grid[int(np.argmin(sums))])
            tried.append((best.rss, best))
        tried.sort(key=lambda pair: pair[0])
        within = NEAR * tried[0][0] + 1e-20 * float((target[rows] ** 2).sum())
        near = [best for rss, best in tried[:MOST] if rss <= within]
        fits = [self.polished(prompts, target, best.order, best.parameters) for best in near]
        first, *rest = sorted(fits, key=lambda fit: fit.rss)
        return replace(first, others=tuple(rest))

    def polished(self, prompts: Prompts, target: Array, order: Hashable, start: Array) -> Fit:
        """The member from which Gauss–Newton steps in the logarithms of the parameters lead no further."""
        grid = np.log(self.starts(prompts, order))
        low, high = grid.min(axis=0), grid.max(axis=0)
        theta = np.log(start)

        def at(point: Array) -> Array:
            return self.answers(prompts, order, np.exp(point))

        answers = at(theta)
        rss, slopes = float(((answers - target) ** 2).sum()), np.zeros((len(target), 0))
        for _ in range(STEPS if len(theta) else 0):
            slopes = self.slopes(prompts, order, theta)
            step = np.linalg.pinv(slopes.T @ slopes) @ (slopes.T @ (target - answers))
            improved = False
            for _ in range(5):
                point = np.clip(theta + step, low, high)
                moved = at(point)
                found = float(((moved - target) ** 2).sum())
                if found < rss:
                    improved = rss - found > 1e-14 * rss and bool(np.abs(point - theta).max() > 1e-13)
                    theta, answers, rss = point, moved, found
                    break
                step = step / 5
            if not improved:
                break
        if len(theta):
            slopes = self.slopes(prompts, order, theta)
        return Fit(order, np.exp(theta), answers, slopes, len(theta), rss)

    def slopes(self, prompts: Prompts, order: Hashable, theta: Array) -> Array:
        """(M, p) derivatives of the answers in the logarithms of the parameters, by central differences."""
        columns = []
        for step in STENCIL * np.eye(len(theta)):
            ahead, behind = (
                self.answers(prompts, order, np.exp(theta + sign * step)) for sign in (1.0, -1.0)
            )
            columns.append((ahead - behind) / (2 * STENCIL))
        return np.stack(columns, axis=1)


class Spectral(Family):
    """A family that acts on each eigenvector of ZᵀZ by a filter g of its eigenvalue μ; ridge is the one with 1/g − μ constant."""

    @abstractmethod
    def filter(self, mu: Array, divisor: Array, order: Hashable, parameters: Array) -> Array:
        """g(μ), where sums over labelled tokens are divided by `divisor`."""

    def normaliser(self, order: Hashable) -> str:
        """The name of the divisor that an order has."""
        return str(order[-1] if isinstance(order, tuple) else order)

    def orders(self, prompts: Prompts) -> Sequence[Hashable]:
        return prompts.normalisers

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        spectrum = prompts.spectrum
        divisor = NORMALISERS[self.normaliser(order)](spectrum.n)
        return spectrum.summed(self.filter(spectrum.mu, divisor, order, parameters))
