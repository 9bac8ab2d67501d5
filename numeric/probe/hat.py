"""The map from labels to answers at labelled tokens, and the features that best explain that map as ridge regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts

SYMMETRIC = 0.05  # squared share of the antisymmetric part up to which a map counts as symmetric
SLACK = 0.02  # by which an eigenvalue may leave [0, 1) by chance
LARGEST = 1 - 1e-9  # eigenvalue of a hat matrix


@dataclass(frozen=True)
class Hat:
    """Â at the labelled tokens; ridge regression over any features has a symmetric one with eigenvalues in [0, 1).

    asymmetry  squared share of the antisymmetric part
    least      eigenvalue of the symmetric part, and the largest
    gram       ZZᵀ/λ of the features that explain Â best, (n, n); None where Â is no hat matrix
    misfit     squared distance, relative to Â, of the hat matrix of `gram`
    alignment  cosine between `gram` and the Gram matrix of the features that were given; 0 where there is none
    """

    asymmetry: float
    least: float
    largest: float
    gram: Array | None
    misfit: float
    alignment: float


def hat(prompts: Prompts, answers: Array) -> Hat | None:
    """What the answers say of Â; None where not all labelled tokens are asked about over one dictionary, or labels are too few."""
    if len(prompts.blocks) > 1:
        return None
    block = prompts.blocks[0]
    B, S, q = block.shape
    n = block.Z.shape[1]
    if B > 1 or q < n or n >= S or not np.array_equal(block.Q[0, :n], block.Z[0]):
        return None
    A = np.linalg.lstsq(block.Y[0], answers.reshape(S, q)[:, :n], rcond=None)[0].T
    square = float((A**2).sum()) or 1.0
    asymmetry = float((((A - A.T) / 2) ** 2).sum()) / square
    values, vectors = np.linalg.eigh((A + A.T) / 2)
    least, largest = float(values[0]), float(values[-1])
    if asymmetry > SYMMETRIC or least < -SLACK or largest > 1 + SLACK:
        return Hat(asymmetry, least, largest, None, 1.0, 0.0)
    kept = np.clip(values, 0.0, LARGEST)
    gram = (vectors * (kept / (1 - kept))) @ vectors.T
    misfit = float((((vectors * kept) @ vectors.T - A) ** 2).sum()) / square
    given = block.Z[0] @ block.Z[0].T
    scale = float(np.linalg.norm(gram) * np.linalg.norm(given)) or 1.0
    return Hat(asymmetry, least, largest, gram, misfit, float((gram * given).sum()) / scale)
