"""Training beyond the theorem's rates: whether Q changes, whether the gap still decreases, what is gained, and whether the limit is A."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from verify.output.phrases import counted, percent
from verify.record import Chart, Scalar, Series, Study, Table
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.beyond import Outcome, adam, at_rates, line_search
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.floor import frozen_floor
from verify.theories.yang2024.numeric.forecast import step_cost
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.spectrum import attention, eigenvalues_at
from verify.theories.yang2024.summary import thinned

Array = NDArray[np.float64]
Method = Callable[[str, Instance], Outcome]
STEPS = {"fast": 200, "full": 1000}
WORK = {"fast": 4e9, "full": 4e11}  # most operations of one run
FEWEST = 20
ADAM = {"fast": (1e-2,), "full": (1e-4, 1e-3, 1e-2, 1e-1)}  # the paper's rate is 1e-4
ADAM_ENTRY = 100  # operations for one entry of Q in one step of Adam, in the units of step_cost
NOTICED = 1e-5  # least relative change of Q that is looked at: rates at which Q changes by less are skipped
DECADES = 14
MOVED = 1e-2  # relative change of Q from which on Q counts as trained
TO_A, REST_BEFORE, ASTRAY = (
    "converged to A",
    "came to rest above that value",
    "ended at or above the initial gap",
)
STOPPED, UNDER_WAY = "stopped early", "had not come to rest"
FAR = 100.0  # relative change of Q at which every softmax that can saturate is saturated
START = 1e-9  # relative change of every Q_h^(0) for the second run; rounding changes less
SETTLED = 1e-3  # relative difference of the gaps of both runs that is allowed at every step
UNSETTLED = "depends on rounding"
REST = 1e-3  # at rest: the last tenth of the steps lowers the gap by less than this relative amount
NEVER = "–"
METHOD = (
    "Gradient descent (10) runs at other rates. Line searches halve the step until the gap decreases by at least 1e-4 of what the slope "
    "promises (Armijo's rule), in (Q, w/γ) together or in w and Q alternately. Adam runs on the entries of Q − Q^(0) and of w, with "
    "gradients by automatic differentiation; it does not run on the coordinates X, because its steps depend on the basis. All numbers are "
    "float64, computed on the CPU"
)


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


def study(laboratory: Laboratory) -> Study:
    started = perf_counter()
    made = Beyond(laboratory)
    made.run()
    return Study(
        id="beyond", title="Beyond the theorem's rates", finding=made.finding(), tables=[made.table()], charts=[made.chart()],
        method=METHOD, seed=laboratory.instance.seed, seconds=perf_counter() - started,
    )  # fmt: skip


class Beyond:
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
            self.of_Q.append(at(f"η_Q × {_power(10.0**decade)}", 10.0**decade, 1.0))
            lost = len(self.of_Q) > 1 and not any(self.steady(row) for row in self.of_Q[-2:])
            if lost or (self.of_Q[-1].settled and self.of_Q[-1].outcome.moved > FAR):
                break
        half = self.limit_w / 2 / self.rates.eta_w
        if half > 1.5:
            for decade in range(1, max(2, math.ceil(math.log10(2 * half)) + 1)):
                self.of_w.append(at(f"η_w × {_power(10.0**decade)}", 1.0, 10.0**decade))
            self.of_w.append(at(f"η_w × {half:.3g} (half of the limit for w alone)", 1.0, half))
            if (best := self.largest(self.of_Q)) > 1:
                self.both = at(f"η_w × {half:.3g} and η_Q × {_power(best)}", best, half)
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

    def how(self, row: Row) -> str:
        """The course of the gap, as a predicate of it."""
        outcome = row.outcome
        if not row.settled:
            return UNSETTLED
        if outcome.stopped:
            return f"is not computed to the end ({outcome.stopped})"
        rises = outcome.rises(self.rounding)
        above = np.flatnonzero(outcome.gaps > self.start * (1 + 1e-9))
        if len(above):
            end = "and exceeds it at the end" if outcome.gap > self.start else "but not at the end"
            return f"first exceeds its initial value at step {above[0]}, {end}"
        if len(rises):
            return f"increases at {counted(len(rises), 'step')}, first at step {rises[0]}"
        return "decreases and comes to rest above zero" if self.rests(row) else "decreases at every step"

    def rests(self, row: Row) -> bool:
        """Whether the gap comes to rest above zero: at the least gap of its final attention, or where the gradients almost vanish."""
        gaps = row.outcome.gaps
        still = gaps[-1] >= (1 - REST) * gaps[int(0.9 * (len(gaps) - 1))]
        return bool(len(gaps) > 1 and still and gaps[-1] > self.rounding)

    def table(self) -> Table:
        target = self.base.outcome.gap
        rows: list[list[Scalar]] = []
        for row in self.rows:
            one, sooner = row.outcome, row.outcome.first(target)
            if not row.settled:
                rows.append([one.name, *[None] * 7, self.how(row)])
                continue
            figures = [
                one.gap / self.start if self.start > 0 else one.gap, one.moved, row.distance,
                self._of_zeta0(row.zeta), row.reach,
            ]  # fmt: skip
            end, *rest = (
                value if isinstance(value, str) or math.isfinite(value) else None for value in figures
            )
            rows.append(
                [one.name, end, NEVER if sooner is None else sooner, *rest, one.evaluations, self.how(row)]
            )
        return Table(
            caption="The same start, trained in other ways",
            columns=[
                "method", "final gap / initial gap", "steps to the final gap of the first row", "relative change of Q",
                "‖Â − A‖_F / ‖A‖_F", "least λ_min(B_k B_kᵀ) / ζ_0", "least gap of w with the final Q fixed",
                "evaluations of the loss", "course of the gap",
            ], rows=rows,
            note=f"Each method takes {self.steps} steps, Adam {self.adam_steps}. Factors of η_w and η_Q are relative to the first row. "
            f"The relative change of Q is the largest ‖Q_h − Q_h^(0)‖_F / ‖Q_h^(0)‖_F. With Q fixed at its start, training w can lower "
            f"the gap to {self.floor:.3g}, and descent in w alone converges for η_w below 2K/λ_max(B_k B_kᵀ) = {self.limit_w:.3g}. "
            f'A row says "{UNSETTLED}" where a relative change of {START:g} in every Q_h^(0) changes the gap by more than '
            f"{percent(SETTLED)}. The outcome may then differ from processor to processor, and the row has no figures.",
        )  # fmt: skip

    def _of_zeta0(self, zeta: float) -> float | str:
        """λ_min/ζ_0, nan where it is not known, and an upper bound where double precision does not resolve it."""
        if not self.zeta0 > 0 or not math.isfinite(zeta):
            return math.nan
        return zeta / self.zeta0 if zeta >= self.resolved else f"< {self.resolved / self.zeta0:.1g}"

    def finding(self) -> str:
        """Whether Q changes, whether the gap decreases, what is gained, whether the limit is A, and whether A2 is kept."""
        said = [self._said_of_Q(), self._said_of_w(), self._gain(), self._limit()]
        return " ".join(part for part in said if part)

    def _said_of_Q(self) -> str:
        best = self.largest(self.of_Q)
        broken = next((row for row in self.of_Q if row.factor > best and not self.steady(row)), None)
        if not any(row.outcome.moved > 0 for row in self.of_Q):
            return "Q does not change at any η_Q, because its gradient is zero."
        said = []
        if best > 1:
            row = next(row for row in self.of_Q if row.factor == best)
            said.append(
                f"With η_Q multiplied by {_power(best)} the gap still decreases at each of {self.steps} steps, and "
                f"Q {_changes(row.outcome.moved)}."
            )
            lowest = min((one for one in self.of_Q if self.steady(one)), key=lambda one: one.outcome.gap)
            if lowest.outcome.gap < 0.99 * row.outcome.gap:
                said.append(f"The gap decreases farthest with η_Q multiplied by {_power(lowest.factor)}.")
        if broken:
            said.append(f"With η_Q multiplied by {_power(broken.factor)} the gap {self._verb(broken)}.")
        return " ".join(said)

    def _verb(self, row: Row) -> str:
        less = row.settled and row.outcome.gap > self.base.outcome.gap
        how = self.how(row)
        return f"{how}, but less far than in the first row" if less and how.startswith("decreases") else how

    def _said_of_w(self) -> str:
        if not self.of_w:
            return ""
        most = self.limit_w / self.rates.eta_w
        return f"η_w can be multiplied by up to {most:.3g}; above that factor gradient descent in w alone diverges."

    def _gain(self) -> str:
        """The fewest steps to what the base rates reach, and the lowest gap."""
        target = self.base.outcome.gap
        others = [row for row in self.rows if row is not self.base and row.settled]
        there = "at the printed rates" if self.printed else "at the rates of the first row"
        sooner = [(steps, row) for row in others if (steps := row.outcome.first(target)) is not None]
        if not sooner:
            return f"No other method reaches the gap that {self.steps} steps {there} reach."
        steps, row = min(sooner, key=lambda pair: pair[0])
        if not target < self.start:
            return f"The gap is not lower after {self.steps} steps {there}."
        fewest = counted(steps, "step")
        text = f"The final gap of {self.steps} steps {there} is reached in {fewest} with {row.outcome.name}."
        lowest = min(
            (gap for row in self._movers() if (gap := row.outcome.gap) < 0.99 * self.floor), default=None
        )
        if self.floor > self.rounding and lowest is not None:
            text += f" Training Q helps here: the gap decreases to {lowest:.2g}, which is below {self.floor:.2g}, the least gap "
            text += "that training w alone can reach."
        return text

    def _movers(self) -> list[Row]:
        """The runs in which Q changes by MOVED or more, without those that depend on rounding."""
        return [row for row in self.rows if row.settled and not row.outcome.moved < MOVED]

    def _limit(self) -> str:
        """Where the runs in which Q changes end, and whether A2 still holds there."""
        movers, open_ones = self._movers(), sum(not row.settled for row in self.rows)
        runs = "1 run is" if open_ones == 1 else f"{open_ones} runs are"
        aside = f" {runs} not counted, because the gap depends on rounding." if open_ones else ""
        if not movers:
            return f"In no run does Q change by {percent(MOVED)} or more.{aside}"
        came = Counter(self._came(row) for row in movers)
        adam = f" ({self.adam_steps} for Adam)" if self.adam_steps != self.steps else ""
        text = f"Q changes by {percent(MOVED)} or more in {counted(len(movers), 'run')}. Of these, {came[TO_A] or 'none'} {TO_A}, "
        text += "which means that the gap decreased to "
        text += (
            f"{self.laboratory.options.bound_target:g} of its initial value within {self.steps} steps{adam}"
        )
        others = (how for how in (REST_BEFORE, ASTRAY, STOPPED, UNDER_WAY) if came[how])
        text += "".join(f"; {came[how]} {how}" for how in others) + "."
        told = [row for row in movers if math.isfinite(row.zeta)]
        if self.zeta0 > 0 and told:
            low = sum(row.zeta < self.zeta0 / 2 for row in told)
            least = self._of_zeta0(min(row.zeta for row in told))
            shown = f"less than {least.removeprefix('< ')}" if isinstance(least, str) else f"{least:.2g}"
            among = "them" if len(told) == len(movers) else f"the {len(told)} where it could be computed"
            text += f" At the end λ_min(B_k B_kᵀ) is below ζ_0/2 (43b) in {low or 'none'} of {among}; its least value is {shown} ζ_0."
        return text + aside

    def _came(self, row: Row) -> str:
        if row.outcome.stopped:
            return STOPPED
        if not row.outcome.gap < self.start:
            return ASTRAY
        if row.outcome.gap <= self.laboratory.options.bound_target * self.start:
            return TO_A
        return REST_BEFORE if self.rests(row) else UNDER_WAY

    def chart(self) -> Chart:
        """One curve for each kind of method; for a raised rate, the run with the lowest final gap."""
        shown = [self.base]
        for kind in (self.of_Q, self.of_w, self.adams):
            steady = [row for row in kind if row.settled and not row.outcome.stopped]
            shown += [min(steady, key=lambda row: row.outcome.gap)] if steady else []
        shown += self.searches
        thin = thinned(self.steps + 1)
        curves = {
            row.outcome.name: [float(row.outcome.gaps[t]) for t in thin if t < len(row.outcome.gaps)]
            for row in shown
        }
        log_rate = self.rates.log_rate
        if log_rate is not None:
            curves = {"guaranteed (18)": [self.start * math.exp(log_rate * int(t)) for t in thin]} | curves
        return Chart(
            caption="The gap over the steps, by method", series=Series(x=[int(t) for t in thin], y=curves)
        )


def _within(wanted: float, most: int) -> int:
    return max(FEWEST, min(most, int(wanted)))


def _power(factor: float) -> str:
    return f"{factor:g}" if factor < 1e4 else f"1e{round(math.log10(factor))}"


def _changes(moved: float) -> str:
    return f"changes by {percent(moved)}" if math.isfinite(moved) else "leaves its initial value 0"
