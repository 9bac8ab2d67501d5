"""Whether a variant says more than its statement, and how close its sides come.

Inequalities are compared in float64 at random points of their domain: that sorts variants, and refutes none. A closest ratio
is one that balls confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric.balls import Undecided, precision
from numeric.threads import threads_for
from numeric.twister import Twister
from symbolic.kinds import LeastEigenvalue
from verify.points.batched import FLOATS, BatchValues
from verify.points.compare import decide, outside
from verify.points.evaluation import Posed
from verify.search.climb import Seen, climb, look
from verify.search.height import missing
from verify.search.layout import Layout, Rows, exact, starts
from verify.search.sizes import plan
from verify.statement import Inequality

Side = NDArray[np.float64]
Truth = NDArray[np.bool_]
# Tuples of sizes and points at each, at which a variant is compared; and what is spent there on a closest ratio.
SHAPES, DRAWS = 12, 64
LOOKED, CLIMBED, CLIMBERS, STEPS, CONFIRMED = 128, 2, 48, 30, 3
ROUNDING = 1e-9
FULL_RANK = 1e-9  # a least eigenvalue below it may be rounding
BITS, FINEST = 256, 10**15


@dataclass(frozen=True)
class Batch:
    """Random points of one tuple of sizes. Letters are kept for all variants that compute them alike."""

    layout: Layout
    rows: Rows
    kept: dict[str, BatchValues] = field(default_factory=dict)

    def values(self, posed: Posed) -> BatchValues:
        key = posed.rules.key
        if key not in self.kept:
            self.kept[key] = BatchValues(
                FLOATS, self.layout.sizes, lambda name: self.layout.parameter(name, self.rows), posed.rules
            )
        return self.kept[key]

    def sides(self, posed: Posed) -> tuple[Side, Side]:
        count = len(self.rows)
        lhs, rhs = (
            np.broadcast_to(side, (count, *side.shape[1:])).reshape(count, -1)
            for side in posed.sides(self.values(posed))
        )
        return lhs, rhs

    def inside(self, posed: Posed) -> Truth:
        """Which points are in the domain: every matrix whose least eigenvalue is spoken of has full rank, no bound is below zero, and
        the conditions are met."""
        at, inside = self.values(posed), self.met(posed)
        for name in posed.letters:
            if isinstance(posed.setting.kind(name), LeastEigenvalue):
                inside &= _everywhere(at[name] > FULL_RANK, len(self.rows))
        for name in posed.letters & posed.domain.given.keys():
            inside &= _everywhere(at[name] >= 0, len(self.rows))
        return inside

    def met(self, posed: Posed) -> Truth:
        """At which points the conditions of the statement are met, for every value of their free indices."""
        met = np.ones(len(self.rows), dtype=np.bool_)
        for lack in missing(posed, self.values(posed), len(self.rows)):
            met &= lack <= 0
        return met

    def bound(self, posed: Posed, name: str) -> Side:
        """What is supposed to bound that scalar, at every point."""
        read = posed.setting.reader({}).read(posed.domain.given[name][1])
        value: Side = self.values(posed).scalar(read)
        return np.broadcast_to(value, len(self.rows))


def _everywhere(true: Truth, count: int) -> Truth:
    """Whether it is so in every entry, at every point."""
    rows = np.broadcast_to(true, (count, *true.shape[1:])).reshape(count, -1)
    return np.asarray(rows.all(axis=1), dtype=np.bool_)


def batches(posed: Posed, seed: int) -> list[Batch]:
    random = Twister(seed)
    found = []
    for sizes in plan(posed, SHAPES, seed):
        layout = Layout.of(posed, sizes)
        found.append(Batch(layout, starts(layout, DRAWS, random)))
    return found


def _no_less(small: Side, large: Side, scale: Side) -> tuple[bool, bool]:
    """Whether large ≥ small wherever both are finite, up to rounding at that scale, and whether it exceeds it somewhere."""
    known = np.isfinite(small) & np.isfinite(large)
    over, blur = (large - small)[known], ROUNDING * scale[known]
    return not bool((over < -blur).any()), bool((over > blur).any())


class Compared:
    """One statement at random points, against its variants."""

    def __init__(self, statement: Posed, seed: int = 0) -> None:
        self.statement, self.seed = statement, seed
        self._own = batches(statement, seed)

    def _batches(self, variant: Posed) -> list[Batch]:
        """Points that have every letter of the two."""
        more = [name for name in variant.parameters if name not in self.statement.parameters]
        sizes = [size for size in variant.sizes if size not in self.statement.sizes]
        if not more and not sizes:
            return self._own
        joint = replace(
            self.statement, letters=self.statement.letters | variant.letters,
            parameters=(*self.statement.parameters, *more), sizes=(*self.statement.sizes, *sizes),
        )  # fmt: skip
        return batches(joint, self.seed)

    def says_more(self, variant: Posed) -> bool:
        """Whether at every point its right side is no larger and its left side no smaller, and somewhere one differs."""
        more = False
        with np.errstate(all="ignore"):
            for batch in self._batches(variant):
                inside = batch.inside(self.statement) & batch.inside(variant)
                lhs, rhs = (side[inside] for side in batch.sides(self.statement))
                new_lhs, new_rhs = (side[inside] for side in batch.sides(variant))
                if lhs.shape != new_lhs.shape or rhs.shape != new_rhs.shape:
                    return False
                left = _no_less(lhs, new_lhs, np.abs(lhs) + np.abs(new_lhs))
                right = _no_less(new_rhs, rhs, np.abs(rhs) + np.abs(new_rhs))
                if not (left[0] and right[0]):
                    return False
                more |= left[1] or right[1]
        return more

    def supposes_less(self, variant: Posed, name: str) -> bool:
        """Whether at every point its bound on that scalar admits all that the statement's admits, and more somewhere; where `name` is
        no scalar of the domain, the same of its conditions."""
        if name not in self.statement.domain.given:
            return self._admits_more(variant)
        if name not in variant.letters:
            return False
        less, relation = False, self.statement.domain.given[name][0]
        with np.errstate(all="ignore"):
            for batch in self._batches(variant):
                inside = batch.inside(self.statement)
                old, new = (batch.bound(posed, name)[inside] for posed in (self.statement, variant))
                small, large = (new, old) if relation == ">=" else (old, new)
                wider, strictly = _no_less(small, large, np.abs(old) + np.abs(new))
                if not wider:
                    return False
                less |= strictly
        return less

    def _admits_more(self, variant: Posed) -> bool:
        """Whether its conditions are met wherever those of the statement are, and at some point where those are not."""
        more = False
        with np.errstate(all="ignore"):
            for batch in self._batches(variant):
                old, new = batch.met(self.statement), batch.met(variant)
                if bool((old & ~new).any()):
                    return False
                more |= bool((new & ~old).any())
        return more


def closest(posed: Posed, seed: int = 0) -> float:
    """The largest left/right that was met where both sides are positive, confirmed in balls; 0 where there is none.

    Of a squared statement the root, so that it is about what is printed.
    """
    random = Twister(seed)
    with threads_for(0):
        seen = []
        for sizes in plan(posed, SHAPES, seed):
            layout = Layout.of(posed, sizes)
            drawn = look(layout, LOOKED, random)
            seen.append((_highest(layout, drawn), layout, drawn))
        seen.sort(key=lambda one: -one[0])
        best = seen[0][0]
        for _, layout, drawn in seen[:CLIMBED]:
            if len(drawn.rows):
                found = climb(layout, drawn, climbers=CLIMBERS, steps=STEPS, random=random)
                best = max(best, _highest(layout, found))
    return float(best**0.5) if posed.squared else best


def _highest(layout: Layout, seen: Seen) -> float:
    """The largest of the ratios that float64 finds highest, in balls; where it finds infinity, rounding has the word."""
    sought = np.isfinite(seen.ratios)
    if layout.posed.when:
        sought &= Batch(layout, seen.rows).met(layout.posed)
    rows = np.flatnonzero(sought)[:CONFIRMED]
    return max((_confirmed(layout, seen.rows[row]) for row in rows), default=0.0)


def taken(statement: Inequality, variant: Inequality) -> Inequality:
    """The variant in other words: what it takes away is at most what the statement leaves, right − left.

    The ratio of these sides tells where that of the variant's own does not: where both come together as two points do.
    """
    away = (statement.rhs - variant.rhs) + (variant.lhs - statement.lhs)
    return replace(variant, lhs=away, rhs=statement.rhs - statement.lhs, squared=False)


def _confirmed(layout: Layout, row: Rows) -> float:
    """The largest left/right at that point over the entries where balls show both sides to be positive."""
    posed, point = layout.posed, exact(layout, row, FINEST)
    if outside(posed, point.sizes, {name: point.parameter(name) for name in posed.parameters}):
        return 0.0
    if posed.when and decide(posed, point).relation == "outside":
        return 0.0
    try:
        with precision(BITS):
            lhs, rhs = posed.sides(point.values(posed, BITS))
            ratios = [x / y for x, y in zip(lhs.flat, rhs.flat, strict=True) if x > 0 and y > 0]
            return max((float(arb(x).lower()) for x in ratios), default=0.0)
    except (Undecided, ZeroDivisionError):
        return 0.0
