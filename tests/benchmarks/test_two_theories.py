"""The figures that tell ridge regression from descent, at small sizes."""

import re

import numpy as np
import pytest

from benchmarks.two_theories import with_fixed_tokens, with_fresh_tokens
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric import dictionaries
from verify.theories.zhang2024.numeric.instance import diabetes


def test_the_first_theory_is_near_ridge_and_far_from_plain_descent():
    row = with_fixed_tokens(Laboratory(dictionaries.digits(N=2, K=4, m=3, H=24)))
    assert float(row[1]) < 1e-6
    assert re.fullmatch(r"1\.000 mτ", row[2])
    assert float(row[3]) < 1e-6
    assert float(row[4]) > 1e-2


@pytest.mark.parametrize("whitened", [False, True])
def test_the_second_theory_is_one_step_and_far_from_ridge(whitened):
    rows = list(with_fresh_tokens(diabetes((2, 3, 8), whitened=whitened), (4, 64), 500))
    figures = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows])
    assert figures[0, 0] > 2 * figures[1, 0] > 0.1
    assert figures[2, 0] <= 1 / 20
    assert (figures[:, 2] < 1e-12).all()
    assert (figures[:2, 3] < 1e-6).all() == whitened
