"""The code against the theory, at drawn points."""

import numpy as np
from attention import head, weights
from theory.averages import S

from verify import property_test


@property_test(S)
def test_the_code_computes_the_weights_of_the_paper(scores, s):
    np.testing.assert_allclose(weights(scores), s, rtol=1e-12, atol=1e-300)


@property_test(S)
def test_a_head_stays_between_its_values(scores, values):
    slack = 1e-12 * abs(values).max()
    assert values.min() - slack <= head(scores, values) <= values.max() + slack


@property_test(S, sizes={"tokens": 1})
def test_one_token_is_returned(scores, values):
    assert head(scores, values) == values[0]
