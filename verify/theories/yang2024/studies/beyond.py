"""Training beyond the theorem's rates: whether Q changes, whether the gap still decreases, what is gained, and whether the limit is A."""

from __future__ import annotations

import math
from collections import Counter
from time import perf_counter

import numpy as np

from verify.output.phrases import counted, percent
from verify.record import Chart, Scalar, Series, Study, Table
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.studies.beyond_runs import SETTLED, START, Row, Runs, power
from verify.theories.yang2024.summary import thinned

MOVED = 1e-2  # relative change of Q from which on Q counts as trained
TO_A, REST_BEFORE, ASTRAY = (
    "converged to A",
    "came to rest above that value",
    "ended at or above the initial gap",
)
STOPPED, UNDER_WAY = "stopped early", "had not come to rest"
UNSETTLED = "depends on rounding"
NEVER = "–"
METHOD = (
    "Gradient descent (10) runs at other rates. Line searches halve the step until the gap decreases by at least 1e-4 of what the slope "
    "promises (Armijo's rule), in (Q, w/γ) together or in w and Q alternately. Adam runs on the entries of Q − Q^(0) and of w, with "
    "gradients by automatic differentiation; it does not run on the coordinates X, because its steps depend on the basis. All numbers are "
    "float64, computed on the CPU"
)


def study(laboratory: Laboratory) -> Study:
    started = perf_counter()
    made = Beyond(laboratory)
    made.run()
    return Study(
        id="beyond", title="Beyond the theorem's rates", finding=made.finding(), tables=[made.table()], charts=[made.chart()],
        method=METHOD, seed=laboratory.instance.seed, seconds=perf_counter() - started,
    )  # fmt: skip


class Beyond(Runs):
    """What the runs say: a table, a finding, a chart."""

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
                f"With η_Q multiplied by {power(best)} the gap still decreases at each of {self.steps} steps, and "
                f"Q {_changes(row.outcome.moved)}."
            )
            lowest = min((one for one in self.of_Q if self.steady(one)), key=lambda one: one.outcome.gap)
            if lowest.outcome.gap < 0.99 * row.outcome.gap:
                said.append(f"The gap decreases farthest with η_Q multiplied by {power(lowest.factor)}.")
        if broken:
            said.append(f"With η_Q multiplied by {power(broken.factor)} the gap {self._verb(broken)}.")
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


def _changes(moved: float) -> str:
    return f"changes by {percent(moved)}" if math.isfinite(moved) else "leaves its initial value 0"
