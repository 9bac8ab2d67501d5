"""What a run was computed on: the processor, the kernels that its libraries chose for it, and how many threads they had."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path

from numeric.threads import threads
from verify.record import Machine


def machine(entries: int | None = None) -> Machine:
    """The libraries that are loaded by now. Entries H·N·K tell how many threads gradient descent has; None where there is none."""
    import numpy as np
    from threadpoolctl import threadpool_info

    kernels, counts = {}, {}
    for pool in threadpool_info():
        folder = Path(pool["filepath"]).parent.name
        owner = "torch" if folder == "lib" else folder.removesuffix(".libs")
        name = f"{owner}, {pool['internal_api']}"
        counts[name] = int(pool["num_threads"])
        if "architecture" in pool:
            kernels[name] = f"{pool['architecture']} ({pool['version']})"
    (found,) = np.lib.introspect.opt_func_info(func_name="^exp$", signature="float64").values()
    kernels["numpy, exp"] = " ".join(str(one["current"]) for one in found.values())
    torch = sys.modules.get("torch")
    if torch is not None:
        kernels["torch"] = torch.backends.cpu.get_cpu_capability()
        counts["torch"] = torch.get_num_threads()
        if entries is not None:
            counts["gradient descent"] = threads(entries)
    return Machine(processor=processor(), kernels=kernels, threads=counts)


@cache
def processor() -> str:
    """The name that the processor gives itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def joined(before: list[Machine], here: Machine) -> list[Machine]:
    """The machines of a run that goes on here: the last of them, where processor and kernels are the same, else one more."""
    if not before:
        return [here]
    *others, last = before
    same = all(here.kernels.get(name, kernel) == kernel for name, kernel in last.kernels.items())
    if last.processor != here.processor or not same:
        return [*before, here]
    return [
        *others,
        here.model_copy(
            update={"kernels": last.kernels | here.kernels, "threads": last.threads | here.threads}
        ),
    ]
