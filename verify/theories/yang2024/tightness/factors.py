"""Where the constants lose: each chain of values from what is printed down to what is seen, one named factor a step.

A chain is a telescoping product. Its factors come from quantities of their own (eigenvalues, gradients, norms of steps) and must
multiply to the quotient of its ends, which come from elsewhere (recorded gaps, the Hessian): `Chain.off` says by how much they
do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from verify.points.batched import BatchValues
from verify.points.rules import Rules
from verify.search.gradients import with_gradients
from verify.theories.yang2024.claims.descent import repaired_61
from verify.theories.yang2024.claims.lipschitz_statements import lemma_10_sharper, square
from verify.theories.yang2024.claims.smoothness_17 import printed_17, repaired_17
from verify.theories.yang2024.numeric.curvature import Curvature, Eigenvalue
from verify.theories.yang2024.numeric.train import Iterate
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic.reading import reader
from verify.theories.yang2024.tightness.letters import Known
from verify.theories.yang2024.tightness.slack import EPS, Along, share

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Factor:
    """By how much one step of a chain loses, as log10, and why."""

    name: str
    log10: float
    why: str


@dataclass(frozen=True)
class Chain:
    """whole   log10 of the quotient of the ends, worked out without the factors
    ends       the two ends with their values, in words
    rounding   what the sum of the factors may be off by
    """

    name: str
    ends: str
    whole: float
    factors: tuple[Factor, ...]
    rounding: float

    @property
    def off(self) -> float:
        return abs(sum(factor.log10 for factor in self.factors) - self.whole)

    @property
    def broken(self) -> bool:
        return not self.off <= self.rounding


class Losses:
    """The chains of one run at rates within (15), (16)."""

    def __init__(self, known: Known, along: Along, curvature: Curvature | None, viewed: int) -> None:
        """viewed  at how many of the iterates the Hessian is looked at"""
        self.known, self.along, self.curvature, self.viewed = known, along, curvature, viewed
        self._largest: dict[float, tuple[Eigenvalue, int]] = {}

    @property
    def iterates(self) -> tuple[Iterate, ...]:
        """θ^(0) and all that are looked at."""
        return (self.known.start, *self.along.points.iterates)

    def chains(self) -> list[Chain]:
        found = [self.rate()]
        found += [self.smoothness()] if self.curvature is not None else []
        found += [self.gamma()] if self.drift[0] > 0 else []  # N = 1: no Q moves any attention
        return [*found, self.alpha()]

    # The rate

    def known_until(self) -> int:
        """The last step whose gap double precision still knows."""
        trajectory = self.known.trajectory
        return int(np.flatnonzero(trajectory.gap >= EPS * trajectory.gap[0])[-1])

    def observed(self) -> float:
        """1 − the mean factor of the gap over the steps up to there."""
        gap, until = self.known.trajectory.gap, max(1, self.known_until())
        return float(-np.expm1(np.log(gap[until] / gap[0]) / until))

    def guaranteed(self) -> float:
        """η_Qσ/2 = η_wζ_0/(2K) (18)."""
        return self.known.scalars["eta"] * self.known.scalars["sigma"] / 2

    def rate(self) -> Chain:
        """1 − the factor of a step, observed over guaranteed; factors are means of logarithms over the run, by the trapezoidal rule
        on the steps that are looked at."""
        known, rows, steps = self.known, [], []
        eta, zeta, gamma = (known.scalars[name] for name in ("eta", "zeta", "gamma"))
        per_token = gamma**2 / known.instance.K
        for at in self.along.made("one step"):
            gap, least = at["gap"], at["lmin"].amin(dim=1)
            of_alpha, whole = at["ga"].square().flatten(1).sum(1), at["ng"].square()
            moved, both = at["zd-"], at["zd"] + at["zd2"]
            fall = (moved * both).flatten(1).sum(1) / (
                2 * known.instance.K
            )  # the gap less the next, without cancellation
            parts = (
                (least / (zeta / 2)).expand_as(gap), of_alpha / (2 * per_token * least * gap), whole / of_alpha,
                fall / (eta / 2 * whole), fall / gap,
            )  # fmt: skip
            rows.append(torch.stack(parts, dim=1))
            steps.append(at.t)
        weights = trapezoids(np.concatenate(steps))
        means = (weights @ torch.cat(rows).log10().numpy()).tolist()
        seen, sure = self.observed(), self.guaranteed()
        told = (
            ("(43b): λ_min(B_k B_kᵀ) is not halved", "least λ_min(B_k B_kᵀ) seen over ζ_0/2"),
            ("(49): not the worst token and direction", "(Z̄δ_k)ᵀ B_k B_kᵀ Z̄δ_k over λ_min‖Z̄δ_k‖², summed"),
            ("(49): the gradient in Q", "‖∇ℓ‖² over Σ(∂ℓ/∂α_{h,k})²"),
            ("Step 4: (63) and η_Q ≤ 1/L", "the fall of the loss over (η_Q/2)‖∇ℓ‖²"),
        )
        factors = [Factor(name, mean, why) for (name, why), mean in zip(told, means, strict=False)]
        factors.append(
            Factor(
                "steps looked at, to all steps",
                math.log10(seen) - means[4],
                "the mean over the whole run is another",
            )
        )
        whole_ = math.log10(seen / sure)
        ends = f"observed {seen:.4g} over guaranteed {sure:.4g} per step"
        return Chain("rate", ends, whole_, tuple(factors), self._rounding(len(factors)))

    # L

    def largest(self, gamma: float, progress: Progress | None = None) -> tuple[Eigenvalue, int]:
        """The eigenvalue of largest size of ∇²ℓ over the iterates looked at, α = w/γ, and its step."""
        if self.curvature is None:
            raise ValueError("no curvature at this size")
        if gamma not in self._largest:
            found = []
            count = min(self.viewed, len(self.iterates))
            for number, place in enumerate(np.linspace(0, len(self.iterates) - 1, count)):
                iterate = self.iterates[int(place)]
                found.append((self.curvature.largest(iterate, gamma), iterate.t))
                if progress is not None:
                    progress(number + 1, count)
            self._largest[gamma] = max(found, key=lambda pair: abs(pair[0].value))
        return self._largest[gamma]

    def at_constants(self, side: sp.Expr, **other: float) -> float:
        """The value of an expression in constants; `other` takes the place of α (abar) of (44) or of ‖A‖₂ (nA)."""
        named = {name: _single(value) for name, value in (self.known.scalars | other).items()}
        values = BatchValues(
            with_gradients(), self.known.sizes, named.__getitem__, Rules(SETTING, dict.fromkeys(named))
        )
        return float(values.scalar(reader({}).read(side)))

    def largest_alpha(self) -> float:
        """The largest |α_{h,k}| seen."""
        return max(float(np.abs(x.w).max()) for x in self.iterates) / self.known.scalars["gamma"]

    def smoothness(self) -> Chain:
        """L of (17) down to the largest curvature that was seen."""
        seen, at = self.largest(self.known.scalars["gamma"])
        (sharper,) = lemma_10_sharper()
        sharp = sp.cancel(sharper.rhs / square)
        values = (
            ("(17): not (61), repaired, at (44)", "(17) has other terms than what is proved", self.at_constants(printed_17())),
            ("‖A‖₂ ≤ 1 + ‖ZᵀẐ‖₂/(mτ)", "the norm itself", self.at_constants(repaired_17())),
            ("Lemma 10: constants and √N", "the sharper Lemma 10, which is proved", self.at_constants(repaired_61())),
            ("α of (44)", "the largest |α_{h,k}| seen", self.at_constants(sharp)),
            ("Lemma 10: all points with |α_{h,k}| ≤ α", "the Hessian at the iterates seen",
             self.at_constants(sharp, abar=self.largest_alpha())),
        )  # fmt: skip
        levels = [math.log10(value) / 2 for *_, value in values] + [math.log10(abs(seen.value))]
        factors = tuple(
            Factor(name, above - below, why)
            for (name, why, _), above, below in zip(values, levels, levels[1:], strict=False)
        )
        rates = self.known.trajectory.rates
        printed = -math.log10(rates.eta_Q)  # η_Q = 1/L, rounded down
        ends = f"L of (17) {10**printed:.4g} over the largest eigenvalue of ∇²ℓ seen {abs(seen.value):.4g} (t = {at})"
        return Chain("L", ends, printed - levels[-1], factors, self._rounding(len(factors)) + 2e-12)

    # α and γ

    def roots(self) -> float:
        """η_Q Σ_t √(ℓ(ξ^(t)) − 𝓛*) over the steps of the run."""
        gap = self.known.trajectory.gap[:-1]
        return self.known.scalars["eta"] * float(np.sqrt(gap.clip(0)).sum())

    def alpha(self) -> Chain:
        """α of (44) down to the largest |α_{h,k}| seen."""
        c, last = self.known.scalars, self.known.trajectory
        walked = c["nZbar"] * c["gamma"] * math.sqrt(2 / self.known.instance.K) * self.roots()
        ends_ = (*self.iterates, last.last)
        norm = max(float(np.linalg.norm(x.w, axis=1).max()) for x in ends_) / c["gamma"]
        entry = max(float(np.abs(x.w).max()) for x in ends_) / c["gamma"]
        told = (
            ("Step 3: (43c) and the sum", "Σ√(ℓ − 𝓛*) as it was, not √Δ^(0)·4/(η_Qσ)"),
            ("Step 3: (62), steps that point one way", "‖α_h‖₂ over the sum of its steps' bounds"),
            ("one entry for the norm over the tokens", "max|α_{h,k}| over max‖α_h‖₂"),
        )
        return self._down(
            "α", "α of (44)", "the largest |α_{h,k}| seen", (c["abar"], walked, norm, entry), told
        )

    @cached_property
    def drift(self) -> tuple[float, float]:
        """Largest ‖B_k − B_k^(0)‖_F and √Σ_h‖Q_h − Q_h^(0)‖_F² seen."""
        rows = [
            (float(at["b-"].square().sum(dim=(1, 2)).amax().sqrt()), float(at["nDQ"].amax()))
            for at in self.along.made("since start")
        ]
        return max(b for b, _ in rows), max(q for _, q in rows)

    @cached_property
    def slopes(self) -> tuple[Array, Array]:
        """Of each iterate looked at ‖∂ℓ/∂α‖²/(ℓ − 𝓛*) and ‖∂ℓ/∂Q‖²/(ℓ − 𝓛*)."""
        rows = [
            (at["ga"].square().flatten(1).sum(1) / at["gap"], at["gQ"].square().flatten(1).sum(1) / at["gap"])
            for at in self.along.made("point")
        ]
        of_alpha, of_Q = (torch.cat(parts).numpy() for parts in zip(*rows, strict=True))
        return of_alpha, of_Q

    def least_gamma(self) -> float:
        """γ at which (48) would be an equality, if what B_k drifts went as its bound does, 1/γ²."""
        c, (drift, _) = self.known.scalars, self.drift
        return c["gamma"] * math.sqrt(drift / ((1 - math.sqrt(0.5)) * math.sqrt(c["zeta"])))

    def gamma(self) -> Chain:
        """γ² of (15), over the least γ² that (48) needs with the drift seen: the links of (48) and of (47)."""
        c, H = self.known.scalars, self.known.instance.H
        drift, moved = self.drift
        root2, head = math.sqrt(2), 2 * c["nZbar"] * math.sqrt(H) * 2 * math.sqrt(2) * c["gamma"] * c["fmax"]
        limit = (1 - 1 / root2) * math.sqrt(c["zeta"])
        bound = head * c["abar"] * 4 / c["sigma"] * math.sqrt(c["Delta0"])
        summed = head * c["abar"] * self.roots()
        at_alpha = head * self.largest_alpha() * self.roots()
        levels = (limit, bound, summed, at_alpha, 2 * c["nZbar"] * moved, drift)
        told = (
            ("(15), rounded up", "the last link of (48)"),
            ("(47): (43c) and the sum", "Σ√(ℓ − 𝓛*) as it was, not √Δ^(0)·4/(η_Qσ)"),
            ("(47): α of (44)", "the largest |α_{h,k}| seen"),
            (
                "(47): Lemma 7, steps that point one way, heads alike",
                "√Σ‖Q_h − Q_h^(0)‖² over the sum of its bounds",
            ),
            ("(48), first step: (46)", "max_k ‖B_k − B_k^(0)‖_F over 2‖Z̄‖₂√Σ‖Q_h − Q_h^(0)‖²"),
        )
        chain = self._down("γ²", "(1 − 1/√2)√ζ_0", "the drift of B_k seen", levels, told)
        ends = f"γ of (15) {c['gamma']:.4g} over {self.least_gamma():.4g}, squared: {chain.ends}"
        whole = 2 * math.log10(c["gamma"] / self.least_gamma())
        return Chain(chain.name, ends, whole, chain.factors, chain.rounding)

    def _down(
        self, name: str, first: str, last: str, levels: Sequence[float], told: Sequence[tuple[str, str]]
    ) -> Chain:
        logs = [math.log10(x) for x in levels]
        factors = tuple(
            Factor(what, above - below, why)
            for (what, why), above, below in zip(told, logs, logs[1:], strict=False)
        )
        ends = f"{first} {levels[0]:.4g} over {last} {levels[-1]:.4g}"
        return Chain(name, ends, math.log10(levels[0] / levels[-1]), factors, self._rounding(len(factors)))

    def _rounding(self, terms: int) -> float:
        """Of a sum of logarithms of numbers that are off by what rounding of δ explains at the last step looked at."""
        trajectory = self.known.trajectory
        least = min((share(trajectory, x.t) for pair in self.along.points.after for x in pair), default=1.0)
        i = self.known.instance
        each = (i.H + i.N + i.K + i.m) * EPS * (1 + 1 / math.sqrt(max(least, EPS)))
        return (terms + 2) * each


def trapezoids(t: NDArray[np.int64]) -> Array:
    """Weights of a mean over the time from the first of these steps to the last; they sum to 1."""
    if len(t) == 1 or t[0] == t[-1]:
        return np.full(len(t), 1 / len(t))
    half = np.diff(t) / 2
    weights: Array = (np.concatenate([half, [0.0]]) + np.concatenate([[0.0], half])) / half.sum() / 2
    return weights


def _single(value: float) -> Tensor:
    return torch.tensor([value], dtype=torch.float64)
