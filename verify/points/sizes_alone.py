"""Statements in sizes and free scalars alone, such as N² ≤ K³ or τ ≤ 1 + τ²: settled for all of them, or broken at some.

What speaks of sizes alone looks true at every point of small sizes, and a bound of a scalar at every point within it: no point may
be trusted with them.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

import numpy as np
import sympy as sp

from symbolic.canonical import Scalars
from symbolic.indexed import Expr
from symbolic.setting import Setting
from verify.points.cases import fitted
from verify.points.compare import Outcome, decide
from verify.points.evaluation import Posed
from verify.points.exact_points import ExactPoint, Parameter
from verify.points.rules import SLACK

WHOLE = (1, 2, 3, 4, 5, 8, 12, 100, 10**4, 10**8)
WITH_ENTRIES = 12  # the most that a size may be over which a free index runs
ANY = (Fraction(1), *(Fraction(f"1e{power}") for power in (-30, -12, -3, 3, 12, 30)))
AT_MOST_ONE = (1, Fraction(1, 2), Fraction(1, 10**12))
TRIED = 1000


def free_alone(posed: Posed) -> bool:
    """Whether nothing but sizes and scalars takes part that are neither computed nor tied to anything."""
    return all(
        name in posed.setting.sizes or (name in posed.parameters and _free(posed.setting, name))
        for name in posed.letters
    )


def _free(setting: Setting, name: str) -> bool:
    return name not in setting.language.letters and not name.startswith(SLACK)


def always(posed: Posed) -> bool:
    """Whether rhs − lhs, in sizes and free scalars alone, is nonnegative for all of them, by the signs of its coefficients.

    A size is written as its least value + n; that of a dimension with parts as the sum of those of its parts + u, or + 1 + u where its
    last part must have an index. No coefficient may be negative in n, u, … ≥ 0 and in the scalars. False where that does not show it.
    """
    apart: dict[Scalars, Expr] = {}  # by what a term has of scalars that are no sizes
    for monomial, c in (posed.rhs - posed.lhs).terms.items():
        if monomial.factors:  # a Kronecker symbol
            return False
        scalars = tuple((name, power) for name, power in monomial.scalars if name not in posed.setting.sizes)
        if any(power < 0 and name not in posed.setting.language.positive for name, power in scalars):
            return False
        apart[scalars] = apart.get(scalars, Expr()) + Expr({monomial: c})
    return all(_nonnegative(part, posed) for part in apart.values())


def _nonnegative(part: Expr, posed: Posed) -> bool:
    every = posed.setting.sizes
    letters = {name: sp.Symbol(name, nonnegative=True) for name in every}
    low = {name: letters[name] + posed.domain.least.get(name, 1) for name in every}
    for name, dim in posed.setting.language.dimensions.items():
        if dim.parts:
            some = any(index.dim is dim.parts[-1] for index in posed.axes)
            low[name] = sum(low[part.name] for part in dim.parts[:-1]) + letters[name] + int(some)
    terms = [({n: Fraction(p) for n, p in m.scalars if n in every}, c) for m, c in part.terms.items()]
    if not every or any(power.denominator != 1 for powers, _ in terms for power in powers.values()):
        return all(c >= 0 for _, c in terms)
    down = {
        name: max(0, *(-powers.get(name, 0) for powers, _ in terms)) for name in every
    }  # what is under a fraction bar
    cleared = sum(
        sp.Rational(c.numerator, c.denominator)
        * sp.prod(low[n] ** int(powers.get(n, 0) + down[n]) for n in every)
        for powers, c in terms
    )
    return all(c >= 0 for c in sp.Poly(cleared, *letters.values()).coeffs())


@dataclass(frozen=True)
class Tried:
    """What came of a statement without arrays among its parameters: how many choices of sizes and scalars were tried, the largest
    lhs/rhs of those that do not break it, and a point that does, its sizes each as small as the others allow."""

    points: int
    closest: float
    above: tuple[ExactPoint, Outcome] | None = None


def without_arrays(posed: Posed) -> bool:
    """Whether sizes and numbers are all that a point of this statement consists of."""
    return not any(posed.setting.slots(name) for name in posed.parameters)


def tried(posed: Posed) -> Tried:
    """What comes of sizes and scalars of many orders of magnitude, up to the first that break the statement.

    Certification and search both ask; nothing is drawn, and a statement of the same content has the same answer.
    """
    known: dict[Hashable, Tried] = posed.setting.kept.setdefault("sizes alone", {})
    if posed.content not in known:
        known[posed.content] = _gone_through(posed)
    return known[posed.content]


def _gone_through(posed: Posed) -> Tried:
    found = Tried(0, 0.0)
    for chosen in _choices(posed):
        if not posed.allows(_sizes(posed, chosen)):
            continue
        point, outcome = _at(posed, chosen)
        if outcome.relation == "above":
            return Tried(found.points + 1, found.closest, _lowered(posed, chosen, point, outcome))
        found = Tried(found.points + 1, max(found.closest, outcome.ratio))
    return found


Chosen = dict[str, int | Fraction]


def _choices(posed: Posed) -> Iterator[Chosen]:
    """Every choice, the smallest sizes first; where they are too many, each name alone away from 1, and then so many at random."""
    entries = {
        size for index in posed.axes for dim in (index.dim.whole or index.dim).split for size, _ in dim.pieces
    }
    ranges: dict[str, tuple[int | Fraction, ...]] = {
        name: tuple(n for n in WHOLE if n <= WITH_ENTRIES or name not in entries) for name in posed.sizes
    }
    ranges |= {name: _numbers(posed, name) for name in posed.parameters}
    if prod(len(values) for values in ranges.values()) <= TRIED:
        tuples = sorted(product(*ranges.values()), key=lambda values: (sum(values), values))
        yield from (dict(zip(ranges, values, strict=True)) for values in tuples)
        return
    for name, values in ranges.items():
        yield from (
            dict.fromkeys(ranges, 1) | _whole(posed, name, value, ranges) | {name: value} for value in values
        )
    random = Random(0)
    for _ in range(TRIED):
        yield {name: random.choice(values) for name, values in ranges.items()}


def _numbers(posed: Posed, name: str) -> tuple[int | Fraction, ...]:
    """The numbers that are tried for a scalar, a slack or a letter without slots."""
    if name.startswith(SLACK):
        return AT_MOST_ONE
    if name not in posed.setting.language.letters or posed.free(name).domain == "positive":
        return ANY
    nonnegative = (*ANY, Fraction(0))
    return nonnegative if posed.free(name).domain == "nonnegative" else (*nonnegative, *(-x for x in ANY))


def _whole(posed: Posed, name: str, value: int | Fraction, ranges: Collection[str]) -> Chosen:
    """The size of the whole that a part of this size needs."""
    dim = posed.setting.language.dimensions.get(name)
    whole = None if dim is None else dim.whole
    return {} if whole is None or whole.name not in ranges else {whole.name: value}


def _sizes(posed: Posed, chosen: Chosen) -> dict[str, int]:
    """The sizes, those that do not matter as small as may be."""
    sizes = {name: int(chosen.get(name, 1)) for name in posed.setting.sizes}
    full = tuple(
        name for name, dim in posed.setting.language.dimensions.items() if dim.parts and name not in chosen
    )
    return fitted(posed.setting, sizes, full) if full else sizes


def _at(posed: Posed, chosen: Chosen) -> tuple[ExactPoint, Outcome]:
    def number(name: str) -> Parameter:
        value = Fraction(chosen[name])
        return np.array(value, dtype=object) if name in posed.setting.language.letters else value

    point = ExactPoint(posed.setting, _sizes(posed, chosen), number)
    return point, decide(posed, point)


def _lowered(posed: Posed, chosen: Chosen, point: ExactPoint, outcome: Outcome) -> tuple[ExactPoint, Outcome]:
    """One size after the other by bisection: it fails at the larger end all along."""
    for name in posed.sizes:
        low = 0
        while chosen[name] - low > 1:
            middle = (low + int(chosen[name])) // 2
            smaller = chosen | {name: middle}
            at = _at(posed, smaller) if posed.allows(_sizes(posed, smaller)) else None
            if at is not None and at[1].relation == "above":
                chosen, (point, outcome) = smaller, at
            else:
                low = middle
    return point, outcome


__all__ = ["Tried", "always", "free_alone", "tried", "without_arrays"]
