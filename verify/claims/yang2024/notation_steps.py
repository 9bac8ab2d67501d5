"""SymPy shorthands of the steps of the induction and of Theorem 2; what their readings have in common."""

from __future__ import annotations

import sympy as sp

from symbolic import letters as let
from verify.claims.yang2024.notation import K, gamma

root2, zeta, eta, sigma, abar, Lip, Delta0 = (
    let.scalar_symbol(name) for name in ("root2", "zeta", "eta", "sigma", "abar", "Lip", "Delta0")
)
ratio, power, partial, fall = (let.scalar_symbol(name) for name in ("rr", "rrt", "geo", "fall"))
gap, gap_next, slope = (let.scalar_symbol(name) for name in ("gap", "gapn", "ng"))
norm_Zbar, f_max, norm_A, norm_ZZ, norm_DQ = (
    let.scalar_symbol(name) for name in ("nZbar", "fmax", "nA", "nZZ", "nDQ")
)
nah, nah2, lmin, lmin2, dQ = (let.base(x) for x in (let.NAH, let.NAH2, let.LMIN, let.LMIN2, let.DQ))

# (44)
SIGMA = zeta * gamma**2 / K
ALPHA = root2 * sp.sqrt(K) * 4 * norm_Zbar / (gamma * zeta) * sp.sqrt(Delta0)

READING_START = "ξ = ξ^(t), ξ′ = ξ^(0)."
READING_STEP = "ξ = ξ^(t−1), ξ′ = ξ^(t)."
READING_LEAST = "𝓛* is the repaired one of Lemma 5, which is inf 𝓛; with the printed one, too small by (K−N)mτ/(2K), it is false."
INDUCTION = ("A0", "A1", "A2", "w-zero")
