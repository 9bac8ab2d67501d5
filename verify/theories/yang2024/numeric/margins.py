"""The inequalities of Theorem 1's proof along a run: both sides at every watched step, and what rounding leaves of them.

Each side is evaluated in floats at the stored iterate. `rounding` bounds what that evaluation, and the rounding of the iterate
itself, may have moved right − left: a violation within it is none, nor is it a confirmation. Letters are those of the proof:
α_h = w_h/γ, ℓ(ξ) = 𝓛(θ), 𝓛* the repaired one of Lemma 5, which is min_Â 𝓛.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numeric import balls
from numeric.errors import InputError
from verify.theories.yang2024.numeric.constants import Constants, Rates
from verify.theories.yang2024.numeric.rounding import Rounding, least, length, root_error, squared_error
from verify.theories.yang2024.numeric.train import Trajectory
from verify.theories.yang2024.numeric.watch import NEAR, Observed

Array = NDArray[np.float64]
ROOT2 = float(np.sqrt(2.0))
BLUNT = 1e-3  # an equality that allows more than this, relatively, could not fail


@dataclass(frozen=True)
class Levels:
    """What the bounds are made of: ζ_0 (14), γ = √(η_w/η_Q) (39), η_Q, α and σ (44), f̄_max and ‖Z̄‖₂ (12), Δ^(0) (11), and
    log(1 − η_Qσ/2): midpoints of certified enclosures."""

    zeta0: float
    gamma: float
    eta_Q: float
    alpha: float
    sigma: float
    f_max: float
    norm_Zbar: float
    Delta0: float
    log_rate: float

    @classmethod
    def of(cls, constants: Constants, rates: Rates) -> Levels:
        """Raises InputError where ζ_0 or Δ^(0) is not certified positive: then (44) defines neither α nor σ."""
        if constants.gamma is None:
            raise InputError(
                "constants",
                constants.no_rates,
                "zeta0 > 0 and Delta0 > 0",
                "watch an instance that meets A2",
            )
        with balls.precision(constants.precision):
            gamma = (arb(rates.eta_w) / arb(rates.eta_Q)).sqrt()
            numbers = (
                constants.zeta0, gamma, arb(rates.eta_Q), constants.alpha(gamma),
                constants.zeta0 * gamma**2 / constants.sizes[1], constants.f_max, constants.norm_Zbar, constants.Delta0,
                constants.log_factor(arb(rates.eta_w)),
            )  # fmt: skip
            return cls(*(float(x.mid()) for x in numbers))

    @property
    def reach(self) -> float:
        """(γαf̄_max/σ)√Δ^(0), which (47) and (48) have in common."""
        return self.gamma * self.alpha * self.f_max / self.sigma * float(np.sqrt(self.Delta0))


@dataclass(frozen=True)
class Along:
    """left ≤ right at the steps t (n,): left, right and rounding (n, width), over heads or tokens where there are several.

    equality  whether left is what two equal numbers differ by, and right what rounding allows
    """

    id: str
    text: str
    t: NDArray[np.int64]
    left: Array
    right: Array
    rounding: Array
    equality: bool = False

    @cached_property
    def status(self) -> NDArray[np.int64]:
        """Of each step: 1 it holds, −1 it is broken, 0 rounding leaves it open, 2 both sides are 0 everywhere."""
        slack = self.right - self.left
        holds, broken = slack >= self.rounding, slack < -self.rounding
        nothing = (self.left == 0) & (self.right == 0)
        told = np.where(broken.any(1), -1, np.where((holds | nothing).all(1), 1, 0))
        return np.where(nothing.all(1), 2, told)

    @cached_property
    def margins(self) -> Array:
        """The smallest (right − left)/(|left| + |right|) of each step; 0/0 counts as 0."""
        size = np.abs(self.left) + np.abs(self.right)
        parts = np.divide(self.right - self.left, size, out=np.zeros_like(size), where=size != 0)
        smallest: Array = parts.min(axis=1)
        return smallest

    @property
    def told(self) -> NDArray[np.int64]:
        """Positions of the steps at which it holds or is broken for certain."""
        return np.flatnonzero(np.abs(self.status) == 1)

    @property
    def until(self) -> int:
        """The last step that is told; −1 where none is."""
        return int(self.t[self.told[-1]]) if len(self.told) else -1

    @property
    def verdict(self) -> Literal["holds", "fails", "undecided"]:
        """Broken at one step is broken. It holds where it does at every step up to `until`: beyond, rounding rules."""
        if (self.status == -1).any():
            return "fails"
        if not len(self.told):
            return "undecided"
        return "undecided" if (self.status[: self.told[-1]] == 0).any() else "holds"

    @property
    def worst(self) -> tuple[float, int]:
        """The smallest margin and the first step that comes as close, of the steps that are told; where it is broken, of the first
        step that breaks it; where it is undecided, of all. nan and −1 where no step was watched."""
        if not len(self.t):
            return float("nan"), -1
        if self.verdict == "fails":
            at = int(np.argmax(self.status == -1))
        else:
            among = self.told if self.verdict == "holds" else np.arange(len(self.t))
            return float(self.margins[among].min()), int(self.t[among[least(self.margins[among])]])
        return float(self.margins[at]), int(self.t[at])


def along(trajectory: Trajectory, seen: Observed, levels: Levels, dtype: str = "float64") -> dict[str, Along]:
    """Every watched inequality along a run that starts at step 0, by the id of the claim that states it.

    (43c) and Step 4 as a whole (`step-4-whole`) come from the gaps, at every step; all else at the watched ones.
    Raises InputError for a run that starts later, or was not watched.
    """
    if trajectory.start != 0 or not len(seen.t):
        needed = "one that starts at step 0 and is watched at one step at least"
        raise InputError(
            "trajectory", f"from step {trajectory.start}", needed, "join its parts, or train with a Watch"
        )
    off = Rounding.of(trajectory.instance, seen, dtype)
    run = _Run(trajectory, seen, levels, off, trajectory.gap[seen.t])
    return {one.id: one for one in (*run.steps(), *run.heads(), *run.tokens(), *run.gradients())}


@dataclass(frozen=True)
class _Run:
    trajectory: Trajectory
    seen: Observed
    at: Levels
    off: Rounding
    gap: Array  # at the watched steps

    @cached_property
    def gap_off(self) -> Array:
        return self.off.of_gap(self.gap, self.off.residual)

    @cached_property
    def of_A(self) -> Array:
        """Error of ∂𝓛/∂Â, (n, 1)."""
        return _column(self.off.of_gradient(self.gap))

    @cached_property
    def walked(self) -> Array:
        """What t steps that round once each, and a norm over K numbers, may have done to w and X relatively, (n, 1)."""
        return 2 * self.off.u * (_column(self.seen.t) + self.off.K + 8)

    def steps(self) -> Iterator[Along]:
        """At every step t ≥ 1, from the gaps alone; Â − A is off by the larger of its errors at the watched steps around."""
        gap, at, watched = self.trajectory.gap, self.at, self.seen.t
        t = np.arange(1, len(gap))
        after = np.searchsorted(watched, np.arange(len(gap))).clip(max=len(watched) - 1)
        before = (np.searchsorted(watched, np.arange(len(gap)), side="right") - 1).clip(min=0)
        off = self.off.of_gap(gap, np.maximum(self.off.residual[before], self.off.residual[after]))
        with np.errstate(under="ignore"):
            power = np.exp(at.log_rate * t)
            bound, bound_off = (
                power * gap[0],
                power * (off[0] + 4 * self.off.u * (8 - at.log_rate * t) * gap[0]),
            )
        falls = np.exp(at.log_rate) * gap[:-1]
        for id, text, right, rounding in (
            ("eq-43c", "ℓ(ξ^(t)) − 𝓛* ≤ (1 − η_Qσ/2)^t Δ^(0)", bound, off[1:] + bound_off),
            ("step-4-whole", "ℓ(ξ^(t)) − 𝓛* ≤ (1 − η_Qσ/2)(ℓ(ξ^(t−1)) − 𝓛*)", falls, 2 * off[1:] + off[:-1]),
        ):
            yield Along(id, text, t, _column(gap[1:]), _column(right), _column(rounding))

    def heads(self) -> Iterator[Along]:
        """(43a), (47), Lemma 7 and (62), head by head."""
        seen, at, off, root = self.seen, self.at, self.off, np.sqrt(self.gap)
        root_off = root_error(root, np.sqrt(self.gap_off)) + 8 * off.u * root
        alpha, limit = seen.w / at.gamma, 8 * ROOT2 * at.reach
        yield _over("eq-43a", "‖α_h‖₂ ≤ α", seen, alpha, at.alpha, self.walked * (alpha + at.alpha))
        moved_off = root_error(seen.moved, _column(off.form * off.X))
        yield _over(
            "eq-47", "‖Q_h − Q_h^(0)‖_F ≤ (8√2γαf̄_max/σ)√Δ^(0)", seen, seen.moved, limit,
            moved_off + self.walked * (seen.moved + limit),
        )  # fmt: skip
        largest = (
            2 * ROOT2 * at.f_max * seen.w_max.max(axis=1)
        )  # w_max = γ·max|α_{h,k}|, the least α there is
        # ∂𝓛/∂(scores) is w s (∂𝓛/∂Â − its mean under s), off by at most 2|w| times ∂𝓛/∂Â; Gram matrices stretch that.
        slope_off = 2 * seen.w_max * off.tokens * self.of_A + root_error(
            seen.slope, _column(off.form * off.G)
        )
        yield _over(
            "lemma-7", "‖∂ℓ/∂Q_h‖_F ≤ 2√2γαf̄_max√(ℓ − 𝓛*) with α = max|α_{h,k}|", seen, seen.slope,
            _column(largest * root), slope_off + _column(largest * root_off),
        )  # fmt: skip
        factor = at.norm_Zbar * at.gamma * float(np.sqrt(2 / off.K))
        yield _over(
            "eq-62", "‖∂ℓ/∂α_h‖₂ ≤ ‖Z̄‖₂γ√((2/K)(ℓ − 𝓛*))", seen, at.gamma * seen.dw, _column(factor * root),
            at.gamma * self.of_A + _column(factor * root_off),
        )  # fmt: skip

    def tokens(self) -> Iterator[Along]:
        """(43b) and the links of (48), token by token."""
        seen, at, off, half = self.seen, self.at, self.off, self.at.zeta0 / 2
        root_H, least, shift = float(np.sqrt(off.H)), seen.least, seen.shift
        # An eigenvalue moves by 2√λ times what B_k is off by, and its square; the Gram matrix and its eigenvalues round too.
        of_B = at.norm_Zbar * root_H * _column(off.softmax)
        least_off = (
            squared_error(np.sqrt(least.clip(0)), of_B)
            + 4 * off.u * (off.N + off.H) * off.H * at.norm_Zbar**2
        )
        # Where eigenvalues cannot tell, Weyl can: √λ_min(B_kB_kᵀ) ≥ √ζ_0 − ‖B_k − B_k^(0)‖_F, with the certified ζ_0.
        weyl = (np.sqrt(at.zeta0) - shift).clip(0) ** 2
        by_weyl = (np.abs(least - half) <= least_off) & (weyl > half)
        yield Along(
            "eq-43b", "ζ_0/2 ≤ λ_min(B_kB_kᵀ)", seen.t, np.full_like(least, half), np.where(by_weyl, weyl, least),
            np.where(by_weyl, 0.0, least_off),
        )  # fmt: skip
        path, form_off = length(seen.moved), _column(off.form * root_H * off.X)
        # s − s^(0) is off by half of what the scores' shift is, or, where that is large, by what both of its terms are.
        far = np.where(seen.delta_max > NEAR / 2, root_H * off.softmax, 0.0)
        shift_off = at.norm_Zbar * _column(off.shift * root_H * off.X + far)
        shift_off = (
            shift_off + 8 * off.u * (off.N + off.H) * off.weight / off.noise * shift
        )  # ⟨Z̄², ΔsΔsᵀ⟩ cancels so far
        first, first_off = 2 * at.norm_Zbar * path, 2 * at.norm_Zbar * root_error(path, form_off)
        limit = 16 * ROOT2 * at.norm_Zbar * root_H * at.reach
        near = (1 - 1 / ROOT2) * float(np.sqrt(at.zeta0))
        yield _over(
            "eq-48-frobenius", "‖B_k − B_k^(0)‖_F ≤ 2‖Z̄‖₂√(Σ_h‖Q_h − Q_h^(0)‖_F²)", seen, shift, first,
            shift_off + first_off + 8 * off.u * first,
        )  # fmt: skip
        yield _over(
            "eq-48-drift", "2‖Z̄‖₂√(Σ_h‖Q_h − Q_h^(0)‖_F²) ≤ ‖Z̄‖₂√H(16√2γαf̄_max/σ)√Δ^(0)", seen, first, limit,
            first_off + self.walked * (first + limit),
        )  # fmt: skip
        yield _over(
            "eq-48-whole",
            "‖B_k − B_k^(0)‖_F ≤ (1 − 1/√2)√ζ_0",
            seen,
            shift,
            near,
            shift_off + 8 * off.u * near,
        )

    def gradients(self) -> Iterator[Along]:
        """(49), its middle equality, and both inequalities of Step 4: a number a step."""
        seen, at, off, gap = self.seen, self.at, self.off, self.gap
        g2, half, of_A = at.gamma**2, at.eta_Q / 2, self.of_A[:, 0]
        of_w, of_Q = (length(x)[:, 0] for x in (seen.dw, seen.slope))
        of_w_off = float(np.sqrt(off.H)) * of_A  # ∂𝓛/∂w_k = C_kᵀ(∂𝓛/∂Â)_k, and ‖C_k‖ ≤ √H
        squares, image = of_w**2, seen.image.clip(0)
        squares_off, image_off = (squared_error(x, of_w_off) for x in (of_w, np.sqrt(image)))
        of_Q_off = squared_error(of_Q, 2 * length(seen.w_max)[:, 0] * off.tokens * of_A)
        norm2 = g2 * squares + of_Q**2
        norm2_off = g2 * squares_off + of_Q_off + off.H * (off.form * off.G) ** 2
        allowed = g2 * (squares_off + image_off)
        sharp = allowed <= BLUNT * g2 * (squares + image)
        yield _line(
            "eq-49-identity", "Σ(∂ℓ/∂α_{h,k})² = (γ²/K²)Σ(Z̄δ_k)ᵀB_kB_kᵀZ̄δ_k, to within rounding", seen.t,
            g2 * np.abs(squares - image), allowed, np.where(sharp, 0.0, np.inf), equality=True,
        )  # fmt: skip
        rank = next(self.tokens()).status == 1
        yield _line(
            "eq-49", "σ(ℓ − 𝓛*) ≤ Σ(∂ℓ/∂α_{h,k})² where (43b) holds", seen.t, at.sigma * gap, g2 * squares,
            np.where(rank, at.sigma * self.gap_off + g2 * squares_off + 8 * off.u * at.sigma * gap, np.inf),
        )  # fmt: skip
        after = seen.t < self.trajectory.last.t
        falls, next_gap = gap - half * norm2, self.trajectory.gap[seen.t[after] + 1]
        yield _line(
            "step-4", "ℓ(ξ^(t+1)) − 𝓛* ≤ ℓ(ξ^(t)) − 𝓛* − (η_Q/2)‖∇ℓ(ξ^(t))‖²", seen.t[after], next_gap, falls[after],
            (3 * self.gap_off + half * norm2_off)[after],
        )  # fmt: skip
        yield _line(
            "step-4-contraction", "ℓ − 𝓛* − (η_Q/2)‖∇ℓ‖² ≤ (1 − η_Qσ/2)(ℓ − 𝓛*)", seen.t, falls,
            (1 - half * at.sigma) * gap, half * (norm2_off + at.sigma * self.gap_off) + 8 * off.u * gap,
        )  # fmt: skip


def _column(values: Array | NDArray[np.int64]) -> Array:
    return np.asarray(values, dtype=np.float64)[:, None]


def _over(id: str, text: str, seen: Observed, left: Array, right: Array | float, rounding: Array) -> Along:
    shape = np.broadcast_shapes(left.shape, np.shape(right), rounding.shape)
    left, right, rounding = (np.broadcast_to(x, shape) for x in (left, right, rounding))
    return Along(id, text, seen.t, left, right, rounding)


def _line(
    id: str,
    text: str,
    t: NDArray[np.int64],
    left: Array,
    right: Array,
    rounding: Array,
    *,
    equality: bool = False,
) -> Along:
    return Along(id, text, t, _column(left), _column(right), _column(rounding), equality)
