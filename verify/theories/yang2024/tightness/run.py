"""`icl-verify tightness`: a record of how tight the proofs are at one instance, and nothing else."""

from __future__ import annotations

from verify.pipeline.bench import Progress
from verify.record import Record
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.study_run import run_studies
from verify.theories.yang2024.tightness.study import Profile

NOT_ASKED = "only how tight the proofs are was asked: no statement was judged"


def tightness(
    instance: Instance,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    command: str = "",
) -> Record:
    """Slack of every inequality of the proofs, the product of what the constants lose, and the rates that a tight proof would allow.

    Raises InputError for options that cannot be met; Interrupted, with what was finished, on Ctrl-C.
    """
    laboratory = Laboratory(instance, options, progress)
    profile = Profile(laboratory)
    return run_studies(
        laboratory,
        profile.studies,
        command or "verify.theories.yang2024.tightness.run.tightness(instance)",
        _worded,
    )


def _worded(record: Record) -> Record:
    """What is said first: a contradiction, else what was found along the run."""
    broken = [study.contradiction for study in record.studies if study.contradiction]
    headline = (
        record.studies[0].finding if record.studies else "Nothing was found out: the run was cut short."
    )
    if broken:
        headline = f"Against expectation: {'; '.join(broken)}. {headline}"
    return record.model_copy(update={"headline": headline, "warnings": [NOT_ASKED, *record.warnings]})
