"""Sums of exponentials Σ_i c_i e^{a_i q} with distinct a_i have at most N − 1 real zeros: Rolle, N − 1 times."""

from __future__ import annotations

import sympy as sp

from symbolic.argument import Argument, Line


def at_most_one_less() -> Argument:
    """By induction on the step r, for every N at once: a generic term i is followed.

    After r steps the sum is g_r(q) = Σ_{i > r} P_r(i) e^{(a_i − a_r) q} with P_r(i) = c_i Π_{l ≤ r} (a_i − a_l), a_0 = 0.
    """
    a, here, after, q, coefficient = sp.symbols("a_i a_r a_{r+1} q P", real=True)
    gap = sp.Symbol("Delta", real=True, nonzero=True)
    kept = sp.Symbol("P_N", real=True, nonzero=True)
    term = coefficient * sp.exp((a - here) * q)
    shifted = coefficient * sp.exp((a - after) * q)
    slope = coefficient * (a - after)
    return Argument(
        "Σ_{i ≤ N} c_i e^{a_i q} has at most N − 1 real zeros if the a_i are distinct and not all c_i vanish",
        (
            Line(
                "relabel so that c_N ≠ 0; g_0 = Σ_i c_i e^{a_i q}, P_0(i) = c_i, a_0 = 0", rule="definition"
            ),
            Line(
                "e^{−(a_{r+1} − a_r) q} g_r has the zeros of g_r, and the exponents a_i − a_{r+1}",
                zero=sp.powsimp(term * sp.exp(-(after - here) * q)) - shifted,
            ),
            Line(
                "its derivative has the coefficients P_{r+1}(i) = P_r(i) (a_i − a_{r+1})",
                zero=sp.diff(shifted, q) - slope * sp.exp((a - after) * q),
            ),
            Line("of which the one at i = r + 1 vanishes: one term less", zero=slope.subs(a, after)),
            Line(
                "and the one at i = N does not, since a_N = a_{r+1} + Δ with Δ ≠ 0",
                nonzero=slope.subs({coefficient: kept, a: after + gap}),
            ),
            Line("g_r has at most one real zero more than g_{r+1}", rule="Rolle"),
            Line(
                "g_{N−1} = P_{N−1}(N) e^{(a_N − a_{N−1}) q} has none",
                nonzero=kept * sp.exp((a - after) * q),
            ),
            Line("so g_0 has at most N − 1", rule="induction"),
        ),
    )
