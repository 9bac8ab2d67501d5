"""The code of the repository: weights of attention, and what a head returns."""

import numpy as np


def weights(scores):
    """The softmax of a vector of scores."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def head(scores, values):
    """The average of the values under the weights."""
    return weights(scores) @ values
