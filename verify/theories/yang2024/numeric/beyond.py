"""Training beyond the theorem's rates: other rates, line searches, Adam. From the same θ^(0), on the same loss (9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numeric.threads import threads_for
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.gradient import gradient, softmax
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic, label_covariance, population_loss
from verify.theories.yang2024.numeric.spectrum import attention
from verify.theories.yang2024.numeric.train import TrainingError, train

Array = NDArray[np.float64]
ARMIJO = 1e-4  # a step has to gain this part of what its slope promises
HALVINGS = 60
ROUNDING = 1e-9  # of the gap before it: a rise by less is no rise


@dataclass(frozen=True)
class Outcome:
    """What one method made of θ^(0).

    gaps         𝓛 − inf 𝓛 before the first step and after each
    s, w         attention (H, N, K) and weights (H, K) at the end
    moved        the largest ‖Q_h − Q_h^(0)‖_F / ‖Q_h^(0)‖_F
    evaluations  of the loss
    stopped      why it ended before its steps were done, with step and quantity; '' where it did not
    """

    name: str
    gaps: Array
    s: Array
    w: Array
    moved: float
    evaluations: int
    stopped: str = ""

    @property
    def gap(self) -> float:
        return float(self.gaps[-1])

    def rises(self, rounding: float) -> NDArray[np.int64]:
        """Steps after which the gap is higher than before, by more than its rounding and by more than `rounding`."""
        before, after = self.gaps[:-1], self.gaps[1:]
        return np.flatnonzero(after > before * (1 + ROUNDING) + rounding) + 1

    def first(self, target: float) -> int | None:
        """The first step after which the gap is at most `target`."""
        there = np.flatnonzero(self.gaps <= target)
        return int(there[0]) if len(there) else None


def at_rates(
    name: str,
    instance: Instance,
    rates: Rates,
    steps: int,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Gradient descent (10) at these rates, whatever comes of it: a number that overflows is told, not raised."""
    stopped = ""
    try:
        run = train(instance, rates, max_steps=steps, progress=progress)
    except TrainingError as error:
        run = error.trajectory
        stopped = f"step {error.step}: {error.quantity} is not finite"
    with np.errstate(over="ignore", invalid="ignore"):
        moved = _largest(run.relative_movement())
        s = attention(instance, run.last.X)
    return Outcome(name, run.gap, s, run.last.w, moved, len(run.gap), stopped)


def line_search(
    name: str,
    instance: Instance,
    quadratic: Quadratic,
    steps: int,
    gamma: float | None,
    seen: Callable[[float, float, float, float], None] | None = None,
) -> Outcome:
    """Gradient descent with backtracking: the step is halved until the gap falls by ARMIJO times what the slope promises.

    gamma  one step η for Q and γ²η for w: gradient descent on (Q, w/γ) in the paper's metric (39)–(41); None for a search in w and
           then one in Q, each with a step of its own
    seen   told (gap before, gap after, step, squared norm of the gradient in that metric) of every accepted step

    Each search begins at twice the last step taken, the first at K over the largest eigenvalue of B_k B_kᵀ, which is safe for w.
    """
    V, tokens = instance.V, instance.tokens
    left, right = V.T @ V, tokens.T @ tokens
    scores, X, w = np.array(instance.scores0), np.zeros_like(instance.scores0), np.array(instance.w0)
    s = softmax(scores)
    top = float(np.linalg.norm(quadratic.root @ s.transpose(2, 1, 0), 2, axis=(1, 2)).max())
    passes = [(0.0, 1.0), (1.0, 0.0)] if gamma is None else [(1.0, gamma**2)]
    last = [instance.K / top**2 / (of_w or 1.0) / 2 for _, of_w in passes]
    gaps = [quadratic.gap(np.einsum("hnk,hk->nk", s, w))]
    evaluations, stopped = 1, ""
    for t in range(steps):
        gap, moved = gaps[-1], False
        for n, (of_Q, of_w) in enumerate(passes):
            at = gradient(instance, quadratic, s, w)
            change = left @ at.scores @ right
            slope = of_Q * max(0.0, float(np.sum(at.scores * change))) + of_w * float(np.sum(at.w**2))
            eta = 2 * last[n]
            for _ in range(HALVINGS if slope > 0 else 0):
                with np.errstate(over="ignore", invalid="ignore"):
                    new_scores, new_w = scores - eta * of_Q * change, w - eta * of_w * at.w
                    new_s = softmax(new_scores) if of_Q else s
                    after = quadratic.gap(np.einsum("hnk,hk->nk", new_s, new_w))
                evaluations += 1
                if after <= gap - ARMIJO * eta * slope and after < gap:
                    if seen is not None:
                        seen(gap, after, eta, slope)
                    X -= eta * of_Q * at.scores
                    scores, w, s, gap, last[n], moved = new_scores, new_w, new_s, after, eta, True
                    break
                eta /= 2
        if not moved:
            stopped = f"step {t + 1}: no step lowers the gap any more"
            break
        gaps.append(gap)
    offset = np.sqrt(np.sum(X * (left @ X @ right), axis=(1, 2)).clip(0))
    return Outcome(name, np.array(gaps), s, w, _largest(_over(offset, instance)), evaluations, stopped)


def adam(
    name: str,
    instance: Instance,
    quadratic: Quadratic,
    steps: int,
    learning_rate: float,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Adam on the entries of Q_h − Q_h^(0) in R^{d×d} and of w, gradients of (9) by automatic differentiation.

    Adam's steps depend on the basis, so it runs on Q itself and not on the coordinates X: H·d² numbers.
    """
    import torch
    from torch.optim.adam import adam as update  # the class takes seconds to make, for what it loads

    H, N, K = instance.scores0.shape
    V, tokens, scores0, covariance = (
        torch.tensor(np.ascontiguousarray(array))
        for array in (instance.V, instance.tokens, instance.scores0, label_covariance(instance))
    )
    Q = torch.zeros(H, instance.d, instance.d, dtype=torch.float64, requires_grad=True)
    w = torch.tensor(instance.w0, requires_grad=True)
    parameters = [Q, w]
    means, squares = ([torch.zeros_like(one) for one in parameters] for _ in range(2))
    counts = [torch.zeros(()) for _ in parameters]
    gaps: list[float] = []
    stopped = ""

    def attend() -> torch.Tensor:
        return torch.softmax(scores0 + V.T @ Q @ tokens, dim=1)

    with threads_for(H * N * K):
        for t in range(steps + 1):
            s = attend()
            A_hat = torch.einsum("hnk,hk->nk", s, w)
            with np.errstate(over="ignore", invalid="ignore"):
                gap = quadratic.gap(A_hat.detach().numpy())
            if not np.isfinite(gap):
                stopped = f"step {t}: the loss is not finite"
                break
            gaps.append(gap)
            if progress is not None:
                progress(t, steps)
            if t == steps:
                break
            found = torch.autograd.grad(population_loss(A_hat, covariance), parameters)
            slopes = [one.contiguous() for one in found]  # the fused update reads them in order
            with torch.no_grad():
                update(
                    parameters, slopes, means, squares, [], counts, amsgrad=False, beta1=0.9, beta2=0.999, lr=learning_rate,
                    weight_decay=0.0, eps=1e-8, maximize=False, fused=True,
                )  # fmt: skip
    offset, weights = Q.detach().numpy(), w.detach().numpy()
    moved = _largest(_over(np.linalg.norm(offset, axis=(1, 2)), instance))
    return Outcome(name, np.array(gaps), s.detach().numpy(), weights, moved, len(gaps), stopped)


def _over(offset: Array, instance: Instance) -> Array:
    """Norms of offsets (H,) over those of Q_h^(0); inf or nan where Q_h^(0) = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = offset / instance.norms0
    return ratio


def _largest(ratios: Array) -> float:
    known = ratios[~np.isnan(ratios)]
    return float(known.max()) if len(known) else float("nan")
