"""Exact gradient descent on small instances of many orders of magnitude, every step enclosed, and a search for the worst of them.

No float64 iterate takes part: constants, rates and steps of (10) are balls about the exact ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from flint import arb

from numeric import balls
from numeric.draws import Draws, coarse
from symbolic.evaluate import evaluate
from verify.known import known
from verify.record import Evidence, Witness
from verify.sides import Sides, read
from verify.statement import Claim, Inequality
from verify.theories.yang2024.checks.iterate_letters import BITS, Followed, Pair, Run, point
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import enclose_constants, other_rates
from verify.theories.yang2024.numeric.dictionaries import unit_columns
from verify.theories.yang2024.numeric.enclosed_descent import descend
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import Iterate, Trajectory

INSTANCES = 100
STEPS = 8
CLIMBS = {"fast": (2, 16), "full": (16, 100)}  # climbs, and steps of each


@dataclass(frozen=True)
class Place:
    """An instance, and where within (15) and (16) its rates lie: γ = stretch · its least value, η_Q = share / L."""

    instance: Instance
    stretch: float
    share: float


def drawn(rng: Draws) -> Place:
    """Sizes up to 3; features, noise and scores of many orders of magnitude; every second one with rates at equality."""
    N = int(rng.integers(1, 4))
    K, d, m = int(rng.integers(max(2, N), 5)), int(rng.integers(2, 4)), int(rng.integers(1, 4))
    H = int(rng.integers(N, 3 * N + 1))
    features = rng.standard_normal((m, K)) * rng.decades(-2, 2)
    Q = rng.standard_normal((H, d, d)) * rng.decades(-0.5, 0.8)
    tokens = unit_columns(rng.standard_normal((d, K)))
    instance = Instance(
        "drawn", tokens, features, N=N, H=H, tau=rng.decades(-3, 2), Q_given=Q,
        seed=int(rng.integers(0, 2**31)),
    )  # fmt: skip
    if rng.random() < 0.5:
        return Place(instance, 1.0, 1.0)
    return Place(instance, rng.decades(0, 1), float(rng.uniform(0.3, 1)))


def moved(place: Place, rng: Draws, size: float) -> Place:
    """A neighbour: every number a little different, A0 and τ > 0 kept."""
    i = place.instance
    assert i.Q_given is not None

    def factor(spread: float) -> float:
        return float(coarse(np.exp(spread * rng.standard_normal())))

    def near(
        array: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        scale = coarse(np.sqrt(np.mean(array**2)))
        return np.asarray(array * factor(size) + size * scale * rng.standard_normal(array.shape))

    instance = replace(
        i, tokens=unit_columns(near(i.tokens)), features=near(i.features), Q_given=near(i.Q_given),
        tau=i.tau * factor(3 * size),
    )  # fmt: skip
    stretch = max(1.0, place.stretch * factor(size))
    return Place(instance, stretch, min(1.0, place.share * factor(size)))


@dataclass(frozen=True)
class Worst:
    """The largest left/right over the steps, and how the sides compare for certain at all of them.

    relation  'below' where left ≤ right is certain at every step, 'above' where left > right is at one, else 'open'
    """

    ratio: float
    at: int
    relation: str


@dataclass(frozen=True)
class Descended:
    """θ^(0), …, θ^(steps) of exact descent at a place, enclosed."""

    place: Place
    run: Run
    seen: tuple[Followed, ...]

    def worst(self, inequalities: Sequence[Sides], *, one_step: bool = False) -> Worst:
        """The inequalities at ξ^(t) against the start, t = 1, 2, …, or at ξ^(t−1) and ξ^(t)."""
        ratio, at, relation = 0.0, 0, "below"
        for before, one in pairwise(self.seen):
            pair = Pair(self.run, before, one) if one_step else Pair(self.run, one, self.seen[0])
            for inequality in inequalities:
                with balls.precision(BITS):
                    letters = point(pair, inequality.lhs, inequality.rhs)
                    sides = (
                        evaluate(side, letters, inequality.axes).flat
                        for side in (inequality.lhs, inequality.rhs)
                    )
                    for left, right in zip(*sides, strict=True):
                        share = _share(left, right)
                        if not left <= right:
                            relation = "above" if left > right or relation == "above" else "open"
                        if share > ratio:
                            ratio, at = share, one.t
        return Worst(ratio, at, relation)


def _share(left: arb, right: arb) -> float:
    """left/right; inf above a right side that is not positive."""
    if right > 0:
        return float((left / right).mid())
    return float("inf") if left > right else 0.0


def follow(place: Place, steps: int = STEPS) -> Descended | None:
    """Exact descent from a place; None without certified rates."""
    constants = enclose_constants(place.instance)
    rates = other_rates(constants, place.stretch, place.share)
    if rates is None or rates.log_rate is None:
        return None
    exact, i = ExactInstance(place.instance), place.instance
    nothing = Iterate(0, np.zeros((i.H, i.N, i.K)), i.w0)
    run = Run(exact, constants, Trajectory(i, rates, 0.0, None, np.zeros(1), nothing))
    with balls.precision(BITS):
        return Descended(
            place, run, tuple(Followed(run, iterate) for iterate in descend(exact, rates, steps))
        )


def drawn_descents(laboratory: Laboratory) -> tuple[list[Descended], int]:
    """100 of them, and how many places had no certified rates."""
    rng, skipped = laboratory.instance.rng("exact descents"), 0
    found: list[Descended] = []
    while len(found) < INSTANCES and skipped < 10 * INSTANCES:
        descended = follow(drawn(rng))
        if descended is None:
            skipped += 1
            continue
        found.append(descended)
        laboratory.progress("exact descents", len(found), INSTANCES)
    return found, skipped


@dataclass(frozen=True)
class EnclosedDescents:
    """The claim's inequalities, or those given, along exact descent: at 100 drawn instances, and where a climb leads from the worst."""

    given: tuple[Inequality, ...] = ()

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        inequalities = [read(one) for one in self.given or claim.inequalities()]
        descents, skipped = laboratory.once("exact descents", lambda: drawn_descents(laboratory))
        met: list[tuple[Place, Worst]] = []
        for descended in descents:
            worst = descended.worst(inequalities)
            met.append((descended.place, worst))
            if worst.relation == "above":
                yield broken(descended.place, worst)
                return
        yield self._certified(met, skipped)
        yield self._searched(met, inequalities, laboratory, claim.id)

    def _certified(self, met: Sequence[tuple[Place, Worst]], skipped: int) -> Evidence:
        open_ones = sum(worst.relation == "open" for _, worst in met)
        largest = max((worst.ratio for _, worst in met), default=0.0)
        held = len(met) - open_ones
        return Evidence(
            check="enclose", **known("general", "holds" if held else "vacuous", "certified"),
            statement=f"Exact gradient descent (10), enclosed step by step, on {len(met)} small instances of many orders of "
            f"magnitude, at rates within (15) and (16): at steps 1 to {STEPS}, the only ones looked at, it is not broken "
            f"on {held} of them; the largest left/right is {largest:.6g}.",
            figures={"instances": len(met), "held": held, "open": open_ones, "without certified rates": skipped,
                     "largest ratio": largest},
            budget=f"N, m, d ≤ 3, K ≤ 4, H ≤ 3N; features and scores over four decades and one, τ over five; {BITS} bits",
        )  # fmt: skip

    def _searched(
        self,
        met: Sequence[tuple[Place, Worst]],
        inequalities: Sequence[Sides],
        laboratory: Laboratory,
        id: str,
    ) -> Evidence:
        """Uphill on left/right by accepted random steps, from the largest of those met."""
        rng = laboratory.instance.rng("climbs over exact descents")
        climbs, steps = CLIMBS[laboratory.options.tier]
        points, closest = 0, 0.0
        for place, worst in sorted(met, key=lambda one: -one[1].ratio)[:climbs]:
            size = 0.3
            for _ in range(steps):
                near = moved(place, rng, size)
                descended = follow(near)
                found = None if descended is None else descended.worst(inequalities)
                points += 1
                if found is not None and found.relation == "above":
                    return broken(near, found)
                better = found is not None and found.ratio > worst.ratio
                place, worst = (near, found) if better and found is not None else (place, worst)
                size *= 1.5 if better else 0.8
            closest = max(closest, worst.ratio)
            laboratory.progress(f"climbs · {id}", points, climbs * steps)
        told = f"{closest:.6g}" if closest < 1 - 1e-5 else "1" if closest == 1 else f"1 − {1 - closest:.1e}"
        return Evidence(
            check="search", **known("general", "holds", "tested"),
            statement=f"No violation found: the closest of {points + len(met)} exact descents has left/right = {told} "
            f"within its {STEPS} steps.",
            figures={"closest ratio": closest, "points": points + len(met), "climbs": climbs},
            budget=f"{climbs} climbs of {steps} random steps from the closest of {len(met)} instances; {STEPS} steps of (10) each",
        )  # fmt: skip


def broken(place: Place, worst: Worst) -> Evidence:
    i = place.instance
    assert i.Q_given is not None
    shown = {"V̂": i.tokens, "Ẑ": i.features, "Q": i.Q_given}
    values = {
        name: np.array2string(array, floatmode="unique", separator=", ") for name, array in shown.items()
    }
    found = Witness(
        summary=f"left/right = {worst.ratio:.6g} after {worst.at} exact steps of (10)",
        sizes={"N": i.N, "K": i.K, "m": i.m, "d": i.d, "H": i.H},
        values=values | {"tau": repr(i.tau), "γ over its least value": repr(place.stretch), "η_Q L": repr(place.share)},
        method="gradient descent in ball arithmetic on these very float64 numbers",
    )  # fmt: skip
    return Evidence(
        check="enclose", **known("general", "fails", "certified"), witness=found,
        statement=f"Broken by exact gradient descent: {found.summary}.",
    )  # fmt: skip
