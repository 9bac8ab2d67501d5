"""The same descent by eager automatic differentiation, on Q itself, against descent in coordinates: time per step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.shared import spread
from benchmarks.training import cases
from benchmarks.training.process import Bench, Failed
from verify.theories.yang2024.numeric.batch import train_batch
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.train import Trajectory, train

PROCESSES = 3  # for each side and number of threads
SECONDS = {
    "batched": 6.0,
    "paper": 6.0,
}  # at least, in each process: what comes before the first step is to weigh little
OTHERWISE = 2.0
BLOCKS = 3
CHECKED = 50  # steps of both sides before any is timed
AGREE = 1e-12  # of the norm of Â − A at the start

# what is timed, our case, the case of the other side, how many times faster is wanted (None: shown, not asked for)
COMPARED = (
    ("a step", "default", "default", 6),
    ("a step of one instance, in a batch against one at a time", "batched", "default", 15),
    ("a step of one instance, in a batch against the same batch", "batched", "batched", None),
    ("a step", "paper", "paper", 1.5),
    ("a step", "wide", "wide", 40),
)
SIDES = ("here", "autograd")


class Autograd:
    """θ = (Q, w) of B instances of the same sizes, Q (B·H, d, d), and one step of (10) by `torch.autograd`.

    The loss is (9) less its infimum, (1/2K) tr (Â − A)ᵀ E[yyᵀ] (Â − A): the fewest operations that have its gradient, and the
    gap comes for nothing. Products go from the short side, Vᵀ first; gradients are taken without accumulation, θ moves in place.
    """

    def __init__(self, instances: Sequence[Instance], rates: Sequence[Rates]) -> None:
        def tensor(arrays: list[NDArray[np.float64]]) -> torch.Tensor:
            return torch.tensor(np.stack(arrays))

        first = instances[0]
        self.sizes = len(instances), first.H, first.N, first.K, first.d
        B, H, N, _, d = self.sizes
        covariances = [label_covariance(i) for i in instances]
        self.Vt = tensor([i.V.T for i in instances])[:, None].expand(B, H, N, d).reshape(B * H, N, d)
        self.tokens = tensor([i.tokens for i in instances])
        self.A = tensor([least_squares(covariance, N).A for covariance in covariances])
        self.weight = tensor([covariance[:N, :N] / first.K for covariance in covariances])
        self.Q = tensor([Q for i in instances for Q in i.heads()]).requires_grad_()
        self.w = tensor([i.w0 for i in instances]).requires_grad_()
        self.eta_Q = torch.tensor([one.eta_Q for one in rates for _ in range(H)], dtype=torch.float64)[
            :, None, None
        ]
        self.eta_w = torch.tensor([one.eta_w for one in rates], dtype=torch.float64)[:, None, None]
        self.one = rates[0] if B == 1 else None

    def gap(self) -> torch.Tensor:
        """𝓛 − inf 𝓛, (B,)."""
        B, H, N, K, d = self.sizes
        scores = torch.bmm(torch.bmm(self.Vt, self.Q).view(B, H * N, d), self.tokens).view(B, H, N, K)
        D = torch.einsum("bhnk,bhk->bnk", torch.softmax(scores, 2), self.w) - self.A
        return (D * torch.bmm(self.weight, D)).sum((1, 2)) / 2

    def step(self) -> torch.Tensor:
        """θ moves; the gap before."""
        gap = self.gap()
        of_Q, of_w = torch.autograd.grad(gap.sum(), (self.Q, self.w))
        with torch.no_grad():
            if self.one is not None:
                self.Q.sub_(of_Q, alpha=self.one.eta_Q)
                self.w.sub_(of_w, alpha=self.one.eta_w)
            else:
                self.Q.addcmul_(of_Q, self.eta_Q, value=-1)
                self.w.addcmul_(of_w, self.eta_w, value=-1)
        return gap.detach()

    def train(self, steps: int) -> torch.Tensor:
        """Gaps (steps, B), before each step."""
        return torch.stack([self.step() for _ in range(steps)])


def here(instances: Sequence[Instance], rates: Sequence[Rates], steps: int) -> list[Trajectory]:
    """Descent in coordinates, as the program does it."""
    if len(instances) == 1:
        return [train(instances[0], rates[0], max_steps=steps)]
    return train_batch(instances, rates, max_steps=steps)


def agreement(case: str, count: int = cases.BATCH, steps: int = CHECKED) -> dict[str, Any]:
    """Both sides from the same start, in one process: how far apart their √gap come, over √gap at the start, and how far Q moved.

    √gap is a norm of Â − A, so that this is its error, whatever it has shrunk to.
    """
    instances = cases.instances(case, count)
    rates = [cases.rates(instance) for instance in instances]
    runs = here(instances, rates, steps)
    ours = np.stack([run.gap[:-1] for run in runs], axis=1)
    theirs = Autograd(instances, rates).train(steps).numpy()
    worst = float(np.max(np.abs(np.sqrt(ours) - np.sqrt(theirs)) / np.sqrt(theirs[0])))
    moved = max(float(run.relative_movement().max()) for run in runs)
    return {"steps": steps, "difference": worst, "wanted": AGREE, "moved": moved}


def per_step(case: str, side: str, seconds: float = OTHERWISE, count: int = cases.BATCH) -> dict[str, Any]:
    """Seconds of one step of one instance: the median over blocks of steps, each a good part of `seconds`."""
    instances = cases.instances(case, count)
    rates = [cases.rates(instance) for instance in instances]
    work: Callable[[int], object]
    if side == "here":
        _ = [instance.scores0 for instance in instances]  # made once, before training
        work = partial(here, instances, rates)
    else:
        work = Autograd(instances, rates).train
    found, steps = blocks(work, seconds)
    return {"seconds": median(found) / len(instances), "blocks": len(found), "steps": steps}


def blocks(work: Callable[[int], object], seconds: float) -> tuple[list[float], int]:
    """Seconds per step of BLOCKS blocks, and the steps of each: `seconds` in all, or one step each. The first call of all, which loads
    libraries, counts for nothing."""
    work(1)
    steps = 1
    while True:
        began = time.perf_counter()
        work(steps)
        spent = time.perf_counter() - began
        if spent >= seconds / BLOCKS / 4:
            break
        steps *= 4
    steps = max(1, round(steps * seconds / BLOCKS / spent))
    found = []
    for _ in range(BLOCKS):
        began = time.perf_counter()
        work(steps)
        found.append((time.perf_counter() - began) / steps)
    return found, steps


def measure(bench: Bench) -> dict[str, Any]:
    """All comparisons, processes of both sides in turn. Raises Failed where the two sides do not agree."""
    checks: dict[str, dict[str, Any]] = {}
    sides: dict[tuple[str, str], dict[str, Any]] = {}
    for case in dict.fromkeys(row[1] for row in COMPARED):
        checks[case] = bench.fresh("autograd:agreement", max(bench.threads), case=case)
        if not checks[case]["difference"] <= AGREE:
            raise Failed(f"{case}: the two sides differ by {checks[case]['difference']:.1e}")
        runs: dict[tuple[str, int], list[float]] = {}
        for _, side, threads in product(range(PROCESSES), SIDES, bench.threads):
            seconds = SECONDS.get(case, OTHERWISE)
            found = bench.fresh("autograd:per_step", threads, case=case, side=side, seconds=seconds)
            runs.setdefault((side, threads), []).append(found["seconds"])
        sides |= {(case, side): best({n: runs[side, n] for n in bench.threads}) for side in SIDES}
    return {"dtype": "float64", "checks": checks, "rows": [row(sides, *one) for one in COMPARED]}


def row(
    sides: Mapping[tuple[str, str], dict[str, Any]], what: str, ours: str, theirs: str, wanted: float | None
) -> dict[str, Any]:
    here, autograd = sides[ours, "here"], sides[theirs, "autograd"]
    return {
        "what": what, "case": ours, "sizes": cases.shown(ours), "here": here, "autograd": autograd,
        "ratio": autograd["median"] / here["median"], "wanted": wanted,
    }  # fmt: skip


def best(by_threads: Mapping[int, Sequence[float]]) -> dict[str, Any]:
    """The spread at the number of threads with the least median, and all of them."""
    spreads = {threads: spread(values) | {"runs": list(values)} for threads, values in by_threads.items()}
    threads = min(spreads, key=lambda one: spreads[one]["median"])
    return {"threads": threads, **spreads[threads], "tried": {str(one): spreads[one] for one in spreads}}
