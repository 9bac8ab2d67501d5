"""Training beyond the theorem's rates: every method runs from the same start, and a rate is raised until the gap no longer decreases."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.beyond import Outcome, adam, at_rates, line_search
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.floor import frozen_floor
from verify.theories.yang2024.numeric.forecast import step_cost
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.spectrum import attention, eigenvalues_at

Array = NDArray[np.float64]
Method = Callable[[str, Instance], Outcome]
STEPS = {"fast": 200, "full": 1000}
WORK = {"fast": 4e9, "full": 4e11}  # most operations of one run
FEWEST = 20
ADAM = {"fast": (1e-2,), "full": (1e-4, 1e-3, 1e-2, 1e-1)}  # the paper's rate is 1e-4
ADAM_ENTRY = 100  # operations for one entry of Q in one step of Adam, in the units of step_cost
NOTICED = 1e-5  # least relative change of Q that is looked at: rates at which Q changes by less are skipped
DECADES = 14
FAR = 100.0  # relative change of Q at which every softmax that can saturate is saturated
START = 1e-9  # relative change of every Q_h^(0) for the second run; rounding changes less
SETTLED = 1e-3  # relative difference of the gaps of both runs that is allowed at every step
REST = 1e-3  # at rest: the last tenth of the steps lowers the gap by less than this relative amount


@dataclass(frozen=True)
class Row:
    """One method and its final state, compared with A, with ζ_0 and with the least gap that w alone reaches from there.

    settled  whether a run from a start that differs by START has the same gaps; if not, the figures depend on the processor
    """

    outcome: Outcome
    distance: float
    zeta: float
    reach: float
    factor: float = 1.0
    settled: bool = True


class Runs:
    """All methods from the same start and with the same number of steps; rates are multiples of those of the first row."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory, i, tier = laboratory, laboratory.instance, laboratory.options.tier
        self.instance, self.tier = i, tier
        self.quadratic = laboratory.quadratic
        flops = step_cost(i.N, i.K, i.H).flops
        self.steps = _within(WORK[tier] / flops, STEPS[tier])
        self.adam_steps = _within(WORK[tier] / (flops + ADAM_ENTRY * i.H * i.d**2), STEPS[tier])
        start = frozen_floor(i, attention(i), self.quadratic)
        self.floor = start.gap
        self.limit_w = 2 * i.K / float(start.singular.max()) ** 2  # descent in w alone diverges from here on
        printed = laboratory.constants.rates
        self.printed = printed is not None
        self.rates = printed or Rates(1.0, self.limit_w / 2, self.limit_w / 2)
        known = laboratory.constants.spectrum.rank == "full" and (start.rank == i.N).all()
        self.resolved = (
            start.tolerance * float(start.singular.max())
        ) ** 2  # a smaller λ_min may be rounding
        self.zeta0 = self._zeta(attention(i)) if known else 0.0  # 0: double precision does not resolve ζ_0
        self.nearby = replace(i, Q_given=(1 - START) * np.stack(list(i.heads())), w_given=(1 - START) * i.w0)
        self.rows: list[Row] = []
        self.of_Q: list[Row] = []
        self.of_w: list[Row] = []
        self.searches: list[Row] = []
        self.adams: list[Row] = []
        self.both: Row | None = None

    def run(self) -> None:
        """Runs every method; a rate is raised until the gap no longer decreases steadily."""
        at = self._at
        self.base = at("printed rates" if self.printed else "η_w = η_Q = K/λ_max(B_k B_kᵀ)", 1.0, 1.0)
        for decade in self._decades():
            self.of_Q.append(at(f"η_Q × {power(10.0**decade)}", 10.0**decade, 1.0))
            lost = len(self.of_Q) > 1 and not any(self.steady(row) for row in self.of_Q[-2:])
            if lost or (self.of_Q[-1].settled and self.of_Q[-1].outcome.moved > FAR):
                break
        half = self.limit_w / 2 / self.rates.eta_w
        if half > 1.5:
            for decade in range(1, max(2, math.ceil(math.log10(2 * half)) + 1)):
                self.of_w.append(at(f"η_w × {power(10.0**decade)}", 1.0, 10.0**decade))
            self.of_w.append(at(f"η_w × {half:.3g} (half of the limit for w alone)", 1.0, half))
            if (best := self.largest(self.of_Q)) > 1:
                self.both = at(f"η_w × {half:.3g} and η_Q × {power(best)}", best, half)
        gammas = dict.fromkeys([self.rates.gamma, 1.0])
        for gamma in gammas:
            name = f"line search with γ = {gamma:.3g}" + (" (15)" if self.printed and gamma != 1 else "")
            self.searches.append(self._row(name, self._line_search(gamma)))
        self.searches.append(self._row("alternating line searches in w and Q", self._line_search(None)))
        for rate in ADAM[self.tier]:
            self.adams.append(self._row(f"Adam on Q and w at rate {rate:g}", self._adam(rate)))
        self.laboratory.progress("beyond the rates", 1, 1)

    def _line_search(self, gamma: float | None) -> Method:
        return lambda name, instance: line_search(name, instance, self.quadratic, self.steps, gamma)

    def _adam(self, rate: float) -> Method:
        return lambda name, instance: adam(
            name, instance, self.quadratic, self.adam_steps, rate, self._progress(name)
        )

    def _progress(self, name: str) -> Callable[[int, int], None]:
        return lambda t, total: self.laboratory.progress(
            f"beyond the rates · {name}", min(t, total - 1), total
        )

    def _decades(self) -> range:
        """Powers of ten for η_Q, from the first at which Q changes by NOTICED."""
        moved = self.base.outcome.moved
        quiet = math.log10(NOTICED / moved) if 0 < moved < NOTICED else 0.0
        first = max(1, math.ceil(quiet))
        return range(first, min(first + DECADES, 300 - math.ceil(math.log10(self.rates.eta_Q))))

    def _at(self, name: str, of_Q: float, of_w: float) -> Row:
        rates = replace(
            self.rates, eta_Q=self.rates.eta_Q * of_Q, eta_w=self.rates.eta_w * of_w, log_rate=None
        )
        return self._row(
            name,
            lambda name, instance: at_rates(name, instance, rates, self.steps, self._progress(name)),
            of_Q * of_w,
        )

    def _row(self, name: str, method: Method, factor: float = 1.0) -> Row:
        """The outcome from θ^(0), compared with the outcome from a start nearby."""
        outcome = method(name, self.instance)
        self.laboratory.progress(f"beyond the rates · {name}", len(self.rows), 0)
        row = replace(self.worth(outcome, factor), settled=self.alike(outcome, method(name, self.nearby)))
        self.rows.append(row)
        return row

    def alike(self, one: Outcome, other: Outcome) -> bool:
        """Whether the gaps of two runs agree at every step within SETTLED or within rounding."""
        if len(one.gaps) != len(other.gaps):
            return False
        allowed = SETTLED * np.minimum(one.gaps, other.gaps) + self.rounding
        return bool((np.abs(one.gaps - other.gaps) <= allowed).all())

    def worth(self, outcome: Outcome, factor: float = 1.0) -> Row:
        distance = zeta = reach = math.nan
        if np.isfinite(outcome.s).all():
            A = self.quadratic.A
            with np.errstate(over="ignore", invalid="ignore"):
                apart = np.linalg.norm(np.einsum("hnk,hk->nk", outcome.s, outcome.w) - A)
            distance = float(apart / np.linalg.norm(A))
            zeta = self._zeta(outcome.s)
            reach = frozen_floor(self.instance, outcome.s, self.quadratic).gap
        return Row(outcome, distance, zeta, reach, factor)

    def _zeta(self, s: Array) -> float:
        try:
            return float(eigenvalues_at(self.instance, s).min())
        except np.linalg.LinAlgError:
            return math.nan

    @property
    def start(self) -> float:
        return float(self.base.outcome.gaps[0])

    @property
    def rounding(self) -> float:
        """The gap that rounding of Â alone can produce."""
        scale = float(np.sum((self.quadratic.root @ self.quadratic.A) ** 2)) / (2 * self.instance.K)
        return scale * (64 * np.finfo(np.float64).eps) ** 2

    def steady(self, row: Row) -> bool:
        """Whether the gap decreases at every step and at least as far as in the first row, does not come to rest unless the first row
        does too, and all of this does not depend on the processor."""
        falls = row.settled and not row.outcome.stopped and not len(row.outcome.rises(self.rounding))
        far = row.outcome.gap <= self.base.outcome.gap * (1 + 1e-6) + self.rounding
        return falls and far and (not self.rests(row) or self.rests(self.base))

    def largest(self, rows: list[Row]) -> float:
        """The largest factor before the first run that is not steady; 1 where there is none."""
        best = 1.0
        for row in rows:
            if not self.steady(row):
                break
            best = row.factor
        return best

    def rests(self, row: Row) -> bool:
        """Whether the gap comes to rest above zero: at the least gap of its final attention, or where the gradients almost vanish."""
        gaps = row.outcome.gaps
        still = gaps[-1] >= (1 - REST) * gaps[int(0.9 * (len(gaps) - 1))]
        return bool(len(gaps) > 1 and still and gaps[-1] > self.rounding)


def _within(wanted: float, most: int) -> int:
    return max(FEWEST, min(most, int(wanted)))


def power(factor: float) -> str:
    return f"{factor:g}" if factor < 1e4 else f"1e{round(math.log10(factor))}"
