"""Trains a small model on linear regression in context, and saves prompts and predictions for `icl-verify probe`. Needs torch.

python examples/models/probe_models.py linear gaussian predictions.npz       one layer of linear attention
python examples/models/probe_models.py softmax gaussian predictions.npz      one layer of softmax attention
python examples/models/probe_models.py transformer gaussian predictions.npz  a transformer of 3 layers, over x₁, y₁, x₂, y₂, …

With digits in place of gaussian, inputs are not drawn from N(0, I): they are features of handwritten digits (scikit-learn), the first
principal components of the images. The file also has prompts out of the training law, whose tasks are three times as large.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

D, PAIRS, NOISE, BATCH, LARGER = 5, 20, 0.5, 64, 3.0
STEPS = {"linear": 1500, "softmax": 1500, "transformer": 3000}


def gaussian() -> Callable[[int, torch.Generator], Tensor]:
    """What draws inputs (count, PAIRS, D) from N(0, I)."""
    return lambda count, chance: torch.randn(count, PAIRS, D, generator=chance)


def digits() -> Callable[[int, torch.Generator], Tensor]:
    """What draws inputs (count, PAIRS, D) from the D first principal components of digits, whose mean square is 1."""
    from sklearn.datasets import load_digits

    images = load_digits().data
    images = images - images.mean(axis=0)
    components = images @ np.linalg.svd(images, full_matrices=False)[2][:D].T
    features = torch.tensor(components / np.sqrt((components**2).mean()), dtype=torch.float32)
    return lambda count, chance: features[torch.randint(len(features), (count, PAIRS), generator=chance)]


def labelled(xs: Tensor, chance: torch.Generator, scale: float = 1.0) -> Tensor:
    """Labels (count, PAIRS) of tasks w ~ N(0, scale² I/D), with noise."""
    tasks = scale * torch.randn(len(xs), D, 1, generator=chance) / D**0.5
    return (xs @ tasks)[:, :, 0] + NOISE * torch.randn(len(xs), PAIRS, generator=chance)


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


def main(kind: str, inputs: str, file: str) -> None:
    torch.manual_seed(0)
    chance = torch.Generator().manual_seed(1)
    drawn = {"gaussian": gaussian, "digits": digits}[inputs]()
    model = {"linear": Linear, "softmax": Softmax, "transformer": Transformer}[kind]()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3 if kind == "transformer" else 1e-2)
    for step in range(STEPS[kind]):
        xs = drawn(BATCH, chance)
        ys = labelled(xs, chance)
        loss = ((model(xs, ys) - ys)[:, 1:] ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 500 == 0:
            print(f"step {step}: loss {loss.item():.3f}", flush=True)
    arrays = {"noise": np.array(NOISE), "task_scale": np.array(D**-0.5)}
    for prefix, scale in (("", 1.0), ("outside_", LARGER)):
        xs = drawn(100, chance)
        ys = labelled(xs, chance, scale)
        with torch.no_grad():
            preds = model.eval()(xs, ys)
        arrays |= {f"{prefix}xs": xs.numpy(), f"{prefix}ys": ys.numpy(), f"{prefix}preds": preds.numpy()}
    np.savez(file, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
