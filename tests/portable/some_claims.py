"""A run of some claims with all studies, printed as JSON: what child processes are asked for where the default run takes too long."""

from __future__ import annotations

import numpy as np

from verify.theories.yang2024.job import Job
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.options import Options

# Of each kind of evidence that float64 has a part in: literal model, sampling, constants, search, training.
SOME = ("eq-9", "eq-14", "lemma-1", "eq-46-one-norm", "eq-49-identity", "theorem-2")

if __name__ == "__main__":
    job = Job(Laboratory(digits(), Options(device="cpu")), "icl-verify run")
    job.chosen = [claim for claim in job.chosen if claim.id in SOME]
    with np.errstate(all="ignore"):
        print(job.run().model_dump_json())
