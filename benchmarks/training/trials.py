"""What else was tried for a step: each way from the same start, held to the same gaps, timed in turn in one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.training import cases
from benchmarks.training.process import Bench, Failed
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares

CASES = ("default", "paper")
CHECKED = 20  # steps
ROUNDS = 7
SECONDS = 0.15  # of one way, in one round
AGREE = {torch.float64: 1e-12, torch.float32: 1e-4}  # of the norm of Â − A at the start
State = tuple[Tensor, Tensor]


class Formulas:
    """The step as formulas, a new tensor for each: X, scores (H, N, K), heads outermost; w (H, K)."""

    def __init__(self, instance: Instance, rates: Rates, dtype: torch.dtype) -> None:
        def tensor(array: Any) -> Tensor:
            return torch.tensor(np.ascontiguousarray(array), dtype=dtype)

        quadratic = least_squares(label_covariance(instance), instance.N)
        self.rates, self.dtype = rates, dtype
        self.scores0, self.A = tensor(instance.scores0), tensor(quadratic.A)
        self.V, self.tokens = tensor(instance.V), tensor(instance.tokens)
        self.left, self.right = self.V.T @ self.V, self.tokens.T @ self.tokens
        self.weight = tensor(quadratic.root.T @ quadratic.root / instance.K)
        self.state: State = torch.zeros_like(self.scores0), tensor(instance.w0)
        self.move: Callable[[State], tuple[State, Tensor]] = self.formulas

    def scores(self, X: Tensor) -> Tensor:
        return self.scores0 + self.left @ (X @ self.right)

    def formulas(self, state: State) -> tuple[State, Tensor]:
        """The next θ, and 𝓛 − inf 𝓛 at this one."""
        X, w = state
        s = torch.softmax(self.scores(X), 1)
        D = torch.einsum("hnk,hk->nk", s, w) - self.A
        dA = self.weight @ D
        dw = torch.einsum("hnk,nk->hk", s, dA)
        g = w[:, None] * s * (dA - dw[:, None])
        return (X - self.rates.eta_Q * g, w - self.rates.eta_w * dw), (D * dA).sum() / 2

    def step(self) -> Tensor:
        self.state, gap = self.move(self.state)
        return gap


class Factored(Formulas):
    """V̂ᵀ(V̂ X) where the step has (V̂ᵀV̂) X: fewer operations where d < K/2."""

    def scores(self, X: Tensor) -> Tensor:
        return self.scores0 + self.left @ (X @ self.tokens.T @ self.tokens)


class TokensFirst(Formulas):
    """Tensors (K, N, H), heads innermost, as in the step, but formula by formula."""

    def __init__(self, instance: Instance, rates: Rates, dtype: torch.dtype) -> None:
        super().__init__(instance, rates, dtype)
        self.scores0 = self.scores0.permute(2, 1, 0).contiguous()
        self.state = torch.zeros_like(self.scores0), self.state[1].T.contiguous()
        self.A, self.weight = self.A.T.contiguous(), self.weight.T.contiguous()

    def formulas(self, state: State) -> tuple[State, Tensor]:
        X, w = state
        K, N, H = X.shape
        s = torch.softmax(self.scores0 + self.left @ (self.right @ X.view(K, N * H)).view(K, N, H), 1)
        D = torch.bmm(s, w[:, :, None])[:, :, 0] - self.A
        dA = D @ self.weight
        dw = torch.bmm(dA[:, None], s)[:, 0]
        g = w[:, None] * s * (dA[:, :, None] - dw[:, None])
        return (X - self.rates.eta_Q * g, w - self.rates.eta_w * dw), (D * dA).sum() / 2


class Compiled(Formulas):
    """The formulas through torch.compile, which makes C++ of them where there is a compiler."""

    def __init__(self, instance: Instance, rates: Rates, dtype: torch.dtype) -> None:
        super().__init__(instance, rates, dtype)
        self.move = torch.compile(self.formulas)


class Here:
    """The step as it is."""

    def __init__(self, instance: Instance, rates: Rates, dtype: torch.dtype) -> None:
        self.dtype, self.descent = dtype, Descent([instance], [rates], dtype, "cpu")
        self.twice = torch.zeros(1, 1, 1, dtype=dtype)
        self.descent.gradients(self.twice)

    def step(self) -> Tensor:
        gap = self.twice.clone() / 2
        self.descent.step(self.twice)
        return gap


WAYS: dict[str, tuple[type[Here] | type[Formulas], torch.dtype]] = {
    "the step as it is": (Here, torch.float64),
    "formula by formula, heads outermost": (Formulas, torch.float64),
    "formula by formula, heads innermost": (TokensFirst, torch.float64),
    "V̂ᵀ(V̂X) in place of (V̂ᵀV̂)X, formula by formula": (Factored, torch.float64),
    "torch.compile of the formulas": (Compiled, torch.float64),
    "float32": (Here, torch.float32),
}


def ways(case: str, names: list[str] | None = None) -> dict[str, Any]:
    """Seconds of a step, each way; a way that the machine cannot go says why. Raises Failed where one goes elsewhere."""
    (instance,) = cases.instances(case)
    rates = cases.rates(instance)
    found: dict[str, Any] = {}
    going: dict[str, Here | Formulas] = {}
    reference = None
    with torch.no_grad():
        for name in names or WAYS:
            kind, dtype = WAYS[name]
            began = time.perf_counter()
            try:
                way = kind(instance, rates, dtype)
                gaps = torch.stack([way.step().reshape(()).double() for _ in range(CHECKED)]).sqrt()
            except (RuntimeError, ImportError) as error:
                if kind is not Compiled:
                    raise
                found[name] = {"refused": " ".join(str(error).split())[:200]}
                continue
            reference = gaps if reference is None else reference
            difference = float((gaps - reference).abs().max() / reference[0])
            if not difference <= AGREE[dtype]:
                raise Failed(f"{name}: gaps differ by {difference:.1e}")
            going[name] = way
            found[name] = {"difference": difference, "first steps": time.perf_counter() - began}
        counts = {name: calibrated(way, SECONDS) for name, way in going.items()}
        times: dict[str, list[float]] = {name: [] for name in going}
        for _ in range(ROUNDS):
            for name, way in going.items():
                times[name].append(timed(way, counts[name]))
    for name, values in times.items():
        found[name] |= {"seconds": median(values), "least": min(values), "most": max(values)}
    return found


def timed(way: Here | Formulas, steps: int) -> float:
    began = time.perf_counter()
    for _ in range(steps):
        way.step()
    return (time.perf_counter() - began) / steps


def calibrated(way: Here | Formulas, seconds: float) -> int:
    return max(1, round(seconds / timed(way, 3)))


def measure(bench: Bench) -> dict[str, Any]:
    """On one thread and on more; ratios are to the step as it is, in the same process."""
    rows = []
    for case in CASES:
        for threads in bench.threads:
            found = bench.fresh("trials:ways", threads, case=case)
            base = found[next(iter(WAYS))]["seconds"]
            for one in found.values():
                if "seconds" in one:
                    one["ratio"] = one["seconds"] / base
            rows.append({"case": case, "sizes": cases.shown(case), "threads": threads, "ways": found})
    return {"rows": rows}
