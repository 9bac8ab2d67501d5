"""Models that are right, of torch and of numpy, and models with one planted mistake each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from verify.theories.yang2024.numeric.instance import Array, Instance


class Attention(nn.Module):
    """The model (8) with its loss (9) and a step (10), as somebody may write them in torch."""

    tokens: Tensor
    features: Tensor

    def __init__(self, instance: Instance, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        start = torch.Generator().manual_seed(instance.seed)
        shape = (instance.H, instance.d, instance.d)
        self.register_buffer("tokens", torch.tensor(instance.tokens, dtype=dtype))
        self.register_buffer("features", torch.tensor(instance.features, dtype=dtype))
        self.Q = nn.Parameter(torch.randn(*shape, generator=start, dtype=dtype))
        self.w = nn.Parameter(torch.randn(instance.H, instance.K, generator=start, dtype=dtype))
        self.N, self.tau = instance.N, instance.tau

    def scores(self) -> Tensor:
        return self.tokens[:, : self.N].T @ self.Q @ self.tokens

    def attention(self) -> Tensor:
        return torch.softmax(self.scores(), dim=1)

    def A_hat(self) -> Tensor:
        return torch.einsum("hnk,hk->nk", self.attention(), self.w)

    def forward(self, y: Tensor) -> Tensor:
        return y @ self.A_hat()

    def noise(self) -> float:
        return len(self.features) * self.tau

    def covariance(self) -> Tensor:
        return self.features.T @ self.features + self.noise() * torch.eye(
            len(self.features.T), dtype=self.w.dtype
        )

    def loss(self) -> Tensor:
        A_hat, K = self.A_hat(), len(self.tokens.T)
        rest = nn.functional.pad(A_hat, (0, 0, 0, K - self.N)) - torch.eye(K, dtype=A_hat.dtype)
        return (rest * (self.covariance() @ rest)).sum() / (2 * K)

    def sample_loss(self, y: Tensor) -> Tensor:
        return ((self(y[:, : self.N]) - y) ** 2).mean() / 2

    def step(self, eta_Q: float, eta_w: float) -> None:
        dQ, dw = torch.autograd.grad(self.loss(), (self.Q, self.w))
        with torch.no_grad():
            self.Q -= eta_Q * dQ
            self.w -= eta_w * dw


class Plain:
    """The model (8) with its loss (9), multiplied out, and the gradients of the loss, as somebody may write them in numpy."""

    def __init__(self, instance: Instance, dtype: Any = np.float64) -> None:
        rng = np.random.default_rng(instance.seed)
        self.tokens, self.features = instance.tokens.astype(dtype), instance.features.astype(dtype)
        self.Q = rng.standard_normal((instance.H, instance.d, instance.d)).astype(dtype)
        self.w = rng.standard_normal((instance.H, instance.K)).astype(dtype)
        self.N, self.noise = instance.N, dtype(instance.m * instance.tau)

    def attention(self) -> Array:
        x = np.einsum("dn,hde,ek->hnk", self.tokens[:, : self.N], self.Q, self.tokens)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))

    def __call__(self, y: Array) -> Array:
        return np.asarray(y @ (self.attention() * self.w[:, None, :]).sum(axis=0))

    def A_hat(self) -> Array:
        return self(np.eye(self.N, dtype=self.w.dtype))

    def normal(self) -> tuple[Array, Array]:
        """M = ZᵀZ + mτI and R = ZᵀẐ + (mτI, 0)."""
        Z, eye = self.features[:, : self.N], np.eye(len(self.tokens.T), dtype=self.w.dtype)
        noise = self.noise * eye[: self.N]
        return Z.T @ Z + noise[:, : self.N], Z.T @ self.features + noise

    def loss(self) -> float:
        (M, R), A_hat, K = self.normal(), self.A_hat(), len(self.tokens.T)
        rest = (self.features**2).sum() + K * self.noise
        return float(((A_hat * (M @ A_hat)).sum() - 2 * (A_hat * R).sum() + rest) / (2 * K))

    def gradient(self) -> tuple[Array, Array]:
        M, R = self.normal()
        s, of_A = self.attention(), (M @ self.A_hat() - R) / self.w.shape[1]
        of_w = (s * of_A).sum(axis=1)
        of_scores = self.w[:, None, :] * s * (of_A - of_w[:, None, :])
        return self.tokens[:, : self.N] @ of_scores @ self.tokens.T, of_w


class ByInverse(Plain):
    """The loss in the form (36), with an inverse of M."""

    def loss(self) -> float:
        (M, R), K = self.normal(), len(self.tokens.T)
        A = np.linalg.inv(M) @ R
        delta = self.A_hat() - A
        least = (self.features**2).sum() + K * self.noise - (R * A).sum()
        return float(((delta * (M @ delta)).sum() + least) / (2 * K))


class MissingTerm(Attention):
    def attention(self) -> Tensor:
        e = torch.exp(self.scores())
        return e / e[:, 1:].sum(dim=1, keepdim=True)


class WrongAxis(Attention):
    def attention(self) -> Tensor:
        return torch.softmax(self.scores(), dim=2)


class OneOverN(Attention):
    def loss(self) -> Tensor:
        return super().loss() * len(self.tokens.T) / self.N


class TauForMTau(Attention):
    def noise(self) -> float:
        return self.tau


class Transposed(Attention):
    def scores(self) -> Tensor:
        return self.tokens[:, : self.N].T @ self.Q.mT @ self.tokens


class WrongSign(Attention):
    def scores(self) -> Tensor:
        return -super().scores()


class Detached(Attention):
    def attention(self) -> Tensor:
        return super().attention().detach()


class DetachedDenominator(Attention):
    def attention(self) -> Tensor:
        e = torch.exp(self.scores() - self.scores().amax(1, keepdim=True))
        return e / e.sum(dim=1, keepdim=True).detach()


class SinglePrecision(Attention):
    def forward(self, y: Tensor) -> Tensor:
        return (y.float() @ self.A_hat().float()).to(y.dtype)


class SharedWeights(Attention):
    def A_hat(self) -> Tensor:
        return torch.einsum("hnk,h->nk", self.attention(), self.w.mean(dim=1))


class Standardised(Attention):
    def forward(self, y: Tensor) -> Tensor:
        return super().forward((y - y.mean(1, keepdim=True)) / y.std(1, keepdim=True))


class Centred(Attention):
    def forward(self, y: Tensor) -> Tensor:
        return super().forward(y - y.mean(1, keepdim=True))


class OffByOne(Attention):
    def scores(self) -> Tensor:
        return self.tokens[:, 1 : self.N + 1].T @ self.Q @ self.tokens


class NoNoise(Attention):
    def noise(self) -> float:
        return 0.0


class WrongMean(Attention):
    def sample_loss(self, y: Tensor) -> Tensor:
        return ((self(y[:, : self.N]) - y) ** 2).mean(0).sum() / (2 * len(y))


class Cached(Attention):
    kept: Tensor | None = None

    def A_hat(self) -> Tensor:
        if self.kept is None:
            self.kept = super().A_hat()
        return self.kept


class RunningMean(Attention):
    mean = 0.0

    def forward(self, y: Tensor) -> Tensor:
        self.mean = 0.9 * self.mean + 0.1 * float(y.mean())
        return super().forward(y - self.mean)


class Dropout(Attention):
    def A_hat(self) -> Tensor:
        return nn.functional.dropout(super().A_hat(), 0.1, training=self.training)


class Clipped(Attention):
    def A_hat(self) -> Tensor:
        return torch.einsum("hnk,hk->nk", self.attention(), self.w.clamp(-10, 10))


class ScaledByRoot(Attention):
    def scores(self) -> Tensor:
        return super().scores() / len(self.tokens) ** 0.5


class SwappedHeads(Attention):
    def A_hat(self) -> Tensor:
        return torch.einsum("hnk,hk->nk", self.attention(), self.w.flip(0))


class BatchCoupling(Attention):
    def forward(self, y: Tensor) -> Tensor:
        return super().forward(y) - super().forward(y).mean(0) + super().forward(y)[:1]


class WrongDtype(Attention):
    def forward(self, y: Tensor) -> Tensor:
        return super().forward(y).float()


class Overwriting(Attention):
    def forward(self, y: Tensor) -> Tensor:
        predicted = super().forward(y)
        y.sub_(predicted[:, : self.N].detach())
        return predicted


class OtherTokens(Attention):
    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.tokens /= self.tokens.abs().sum(0)


class LastAlone(Attention):
    """The last token weighs double."""

    def A_hat(self) -> Tensor:
        last = torch.zeros(len(self.tokens.T), dtype=self.w.dtype)
        last[-1] = 1
        return super().A_hat() * (1 + last)


class Ascent(Attention):
    def step(self, eta_Q: float, eta_w: float) -> None:
        super().step(-eta_Q, -eta_w)


class OneAfterTheOther(Attention):
    def step(self, eta_Q: float, eta_w: float) -> None:
        super().step(eta_Q, 0.0)
        super().step(0.0, eta_w)


class GradientOfASum(Plain):
    def gradient(self) -> tuple[Array, Array]:
        dQ, dw = super().gradient()
        return dQ, dw * len(self.tokens.T)


class ThirdAlone(Attention):
    """The third prompt token weighs double."""

    def attention(self) -> Tensor:
        weights = torch.ones(self.N, dtype=self.w.dtype)
        weights[2] = 2
        e = torch.exp(self.scores()) * weights[:, None]
        return e / e.sum(dim=1, keepdim=True)


# For each mistake, a check that has to fail.
PLANTED: dict[Callable[[Instance], Any], str] = {
    MissingTerm: "softmax-sums-to-one",
    WrongAxis: "softmax-sums-to-one",
    OneOverN: "loss",
    TauForMTau: "loss",
    Transposed: "predictions",
    WrongSign: "predictions",
    Detached: "gradient-arrives",
    DetachedDenominator: "gradient-in-Q",
    SinglePrecision: "predictions",
    SharedWeights: "predictions",
    Standardised: "linear-in-labels",
    Centred: "softmax-sums-to-one",
    OffByOne: "predictions",
    NoNoise: "loss",
    WrongMean: "sample-loss",
    Cached: "predictions",
    RunningMean: "no-hidden-state",
    Dropout: "deterministic",
    Clipped: "predictions",
    ScaledByRoot: "predictions",
    SwappedHeads: "head-order",
    BatchCoupling: "batch-independence",
    WrongDtype: "dtype",
    Overwriting: "labels-unchanged",
    OtherTokens: "tokens",
    LastAlone: "unlabelled-order",
    Ascent: "step",
    OneAfterTheOther: "step",
    GradientOfASum: "gradient-in-w",
    ThirdAlone: "prompt-order",
}
