"""Descent against the machine: which part of its matrix-multiply speed a step reaches, and where the rest of the time goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.training import cases
from benchmarks.training.autograd import OTHERWISE, SECONDS, best, blocks, here
from benchmarks.training.process import Bench
from verify.theories.yang2024.numeric.batch import GROUP_ENTRIES
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import Sizes

SQUARE = 2048
REPEATS = 3
PROCESSES = 3
PROFILED = {"default": 2000, "batched": 300, "paper": 50}  # steps
CASES = ("default", "batched", "paper")
KINDS = {
    "matrix products": ("bmm", "baddbmm", "baddbmm_", "mm", "addmm", "dot"),
    "exponentials": ("exp", "exp_", "softmax", "_softmax"),
    "largest and sum over the prompt": ("amax", "sum"),
    "entry by entry": ("sub", "sub_", "mul", "mul_", "div", "div_", "add", "add_", "addcmul", "addcmul_", "neg"),
    "copies": ("copy_", "clone", "_to_copy", "contiguous", "zero_", "fill_"),
}  # fmt: skip
FORMULA = "2HNK(K + N + 2) + 2N²K + 2NK"


def flops(N: int, K: int, H: int) -> float:
    """Of the matrix products of one step: V̂ᵀV̂X, VᵀV(·), Â, ∂w, ∂Â, the gap. What is done entry by entry is not counted."""
    return 2.0 * H * N * K * (K + N + 2) + 2.0 * N * N * K + 2.0 * N * K


def median_of(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds, after once to warm up."""
    work()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return median(found)


def roofline(sizes: Sizes, heads: int | None = None) -> dict[str, Any]:
    """Multiplications and additions a second: of square matrices, and of a step's own two large products, alone.

    heads  of one block, where not all are multiplied at once
    """
    N, K, H, square = sizes.N, sizes.K, heads or sizes.H, SQUARE
    rng = torch.Generator().manual_seed(0)
    drawn = partial(torch.randn, generator=rng, dtype=torch.float64)
    a, b, c = drawn(square, square), drawn(square, square), torch.zeros(square, square, dtype=torch.float64)
    found = {f"square, n = {square}": 2 * square**3 / median_of(lambda: torch.mm(a, b, out=c))}
    X, right, left = drawn(K, N, H), drawn(1, K, K), drawn(N, N).expand(K, N, N)
    out, rows = torch.zeros_like(X), X.view(1, K, -1)
    found["V̂ᵀV̂ X"] = 2.0 * K * K * N * H / median_of(lambda: torch.bmm(right, rows, out=out.view(1, K, -1)))
    found["VᵀV (·)"] = 2.0 * K * N * N * H / median_of(lambda: torch.baddbmm(X, left, X, out=out))
    return found


def reached(case: str, seconds: float = OTHERWISE) -> dict[str, Any]:
    """A step and the machine in one process: flops a second of each, and the fraction."""
    sizes = cases.SIZES[case]
    instances = cases.instances(case)
    rates = [cases.rates(instance) for instance in instances]
    _ = [instance.scores0 for instance in instances]
    machine = roofline(sizes)
    found, _ = blocks(partial(here, instances, rates), seconds)
    step = median(found) / len(instances)
    speed = flops(sizes.N, sizes.K, sizes.H) / step
    return {
        "seconds": step,
        "flops a second": speed,
        "machine": machine,
        "fraction": speed / max(machine.values()),
    }


def shares(times: Mapping[str, float]) -> dict[str, float]:
    """Time by kind of operation, from time by name of operation, as parts of their sum."""
    total = sum(times.values())
    kinds = {
        kind: sum(times.get(f"aten::{name}", 0.0) for name in names) / total for kind, names in KINDS.items()
    }
    return kinds | {"other": max(0.0, 1 - sum(kinds.values()))}


def operations(profiled: profile) -> dict[str, float]:
    """Seconds in each operation itself, by name."""
    return {event.key: event.self_cpu_time_total / 1e6 for event in profiled.key_averages()}


def where(case: str, steps: int) -> dict[str, Any]:
    """Steps under torch's profiler, on one thread: seconds a step with and without it, and the parts of the time by kind.

    What a step takes beyond its operations, Python and the profiler's own time, is `outside`, of the time with the profiler.
    A batch is one group of it, as large as `train_batch` makes them.
    """
    torch.set_num_threads(1)
    sizes = cases.SIZES[case]
    instances = cases.instances(case, max(1, GROUP_ENTRIES // (sizes.N * sizes.K * sizes.H)))
    group = len(instances)
    descent = Descent(instances, [cases.rates(one) for one in instances], torch.float64, "cpu")
    gap = torch.zeros(group, 1, 1, dtype=torch.float64)

    def go() -> None:
        for _ in range(steps):
            descent.step(gap)

    with torch.no_grad():
        descent.gradients(gap)
        plain = median_of(go)
        with profile(activities=[ProfilerActivity.CPU]) as profiled:
            began = time.perf_counter()
            go()
            spent = time.perf_counter() - began
    times = operations(profiled)
    count = steps * group
    top = sorted(times.items(), key=lambda item: -item[1])[:8]
    return {
        "steps": steps, "instances": group, "seconds": plain / count, "under the profiler": spent / count,
        "outside": max(0.0, 1 - sum(times.values()) / spent), "shares": shares(times),
        "operations": {name: seconds / count for name, seconds in top},
    }  # fmt: skip


def measure(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = {"formula": FORMULA, "dtype": "float64", "rows": [], "profile": []}
    for case in CASES:
        runs = {
            threads: [
                bench.fresh("machine:reached", threads, case=case, seconds=SECONDS.get(case, OTHERWISE))
                for _ in range(PROCESSES)
            ]
            for threads in bench.threads
        }
        fastest = best({threads: [run["seconds"] for run in runs[threads]] for threads in runs})
        of = runs[fastest["threads"]]
        sizes = cases.SIZES[case]
        found["rows"].append(
            {
                "case": case, "sizes": cases.shown(case), "flops": flops(sizes.N, sizes.K, sizes.H), "seconds": fastest,
                "flops a second": median(run["flops a second"] for run in of),
                "machine": {name: median(run["machine"][name] for run in of) for name in of[0]["machine"]},
                "fraction": median(run["fraction"] for run in of),
            }
        )  # fmt: skip
        part = bench.fresh("machine:where", 1, case=case, steps=PROFILED[case])
        found["profile"].append({"case": case, "sizes": cases.shown(case), **part})
    return found
