"""The mean of the labels of the prompt, whatever is asked."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import Family


class Mean(Family):
    """Every label has the weight 1/n."""

    name = "constant mean"

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        return prompts.weighted([np.full(one.shape, 1.0 / one.shape[2]) for one in prompts.squares])
