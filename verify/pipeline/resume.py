"""Taking up a run that was cut short: the rows it had finished are kept, the rest is worked out.

It is the same run, not another one that borrows verdicts. A row is a function of the instance, the seed, the options and
the code: each check draws from random streams of its own name, and reads from other claims nothing at all. So the rows
from before the cut and those from after it are the rows that one uninterrupted run writes. That holds only while all of
`identity` is the same, and where one entry of it differs the record is refused; nothing is ever taken from a run that is
complete, or from one of another instance, seed, option or version. The processor is not among it: instances are the same bits
everywhere, and no verdict and no sentence depends on the last digits of float64. The record lists the machines that it was computed on.

A row carries the digest of its content and of `identity`. A row that was damaged or edited by hand is therefore found. The
digest has no secret key: it does not protect from somebody who edits a row and computes its digest anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from numeric.errors import InputError
from verify.pipeline.judge import contradiction
from verify.record import AssumptionRecord, ClaimRecord, Model, Record
from verify.statement import Claim

REMEDY = "resume it as it was begun, or run without --resume to begin anew"


def identity(record: Record) -> dict[str, str]:
    """All that decides what a run writes, by name, in the order in which a difference is told.

    Of a package the version without the build, which is one for each kind of processor.
    """
    settings, origin = record.settings, record.provenance
    found = {
        "instance": "none" if record.instance is None else record.instance.digest,
        "seed": settings.seed, "tier": settings.tier, "dtype": settings.dtype,
        "device": settings.device, "only": ", ".join(settings.only) or "all claims",
        **settings.budgets, "version": origin.version, "commit": origin.commit, "source code": origin.code or "unknown",
        "Python": origin.python, **{name: version.partition("+")[0] for name, version in origin.packages.items()},
    }  # fmt: skip
    return {name: str(value) for name, value in found.items()}


def digest(part: Model, basis: Mapping[str, str]) -> str:
    """SHA-256 over what a part of a run says, its own digest apart, and what it was computed from: `identity`."""
    content = [dict(basis), part.model_dump(mode="json", exclude={"digest"})]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def finished(partial: Record, fresh: Record, claims: Sequence[Claim]) -> list[ClaimRecord]:
    """The rows that a record cut short had finished, held against the expected verdicts as new rows are.

    fresh   a record of the run that is to go on, as it would be written now
    claims  the claims to check, in order

    Raises InputError where the record is complete, of another run, no beginning of this one, or has a row that is not as it
    was written.
    """
    if partial.status == "complete":
        remedy = "nothing is left to do: render it, or run without --resume to begin anew"
        raise InputError("resume", "a complete record", "a partial one", remedy)
    then, now = identity(partial), identity(fresh)
    for name in dict.fromkeys((*now, *then)):
        if then.get(name) != now.get(name):
            needed = f"a record of this very run, whose {name} is {_short(now.get(name))}"
            raise InputError("resume", f"a record with {name} {_short(then.get(name))}", needed, REMEDY)
    keys = [(claim.id, claim.form) for claim in partial.claims]
    if keys != [claim.key for claim in claims[: len(keys)]]:
        needed = "the first claims of this run, in its order"
        raise InputError("resume", f"a record of {len(keys)} claims", needed, REMEDY)
    for row in partial.claims:
        if row.digest != digest(row, now):
            value = f"a record whose row {row.id}, {row.form}, was changed after it was written"
            raise InputError(
                "resume", value, "rows as the run wrote them", "run without --resume to begin anew"
            )
    return [
        row.model_copy(
            update={
                "expected": claim.expected,
                "contradiction": contradiction(claim.expected, row.verdict, row.here),
            }
        )
        for row, claim in zip(partial.claims, claims, strict=False)
    ]


def agree(partial: Record, assumptions: Iterable[AssumptionRecord]) -> None:
    """Assumptions are checked again; the verdicts have to be the same. Raises InputError."""
    now = {assumption.id: assumption.verdict for assumption in assumptions}
    for assumption in partial.assumptions:
        if now.get(assumption.id) != assumption.verdict:
            value = f"a record in which {assumption.id} {assumption.verdict}"
            needed = f"a record of this very run, and here it {now.get(assumption.id)}"
            raise InputError("resume", value, needed, REMEDY)


def _short(value: str | None) -> str:
    return "unknown" if value is None else value if len(value) <= 24 else f"{value[:12]}…"
