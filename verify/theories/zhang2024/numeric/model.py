"""The two linear attention layers as they are printed: (3.3) of Zhang et al., and the masked layer (3)–(5) of Ahn et al.

Slow and literal: what the rest is held to. Prompts are batched along the first axis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from numeric.errors import InputError


def embedding(x: Tensor, y: Tensor, query: Tensor) -> Tensor:
    """E (3.4) = [[x₁ … x_N x_query], [y₁ … y_N 0]], (batch, d+1, N+1), from x (batch, d, N), y (batch, N), query (batch, d).

    Raises InputError where the shapes do not belong together.
    """
    if x.ndim != 3 or y.shape != (len(x), x.shape[2]) or query.shape != x.shape[:2]:
        shapes = tuple(x.shape), tuple(y.shape), tuple(query.shape)
        raise InputError(
            "x, y, query shapes", shapes, "(batch, d, N), (batch, N), (batch, d)", "give columns x_i"
        )
    top = torch.cat([x, query[:, :, None]], dim=2)
    bottom = torch.cat([y, y.new_zeros(len(y), 1)], dim=1)
    return torch.cat([top, bottom[:, None, :]], dim=1)


class LinearSelfAttention(nn.Module):
    """f_LSA (3.3), of W^{PV} and W^{KQ} (d+1, d+1)."""

    def __init__(self, W_PV: Tensor, W_KQ: Tensor) -> None:
        super().__init__()
        self.W_PV, self.W_KQ = nn.Parameter(W_PV.clone()), nn.Parameter(W_KQ.clone())

    @classmethod
    def of(cls, U: NDArray[np.float64]) -> LinearSelfAttention:
        """The layer with U (5.1), (d+1, d+1), for the entries that the prediction depends on, and zero elsewhere."""
        W_PV, W_KQ = np.zeros_like(U), np.zeros_like(U)
        W_KQ[:, :-1], W_PV[-1] = U[:, :-1], U[:, -1]
        return cls(torch.tensor(W_PV), torch.tensor(W_KQ))

    def forward(self, E: Tensor) -> Tensor:
        """E + W^{PV} E · (Eᵀ W^{KQ} E)/ρ, (batch, d+1, n+1); ρ = n, whether n is the training length N or the test length M."""
        rho = E.shape[-1] - 1
        return E + self.W_PV @ E @ (E.mT @ self.W_KQ @ E) / rho

    def predict(self, x: Tensor, y: Tensor, query: Tensor) -> Tensor:
        """ŷ = [f_LSA(E)]_{d+1, n+1}, (batch,)."""
        prediction: Tensor = self(embedding(x, y, query))[:, -1, -1]
        return prediction


def attention(Z: Tensor, P: Tensor, Q: Tensor, *, relu: bool = False) -> Tensor:
    """Attn_{P,Q}(Z) = P Z M (ZᵀQZ), M = diag(I_n, 0), (3) of Ahn et al.; with `relu`, P Z M σ(ZᵀQZ) of their Theorem 5."""
    mask = torch.ones(Z.shape[-1], dtype=Z.dtype)
    mask[-1] = 0
    scores = Z.mT @ Q @ Z
    return P @ (Z * mask) @ (scores.relu() if relu else scores)


def masked_transformer(Z: Tensor, layers: Sequence[tuple[Tensor, Tensor]], *, relu: bool = False) -> Tensor:
    """TF_L = −[Z_L]_{d+1, n+1}, (batch,), with Z_{ℓ+1} = Z_ℓ + (1/n) Attn_{P_ℓ,Q_ℓ}(Z_ℓ) (4), layers of pairs P_ℓ, Q_ℓ."""
    n = Z.shape[-1] - 1
    for P, Q in layers:
        Z = Z + attention(Z, P, Q, relu=relu) / n
    return -Z[:, -1, -1]
