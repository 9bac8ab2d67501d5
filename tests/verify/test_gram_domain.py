"""Positive semidefinite values of exact points are exactly the products that they are made of."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from symbolic.kinds import Free
from verify.points.domains import complaint, filled, within


@pytest.mark.parametrize("size", [0, 1, 2, 5])
@pytest.mark.parametrize("domain", ["positive semidefinite", "positive definite"])
def test_a_gram_matrix_is_the_product(domain, size: int) -> None:
    random = Random(size)
    raw = filled((size, size), lambda: Fraction(random.randint(-9, 9), random.randint(1, 4)))
    least = Fraction(1, 7)
    found = within(Free(domain), raw, least)
    shift = least * np.identity(size, dtype=int) if domain == "positive definite" else 0 * raw
    assert (found == raw @ raw.T + shift).all()
    assert complaint(Free(domain), found) == ""
