"""A family of algorithms, and how a member is fitted: by the squared distance of its answers from those of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from numeric.draws import Array
from numeric.probe.data import NORMALISERS, Prompts

FEW = 300  # answers on which each order of a family is sketched
STEPS = 12  # of Gauss and Newton
SETTLED, ROUGHLY = (
    1e-13,
    1e-3,
)  # gain of a step, relative to the sum of squares, that is not worth it; the same for a sketch
DAMPING, TINY = (
    1e-13,
    float(np.finfo(np.float64).tiny),
)  # of the normal equations, where two parameters do the same
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

    def enough(self, prompts: Prompts) -> int:
        """About how many answers a sketch needs."""
        return FEW

    def sketches(self, few: Prompts, target: Array) -> list[Fit]:
        """The nearest members of the orders that come into question, nearest first, from a few of the answers."""
        tried = []
        for order in self.orders(few):
            grid = self.starts(few, order)
            sums = [float(((self.answers(few, order, p) - target) ** 2).sum()) for p in grid]
            tried.append(self.polished(few, target, order, grid[int(np.argmin(sums))], ROUGHLY))
        tried.sort(key=lambda fit: fit.rss)
        within = NEAR * tried[0].rss + SETTLED * float((target**2).sum())
        return [fit for fit in tried[:MOST] if fit.rss <= within]

    def fit(self, prompts: Prompts, target: Array, sketches: Sequence[Fit] = ()) -> Fit:
        """The member whose answers are nearest to the target, in squared distance; from sketches, which are made where none are given."""
        if not sketches:
            few, rows = prompts.thinned(self.enough(prompts))
            sketches = self.sketches(few, target[rows])
        fits = [self.polished(prompts, target, one.order, one.parameters) for one in sketches]
        first, *rest = sorted(fits, key=lambda fit: fit.rss)
        return replace(first, others=tuple(rest))

    def extended(self, prompts: Prompts, target: Array, sketch: Fit) -> Fit:
        """The sketched member on all prompts, without more fitting."""
        answers = self.answers(prompts, sketch.order, sketch.parameters)
        rss = float(((answers - target) ** 2).sum())
        return Fit(sketch.order, sketch.parameters, answers, np.zeros((prompts.M, 0)), sketch.freedom, rss)

    def polished(
        self, prompts: Prompts, target: Array, order: Hashable, start: Array, worth: float = SETTLED
    ) -> Fit:
        """The member from which Gauss–Newton steps in the logarithms of the parameters lead no further."""
        grid = np.log(self.starts(prompts, order))
        low, high = grid.min(axis=0), grid.max(axis=0)
        theta = np.log(start)

        def at(point: Array) -> Array:
            return self.answers(prompts, order, np.exp(point))

        answers, slopes = at(theta), np.zeros((len(target), 0))
        rss, size = float(((answers - target) ** 2).sum()), float((target**2).sum())
        for _ in range(STEPS if len(theta) else 0):
            slopes = self.slopes(prompts, order, theta)
            gram, pull = slopes.T @ slopes, slopes.T @ (target - answers)
            damped = gram + (DAMPING * float(np.trace(gram)) + TINY) * np.eye(len(theta))
            step = np.linalg.solve(damped, pull)
            if float(step @ pull) <= worth * rss + SETTLED**2 * size:
                break
            improved = False
            for _ in range(5):
                point = np.clip(theta + step, low, high)
                moved = at(point)
                found = float(((moved - target) ** 2).sum())
                if found < rss:
                    improved, theta, answers, rss = True, point, moved, found
                    break
                step = step / 5
            if not improved:
                break
        else:
            slopes = self.slopes(prompts, order, theta) if len(theta) else slopes
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
