"""The largest size on this machine: three steps, what they take, what memory they need, and how near they come to the machine's speed."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from torch.profiler import ProfilerActivity, profile

from benchmarks.training import cases
from benchmarks.training.machine import FORMULA, flops, operations, roofline, shares
from benchmarks.training.process import Bench, Failed
from benchmarks.training.scaling import RATES, Clock, peak
from verify.theories.yang2024.numeric.descent import BLOCK_ENTRIES, Descent
from verify.theories.yang2024.numeric.dictionaries import Sizes
from verify.theories.yang2024.numeric.forecast import step_cost
from verify.theories.yang2024.numeric.train import train

STEPS = 3
LIBRARIES = 1e9


class Profiled(Clock):
    """Under the profiler from the first step on: what comes before is not its matter."""

    def __init__(self, profiler: profile) -> None:
        super().__init__()
        self.profiler = profiler

    def __call__(self, descent: Descent, t: int) -> None:
        super().__call__(descent, t)
        if t == 0:
            self.profiler.start()
        elif t == STEPS:
            self.profiler.stop()


def steps(sizes: dict[str, Any]) -> dict[str, Any]:
    """Train for STEPS steps; then, with that memory free again, the machine alone."""
    at = Sizes(**sizes)
    before = peak()
    began = time.perf_counter()
    instance = cases.of_sizes(at)
    made = time.perf_counter()
    clock = Profiled(profile(activities=[ProfilerActivity.CPU]))
    run = train(instance, RATES, max_steps=STEPS, watch=clock, watch_at=lambda t: True)
    held, gaps = peak(), run.gap.tolist()
    del run
    machine = roofline(at, heads=max(1, min(at.H, BLOCK_ENTRIES // (at.N * at.K))))
    speed = flops(at.N, at.K, at.H) / clock.step
    return {
        "instance": made - began, "setup": clock.times[0] - made, "steps": np.diff(clock.times).tolist(),
        "memory": held, "of which before": before, "gaps": gaps, "flops": flops(at.N, at.K, at.H),
        "flops a second": speed, "machine": machine, "fraction": speed / max(machine.values()),
        "shares": shares(operations(clock.profiler)),
    }  # fmt: skip


def available() -> float:
    """Bytes of memory to be had without swapping; all there could be where the system does not say."""
    try:
        told = Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]
    except (OSError, IndexError):
        return float("inf")
    return 1024 * float(told)


def needed(at: Sizes) -> float:
    """Bytes: what training holds, one copy more when the last iterate is handed over, and what the libraries take."""
    return step_cost(at.N, at.K, at.H).memory + 8.0 * at.N * at.K * at.H + LIBRARIES


def measure(bench: Bench) -> dict[str, Any]:
    """Raises Failed where memory is short: to find out would cost the machine more than this benchmark."""
    if available() < needed(cases.LARGEST):
        raise Failed(
            f"it needs {needed(cases.LARGEST) / 2**30:.1f} GiB of memory, and {available() / 2**30:.1f} GiB are available"
        )
    sizes, threads = asdict(cases.LARGEST), max(bench.threads)
    found = bench.fresh("largest:steps", threads, sizes=sizes)
    return {"formula": FORMULA, "dtype": "float64", "threads": threads, "sizes": sizes, **found}
