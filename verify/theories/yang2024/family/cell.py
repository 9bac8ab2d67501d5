"""One instance of a family as a cell of a sweep: Theorem 1 at its own constants, as a record, and the row read back from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from verify.pipeline.provenance import now, provenance
from verify.record import Model, Record, Scalar, Settings, Study
from verify.theories.yang2024 import summary
from verify.theories.yang2024.family.row import Row, Seen, Start, seen, start
from verify.theories.yang2024.family.study import headline, study
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import TrainingError, Trajectory, train
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.theory import theory

SNAPSHOTS = (1,)  # kept beside the last iterate, to be enclosed; the margin of (18) is smallest early
METHOD = (
    "Constants enclosed; rates (16) at equality, γ rounded up and η_Q down; gradient descent (10) in {dtype} on {device} until the "
    "guaranteed bound is at most {target:g} of its initial value, at most {steps} steps; the recorded gap held to (18) at every step, and "
    "enclosed at step 1 and the last"
)


def method(options: Options, device: str) -> str:
    """How the bound is tested, in words."""
    return METHOD.format(
        dtype=options.dtype, device=device, target=options.bound_target, steps=options.max_steps
    )


def bound(instance: Instance, options: Options) -> Record:
    """The record of one instance held to the bound (18): certified before training, trained, and judged."""
    laboratory = Laboratory(instance, options)
    started, clock, device = now(), perf_counter(), laboratory.device
    before = start(instance, options)
    after = (
        None if before.not_run else seen(instance, before, _run(instance, before, laboratory), options.dtype)
    )
    found = Row(
        number=1,
        seed=instance.seed,
        H=instance.H,
        tau=instance.tau,
        beta=instance.beta,
        start=before,
        seen=after,
    )
    spent = perf_counter() - clock
    shown = study([found], 1, options, [], method(options, device), instance.seed, spent)
    return record([found], 1, laboratory, shown.model_copy(update={"figures": _flat(found)})).model_copy(
        update={"provenance": provenance("icl-verify sweep", started, spent, {})}
    )


def record(rows: list[Row], total: int, laboratory: Laboratory, shown: Study) -> Record:
    """A record of rows, so many of a total, with their study; complete where none is missing."""
    options, finished = laboratory.options, len(rows) == total
    return Record(
        status="complete" if finished else "partial", exit_code=(1 if shown.contradiction else 0) if finished else 130,
        headline=headline(rows, total, options.bound_target), theory=theory().source,
        settings=Settings(
            seed=laboratory.instance.seed, device=laboratory.device, dtype=options.dtype, tier=options.tier,
            gpu=summary.gpu(laboratory), budgets={"bound_target": options.bound_target, "max_steps": options.max_steps},
        ),
        instance=summary.instance(laboratory.instance), assumptions=[], claims=[], studies=[shown],
        provenance=provenance("", now(), 0.0, {}),
    )  # fmt: skip


def _run(instance: Instance, before: Start, laboratory: Laboratory) -> Trajectory | TrainingError:
    """Gradient descent at the instance's own rates until its bound is at the target; the error where it overflowed."""
    assert before.rates is not None
    options = laboratory.options
    try:
        return train(
            instance, before.rates.rates(), max_steps=options.max_steps, stop=options.bound_target, dtype=laboratory.dtype,
            device=laboratory.device, snapshots=SNAPSHOTS,
        )  # fmt: skip
    except TrainingError as error:
        return error


def row(found: Record) -> Row:
    """The row that a record of `bound` was made of."""
    data: dict[str, Any] = {}
    for name, value in found.studies[0].figures.items():
        *tables, leaf = name.split(".")
        into = data
        for table in tables:
            into = into.setdefault(table, {})
        into[leaf] = value
    return Row.model_validate(data)


def _flat(part: Model, prefix: str = "") -> dict[str, Scalar]:
    """The values of a model by dotted name; what is None is left out."""
    found: dict[str, Scalar] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Model):
            found |= _flat(value, f"{prefix}{name}.")
        elif value is not None:
            found[prefix + name] = value
    return found


FIGURES: Mapping[str, Callable[[Row, Start, Seen], Scalar]] = {
    "gap": lambda row, start, seen: seen.gap,
    "gap_start": lambda row, start, seen: seen.gap0,
    "margin": lambda row, start, seen: seen.margin,
    "rate_guaranteed": lambda row, start, seen: -start.rates.log_rate if start.rates else None,
    "rate_observed": lambda row, start, seen: None if seen.observed is None else -seen.observed,
    "eta_Q": lambda row, start, seen: start.rates.eta_Q if start.rates else None,
    "eta_w": lambda row, start, seen: start.rates.eta_w if start.rates else None,
    "steps": lambda row, start, seen: seen.steps,
    "rate_ratio": lambda row, start, seen: row.faster,
    "movement": lambda row, start, seen: seen.movement,
}


def figures(found: Row) -> dict[str, Scalar]:
    """What the store of a sweep has of a row, by column."""
    start, steps = found.start, found.start.steps
    before: dict[str, Scalar] = {
        "bound_18": found.verdict, "zeta0": start.zeta0.lower if start.zeta0 else None,
        "steps_needed": None if steps is None or steps.bit_length() > 1000 else float(steps),
    }  # fmt: skip
    seen = found.seen
    return before if seen is None else before | {name: of(found, start, seen) for name, of in FIGURES.items()}
