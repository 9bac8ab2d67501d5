"""Train Q and w in a loop of your own, save them, and have them judged against A without training.

icl-verify examples
python examples/own_loop.py theta.npz
icl-verify run examples/tiny.toml --weights theta.npz
"""

import sys
from pathlib import Path

import numpy as np
import torch

import verify


def train(steps: int = 1500, H: int = 12) -> dict[str, np.ndarray]:
    """Adam on prompts drawn afresh; everything in here may be your own."""
    instance = verify.load(
        Path(__file__).with_name("tiny.toml")
    )  # tokens, features, N and noise level to agree on
    tokens, features = torch.tensor(instance.tokens), torch.tensor(instance.features)
    (d, K), m, N = tokens.shape, len(features), instance.N
    torch.manual_seed(0)
    Q = (5 * torch.randn(H, d, d, dtype=torch.float64)).requires_grad_()
    w = torch.zeros(H, K, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([Q, w], lr=0.01)
    for _ in range(steps):
        lam = torch.randn(256, m, dtype=torch.float64)  # one task a row
        noise = instance.tau**0.5 * torch.randn(256, m, K, dtype=torch.float64)
        y = (lam[:, :, None] * (features + noise)).sum(1)  # labels (1)
        attention = torch.softmax(tokens[:, :N].T @ Q @ tokens, dim=1)  # H x N x K
        predictions = y[:, :N] @ torch.einsum("hnk,hk->nk", attention, w)  # (8)
        optimiser.zero_grad()
        ((predictions - y) ** 2).mean().backward()
        optimiser.step()
    return {"Q": Q.detach().numpy(), "w": w.detach().numpy()}


if __name__ == "__main__":
    path, *steps = sys.argv[1:] or ["theta.npz"]
    trained = train(*map(int, steps))
    np.savez(path, Q=trained["Q"], w=trained["w"])
    print(f"{path}\nnext: icl-verify run examples/tiny.toml --weights {path}")
