"""Descent on a GPU: steps a second by size and dtype beside the CPU's, and whether both go the same way."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.training import cases
from benchmarks.training.autograd import blocks
from benchmarks.training.process import Bench
from verify.theories.yang2024.numeric.batch import train_batch
from verify.theories.yang2024.numeric.train import Trajectory, train

CASES = ("default", "batched", "paper")
DTYPES = {"float64": torch.float64, "float32": torch.float32}
AGREE = {"float64": 1e-10, "float32": 1e-3}  # of the norm of Â − A at the start
CHECKED = 200  # steps
SECONDS = 2.0


def run(case: str, dtype: str, device: str, steps: int, count: int = cases.BATCH) -> list[Trajectory]:
    return ready(case, dtype, device, count)(steps)


def ready(case: str, dtype: str, device: str, count: int = cases.BATCH) -> partial[list[Trajectory]]:
    instances = cases.instances(case, count)
    rates = [cases.rates(instance) for instance in instances]
    _ = [instance.scores0 for instance in instances]

    def go(steps: int) -> list[Trajectory]:
        options: dict[str, Any] = {"max_steps": steps, "dtype": DTYPES[dtype], "device": device}
        if len(instances) > 1:
            return train_batch(instances, rates, **options)
        return [train(instances[0], rates[0], **options)]

    return partial(go)


def pace(case: str, dtype: str, device: str, seconds: float = SECONDS) -> dict[str, Any]:
    """Seconds of one step of one instance; reading the gaps of a block of steps back is part of it."""
    go = ready(case, dtype, device)
    found, _ = blocks(go, seconds)
    count = cases.BATCH if case == "batched" else 1
    return {"seconds": median(found) / count, "path": go(1)[0].path}


def agreement(
    case: str, dtype: str, device: str, steps: int = CHECKED, count: int = cases.BATCH
) -> dict[str, Any]:
    """The device in this dtype against the CPU in float64: how far apart √gap comes, over √gap at the start."""
    ours, theirs = (
        np.stack([np.sqrt(one.gap) for one in run(case, *where, steps, count)])
        for where in ((dtype, device), ("float64", "cpu"))
    )
    return {
        "steps": steps,
        "difference": float(np.max(np.abs(ours - theirs) / theirs[:, :1])),
        "wanted": AGREE[dtype],
    }


def name(device: str) -> dict[str, Any]:
    return {"name": torch.cuda.get_device_name(device), "cuda": torch.version.cuda}


def measure(bench: Bench) -> dict[str, Any]:
    """Where there is no GPU: that it was not run."""
    if not bench.device.startswith("cuda"):
        return {"run": False}
    rows = []
    for case in CASES:
        for dtype in DTYPES:
            call = {"case": case, "dtype": dtype}
            check = bench.fresh("gpu:agreement", max(bench.threads), device=bench.device, **call)
            on_gpu = bench.fresh("gpu:pace", 1, device=bench.device, **call)
            on_cpu = {
                threads: bench.fresh("gpu:pace", threads, device="cpu", **call)["seconds"]
                for threads in bench.threads
            }
            rows.append(
                {
                    **call, "sizes": cases.shown(case), "gpu": on_gpu, "cpu": min(on_cpu.values()), "agreement": check,
                    "agrees": check["difference"] <= check["wanted"],
                }
            )  # fmt: skip
    return {"run": True, **bench.fresh("gpu:name", 1, device=bench.device), "rows": rows}
