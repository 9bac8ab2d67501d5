"""The instances that are trained, by name, and rates at which Q moves visibly. Nothing here is timed."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np

from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.dictionaries import DIGITS, PAPER, Sizes, digits, synthetic
from verify.theories.yang2024.numeric.gradient import softmax
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares

BATCH = 100
LARGEST = Sizes(N=256, K=4096, d=4096, m=256, H=512, tau=0.01, beta=1.0)
WIDE = replace(DIGITS, d=1024)
SIZES = {"default": DIGITS, "batched": DIGITS, "paper": PAPER, "wide": WIDE, "largest": LARGEST}


def instances(case: str, count: int = BATCH) -> list[Instance]:
    """Those of a case: one, and `count` for the batch."""
    if case == "default":
        return [digits()]
    if case == "batched":
        return [digits(seed=seed) for seed in range(count)]
    return [synthetic(**asdict(SIZES[case]))]


def of_sizes(sizes: Sizes, seed: int = 0) -> Instance:
    return synthetic(**asdict(sizes), seed=seed)


def rates(instance: Instance) -> Rates:
    """η_w = K/λ_max(B_k B_kᵀ), the largest over the tokens: half of what descent in w alone bears. η_Q = β²η_w, so that Q moves visibly."""
    quadratic = least_squares(label_covariance(instance), instance.N)
    s = softmax(np.array(instance.scores0))
    top = float(np.linalg.norm(quadratic.root @ s.transpose(2, 1, 0), 2, axis=(1, 2)).max())
    eta_w = instance.K / top**2
    return Rates(gamma=1 / instance.beta, eta_Q=instance.beta**2 * eta_w, eta_w=eta_w)


def shown(case: str) -> dict[str, float]:
    """Sizes, for the record."""
    return asdict(SIZES[case]) | ({"instances": BATCH} if case == "batched" else {})
