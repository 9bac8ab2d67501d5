"""Tails of χ² laws in balls, at the precision in force."""

from __future__ import annotations

from flint import arb

from numeric import balls

TERMS = 100_000  # of the series of `noncentral_tail`; more than that is nobody's question here


def tail(N: int, x: arb) -> arb:
    """P(χ²_N ≥ x) = Γ(N/2, x/2)/Γ(N/2), x > 0."""
    return (x / 2).gamma_upper(arb(N) / 2, regularized=1)


def noncentral_tail(N: int, centre: arb, x: arb) -> arb:
    """P(‖μ + ξ‖² ≥ x) for ξ ~ N(0, I_N) and ‖μ‖² = centre, x > 0: a Poisson(centre/2) mixture of χ²_{N+2j}.

    Terms are added until what is left is below 2^-ACCURACY of them. Raises Undecided where that takes too long.
    """
    half, mean = x / 2, centre / 2
    order = arb(N) / 2
    weight = (-mean).exp()
    term = half**order * (-half).exp() / (order + 1).gamma()  # Q(order + 1) − Q(order)
    inside = tail(N, x)
    total = weight * inside
    for j in range(1, TERMS):
        # The weights that are left are below a geometric series once j exceeds the mean, and no Q is above 1.
        ratio = mean / j
        if ratio < 0.5:
            left = weight * ratio / (1 - ratio)
            if left < total.lower() * arb(2) ** (-balls.ACCURACY):
                return total + arb(0).union(left.upper())
        inside += term
        term *= half / (order + j)
        weight *= ratio
        total += weight * inside
    raise balls.Undecided(f"more than {TERMS} terms of a noncentral χ² tail")
