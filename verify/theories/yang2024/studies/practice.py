"""What the theorem means in practice: what was guaranteed and what was seen, who did the work, and which tokens are out of reach."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
from flint import arb
from numpy.typing import NDArray

from verify.record import Chart, Scalar, Series, Study, Table
from verify.theories.yang2024.laboratory import Laboratory, big
from verify.theories.yang2024.numeric.arrival import Arrival, Goal, arrivals
from verify.theories.yang2024.numeric.floor import Floor, frozen_descent, frozen_floor, why_deficient
from verify.theories.yang2024.numeric.rounding import least
from verify.theories.yang2024.numeric.spectrum import attention
from verify.theories.yang2024.numeric.train import Trajectory
from verify.theories.yang2024.summary import done, numbers, thinned

Array = NDArray[np.float64]
MOST_TOKENS = 24  # rows of the table of tokens
FEW_TOKENS = 6  # where there is nothing to tell of them
NOTHING = 1e-10  # of the decrease: a part left to Q that is no larger has the rounding of both gaps in it
SHARE = 0.99  # of the decrease: if w alone explains that much, w alone was trained
DASH = "–"


def study(laboratory: Laboratory) -> Study:
    """After training, and where none was possible."""
    started = perf_counter()
    i = laboratory.instance
    _ = laboratory.trajectory
    trajectory = done(laboratory)
    s = attention(i)
    start = frozen_floor(i, s, laboratory.quadratic)
    tables, charts, said, contradiction = [], [], [], None
    if trajectory is None:
        reason = laboratory.constants.no_rates or laboratory.plan.reason
        said.append(f"Nothing was trained: {reason}.")
        gap = laboratory.quadratic.gap(np.einsum("hnk,hk->nk", s, i.w0))
        tables.append(_reachable(gap, start))
        end = start
    else:
        seen = Seen(laboratory, trajectory, s)
        end = seen.floor
        tables += [seen.guaranteed(), seen.trained(start)]
        charts.append(seen.chart())
        said.append(seen.finding())
        gap, contradiction = float(trajectory.gap[0]), seen.contradiction()
    tables.append(_tokens(laboratory, s, start, end, trajectory))
    said.append(_limits(laboratory, s, start, gap))
    return Study(
        id="practice", title="What the theorem means in practice", finding=" ".join(said), tables=tables, charts=charts,
        method=f"Least squares in w by singular values of Z̄C_k, those below {start.tolerance:.1e} of the largest counted as zero; "
        "the run with Q held fixed in closed form; the run again, every step held to every prompt", seed=i.seed,
        seconds=perf_counter() - started, contradiction=contradiction,
    )  # fmt: skip


class Seen:
    """One trajectory against what the theorem promised for it."""

    def __init__(self, laboratory: Laboratory, trajectory: Trajectory, s: Array) -> None:
        self.laboratory, self.trajectory, i = laboratory, trajectory, laboratory.instance
        self.s, self.end = s, attention(i, trajectory.last.X)
        quadratic = laboratory.quadratic
        self.gap0 = float(trajectory.gap[0])
        self.gap = quadratic.gap(np.einsum("hnk,hk->nk", self.end, trajectory.last.w))
        self.floor = frozen_floor(i, self.end, quadratic)
        self.frozen = frozen_descent(i, s, trajectory.rates.eta_w, quadratic)
        self.without_Q = self.frozen.gap(trajectory.last.t)
        self.goals = self._goals()
        self.arrived = self._arrived()

    def _goals(self) -> dict[str, Goal]:
        law, laboratory = self.laboratory.instance.inference, self.laboratory
        new, own = laboratory.inference_prompts.within(law.B), laboratory.training_prompts.within(law.B)
        every = {
            f"steps until (22) for {1 - law.delta:g} of the prompts": Goal(new, 1 - law.delta, law.epsilon),
            "steps until (22) for all prompts": Goal(new, 1.0, law.epsilon),
            f"the same with λ in the training law, for {1 - law.delta:g}": Goal(
                own, 1 - law.delta, law.epsilon
            ),
        }
        return {name: goal for name, goal in every.items() if len(goal.prompts)}

    def _arrived(self) -> dict[str, Arrival]:
        laboratory = self.laboratory
        try:
            found = arrivals(
                self.trajectory, list(self.goals.values()), laboratory.dtype, laboratory.device,
                lambda t, total: laboratory.progress("steps to ε", t, total),
            )  # fmt: skip
        except ValueError:  # LinAlgError, or scipy's word for it: ZZᵀ + mτI is singular in float64
            return {}
        return dict(zip(self.goals, found, strict=True))

    def rates(self) -> tuple[float, float]:
        """−log of the factor of one step: guaranteed by (18), and observed by least squares on log gap."""
        return -(self.trajectory.rates.log_rate or 0.0), -self.trajectory.observed_log_rate()

    def target(self) -> int | None:
        """The first t at which the gap is down to the target of the bound."""
        below = np.flatnonzero(self.trajectory.gap <= self.laboratory.options.bound_target * self.gap0)
        return int(below[0]) if len(below) else None

    def guaranteed(self) -> Table:
        plan, law, options = (
            self.laboratory.plan,
            self.laboratory.instance.inference,
            self.laboratory.options,
        )
        sure, seen = self.rates()
        rows: list[list[Scalar]] = [
            [f"−log of the factor of a step{self._so_far()}", sure, seen, seen / sure if sure else None],
            self._steps(
                f"steps until the gap is {options.bound_target:g} of its start",
                plan.bound_steps,
                self.target(),
                self.frozen.first(options.bound_target * self.gap0),
            ),
        ]
        for name, arrival in self.arrived.items():
            promised = plan.theorem2 if self.goals[name].share < 1 else None
            rows.append(self._steps(name, promised, arrival.step))
        return Table(
            caption="Guaranteed and observed", columns=["quantity", "guaranteed", "observed", "ratio"], rows=rows,
            note=f"(22) asks for (1/2K)‖ŷ − ŷ*‖₂² ≤ ε = {law.epsilon:g}, with ŷ* by ridge regression; δ = {law.delta:g}, "
            f"B = {law.B:g}, {law.prompts} prompts a law, those beyond B left out. Observed: the first such step of this run; "
            "where it has none, the ratio is to the steps predicted with Q held fixed.",
        )  # fmt: skip

    def _so_far(self) -> str:
        """A short run sees the start of a run, which may be faster than what follows."""
        return "" if self.laboratory.plan.complete else f", over the first {self.trajectory.steps:,} alone"

    def _steps(
        self, name: str, promised: int | None, seen: int | None, frozen: int | None = None
    ) -> list[Scalar]:
        """A row; `frozen` is the number of steps of w alone, told where the run was too short to see."""
        count = frozen if seen is None else seen
        ratio = promised / count if promised is not None and count and promised < 10**300 else None
        shown: Scalar = seen
        if seen is None:
            shown = f"not in {self.trajectory.last.t} steps"
            shown += f"; {_count(frozen)} with Q held fixed" if frozen is not None else ""
        guarantee: Scalar = promised if promised is not None and promised < 10**7 else big(promised)
        return [name, DASH if promised is None else guarantee, shown, ratio]

    def by_w(self) -> float:
        """The part of the decrease that the same steps of w alone make."""
        fell = self.gap0 - self.gap
        return (self.gap0 - self.without_Q) / fell if fell > 0 else math.nan

    def by_Q(self) -> float:
        """What is left for Q, as a part of the decrease, without cancellation."""
        fell = self.gap0 - self.gap
        return (self.without_Q - self.gap) / fell if fell > 0 else math.nan

    def moved(self) -> Array:
        return self.trajectory.relative_movement()

    def changes(self) -> tuple[float, float]:
        """Largest change of a score and of a softmax weight since θ^(0), from the offset, so that no rounding of Q^(0) hides it."""
        i, X = self.laboratory.instance, self.trajectory.last.X
        change = (i.V.T @ i.V) @ X @ (i.tokens.T @ i.tokens)
        grown = self.s * np.expm1(change)
        total = grown.sum(axis=1, keepdims=True)
        return float(np.abs(change).max()), float(np.abs((grown - self.s * total) / (1 + total)).max())

    def trained(self, start: Floor) -> Table:
        moved, (scores, weights) = self.moved(), self.changes()
        t = self.trajectory.last.t
        rows: list[list[Scalar]] = [
            ["gap at the start, Δ^(0) (11)", self.gap0],
            [f"gap after {t} steps", self.gap],
            [f"gap after {t} steps of w alone, Q as at the start", self.without_Q],
            ["least gap within reach of w, Q as at the start", start.gap],
            ["least gap within reach of w, Q as at the end", self.floor.gap],
            ["part of the decrease that w alone explains", _plain(self.by_w())],
            ["part left to Q", _plain(self.by_Q())],
            ["‖Q_h − Q_h^(0)‖_F / ‖Q_h^(0)‖_F, least head", _plain(float(moved.min()))],
            ["the same, median head", _plain(float(np.median(moved)))],
            ["the same, most moved head", _plain(float(moved.max()))],
            ["largest change of a score v_iᵀQ_h v_k", scores],
            ["largest change of a softmax weight", weights],
        ]
        return Table(caption="What was trained", columns=["quantity", "value"], rows=rows)

    def finding(self) -> str:
        moved, (_, weights) = float(np.nanmax(self.moved())), self.changes()
        steps = self.trajectory.last.t
        if self.by_w() >= SHARE:
            text = f"At the printed rates w is trained and the attention is not: after {steps} steps "
        else:
            text = f"At the printed rates the attention is trained too: after {steps} steps "
        if moved > 0:
            text += f"no Q_h has moved by more than {moved:.2g} of itself and no softmax weight by more than {weights:.2g}; "
        else:
            text += "no Q_h has moved at all; "
        left = abs(self.by_Q())
        but = f" but {left:.2g}" if left > NOTHING else ""
        text += f"w alone explains all{but} of the decrease. "
        plan, law = self.laboratory.plan, self.laboratory.instance.inference
        first = next(iter(self.arrived.values()), None)
        if first is not None and plan.theorem2 is not None:
            seen = (
                f"not met in {steps} steps"
                if first.step is None
                else f"met after {_count(first.step)} step{'s' * (first.step != 1)}"
            )
            text += f"ε = {law.epsilon:g} is guaranteed after {_count(plan.theorem2)} steps (21), and {seen}."
        return text.strip()

    def chart(self) -> Chart:
        """Gap, gap of w alone, and the bound (18)."""
        trajectory = self.trajectory
        thin = thinned(len(trajectory.gap))
        with np.errstate(under="ignore"):
            bound = self.gap0 * np.exp((trajectory.rates.log_rate or 0.0) * thin)
        curves = {
            "as trained": numbers(trajectory.gap[thin]),
            "with Q held fixed": [self.frozen.gap(int(t)) for t in thin],
            "guaranteed (18)": numbers(bound),
        }
        return Chart(
            caption="The gap 𝓛 − inf 𝓛 over the steps",
            series=Series(x=[int(t) for t in thin], y=curves),
        )

    def contradiction(self) -> str | None:
        """No w may lie below the floor of the attention that it was trained with."""
        scale = float(np.sum((self.laboratory.quadratic.root @ self.laboratory.quadratic.A) ** 2))
        rounding = self.floor.tolerance * math.sqrt(self.gap * scale) + self.floor.tolerance**2 * scale
        if self.gap >= self.floor.gap * (1 - 1e-9) - rounding:
            return None
        return f"the gap {self.gap:.3g} at the end is below the least that any w reaches there, {self.floor.gap:.3g}"


def _count(steps: int) -> str:
    return f"{steps:,}" if steps < 10**7 else big(steps)


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _reachable(gap: float, floor: Floor) -> Table:
    rows: list[list[Scalar]] = [
        ["gap at the start", gap],
        ["least gap within reach of w, Q as at the start", floor.gap],
        ["part of the gap that w alone can close", _plain(1 - floor.gap / gap) if gap > 0 else None],
    ]
    return Table(caption="What w alone could do", columns=["quantity", "value"], rows=rows)


def _tokens(
    laboratory: Laboratory, s: Array, start: Floor, end: Floor, trajectory: Trajectory | None
) -> Table:
    """Numerical ranks and what is out of reach, the worst tokens first."""
    i = laboratory.instance
    least = start.singular[:, -1] * (min(i.N, i.H) == i.N)
    ratio = np.divide(least, start.singular[:, 0], out=np.zeros_like(least), where=start.singular[:, 0] > 0)
    dull = not len(start.unreached) and (start.rank == i.N).all() and (end.rank == i.N).all()
    shown = FEW_TOKENS if dull else MOST_TOKENS
    order = np.lexsort((ratio, start.rank, -start.missed))[:shown]
    columns = ["token", "labelled", "rank of B_k"] + ["rank at the end"] * (trajectory is not None)
    columns += ["least over largest singular value", "out of reach of w", "largest weight needed"] + [
        "why"
    ] * (not dull)
    rows: list[list[Scalar]] = []
    for k in order:
        missed = float(start.missed[k]) if start.missed[k] > start.doubt[k] else 0.0
        ranks = [f"{floor.rank[k]} of {i.N}" for floor in (start, end)[: 1 + (trajectory is not None)]]
        rows.append([
            f"{k + 1}", "yes" if k < i.N else "no", *ranks, float(ratio[k]), missed,
            float(np.abs(start.w[:, k]).max()), *([] if dull else [why_deficient(i, s, start, int(k)) or DASH]),
        ])  # fmt: skip
    spectrum = laboratory.constants.spectrum
    certified = {
        "full": f"certified N = {i.N} for every token, with up to {max(spectrum.bits)} bits",
        "deficient": f"certified below N: {spectrum.reason}",
        "undecided": spectrum.reason,
    }[spectrum.rank]
    rest = f" The {shown} worst of {i.K} tokens." if shown < i.K else ""
    return Table(
        caption="Which A_{:,k} the weights can reach, Q as at the start", columns=columns, rows=rows,
        note=f"Rank in double precision: singular values of B_k above {start.tolerance:.1e} of the largest. In balls: {certified}. "
        f"Out of reach: the part of ‖Z̄A_{{:,k}}‖ outside the column space of B_k; 1 where w is of no use.{rest}",
    )  # fmt: skip


def _limits(laboratory: Laboratory, s: Array, floor: Floor, gap: float) -> str:
    """What w alone can reach, and why not more."""
    i, out = laboratory.instance, floor.unreached
    if not len(out):
        low = int(np.sum(floor.rank < i.N))
        aside = f", although {low} of {i.K} B_k have numerical rank below N" if low else ""
        return f"With Q as at the start w alone can reach the minimum at every token{aside}."
    part = f" ({floor.gap / gap:.2g} of the start)" if gap > 0 else ""
    worst = int(out[least(-floor.missed[out])])
    full = laboratory.constants.spectrum.rank == "full"
    many = f"{len(out)} of {i.K} tokens {'is' if len(out) == 1 else 'are'} out of reach"
    which = f"token {worst + 1}" + (" the farthest" if len(out) > 1 else "")
    who = (
        "least squares in double precision gets the gap no lower than" if full else "no w gets the gap below"
    )
    text = f"With Q as at the start {who} {floor.gap:.3g}{part}: {many}, {which}, because {why_deficient(i, s, floor, worst)}."
    if full:
        quadratic, smallest = laboratory.quadratic, laboratory.constants.spectrum.smallest[worst]
        missed = floor.missed[worst] * float(np.linalg.norm(quadratic.root @ quadratic.A[:, worst]))
        order = (arb(missed) / smallest.sqrt()).log() / arb(10).log()  # a float may not hold the quotient
        text += (
            f" In exact arithmetic token {worst + 1} is within reach, by weights of the order of 1e{float(order.mid()):.0f}: the rank is "
            "certified to be N."
        )
    return text
