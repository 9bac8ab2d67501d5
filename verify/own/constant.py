"""The least constant c of an inequality lhs ≤ c·rhs, between a number for which the inequality fails and one for which it is proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any, Literal

import sympy as sp

from numeric.errors import InputError
from symbolic.find import inequality
from verify.own.check import admitted
from verify.own.setting import Setting
from verify.own.terms import expression
from verify.own.theory import theory
from verify.pipeline.bench import Bench
from verify.prove.identity import may_take
from verify.prove.inequality import ProveBound
from verify.record import Witness
from verify.search.search import BUDGETS, Budget, broken, search
from verify.sides import read
from verify.statement import Claim
from verify.vocabulary import PROVED

DIGITS = 7  # of a number for which the inequality is to fail
BELOW = tuple(
    Fraction(1, 10**k) for k in (7, 6, 5, 4, 3, 2, 1)
)  # parts of the largest ratio by which a failing number lies below it
START = Fraction(10**9)  # the number with which ratios are looked for
CLOSE = Fraction(1, 10**6)  # part of the largest ratio within which no smaller constant is sought


@dataclass(frozen=True)
class Constant:
    """An interval in which the least constant lies, and what shows its ends.

    low, witness  a number for which the inequality fails, and the point at which it does; None where no such number is found
    high, proof   a number for which a proof is found that both checkers accept, and its steps; None where none is found, which says
                  nothing against any number
    """

    name: str
    low: Fraction | None
    witness: Witness | None
    high: Fraction | None
    proof: tuple[str, ...]

    def __str__(self) -> str:
        low = (
            "no counterexample is found for any number"
            if self.low is None
            else f"{self.name} > {_shown(self.low)} by a counterexample"
        )
        high = (
            "no proof is found for any number"
            if self.high is None
            else f"{self.name} <= {_shown(self.high)} by a proof"
        )
        return f"the least constant: {low}; {high}"


def find_constant(
    S: Setting,
    name: str,
    lhs: Any,
    rhs: Any,
    when: Any = (),
    tier: Literal["fast", "full"] = "fast",
    seed: int = 0,
) -> Constant:
    """What `Setting.find_constant` returns."""
    admitted(tier, seed)
    left, right = expression(name, lhs), expression(name, rhs)
    if right == 0:
        raise InputError(
            name,
            "0 as the right side",
            "a right side that a constant can enlarge",
            "state lhs <= 0 by S.inequality",
        )

    def inequality_with(c: Fraction) -> Claim:
        alone = copy(S)
        alone.statements, alone._built = {}, None
        alone.inequality(name, left, sp.Rational(c.numerator, c.denominator) * right, when=when)
        (found,) = theory(alone).claims
        return found

    low, witness, ratio = _refuted(inequality_with, BUDGETS[tier], seed)
    high, proof = _proved(inequality_with, ratio)
    return Constant(name, low, witness, high, proof)


def _refuted(
    claim: Callable[[Fraction], Claim], stages: Sequence[Budget], seed: int
) -> tuple[Fraction | None, Witness | None, Fraction]:
    """A number for which the inequality fails, the point, and the largest lhs/rhs that was seen.

    The right side is nonnegative at the point, or the left one positive: the inequality fails there with every smaller number too.
    """
    (statement,) = claim(START).inequalities()
    finding = search(statement, stages, seed)
    ratio = Fraction(finding.closest) * START
    numbers = (_rounded(ratio * (1 - part)) for part in BELOW) if finding.above is None else (START,)
    for number in numbers:
        (statement,) = claim(number).inequalities()
        found = search(statement, stages, seed) if number > 0 else finding
        if found.above is not None and (found.above[1].rhs >= 0 or found.above[1].lhs > 0):
            return number, broken(found).witness, ratio
    return None, None, ratio


def _proved(claim: Callable[[Fraction], Claim], ratio: Fraction) -> tuple[Fraction | None, tuple[str, ...]]:
    """The least number with which a proof is found that both checkers accept, and its steps; one close to the ratio is small enough."""
    (statement,) = claim(Fraction(1)).inequalities()
    sides = read(statement)
    least = inequality.least(
        sides.lhs, sides.rhs, sides.axes, *may_take(statement), statement.setting.language.positive, ratio * (1 + CLOSE),
    )  # fmt: skip
    if least is None:
        return None, ()
    for number in dict.fromkeys((least.limit_denominator(10**4), least, least * (1 + CLOSE))):
        if number >= least:
            (evidence,) = ProveBound()(claim(number), Bench())
            if evidence.strength in PROVED:
                return number, tuple(evidence.steps)
    return None, ()


def _rounded(value: Fraction) -> Fraction:
    """The value with seven digits, rounded down."""
    quotient = Context(DIGITS, ROUND_FLOOR).divide(Decimal(value.numerator), Decimal(value.denominator))
    return Fraction(quotient)


def _shown(value: Fraction) -> str:
    """A fraction, as a decimal where it is one of few digits."""
    decimal = Context(DIGITS).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{decimal:f}" if Fraction(decimal) == value else str(value)
