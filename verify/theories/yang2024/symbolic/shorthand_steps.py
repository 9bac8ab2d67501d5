"""SymPy shorthands of the steps of the induction and of Theorem 2; what their readings have in common."""

from __future__ import annotations

import sympy as sp

from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.shorthand import K, gamma

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
READING_LEAST = (
    "𝓛* is the repaired one of Lemma 5, the minimum of (9) over Â, which under A2 is inf_θ 𝓛; with the printed one, too small by "
    "(K−N)mτ/(2K), it is false."
)
INDUCTION = ("A0", "A1", "A2", "w-zero")

# What the proofs take that is not so at every point: conditions, and equations for letters that no point has.
RATIO = ("r² = 1 − η_Qσ/2", "(1 − r) Σ_{i<t} r^i = 1 − r^t")
BEFORE = ("(43a) at every step before", "(43c) at every step before")
AT_ALPHA = ("(44): α = √(2K)(4‖Z̄‖₂/(γζ_0))√Δ^(0)",)
GRADIENT = ("‖∇ℓ‖² over all parameters",)
DESCENT = ("(41), α", "(41), Q", *GRADIENT)
ONE_STEP = (*DESCENT, "(63)")
LOSS_36 = ("(36): ℓ − 𝓛*",)
FROM_START = (
    "w^(0) = 0", "(14)", "(15)", "(16): η_Q ≤ 1/L", "(11): Δ^(0) is ℓ − 𝓛* at the start", *AT_ALPHA, *RATIO, *DESCENT, *LOSS_36,
    "L is at least that of the repaired (61)",
)  # fmt: skip
