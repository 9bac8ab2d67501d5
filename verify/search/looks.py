"""Looks for a counterexample of an inequality between the rounds of a search for its proof: what is false has no proof."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from numeric.errors import InputError
from symbolic.evaluate import ExactnessError
from symbolic.find import inequality as find
from symbolic.indexed import KernelError
from verify.points.certify import at_points
from verify.points.evaluation import Posed
from verify.points.exact_points import Instances
from verify.search.search import BUDGETS, searched

POINTS = 8  # exact points of sizes up to 4 at which a statement is tried before a proof is sought


def looks(pose: Callable[[], Posed]) -> Callable[[int], bool]:
    """Whether a counterexample is found before a round of the search for a proof, by its number.

    A few exact points are looked at before the first round; points climb before the first dear one. Nothing is found of a statement
    that has no value at points.
    """
    known: dict[int, Callable[[Posed], bool]] = {1: broken, 1 + len(find.QUICK.rounds): climbed}

    def look(number: int) -> bool:
        try:
            return number in known and known[number](pose())
        except (InputError, KernelError, ExactnessError):
            return False

    return cache(look)


def broken(posed: Posed) -> bool:
    """Whether one of a few exact points breaks it."""
    return at_points(posed, Instances(), POINTS, beyond=False).broken is not None


def climbed(posed: Posed) -> bool:
    """Whether points that climb find one that breaks it."""
    return searched(posed, BUDGETS["fast"]).above is not None
