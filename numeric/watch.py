"""What is seen of gradient descent (10) at chosen steps: the norms that the proof of Theorem 1 bounds. Nothing here judges.

At a watched step everything is computed on the device from the numbers that the step itself uses, from N×N and K×K Gram matrices
and never a d×d matrix: ‖Q_h − Q_h^(0)‖_F² = ⟨X_h, VᵀV X_h V̂ᵀV̂⟩. In double precision, whatever the run has. Which steps are
watched follows from sizes alone, so that the same instance is watched at the same steps wherever it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numeric.instance import Instance

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from numeric.descent import Descent

Array = NDArray[np.float64]
SHARE = 0.1  # of the work of the run; what the model below leaves out may double it
CALL = 30_000.0  # operations that pass while a call of torch begins and ends
STEP_CALLS, WATCH_CALLS = 12, 80
MOST = 1000  # steps that are watched, however long the run
NEAR = 0.5  # scores that moved less than this give s − s^(0) by expm1, which does not cancel
PER_HEAD = ("w", "w_max", "X", "moved", "G", "slope", "dw")
PER_TOKEN = ("least", "most", "shift", "w1")
ALONE = ("image", "delta_max", "score_max")


def watch_cost(N: int, K: int, H: int) -> float:
    """Watching θ^(t) over taking a step from it, in operations: an entry of H·N·K takes 2(N + K) for a product with VᵀV and
    V̂ᵀV̂, 2N for a root or a Gram matrix of B_k, and some hundreds for what passes over it alone; then all eigenvalues."""
    entries = float(H) * N * K
    step = entries * (2 * (N + K) + 100) + STEP_CALLS * CALL
    watch = entries * (4 * (N + K) + 6 * N + 600) + K * (25.0 * N**3 + CALL) + WATCH_CALLS * CALL
    return watch / step


def schedule(N: int, K: int, H: int, final: int, first: int = 0, share: float = SHARE) -> tuple[int, ...]:
    """Steps of first..final to be watched in about `share` of the run's own work: the first and the last of all, however short
    the run is; the second and the last but one; half of the rest in geometric and half in even progression. At most MOST."""
    steps = final - first
    count = min(MOST, int(share * steps / watch_cost(N, K, H)))
    chosen = {first, final}
    if count >= 4:
        rest = count - 4
        early, even = np.geomspace(1, steps, rest // 2 + 1), np.linspace(0, steps - 1, rest - rest // 2 + 1)
        chosen |= {first + int(t) for t in (1, steps - 1, *early, *even)}
    return tuple(sorted(chosen))


@dataclass(frozen=True)
class Observed:
    """Norms at the watched steps t (n,). Of each head (n, H):

    w, w_max    ‖w_h‖₂ and max_k |w_{h,k}|
    moved       ‖Q_h − Q_h^(0)‖_F, and X = ‖X_h‖_F
    slope       ‖∂𝓛/∂Q_h‖_F, and G = ‖∂𝓛/∂(scores of head h)‖_F
    dw          ‖∂𝓛/∂w_h‖₂

    Of each token (n, K):

    least, most smallest and largest eigenvalue of B_k B_kᵀ (13)
    shift       ‖B_k − B_k^(0)‖_F
    w1          Σ_h |w_{h,k}|

    Of all (n,):

    image       (1/K²) Σ_k (Z̄δ_k)ᵀ B_k B_kᵀ Z̄δ_k with δ_k = Â_k − A_k, which (45) says is Σ_h ‖∂𝓛/∂w_h‖²
    delta_max   largest |entry| of Vᵀ(Q_h − Q_h^(0))V̂; score_max: of Vᵀ Q_h^(0) V̂
    """

    t: NDArray[np.int64]
    w: Array
    w_max: Array
    X: Array
    moved: Array
    G: Array
    slope: Array
    dw: Array
    least: Array
    most: Array
    shift: Array
    w1: Array
    image: Array
    delta_max: Array
    score_max: Array


class Watch:
    """Called with (descent, t) after the gradients at θ^(t) and before the update; keeps one vector a step on the device.

    instances  those of the descent, in order: one, or a batch; all are watched at the same steps
    """

    def __init__(self, instances: Sequence[Instance], steps: Iterable[int]) -> None:
        self.instances, self.steps = tuple(instances), frozenset(steps)
        self.seconds = 0.0
        self._seen: dict[int, Tensor] = {}
        self._kept: dict[int, Array] = {}
        self._fixed: tuple[Tensor, Tensor] | None = None

    def wants(self, t: int) -> bool:
        return t in self.steps

    def __call__(self, descent: Descent, t: int) -> None:
        began = perf_counter()
        self._seen[t] = self._norms(descent)
        self.seconds += perf_counter() - began

    def observed(self, index: int = 0, until: int | None = None) -> Observed:
        """What was seen of an instance so far, or up to a step."""
        steps, rows = self.rows()
        kept = steps <= (steps.max(initial=0) if until is None else until)
        i, heads = self.instances[index], max(i.H for i in self.instances)
        widths = [heads] * len(PER_HEAD) + [i.K] * len(PER_TOKEN) + [1] * len(ALONE)
        cut = np.split(rows[kept, index], np.cumsum(widths)[:-1], axis=1)
        named = dict(zip((*PER_HEAD, *PER_TOKEN, *ALONE), cut, strict=True))
        named |= {name: named[name][:, : i.H] for name in PER_HEAD}
        named |= {name: named[name][:, 0] for name in ALONE}
        return Observed(steps[kept], **named)

    def rows(self) -> tuple[NDArray[np.int64], Array]:
        """Steps (n,) and vectors (n, B, width), to be stored beside a checkpoint: one transfer for all that is new."""
        import torch

        if self._seen:
            fresh = torch.stack(list(self._seen.values())).cpu().numpy()
            self._kept |= dict(zip(self._seen, fresh, strict=True))
            self._seen.clear()
        heads, K = max(i.H for i in self.instances), self.instances[0].K
        width = len(PER_HEAD) * heads + len(PER_TOKEN) * K + len(ALONE)
        steps = sorted(self._kept)
        rows = np.array([self._kept[t] for t in steps]).reshape(len(steps), len(self.instances), width)
        return np.array(steps, dtype=np.int64), rows

    def put(self, steps: NDArray[np.int64], rows: Array) -> None:
        """Go on with what `rows` gave."""
        self._kept = {int(t): row for t, row in zip(steps, rows, strict=True)}

    def _once(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """R (B, N, N) with RᵀR = ZᵀZ + mτI, which stands in for Z̄ in every norm; and which heads are an instance's own, and do
        not fill it up, (B·K, 1, H)."""
        import torch

        # QR does not square what Cholesky would.
        stacks = [np.concatenate([i.Z, np.sqrt(i.m * i.tau) * np.eye(i.N)]) for i in self.instances]
        roots = torch.tensor(np.stack([np.linalg.qr(stack, mode="r") for stack in stacks]), device=device)
        counts = torch.tensor([i.H for i in self.instances], device=device)
        own = torch.arange(int(counts.max()), device=device) < counts[:, None]
        return roots, own.repeat_interleave(self.instances[0].K, 0)[:, None, :]

    def _norms(self, descent: Descent) -> Tensor:
        """(B, width): PER_HEAD, PER_TOKEN, ALONE, one after another."""
        import torch

        B, K, N = len(self.instances), descent.K, descent.N
        left, right = descent.left.double(), descent.right.double()
        each, own = self._fixed = self._fixed or self._once(descent.device)
        roots = each[0].expand(K, N, N) if B == 1 else each.repeat_interleave(K, 0)
        gram, heads, shifts = right.new_zeros(B * K, N, N), [], []
        w1, delta_max, score_max = right.new_zeros(B * K), right.new_zeros(B), right.new_zeros(B)

        def around(X: Tensor) -> Tensor:
            """VᵀV X_h V̂ᵀV̂ for each head."""
            return torch.bmm(left, torch.bmm(right, X.reshape(B, K, -1)).view_as(X))

        def largest(x: Tensor) -> Tensor:
            return x.abs().view(B, -1).amax(1)

        def size(x: Tensor) -> Tensor:
            """The largest entry of each instance, (B·K, 1, 1): to be divided by, because squares of 1e-200 would vanish."""
            return largest(x).clamp_min(torch.finfo(x.dtype).tiny).repeat_interleave(K)[:, None, None]

        def of_heads(x: Tensor, image: Tensor | None = None) -> Tensor:
            """‖x_h‖ over tokens and positions, or √⟨x_h, image_h⟩, (B, heads)."""
            c = size(x)
            unit = x / c
            squares = (unit * (unit if image is None else image / c)).view(B, -1, x.shape[-1]).sum(1)
            return squares.clamp_min(0).sqrt() * c[::K, 0]

        def of_tokens(x: Tensor) -> Tensor:
            """‖x_k‖, (B·K,)."""
            c = size(x)
            return (x / c).square_().sum((1, 2)).sqrt_() * c[:, 0, 0]

        for block in descent.blocks:
            scores0, X, s, w, dw = (x.double() for x in (block.scores0, block.X, block.s, block.w, block.dw))
            G = descent.score_gradient(block).double()
            delta, absolute = around(X), w.abs()
            C = torch.bmm(roots, s) * own[:, :, block.heads.start : block.heads.stop]
            gram.baddbmm_(C, C.mT)
            shifts.append(of_tokens(torch.bmm(roots, softmax_step(scores0, s, delta))))
            w1 += absolute.sum((1, 2))
            heads.append(
                torch.stack([
                    of_heads(w), absolute.view(B, K, -1).amax(1), of_heads(X), of_heads(X, delta), of_heads(G),
                    of_heads(G, around(G)), of_heads(dw),
                ], 1)
            )  # fmt: skip
            delta_max = torch.maximum(delta_max, largest(delta))
            score_max = torch.maximum(score_max, largest(scores0))
        try:
            values = torch.linalg.eigvalsh(gram)
        except torch.linalg.LinAlgError:  # type: ignore[attr-defined]  # not finite: the trainer says where
            values = torch.full_like(gram[:, 0], torch.nan)
        u = torch.bmm(descent.D.double().view(B, K, N), each.mT).view(-1, N, 1)  # Rδ_k
        image = (torch.bmm(gram, u) * u).view(B, -1).sum(1) / K**2
        shift = of_tokens(torch.stack(shifts, 1)[:, None])
        tokens = torch.stack([values[:, 0], values[:, -1], shift, w1]).view(-1, B, K).transpose(0, 1)
        alone = torch.stack([image, delta_max, score_max], 1)
        return torch.cat([torch.cat(heads, 2).flatten(1), tokens.flatten(1), alone], 1)


def softmax_step(scores0: Tensor, s: Tensor, delta: Tensor) -> Tensor:
    """s − s^(0) where the scores moved by delta from scores0, each (K, N, heads): with c = Σ_j s_j δ_j and e = expm1(c − δ),
    s^(0) = s(1 + e)/(1 + Σ_i s_i e_i). Scores that moved far are subtracted as they are: nothing cancels there."""
    import torch

    away = (s * delta).sum(1, keepdim=True) - delta
    e = torch.expm1(away.clamp(-NEAR, NEAR))
    mean = (s * e).sum(1, keepdim=True)
    near = away.abs().amax(1, keepdim=True) < NEAR
    return torch.where(near, s * (mean - e) / (1 + mean), s - torch.softmax(scores0, 1))
