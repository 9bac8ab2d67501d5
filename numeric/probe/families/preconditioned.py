"""One preconditioned step of gradient descent: qᵀ Γ Zᵀy/c with any matrix Γ, as a layer of linear attention computes."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from numeric.draws import Array
from numeric.probe.data import Prompts
from numeric.probe.family import FEW, Family, Fit

MOST_ENTRIES = 900  # of Γ
PER_ENTRY = 4  # answers that there must be for each entry of Γ


class Preconditioned(Family):
    """Γ is fitted by linear least squares, entry by entry."""

    name, signed = "preconditioned step", False

    def refusal(self, prompts: Prompts) -> str:
        entries = prompts.m**2
        if entries > MOST_ENTRIES or entries * PER_ENTRY > prompts.M:
            return f"Γ has {entries} entries, too many for {prompts.M} answers"
        return ""

    def includes(self, name: str, order: Hashable, prompts: Prompts) -> bool:
        """One step and the minimiser of linear attention are points of it; over a single context so is every linear map of features."""
        linear = ("least squares", "ridge", "scaled least squares", "gradient descent")
        single = len(prompts.blocks) == 1 and len(prompts.blocks[0].Z) == 1
        one_step = name == "gradient descent" and isinstance(order, tuple) and order[0] == 1
        return one_step or name == "minimiser of linear attention" or (single and name in linear)

    def columns(self, prompts: Prompts, order: Hashable) -> Array:
        """(M, m²) the answers to unit matrices Γ."""
        found = []
        for block in prompts.blocks:
            moment = np.einsum("bsn,bnm->bsm", block.Y, block.Z)
            found.append(np.einsum("bqi,bsj->bsqij", block.Q, moment).reshape(-1, prompts.m**2))
        columns: Array = np.concatenate(found) / prompts.divisor(str(order))
        return columns

    def answers(self, prompts: Prompts, order: Hashable, parameters: Array) -> Array:
        answers: Array = self.columns(prompts, order) @ parameters
        return answers

    def enough(self, prompts: Prompts) -> int:
        return max(FEW, PER_ENTRY * prompts.m**2)

    def sketches(self, few: Prompts, target: Array) -> list[Fit]:
        """Those of the best normaliser and of the declared one."""
        fits = {order: self.polished(few, target, order, np.ones(0)) for order in few.normalisers}
        best = min(fits, key=lambda order: fits[order].rss)
        return [fits[order] for order in dict.fromkeys((best, few.normaliser))]

    def polished(
        self, prompts: Prompts, target: Array, order: Hashable, start: Array, worth: float = 0.0
    ) -> Fit:
        """The best Γ for a normaliser, wherever the start is."""
        columns = self.columns(prompts, order)
        Gamma = np.asarray(np.linalg.lstsq(columns, target, rcond=None)[0], dtype=np.float64)
        answers = columns @ Gamma
        rss = float(((answers - target) ** 2).sum())
        return Fit(order, Gamma, answers, np.zeros((prompts.M, 0)), len(Gamma), rss)
