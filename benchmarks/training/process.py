"""One measurement in a process of its own, with its own number of threads.

    python -m benchmarks.training.process MODULE:FUNCTION SETTINGS

calls the function of that module of this folder with the settings, JSON, and prints what it returns, JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.shared import ROOT

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


OUT_OF_MEMORY = Path("/proc/self/oom_score_adj")


class Failed(RuntimeError):
    """A process that did not come back with a result: what, and why."""


class Bench:
    """What the parts are measured with.

    limit    seconds for the part, from now on
    threads  numbers of threads to try
    device   for what may run elsewhere than on the CPU
    """

    def __init__(self, limit: float, threads: Sequence[int] = (1, 2), device: str = "cpu") -> None:
        self.ends, self.threads, self.device = monotonic() + limit, tuple(threads), device

    @property
    def left(self) -> float:
        """Seconds."""
        return self.ends - monotonic()

    def fresh(self, function: str, threads: int, **settings: object) -> dict[str, Any]:
        """What MODULE:FUNCTION(**settings) returns, in a new process with so many threads.

        Raises Failed where it ends without a result, or is ended because the time of the part is over.
        """
        told = f"{function} {json.dumps(settings)}, {threads} thread{'s' if threads > 1 else ''}"
        print(told, file=sys.stderr, flush=True)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.training.process", function, json.dumps(settings)], cwd=ROOT,
                env=os.environ | dict.fromkeys(THREADS, str(threads)), capture_output=True, text=True,
                timeout=max(0.0, self.left), check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Failed(f"{told}: not over when the time of the part was") from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Failed(f"{told}: exit {done.returncode}, {last}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def main(function: str, settings: str) -> None:
    if OUT_OF_MEMORY.exists():
        OUT_OF_MEMORY.write_text("1000")  # where memory runs out, this process is to end, and no other
    module, name = function.split(":")
    found = getattr(import_module(f"benchmarks.training.{module}"), name)(**json.loads(settings))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
