"""Time per step and peak memory as one size grows and the others stay: fresh processes, exponents by least squares in logarithms."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.training import cases
from benchmarks.training.process import Bench
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import Sizes
from verify.theories.yang2024.numeric.train import train

BASE = Sizes(N=32, K=512, d=128, m=32, H=256, tau=0.01, beta=1.0)
LADDERS = {
    "N": (16, 32, 64, 128, 256), "K": (128, 256, 512, 1024, 2048), "H": (64, 128, 256, 512, 1024),
    "d": (64, 128, 256, 512, 1024), "m": (16, 32, 64, 128, 256),
}  # fmt: skip
MEASURES = ("step", "setup", "memory")
STEPS = 3
SECONDS = 0.3  # in which more steps are taken, where three take less
RATES = Rates(gamma=1.0, eta_Q=1e-6, eta_w=1e-6)  # small: nothing here depends on where the steps lead


def peak() -> float:
    """Most bytes of memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def resident() -> float:
    """Bytes that this process holds now; where the system does not say, the most it has held."""
    try:
        return float(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return peak()


class Clock:
    """The time of each step, from a watch of training at every one: it is called when the gradients at θ^(t) are known."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, descent: Descent, t: int) -> None:
        self.times.append(time.perf_counter())

    @property
    def step(self) -> float:
        """Median seconds of the steps after the first, which warms up; of all where there are no more than STEPS."""
        found = np.diff(self.times).tolist()
        return median(found if len(found) <= STEPS else found[1:])


def sample(sizes: dict[str, Any], steps: int = STEPS, seconds: float = SECONDS) -> dict[str, Any]:
    """A step, what comes before the first, and peak memory beyond what the process held before there was an instance."""
    before = resident()
    began = time.perf_counter()
    instance = cases.of_sizes(Sizes(**sizes))
    made = time.perf_counter()
    clock = Clock()
    train(instance, RATES, max_steps=steps, watch=clock, watch_at=lambda t: True)
    found = {"setup": clock.times[0] - made, "memory": peak() - before, "instance": made - began}
    if clock.times[-1] - clock.times[0] < seconds:
        more = max(steps, round(seconds / clock.step))
        clock = Clock()
        train(instance, RATES, max_steps=more, watch=clock, watch_at=lambda t: True)
    return found | {"step": clock.step, "steps": len(clock.times) - 1}


def exponent(sizes: Sequence[float], values: Sequence[float]) -> dict[str, float]:
    """p of the least-squares c·sizeᵖ in logarithms, and the largest factor by which it is off."""
    x, y = np.log(sizes), np.log(values)
    line = np.polyfit(x, y, 1)
    return {"exponent": float(line[0]), "off": float(np.exp(np.abs(np.polyval(line, x) - y).max()))}


def measure(bench: Bench) -> dict[str, Any]:
    threads = max(bench.threads)
    base = bench.fresh("scaling:sample", threads, sizes=asdict(BASE))
    ladders = {}
    for letter, rungs in LADDERS.items():
        samples = [
            base if rung == getattr(BASE, letter)
            else bench.fresh("scaling:sample", threads, sizes=asdict(replace(BASE, **{letter: rung})))
            for rung in rungs
        ]  # fmt: skip
        fits = {name: exponent(rungs, [one[name] for one in samples]) for name in MEASURES}
        ladders[letter] = {"rungs": list(rungs), "samples": samples, "fits": fits}
    return {"dtype": "float64", "threads": threads, "base": asdict(BASE), "ladders": ladders}
