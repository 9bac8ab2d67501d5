"""Certify an inequality on exact instances: both sides enclosed at rational points of sizes up to 4, boundary cases among
them, parameters from 1e-6 to 1e6; then at a few of larger sizes. The points are the same for every inequality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from verify.known import by, known
from verify.pipeline.bench import Bench
from verify.points.cases import cases, larger
from verify.points.compare import Outcome, decide
from verify.points.evaluation import Posed, pose
from verify.points.exact_points import ExactPoint, Instances, long_sizes
from verify.points.sizes_alone import tried, without_arrays
from verify.points.witness import witness
from verify.record import Evidence
from verify.search.feasible import feasible, inside
from verify.statement import Claim, Inequality, Refuting

INSTANCES = 100  # points at which an inequality is certified, unless a check says another number
LARGEST_MOVED = 12  # points of larger sizes are left where they are drawn


@dataclass(frozen=True)
class Tally:
    """What was found at the points of one inequality: how often each relation, the largest lhs/rhs as it is printed, the most
    bits that it took.

    `larger` counts the points of larger sizes, `found` the others; `broken` is the first point at which it fails. `moved` counts the
    points that were drawn outside the conditions of the inequality and moved to where these hold.
    """

    posed: Posed
    found: Counter[str]
    larger: Counter[str]
    closest: float
    bits: int
    broken: tuple[ExactPoint, Outcome] | None = None
    moved: int = 0

    @property
    def decided(self) -> int:
        """The points of sizes up to 4 in the domain at which it was not broken."""
        return _kept(self.found)

    @property
    def decided_larger(self) -> int:
        """The same for larger sizes."""
        return _kept(self.larger)


def _kept(found: Counter[str]) -> int:
    return sum(found[relation] for relation in ("below", "equal", "close"))


@dataclass(frozen=True)
class Certify(Refuting):
    """lhs ≤ rhs at `instances` exact points of the domain (INSTANCES where it is None), each decided in ball or rational arithmetic;
    and, unless `larger` is false, at those of larger sizes."""

    cost = 1
    everywhere = True

    instances: int | None = None
    larger: bool = True

    def __call__(self, claim: Claim, bench: Bench) -> Iterator[Evidence]:
        points = bench.once("exact points", lambda: Instances(bench.seed))
        inequalities = claim.inequalities()
        if not inequalities:
            return
        wanted = INSTANCES if self.instances is None else self.instances
        tallies = [certify(inequality, points, wanted, self.larger) for inequality in inequalities]
        yield self._evidence(tallies, wanted)

    def _evidence(self, tallies: list[Tally], wanted: int) -> Evidence:
        for tally in tallies:
            if tally.broken is not None:
                from verify.search.shrink import shrink

                point, outcome = shrink(tally.posed, *tally.broken)
                found = witness(tally.posed, point, outcome)
                return Evidence(
                    check="certify", **known("general", "fails", by(found)), witness=found,
                    statement=f"Counterexample: {found.summary}.",
                    budget=f"{sum(tally.found.values())} exact points of sizes up to 4, {sum(tally.larger.values())} of larger sizes; the "
                    "last one shrunk",
                )  # fmt: skip
        least = min(tally.decided for tally in tallies)
        total = sum((tally.found + tally.larger for tally in tallies), Counter[str]())
        larger = min(tally.decided_larger for tally in tallies)
        enough = least >= wanted
        closest = max(tally.closest for tally in tallies)
        which = f"each of {len(tallies)} inequalities" if len(tallies) > 1 else "the inequality"
        parts = [f"{total['below']} strictly", f"{total['equal']} with equality decided exactly"]
        if total["close"]:
            parts.append(
                f"{total['close']} where enclosures overlap within 1e-30 of their size or both sides vanish"
            )
        left = f" Not decided at {total['open']} points." if total["open"] else ""
        return Evidence(
            check="certify", **known("general", "holds" if enough else "undecided", "certified"),
            statement=f"Both sides enclosed at exact rational points: {which} is not broken at {least} of sizes up to 4 and {larger} of "
            f"larger sizes; {', '.join(parts)}.{left}{_conditions(tallies)}",
            figures={"instances": least, "instances of larger sizes": larger,
                     "strict": total["below"], "equal": total["equal"], "close": total["close"],
                     "open": total["open"], "outside the domain": total["outside"], "largest ratio": closest},
            budget=f"{least} points, sizes up to 4, scales 1e-6 to 1e6, {_kinds(tallies)} kinds of boundary cases; "
            f"{covered(tallies) + '; ' if self.larger else ''}up to {max(tally.bits for tally in tallies)} bits",
        )  # fmt: skip


def _kinds(tallies: list[Tally]) -> int:
    return len({case.name for case in cases(tallies[0].posed.setting)} - {""})


def covered(tallies: list[Tally]) -> str:
    """Which larger sizes were looked at, and which were not for what their letters cost."""
    sizes = dict.fromkeys(name for tally in tallies for name in tally.posed.sizes)
    most = {
        name: min(long_sizes(tally.posed).get(name, 0) for tally in tallies if name in tally.posed.sizes)
        for name in sizes
    }
    long = ", ".join(f"{name} = {length}" for name, length in most.items() if length)
    short = ", ".join(name for name, length in most.items() if not length)
    words = f"{len(larger(tallies[0].posed.setting))} points of sizes up to 12"
    words += f", and one size at a time with {long}" if long else ""
    return words + (f"; letters with larger {short} cost too much" if short else "")


def certify(inequality: Inequality, points: Instances, wanted: int, beyond: bool = True) -> Tally:
    """What is found at exact points of an inequality (`at_points`)."""
    return at_points(pose(inequality), points, wanted, beyond)


def at_points(posed: Posed, points: Instances, wanted: int, beyond: bool = True) -> Tally:
    """Goes through the points until so many of the domain are decided, or one breaks it, or three times as many were tried; then
    through those of larger sizes, unless `beyond` is false. A statement of sizes and scalars is tried at extreme ones first."""
    tally, pools = Tally(posed, Counter(), Counter(), 0.0, 0), Pools(points.seed)
    if without_arrays(posed):
        found = tried(posed)
        if found.above is not None:
            return replace(tally, larger=Counter(above=found.points), broken=found.above)
    number = 0
    while tally.decided < wanted and number < 3 * wanted and tally.broken is None:
        tally = _looked_at(tally, points.at(number, tally.posed), tally.found, pools)
        number += 1
    for point in points.larger(tally.posed) if beyond else ():
        if tally.broken is not None:
            break
        tally = _looked_at(tally, point, tally.larger, pools)
    return tally


class Pools:
    """For each inequality and tuple of sizes the points that were moved to where its conditions hold, one after the other."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._by_sizes: dict[tuple[int, ...], Iterator[tuple[ExactPoint, Outcome]]] = {}

    def take(self, posed: Posed, drawn: ExactPoint) -> tuple[ExactPoint, Outcome] | None:
        """The point itself with its equations solved, or the next one of its sizes; None where there is none."""
        point = inside(posed, drawn)
        if (
            point is not None
            and point is not drawn
            and (outcome := decide(posed, point)).relation != "outside"
        ):
            return point, outcome
        if max(drawn.sizes.values(), default=0) > LARGEST_MOVED or not posed.allows(drawn.sizes):
            return None
        key = tuple(drawn.sizes.values())
        if key not in self._by_sizes:
            self._by_sizes[key] = feasible(posed, drawn.sizes, self.seed)
        return next(self._by_sizes[key], None)


def _looked_at(tally: Tally, point: ExactPoint, counter: Counter[str], pools: Pools) -> Tally:
    """The tally with one point more, counted in one of its counters; a point that breaks a condition is moved, where that succeeds."""
    outcome = decide(tally.posed, point)
    if outcome.relation == "outside" and tally.posed.bounded and (moved := pools.take(tally.posed, point)):
        counter["outside"] += 1
        point, outcome = moved
        tally = replace(tally, moved=tally.moved + 1)
    counter[outcome.relation] += 1
    if outcome.relation == "above":
        return replace(tally, broken=(point, outcome), bits=max(tally.bits, outcome.bits))
    closest = max(tally.closest, outcome.ratio**0.5 if tally.posed.squared else outcome.ratio)
    return replace(tally, closest=closest, bits=max(tally.bits, outcome.bits))


def _conditions(tallies: list[Tally]) -> str:
    """How often the conditions of the inequalities hold."""
    bounded = [tally for tally in tallies if tally.posed.bounded]
    if not bounded:
        return ""
    moved, drawn = (
        sum(tally.moved for tally in bounded),
        sum((tally.found + tally.larger).total() for tally in bounded),
    )
    drawn -= moved  # each is counted as outside as well
    outside = sum((tally.found + tally.larger)["outside"] for tally in bounded)
    met = f"at {drawn - outside} of {drawn} points as they were drawn"
    return f" The conditions hold {met}, and at {moved} of the others once these were moved."
