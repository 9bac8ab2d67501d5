"""The lasso: the minimiser of ‖y − Zβ‖²/2 + α‖β‖₁, by coordinate descent; scikit-learn writes α/n for this α."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Block, Prompts
from numeric.probe.family import Family

SWEEPS, EACH = 240, 4  # sweeps at most, and after how many the signs are tried
ROUNDING = 1e-9


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
    """(B, S, m) the coefficients for each prompt: those of sweeps, solved exactly for their signs once these are right."""
    gram = np.einsum("bni,bnj->bij", block.Z, block.Z)
    moment = np.einsum("bsn,bnm->bsm", block.Y, block.Z)
    beta: Array = np.zeros_like(moment)
    diagonal = np.maximum(np.einsum("bii->bi", gram), np.finfo(np.float64).tiny)
    for sweep in range(SWEEPS):
        for i in range(beta.shape[2]):
            own = beta[:, :, i] * diagonal[:, None, i]
            pull = moment[:, :, i] - np.einsum("bsm,bm->bs", beta, gram[:, i]) + own
            beta[:, :, i] = np.sign(pull) * np.maximum(np.abs(pull) - alpha, 0.0) / diagonal[:, None, i]
        if sweep % EACH == EACH - 1:
            solved, right = _solved(gram, moment, alpha, np.sign(beta))
            if right:
                return solved
    return beta


def _solved(gram: Array, moment: Array, alpha: float, signs: Array) -> tuple[Array, bool]:
    """The coefficients with these signs, and whether they meet the conditions of the minimum."""
    active = signs != 0
    both = active[..., :, None] & active[..., None, :]
    matrix = np.where(both, gram[:, None], np.eye(signs.shape[2]))
    try:
        solved = np.linalg.solve(matrix, np.where(active, moment - alpha * signs, 0.0)[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return signs, False
    slope = moment - np.einsum("bsi,bij->bsj", solved, gram)
    right = (np.sign(solved) == signs).all() and np.abs(slope).max() <= alpha * (1 + ROUNDING)
    return solved, bool(right)
