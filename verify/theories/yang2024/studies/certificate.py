"""Every step, certified: how many steps the theorem asks for, what is certified for this very dictionary, and what is observed."""

from __future__ import annotations

from functools import partial
from time import perf_counter

import numpy as np

from numeric import balls
from verify.record import Scalar, Study, Table
from verify.theories.yang2024.checks.every_step import shown
from verify.theories.yang2024.claims.lipschitz_rates import sharper_61
from verify.theories.yang2024.laboratory import Laboratory, counted_steps
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.constants import rates_with, steps_for_bound
from verify.theories.yang2024.numeric.inside import inside
from verify.theories.yang2024.numeric.train import Trajectory, train

TITLE = "Every step, certified without taking it"
COLUMNS = [
    "rates",
    "η_w",
    "η_Q",
    "steps that (18) asks for",
    "certified here: the first such step",
    "observed",
]
METHOD = (
    "With attention held still the course of gradient descent is solved in closed form, token by token. What attention does to it is "
    "bounded by one number, the length of the path of Q, which closes on itself. The theorem behind the table has a chapter "
    "of its own. All in balls, "
    "from θ^(0) and the rates alone. The largest rates are those with η_w = K/max_k λ_max(B_kB_kᵀ) and about the largest η_Q at which it "
    "closes and shows (18)"
)


def study(laboratory: Laboratory) -> Study:
    """The table with what is observed, the bounds that close, and whether a run at the largest rates lies inside."""
    started, i = perf_counter(), laboratory.instance
    made, largest = laboratory.certificates.printed, laboratory.certificates.largest
    seen = None if isinstance(largest, str) else _run(laboratory, largest)
    outside = _outside(laboratory, largest, seen)
    return Study(
        id="certificate", title=TITLE, finding=_finding(laboratory),
        tables=[table(laboratory, seen, told=True), *(() if isinstance(made, str) else (_bounds(made),))],
        method=METHOD, seed=i.seed, seconds=perf_counter() - started, contradiction=outside,
    )  # fmt: skip


def _run(laboratory: Laboratory, made: Certificate) -> Trajectory:
    """Float64 at the largest rates, until the gap is certain to be at its target or for as long as a short run."""
    most = first_step(laboratory, made)[1]
    return train(
        laboratory.instance,
        made.rates,
        max_steps=max(1, min(most, laboratory.short)),
        device=laboratory.device,
    )


def _outside(laboratory: Laboratory, made: Certificate | str, seen: Trajectory | None) -> str | None:
    if isinstance(made, str) or seen is None:
        return None
    found = inside(made, seen, "float64")
    return (
        f"at the largest rates the gap leaves its enclosure at step {found.outside[0]}"
        if found.outside
        else None
    )


def first_step(laboratory: Laboratory, made: Certificate) -> tuple[int, int]:
    """The first step at which the gap is at the target, between these ends."""
    with balls.precision(made.bits):
        return made.first(laboratory.constants.Delta0 * laboratory.options.bound_target)


def table(laboratory: Laboratory, seen: Trajectory | None = None, *, told: bool = False) -> Table:
    """Steps until the gap is at its target: by the theorem, with sharper constants, certified here, and where `told` observed."""
    c, target = laboratory.constants, laboratory.options.bound_target
    certified: list[tuple[str, Certificate | str, Trajectory | None]] = [
        ("the theorem, L of (17)", laboratory.certificates.printed, laboratory.trajectory if told else None),
        ("L of the repaired (61)", laboratory.certificates.repaired, None),
        (
            "L of the sharper Lemma 10",
            laboratory.certificates.at(rates_with(c, partial(sharper_61, c))),
            None,
        ),
        ("the largest that are certified here", laboratory.certificates.largest, seen),
    ]
    rows: list[list[Scalar]] = []
    for name, made, run in certified:
        if isinstance(made, str):
            rows.append([name, "–", "–", "–", f"no certificate: {made}", "–"])
            continue
        asked = counted_steps(steps_for_bound(made.rates.log_rate or 0.0, target))
        ends = [counted_steps(t) for t in first_step(laboratory, made)]
        first = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
        rows.append(
            [name, f"{made.rates.eta_w:.4g}", f"{made.rates.eta_Q:.4g}", asked, first, observed(run, target)]
        )
    return Table(
        caption=f"Steps until the gap is at most {target:g} times the initial gap", columns=COLUMNS, rows=rows,
        note="Certified: for exact descent from θ^(0), for this dictionary and this initialisation. The gap falls at every step, so that "
        "it stays below from there on. Observed: float64, step by step.",
    )  # fmt: skip


def observed(run: Trajectory | None, target: float) -> str:
    if run is None:
        return "–"
    below = np.flatnonzero(run.gap <= target * run.gap[0])
    return f"{int(below[0]) + run.start:,}" if len(below) else f"not within {run.steps:,} steps"


def _bounds(made: Certificate) -> Table:
    """What closes at the printed rates, for all steps and tokens."""
    found, largest = made.induction_holds(), partial(max, key=lambda x: x)
    rows: list[list[Scalar]] = [
        ["length of the path of Q, in the Frobenius norm over all heads", shown(made.path, "most"), "–"],
        ["‖B_k(t) − B_k(0)‖_F, largest over k", shown(largest(own.D for own in made.bounds), "most"), "–"],
        ["perturbation of a contraction, largest ε_k", shown(largest(own.share for own in made.bounds), "most"), "below 1"],
        ["‖α_h^(t)‖ (43a)", shown(found.alpha, "most"), f"α of (44) = {shown(found.alpha_allowed)}"],
        ["λ_min(B_kB_kᵀ)^½ (43b), least over k", shown(found.root, "least"), f"(ζ_0/2)^½ = {shown(found.root_allowed)}"],
        ["part of the gap that each step takes off, at least", shown(made.fallen, "least"), f"η_wζ_0/(2K) = {shown(made.rate)}"],
    ]  # fmt: skip
    return Table(
        caption="Bounds for every step at the printed rates", columns=["quantity", "bound", "against"], rows=rows,
        note=f"{made.bits} bits.",
    )  # fmt: skip


def _finding(laboratory: Laboratory) -> str:
    made, largest, target = (
        laboratory.certificates.printed,
        laboratory.certificates.largest,
        laboratory.options.bound_target,
    )
    if isinstance(made, str):
        text = f"At the printed rates there is no certificate: {made}."
    else:
        holds = "holds" if made.bound_holds().holds else "is not shown"
        text = f"At the printed rates (18) {holds} at every step of exact descent, certified without taking one. "
        text += f"The theorem asks for {counted_steps(steps_for_bound(made.rates.log_rate or 0.0, target))} steps until the gap is at most "
        text += f"{target:g} times the initial gap; certified for this dictionary: {counted_steps(first_step(laboratory, made)[1])}."
    if not isinstance(largest, str):
        text += f" At η_w = {largest.rates.eta_w:.4g}, η_Q = {largest.rates.eta_Q:.4g} at most "
        text += f"{counted_steps(first_step(laboratory, largest)[1])} steps are certified."
    return text
