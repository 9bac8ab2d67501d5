"""How tight the guarantee of Theorem 1 is, and whether the trained transformer does ridge regression: the second and the third answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from verify.record import Answer, Scalar
from verify.theories.yang2024.laboratory import Laboratory, counted_steps
from verify.theories.yang2024.numeric.constants import steps_for_bound
from verify.theories.yang2024.studies.certificate import first_step, observed
from verify.theories.yang2024.summary import done

TIGHT = "How tight is it?"
MODEL = "Does the transformer do ridge regression?"
STILL = 1e-2  # a relative change of Q_h below this is called none


def answers(laboratory: Laboratory) -> Iterator[Answer]:
    """Those for which there are numbers: at an instance with a certificate, and of a transformer that was trained."""
    made = laboratory.certificates.printed
    if not isinstance(made, str):
        yield _tight(laboratory)
    if done(laboratory) is not None:
        yield _model(laboratory)


def _tight(laboratory: Laboratory) -> Answer:
    made, target, trajectory = (
        laboratory.certificates.printed,
        laboratory.options.bound_target,
        done(laboratory),
    )
    assert not isinstance(made, str)
    asked, certified = steps_for_bound(made.rates.log_rate or 0.0, target), first_step(laboratory, made)[1]
    seen = None if trajectory is None else observed(trajectory, target)
    figures: dict[str, Scalar] = {
        f"steps after which (18) guarantees {target:g} of the initial gap": counted_steps(asked),
        "steps that are certified for this instance": counted_steps(certified),
        **({} if seen is None else {"steps that are observed": seen}),
    }
    return Answer(
        question=TIGHT, figures=figures, more="certificate",
        answer=f"At this instance the guarantee asks for {asked / certified:.2g} times as many steps as are needed.",
        note="" if made.bound_holds().holds else "The certificate does not show (18).",
    )  # fmt: skip


def _model(laboratory: Laboratory) -> Answer:
    trajectory, enclosed = laboratory.trajectory, laboratory.final_enclosure
    assert trajectory is not None
    reached = bool(trajectory.gap[-1] <= laboratory.options.bound_target * trajectory.gap[0])
    moved = float(np.nanmax(trajectory.relative_movement()))
    figures: dict[str, Scalar] = {"steps": counted_steps(trajectory.last.t)}
    if enclosed is not None:
        figures["‖Â − A‖₂, where A is ridge regression, at most"] = float(enclosed.distance.upper())
        figures["𝓛 − inf 𝓛, at most"] = float(enclosed.gap.upper())
    figures["largest relative change of a Q_h"] = moved
    return Answer(
        question=MODEL, figures=figures, more="predictor",
        answer="It predicts as ridge regression does." if reached else
        f"Not yet: after {trajectory.last.t:,} steps the gap is more than {laboratory.options.bound_target:g} times the initial gap.",
        note="The attention did not learn: at the rates of the theorem only w moves." if moved < STILL else "",
    )  # fmt: skip
