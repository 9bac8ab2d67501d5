"""The bounds that fail as printed: (48), (59), Lemma 10, (61) against (17), the tails (67), (68)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import matrices_witness as la
import mpmath
from brute_force_witness import Parameters
from constants_witness import Constants, brackets_59, joint_59, square_61
from judge_witness import Case, Sides, ones, start
from matrices_witness import Number
from printed_witness import Printed

IV = mpmath.ctx_iv.MPIntervalContext()
IV.dps = 50

# (48): ‖xᵀB_k‖ ≥ √(ζ_0/2)


def sides_48(at: Printed) -> Sides:
    model = start(at)
    images = [la.times([at["x"]], model.B(k))[0] for k in range(at.sizes["K"])]
    left = min((la.sqrt(la.squared_norm([image])) for image in images), key=la.exact)
    return left, la.sqrt(model.zeta / 2)


def rank_of_start(at: Printed) -> Iterator[str]:
    """A2 at the start."""
    if not la.exact(start(at).zeta) > 0:
        yield "a B_k without full row rank"


# (59), (60), (61)


@dataclass(frozen=True)
class Pair:
    """Two points ξ, ξ′ and the constants of (59), (61) at them: α is the largest |α_{h,k}| of both, over its slack."""

    one: Parameters
    other: Parameters

    @classmethod
    def of(cls, at: Printed) -> Pair:
        return cls(start(at, "alpha", "Q"), start(at, "alpha2", "Q2"))

    @property
    def alpha(self) -> Number:
        return max(abs(x) for matrix in (self.one.alpha, self.other.alpha) for row in matrix for x in row)

    @property
    def moved_Q(self) -> Number:
        pairs = zip(self.one.Q, self.other.Q, strict=True)
        return sum((la.squared_norm(la.plus(Q, Q2, -1)) for Q, Q2 in pairs), Fraction(0))

    @property
    def moved_alpha(self) -> Number:
        return la.squared_norm(la.plus(self.one.alpha, self.other.alpha, -1))

    def gradient_Q_moves(self) -> Number:
        pairs = zip(self.one.gradient_Q(), self.other.gradient_Q(), strict=True)
        return sum((la.squared_norm(la.plus(g, g2, -1)) for g, g2 in pairs), Fraction(0))

    def gradient_alpha_moves(self) -> Number:
        return la.squared_norm(la.plus(self.one.gradient_alpha(), self.other.gradient_alpha(), -1))

    def constants(self) -> tuple[Mapping[str, int], Number, Number, Number, Number, Number]:
        here = self.one.setting
        sizes = {"N": here.N, "K": here.K, "H": self.one.H}
        return (
            sizes,
            self.one.gamma,
            self.alpha,
            la.spectral_norm(here.Zbar),
            here.f_max,
            la.spectral_norm(here.A),
        )


def sides_59(at: Printed) -> Sides:
    pair = Pair.of(at)
    sizes, gamma, alpha, Zbar, f_max, A = pair.constants()
    inside = brackets_59(sizes, gamma, alpha, A, pair.moved_Q, pair.moved_alpha)
    return pair.gradient_Q_moves(), 8 * (gamma * f_max * Zbar / sizes["K"]) * inside


def sides_59_joint(at: Printed) -> Sides:
    pair = Pair.of(at)
    return pair.gradient_Q_moves(), joint_59(*pair.constants()) * (pair.moved_Q + pair.moved_alpha)


def sides_60(at: Printed) -> Sides:
    pair = Pair.of(at)
    left = pair.gradient_Q_moves() + pair.gradient_alpha_moves()
    right = square_61(*pair.constants()) * (pair.moved_Q + pair.moved_alpha)
    return la.sqrt(left), la.sqrt(right)


# (61) against (17): L of Lemma 10 at α of (44) is at most the L of the learning rates


def sides_61_17(at: Printed) -> Sides:
    model = start(at)
    found, gamma = Constants.at(model), la.real(at["gamma"])
    sizes = {"N": found.N, "K": found.K, "H": found.H}
    norms = (la.real(x) for x in (found.norm_Zbar, found.f_max, found.norm_A))
    return square_61(sizes, gamma, found.alpha(gamma), *norms), found.square_17(gamma)


def rates_within_15(at: Printed) -> Iterator[str]:
    yield from rank_of_start(at)
    if any(x != 0 for row in at["w"] for x in row):
        yield "w^(0) is not 0"
    if not la.real(at["gamma"]) >= Constants.at(start(at)).least_gamma:
        yield "γ is below (15)"


# (67), (68): y_i − λᵀz_i = λᵀε_i


def probability(at: Printed, s: Number) -> Number:
    """P(‖y − Zᵀλ‖² − Nτ‖λ‖² ≥ 2√N‖λ‖²τ√s + 2‖λ‖²τs)."""
    N, length = at.sizes["N"], sum((x * x for x in at["lam"]), Fraction(0))
    noise: la.Polynomial = {(("epsilon", a, i),): x for i in range(N) for a, x in enumerate(at["lam"])}
    if not any(noise.values()):  # then the left side of the event is 0, and so is the right one
        left = la.mean(la.multiplied(noise, noise), lambda variable: at["tau"]) - N * at["tau"] * length
        return Fraction(int(left >= 2 * length * at["tau"]))
    x = N + 2 * la.REAL.sqrt(N * la.real(s)) + 2 * la.real(s)
    return la.REAL.gammainc(la.REAL.mpf(N) / 2, x / 2, regularized=True)


def sides_67(at: Printed) -> Sides:
    return probability(at, at["s"]), IV.exp(-IV.mpf(at["s"].numerator) / at["s"].denominator)


def sides_68(at: Printed) -> Sides:
    return probability(at, -la.REAL.log(la.real(at["delta"]))), at["delta"]


def level(at: Printed) -> Iterator[str]:
    if "s" in at.letters and not at["s"] >= 0:
        yield f"s = {at['s']}"
    if "delta" in at.letters and not 0 < at["delta"] < 1:
        yield f"δ = {at['delta']}"


TWO_POINTS = {
    "V": "dK",
    "Z": "mK",
    "Q": "Hdd",
    "Q2": "Hdd",
    "alpha": "HK",
    "alpha2": "HK",
    "tau": "",
    "gamma": "",
}
ONE_POSITION = {"Q(1, 1, 1)": "with one position in the prompt its softmax is 1"}
NO_TASK = dict.fromkeys(("tau", "N"), "λ = 0 takes it away")

CASES: Mapping[str, Case] = {
    "eq-48-rank": Case(
        {"Z": "mK", "tau": "", "x": "K", "V": "dK", "Q": "Hdd"}, sides_48, ">=", rank_of_start, idle=ONE_POSITION,
        expression=lambda size: la.times(la.transposed(ones(size["K"], 1)), ones(size["N"], size["H"])),
    ),
    "eq-59": Case(TWO_POINTS, sides_59, "<="),
    "eq-59-joint": Case(TWO_POINTS, sides_59_joint, "<="),
    "lemma-10": Case(TWO_POINTS, sides_60, "<="),
    "eq-61-17": Case(
        {"V": "dK", "Z": "mK", "tau": "", "Q": "Hdd", "w": "HK", "gamma": ""}, sides_61_17, "<=", rates_within_15, idle=ONE_POSITION
    ),
    "eq-67": Case({"lam": "m", "tau": "", "s": ""}, sides_67, "<=", level, idle=NO_TASK),
    "eq-68": Case({"lam": "m", "tau": "", "delta": ""}, sides_68, "<=", level, idle=NO_TASK),
}  # fmt: skip
