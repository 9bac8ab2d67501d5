"""A record of studies alone: the instance and its assumptions, no claim asked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np
from scipy.linalg import LinAlgWarning

from verify.record import Record, Study
from verify.theories.yang2024.job import Interrupted, Job
from verify.theories.yang2024.laboratory import Laboratory


def run_studies(
    laboratory: Laboratory,
    studies: Mapping[str, Callable[[Laboratory], Study]],
    command: str,
    worded: Callable[[Record], Record],
) -> Record:
    """These studies, in order; `worded` puts what such a record says in its first lines.

    Raises Interrupted on Ctrl-C, with the partial record of those that were finished.
    """
    job = Job(laboratory, command)
    job.chosen, job.asked = [], dict(studies)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        try:
            return worded(job.run())
        except KeyboardInterrupt as stop:
            raise Interrupted(worded(job.cut_short())) from stop
