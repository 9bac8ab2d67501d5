"""The lasso: the minimiser of ‖y − Zβ‖²/2 + α‖β‖₁, by coordinate descent; scikit-learn writes α/n for this α."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from numeric.draws import Array
from numeric.probe.data import Block, Prompts
from numeric.probe.family import Family

SWEEPS = 256
ROUNDING = 1e-9


class Lasso(Family):
    """Not linear in the labels."""

    name, parameters, contains, last = "lasso", ("α",), ("least squares",), True

    def starts(self, prompts: Prompts, order: Hashable) -> Array:
        largest = max(float(np.abs(_moment(block)).max()) for block in prompts.blocks)
        return np.geomspace(1e-4, 1.0, 9)[:, None] * (largest or 1.0)

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        found, seen = minimisers(prompts.blocks, float(parameters[0])), 0
        coefficients = []
        for block in prompts.blocks:
            B, S, _ = block.shape
            coefficients.append(found[seen : seen + B * S].reshape(B, S, -1))
            seen += B * S
        return prompts.mapped(coefficients)


def minimisers(blocks: Sequence[Block], alpha: float) -> Array:
    """(P, m) the coefficients for each prompt: those of sweeps, solved exactly for their signs once these are right."""
    gram = np.concatenate(
        [np.repeat(np.einsum("bni,bnj->bij", block.Z, block.Z), block.Y.shape[1], axis=0) for block in blocks]
    )
    moment = np.concatenate([_moment(block).reshape(-1, gram.shape[1]) for block in blocks])
    found, left, beta = np.zeros_like(moment), np.arange(len(moment)), np.zeros_like(moment)
    for sweep in range(1, SWEEPS + 1):
        for i in range(moment.shape[1]):
            size = np.maximum(gram[:, i, i], np.finfo(np.float64).tiny)
            pull = moment[:, i] - np.einsum("pm,pm->p", beta, gram[:, i]) + beta[:, i] * size
            beta[:, i] = np.sign(pull) * np.maximum(np.abs(pull) - alpha, 0.0) / size
        if sweep >= 4 and sweep & (sweep - 1) == 0:  # a power of two
            solved, right = _solved(gram, moment, alpha, np.sign(beta))
            found[left] = np.where(right[:, None], solved, beta)
            gram, moment, beta, left = gram[~right], moment[~right], beta[~right], left[~right]
        if not len(left):
            break
    return found


def _moment(block: Block) -> Array:
    """(B, S, m) Zᵀy."""
    moment: Array = np.einsum("bsn,bnm->bsm", block.Y, block.Z)
    return moment


def _solved(gram: Array, moment: Array, alpha: float, signs: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The coefficients with these signs, and of which prompts they meet the conditions of the minimum."""
    active = signs != 0
    matrix = np.where(active[:, :, None] & active[:, None, :], gram, np.eye(signs.shape[1]))
    try:
        solved = np.linalg.solve(matrix, np.where(active, moment - alpha * signs, 0.0)[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return signs, np.zeros(len(signs), dtype=bool)
    slope = moment - np.einsum("pi,pij->pj", solved, gram)
    right = (np.sign(solved) == signs).all(axis=1) & (np.abs(slope).max(axis=1) <= alpha * (1 + ROUNDING))
    return solved, right
