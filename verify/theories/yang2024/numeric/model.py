"""The transformer (2)–(8) as the paper writes it. Slow and literal: what the rest is held to."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from numeric.errors import InputError
from verify.theories.yang2024.numeric.instance import Instance


class Transformer(nn.Module):
    """One layer of H softmax heads over K tokens, of which the first N carry labels.

    tokens     V̂ (d, K), buffer
    Q0         Q_h^(0) (H, d, d), buffer
    Q_offset   Q_h − Q_h^(0) (H, d, d), parameter, 0 at first: keeps moves that float64 would lose in Q_h
    w          w_h (H, K), parameter

    Labels go in as y (batch, N); predictions ŷ come out as (batch, K).
    """

    tokens: Tensor
    Q0: Tensor

    def __init__(self, tokens: Tensor, Q0: Tensor, w: Tensor, N: int) -> None:
        super().__init__()
        self.register_buffer("tokens", tokens)
        self.register_buffer("Q0", Q0)
        self.Q_offset = nn.Parameter(torch.zeros_like(Q0))
        self.w = nn.Parameter(w.clone())
        self.N = N

    @classmethod
    def from_instance(
        cls, instance: Instance, dtype: torch.dtype = torch.float64, device: torch.device | str = "cpu"
    ) -> Transformer:
        """The model at θ^(0)."""
        arrays = (instance.tokens, np.stack(list(instance.heads())), instance.w0)
        tokens, Q0, w = (torch.tensor(array, dtype=dtype, device=device) for array in arrays)
        return cls(tokens, Q0, w, instance.N)

    def embeddings(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """E^P (2), (batch, d+1, N), and E = (E^P, E^Q) with E^Q of (4), (batch, d+1, K)."""
        tokens = self.tokens.expand(len(y), *self.tokens.shape)
        V, V_Q = tokens[:, :, : self.N], tokens[:, :, self.N :]
        E_P = torch.cat([V, y[:, None, :]], dim=1)
        E_Q = torch.cat([V_Q, torch.zeros_like(V_Q[:, :1])], dim=1)
        return E_P, torch.cat([E_P, E_Q], dim=2)

    def head(self, h: int, E_P: Tensor, E: Tensor) -> Tensor:
        """head_h(E) (5) with the parameter form (7), (batch, K, K)."""
        d, K = self.tokens.shape
        W_V = torch.cat([self.w.new_zeros(K, d), self.w[h][:, None]], dim=1)
        W_KQ = nn.functional.pad(self.Q0[h] + self.Q_offset[h], (0, 1, 0, 1))
        return W_V @ E_P @ torch.softmax(E_P.mT @ W_KQ @ E, dim=-2)

    def attention_map(self, y: Tensor) -> Tensor:
        """𝒯(E) (6), (batch, K, K): with W^O = (I_K, …, I_K) the sum of the heads."""
        E_P, E = self.embeddings(y)
        K, H = self.tokens.shape[1], len(self.w)
        return sum((self.head(h, E_P, E) for h in range(H)), start=E.new_zeros(len(y), K, K))

    def forward(self, y: Tensor) -> Tensor:
        """ŷ (8), the diagonal of 𝒯(E). Raises InputError if y has another shape, dtype or device."""
        self._check(y)
        return self.attention_map(y).diagonal(dim1=-2, dim2=-1)

    def A_hat(self) -> Tensor:
        """Â(θ) (35), (N, K): ŷ = Âᵀy is linear in y, so row i is the prediction for y = e_i."""
        predictions: Tensor = self(torch.eye(self.N, dtype=self.w.dtype, device=self.w.device))
        return predictions

    def _check(self, y: Tensor) -> None:
        if y.ndim != 2 or y.shape[1] != self.N:
            raise InputError(
                "y shape", tuple(y.shape), f"(batch, {self.N})", "give one row of N labels per prompt"
            )
        if y.device != self.w.device:
            raise InputError(
                "y device", y.device, f"the model's device {self.w.device}", "move one to the other"
            )
        if y.dtype != self.w.dtype:
            raise InputError("y dtype", y.dtype, f"the model's dtype {self.w.dtype}", "convert one of them")
