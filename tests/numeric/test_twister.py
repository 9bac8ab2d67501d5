"""The stream of torch's CPU generator without torch: the same numbers in any order of calls."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from numeric.twister import Twister


@pytest.mark.parametrize("seed", [0, 7, 2**31 + 5, 2**63 - 1])
def test_the_numbers_are_those_of_torch(seed: int) -> None:
    theirs, mine, order = torch.Generator().manual_seed(seed), Twister(seed), np.random.default_rng(1)
    for _ in range(300):
        count, what = int(order.integers(0, 60)), int(order.integers(3))
        match what:
            case 0:
                wanted = torch.rand(count, generator=theirs, dtype=torch.float64)
                assert (mine.uniform(count) == wanted.numpy()).all()
            case 1:
                wanted = torch.randn(count, generator=theirs, dtype=torch.float64)
                assert np.allclose(mine.normal(count), wanted.numpy(), rtol=0, atol=1e-12)
            case 2:
                wanted = torch.randperm(count, generator=theirs)
                assert (mine.permutation(count) == wanted.numpy()).all()


def test_shapes_are_filled_in_order() -> None:
    assert Twister(3).normal(2, 3, 4).ravel().tolist() == Twister(3).normal(24).tolist()
    assert Twister(3).uniform(2, 0).shape == (2, 0)
    assert Twister(3).uniform(5).tolist() != Twister(4).uniform(5).tolist()
