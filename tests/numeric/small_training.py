"""An instance that trains in a moment, where tests run, and how far two arrays are apart."""

import numpy as np
import pytest
import torch

from verify.theories.yang2024.numeric.instance import Instance, TaskLaw

CUDA = pytest.param(
    "cuda",
    marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")],
)


def instance(N=3, K=6, m=4, d=5, H=8, seed=0, w=False, tasks=None):
    rng = np.random.default_rng(seed)
    tokens = rng.standard_normal((d, K))
    return Instance(
        "test",
        tokens / np.linalg.norm(tokens, axis=0),
        rng.standard_normal((m, K)),
        N,
        H,
        0.1,
        1.0,
        w_given=rng.standard_normal((H, K)) if w else None,
        tasks=tasks or TaskLaw(),
        seed=seed,
    )


def relative(a, b):
    scale = np.linalg.norm(b)
    return np.linalg.norm(a - b) / scale if scale else np.linalg.norm(a)
