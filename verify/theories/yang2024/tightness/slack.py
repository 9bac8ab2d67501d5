"""rhs/lhs of every link along a run: at stored iterates, at pairs of neighbours, and between each iterate and the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from numeric.balls import float_up
from verify.points.batched import BatchValues
from verify.points.rules import Rules
from verify.search.gradients import with_gradients
from verify.search.stable_form import invariant
from verify.sides import Sides
from verify.theories.yang2024.numeric.constants import longest_labels
from verify.theories.yang2024.numeric.predict import Prompts
from verify.theories.yang2024.numeric.train import Iterate, Trajectory
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic.letters import AHAT, A
from verify.theories.yang2024.tightness.chain import Link, Where
from verify.theories.yang2024.tightness.letters import Known, Points

Array = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)
AT_ONCE = 2**21  # entries H·r·r or H·N·K of all pairs that are evaluated together
PROMPTS = 16  # labels with which the step after (70) is evaluated at each iterate


@dataclass(frozen=True)
class Slack:
    """rhs/lhs along a run, over all pairs of points and all values of the free indices.

    worst, at   the smallest, and its step
    typical     the median; inf where the left side is 0 at most of them
    entries     how many there are
    rounding    what double precision may have moved the worst by, relatively
    broken      whether the worst is below 1 by more than that
    """

    worst: float
    at: int
    typical: float
    entries: int
    rounding: float

    @property
    def broken(self) -> bool:
        return self.worst < 1 - self.rounding

    @staticmethod
    def of(ratios: Array, t: NDArray[np.int64], rounding: Array) -> Slack | None:
        """From a row for each pair; t and rounding one a row. None where there is nothing."""
        if not ratios.size:
            return None
        # The row that is furthest below what its own rounding allows decides, else the smallest of all.
        lowest = ratios.min(axis=1)
        row = int(np.argmin(np.where(lowest < 1 - rounding, lowest, np.inf)))
        if not lowest[row] < 1 - rounding[row]:
            row = int(np.argmin(lowest))
        return Slack(
            float(lowest[row]), int(t[row]), float(np.median(ratios)), ratios.size, float(rounding[row])
        )


@dataclass(frozen=True)
class Looked:
    """The iterates at which a run is looked at, those whose gap double precision still knows."""

    iterates: tuple[Iterate, ...]
    after: tuple[tuple[Iterate, Iterate], ...]
    arrived: tuple[Iterate, ...]

    @staticmethod
    def of(trajectory: Trajectory, start: Iterate, arrival: int | None) -> Looked:
        """arrival  T of (21); None where it is out of reach."""
        kept = {iterate.t: iterate for iterate in (start, *trajectory.snapshots, trajectory.last)}
        known = [x for t, x in sorted(kept.items()) if share(trajectory, t) >= EPS]
        return Looked(
            tuple(x for x in known if x.t > 0),
            tuple((x, kept[x.t + 1]) for x in known if x.t + 1 in kept),
            tuple(x for t, x in sorted(kept.items()) if arrival is not None and t >= arrival),
        )


def schedule(steps: int, count: int) -> tuple[int, ...]:
    """Steps at which to keep an iterate and the next: the first, and about `count` in all, half of them evenly spaced."""
    if steps < 2:
        return (0,)
    even, early = (
        np.linspace(0, steps - 1, count - count // 2),
        np.geomspace(1, steps - 1, max(2, count // 2)),
    )
    return tuple(sorted({int(t) for t in (0, *even, *early)}))


def share(trajectory: Trajectory, t: int) -> float:
    """The gap at step t as a part of its start."""
    return float(trajectory.gap[t - trajectory.start] / trajectory.gap[0])


class Along:
    """One run, looked at link by link.

    Rounding: δ = Â − A is known to eps‖A‖, so where the gap is down to a part p of its start, δ keeps a relative accuracy of
    about eps/√p, and sums over n indices lose at most n times that.
    """

    def __init__(self, known: Known, points: Looked, prompts: Prompts) -> None:
        self.known, self.points, self.prompts = known, points, prompts

    def slacks(
        self, links: Sequence[Link], progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[Slack | None]:
        """Of each link, None where there are no such points. One batch of points after another, for all links that ask for them."""
        bounds = [link.bound() for link in links]
        rows: list[list[tuple[Array, NDArray[np.int64], Array]]] = [[] for _ in links]
        kinds = dict.fromkeys((link.where, link.alpha_44) for link in links)
        for number, (where, alpha_44) in enumerate(kinds):
            asking = [n for n, link in enumerate(links) if (link.where, link.alpha_44) == (where, alpha_44)]
            for points in self.made(where, alpha_44=alpha_44):
                progress(number, len(kinds))
                rounding = self.rounding(points)
                for n in asking:
                    rows[n] += [
                        (found, points.t, rounding) for found in self._ratios(links[n], bounds[n], points)
                    ]
        progress(len(kinds), len(kinds))
        return [_joined(of_link) for of_link in rows]

    def slack(self, link: Link) -> Slack | None:
        """Of one link."""
        return self.slacks([link])[0]

    def labels(self) -> Slack | None:
        """(69): its right side over ‖y‖₂ of each prompt with ‖λ‖₂ ≤ B. It may be below 1 for a part δ of them."""
        i, c = self.known.instance, self.known.constants
        law = i.inference
        limit = float_up(longest_labels(c.norm_Z, c.tau, i.N, law.B, law.delta))
        lengths = np.linalg.norm(self.prompts.within(law.B).y, axis=1)
        if not len(lengths):
            return None
        ratios = limit / lengths
        return Slack(float(ratios.min()), 0, float(np.median(ratios)), len(ratios), float("inf"))

    def _ratios(self, link: Link, bound: Sides, points: Points) -> Iterator[Array]:
        if link.where == "sums":
            yield summed(points, bound, squared=link.inequality.squared)
            return
        values: Iterator[BatchValues] = iter([points])
        if link.where in ("labels", "arrival"):
            values = self._with_labels(points, bound)
        for at in values:
            left, right = (at.of(side, bound.axes) for side in (bound.lhs, bound.rhs))
            yield quotients(*whole(left, right, len(points.pairs)), squared=link.inequality.squared)

    def made(self, where: Where, *, alpha_44: bool = False) -> Iterator[Points]:
        """The points of this kind, a batch that fits at a time."""
        pairs = list(self._pairs(where))
        i, r = self.known.instance, len(self.known.right)
        size = max(1, AT_ONCE // max(i.H * r * r, i.H * i.N * i.K))
        for n in range(0, len(pairs), size):
            yield Points(self.known, pairs[n : n + size], alpha_44=alpha_44)

    def _pairs(self, where: Where) -> Iterator[tuple[Iterate, Iterate]]:
        known, points = self.known, self.points
        if where == "constants":
            yield known.start, known.start
        if where in ("point", "sums", "labels"):
            yield from ((x, x) for x in points.iterates)
        if where == "arrival":
            yield from ((x, x) for x in points.arrived)
        if where in ("since start", "pairs"):
            yield from ((x, known.start) for x in points.iterates)
        if where in ("one step", "pairs"):
            yield from points.after

    def _with_labels(self, points: Points, bound: Sides) -> Iterator[BatchValues]:
        """The same points for the labels of one prompt after another, with Â − A for Â and 0 for A.

        Raises ValueError where the inequality is not about Â − A.
        """
        i, offset = self.known.instance, points["del"]
        if AHAT in bound.lhs.tensors() and not invariant(bound.lhs, AHAT, A):
            raise ValueError(f"{bound.lhs} is not about Â − A")
        for y in self.prompts.within(i.inference.B).noisy[:PROMPTS]:
            length = float(np.linalg.norm(y[: i.N]))
            given = {
                "Ahat": offset, "A": torch.zeros_like(offset), "nD": points["nD"], "epsilon": points["epsilon"],
                "y": torch.tensor(y)[None], "ny": torch.tensor([length], dtype=torch.float64),
            }  # fmt: skip
            yield BatchValues(
                with_gradients(), points.sizes, given.__getitem__, Rules(SETTING, dict.fromkeys(given))
            )

    def rounding(self, points: Points) -> Array:
        i, trajectory = self.known.instance, self.known.trajectory
        terms = i.H + i.N + i.K + i.m + len(self.known.right)
        worst = [min(share(trajectory, x.t) for x in pair) for pair in points.pairs]
        return terms * EPS * (1 + 1 / np.sqrt(np.maximum(worst, EPS**2)))


def quotients(left: torch.Tensor, right: torch.Tensor, *, squared: bool) -> Array:
    """right/left; under the root where both are squares; inf where the left side is not positive and the right not smaller."""
    lhs, rhs = left.numpy(), right.numpy()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.where(lhs > 0, rhs / lhs, np.where(rhs >= lhs, np.inf, 0.0))
        return np.asarray(np.sqrt(np.maximum(found, 0.0)) if squared else found)


def whole(left: torch.Tensor, right: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Both sides with a row for each of `count` pairs of points and a column for each value of the free indices."""
    shape = np.broadcast_shapes(
        (count, 1), *(tuple(x.flatten(1).shape) if x.dim() > 1 else (len(x), 1) for x in (left, right))
    )
    first, second = (side.reshape(len(side), -1).expand(shape) for side in (left, right))
    return first, second


def summed(points: Points, bound: Sides, *, squared: bool) -> Array:
    """Lemma 3 for the K matrices of (82) that one head adds up, for as many heads as fit: a row for each pair of points."""
    part, right = points["pt"], points["V"]  # (B, H, r, K), (1, r, K)
    B, H, r, K = part.shape
    heads = max(1, min(H, AT_ONCE // (r * r * K)))
    terms = torch.einsum("bhpk,bqk->bhkpq", part[:, :heads], right.expand(B, r, K)).reshape(
        B * heads, K, r * r
    )
    sizes = dict(points.sizes) | {"N": K, "d": r * r}
    at = BatchValues(with_gradients(), sizes, {"xs": terms}.__getitem__, Rules(SETTING, {"xs": None}))
    return quotients(at.of(bound.lhs), at.of(bound.rhs), squared=squared).reshape(B, heads)


def _joined(rows: Sequence[tuple[Array, NDArray[np.int64], Array]]) -> Slack | None:
    if not rows:
        return None
    ratios, t, rounding = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return Slack.of(ratios, t, rounding)
