"""Try to break an inequality: gradient ascent on lhs/rhs from many points, candidates rounded to fractions, confirmed in balls, shrunk.

    python -m verify.search.search CLAIM [--theory NAME] [--tier full] [--seed 0]

prints the smallest witness for each inequality of a claim that it breaks, as the `WitnessData` that the claim may carry.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import count

from numeric.threads import threads_for
from numeric.twister import Twister
from verify.known import by, known
from verify.output.phrases import counted
from verify.pipeline.bench import Bench
from verify.points.cases import larger
from verify.points.compare import Outcome, decide
from verify.points.evaluation import Posed, pose
from verify.points.exact_points import ExactPoint
from verify.points.sizes_alone import Tried, tried, without_arrays
from verify.points.witness import WitnessData, store, witness
from verify.record import Evidence
from verify.search.climb import Seen, by_torch, climb, look
from verify.search.feasible import inside
from verify.search.layout import Layout, Rows, exact, grown
from verify.search.lines import on_lines
from verify.search.sizes import LARGEST, larger_plan, plan
from verify.statement import Claim, Inequality, Refuting

Progress = Callable[[int, int], None]

CONFIRMED = 3  # candidates of one climb that are looked at in balls
GROWN = 4  # points of each tuple of smaller sizes that are taken along to larger ones
CONFIRMED_WITHIN = 8  # the same where a statement has conditions: rounding may break them
FLOAT_MARGIN = 1e-9  # lhs/rhs above 1 by more in float64 is a candidate
DENOMINATORS = (10**15, 1, 2, 10, 100, 10**4, 10**8)  # the finest first: what fails there is rounding


@dataclass(frozen=True)
class Budget:
    """What is spent on one inequality.

    looked    tuples of sizes at which points are drawn
    draws     points drawn at each
    climbed   of these tuples, those with the largest ratio, so many are climbed at
    climbers  points that climb at each
    steps     steps of each
    larger    whether the sizes are those of the lane that goes up to 12, not those up to 4
    """

    looked: int
    draws: int
    climbed: int
    climbers: int
    steps: int
    larger: bool = False

    def of(self, posed: Posed) -> Budget:
        """What is spent on this inequality: more at larger sizes where it has conditions, which few points meet as drawn."""
        return (
            replace(self, climbers=max(32, self.climbers), steps=max(24, self.steps))
            if self.larger and posed.when
            else self
        )


FAST = Budget(7, 128, 1, 64, 24)
LARGER_FAST, LARGER_FULL = Budget(3, 32, 1, 8, 10, larger=True), Budget(9, 128, 3, 32, 24, larger=True)
# One stage after the other: what a smaller budget finds, a larger one finds too.
BUDGETS = {"fast": (FAST, LARGER_FAST), "full": (FAST, LARGER_FAST, Budget(40, 256, 10, 96, 48), LARGER_FULL)}


@dataclass
class Finding:
    """What came of a search.

    closest  the largest lhs/rhs that was confirmed in balls at a point that is no witness
    above    the witness, where there is one
    points   how many were evaluated; sizes, larger: at how many tuples of sizes up to 4 and beyond, counted in each stage
    alarms   candidates of float64 that balls refused
    drawn    points that were drawn, and moved towards the conditions of the statement where it has some
    met      how many of them meet the conditions, as far as float64 tells
    """

    posed: Posed
    closest: float = 0.0
    above: tuple[ExactPoint, Outcome] | None = None
    points: int = 0
    climbs: int = 0
    sizes: int = 0
    larger: int = 0
    alarms: int = 0
    drawn: int = 0
    met: int = 0


def search(
    inequality: Inequality,
    stages: Sequence[Budget],
    seed: int = 0,
    progress: Progress = lambda done, total: None,
    gradients: bool | None = None,
) -> Finding:
    """What comes of a search for a counterexample of an inequality (`searched`)."""
    return searched(pose(inequality), stages, seed, progress, gradients)


def searched(
    posed: Posed,
    stages: Sequence[Budget],
    seed: int = 0,
    progress: Progress = lambda done, total: None,
    gradients: bool | None = None,
) -> Finding:
    """One stage after the other; stops at the first point that is above for certain. Nothing is shrunk yet.

    A statement of sizes and scalars is tried at extreme ones first. `gradients` tells whether points climb along them; they do where torch
    is installed if it is None.
    """
    stages = [stage.of(posed) for stage in stages]
    extremes = tried(posed) if without_arrays(posed) else Tried(0, 0.0)
    if extremes.above is not None or not posed.parameters:
        return Finding(
            posed, extremes.closest, extremes.above, points=extremes.points, larger=extremes.points
        )
    random = Twister(seed)
    hunt = Hunt(posed, by_torch() if gradients is None else gradients)
    tuples = [
        larger_plan(posed, stage.looked) if stage.larger else plan(posed, stage.looked, seed)
        for stage in stages
    ]
    total = sum(
        len(sizes) + min(stage.climbed, len(sizes)) for sizes, stage in zip(tuples, stages, strict=True)
    )
    done = count()
    with threads_for(0):
        for sizes, stage in zip(tuples, stages, strict=True):
            if hunt.stage(sizes, stage, random, lambda: progress(next(done), total)):
                break
    progress(total, total)
    return hunt.found


class Hunt:
    """The candidates of one search, and what exact arithmetic says of them."""

    def __init__(self, posed: Posed, gradients: bool) -> None:
        self.posed, self.gradients = posed, gradients
        self.found = Finding(posed)
        self.seen: list[tuple[Layout, Seen]] = []

    def stage(
        self,
        tuples: Sequence[dict[str, int]],
        budget: Budget,
        random: Twister,
        tick: Callable[[], None],
    ) -> bool:
        """Draws at all these sizes, climbs at the most promising ones; whether a witness was found."""
        seen: list[tuple[Layout, Seen]] = []
        for sizes in tuples:
            tick()
            if self.on_lines(sizes):
                return True
            layout = Layout.of(self.posed, sizes)
            more = self.grown(layout) if budget.larger and not self.posed.setting.larger else []
            drawn = look(layout, budget.draws, random, *more, gradients=self.gradients)
            seen.append((layout, drawn))
            self.found.points += drawn.points
            self.found.drawn += budget.draws + len(more)
            self.found.met += drawn.met
            self.found.sizes += not budget.larger
            self.found.larger += budget.larger
            if self.caught(layout, drawn, closest=not budget.larger):
                return True
        self.seen = [*self.seen, *seen] if not budget.larger else self.seen
        # Where equality is drawn already (N = 1, say) there is seldom more to gain: the highest of the others come first.
        order = sorted(seen, key=lambda pair: (pair[1].best > -FLOAT_MARGIN, -pair[1].best))
        for layout, start in order[: budget.climbed]:
            tick()
            if len(start.rows):
                found = climb(
                    layout, start, climbers=budget.climbers, steps=budget.steps, random=random, gradients=self.gradients
                )  # fmt: skip
                self.found.climbs += len(found.rows)
                self.found.points += found.points
                self.seen.append((layout, found))
                if self.caught(layout, found):
                    return True
        return False

    def on_lines(self, sizes: dict[str, int]) -> bool:
        """Whether one of the exact points that meet the equations of the statement is a witness."""
        for point in on_lines(self.posed, sizes):
            self.found.points += 1
            outcome = decide(self.posed, point)
            if outcome.relation == "above":
                self.found.above = point, outcome
                return True
        return False

    def grown(self, layout: Layout) -> list[Rows]:
        """The highest points of each tuple of smaller sizes, at the sizes of this layout."""
        return [
            grown(small, row, layout)
            for small, seen in self.seen
            for row in seen.rows[:GROWN]
            if all(small.sizes[name] <= size for name, size in layout.sizes.items())
        ]

    def caught(self, layout: Layout, seen: Seen, *, closest: bool = True) -> bool:
        """Looks at the best candidates, then, for the closest ratio, at the best row that is none: whether one of them is a witness."""
        ratios = seen.ratios.tolist()
        most = CONFIRMED_WITHIN if self.posed.bounded else CONFIRMED
        candidates = [place for place, ratio in enumerate(ratios) if ratio > 1 + FLOAT_MARGIN][:most]
        others = [place for place, ratio in enumerate(ratios) if not ratio > 1 + FLOAT_MARGIN][:1]
        for place in (*candidates, *(others if closest else ())):
            self.found.above = self._confirm(layout, seen, place, place in candidates)
            if self.found.above is not None:
                return True
        return False

    def _confirm(
        self, layout: Layout, seen: Seen, position: int, candidate: bool
    ) -> tuple[ExactPoint, Outcome] | None:
        """The row as fractions, as coarse as keeps it a witness; None, and its ratio noted, where it is none."""
        best: tuple[ExactPoint, Outcome] | None = None
        for denominator in DENOMINATORS:
            point = inside(self.posed, exact(layout, seen.rows[position], denominator))
            if point is None:
                continue
            outcome = decide(self.posed, point)
            if outcome.relation == "outside" and self.posed.bounded:
                continue
            if outcome.relation == "above":
                if denominator != DENOMINATORS[0]:
                    return point, outcome
                best = point, outcome
            elif denominator == DENOMINATORS[0]:
                self.found.alarms += candidate
                if outcome.relation in ("below", "equal", "close"):
                    self.found.closest = max(self.found.closest, outcome.ratio)
                return None
        return best


@cache
def rates() -> dict[str, dict[str, int]]:
    """tier -> how many planted false inequalities the search finds at least, of how many; measured again by a test."""
    text = files("verify.search").joinpath("planted.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, int]] = json.loads(text)
    return found


@dataclass(frozen=True)
class Search(Refuting):
    """Tries to break every inequality of the claim within its domain."""

    cost = 2
    everywhere = True

    def __call__(self, claim: Claim, bench: Bench) -> Iterator[Evidence]:
        def progress(done: int, total: int) -> None:
            bench.progress(f"search · {claim.id}", done, total)

        inequalities = claim.inequalities()
        if not inequalities:
            return
        findings = []
        for inequality in inequalities:
            finding = search(inequality, BUDGETS[bench.tier], bench.seed, progress)
            findings.append(finding)
            if finding.above is not None:
                yield broken(finding)
                return
        yield self._none_found(findings, bench.tier)

    def _none_found(self, findings: Sequence[Finding], tier: str) -> Evidence:
        if not any(f.points for f in findings):
            return _vacuous("the domain has no point of the sizes that are searched")
        share = min((f.met / f.drawn for f in findings if f.posed.bounded and f.drawn), default=1.0)
        if not share:
            return _vacuous("no point that was drawn could be moved to where the conditions hold")
        stages, rate = [stage.of(findings[0].posed) for stage in BUDGETS[tier]], rates()[tier]
        points, climbs = sum(f.points for f in findings), sum(f.climbs for f in findings)
        closest = max(f.closest**0.5 if f.posed.squared else f.closest for f in findings)
        alarms = sum(f.alarms for f in findings)
        sizes = [size for _, sizes in larger(findings[0].posed.setting) for size in sizes]
        plain = not by_torch()
        known_ones = rate["at least without gradients" if plain else "at least"]
        return Evidence(
            check="search", **known("general", "holds", "tested"),
            statement=f"No violation found: the closest of {points} points has left/right = {closest:.4g}. "
            f"{_met(findings, share)}{'The search climbed without gradients, since torch is not installed. ' if plain else ''}"
            f"With the same budget the search finds at least {known_ones} of {rate['tried']} planted falsehoods ({rate['planted']} "
            f"inequalities, {rate['seeds']} seeds).",
            figures={"closest ratio": float(f"{closest:.4g}"), "points": points, "climbs": climbs,
                     "alarms of float64 refused in balls": alarms,
                     "planted falsehoods": rate["tried"], "planted falsehoods found, at least": known_ones},
            budget=f"{counted(sum(f.sizes for f in findings), 'tuple')} of sizes up to {LARGEST} and {sum(f.larger for f in findings)} "
            "of larger sizes, "
            + ", then ".join(f"{s.draws} points drawn at each and climbs of {s.steps} steps at {s.climbed}" for s in stages)
            + (f"; the last stage has sizes up to {max(sizes)}" if sizes else "; no size takes part"),
        )  # fmt: skip


def _met(findings: Sequence[Finding], share: float) -> str:
    """At how many of the points the conditions hold: tenths, rounded down, so that no last digit decides the sentence."""
    if not any(f.posed.bounded for f in findings):
        return ""
    tenths = int(10 * share)
    share_in_words = "all" if tenths == 10 else f"{10 * tenths} % or more" if tenths else "fewer than 10 %"
    return f"The conditions hold at {share_in_words} of the points that were drawn and moved towards them. "


def _vacuous(why: str) -> Evidence:
    return Evidence(
        check="search", scope="general", verdict="vacuous", strength=None,
        statement=f"Nothing was searched: {why}.",
    )  # fmt: skip


def broken(finding: Finding) -> Evidence:
    """The evidence of a witness, made small."""
    from verify.search.shrink import shrink

    assert finding.above is not None
    point, outcome = shrink(finding.posed, *finding.above)
    found = witness(finding.posed, point, outcome)
    return Evidence(
        check="search", **known("general", "fails", by(found)), witness=found,
        statement=f"Counterexample: {found.summary}.", budget=f"found after {finding.points} points, then shrunk",
    )  # fmt: skip


def smallest(
    inequality: Inequality, stages: Sequence[Budget], seed: int = 0, statement: int = 0
) -> WitnessData | None:
    """A witness as data, shrunk; None where none is found."""
    from verify.search.shrink import shrink

    finding = search(inequality, stages, seed)
    if finding.above is None:
        return None
    return store(finding.posed, shrink(finding.posed, *finding.above)[0], statement)


def main(words: Sequence[str] | None = None) -> int:
    """Prints a `WitnessData` for every inequality of a claim that the search breaks; 1 where it breaks none."""
    from verify.theories.named import find

    parser = argparse.ArgumentParser(prog="python -m verify.search.search", description=__doc__)
    parser.add_argument("claim")
    parser.add_argument("--theory")
    parser.add_argument("--tier", choices=sorted(BUDGETS), default="full")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(words)
    code = 1
    for claim in find(asked.theory).theory.claims:
        if claim.id != asked.claim:
            continue
        for position, inequality in enumerate(claim.inequalities()):
            found = smallest(inequality, BUDGETS[asked.tier], asked.seed, position)
            print(f"{claim.id}, {claim.form}, inequality {position}: {found or 'none found'}")
            code = 0 if found else code
    return code


if __name__ == "__main__":
    raise SystemExit(main())
