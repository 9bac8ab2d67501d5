"""What the theorem will ask for, before anything is trained: constants at θ^(0) estimated in float64, and the cost of a step.

Only eigenvalues and norms are estimated. What (15)–(18) and (21) make of them is worked out by the formulas of
`verify.theories.yang2024.numeric.constants`, whose numbers have exponents without bounds: 1e±80 neither overflows nor loses digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric import balls
from verify.theories.yang2024.numeric.constants import (
    Constants,
    Spectrum,
    T_theorem2,
    steps_for_bound,
    structural_deficiency,
)
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares

Array = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)
BITS = 128
BLOCK = 4_000_000  # entries of attention alive at once, 32 MB
WORK = 6e9  # multiplications that a search may spend on factoring; beyond it tokens are left out
DRAWS = 3e8  # entries of Q^(0) that a search may draw; beyond it head counts are left out
DOUBLINGS = 6  # N, 2N, …, 32N heads
SPREADS = (
    0.3,
    1.0,
    3.0,
    10.0,
    30.0,
    100.0,
)  # of the scores Vᵀ Q_h^(0) v_k: from even attention to one token alone


@dataclass(frozen=True)
class Forecast:
    """One setting: its constants as points, not enclosures, and how far ζ_0 is to be trusted.

    H, beta    heads, and deviation of Q_h^(0); beta is a factor on Q_given where that is set
    constants  ζ_0 (14), f̄_max, norms, Δ^(0), and through them γ, L and the rates, each a float64 estimate
    error      relative rounding error to be expected in ζ_0, to first order
    tokens     over how many of the K tokens ζ_0 was minimised
    obstacle   why ζ_0 = 0 whatever the numbers, in words; else empty
    """

    H: int
    beta: float
    constants: Constants
    error: float
    tokens: int
    obstacle: str = ""

    @property
    def resolved(self) -> bool:
        """Whether ζ_0 stands above the noise of double precision and was minimised over all tokens.

        Where it does not, it is an upper estimate, and at least so many steps are needed as are said.
        """
        return not self.obstacle and self.error < 0.5 and self.tokens == self.constants.sizes[1]

    def steps(self, factor: float, stretch: float = 1.0) -> int | None:
        """Steps until the bound (18) is down to `factor` of its start, with γ so many times its least value (15) and
        η_Q = 1/L; None where there are no rates, none that can be told from 1, or more steps than can be written out."""
        c = self.constants
        if c.gamma is None:
            return None
        gamma = c.gamma * stretch
        return _count(c.log_factor(gamma**2 / c.L_printed(gamma)), factor)

    def T(self, B: float, epsilon: float, delta: float) -> int | None:
        """Steps that (21) asks for; None where there are no rates, or more steps than can be written out."""
        with suppress(balls.Undecided):
            return T_theorem2(self.constants, B, epsilon, delta)[1]
        return None

    def in_units(self, s: float) -> Forecast:
        """The same problem with features s·f and noise level s²τ: exact, since each constant is homogeneous in s."""
        c, square = self.constants, arb(s) ** 2
        spectrum = replace(c.spectrum, smallest=tuple(square * x for x in c.spectrum.smallest))
        of_labels = {
            name: square * getattr(c, name) for name in ("norm_ZtZhat", "loss0", "infimum", "Delta0", "tau")
        }
        of_features = {name: s * getattr(c, name) for name in ("f_max", "norm_Z", "norm_Zbar")}
        return replace(self, constants=replace(c, spectrum=spectrum, **of_labels, **of_features))

    def fewest(self, factor: float) -> int | None:
        """Steps that no γ allowed by (15) and no change of units goes below; large γ comes as near as one likes.

        The rate of (18) is γ²ζ_0/(2KL), and by (17) L/γ² falls with γ to √2 H ‖Z̄‖₂²/K: ζ_0/(2√2 H ‖Z̄‖₂²) has no units.
        """
        c = self.constants
        if not c.zeta0 > 0:
            return None
        with balls.precision(BITS):
            share = c.zeta0 / (2 * arb(2).sqrt() * c.sizes[3] * c.norm_Zbar**2)
            return _count((-share).log1p(), factor)


def _count(log_rate: arb, factor: float) -> int | None:
    with suppress(balls.Undecided):
        return steps_for_bound(log_rate, factor)
    return None


def forecast(instance: Instance) -> Forecast:
    """The instance as it stands, over all its tokens. ζ_0 is 0 where the structure of the instance makes it so."""
    return next(_forecasts(instance, [instance.H], [1.0], np.arange(instance.K)))


def search(
    instance: Instance,
    heads: Sequence[int],
    betas: Sequence[float],
    progress: Callable[[int, int], None] | None = None,
) -> list[Forecast]:
    """The instance with other heads and other β, same seed, w^(0) = 0: one Forecast for each pair, β by β.

    Where Q^(0) is given, betas are factors on it, and heads the first of it. Tokens are left out, evenly, where all of
    them would take more than `WORK`.
    """
    given = None if instance.Q_given is None else instance.Q_given[: max(heads)]
    drawn = replace(instance, H=max(heads), beta=1.0, Q_given=given, w_given=None)
    heads = sorted(heads)
    fit = int(WORK / (2 * max(heads) * instance.N**2 * len(betas)))
    chosen = np.unique(np.linspace(0, instance.K - 1, min(instance.K, max(1, fit))).astype(np.int64))
    found = []
    for one in _forecasts(drawn, heads, betas, chosen):
        found.append(one)
        if progress is not None:
            progress(len(found), len(heads) * len(betas))
    return found


def head_counts(instance: Instance) -> list[int]:
    """N, 2N, …, 32N and the instance's own H, as far as a search may draw them; only its own where Q^(0) is given."""
    N, H = instance.N, instance.H
    if instance.Q_given is not None:
        return [H] if H >= N else []
    most = max(N, int(DRAWS / instance.d**2))
    return sorted({h for h in (H, *(N * 2**i for i in range(DOUBLINGS))) if N <= h <= most})


def deviations(instance: Instance) -> list[float]:
    """β that give scores of deviation 0.3 to 100, and the instance's own; factors on Q^(0) where that is given."""
    square = float(np.mean(np.sum(instance.tokens**2, axis=0)))
    own = instance.beta
    if instance.Q_given is not None:
        own, square = 1.0, square * float(np.sqrt(np.mean(instance.Q_given**2)))
    found = {own} | {float(f"{spread / square:.1g}") for spread in SPREADS if square > 0}
    return sorted(found)


def _forecasts(
    drawn: Instance, heads: Sequence[int], betas: Sequence[float], chosen: NDArray[np.int64]
) -> Iterator[Forecast]:
    """β by β; `drawn` has at least as many heads as are asked for, and betas are factors on its Q_h."""
    N, K, m = drawn.N, drawn.K, drawn.m
    left, right = drawn.V.T, drawn.tokens[:, chosen]
    scores = np.stack([left @ drawn.Q0(h) @ right for h in range(max(heads))], axis=1).transpose(2, 1, 0)
    gram = drawn.Z.T @ drawn.Z + m * drawn.tau * np.eye(N)
    root = np.asarray(np.linalg.cholesky(gram))
    quadratic = least_squares(label_covariance(drawn), N)
    start = np.zeros((N, K))
    if drawn.w_given is not None:
        start = np.einsum("khn,hk->nk", _softmax(scores), drawn.w0)
    gap = quadratic.gap(start)
    estimates = {
        "f_max": np.sqrt(gram.diagonal().max()), "norm_Z": np.linalg.norm(drawn.Z, 2),
        "norm_Zbar": np.sqrt(np.linalg.norm(gram, 2)), "norm_ZtZhat": np.linalg.norm(drawn.Z.T @ drawn.features, 2),
        "norm_A": np.linalg.norm(quadratic.A, 2), "loss0": gap + quadratic.infimum, "infimum": quadratic.infimum,
        "Delta0": gap, "tau": drawn.tau,
    }  # fmt: skip
    points = {name: arb(float(value)) for name, value in estimates.items()}
    obstacles = {H: _obstacle(drawn, H) for H in heads}
    for beta in betas:
        for H, (singular, error) in zip(heads, _smallest(root, scores, beta, heads), strict=True):
            obstacle = obstacles[H]
            zeta = arb(0) if obstacle else arb(max(singular, error)) ** 2
            spectrum = Spectrum((zeta,), "deficient" if obstacle else "full", obstacle, (53,))
            constants = Constants(spectrum, **points, sizes=(N, K, m, H), precision=BITS, no_rates=obstacle)  # type: ignore[arg-type]
            relative = 2 * error / singular if singular > 0 else float("inf")
            yield Forecast(H, beta * drawn.beta, constants, relative, len(chosen), obstacle)


def _obstacle(drawn: Instance, H: int) -> str:
    given = None if drawn.Q_given is None else drawn.Q_given[:H]
    return structural_deficiency(replace(drawn, H=H, Q_given=given, w_given=None))


def _softmax(scores: Array) -> Array:
    """Over the last axis."""
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _smallest(root: Array, scores: Array, beta: float, heads: Sequence[int]) -> list[tuple[float, float]]:
    """The least singular value of B_k (13) over the tokens, and its rounding error, for each of the ascending `heads`.

    root (N, N) with root·rootᵀ = Z̄², so that rootᵀC_k has the singular values of B_k; scores (tokens, heads, N) for β = 1.
    Rows of (rootᵀC_k)ᵀ are taken into a triangular factor head count by head count: no Gram matrix squares the condition.
    """
    tokens, _, N = scores.shape
    least = np.full((len(heads), tokens), np.inf)
    noise = np.zeros((len(heads), tokens))
    block = max(1, BLOCK // (max(heads) * N))
    for first in range(0, tokens, block):
        part = slice(first, first + block)
        inside = beta * scores[part]
        rows = _softmax(inside) @ root
        # an entry of softmax is off by a few roundings of its exponent, relatively; factoring adds about N
        relative = EPS * (N + 4 * np.abs(inside).max(axis=(1, 2)))
        factor, taken = np.zeros((len(rows), 0, N)), 0
        for number, H in enumerate(heads):
            factor = np.asarray(np.linalg.qr(np.concatenate([factor, rows[:, taken:H]], axis=1), mode="r"))
            taken = H
            values = np.linalg.svd(factor, compute_uv=False)
            least[number, part] = values[:, -1] if H >= N else 0.0
            noise[number, part] = np.minimum(relative, 1) * values[:, 0]
    at = least.argmin(axis=1)
    return [(float(least[i, k]), float(noise[i, k])) for i, k in enumerate(at)]


@dataclass(frozen=True)
class StepCost:
    """One step of (10) on coordinates X (H, N, K), float64: multiplications and additions, and bytes held throughout."""

    flops: float
    memory: float


def step_cost(N: int, K: int, H: int) -> StepCost:
    """Scores from X, (K×K) and (N×N) products, then softmax forwards and backwards at some 20 operations an entry.

    Held are X and its last copy, the scores of Q^(0), the softmax, a block of workspace, seven numbers for each head and
    token, and V̂ᵀV̂.
    """
    from verify.theories.yang2024.numeric.descent import BLOCK_ENTRIES

    entries, block = float(H) * N * K, float(min(H, max(1, BLOCK_ENTRIES // (N * K)))) * N * K
    return StepCost(
        entries * (2 * (N + K) + 20), 8 * (4 * entries + block + 7.0 * H * K + float(K) * K + 3.0 * N * K)
    )
