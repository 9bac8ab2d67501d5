"""What is seen of gradient descent (10) at chosen steps: the norms that the proof of Theorem 1 bounds. Nothing here judges.

At a watched step everything is computed on the device from the numbers that the step itself uses, from N×N and K×K Gram matrices
and never a d×d matrix: ‖Q_h − Q_h^(0)‖_F² = ⟨X_h, VᵀV X_h V̂ᵀV̂⟩. In double precision, whatever the run has. Which steps are
watched follows from sizes alone, so that the same instance is watched at the same steps wherever it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.instance import Instance

if TYPE_CHECKING:
    from torch import Tensor

    from verify.theories.yang2024.numeric.descent import Descent

Array = NDArray[np.float64]
SMALLEST = float(np.finfo(np.float64).tiny)
SHARE = 0.1  # of the work of the run; with what the model below leaves out it stays below a fifth
CALL = 30_000.0  # operations that pass while a call of torch begins and ends
STEP_CALLS, WATCH_CALLS = 12, 140
MOST = 1000  # steps that are watched, however long the run
NEAR = 0.5  # scores that moved less than this give s − s^(0) by expm1, which does not cancel
PER_HEAD = ("w", "w_max", "moved", "slope", "dw")
PER_TOKEN = ("least", "shift", "w1")
ALONE = ("image", "X_max", "G_max", "delta_max", "score_max")
UNITS = ("of w", "of X")


def watch_cost(N: int, K: int, H: int) -> float:
    """Watching θ^(t) over taking a step from it, in operations: an entry of H·N·K takes 2(N + K) for a product with VᵀV and
    V̂ᵀV̂, 2N for a root or a Gram matrix of B_k, and some hundreds for what passes over it alone; then all eigenvalues."""
    entries = float(H) * N * K
    step = entries * (2 * (N + K) + 100) + STEP_CALLS * CALL
    watch = entries * (4 * (N + K) + 6 * N + 700) + K * (25.0 * N**3 + CALL) + WATCH_CALLS * CALL
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
    moved       ‖Q_h − Q_h^(0)‖_F
    slope       ‖∂𝓛/∂Q_h‖_F
    dw          ‖∂𝓛/∂w_h‖₂

    Of each token (n, K):

    least       the smallest eigenvalue of B_k B_kᵀ (13)
    shift       ‖B_k − B_k^(0)‖_F
    w1          Σ_h |w_{h,k}|

    Of all (n,):

    image       (1/K²) Σ_k (Z̄δ_k)ᵀ B_k B_kᵀ Z̄δ_k with δ_k = Â_k − A_k, which (45) says is Σ_h ‖∂𝓛/∂w_h‖²
    X_max       largest |entry| of X, G_max of ∂𝓛/∂scores, delta_max of Vᵀ(Q_h − Q_h^(0))V̂, score_max of Vᵀ Q_h^(0) V̂
    """

    t: NDArray[np.int64]
    w: Array
    w_max: Array
    moved: Array
    slope: Array
    dw: Array
    least: Array
    shift: Array
    w1: Array
    image: Array
    X_max: Array
    G_max: Array
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
        self._fixed: _Fixed | None = None

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
        cut = np.split(rows[kept, index], np.cumsum(self._widths)[:-1], axis=1)
        seen = dict(zip((*PER_HEAD, *PER_TOKEN, *ALONE, *UNITS), cut, strict=True))
        of_w, of_X = (seen.pop(name) for name in UNITS)
        for name in ("w", "moved", "slope", "dw", "shift"):
            seen[name] = np.sqrt(seen[name].clip(0))  # they came as squares
        for name, unit in (
            ("w", of_w), ("w_max", of_w), ("w1", of_w), ("slope", of_w), ("G_max", of_w), ("moved", of_X), ("X_max", of_X),
            ("shift", of_X), ("delta_max", of_X),
        ):  # fmt: skip
            seen[name] = seen[name] * unit
        seen |= {name: seen[name][:, : self.instances[index].H] for name in PER_HEAD}
        seen |= {name: seen[name][:, 0] for name in ALONE}
        return Observed(steps[kept], **seen)

    @property
    def _widths(self) -> list[int]:
        heads, K = max(i.H for i in self.instances), self.instances[0].K
        return [heads] * len(PER_HEAD) + [K] * len(PER_TOKEN) + [1] * (len(ALONE) + len(UNITS))

    def rows(self) -> tuple[NDArray[np.int64], Array]:
        """Steps (n,) and vectors (n, B, width), to be stored beside a checkpoint: one transfer for all that is new."""
        import torch

        if self._seen:
            fresh = torch.stack(list(self._seen.values())).cpu().numpy()
            self._kept |= dict(zip(self._seen, fresh, strict=True))
            self._seen.clear()
        steps = sorted(self._kept)
        rows = np.array([self._kept[t] for t in steps]).reshape(
            len(steps), len(self.instances), sum(self._widths)
        )
        return np.array(steps, dtype=np.int64), rows

    def put(self, steps: NDArray[np.int64], rows: Array) -> None:
        """Go on with what `rows` gave."""
        self._kept = {int(t): row for t, row in zip(steps, rows, strict=True)}

    def _once(self, descent: Descent) -> _Fixed:
        import torch

        device = descent.device
        # QR does not square what Cholesky would.
        stacks = [np.concatenate([i.Z, np.sqrt(i.m * i.tau) * np.eye(i.N)]) for i in self.instances]
        roots = torch.tensor(np.stack([np.linalg.qr(stack, mode="r") for stack in stacks])).to(device)
        counts = torch.tensor([i.H for i in self.instances], device=device)[:, None, None]
        scores = [block.scores0.abs().view(len(stacks), -1).amax(1) for block in descent.blocks]
        units = []
        for i, rates in zip(self.instances, descent.rates, strict=True):
            of_w = max(rates.eta_w, float(np.abs(i.w0).max()))
            units.append((of_w, max(rates.eta_Q * of_w, SMALLEST)))
        return _Fixed(
            roots[:, None], (roots.mT @ roots)[:, None], torch.arange(int(counts.max()), device=device) < counts,
            torch.stack(scores).amax(0).double()[:, None], torch.tensor(units, dtype=torch.float64).to(device),
        )  # fmt: skip

    def _norms(self, descent: Descent) -> Tensor:
        """(B, width): PER_HEAD, PER_TOKEN, ALONE, UNITS, one after another."""
        import torch

        B, K, N = len(self.instances), descent.K, descent.N
        fixed = self._fixed = self._fixed or self._once(descent)
        left, right = descent.left.double(), descent.right.double()
        of_w, of_X = (unit.repeat_interleave(K)[:, None, None] if B > 1 else unit for unit in fixed.units.T)
        gram, step_gram = right.new_zeros(B * K, N, N), right.new_zeros(B * K, N, N)
        heads, w1, largest = [], right.new_zeros(B, K), right.new_zeros(B, 3)

        def around(x: Tensor) -> Tensor:
            """VᵀV x_h V̂ᵀV̂ for each head."""
            return torch.bmm(left, torch.bmm(right, x.reshape(B, K, -1)).view_as(x))

        def over_heads(x: Tensor) -> Tensor:
            """Sums over tokens and positions, (B, heads)."""
            return x.view(B, -1, x.shape[-1]).sum(1)

        def most(x: Tensor) -> Tensor:
            return x.abs().view(B, -1).amax(1)

        for (
            block
        ) in descent.blocks:  # in place where it can be: new memory costs more than what is done to it
            s, X, w, dw = (
                block.s.double(),
                block.X.double() / of_X,
                block.w.double() / of_w,
                block.dw.double(),
            )
            G = descent.score_gradient(block).double() / of_w
            size, shift = w.abs(), around(X)
            here = torch.stack([most(X), most(G), most(shift)], 1)
            largest = torch.maximum(largest, here)
            moved = over_heads(X.mul_(shift))
            slope = over_heads(around(G).mul_(G))
            step = softmax_step(block.scores0.double(), s, shift.mul_(of_X)).div_(of_X)
            step_gram.baddbmm_(step, step.mT)
            if B > 1:
                s.view(B, K * N, -1).mul_(fixed.own[:, :, block.heads.start : block.heads.stop])
            gram.baddbmm_(s, s.mT)
            w1 += size.view(B, K, -1).sum(2)
            parts = (
                over_heads(w.square_()),
                size.view(B, K, -1).amax(1),
                moved,
                slope,
                over_heads(dw.square()),
            )
            heads.append(torch.stack(parts, 1))
        grams = fixed.roots @ gram.view(B, K, N, N) @ fixed.roots.mT  # B_k B_kᵀ, turned
        try:
            least = torch.linalg.eigvalsh(grams)[..., 0]
        except torch.linalg.LinAlgError:  # type: ignore[attr-defined]  # not finite: the trainer says where
            least = torch.full_like(w1, torch.nan)
        u = descent.D.double().view(B, K, N) @ fixed.roots[:, 0].mT  # Rδ_k
        image = ((grams @ u[..., None])[..., 0] * u).sum((1, 2)) / K**2
        shift2 = (step_gram.view(B, K, N, N) * fixed.square).sum((2, 3))
        return torch.cat([
            torch.cat(heads, 2).flatten(1), least, shift2, w1, image[:, None], largest, fixed.scores, fixed.units,
        ], 1)  # fmt: skip


class _Fixed(NamedTuple):
    """What stays during a run of B instances.

    roots   R (B, 1, N, N) with RᵀR = ZᵀZ + mτI, which stands in for Z̄ in every norm; square: Z̄²
    own     which heads are an instance's own and do not fill it up, (B, 1, H)
    scores  the largest |score| at the start, (B, 1)
    units   in which w and ∂𝓛/∂scores are kept, and in which X: w and X are about as large, and squares of 1e-200 would vanish
    """

    roots: Tensor
    square: Tensor
    own: Tensor
    scores: Tensor
    units: Tensor


def softmax_step(scores0: Tensor, s: Tensor, delta: Tensor) -> Tensor:
    """s − s^(0) where the scores moved by delta from scores0, each (K, N, heads): with c = Σ_j s_j δ_j and e = expm1(c − δ),
    s^(0) = s(1 + e)/(1 + Σ_i s_i e_i). Scores that moved far are subtracted as they are: nothing cancels there."""
    import torch

    away = (s * delta).sum(1, keepdim=True) - delta
    all_near = bool(delta.abs().amax() < NEAR / 2)
    e = torch.expm1(away if all_near else away.clamp(-NEAR, NEAR))
    mean = (s * e).sum(1, keepdim=True)
    step = e.neg_().add_(mean).mul_(s).div_(1 + mean)
    if all_near:
        return step
    return torch.where(away.abs().amax(1, keepdim=True) < NEAR, step, s - torch.softmax(scores0, 1))
