"""What it costs to watch a run: steps at the printed rates with everything looked at and held to its bound, against the steps alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.shared import spread
from benchmarks.training import cases
from benchmarks.training.process import Bench, Failed
from numeric.constants import Rates, enclose_constants
from numeric.instance import Instance
from numeric.margins import Levels, along
from numeric.train import train
from numeric.watch import Watch, schedule

RUNS = {"default": (2753, 7), "paper": (1000, 3)}  # steps, and rounds
WANTED = 0.2


def alone(instance: Instance, rates: Rates, steps: int) -> None:
    train(instance, rates, max_steps=steps)


def watched(instance: Instance, rates: Rates, levels: Levels, steps: int) -> dict[str, int]:
    """As `icl-verify run` does it; how many inequalities, and at how many steps the costly ones are looked at."""
    watch = Watch([instance], schedule(instance.N, instance.K, instance.H, steps))
    run = train(instance, rates, max_steps=steps, watch=watch, watch_at=watch.wants)
    seen = watch.observed(until=run.last.t)
    return {"inequalities": len(along(run, seen, levels)), "looks": len(seen.t)}


def extra(case: str, steps: int, rounds: int) -> dict[str, Any]:
    """Seconds of both, in turn, in one process; constants are there before. Raises Failed where there are no printed rates."""
    (instance,) = cases.instances(case)
    constants = enclose_constants(instance)
    rates = constants.rates
    if rates is None:
        raise Failed(f"there are no printed rates: {constants.no_rates}")
    levels, _ = Levels.of(constants, rates), instance.scores0
    found = watched(instance, rates, levels, steps)
    alone(instance, rates, steps)
    times: dict[str, list[float]] = {"alone": [], "watched": []}
    for _ in range(rounds):
        times["alone"].append(timed(lambda: alone(instance, rates, steps)))
        times["watched"].append(timed(lambda: watched(instance, rates, levels, steps)))
    sides = {side: spread(values) for side, values in times.items()}
    return {
        "steps": steps,
        **found,
        **sides,
        "extra": sides["watched"]["median"] / sides["alone"]["median"] - 1,
    }


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(bench: Bench) -> dict[str, Any]:
    threads = max(bench.threads)
    rows = [
        {
            "case": case, "sizes": cases.shown(case), "rounds": rounds, "wanted": WANTED,
            **bench.fresh("watching:extra", threads, case=case, steps=steps, rounds=rounds),
        }
        for case, (steps, rounds) in RUNS.items()
    ]  # fmt: skip
    return {"dtype": "float64", "threads": threads, "rows": rows}
