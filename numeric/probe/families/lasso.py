"""The lasso: the minimiser of ‖y − Zβ‖²/2 + α‖β‖₁, by coordinate descent; scikit-learn writes α/n for this α."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Block, Prompts
from numeric.probe.family import Family

SWEEPS = 150
SETTLED = 1e-11  # change of a sweep, relative to the coefficients


class Lasso(Family):
    """Not linear in the labels."""

    name, parameters, contains, last = "lasso", ("α",), ("least squares",), True

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        largest = max(
            float(np.abs(np.einsum("bsn,bnm->bsm", block.Y, block.Z)).max()) for block in prompts.blocks
        )
        return np.geomspace(1e-4, 1.0, 9)[:, None] * (largest or 1.0)

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return prompts.mapped([minimisers(block, float(parameters[0])) for block in prompts.blocks])


def minimisers(block: Block, alpha: float) -> Array:
    """(B, S, m) the coefficients for each prompt."""
    gram = np.einsum("bni,bnj->bij", block.Z, block.Z)
    moment = np.einsum("bsn,bnm->bsm", block.Y, block.Z)
    beta: Array = np.zeros_like(moment)
    diagonal = np.maximum(np.einsum("bii->bi", gram), np.finfo(np.float64).tiny)
    for _ in range(SWEEPS):
        moved = 0.0
        for i in range(beta.shape[2]):
            pull = (
                moment[:, :, i]
                - np.einsum("bsm,bm->bs", beta, gram[:, i])
                + beta[:, :, i] * gram[:, None, i, i]
            )
            new = np.sign(pull) * np.maximum(np.abs(pull) - alpha, 0.0) / diagonal[:, None, i]
            moved = max(moved, float(np.abs(new - beta[:, :, i]).max()))
            beta[:, :, i] = new
        if moved <= SETTLED * float(np.abs(beta).max()):
            break
    return beta
