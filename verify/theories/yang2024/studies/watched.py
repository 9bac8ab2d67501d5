"""The proof of Theorem 1 watched along the run: which of its inequalities held at which steps, and with how much to spare."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

import numpy as np

from numeric.balls import Undecided
from verify.output.phrases import at_least
from verify.record import Chart, Scalar, Series, Study, Table
from verify.theories.yang2024.checks.train import finite
from verify.theories.yang2024.checks.watched import told
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.margins import Along
from verify.theories.yang2024.numeric.watch import watch_cost
from verify.theories.yang2024.summary import numbers
from verify.theories.yang2024.theory import theory

TITLE = "The proof of Theorem 1, watched along the run"
SOURCES = {
    "eq-43a": "(43a)", "eq-43b": "(43b)", "eq-43c": "(43c), (18)", "eq-47": "(47)", "eq-48-frobenius": "(48), first step",
    "eq-48-drift": "(48), second step", "eq-48-whole": "(48), as a whole", "eq-49-identity": "(49), equality", "eq-49": "(49)",
    "lemma-7": "Lemma 7 (42)", "eq-62": "(62)", "step-4": "Step 4, descent", "step-4-contraction": "Step 4, contraction",
    "step-4-whole": "Step 4, as a whole",
}  # fmt: skip
CLAIMS = {
    "eq-48-whole": "eq-48-drift",
    "step-4-whole": "step-4-contraction",
}  # where there is none of that id
CHARTS = {
    "Hypotheses and drift: left side over right side, 1 is the bound": (
        "eq-43a", "eq-43b", "eq-43c", "eq-47", "eq-48-whole",
    ),
    "Gradients: left side over right side, 1 is the bound": ("lemma-7", "eq-62", "eq-49", "step-4-contraction"),
}  # fmt: skip


def study(laboratory: Laboratory) -> Study:
    """A table over all watched inequalities and how close each side came to the other; where nothing was trained, why."""
    i, trajectory = laboratory.instance, laboratory.trajectory
    started = perf_counter()
    if trajectory is None or trajectory.steps == 0:
        reason = laboratory.constants.no_rates or laboratory.plan.reason
        return Study(
            id="watched", title=TITLE, finding=f"Nothing was trained, so nothing was watched: {reason}.", seed=i.seed,
            seconds=perf_counter() - started,
        )  # fmt: skip
    found = [laboratory.watched[id] for id in SOURCES]
    watched, steps = len(found[0].t), trajectory.steps
    share = watch_cost(i.N, i.K, i.H) * watched / steps
    return Study(
        id="watched", title=TITLE, finding=_finding(laboratory, found, steps), tables=[_table(found)], charts=_charts(found),
        method=f"{watched} of {steps} steps, first and last among them, at a schedule that follows from the sizes; about {share:.0%} "
        "of the operations of the run. The loss at every step. What rounding of the iterate may explain is undecided.",
        seed=i.seed, seconds=perf_counter() - started + laboratory.watch.seconds,
    )  # fmt: skip


def _finding(laboratory: Laboratory, found: list[Along], steps: int) -> str:
    broken = [one for one in found if one.verdict == "fails"]
    if broken:
        return " ".join(f"{SOURCES[one.id]} {told(one, steps)}{_why(laboratory, one.id)}" for one in broken)
    open_ones = [SOURCES[one.id] for one in found if one.verdict == "undecided"]
    held = [one for one in found if one.verdict == "holds"]
    if not held:
        return "Rounding leaves all of them open."
    close = min(held, key=lambda one: one.worst[0])
    text = f"{len(held)} of {len(found)} inequalities hold wherever they were looked at and rounding can tell"
    text += f"; open: {', '.join(open_ones)}" if open_ones else ""
    return f"{text}. The closest to its bound is {SOURCES[close.id]}, with a margin of at least {at_least(close.worst[0])}."


def _why(laboratory: Laboratory, id: str) -> str:
    """Which assumptions of the claim fail here; a claim all of whose assumptions hold is contradicted by its own row."""
    here = theory()
    claim = next(one for one in here.claims if one.id == CLAIMS.get(id, id))
    failed = []
    for assumption in here.assumptions:
        with suppress(Undecided):
            if (
                assumption.id in claim.assumptions
                and assumption.check(assumption, laboratory).verdict == "fails"
            ):
                failed.append(assumption.id)
    return f" It needs {', '.join(failed)}, which fail{'s' * (len(failed) == 1)} here." if failed else ""


def _table(found: list[Along]) -> Table:
    rows: list[list[Scalar]] = []
    for one in found:
        margin, at = one.worst
        rows.append([SOURCES[one.id], one.text, finite(margin), at, len(one.t), one.until, one.verdict])
    return Table(
        caption="Along the run",
        columns=["quantity", "bound", "smallest margin", "at step", "steps watched", "told until", "verdict"],
        rows=rows,
        note="Margin (right − left)/(|left| + |right|), the smallest over heads or tokens, over the steps that rounding does not rule. "
        "Of the equality in (49) the right side is what rounding allows.",
    )  # fmt: skip


def _charts(found: list[Along]) -> list[Chart]:
    """Left over right at the watched steps that all have: 1 ≤ t < last."""
    by_id = {one.id: one for one in found}
    steps = by_id["step-4"].t[by_id["step-4"].t > 0]
    if len(steps) < 2:
        return []
    charts = []
    for caption, ids in CHARTS.items():
        curves = {}
        for id in ids:
            one = by_id[id]
            at = np.searchsorted(one.t, steps)
            with np.errstate(divide="ignore", invalid="ignore"):
                curves[SOURCES[id]] = numbers((one.left[at] / one.right[at]).max(axis=1))
        charts.append(Chart(caption=caption, series=Series(x=[int(t) for t in steps], y=curves)))
    return charts
