"""What a careless reader takes for another in this paper, for the false variants of its statements.

One point for the other, a matrix for its root or its inverse, δ for one of its two parts, entries for their bound.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symbolic.setting import Swaps
from verify.theories.yang2024.symbolic.letters import PRIMED, K, N, m, tau

# Both directions are tried.
LETTERS = (
    *(f"{one.name} {other.name}" for one, other in PRIMED.items()), "alpha w", "s e", "Zbar Minv",
    "Ginv Gtau", "del A", "del Ahat", "del zd", "A Ahat", "zd cz", "y xik", "b s", "b2 s2", "del2 zd2", "zd2 cz2", "V Z", "pd pa", "pa ps",
)  # fmt: skip
SCALARS = (
    "nZbar fmax", "nZ nZZ", "nZbar nA", "nA nZ", "nZZ nA", "zeta sigma", "gap gapn", "nDQ nDA", "Lip sigma",
    "nD nA", "ny nZ",
)  # fmt: skip


def _both(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, other in (pair.split() for pair in pairs):
        found[one] = (*found.get(one, ()), other)
        found[other] = (*found.get(other, ()), one)
    return found


SWAPS = Swaps(
    sizes={"N": ("K", "m"), "K": ("N", "H"), "m": ("N", "d"), "d": ("m",), "H": ("K", "N")},
    letters=_both(LETTERS),
    scalars=_both(SCALARS),
    scales=(sp.Integer(2), sp.Rational(1, 2), tau, 1 / K, N),
    not_zero=(sp.Integer(1), 1 / K, tau, -tau / K, m * tau),
)
