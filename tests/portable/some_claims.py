"""A run of some claims with some studies, printed as JSON: what child processes are asked for where the default run takes too long."""

from __future__ import annotations

import numpy as np

from verify.theories.yang2024.job import Job
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.options import Options

# Of the kinds of evidence that float64 has a part in: literal model, constants, search, training.
CLAIMS = ("eq-9", "eq-46-one-norm")
STUDIES = ("plan", "beyond", "watched", "enclosures")

if __name__ == "__main__":
    job = Job(Laboratory(digits(N=4, K=9, m=3, H=32), Options(device="cpu")), "icl-verify run")
    job.chosen = [claim for claim in job.chosen if claim.id in CLAIMS]
    job.asked = {id: study for id, study in job.asked.items() if id in STUDIES}
    with np.errstate(all="ignore"):
        print(job.run().model_dump_json())
