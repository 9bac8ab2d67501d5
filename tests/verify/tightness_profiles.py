"""Profiles of small instances, for tests of how tight the proofs are."""

from __future__ import annotations

from functools import cache

import numpy as np
from small_runs import small

from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.tightness.study import Profile


def profile(instance: Instance, links=None) -> Profile:
    return Profile(Laboratory(instance, Options(device="cpu")), links)


@cache
def made() -> Profile:
    """Of the small instance, once for all tests that only look."""
    return profile(small())


def alone(H: int = 3) -> Instance:
    """N = K = m = d = 1: softmax is 1 and Z̄ a number."""
    return Instance(
        name="alone", tokens=np.ones((1, 1)), features=np.full((1, 1), 0.75), N=1, H=H, tau=1.0, seed=2
    )
