"""What the kernel replays for W1: how S = (KL/γ²)² moves with K and with H at γ of (15), and what it stays above for every γ.

S is a sum of positive monomials in scalars, in which X = u + b is the bracket of (17). With γ = K^p H^q/c and u = v K^r H^s its slope in
a size is computed; what may be negative in that is a sum of monomials times e u − f b.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from symbolic.bound import Certificate, Fact, Weight
from symbolic.calculus import derivative_in_scalar
from symbolic.functions import Of
from symbolic.indexed import Expr, number, scalar, total
from symbolic.written import Operation, Term, Written, plain
from verify.theories.yang2024.checks.clauses import Equality
from verify.theories.yang2024.checks.speed import elasticity
from verify.theories.yang2024.claims.rates import GAMMA, H, K, Zbar, gamma, zeta0

X, c, v, u, b, w = sp.symbols("X c v u b w", positive=True)
NAMES = {zeta0: "zeta", Zbar: "nZbar"}  # where those of the kernel are others
# Of these scalars, those that a derivative is not taken in are held.
HELD = {name: Of() for name in ("N", "K", "H", "gamma", "zeta", "nZbar", "Delta0", "tau", "X", "b", "c", "v")}


def in_kernel(expr: sp.Expr) -> Expr:
    """A sum of rational multiples of rational powers of scalars, in the kernel."""
    return total(_monomial(part) for part in sp.Add.make_args(sp.expand(expr)))


def _monomial(part: sp.Expr) -> Expr:
    coefficient, rest = part.as_independent(*part.free_symbols, as_Add=False)
    result = number(Fraction(int(coefficient.p), int(coefficient.q)))
    for symbol, power in (rest.as_powers_dict() if rest != 1 else {}).items():
        name = NAMES.get(symbol, symbol.name)
        result = result * scalar(name, Fraction(int(power.p), int(power.q)))
    return result


def slope(S: Expr, size: str) -> Written:
    """size · ∂S/∂size, all other scalars held."""
    value = derivative_in_scalar(S, size)
    table = {name: HELD[name] for name in S.names[1] if name != size}
    operation = Operation(plain(S), (), value, entry=size, table=table)
    term = Term(Fraction(1), ((size, 1),), ((operation, ()),))
    return Written(scalar(size) * value, (term,))


def rises(S: sp.Expr, moving: sp.Expr, letter: sp.Symbol, ratio: Fraction) -> Iterator[Equality | Fact]:
    """That S rises with the letter from u/b = ratio on: letter · ∂S/∂letter is at least a sum of monomials times e u − f b, and that is
    nonnegative for u = ratio · b + w with w ≥ 0. `moving` is u as printed."""
    sizes = (K, H)
    bracket = v * sp.prod(size ** elasticity(moving, size) for size in sizes)
    rate = sp.prod(size ** elasticity(GAMMA, size) for size in sizes) / c
    written = slope(in_kernel(S.subs({X: bracket + b, gamma: rate})), letter.name)
    yield Equality(f"{letter} ∂S/∂{letter}", written, written.value)
    least = total_of_falling(S, moving, letter).subs(gamma, rate)
    above = written.value - in_kernel(least.subs(u, bracket))
    yield Fact(
        f"{letter} ∂S/∂{letter} less its terms that may be negative", above, (), Certificate((Weight(above),))
    )
    there = in_kernel(least.subs(u, sp.Rational(ratio) * b + w))
    yield Fact(f"those terms for u = {ratio} b + w", there, (), Certificate((Weight(there),)))


def total_of_falling(S: sp.Expr, moving: sp.Expr, letter: sp.Symbol) -> sp.Expr:
    """letter · ∂/∂letter of the terms of S whose other factors fall with the letter: M X^n rises by M X^(n−1) (e X + n r u)."""
    own, scale = elasticity(moving, letter), elasticity(GAMMA, letter)
    found = sp.Integer(0)
    for part in sp.Add.make_args(sp.expand(S)):
        n = sp.degree(part, X) if part.has(X) else 0
        rest = part / X**n
        e = elasticity(rest, letter) + (elasticity(rest, gamma) if rest.has(gamma) else 0) * scale
        if e < 0:
            found += rest * (u + b) ** (n - 1) * (sp.Rational(e) * (u + b) + n * sp.Rational(own) * u)
    return found


def without_rate(S: sp.Expr, rest: sp.Expr) -> Fact:
    """S ≥ its terms without γ, for every γ."""
    above = in_kernel(S - rest)
    return Fact("(KL/γ²)² less its terms without γ", above, (), Certificate((Weight(above),)))
