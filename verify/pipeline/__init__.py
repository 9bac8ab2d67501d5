"""From a theory to a record: the job, the judgement of each claim, resuming, provenance, folders of runs."""
