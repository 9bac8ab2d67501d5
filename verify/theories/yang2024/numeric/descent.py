"""θ of one instance, or of a batch of them, in torch, and one step of gradient descent (10) on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numeric.errors import InputError
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.train import Iterate

Array = NDArray[np.float64]
BLOCK_ENTRIES = 2**25  # of one tensor of a block of heads: 256 MiB in float64
CACHED_SCORES = 2**22  # entries up to which the instance's own scores are shared
GATHERED = 8  # heads whose scores are laid out at once: a cache line of float64


class Heads:
    """A block of heads, and what a step keeps for each. Rows are tokens k, of one instance after another.

    heads     which heads these are
    scores0   (B·K, N, H_b): Vᵀ Q_h^(0) v_k
    X         (B·K, N, H_b): Q_h = Q_h^(0) + V X_h V̂ᵀ
    w, dw     (B·K, 1, H_b): w_{h,k} and ∂𝓛/∂w_{h,k}
    e, total  (B·K, N, H_b), (B·K, 1, H_b): e = exp(scores − their largest over the prompt), total = Σ_n e
    v         (B·K, 1, H_b): w / total
    """

    TENSORS = ("scores0", "X", "e", "w", "dw", "eta_w", "total", "v", "p", "kept_X", "kept_w")

    def __init__(self, heads: range, scores0: Tensor, w: Tensor, eta_w: Tensor) -> None:
        self.heads, self.scores0, self.w, self.eta_w = heads, scores0, w, eta_w
        self.X, self.e = torch.zeros_like(scores0), torch.zeros_like(scores0)
        self.dw, self.total, self.v, self.p = (torch.zeros_like(w) for _ in range(4))
        self.kept_X, self.kept_w = torch.zeros_like(scores0), torch.zeros_like(w)

    def lay_out(self, B: int, workspace: Tensor) -> None:
        """Views that a step needs, made once: g is the workspace; *_rows (B, K, N·H_b) has a token in each row."""
        self.g = workspace[: self.X.numel()].view_as(self.X)
        self.X_rows, self.g_rows = (part.view(B, len(part) // B, -1) for part in (self.X, self.g))
        self.v_column = self.v.mT

    def keep(self) -> None:
        self.kept_X.copy_(self.X)
        self.kept_w.copy_(self.w)

    @property
    def s(self) -> Tensor:
        """The softmax (5) as a new tensor, (B·K, N, H_b)."""
        return self.e / self.total


class Descent:
    """One θ for each of B instances that share N and K, and the means to move them all at once.

    Tensors are laid out (B·K, N, H), heads innermost, so that each product is one batched call; B = 1 makes them (K, N, H).
    Heads come in blocks where memory asks for it: 4·B·K·N·H numbers (scores0, X, its last copy, e) and one block of workspace
    are held, and nothing else of that size; an `iterate` is one copy more.
    An instance with fewer heads than another is filled up with heads of w = 0, which stay exactly there.

    blocks    list of Heads: one, unless a tensor would pass `block_entries`
    D, dA     (B·K, N): Â − A, and ∂𝓛/∂Â = (1/K) E[y_{1:N} y_{1:N}ᵀ](Â − A)

    `gradients` brings D, dA and in each block e, total, v, dw up to θ as it stands; only `update_Q` and `update_w` move θ.
    ∂𝓛/∂scores is made block by block, by `score_gradient`.
    Raises InputError where a rate is no normal number of the dtype, or instances differ in N or K.
    """

    def __init__(
        self,
        instances: Sequence[Instance],
        rates: Sequence[Rates],
        dtype: torch.dtype,
        device: torch.device | str,
        block_entries: int | None = None,
    ) -> None:
        for one in rates:
            check_range(one, dtype)
        self.instances, self.rates = tuple(instances), tuple(rates)
        self.N, self.K = shared_sizes(self.instances)
        self.dtype, self.device = dtype, torch.device(device)
        B, N, K, H = len(self.instances), self.N, self.K, max(i.H for i in self.instances)
        self.entries = B * K * N * H

        covariances = [label_covariance(i) for i in self.instances]
        self.quadratics = [least_squares(covariance, N) for covariance in covariances]
        self.A = self._tensor(np.concatenate([q.A.T for q in self.quadratics]))[:, :, None]
        self.weight = self._tensor(np.stack([covariance[:N, :N] / K for covariance in covariances]))
        self.right = self._tensor(np.stack([i.tokens.T @ i.tokens for i in self.instances]))
        left = self._tensor(np.stack([i.V.T @ i.V for i in self.instances]))[:, None].expand(B, K, N, N)
        self.left = left[0] if B == 1 else left.reshape(B * K, N, N)
        self.eta_Q = self._tensor(np.repeat([one.eta_Q for one in self.rates], K))[:, None, None]
        self.D, self.dA = self.A[:, :, 0].clone(), self.A[:, :, 0].clone()

        width = min(H, max(1, (block_entries or BLOCK_ENTRIES) // (B * K * N)))
        self.blocks = [self._heads(range(h, min(h + width, H))) for h in range(0, H, width)]
        self.workspace = torch.zeros_like(self.blocks[0].X).view(-1)
        self._lay_out()

    def _lay_out(self) -> None:
        """Views that a step needs, made once."""
        B, K, N = len(self.instances), self.K, self.N
        self.D_column, self.dA_column, self.dA_row = (
            self.D[:, :, None],
            self.dA[:, :, None],
            self.dA[:, None, :],
        )
        self.D_rows, self.dA_rows = self.D.view(B, K, N), self.dA.view(B, K, N)
        self.D_flat, self.dA_flat = self.D.view(B, 1, K * N), self.dA.view(B, K * N, 1)
        for block in self.blocks:
            block.lay_out(B, self.workspace)

    def _tensor(self, array: Array) -> Tensor:
        return torch.tensor(np.ascontiguousarray(array), dtype=self.dtype, device=self.device)

    def _heads(self, heads: range) -> Heads:
        """These heads at θ^(0): their scores, a few at a time, straight into the block."""
        B, K, N = len(self.instances), self.K, self.N
        scores0 = torch.zeros(B, K, N, len(heads), dtype=self.dtype, device=self.device)
        w, eta_w = (torch.zeros(B, K, 1, len(heads), dtype=self.dtype) for _ in range(2))
        for b, (instance, rates) in enumerate(zip(self.instances, self.rates, strict=True)):
            own = heads[: max(0, instance.H - heads.start)]
            w[b, :, 0, : len(own)] = torch.tensor(instance.w0.T[:, own.start : own.stop])
            eta_w[b, :, :, : len(own)] = rates.eta_w
            for first in range(own.start, own.stop, GATHERED):
                few = range(first, min(first + GATHERED, own.stop))
                at = first - heads.start
                scores0[b, :, :, at : at + len(few)] = self._tensor(_scores0(instance, few)).permute(2, 1, 0)
        w, eta_w = (part.view(B * K, 1, -1).to(self.device) for part in (w, eta_w))
        return Heads(heads, scores0.view(B * K, N, -1), w, eta_w)

    def put(self, iterate: Iterate, index: int = 0) -> None:
        """Instance `index` continues from here."""
        rows = slice(index * self.K, (index + 1) * self.K)
        for block, own in self._own(index):
            at = slice(own.start, own.stop)
            block.X[rows, :, : len(own)] = torch.tensor(iterate.X[at]).permute(2, 1, 0).to(block.X)
            block.w[rows, 0, : len(own)] = torch.tensor(iterate.w[at]).T.to(block.w)

    def iterate(self, t: int, index: int = 0) -> Iterate:
        """This θ of instance `index` as its step-t iterate, copied to float64."""
        H, rows = self.instances[index].H, slice(index * self.K, (index + 1) * self.K)
        X, w = np.empty((H, self.N, self.K)), np.empty((H, self.K))
        for block, own in self._own(index):
            at = slice(own.start, own.stop)
            X[at] = block.X[rows, :, : len(own)].permute(2, 1, 0).to("cpu", torch.float64).numpy()
            w[at] = block.w[rows, 0, : len(own)].T.to("cpu", torch.float64).numpy()
        return Iterate(t, X, w)

    def _own(self, index: int) -> Iterator[tuple[Heads, range]]:
        """Each block with those of its heads that instance `index` has."""
        for block in self.blocks:
            own = block.heads[: max(0, self.instances[index].H - block.heads.start)]
            if own:
                yield block, own

    def gradients(self, gap: Tensor) -> None:
        """2(𝓛 − inf 𝓛) of each instance into `gap`, (B, 1, 1); D, dA, and e, total, v, dw of each block."""
        for number, block in enumerate(self.blocks):
            torch.bmm(self.right, block.X_rows, out=block.g_rows)
            torch.baddbmm(block.scores0, self.left, block.g, out=block.e)
            torch.amax(block.e, 1, keepdim=True, out=block.total)
            block.e.sub_(block.total).exp_()
            torch.sum(block.e, 1, keepdim=True, out=block.total)
            torch.div(block.w, block.total, out=block.v)
            if number == 0:
                torch.baddbmm(self.A, block.e, block.v_column, beta=-1, out=self.D_column)
            else:
                self.D_column.baddbmm_(block.e, block.v_column)
        torch.bmm(self.D_rows, self.weight, out=self.dA_rows)
        torch.bmm(self.D_flat, self.dA_flat, out=gap)
        for block in self.blocks:
            torch.bmm(self.dA_row, block.e, out=block.dw)
            block.dw.div_(block.total)

    def direction(self, block: Heads) -> Tensor:
        """e ∘ (∂𝓛/∂Â − ∂𝓛/∂w), in the workspace: softmax backwards needs Σ_n s_n (∂𝓛/∂Â)_n, and that is ∂𝓛/∂w."""
        torch.sub(self.dA_column, block.dw, out=block.g)
        return block.g.mul_(block.e)

    def score_gradient(self, block: Heads) -> Tensor:
        """∂𝓛/∂scores of these heads after `gradients`, (B·K, N, H_b), in the workspace: good until its next use."""
        return self.direction(block).mul_(block.v)

    def update_Q(self) -> None:
        for block in self.blocks:
            torch.mul(block.v, self.eta_Q, out=block.p)
            block.X.addcmul_(self.direction(block), block.p, value=-1)

    def update_w(self) -> None:
        for block in self.blocks:
            block.w.addcmul_(block.dw, block.eta_w, value=-1)

    def step(self, gap: Tensor) -> None:
        """One step of (10) from a θ whose gradients are known to one whose gradients are; `gap` gets twice the gap there."""
        self.update()
        self.gradients(gap)

    def update(self) -> None:
        """θ^(t) to θ^(t+1), by the gradients as they are."""
        self.update_Q()  # with w as it was: v was made of it
        self.update_w()

    def keep(self) -> None:
        """Remember this θ for `go_back`."""
        for block in self.blocks:
            block.keep()

    def go_back(self) -> None:
        """θ as it was at the last `keep`. Gradients are to be asked for anew."""
        for block in self.blocks:
            block.X.copy_(block.kept_X)
            block.w.copy_(block.kept_w)

    def not_finite(self) -> tuple[int, str] | None:
        """The first instance, and what of its θ, that is not finite."""
        found = []
        for block in self.blocks:
            for name, part in (("w", block.w), ("X, the coordinates of Q - Q^(0),", block.X)):
                ends = torch.stack(
                    torch.aminmax(part.view(len(self.instances), -1), dim=1)
                )  # nan wherever there is one
                fine = torch.isfinite(ends).all(0)
                found += [(index, name) for index, good in enumerate(fine.tolist()) if not good]
        return min(found, key=lambda one: one[0], default=None)

    def select(self, staying: Sequence[int]) -> None:
        """Go on with these instances alone, in this order."""
        B = len(self.instances)

        def rows(part: Tensor) -> Tensor:
            return part.view(B, -1, *part.shape[1:])[list(staying)].flatten(0, 1)

        self.instances = tuple(self.instances[i] for i in staying)
        self.rates = tuple(self.rates[i] for i in staying)
        self.quadratics = [self.quadratics[i] for i in staying]
        for name in ("A", "weight", "right", "left", "eta_Q", "D", "dA"):
            setattr(self, name, rows(getattr(self, name)))
        for block in self.blocks:
            for name in block.TENSORS:
                setattr(block, name, rows(getattr(block, name)))
        self.entries = self.entries // B * len(staying)
        self._lay_out()


def _scores0(instance: Instance, heads: range) -> Array:
    """Vᵀ Q_h^(0) v_k of these heads, (len(heads), N, K)."""
    if instance.H * instance.N * instance.K <= CACHED_SCORES:
        return instance.scores0[heads.start : heads.stop]
    return np.stack([instance.V.T @ instance.Q0(h) @ instance.tokens for h in heads])


def check_range(rates: Rates, dtype: torch.dtype) -> None:
    """Raises InputError where a rate is no normal number of the dtype."""
    tiny = torch.finfo(dtype).tiny
    for name in ("eta_Q", "eta_w"):
        if not tiny <= getattr(rates, name) <= torch.finfo(dtype).max:
            raise InputError(name, getattr(rates, name), f"a normal {dtype}", "train in float64")


def shared_sizes(instances: Sequence[Instance]) -> tuple[int, int]:
    """N and K of them all. Raises InputError where they differ."""
    if not instances:
        raise InputError("instances", "none", "at least one instance", "pass an instance")
    N, K = instances[0].N, instances[0].K
    for instance in instances:
        if (instance.N, instance.K) != (N, K):
            raise InputError(
                "instances", f"N, K of {N}, {K} and {instance.N}, {instance.K}", "one N and one K for a batch",
                "train them apart",
            )  # fmt: skip
    return N, K
