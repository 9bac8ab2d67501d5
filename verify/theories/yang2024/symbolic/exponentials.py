"""Sums of exponentials Σ_i c_i e^{a_i q} with distinct a_i have at most N − 1 real zeros: Rolle, N − 1 times."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symbolic.argument import Argument, Line
from symbolic.calculus import derivative
from symbolic.functions import Exp, Function, Is, Of
from symbolic.indexed import Expr, Index, number
from symbolic.proof import Proof
from symbolic.written import Operation, Written, plain
from verify.theories.yang2024.symbolic.letters import index, tensor

# The exponents a, the coefficients P_r, and e^{(a_i − a_s) q}; the exponent that step r + 1 takes away is a_s.
EXPONENT, COEFFICIENT, SHIFT = tensor("exponent", "N"), tensor("coefficient", "N"), tensor("shift", "")
POWER, GROWTH = tensor("power", "N N"), tensor("growth", "N N")
LETTERS = (EXPONENT, COEFFICIENT, SHIFT, POWER, GROWTH)
i, r, s = index("i", "N"), index("r", "N"), index("s", "N")


def power(one: Index, other: Index) -> Expr:
    """(a_i − a_s) q."""
    return (EXPONENT[one] - EXPONENT[other]) * SHIFT[()]


TABLE: Mapping[str, Function] = {
    **{letter.name: Of() for letter in (EXPONENT, COEFFICIENT, SHIFT)},
    POWER.name: Is((i, s), power(i, s)),
    GROWTH.name: Exp(POWER),
}


def slope() -> Written:
    """∂/∂q Σ_i P_i e^{(a_i − a_s) q}."""
    operand = (COEFFICIENT[i] * GROWTH[i, s]).sum(i)

    def chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
        return GROWTH[refs] * derivative(power(*refs), SHIFT, at)

    value = derivative(operand, SHIFT, (), {GROWTH: chain})
    operation = Operation(plain(operand), (s,), value, entry=(SHIFT, ()), table=TABLE)
    return Written(value, (operation.term({}),))


def at_most_one_less() -> Argument:
    """By induction on the step r, for every N at once.

    After r steps the sum is g_r(q) = Σ_{i > r} P_r(i) e^{(a_i − a_r) q} with P_r(i) = c_i Π_{l ≤ r} (a_i − a_l), a_0 = 0.
    """
    a, after, q = sp.symbols("a_i a_{r+1} q", real=True)
    gap = sp.Symbol("Delta", real=True, nonzero=True)
    kept = sp.Symbol("P_N", real=True, nonzero=True)
    term = COEFFICIENT[i] * (EXPONENT[i] - EXPONENT[s])
    return Argument(
        "Σ_{i ≤ N} c_i e^{a_i q} has at most N − 1 real zeros if the a_i are distinct and not all c_i vanish",
        (
            Line(
                "relabel so that c_N ≠ 0; g_0 = Σ_i c_i e^{a_i q}, P_0(i) = c_i, a_0 = 0", rule="definition"
            ),
            Line(
                "e^{−(a_{r+1} − a_r) q} g_r has the zeros of g_r, and the exponents a_i − a_{r+1}",
                same=(power(r, s) + power(i, r), power(i, s), Proof()),
                rule="exponents",
            ),
            Line(
                "its derivative has the coefficients P_{r+1}(i) = P_r(i) (a_i − a_{r+1})",
                same=(slope(), (term * GROWTH[i, s]).sum(i), Proof()),
            ),
            Line(
                "of which the one at i = r + 1 vanishes: one term less",
                same=(term.at({i: s}), number(0), Proof()),
            ),
            Line(
                "and the one at i = N does not, since a_N = a_{r+1} + Δ with Δ ≠ 0",
                nonzero=(kept * (a - after)).subs(a, after + gap),
            ),
            Line("g_r has at most one real zero more than g_{r+1}", rule="Rolle"),
            Line(
                "g_{N−1} = P_{N−1}(N) e^{(a_N − a_{N−1}) q} has none",
                nonzero=kept * sp.exp((a - after) * q),
            ),
            Line("so g_0 has at most N − 1", rule="induction"),
        ),
    )
