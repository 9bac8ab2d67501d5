"""Trains a small model on linear regression in context, and saves prompts and predictions for `icl-verify probe`. Needs torch.

python examples/models/probe_models.py linear predictions.npz       one layer of linear attention
python examples/models/probe_models.py softmax predictions.npz      one layer of softmax attention
python examples/models/probe_models.py transformer predictions.npz  a transformer of 3 layers, over x₁, y₁, x₂, y₂, …
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import Tensor, nn

D, PAIRS, NOISE, BATCH = 5, 20, 0.5, 64
STEPS = {"linear": 1500, "softmax": 1500, "transformer": 3000}


def prompts(count: int, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs (count, PAIRS, D) and labels (count, PAIRS) of tasks w ~ N(0, I/D)."""
    xs = torch.randn(count, PAIRS, D, generator=chance)
    tasks = torch.randn(count, D, 1, generator=chance) / D**0.5
    noise = NOISE * torch.randn(count, PAIRS, generator=chance)
    return xs, (xs @ tasks)[:, :, 0] + noise


class Linear(nn.Module):
    """The prediction for x_i is x_iᵀ Γ Σ_{j<i} y_j x_j / i."""

    def __init__(self) -> None:
        super().__init__()
        self.Gamma = nn.Parameter(0.1 * torch.eye(D))

    def forward(self, xs: Tensor, ys: Tensor) -> Tensor:
        before = torch.tril(torch.ones(PAIRS, PAIRS), -1)
        scores = xs @ self.Gamma @ xs.transpose(1, 2) * before
        return (scores @ ys[:, :, None])[:, :, 0] / torch.arange(PAIRS).clamp(min=1)


class Softmax(nn.Module):
    """The prediction for x_i is a mean of the labels before i, with softmax weights of x_iᵀ Q x_j, times a number."""

    def __init__(self) -> None:
        super().__init__()
        self.Q, self.scale = nn.Parameter(0.5 * torch.eye(D)), nn.Parameter(torch.ones(()))

    def forward(self, xs: Tensor, ys: Tensor) -> Tensor:
        before = torch.tril(torch.ones(PAIRS, PAIRS), -1).bool()
        before[0, 0] = True  # the first has nothing before it, and its prediction is left out by the probe
        scores = (xs @ self.Q @ xs.transpose(1, 2)).masked_fill(~before, -torch.inf)
        return self.scale * (scores.softmax(dim=2) @ ys[:, :, None])[:, :, 0]


class Transformer(nn.Module):
    """A causal transformer over the tokens x₁, y₁, x₂, y₂, …, read off at each x."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.enter, self.leave = nn.Linear(D + 1, width), nn.Linear(width, 1)
        self.places = nn.Parameter(0.02 * torch.randn(2 * PAIRS, width))
        layer = nn.TransformerEncoderLayer(
            width, 4, 4 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)

    def forward(self, xs: Tensor, ys: Tensor) -> Tensor:
        tokens = torch.zeros(len(xs), 2 * PAIRS, D + 1)
        tokens[:, 0::2, :D], tokens[:, 1::2, D] = xs, ys
        mask = nn.Transformer.generate_square_subsequent_mask(2 * PAIRS)
        found = self.leave(self.layers(self.enter(tokens) + self.places, mask=mask, is_causal=True))
        return found[:, 0::2, 0]


def main(kind: str, file: str) -> None:
    torch.manual_seed(0)
    chance = torch.Generator().manual_seed(1)
    model = {"linear": Linear, "softmax": Softmax, "transformer": Transformer}[kind]()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3 if kind == "transformer" else 1e-2)
    for _ in range(STEPS[kind]):
        xs, ys = prompts(BATCH, chance)
        loss = ((model(xs, ys) - ys)[:, 1:] ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(f"loss at the last step: {loss.item():.3f}")
    xs, ys = prompts(100, chance)
    with torch.no_grad():
        preds = model.eval()(xs, ys)
    np.savez(file, xs=xs.numpy(), ys=ys.numpy(), preds=preds.numpy(), noise=NOISE, task_scale=D**-0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
