"""Beyond the theorem's rates: does Q move, does it still converge, what does it gain, is the limit still A?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from verify.output.phrases import counted
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
WORK = {"fast": 4e9, "full": 4e11}  # operations of one run, at most
FEWEST = 20
ADAM = {"fast": (1e-2,), "full": (1e-4, 1e-3, 1e-2, 1e-1)}  # the paper's rate is 1e-4
ADAM_ENTRY = 100  # operations an entry of Q takes in a step of Adam, in the units of step_cost
NOTICED = 1e-5  # of Q^(0): decades of η_Q that move it by less change nothing
DECADES = 14
MOVED = 1e-2
REST_BEFORE, ASTRAY, UNDER_WAY = "at rest before it", "above the start", "still under way"
FAR = 100.0  # times its own size: every softmax that could saturate has
START = 1e-9  # relative change of every Q_h^(0): rounding changes less
SETTLED = 1e-3  # of the gap, at every step
UNSETTLED = "depends on rounding"
REST = 1e-3  # the last tenth of the steps lowers the gap by less than this part
NEVER = "–"


@dataclass(frozen=True)
class Row:
    """One method, and what the end of its run is worth: against A, against ζ_0, against what w reaches there.

    settled  whether a start that differs by START ends in the same gaps; if not, what is seen of the run is of this processor
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
        method=made.method(), seed=laboratory.instance.seed, seconds=perf_counter() - started,
    )  # fmt: skip


class Beyond:
    """All methods from the same start, for as many steps each; rates are told as multiples of the base."""

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
        self.resolved = (start.tolerance * float(start.singular.max())) ** 2  # a smaller λ_min is rounding
        self.zeta0 = (
            self._zeta(attention(i)) if known else 0.0
        )  # what double precision does not resolve is compared with nothing
        self.nearby = replace(i, Q_given=(1 - START) * np.stack(list(i.heads())), w_given=(1 - START) * i.w0)
        self.rows: list[Row] = []
        self.of_Q: list[Row] = []
        self.of_w: list[Row] = []
        self.searches: list[Row] = []
        self.adams: list[Row] = []
        self.both: Row | None = None

    def run(self) -> None:
        """Every method; those that raise a rate go on until it no longer pays."""
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
            self.of_w.append(at(f"η_w × {half:.3g}, half of what w alone bears", 1.0, half))
            if (best := self.largest(self.of_Q)) > 1:
                self.both = at(f"η_w × {half:.3g} and η_Q × {_power(best)}", best, half)
        gammas = dict.fromkeys([self.rates.gamma, 1.0])
        for gamma in gammas:
            name = f"line search, γ = {gamma:.3g}" + (" (15)" if self.printed and gamma != 1 else "")
            self.searches.append(self._row(name, self._line_search(gamma)))
        self.searches.append(self._row("line searches in w and in Q by turns", self._line_search(None)))
        for rate in ADAM[self.tier]:
            self.adams.append(self._row(f"Adam on Q and w, rate {rate:g}", self._adam(rate)))
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
        """Powers of ten for η_Q, from the first that moves Q to be noticed."""
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
        """The method from θ^(0), and once more from a start nearby."""
        outcome = method(name, self.instance)
        self.laboratory.progress(f"beyond the rates · {name}", len(self.rows), 0)
        row = replace(self.worth(outcome, factor), settled=self.alike(outcome, method(name, self.nearby)))
        self.rows.append(row)
        return row

    def alike(self, one: Outcome, other: Outcome) -> bool:
        """Whether two runs have the same gaps, step by step, to a part of SETTLED or to rounding."""
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
        """A gap below this is rounding of Â."""
        scale = float(np.sum((self.quadratic.root @ self.quadratic.A) ** 2)) / (2 * self.instance.K)
        return scale * (64 * np.finfo(np.float64).eps) ** 2

    def steady(self, row: Row) -> bool:
        """Whether the gap fell at every step, as far as at the base rates or farther, and is not at rest unless it is there too,
        whatever the processor."""
        falls = row.settled and not row.outcome.stopped and not len(row.outcome.rises(self.rounding))
        far = row.outcome.gap <= self.base.outcome.gap * (1 + 1e-6) + self.rounding
        return falls and far and (not self.rests(row) or self.rests(self.base))

    def largest(self, rows: list[Row]) -> float:
        """The largest factor of an unbroken row of steady runs; 1 where there is none."""
        best = 1.0
        for row in rows:
            if not self.steady(row):
                break
            best = row.factor
        return best

    def how(self, row: Row) -> str:
        """How it went, in words."""
        outcome = row.outcome
        if not row.settled:
            return UNSETTLED
        if outcome.stopped:
            return outcome.stopped
        rises = outcome.rises(self.rounding)
        above = np.flatnonzero(outcome.gaps > self.start * (1 + 1e-9))
        if len(above):
            end = "and ends there" if outcome.gap > self.start else "and comes back"
            return f"above its start from step {above[0]} on, {end}"
        if len(rises):
            many = "step" if len(rises) == 1 else "steps"
            return f"rises at {len(rises)} {many}, first at step {rises[0]}"
        return "falls, and comes to rest" if self.rests(row) else "falls at every step"

    def rests(self, row: Row) -> bool:
        """Whether it came to rest above zero: at the floor of its own attention, or where all gradients are next to nothing."""
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
        what = "printed" if self.printed else "first"
        return Table(
            caption="The same start, trained otherwise",
            columns=[
                "method", "gap at the end, over the start", f"steps to the gap of the {what} row", "Q moved",
                "‖Â − A‖_F / ‖A‖_F", "least λ_min(B_k B_kᵀ), over ζ_0", "least gap within reach of w there",
                "evaluations of the loss", "how it went",
            ], rows=rows,
            note=f"{self.steps} steps each, Adam {self.adam_steps}; η in multiples of the first row. Q moved: the largest "
            f"‖Q_h − Q_h^(0)‖_F / ‖Q_h^(0)‖_F. With Q as at the start w reaches a gap of {self.floor:.3g}; w alone bears η_w below "
            f"2K/λ_max(B_k B_kᵀ) = {self.limit_w:.3g}. {UNSETTLED.capitalize()}: from Q_h^(0) changed by a part of {START:g} the gap "
            f"differs by more than {SETTLED:g} of itself, so the row may differ from processor to processor.",
        )  # fmt: skip

    def _of_zeta0(self, zeta: float) -> float | str:
        """λ_min over ζ_0, nan where there is none; what double precision does not resolve is told as a bound."""
        if not self.zeta0 > 0 or not math.isfinite(zeta):
            return math.nan
        return zeta / self.zeta0 if zeta >= self.resolved else f"< {self.resolved / self.zeta0:.1g}"

    def finding(self) -> str:
        """Does Q move, does it converge, what is gained, is the limit A, is A2 kept."""
        said = [self._said_of_Q(), self._said_of_w(), self._gain(), self._limit()]
        return " ".join(part for part in said if part)

    def _said_of_Q(self) -> str:
        best = self.largest(self.of_Q)
        broken = next((row for row in self.of_Q if row.factor > best and not self.steady(row)), None)
        if not any(row.outcome.moved > 0 for row in self.of_Q):
            return "However large η_Q is, Q does not move: its gradient is zero."
        text = f"η_Q raised {_power(self.of_Q[0].factor)} times is already too much"
        if best > 1:
            row = next(row for row in self.of_Q if row.factor == best)
            text = f"η_Q may be raised {_power(best)} times and the gap still falls at each of {self.steps} steps"
            text += f", Q then moving by {row.outcome.moved:.3g} of itself"
            lowest = min((one for one in self.of_Q if self.steady(one)), key=lambda one: one.outcome.gap)
            if lowest.outcome.gap < 0.99 * row.outcome.gap:
                text += f" (the gap falls farthest at {_power(lowest.factor)} times)"
        return text + (f"; at {_power(broken.factor)} times: {self._verb(broken)}." if broken else ".")

    def _verb(self, row: Row) -> str:
        less = row.settled and row.outcome.gap > self.base.outcome.gap
        return self.how(row).replace("falls", "falls less far", 1) if less else self.how(row)

    def _said_of_w(self) -> str:
        if not self.of_w:
            return ""
        return f"η_w has room for a factor of {self.limit_w / self.rates.eta_w:.3g}; beyond it descent in w alone diverges."

    def _gain(self) -> str:
        """The fewest steps to what the base rates reach, and the lowest gap."""
        target = self.base.outcome.gap
        others = [row for row in self.rows if row is not self.base and row.settled]
        there = "at the printed rates" if self.printed else "of the first row"
        sooner = [(steps, row) for row in others if (steps := row.outcome.first(target)) is not None]
        if not sooner:
            return f"Nothing tried reaches what the first row does in {self.steps} steps."
        steps, row = min(sooner, key=lambda pair: pair[0])
        if not target < self.start:
            return f"{self.steps} steps {there} do not lower the gap."
        text = f"What {self.steps} steps {there} reach takes {steps} with {_lower(row.outcome.name)}."
        below = [
            row
            for row in self._movers()
            if self.floor > self.rounding and row.outcome.gap < 0.99 * self.floor
        ]
        if below:
            best = min(below, key=lambda row: row.outcome.gap)
            text += f" Training Q is of use here: the gap falls to {best.outcome.gap:.2g}, and w alone cannot get below {self.floor:.2g}."
        return text

    def _movers(self) -> list[Row]:
        """Runs in which Q moved to be seen, those that went astray among them, and no run that depends on rounding."""
        return [row for row in self.rows if row.settled and not row.outcome.moved < MOVED]

    def _limit(self) -> str:
        """Where runs in which Q moves end, and whether A2 outlives them."""
        movers, open_ones = self._movers(), sum(not row.settled for row in self.rows)
        aside = f"; {counted(open_ones, 'run')} that rounding decides not counted" if open_ones else ""
        if not movers:
            return f"Q does not move by {MOVED:g} of itself in any of them{aside}."
        part = self.laboratory.options.bound_target
        came = Counter(self._came(row, part) for row in movers)
        text = f"Of {len(movers)} runs in which Q moves by {MOVED:g} of itself and more, {came['to A']} come to A in their "
        text += f"{self.steps} steps" + (f", Adam {self.adam_steps}" if self.adam_steps != self.steps else "")
        text += f" (gap at {part:g} of its start or less)"
        text += "".join(f", {came[how]} {how}" for how in (REST_BEFORE, ASTRAY, UNDER_WAY) if came[how])
        told = [row for row in movers if math.isfinite(row.zeta)]
        if self.zeta0 > 0 and told:
            least = min(row.zeta for row in told)
            low = sum(row.zeta < self.zeta0 / 2 for row in told)
            text += f"; λ_min(B_k B_kᵀ) ends below ζ_0/2 (43b) in {low or 'none'} of them"
            shown = self._of_zeta0(least)
            text += f", least at {shown if isinstance(shown, str) else f'{shown:.2g}'} ζ_0"
        return text + aside + "."

    def _came(self, row: Row, part: float) -> str:
        if row.outcome.stopped or not row.outcome.gap < self.start:
            return ASTRAY
        if row.outcome.gap <= part * self.start:
            return "to A"
        return REST_BEFORE if self.rests(row) else UNDER_WAY

    def chart(self) -> Chart:
        """One curve a kind: of those that raise a rate, the one that ended lowest."""
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

    def method(self) -> str:
        return (
            "Gradient descent (10) at other rates; backtracking by halves until the gap falls by 1e-4 of what the slope promises (Armijo), "
            "in (Q, w/γ) or in w and Q by turns; Adam on the entries of Q − Q^(0) and w, by automatic differentiation, not on the "
            "coordinates X, since its steps depend on the basis. All in float64 on the CPU"
        )


def _within(wanted: float, most: int) -> int:
    return max(FEWEST, min(most, int(wanted)))


def _power(factor: float) -> str:
    return f"{factor:g}" if factor < 1e4 else f"1e{round(math.log10(factor))}"


def _lower(name: str) -> str:
    return name if name.startswith(("η", "Adam")) else name[0].lower() + name[1:]
