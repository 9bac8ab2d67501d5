"""What the theorem will ask for here, and which heads, β or units would make it feasible. Nothing is trained.

`icl-verify run --plan` shows it before any other work, with times measured on this machine; a run puts it into its record
without them, so that the same seed gives the same record. Times decide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from time import perf_counter

from numeric.memory import available, in_words
from verify.record import Enclosure, Scalar, Study, Table
from verify.theories.yang2024.fits import Sizes, predicted
from verify.theories.yang2024.laboratory import Laboratory, Plan, big
from verify.theories.yang2024.numeric.constants import Constants
from verify.theories.yang2024.numeric.forecast import (
    Forecast,
    deviations,
    forecast,
    head_counts,
    search,
    step_cost,
)
from verify.theories.yang2024.studies import certificate
from verify.theories.yang2024.studies.pace import Pace, pace
from verify.theories.yang2024.summary import enclosures

CHEAP = 20_000_000  # K N²(N + H): what is certified before it is asked for takes a few seconds, at the paper's size too
UNITS = (1e-2, 0.1, 0.3, 3.0, 10.0, 100.0)
SCALES = (0.1, 0.3, 3.0, 10.0)
STRETCHES = (3.0, 10.0, 100.0)
LABELLED = "estimate"
SHARP = 1e-8  # relative error of ζ_0: below it, four digits of the steps are the same on every machine
WORTH = 10  # a feasible instance is told of settings that take so many times less work


def study(laboratory: Laboratory) -> Study:
    """The plan of a run that has its certified constants."""
    return _told(laboratory, laboratory.constants, None)


def before(laboratory: Laboratory) -> Study:
    """The plan alone, with times; constants are certified only where that is cheap, else estimated and called so."""
    i = laboratory.instance
    cheap = i.K * i.N**2 * (i.N + i.H) <= CHEAP
    found = _told(laboratory, laboratory.constants if cheap else None, pace(laboratory))
    return (
        found.model_copy(update={"tables": [*found.tables, certificate.table(laboratory)]})
        if cheap
        else found
    )


def _told(laboratory: Laboratory, certified: Constants | None, measured: Pace | None) -> Study:
    started, i = perf_counter(), laboratory.instance
    own = forecast(i)
    if certified is not None:
        own = replace(own, constants=certified, error=0.0)
    heads, betas = head_counts(i), deviations(i)
    found: list[Forecast] = []
    if heads:
        found = search(i, heads, betas, lambda n, total: laboratory.progress("settings", n, total))
        known = i.w_given is None and (own.H, own.beta)
        found = [own if (one.H, one.beta) == known else one for one in found]
    plan = laboratory.plan if certified is not None else None
    steps = _Steps(laboratory, own, plan, measured)
    best = recommended(found, steps.target, laboratory.options.max_steps)
    return Study(
        id="plan", title="What the theorem asks for before training", finding=steps.finding(best, found),
        tables=[
            _constants(own, certified), steps.table(), *([steps.grid(found, heads, betas)] if found else []),
            *([steps.other_ways()] if own.steps(steps.target) is not None else []),
        ],
        method=_method(own, found, certified is not None), seed=i.seed, seconds=perf_counter() - started,
    )  # fmt: skip


def recommended(found: Sequence[Forecast], target: float, budget: int) -> Forecast | None:
    """Of the settings that are resolved, the one with the least work, steps times heads; of those within the budget, if any."""
    priced = [(one, n) for one in found if one.resolved and (n := one.steps(target)) is not None]
    within = [pair for pair in priced if pair[1] <= budget] or priced
    return min(within, key=lambda pair: (pair[1] * pair[0].H, pair[0].H), default=(None, 0))[0]


def _down(steps: int) -> int:
    """Rounded down to one digit."""
    unit: int = 10 ** (len(str(steps)) - 1)
    return steps // unit * unit


def _said(steps: int | None) -> str:
    if steps is None:
        return "none"
    return f"{steps:,}" if steps < 10**7 else big(steps)


@dataclass(frozen=True)
class _Steps:
    """How many steps, and how long they take, in words and tables."""

    laboratory: Laboratory
    own: Forecast
    plan: Plan | None
    measured: Pace | None

    @property
    def target(self) -> float:
        return self.laboratory.options.bound_target

    @property
    def needed(self) -> int | None:
        """Steps of the instance as it stands: from enclosures where there are some."""
        return self.own.steps(self.target) if self.plan is None else self.plan.bound_steps

    def shown(self, one: Forecast) -> str:
        """Steps of a setting, at least so many where ζ_0 is not resolved; no more digits than the rounding of ζ_0 leaves."""
        steps = one.steps(self.target)
        if steps is None or one.error < SHARP:
            return ("" if one.resolved else "≥ ") + _said(steps)
        if not one.resolved and steps >= 10**7:  # what rounding leaves of ζ_0 differs with the processor
            return f"≥ 1e{big(steps, 1).partition('e')[2]}"
        return ("≈ " if one.resolved else "≥ ") + (big(steps, 1) if steps >= 10**7 else f"{_down(steps):,}")

    def time(self, steps: int | None, H: int) -> str:
        """About how long so many steps with H heads take; empty where nothing was measured."""
        if self.measured is None or steps is None:
            return ""
        i = self.laboratory.instance
        return duration(steps, self.measured.step(i.N, i.K, H))

    def setting(self, one: Forecast) -> str:
        given = self.laboratory.instance.Q_given is not None
        return f"H = {one.H} with " + (f"Q^(0) times {one.beta:g}" if given else f"β = {one.beta:g}")

    def finding(self, best: Forecast | None, found: Sequence[Forecast]) -> str:
        """Whether it is feasible as it stands, and what would make it so."""
        i, budget, needed = self.laboratory.instance, self.laboratory.options.max_steps, self.needed
        goal = f"the bound (18) at {self.target:g} of its start"
        feasible = needed is not None and needed <= budget and (self.plan is not None or self.own.resolved)
        if self.own.obstacle:
            text = f"Not reachable as it stands: {self.own.obstacle}, so ζ_0 = 0 and (15) gives no rates."
        elif needed is None:
            why = self.plan.reason if self.plan is not None else "the gap Δ^(0) is zero, or ζ_0 is"
            text = f"There are no rates as it stands: {why}."
        else:
            least = "" if self.plan is not None or self.own.resolved else "at least "
            text = f"{'Feasible' if feasible else 'Not feasible'} as it stands: {goal} takes {least}{_said(needed)} steps"
            took = self.time(needed, i.H)
            text += f", about {took} here," if took else ","
            text += f" and the budget is {budget:,}."
        if best is None:
            return f"{text} {self.stuck(found)}."
        count = best.steps(self.target) or 0
        if feasible and needed is not None and needed * i.H < WORTH * count * best.H:
            return f"{text} No setting that was searched takes {WORTH} times less work."
        if best.H == i.H and math.isclose(best.beta, i.beta if i.Q_given is None else 1.0):
            return f"{text} No setting that was searched takes less work."
        took = self.time(count, best.H)
        text += f" {self.setting(best)} needs {_said(count)} steps" + (f", about {took}" if took else "")
        if count > budget:
            return f"{text}: the least work found, and still above the budget."
        return f"{text}: the least work found."

    def stuck(self, found: Sequence[Forecast]) -> str:
        """Why no setting helps."""
        i, obstacles = self.laboratory.instance, {one.obstacle for one in found} or {self.own.obstacle}
        if "" in obstacles:
            return "No setting that was searched has a ζ_0 that double precision resolves"
        if i.Q_given is not None and i.H < i.N:
            return f"Q^(0) is given: give it for at least N = {i.N} heads"
        if duplicate := next((one for one in obstacles if "are equal" in one), ""):
            why = "" if duplicate == self.own.obstacle else f", since {duplicate}"
            return f"No H and no β changes that{why}: label other tokens"
        return "No factor on Q^(0) changes that: give matrices Q_h that differ"

    def table(self) -> Table:
        """What training at the printed rates amounts to."""
        i, plan, own = self.laboratory.instance, self.plan, self.own
        law, cost = i.inference, step_cost(i.N, i.K, i.H)
        about = LABELLED if own.resolved else f"{LABELLED}, at least"
        how = "certified" if plan is not None else about
        rows: list[list[Scalar]] = []
        rate = own.constants.log_rate
        if rate is not None and rate < 0:
            rows += [
                ["guaranteed per step, η_w ζ_0/(2K) (18)", f"{float(-rate.expm1().mid()):.4g}", how],
                ["steps per factor e", _said(own.steps(math.exp(-1))), how],
            ]
        T = plan.theorem2 if plan is not None else own.T(law.B, law.epsilon, law.delta)
        rows.append(
            [f"steps until the bound (18) is at {self.target:g} of its start", _said(self.needed), how]
        )
        rows.append([f"T of (21) for ε = {law.epsilon:g}, δ = {law.delta:g}, B = {law.B:g}", _said(T), how])
        if plan is not None:
            rows.append(["steps that a run takes", f"{plan.steps:,}", plan.reason or "to both"])
        rows.append(["operations per step", f"{cost.flops:.3g}", "counted"])
        rows.append(["memory of training", in_words(cost.memory), "counted, float64"])
        if self.measured is not None:
            rows.append(
                [
                    "time per step",
                    duration(1, self.measured.step(i.N, i.K, i.H)),
                    f"measured here, now, {self.laboratory.options.dtype} on {self.laboratory.device}",
                ]
            )
            for words, count in (("until the bound is at its target", self.needed), ("until T of (21)", T)):
                if count is not None:
                    rows.append([f"time {words}", self.time(count, i.H), "predicted"])
            spent = self.laboratory.seconds.get("certified constants")
            memory, seconds = predicted(Sizes.of(i, self.laboratory.options), "run")
            room = available()
            free = "" if room is None else f", {in_words(room)} free here"
            rows.append(["memory of a whole run", in_words(memory), f"predicted, at most{free}"])
            rows.append(
                [
                    "time of a whole run, less its steps",
                    duration(1, seconds),
                    "predicted, within a factor of a few",
                ]
            )
            certified = duration(1, self.measured.certified if spent is None else spent)
            known = "predicted, within a factor of a few" if spent is None else "measured"
            rows.append(["time to certify the constants", certified, known])
        caption, columns = (
            "What training at the printed rates amounts to",
            ["quantity", "value", "how it is known"],
        )
        return Table(caption=caption, columns=columns, rows=rows)

    def grid(self, found: Sequence[Forecast], heads: Sequence[int], betas: Sequence[float]) -> Table:
        """Steps for each number of heads and each β."""
        i = self.laboratory.instance
        cells = dict(zip([(beta, H) for beta in betas for H in heads], found, strict=True))
        letter = "β = " if i.Q_given is None else "Q^(0) × "
        here = f"H = {i.H}, " + (f"β = {i.beta:g}" if i.Q_given is None else "Q^(0) as given")
        notes = [f"Estimates, same seed, w^(0) = 0; this instance has {here}."]
        if any(not one.resolved and not one.obstacle for one in found):
            notes.append(
                "≥: ζ_0 lies below what double precision resolves, or not all tokens were looked at."
            )
        rows: list[list[Scalar]] = [
            [f"H = {H}", *(self.shown(cells[beta, H]) for beta in betas)] for H in heads
        ]
        return Table(
            caption=f"Steps until the bound (18) is at {self.target:g} of its start",
            columns=["heads", *(f"{letter}{beta:g}" for beta in betas)], rows=rows, note=" ".join(notes),
        )  # fmt: skip

    def other_ways(self) -> Table:
        """What else moves the number of steps: γ, units, the features' scale beside the noise."""
        i, own = self.laboratory.instance, self.own
        rows: list[list[Scalar]] = [
            [
                f"γ {stretch:g} times its least value (15)",
                _said(own.steps(self.target, stretch)),
                "same problem",
            ]
            for stretch in STRETCHES
        ]
        units = {s: own.in_units(s).steps(self.target) for s in UNITS}
        s, count = min(units.items(), key=lambda pair: math.inf if pair[1] is None else pair[1])
        rows.append([f"other units: features {s:g}·f, noise level {s * s:g}·τ", _said(count), "same problem"])
        rows.append(
            [
                "no γ ≥ (15) and no units go below",
                _said(own.fewest(self.target)),
                "same problem, the limit γ → ∞",
            ]
        )
        scaled = {s: forecast(replace(i, features=s * i.features)) for s in SCALES}
        counts = {s: one.steps(self.target) for s, one in scaled.items()}
        s = min(counts.items(), key=lambda pair: math.inf if pair[1] is None else pair[1])[0]
        rows.append([f"features {s:g}·f, τ as it is", self.shown(scaled[s]), "another problem: other noise"])
        return Table(
            caption="Other ways to fewer steps", columns=["change", "steps", "what it is"], rows=rows,
            note=f"Units: best of {_listed(UNITS)}; features: best of {_listed(SCALES)}. A factor c on the tokens acts on "
            "scores as β → c²β, and A0 asks for unit norm. A run takes γ at equality in (15).",
        )  # fmt: skip


def _constants(own: Forecast, certified: Constants | None) -> Table:
    rows: list[list[Scalar]] = []
    for row in enclosures(certified if certified is not None else own.constants):
        if certified is not None:
            how = f"certified, {row.precision} bits"
        elif own.resolved or row.symbol not in DEPEND_ON_ZETA:
            how = LABELLED + (f", ± {own.error:.0e} relative" if row.symbol == "ζ_0" else "")
        else:
            how = "estimate from an upper estimate of ζ_0"
        if row.source == "(18)":  # next to 1, and shown as its distance from there
            continue
        name = row.name if row.symbol in row.name else f"{row.symbol}, {row.name}"
        rows.append([f"{name} {row.source}", _decimals(row), how])
    return Table(
        caption="Constants at the start", columns=["constant", "value", "how it is known"], rows=rows
    )


DEPEND_ON_ZETA = ("ζ_0", "γ", "L", "η_Q", "η_w")


def _decimals(row: Enclosure) -> str:
    """Six digits, whatever the exponent; an exponent that is itself beyond reading is rounded."""
    if "inf" in row.lower:
        return "not enclosed"
    if row.log10 is not None and abs(row.log10) > 1e6:
        return f"10^({row.log10:.6g})"
    return f"{Decimal(row.lower):.6g}"


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{x:g}" for x in numbers)


def _method(own: Forecast, found: Sequence[Forecast], certified: bool) -> str:
    text = "ζ_0 by QR and singular values in float64, the rest by the formulas (15)–(18), (21) at unbounded exponents"
    text += "; the instance as it stands certified in balls" if certified else "; nothing certified"
    if found and found[0].tokens < own.constants.sizes[1]:
        text += f"; searched over {found[0].tokens} of {own.constants.sizes[1]} tokens"
    return f"{text}; {len(found)} settings searched"


def duration(count: int, each: float) -> str:
    """count times `each` seconds, in the largest unit that it fills, however many there are."""
    from verify.commands.console import duration as words

    if count < 10**250:
        seconds = count * each
        if seconds < 1e-3:
            return f"{seconds * 1e6:.3g} µs"
        if seconds < 1:
            return f"{seconds * 1e3:.3g} ms"
        return words(seconds) if seconds < 3e16 else f"{seconds / 3.156e7:.2g} years"
    return f"{big(count)} times {each:.2g} s"
