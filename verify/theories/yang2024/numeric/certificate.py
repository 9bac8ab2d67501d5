"""Every step of gradient descent (10), enclosed without taking it: a certificate from θ^(0) and the rates alone.

`closing.py` finds the path G of Q, and from it D_k, W_k, ε_k; the letters are those of `closing.py`. What follows for each step:

1. Tokens are coupled through Q. Componentwise ρ_k(t) = ‖r_k(t)‖ has ρ(t+1) ≤ (Diag(α_k) + (η_Q/K)uuᵀ)ρ(t) with
   α_k = 1 − c_k(1 − ε_k), u_k = μ_kW_k. So ‖ρ(t+1)‖ ≤ (1 − x)‖ρ(t)‖ for x = min_k c_k(1 − ε_k) − (η_Q/K)‖u‖², which is (18) for every t
   as soon as (1 − x)² ≤ 1 − η_wζ_0/(2K).
2. Step by step. Let β ≥ 1 − min_k c_k(1 − ε_k) + 2(η_Q/K)‖u‖² and σ = 2(η_Q/K)Σ_ku_kρ_k(0). Then (η_Q/K) Σ_k u_kρ_k(t) ≤ σβ^t,
   since (η_Q/K) Σ_k u_k²/(β − α_k) ≤ ½; and with ϱ_i the parts of r_k(0) along the eigenvectors of S_k, m_i those of M_k,

       ‖r_k(t) − M_k^t r_k(0)‖ ≤ c_kε_k Σ_i |ϱ_i| (α_k^t − m_i^t)/(α_k − m_i) + σu_k (β^t − α_k^t)/(β − α_k).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

from flint import arb, arb_mat

from numeric import balls
from verify.theories.yang2024.numeric.closing import Refusal, TokenBounds, least_path, token_bounds
from verify.theories.yang2024.numeric.constants import Constants, Rates
from verify.theories.yang2024.numeric.still import Still

APART = arb(2) ** -30  # of 1 − β from the least 1 − α_k
RESOLUTION = 40  # bits of a first hitting time
LEAST_EXPONENT = 2**60  # of a power that is more than an upper end


@dataclass(frozen=True)
class At:
    """θ^(t) of exact descent: gap 𝓛 − inf 𝓛 (11), ‖Â − A‖₂ (70), the greatest ‖α_h‖ (43a), and how far Q has moved at most."""

    t: int
    gap: arb
    distance: arb
    alpha: arb
    movement: arb


@dataclass(frozen=True)
class Bound:
    """Whether each step is certain to lower the gap by what (18) asks for, or more, and the smallest margin of (18) over t ≥ 1."""

    holds: bool
    margin: arb
    at: int = 1


@dataclass(frozen=True)
class Induction:
    """(43a) and (43b) for every t: both sides, the first with its left side bounded over all t and heads."""

    alpha: arb
    alpha_allowed: arb
    root: arb
    root_allowed: arb

    @property
    def alpha_holds(self) -> bool:
        return bool(self.alpha <= self.alpha_allowed)

    @property
    def root_holds(self) -> bool:
        return bool(self.root >= self.root_allowed)


@dataclass(frozen=True)
class Certificate:
    """What holds at every step of (10) from θ^(0) at these rates; see the module.

    path      G ≥ Σ_t ‖Q(t+1) − Q(t)‖_F, the Frobenius norm over all heads
    bounds    D_k, W_k, ε_k and c_kR_k of each token
    """

    still: Still
    constants: Constants
    rates: Rates
    path: arb
    bounds: Sequence[TokenBounds]

    @property
    def bits(self) -> int:
        """The precision it took."""
        return self.still.bits

    @cached_property
    def speeds(self) -> list[arb]:
        """c_k."""
        with balls.precision(self.bits):
            return [self.rates.eta_w * token.least / self.still.exact.K for token in self.still.tokens]

    @cached_property
    def kept(self) -> list[arb]:
        """c_k(1 − ε_k) = 1 − α_k."""
        with balls.precision(self.bits):
            return [c * (1 - own.share) for c, own in zip(self.speeds, self.bounds, strict=True)]

    @cached_property
    def pulls(self) -> list[arb]:
        """u_k."""
        with balls.precision(self.bits):
            pairs = zip(self.still.tokens, self.bounds, strict=True)
            return [(token.speed * own.W).upper() for token, own in pairs]

    @cached_property
    def coupling(self) -> arb:
        """(η_Q/K)‖u‖²."""
        with balls.precision(self.bits):
            squares = sum((x * x for x in self.pulls), arb(0))
            return (self.rates.eta_Q * squares / self.still.exact.K).upper()

    @cached_property
    def sigma(self) -> arb:
        """σ."""
        with balls.precision(self.bits):
            start = sum(
                (x * token.length for x, token in zip(self.pulls, self.still.tokens, strict=True)), arb(0)
            )
            return (2 * self.rates.eta_Q * start / self.still.exact.K).upper()

    @cached_property
    def slowest(self) -> arb:
        """min_k c_k(1 − ε_k)."""
        with balls.precision(self.bits):
            return min((x.lower() for x in self.kept), key=lambda x: x)

    @cached_property
    def slow(self) -> arb:
        """1 − β, apart from every c_k(1 − ε_k) by more than rounding."""
        with balls.precision(self.bits):
            return (self.slowest * (1 - APART) - 2 * self.coupling).lower()

    @property
    def contraction(self) -> arb:
        """x: the root of the gap falls by a factor of at most 1 − x at each step."""
        with balls.precision(self.bits):
            return (self.slowest - self.coupling).lower()

    @property
    def fallen(self) -> arb:
        """1 − (1 − x)²: of the gap at each step, at least."""
        with balls.precision(self.bits):
            return self.contraction * (2 - self.contraction)

    @property
    def rate(self) -> arb:
        """η_wζ_0/(2K), by which (18) has the gap fall."""
        with balls.precision(self.bits):
            return self.rates.eta_w * self.constants.zeta0 / (2 * self.still.exact.K)

    def bound_holds(self) -> Bound:
        """(18) for every t. The ratio of both sides grows with t, so that its smallest value over t ≥ 1 is at t = 1."""
        with balls.precision(self.bits):
            left, right = self.gap(1), self.still.gap0 * (1 - self.rate)
            return Bound(bool(self.fallen >= self.rate), (right - left) / (right + left))

    def induction_holds(self) -> Induction:
        """(43a), from ‖w_h‖ ≤ (Σ_k W_k²)^½, and (43b), from σ_N(B_k) ≥ √(λ_k − off_k) − D_k; (43c) is `bound_holds`."""
        with balls.precision(self.bits):
            gamma = (arb(self.rates.eta_w) / self.rates.eta_Q).sqrt()
            alpha = sum((own.W**2 for own in self.bounds), arb(0)).sqrt() / gamma
            roots = (
                (token.least * (1 - token.missed)).sqrt() - own.D
                for token, own in zip(self.still.tokens, self.bounds, strict=True)
            )
            root = min((x.lower() for x in roots), key=lambda x: x)
            return Induction(alpha, self.constants.alpha(gamma), root, (self.constants.zeta0 / 2).sqrt())

    def _parts(self, t: int) -> list[tuple[list[arb], arb]]:
        """Yᵀ M_k^t r_k(0) for each token, and by how much r_k(t) may be off from M_k^t r_k(0) (step 2)."""
        beta_t, found = power(self.slow, t), []
        for k, (token, own) in enumerate(zip(self.still.tokens, self.bounds, strict=True)):
            kept = self.kept[k]
            alpha_t, moved, parts = power(kept, t), arb(0), []
            for value, part in zip(token.near.values, token.parts, strict=True):
                falls = self.rates.eta_w * value / self.still.exact.K
                m_t = power(falls, t)
                parts.append(m_t * part)
                moved += abs(part) * above(alpha_t - m_t) / (falls - kept)
            coupled = self.sigma * self.pulls[k] * above(beta_t - alpha_t) / (kept - self.slow)
            found.append((parts, (self.speeds[k] * own.share * moved + coupled).upper()))
        return found

    def gap(self, t: int) -> arb:
        """𝓛(θ^(t)) − inf 𝓛, enclosed."""
        with balls.precision(self.bits):
            lengths = [within(norm(parts), off) for parts, off in self._parts(t)]
            low = sum((x.lower().max(arb(0)) ** 2 for x in lengths), arb(0))
            high = sum((x.upper() ** 2 for x in lengths), arb(0))
            return low.union(high) / (2 * self.still.exact.K)

    def at(self, t: int) -> At:
        """θ^(t), enclosed; t may be any number of steps."""
        with balls.precision(self.bits):
            found = self._parts(t)
            scale = norm([part for parts, _ in found for part in parts]).upper()  # exponents of order one
            columns = []
            for token, (parts, _) in zip(self.still.tokens, found, strict=True):
                scaled = [part / scale for part in parts]
                columns.append(token.turned(scaled, norm(scaled)))
            offset = self.still.root.transpose().solve(arb_mat(columns).transpose())
            off = norm([off for _, off in found]) / self.still.least.sqrt()
            gamma = (arb(self.rates.eta_w) / self.rates.eta_Q).sqrt()
            return At(
                t, self.gap(t), within(scale * extent(offset), off), self._weights(found) / gamma,
                self.path if t else arb(0),
            )  # fmt: skip

    def _weights(self, found: Sequence[tuple[list[arb], arb]]) -> arb:
        """The greatest ‖w_h‖: with attention still w_k = w_k(0) − B_kᵀS_k⁻¹(I − M_k^t)r_k(0), and off by W_k − ŵ_k at most."""
        still, start = self.still, balls.exact(self.still.exact.instance.w0)
        squares = [arb(0)] * still.exact.H
        for k, (token, (parts, _)) in enumerate(zip(still.tokens, found, strict=True)):
            gone = [
                (x - y) / value for x, y, value in zip(token.parts, parts, token.near.values, strict=True)
            ]
            moved = token.B.transpose() * arb_mat([[x] for x in token.turned(gone, norm(gone))])
            squares = [square + (start[h, k] - moved[h, 0]) ** 2 for h, square in enumerate(squares)]
        heads = [root(square) for square in squares]
        off = norm([own.W - token.w for token, own in zip(still.tokens, self.bounds, strict=True)])
        return within(reduce(arb.max, heads), off)

    def first(self, epsilon: float | arb) -> tuple[int, int]:
        """The least t with 𝓛(θ^(t)) − inf 𝓛 ≤ ε lies between these two numbers, ends included. The gap falls at every step."""
        with balls.precision(self.bits):
            epsilon = arb(epsilon)
            if self.gap(0) <= epsilon:
                return 0, 0
            steps = (epsilon / self.still.gap0).log() / (2 * (-self.contraction).log1p())
            most = balls.ceiling(steps)
            reached = _bisect(lambda t: bool(self.gap(t) <= epsilon), most)[1]
            return _bisect(lambda t: not self.gap(t) > epsilon, reached)[0] + 1, reached


def _bisect(reached: Callable[[int], bool], high: int) -> tuple[int, int]:
    """Two steps, the first not reached and the second reached, next to each other or apart by 2⁻⁴⁰ of themselves."""
    low = -1
    while high - low > 1 + (high >> RESOLUTION):
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return low, high


def norm(entries: Sequence[arb]) -> arb:
    return root(sum((x * x for x in entries), arb(0)))


def extent(X: arb_mat) -> arb:
    """‖X‖₂, of a matrix that may vanish too."""
    try:
        return balls.spectral_norm(X)
    except balls.Undecided:
        return arb(0).union(balls.frobenius_bound(X))


def root(square: arb) -> arb:
    """The root of a square, whose ball may reach below 0."""
    return square.sqrt() if square > 0 else arb(0).union(square.upper().max(arb(0)).sqrt())


def within(x: arb, off: arb) -> arb:
    """x, which is not negative, or a number that is not negative and off by so much at most."""
    return above(x.lower() - off).union(x.upper() + off)


def power(falls: arb, t: int) -> arb:
    """(1 − falls)^t for 0 ≤ falls ≤ 1, accurate however small `falls` is and however large t, down to exp(−2⁶⁰)."""
    if t == 0:
        return arb(1)
    if not falls.lower() < 1:
        return arb(0)
    exponent = t * (-falls.lower()).log1p()  # of the upper end
    if falls < 1 and exponent > -LEAST_EXPONENT:
        return (t * (-falls).log1p()).exp()
    return arb(0).union(exponent.max(arb(-LEAST_EXPONENT)).exp().upper())


def above(x: arb) -> arb:
    """The part of the ball that is not negative, for a number that is known not to be."""
    return x if x > 0 else arb(0).union(x.upper().max(arb(0)))


def certify(still: Still, constants: Constants, rates: Rates) -> Certificate | Refusal:
    """The certificate at these rates, at the precision of `still`; or the inequality that does not close."""
    with balls.precision(still.bits):
        ratio = arb(rates.eta_w) / rates.eta_Q
        allowed = rates.eta_w * still.greatest / still.exact.K
        if not allowed <= 1:
            return Refusal("η_w λ_max(B_kB_kᵀ) ≤ K", allowed)
        path = least_path(still, ratio)
        if isinstance(path, Refusal):
            return path
        bounds = [found for token in still.tokens if (found := token_bounds(token, path)) is not None]
        made = Certificate(still, constants, rates, path, bounds)
        if not made.slowest > 2 * made.coupling:
            return Refusal("2(η_Q/K)‖u‖² < min_k c_k(1 − ε_k)", 2 * made.coupling / made.slowest)
        return made
