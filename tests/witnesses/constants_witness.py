"""The constants (15), (17), (18), (44), and what bounds the gradients in (59), (61)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from brute_force_witness import Parameters
from matrices_witness import (
    REAL,
    Number,
    exact,
    real,
    spectral_norm,
    sqrt,
    times,
    transposed,
    zeros,
)

# The constants (15), (17), (44), (61)


@dataclass(frozen=True)
class Constants:
    """What (15)–(18), (44) and (61) are made of, as numbers: any may be replaced."""

    N: int
    K: int
    m: int
    H: int
    tau: Number
    zeta: Number
    norm_Zbar: Number
    f_max: Number
    norm_ZtZhat: Number
    norm_A: Number
    gap: Number  # Δ^(0)

    @classmethod
    def at(cls, start: Parameters) -> Constants:
        """At θ^(0) with w = 0; the infimum is that over all weights, which some θ attains where ζ_0 > 0."""
        here = start.setting
        nothing = zeros(here.N, here.K)
        return cls(
            here.N, here.K, here.m, start.H, here.tau, start.zeta, spectral_norm(here.Zbar), here.f_max,
            spectral_norm(times(transposed(here.Z), here.features)), spectral_norm(here.best),
            here.loss(nothing) - here.loss(here.best),
        )  # fmt: skip

    @property
    def least_gamma(self) -> Number:
        """The right side of (15)."""
        inside = (
            128
            * sqrt(Fraction(2))
            / (sqrt(Fraction(2)) - 1)
            * real(self.norm_Zbar) ** 2
            * sqrt(Fraction(self.H))
        )
        inside = inside * real(self.f_max) * REAL.mpf(self.K) ** REAL.mpf("1.5") * real(self.gap)
        return real(self.zeta) ** REAL.mpf("-1.25") * REAL.sqrt(inside)

    def square_17(self, gamma: Number) -> Number:
        """L² of (17)."""
        Zbar, zeta, gap, gamma = (real(x) for x in (self.norm_Zbar, self.zeta, self.gap, gamma))
        N, K, H = self.N, self.K, self.H
        bracket = 8 * sqrt(Fraction(2)) * H * REAL.sqrt(K) * Zbar**2 / zeta * REAL.sqrt(gap)
        bracket += 1 + real(self.norm_ZtZhat) / (self.m * real(self.tau))
        first = bracket**2 * Zbar**4 * (8 * gamma**2 / K + 4096 * K**2 * N * gap / (gamma * zeta**2))
        second = gamma**4 / K**2 + 16384 * K**3 * Zbar**2 * gap**2 / (gamma * zeta**4)
        return first + 2 * H**2 * Zbar**4 * second

    def alpha(self, gamma: Number) -> Number:
        """(44)."""
        return (
            REAL.sqrt(2 * self.K)
            * 4
            * real(self.norm_Zbar)
            / (real(gamma) * real(self.zeta))
            * REAL.sqrt(real(self.gap))
        )

    def factor(self) -> Number:
        """1 − η_wζ_0/(2K) of (18) with (15) and (16) at equality."""
        gamma = self.least_gamma
        step = gamma**2 / REAL.sqrt(self.square_17(gamma))
        return 1 - step * real(self.zeta) / (2 * self.K)


def square_61(
    sizes: Mapping[str, int], gamma: Number, alpha: Number, Zbar: Number, f_max: Number, A: Number
) -> Number:
    """L² of (61)."""
    K, H = sizes["K"], sizes["H"]
    first = (2 * gamma * Zbar**2 * (2 * gamma * H * alpha + A)) ** 2 / K + gamma**4 * H**2 * Zbar**4 / K**2
    return 2 * first + joint_59(sizes, gamma, alpha, Zbar, f_max, A)


def joint_59(
    sizes: Mapping[str, int], gamma: Number, alpha: Number, Zbar: Number, f_max: Number, A: Number
) -> Number:
    """What stands before ‖ξ′ − ξ‖² at the end of (59)."""
    N, K, H = sizes["N"], sizes["K"], sizes["H"]
    bracket = (alpha * gamma * H) ** 2 + 4 * N * (alpha * gamma * H + A) ** 2
    return 8 * gamma * f_max * Zbar * max(Fraction(1), 4 * K * alpha**2, key=exact) * bracket


def brackets_59(
    sizes: Mapping[str, int], gamma: Number, alpha: Number, A: Number, moved_Q: Number, moved_alpha: Number
) -> Number:
    """The braces of (59), for the squared distances of the Q_h and of the α_h."""
    N, K, H = sizes["N"], sizes["K"], sizes["H"]
    slope, bound = (alpha * gamma * H) ** 2, (alpha * gamma * H + A) ** 2
    return (2 * K * alpha) ** 2 * (slope + 4 * N * bound) * moved_Q + K * (slope + bound) * moved_alpha
