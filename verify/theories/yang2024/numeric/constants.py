"""The theory's constants (11), (12), (14)–(17), (21) and a stored iterate's distances, enclosed in balls.

float64 entries are the exact numbers they are. The loss comes from its definition (9), not from (36).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import combinations
from typing import Literal

import numpy as np
from flint import arb, arb_mat, ctx
from numpy.typing import NDArray

from numeric import balls
from numeric.graded import smallest_eigenvalue
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance

Array = NDArray[np.float64]
SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Spectrum:
    """λ_min(B_k B_kᵀ) of each token (13), as balls, and what that says of A2.

    rank     'full' (certified for every token), 'deficient' (certified), or 'undecided'
    reason   one line: why deficient or undecided, with the offenders; empty for 'full'
    bits     precision it took, per token; 0 where the structure of the instance decided
    """

    smallest: tuple[arb, ...]
    rank: Literal["full", "deficient", "undecided"]
    reason: str
    bits: tuple[int, ...]

    @property
    def zeta(self) -> arb:
        """min_k λ_min(B_k B_kᵀ), which is ζ_0 (14) at θ^(0)."""
        return reduce(arb.min, self.smallest)

    @property
    def token(self) -> int:
        """The token that attains it, from 0."""
        return min(range(len(self.smallest)), key=lambda k: self.smallest[k].mid())


@dataclass(frozen=True)
class Rates:
    """Learning rates in float64 for gradient descent (10).

    log_rate = log(1 − η_w ζ_0/(2K)) is what (18) guarantees per step, rounded up; None: nothing guaranteed.
    """

    gamma: float
    eta_Q: float
    eta_w: float
    log_rate: float | None = None

    @property
    def one_minus_rate(self) -> float | None:
        """η_w ζ_0/(2K)."""
        return None if self.log_rate is None else float(-np.expm1(self.log_rate))


@dataclass(frozen=True)
class Constants:
    """Constants of one instance at θ^(0), as balls, in the units of the features and of squared labels.

    zeta0        ζ_0 (14); `spectrum` has it token by token
    f_max        max_i ‖z̄_i‖₂ (12)
    norm_Z, norm_Zbar, norm_ZtZhat, norm_A   spectral norms ‖Z‖₂, ‖Z̄‖₂, ‖ZᵀẐ‖₂, ‖A‖₂
    loss0        𝓛(θ^(0)) (9)
    infimum      min_Â 𝓛, the minimum of (9) over Â; it is inf_θ 𝓛 wherever ζ_0 > 0, because then some w attains A. Else
                 `verify.theories.yang2024.numeric.reach` encloses inf_θ 𝓛, which may be larger
    Delta0       loss0 − infimum: Δ^(0) (11) wherever ζ_0 > 0
    gamma        γ at equality in (15); None, with all below, unless zeta0 and Delta0 are certified positive
    L, eta_Q, eta_w, rate, log_rate   (17); 1/L and γ²η_Q (16); the factor of (18) and its logarithm
    rates        the same in float64, certified: sqrt(eta_w/eta_Q) meets (15) and eta_Q ≤ 1/L there
    no_rates     one line on why rates is None; else empty
    precision    bits used for all but the spectrum, which keeps its own
    """

    spectrum: Spectrum
    f_max: arb
    norm_Z: arb
    norm_Zbar: arb
    norm_ZtZhat: arb
    norm_A: arb
    loss0: arb
    infimum: arb
    Delta0: arb
    sizes: tuple[int, int, int, int]  # N, K, m, H
    tau: arb
    precision: int
    rates: Rates | None = None
    no_rates: str = ""

    @property
    def zeta0(self) -> arb:
        return self.spectrum.zeta

    @cached_property
    def gamma(self) -> arb | None:
        """The right-hand side of (15)."""
        if not (self.zeta0 > 0 and self.Delta0 > 0):
            return None
        _, K, _, H = self.sizes
        with balls.precision(self.precision):
            root2 = arb(2).sqrt()
            inside = (128 * root2 / (root2 - 1)) * self.norm_Zbar**2 * arb(H).sqrt() * self.f_max
            return self.zeta0 ** (arb(-5) / 4) * (inside * arb(K) ** (arb(3) / 2) * self.Delta0).sqrt()

    @cached_property
    def L(self) -> arb | None:
        return None if self.gamma is None else self.L_printed(self.gamma)

    @property
    def eta_Q(self) -> arb | None:
        with balls.precision(self.precision):
            return None if self.L is None else 1 / self.L

    @property
    def eta_w(self) -> arb | None:
        with balls.precision(self.precision):
            return None if self.gamma is None or self.L is None else self.gamma**2 / self.L

    @property
    def log_rate(self) -> arb | None:
        return None if self.eta_w is None else self.log_factor(self.eta_w)

    @property
    def rate(self) -> arb | None:
        """1 − η_w ζ_0/(2K) (18)."""
        with balls.precision(self.precision):
            return None if self.log_rate is None else self.log_rate.exp()

    def L_printed(self, gamma: arb) -> arb:
        """L at this γ, (17) as printed."""
        N, K, m, H = self.sizes
        with balls.precision(self.precision):
            zeta0, Delta0, Zbar2 = self.zeta0, self.Delta0, self.norm_Zbar**2
            first = 8 * arb(2).sqrt() * H * arb(K).sqrt() * (Zbar2 / zeta0) * Delta0.sqrt()
            first += 1 + self.norm_ZtZhat / (m * self.tau)
            second = (arb(8) / K) * gamma**2 + (4096 / (gamma * zeta0**2)) * K**2 * N * Delta0
            third = gamma**4 / arb(K) ** 2 + (16384 / (gamma * zeta0**4)) * K**3 * Zbar2 * Delta0**2
            return (first**2 * Zbar2**2 * second + 2 * H**2 * Zbar2**2 * third).sqrt()

    def alpha(self, gamma: arb) -> arb:
        """α of (44) at this γ."""
        with balls.precision(self.precision):
            root = (2 * arb(self.sizes[1]) * self.Delta0).sqrt()
            return 4 * self.norm_Zbar * root / (gamma * self.zeta0)

    def L_61(self, gamma: arb) -> arb:
        """L of (61) as printed, with α of (44) at this γ."""
        with balls.precision(self.precision):
            head = 8 * gamma * self.f_max * self.norm_Zbar
            return self._L_at(gamma, self.norm_A, head)

    def L_repaired(self, gamma: arb) -> arb:
        """L of the repaired (61), with α of (44) at this γ and ‖A‖₂ ≤ 1 + ‖ZᵀẐ‖₂/(mτ): a smoothness constant of ℓ."""
        with balls.precision(self.precision):
            norm_A = 1 + self.norm_ZtZhat / (self.sizes[2] * self.tau)
            head = 8 * (gamma * self.f_max * self.norm_Zbar) ** 2 / self.sizes[1]
            return self._L_at(gamma, norm_A, head)

    def _L_at(self, gamma: arb, norm_A: arb, head: arb) -> arb:
        """The root of 2((1/K)(2γ‖Z̄‖²(2γHα + ‖A‖))² + (γ⁴/K²)H²‖Z̄‖⁴) + head · max{1, (2√Kα)²}[(αγH)² + 4N(αγH + ‖A‖)²]."""
        N, K, _, H = self.sizes
        alpha, Zbar2 = self.alpha(gamma), self.norm_Zbar**2
        reach = alpha * gamma * H
        of_alpha = (2 * gamma * Zbar2 * (2 * reach + norm_A)) ** 2 / K + (gamma**2 * H * Zbar2 / K) ** 2
        bracket = reach**2 + 4 * N * (reach + norm_A) ** 2
        return (2 * of_alpha + head * arb(1).max(4 * K * alpha**2) * bracket).sqrt()

    def log_factor(self, eta_w: arb) -> arb:
        """log(1 − η_w ζ_0/(2K)), accurate however close to 1 the factor is."""
        with balls.precision(self.precision):
            return (-eta_w * self.zeta0 / (2 * self.sizes[1])).log1p()


def structural_deficiency(instance: Instance, *, initial: bool = True) -> str:
    """Why no C_k (13) can have rank N, where no arithmetic is needed to see it, else ''. Counts from 1.

    Equal Q_h count only at θ^(0) (`initial`): training may part them.
    """
    N, H = instance.N, instance.H
    if H < N:
        return f"H = {H} heads are fewer than N = {N}"
    for i, j in combinations(range(N), 2):
        if np.array_equal(instance.V[:, i], instance.V[:, j]):
            return f"prompt tokens {i + 1} and {j + 1} are equal, so are their rows of every C_k"
    zero = [k for k in range(instance.K) if not instance.tokens[:, k].any()]
    if N > 1 and zero:
        return f"token {zero[0] + 1} is zero, so every entry of its C_k is 1/N"
    if initial and N > 1 and instance.Q_given is not None:
        distinct = len({(Q + 0.0).tobytes() for Q in instance.heads()})  # −0.0 + 0.0 is 0.0
        if distinct < N:
            return f"only {distinct} of the H = {H} matrices Q_h are distinct, fewer than N = {N}"
    return ""


def enclose_spectrum(
    instance: Instance | ExactInstance,
    X: Array | None = None,
    Q_offset: Array | None = None,
    *,
    limit: int = balls.LIMIT_BITS,
) -> Spectrum:
    """λ_min(B_k B_kᵀ) (13) for every token, at θ^(0) or at a stored iterate (as for `ExactInstance.scores`).

    The precision rises, token by token, up to `limit` bits; an undecided token gets [0, an upper bound].
    """
    exact = instance if isinstance(instance, ExactInstance) else ExactInstance(instance)
    if reason := structural_deficiency(exact.instance, initial=X is None and Q_offset is None):
        return Spectrum((arb(0),) * exact.K, "deficient", reason, (0,) * exact.K)
    found: dict[int, tuple[arb, int]] = {}
    left, prec = list(range(exact.K)), balls.START_BITS
    while left and prec <= limit:
        with balls.precision(prec):
            for k, ball in _smallest(exact, X, Q_offset, left):
                if ball.rel_accuracy_bits() >= balls.ACCURACY - 4 or (2 * prec > limit and ball > 0):
                    found[k] = ball, prec
        left, prec = [k for k in left if k not in found], 2 * prec
    with balls.precision(limit):
        M, unknown = exact.M, exact.C(X, Q_offset, left) if left else []
        for k, C_k in zip(left, unknown, strict=True):
            # xᵀZ̄CCᵀZ̄x ≤ (CCᵀ)_ii M_ii for the unit x along Z̄⁻¹e_i, whose length is at least 1/√M_ii.
            rows = [sum((x * x for x in row), arb(0)) * M[i, i] for i, row in enumerate(C_k.tolist())]
            least = min((row.upper() for row in rows), key=lambda x: x)
            found[k] = arb(0).union(least), limit
    undecided = ", ".join(str(k + 1) for k in left)
    reason = f"rank of B_k not decided with {limit} bits for k = {undecided}" if left else ""
    smallest, bits = zip(*(found[k] for k in range(exact.K)), strict=True)
    return Spectrum(smallest, "undecided" if left else "full", reason, bits)


def _smallest(
    exact: ExactInstance, X: Array | None, Q_offset: Array | None, tokens: list[int]
) -> Iterator[tuple[int, arb]]:
    """λ_min(B_k B_kᵀ) of those tokens for which the precision in force tells that it is positive."""
    try:
        # Z̄ = UᵀRᵀ for the Cholesky factor R of Z̄² and some orthogonal U, so B_k = Uᵀ(RᵀC_k).
        R = balls.cholesky(exact.M)
    except balls.Undecided:
        return
    for k, C_k in zip(tokens, exact.C(X, Q_offset, None if len(tokens) == exact.K else tokens), strict=True):
        with suppress(balls.Undecided):
            yield k, smallest_eigenvalue(C_k, R)


def enclose_constants(
    instance: Instance | ExactInstance, spectrum: Spectrum | None = None, *, limit: int = balls.LIMIT_BITS
) -> Constants:
    """All constants at θ^(0), with the spectrum there if it is known. Where A2 is not certified, `no_rates` says so and γ is None.

    Raises InputError where E[λλᵀ] = 0.
    """
    exact = instance if isinstance(instance, ExactInstance) else ExactInstance(instance)
    w0 = exact.instance.w0
    spectrum = spectrum or enclose_spectrum(exact, limit=limit)

    def at_start() -> Constants:
        M, A = exact.M, exact.minimiser()
        A_hat = exact.A_hat(exact.C(), w0) if w0.any() else arb_mat(exact.N, exact.K)
        return Constants(
            spectrum=spectrum,
            f_max=reduce(arb.max, (M[i, i] for i in range(exact.N))).sqrt(),
            norm_Z=balls.spectral_norm(exact.Z),
            norm_Zbar=balls.spectral_radius(M).sqrt(),
            norm_ZtZhat=balls.spectral_norm(exact.Z.transpose() * exact.Z_hat),
            norm_A=balls.spectral_norm(A),
            loss0=exact.loss(A_hat),
            infimum=exact.loss(A),
            Delta0=exact.gap(A_hat, A),
            sizes=exact.sizes,
            tau=exact.tau,
            precision=ctx.prec,
        )

    def sharp(c: Constants) -> list[arb]:
        return [c.f_max, c.norm_Z, c.norm_Zbar, c.norm_ZtZhat, c.norm_A, c.loss0, c.Delta0]

    constants, bits = balls.refine(at_start, sharp, limit=min(limit, 1024), best_effort=True)
    if spectrum.rank != "full":
        return replace(constants, no_rates=f"zeta0 is not certified positive: {spectrum.reason}")
    if constants.gamma is None:
        return replace(constants, no_rates="Delta0 is not certified positive: theta^(0) may be a minimiser")
    with balls.precision(bits):
        rates = _float_rates(constants, constants.gamma, constants.L_printed)
    no_rates = "" if rates else "gamma, eta_Q or eta_w is outside the range of float64"
    return replace(constants, rates=rates, no_rates=no_rates)


def _float_rates(constants: Constants, gamma: arb, L: Callable[[arb], arb]) -> Rates | None:
    """float64 rates that meet (15) and (16) for the γ = sqrt(η_w/η_Q) (39) they have, with this L; None out of range."""
    wide = balls.float_up(gamma * (1 + arb(2) ** -50))
    if not SMALLEST_NORMAL <= wide < np.inf:
        return None
    eta_Q = balls.float_down((1 - arb(2) ** -46) / L(arb(wide)))
    eta_w = wide * wide * eta_Q
    if not (eta_Q >= SMALLEST_NORMAL and SMALLEST_NORMAL <= eta_w < np.inf):
        return None
    true_gamma = (arb(eta_w) / arb(eta_Q)).sqrt()
    if not (true_gamma >= gamma and eta_Q * L(true_gamma) <= 1):
        raise ArithmeticError("rounded rates break (15) or (16)")
    return Rates(wide, eta_Q, eta_w, balls.float_up(constants.log_factor(arb(eta_w))))


def other_rates(constants: Constants, stretch: float, share: float) -> Rates | None:
    """Rates with γ = stretch · its least value (15) and η_Q = share / L at that γ (16); stretch ≥ 1 ≥ share > 0."""
    if constants.gamma is None:
        return None
    with balls.precision(constants.precision):
        top = _float_rates(constants, constants.gamma * stretch, constants.L_printed)
        if top is None:
            return None
        eta_Q = top.eta_Q * share
        eta_w = top.gamma * top.gamma * eta_Q
        return Rates(top.gamma, eta_Q, eta_w, balls.float_up(constants.log_factor(arb(eta_w))))


def rates_with(constants: Constants, L: Callable[[arb], arb]) -> Rates | None:
    """Rates at equality in (15) and (16) with another L; None where there are none in float64."""
    if constants.gamma is None:
        return None
    with balls.precision(constants.precision):
        return _float_rates(constants, constants.gamma, L)


def steps_for_bound(log_rate: arb | float, factor: float) -> int:
    """The least t certified to have rate^t ≤ factor, 0 < factor ≤ 1. Raises Undecided unless log_rate < 0."""
    log_rate = arb(log_rate)
    if not log_rate < 0:
        raise balls.Undecided("the rate is not certainly below 1")
    return max(0, balls.ceiling(arb(factor).log() / log_rate))


def longest_labels(norm_Z: arb, tau: arb, N: int, B: float, delta: float) -> arb:
    """The right-hand side of (69): with probability 1 − δ the labels of a prompt with ‖λ‖₂ ≤ B have at most this norm."""
    tail = (1 / arb(delta)).log()
    return B * (norm_Z + (tau * (N + 2 * (N * tail).sqrt() + 2 * tail)).sqrt())


def T_theorem2(
    constants: Constants, B: float, epsilon: float, delta: float, log_rate: arb | float | None = None
) -> tuple[arb, int]:
    """The right-hand side of (21) as printed, and the least number of steps certified to meet it.

    log_rate  of the rates in use; None for those of (16) at equality. Raises Undecided where there is none.
    """
    rate = constants.log_rate if log_rate is None else arb(log_rate)
    if rate is None:
        raise balls.Undecided(constants.no_rates)
    N, _, m, _ = constants.sizes
    with balls.precision(constants.precision):
        longest = longest_labels(constants.norm_Z, constants.tau, N, B, delta)
        T = (constants.Delta0 * longest**2 / (m * constants.tau * arb(epsilon))).log() / -rate
        return T, max(0, balls.ceiling(T))


@dataclass(frozen=True)
class IterateEnclosure:
    """A stored iterate: gap 𝓛(θ) − min_Â 𝓛 (11), distance ‖Â(θ) − A‖₂ (70), loss 𝓛(θ) (9); bits it took; Â(θ) itself (35)."""

    gap: arb
    distance: arb
    loss: arb
    precision: int
    A_hat: arb_mat | None = field(default=None, repr=False)


def enclose_gap(
    instance: Instance | ExactInstance,
    w: Array,
    X: Array | None = None,
    Q_offset: Array | None = None,
    *,
    limit: int = 1024,
) -> IterateEnclosure:
    """Enclose the iterate of these very floats; w (H, K), X and Q_offset as for `ExactInstance.scores`.

    Pass one ExactInstance for several iterates: it converts Q^(0) once.
    """
    exact = instance if isinstance(instance, ExactInstance) else ExactInstance(instance)

    def compute() -> IterateEnclosure:
        A, A_hat = exact.minimiser(), exact.A_hat(exact.C(X, Q_offset), np.asarray(w, dtype=np.float64))
        gap, distance = exact.gap(A_hat, A), balls.spectral_norm(A_hat - A)
        return IterateEnclosure(gap, distance, exact.loss(A_hat), ctx.prec, A_hat)

    return balls.refine(compute, lambda r: [r.gap, r.distance, r.loss], limit=limit, best_effort=True)[0]
