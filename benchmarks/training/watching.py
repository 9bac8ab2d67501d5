"""What it costs to watch a run: steps at the printed rates with everything looked at and held to its bound, against the steps alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.shared import spread
from benchmarks.training import cases
from benchmarks.training.process import Bench, Failed
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.margins import Levels, along
from verify.theories.yang2024.numeric.train import Trajectory, train
from verify.theories.yang2024.numeric.watch import Watch, schedule

RUNS = {"default": (2753, 15), "paper": (1000, 3)}  # steps, and rounds
WANTED = 0.2


def watched(
    instance: Instance, rates: Rates, levels: Levels, steps: int
) -> tuple[Trajectory, dict[str, int]]:
    """As `icl-verify run` does it; how many inequalities, and at how many steps the costly ones are looked at."""
    watch = Watch([instance], schedule(instance.N, instance.K, instance.H, steps))
    run = train(instance, rates, max_steps=steps, watch=watch, watch_at=watch.wants)
    seen = watch.observed(until=run.last.t)
    return run, {"inequalities": len(along(run, seen, levels)), "looks": len(seen.t)}


def extra(case: str, steps: int, rounds: int) -> dict[str, Any]:
    """Seconds of both, in turn, in one process; certified constants are there before.

    Raises Failed where there are no printed rates, or where watching changes a gap.
    """
    (instance,) = cases.instances(case)
    constants = enclose_constants(instance)
    rates = constants.rates
    if rates is None:
        raise Failed(f"there are no printed rates: {constants.no_rates}")
    levels = Levels.of(constants, rates)
    plain, (seen, counts) = (
        train(instance, rates, max_steps=steps),
        watched(instance, rates, levels, steps),
    )
    if not np.array_equal(plain.gap, seen.gap):
        raise Failed("watched steps are not the same steps")
    sides: dict[str, Callable[[], object]] = {
        "alone": lambda: train(instance, rates, max_steps=steps),
        "watched": lambda: watched(instance, rates, levels, steps),
    }
    times: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(rounds):
        for side in sorted(sides, reverse=turn % 2 == 1):
            times[side].append(timed(sides[side]))
    told = {side: spread(values) for side, values in times.items()}
    pairs = zip(times["watched"], times["alone"], strict=True)
    return {"steps": steps, **counts, **told, "extra": spread([more / less - 1 for more, less in pairs])}


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(bench: Bench) -> dict[str, Any]:
    """At each number of threads; told at the one where the steps alone are fastest."""
    rows = []
    for case, (steps, rounds) in RUNS.items():
        tried = {
            threads: bench.fresh("watching:extra", threads, case=case, steps=steps, rounds=rounds)
            for threads in bench.threads
        }
        threads = min(tried, key=lambda one: tried[one]["alone"]["median"])
        rows.append(
            {
                "case": case, "sizes": cases.shown(case), "rounds": rounds, "wanted": WANTED, "threads": threads, **tried[threads],
                "tried": {str(one): tried[one]["extra"] for one in tried},
            }
        )  # fmt: skip
    return {"dtype": "float64", "rows": rows}
