"""Certify an inequality on exact instances: both sides enclosed at rational points of sizes up to 4, boundary cases among
them, parameters from 1e-6 to 1e6. The points are the same for every inequality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from verify.claim import Claim, Inequality
from verify.decision import Outcome, decide
from verify.domain import Posed, pose
from verify.instances import KINDS, Drawn, Instances
from verify.laboratory import Laboratory
from verify.record import Evidence
from verify.stored import witness


@dataclass(frozen=True)
class Tally:
    """What was found at the points of one inequality: how often each relation, the largest lhs/rhs as it is printed, the most
    bits that it took. `broken` is the first point at which it fails."""

    posed: Posed
    found: Counter[str]
    closest: float
    bits: int
    broken: tuple[Drawn, Outcome] | None = None

    @property
    def decided(self) -> int:
        """The points of the domain at which it was not broken."""
        return sum(self.found[relation] for relation in ("below", "equal", "close"))


@dataclass(frozen=True)
class Certify:
    """lhs ≤ rhs at so many exact points of the domain, each decided in ball or rational arithmetic."""

    instances: int = 100

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        started, seed = perf_counter(), laboratory.instance.seed
        points = laboratory.once("exact points", lambda: Instances(seed))
        inequalities = claim.inequalities()
        if not inequalities:
            return
        tallies = [certify(inequality, points, self.instances) for inequality in inequalities]
        yield self._evidence(tallies, seed, perf_counter() - started)

    def _evidence(self, tallies: list[Tally], seed: int, seconds: float) -> Evidence:
        for tally in tallies:
            if tally.broken is not None:
                from verify.shrink import shrink  # torch is needed only here

                point, outcome = shrink(tally.posed, *tally.broken)
                found = witness(tally.posed, point, outcome)
                return Evidence(
                    check="certify", scope="general", verdict="fails", strength="certified", witness=found, seed=seed, seconds=seconds,
                    statement=f"Counterexample: {found.summary}.",
                    budget=f"{sum(tally.found.values())} exact points of sizes up to 4, the last one shrunk",
                )  # fmt: skip
        least = min(tally.decided for tally in tallies)
        total = sum((tally.found for tally in tallies), Counter[str]())
        enough = least >= self.instances
        closest = max(tally.closest for tally in tallies)
        which = f"each of {len(tallies)} inequalities" if len(tallies) > 1 else "the inequality"
        parts = [f"{total['below']} strictly", f"{total['equal']} with equality decided exactly"]
        if total["close"]:
            parts.append(
                f"{total['close']} where enclosures overlap within 1e-30 of their size or both sides vanish"
            )
        left = f" Not decided at {total['open']} points." if total["open"] else ""
        return Evidence(
            check="certify", scope="general", verdict="holds" if enough else "undecided", strength="certified" if enough else None,
            statement=f"Both sides enclosed at exact rational points: {which} is not broken at {least}; {', '.join(parts)}.{left}",
            figures={"instances": least, "strict": total["below"], "equal": total["equal"], "close": total["close"],
                     "open": total["open"], "outside the domain": total["outside"], "largest ratio": closest},
            budget=f"{least} points, sizes up to 4, scales 1e-6 to 1e6, {len(set(KINDS)) - 1} kinds of boundary cases; "
            f"up to {max(tally.bits for tally in tallies)} bits", seed=seed, seconds=seconds,
        )  # fmt: skip


def certify(inequality: Inequality, points: Instances, wanted: int) -> Tally:
    """Goes through the points until so many of the domain are decided, or one breaks it, or three times as many were tried."""
    posed = pose(inequality)
    found: Counter[str] = Counter()
    closest, bits, number = 0.0, 0, 0
    while sum(found[relation] for relation in ("below", "equal", "close")) < wanted and number < 3 * wanted:
        point = points.at(number, posed)
        outcome = decide(posed, point)
        found[outcome.relation] += 1
        number, bits = number + 1, max(bits, outcome.bits)
        if outcome.relation == "above":
            return Tally(posed, found, closest, bits, (point, outcome))
        closest = max(closest, outcome.ratio**0.5 if posed.squared else outcome.ratio)
    return Tally(posed, found, closest, bits)
