"""One θ in torch, and one step of gradient descent (10) on it. `numeric/train.py` runs it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numeric.constants import Rates
from numeric.errors import InputError
from numeric.instance import Instance
from numeric.loss import label_covariance, least_squares
from numeric.train import Iterate

Array = NDArray[np.float64]


class Descent:
    """One θ and the means to move it. Tensors are laid out (K, N, H), so each product is one batched call."""

    def __init__(
        self, instance: Instance, rates: Rates, dtype: torch.dtype, device: torch.device | str
    ) -> None:
        tiny = torch.finfo(dtype).tiny
        for name in ("eta_Q", "eta_w"):
            if not tiny <= getattr(rates, name) <= torch.finfo(dtype).max:
                raise InputError(name, getattr(rates, name), f"a normal {dtype}", "train in float64")

        def tensor(array: Array) -> Tensor:
            return torch.tensor(np.ascontiguousarray(array), dtype=dtype, device=device)

        N, K = instance.N, instance.K
        covariance = label_covariance(instance)
        self.quadratic = least_squares(covariance, N)
        self.rates = rates
        self.scores0 = tensor(instance.scores0.transpose(2, 1, 0))
        self.left = tensor(instance.V.T @ instance.V).expand(K, N, N)
        self.right = tensor(instance.tokens.T @ instance.tokens)
        self.A, self.weight = tensor(self.quadratic.A.T), tensor(covariance[:N, :N] / K)
        self.scores, self.s, self.g, self.X = (torch.zeros_like(self.scores0) for _ in range(4))
        self.w = tensor(instance.w0.T[:, None, :])
        self.dw = torch.zeros_like(self.w)
        self.dA, self.D = torch.zeros_like(self.A), torch.zeros_like(self.A)

    def put(self, iterate: Iterate) -> None:
        """Continue from here."""
        self.X.copy_(torch.tensor(iterate.X).permute(2, 1, 0))
        self.w.copy_(torch.tensor(iterate.w).T[:, None, :])

    def iterate(self, t: int) -> Iterate:
        """This θ as the step-t iterate, copied to float64."""
        X, w = (tensor.to("cpu", torch.float64, copy=True).numpy() for tensor in (self.X, self.w))
        return Iterate(t, np.ascontiguousarray(X.transpose(2, 1, 0)), np.ascontiguousarray(w[:, 0].T))

    def gradients(self, gap: Tensor) -> None:
        """2(𝓛 − inf 𝓛) into `gap`, a scalar tensor; ∂𝓛/∂w into dw; ∂𝓛/∂scores is then w ∘ g."""
        K, N, H = self.X.shape
        torch.mm(self.right, self.X.view(K, N * H), out=self.g.view(K, N * H))
        torch.baddbmm(self.scores0, self.left, self.g, out=self.scores)
        torch.softmax(self.scores, 1, out=self.s)
        # Â − A, and ∂𝓛/∂Â = (1/K) E[y_{1:N} y_{1:N}ᵀ](Â − A), with one row per token
        torch.baddbmm(self.A[:, :, None], self.s, self.w.mT, beta=-1, out=self.D[:, :, None])
        torch.mm(self.D, self.weight, out=self.dA)
        torch.dot(self.D.view(-1), self.dA.view(-1), out=gap)
        torch.bmm(self.dA[:, None, :], self.s, out=self.dw)
        # Softmax backwards: ∂𝓛/∂scores = w s (∂𝓛/∂Â − Σ_n s_n (∂𝓛/∂Â)_n), and that sum is dw.
        torch.sub(self.dA[:, :, None], self.dw, out=self.g)
        self.g.mul_(self.s)

    def update_Q(self) -> None:
        self.X.addcmul_(self.g, self.w, value=-self.rates.eta_Q)

    def update_w(self) -> None:
        self.w.add_(self.dw, alpha=-self.rates.eta_w)

    def step(self, gap: Tensor) -> None:
        """One step of (10), all heads at once; `gap` gets twice the gap before it."""
        self.gradients(gap)
        self.update_Q()  # with w as it was
        self.update_w()
