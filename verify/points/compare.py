"""Whether lhs ≤ rhs at an exact point: both sides enclosed, the precision raised until it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import arb

from numeric.balls import Undecided, precision
from verify.points.arithmetic import Irrational, NoValue
from verify.points.domains import complaint
from verify.points.evaluation import Posed, Values
from verify.points.exact_points import ExactPoint, Parameter
from verify.points.rules import SLACK

BITS = (128, 256, 512, 1024)
CLOSE = "1e-30"  # relative: enclosures that overlap within it are an equality, as far as anyone can tell
NOTHING = "1e-60"  # both sides below it at the highest precision vanish, as far as anyone can tell

Relation = Literal["below", "equal", "close", "above", "open", "outside"]
WORST: tuple[Relation, ...] = ("above", "open", "close", "equal", "below")


@dataclass(frozen=True)
class Outcome:
    """How the sides lie at one point.

    below    lhs < rhs in every entry, certain
    equal    lhs ≤ rhs in every entry, with equality somewhere, certain
    close    not broken: in some entry the enclosures overlap within 1e-30 of their size at 256 bits or more, or both vanish
    above    lhs > rhs in some entry, certain
    open     not decided with 1024 bits
    outside  the point is none of the domain: a condition does not hold, a bound or another scalar is negative, a letter has no
             value, or there is no value of a free index

    lhs, rhs and entry are those of the entry that says so, the one with the largest ratio; bits is 0 for rational arithmetic.
    """

    relation: Relation
    lhs: Any = None
    rhs: Any = None
    entry: tuple[int, ...] = ()
    bits: int = 0

    @property
    def ratio(self) -> float:
        """How close the left side comes, in float64: lhs/rhs of positive sides, rhs/lhs of negative ones, else 0, or inf above."""
        return _ratio(self.lhs, self.rhs)


def decide(posed: Posed, point: ExactPoint) -> Outcome:
    """Compares the sides at a point. The answer is `above` only where the point lies in the domain.

    Raises ExactnessError where a float is a parameter.
    """
    found = _decided(posed, point)
    if found.relation == "above":
        drawn = {name: point.parameter(name) for name in posed.parameters}
        return Outcome("outside") if outside(posed, point.sizes, drawn) else found
    return found


def _decided(posed: Posed, point: ExactPoint) -> Outcome:
    found = Outcome("open")
    for bits in BITS:
        with precision(bits):
            try:
                found = _at(posed, point.values(posed, bits), bits)
            except NoValue:
                return Outcome("outside")
            except (Undecided, ZeroDivisionError):
                continue
        if found.relation not in ("open", "close"):
            return found
        if bits == BITS[1]:
            exact = exactly(posed, point)
            if exact is not None:
                return exact
        if found.relation == "close" and bits >= BITS[1]:
            return found
    return found


def outside(posed: Posed, sizes: Mapping[str, int], drawn: Mapping[str, Parameter]) -> str:
    """Which hypothesis of the domain these parameters break; empty where they break none."""
    if not posed.allows(sizes):
        return f"sizes {dict(sizes)}"
    for name, value in drawn.items():
        if name.startswith(SLACK) and not 0 < value <= 1:
            return f"{name} = {value}"
        if not isinstance(value, np.ndarray) and not value > 0:
            return f"{name} = {value}"
        if isinstance(value, np.ndarray) and (wrong := complaint(posed.free(name), value)):
            return f"{name}: {wrong}"
    return ""


def exactly(posed: Posed, point: ExactPoint) -> Outcome | None:
    """The comparison in rational arithmetic; None where a letter is irrational."""
    try:
        return _at(posed, point.values(posed, 0), 0)
    except (Irrational, ZeroDivisionError):
        return None


def _at(posed: Posed, values: Values, bits: int) -> Outcome:
    positive = (entry for condition in posed.conditions for entry in np.ravel(values[condition.positive]))
    admitted = [_sign(entry, strict=True) for entry in positive]
    admitted += [_sign(values[name], strict=False) for name in posed.domain.given if name in posed.letters]
    for one in posed.when:
        gaps = np.ravel(values.of(one.gap, one.axes))
        admitted += [_sign(entry, strict=one.strict) for entry in gaps]
    signs = [_sign(values[name], strict=False) for name in posed.signed]
    if False in admitted or False in signs or (None in admitted and bits == BITS[-1]):
        return Outcome("outside")
    if None in admitted:
        return Outcome("open")
    lhs, rhs = posed.sides(values)
    if not lhs.size:
        return Outcome("outside")
    found = _worst(lhs, rhs, bits)
    return Outcome("open") if found.relation == "above" and None in signs else found


def _worst(lhs: Any, rhs: Any, bits: int) -> Outcome:
    """The entry that comes first in the order of WORST; among equals the one with the largest ratio."""
    relations = [_relation(x, y, bits) for x, y in zip(lhs.flat, rhs.flat, strict=True)]
    worst = min(relations, key=WORST.index)
    entries = zip(relations, np.ndindex(lhs.shape), strict=True)
    outcomes = (Outcome(worst, lhs[at], rhs[at], at, bits) for relation, at in entries if relation == worst)
    return max(outcomes, key=lambda outcome: outcome.ratio)


def _sign(value: Any, *, strict: bool) -> bool | None:
    """Whether a scalar is positive (or at least nonnegative); None where its ball does not tell."""
    if value > 0 or (not strict and value >= 0):
        return True
    return False if value < 0 or (strict and value <= 0) else None


def _relation(lhs: Any, rhs: Any, bits: int) -> Relation:
    if lhs < rhs:
        return "below"
    if lhs > rhs:
        return "above"
    if lhs <= rhs:
        return "equal"
    size = (abs(lhs) + abs(rhs)).upper()
    if abs(rhs - lhs).upper() <= arb(CLOSE) * size or (bits == BITS[-1] and size <= arb(NOTHING)):
        return "close"
    return "open"


def _ratio(lhs: Any, rhs: Any) -> float:
    if lhs is None:
        return 0.0
    if lhs > 0 and rhs > 0:
        return _float(lhs / rhs)
    if lhs < 0 and rhs < 0:
        return _float(rhs / lhs)
    return float("inf") if lhs > rhs else 0.0


def _float(value: Any) -> float:
    return float(value if isinstance(value, arb) else arb(value))
