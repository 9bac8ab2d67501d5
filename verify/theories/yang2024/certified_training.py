"""Training at the largest rates that are certified for an instance: until the gap is certain to be at its target, or the budget ends."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from numeric import balls
from verify.pipeline.bench import Progress
from verify.record import Record, Scalar, Study, Table
from verify.theories.yang2024.laboratory import Laboratory, counted_steps
from verify.theories.yang2024.numeric.certificate import Certificate
from verify.theories.yang2024.numeric.inside import inside
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import Trajectory, train
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.study_run import run_studies
from verify.theories.yang2024.summary import plain

ID, TITLE = "certified-rates", "Training at the largest certified rates"
SHOWN = 12  # steps in the table


def train_certified(
    instance: Instance, options: Options, *, progress: Progress | None, command: str, weights: Path | None
) -> Record:
    """A record of the training, for which no claim is asked; trained weights go to `weights`, if given, as `run --weights` reads them.

    Raises Interrupted, with a partial record, on Ctrl-C.
    """
    laboratory = Laboratory(instance, options, progress)
    return run_studies(laboratory, {ID: partial(study, weights=weights)}, command, _worded)


def study(laboratory: Laboratory, weights: Path | None) -> Study:
    """What the training came to, with each gap held to its enclosure."""
    started, i = perf_counter(), laboratory.instance
    made = laboratory.certificates.largest
    if isinstance(made, str):
        return Study(
            id=ID,
            title=TITLE,
            finding=f"Nothing was trained: there are no certified rates: {made}.",
            seed=i.seed,
        )
    target, budget = laboratory.options.bound_target, laboratory.options.max_steps
    with balls.precision(made.bits):
        most = made.first(laboratory.constants.Delta0 * target)[1]
    run = train(
        i, made.rates, max_steps=max(1, min(most, budget)), dtype=laboratory.dtype, device=laboratory.device,
        progress=lambda done, total: laboratory.progress("gradient descent", done, total),
    )  # fmt: skip
    if weights is not None:
        np.savez(weights, Q_offset=run.Q_offset(), w=run.last.w)
    seen = inside(made, run, laboratory.options.dtype)
    outside = f"at step {seen.outside[0]} the gap is outside its enclosure" if seen.outside else None
    text = f"η_w = {made.rates.eta_w:.4g}, η_Q = {made.rates.eta_Q:.4g}: after {run.steps:,} steps the gap is at "
    text += f"{run.gap[-1] / run.gap[0]:.2g} of its start"
    text += (
        "."
        if most <= budget
        else f"; {counted_steps(most)} are certified to bring it to {target:g}, the budget is {budget:,}."
    )
    text += f" The gap lies inside its enclosure at {'each step' if not outside else 'not every step'}"
    text += "." if weights is None else f"; weights: {weights.name}."
    figures: dict[str, Scalar] = {
        "steps": run.steps, "initial_gap": run.gap[0], "final_gap": run.gap[-1], "rate_observed": -run.observed_log_rate(),
        "eta_Q": made.rates.eta_Q, "eta_w": made.rates.eta_w,
    }  # fmt: skip
    return Study(
        id=ID, title=TITLE, finding=text, tables=[_table(made, run)], seed=i.seed, seconds=perf_counter() - started,
        method="The largest rates at which the certificate for every step closes and shows (18) for this instance; docs/certificate.md",
        contradiction=outside, figures={name: plain(value) for name, value in figures.items()},
    )  # fmt: skip


def _table(made: Certificate, run: Trajectory) -> Table:
    steps = np.unique(np.linspace(0, run.steps, SHOWN).astype(np.int64)).tolist()
    rows: list[list[Scalar]] = []
    for t in steps:
        ball = made.gap(t)
        low, high = max(0.0, balls.float_down(ball)), balls.float_up(ball)
        rows.append([f"{t:,}", f"{low:.3g}", f"{float(run.gap[t]):.3g}", f"{high:.3g}"])
    columns = ["step", "certified, at least", "observed", "certified, at most"]
    return Table(caption="The gap 𝓛 − inf 𝓛", columns=columns, rows=rows)


def _worded(record: Record) -> Record:
    """What a record without claims says in its first lines."""
    found = next((one for one in record.studies if one.id == ID), None)
    headline = "The training was cut short." if found is None else found.finding
    training = record.training and record.training.model_copy(
        update={"reason": "the training was at certified rates"}
    )
    return record.model_copy(update={"headline": headline, "training": training})
