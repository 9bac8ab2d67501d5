"""One statement that mentions every letter that is computed, at one size; and a sum to make others of."""

from __future__ import annotations

import sympy as sp
from paper_points import Drawn, rules

from verify.points.evaluation import pose
from verify.statement import Inequality
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let

BITS = 256
SIZE = {"N": 2, "K": 3, "m": 2, "d": 2, "H": 3}
h, j, k, p, q = sp.symbols("h j k p q", integer=True)


def letter(name: str) -> sp.IndexedBase:
    return let.TABLE[name].base


def everything() -> Inequality:
    """A statement that mentions every letter that is computed."""
    total = sp.Integer(0)
    for name in rules():
        if name in let.TABLE:
            slots = let.TABLE[name].tensor.slots
            symbols = [sp.Symbol(f"i{place}", integer=True) for place in range(len(slots))]
            limits = [(symbol, 1, let.SIZE[slot.name]) for symbol, slot in zip(symbols, slots, strict=True)]
            total += sp.Sum(letter(name)[tuple(symbols)] ** 2, *limits)
        else:
            total += let.scalar_symbol(name) ** 2
    return inequality(sp.Integer(0), total)


ALL = pose(everything())
POINTS = [Drawn(number, 0, SIZE, "") for number in range(3)]
alpha_sum = sp.Sum(letter("alpha")[h, k] ** 2, (k, 1, let.K))
