"""Scalars that an equation defines, such as √2 or σ = ζ_0γ²/K: how a certificate in them is closed.

`closed` subtracts the weights, replaces each defined scalar in what is left by its definition, and writes every
replacement down as a cofactor of the axiom. What it returns is checked like any other fact; it cannot prove too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from symbolic.bound import ONE, BoundError, Certificate, Fact, Root, Weight, by
from symbolic.canonical import Scalars
from symbolic.indexed import Expr, Index, number, scalar
from symbolic.proof import Axiom, Use
from verify.theories.yang2024.symbolic.definitions import axiom as definition


def defines(name: str, value: Expr, *, power: int = 1, says: str = "") -> Axiom:
    """scalar^power = value."""
    return Axiom(says or f"definition of {name}", scalar(name, power), value, ())


def power_of(scalars: Scalars, name: str) -> int:
    """The whole number of times that a monomial holds a scalar; BoundError for a broken power."""
    found = dict(scalars).get(name, 0)
    if found.denominator != 1:
        raise BoundError(f"{name} stands under a root")
    return found.numerator


def inverse(value: Expr) -> Expr:
    """1/value of a single monomial of scalars."""
    if len(value.terms) != 1:
        raise BoundError("the inverse of a sum is no monomial")
    ((monomial, coefficient),) = value.terms.items()
    if monomial.factors:
        raise BoundError("the inverse of a tensor entry is no monomial")
    result = number(1 / coefficient)
    for name, power in monomial.scalars:
        result = result * scalar(name, -power)
    return result


def clear(rest: Expr, axiom: Axiom) -> tuple[Use, ...]:
    """Cofactors of `scalar^n = value` that take every n-th power of the scalar out of `rest`, negative ones too."""
    ((head, _),) = axiom.lhs.terms.items()
    ((name, step),) = head.scalars
    if not isinstance(step, int) or step < 1:
        raise BoundError(f"{axiom.name}: the left side is no whole power of a scalar")
    letter, value = axiom.lhs, axiom.rhs
    cofactor = number(0)
    for monomial, coefficient in rest.terms.items():
        power = power_of(monomial.scalars, name)
        times = power // step if power >= 0 else -(-power // step)
        if times == 0:
            continue
        # u^n − v^n = (u − v) Σ u^{n−1−i} v^i, and 1/u − 1/v = −(u − v)/(uv)
        u, v, outer = (letter, value, ONE)
        if times < 0:
            u, v = scalar(name, -step), inverse(value)
            outer = -1 * u * v
        n = abs(times)
        chain = number(0)
        for i in range(n):
            chain = chain + u ** (n - 1 - i) * v**i
        lowered = Expr({monomial: coefficient}) * scalar(name, -step * times)
        cofactor = cofactor + lowered * outer * chain
    return (Use(axiom, cofactor, ()),) if cofactor else ()


def closed(
    name: str,
    positive: Expr,
    weights: Sequence[Weight] = (),
    *,
    given: Sequence[Axiom] = (),
    uses: Sequence[Use] = (),
    indices: tuple[Index, ...] = (),
) -> Fact:
    """`positive` ≥ 0 by these weights and uses; defined scalars are cleared in the order of `given`, √2 last."""
    rest = positive
    for weight in weights:
        rest = rest - weight.value()
    for use in uses:
        rest = rest - use.value()
    found = list(uses)
    for axiom in (*given, square_of_root2()):
        for cleared in clear(rest, axiom):
            found.append(cleared)
            rest = rest - cleared.value()
    return Fact(name, positive, indices, Certificate(tuple(weights), tuple(found)))


@cache
def square_of_root2() -> Axiom:
    return definition("root2")


ROOT2 = scalar("root2")


@cache
def root2_above_one() -> Fact:
    """√2 ≥ 1."""
    return by(Root(ONE, ROOT2, closed("√2² ≥ 1", ROOT2**2 - 1, (Weight(),))), "√2 ≥ 1")


@cache
def root2_below_two() -> Fact:
    """√2 ≤ 2."""
    return by(Root(ROOT2, number(2), closed("√2² ≤ 4", 4 - ROOT2**2, (Weight(number(2)),))), "√2 ≤ 2")
