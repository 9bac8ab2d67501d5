"""check(S): every statement of a setting proved, certified, searched, and put beside its false variants; a record, and no instance."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from time import perf_counter
from typing import Literal

import numpy as np

from numeric.balls import Undecided
from numeric.errors import InputError
from verify.mutants.controls import Controls
from verify.necessity.hypotheses import examine
from verify.output import tally
from verify.own.setting import Setting
from verify.own.theory import theory
from verify.own.weaker import hypotheses
from verify.pipeline.bench import Bench, Progress
from verify.pipeline.judge import Beside, judge, verdict_of
from verify.pipeline.provenance import now, provenance
from verify.record import ClaimRecord, Evidence, Need, Record, Settings
from verify.statement import Claim
from verify.vocabulary import ACCEPTED

TIERS = ("fast", "full")
LARGEST_SEED = 2**63 - 1


def check(
    S: Setting,
    tier: Literal["fast", "full"] = "fast",
    seed: int = 0,
    *,
    progress: Progress | None = None,
    command: str = "",
) -> Record:
    """A record with a row for each statement, in order. Nothing is written.

    Raises InputError for what is no setting or has no statement, for another tier and for a seed that is no whole number from 0 to
    2^63 − 1.
    """
    if not isinstance(S, Setting):
        raise InputError("check", repr(S), "a Setting", 'make one by Setting("my note")')
    if tier not in TIERS:
        raise InputError("tier", repr(tier), "fast or full", 'leave it out for "fast"')
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise InputError("seed", repr(seed), "a whole number from 0 to 2^63 - 1", "leave it out for 0")
    started, clock = now(), perf_counter()
    stated, bench = theory(S), Bench(seed, tier, progress)
    rows: list[ClaimRecord] = []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, claim in enumerate(stated.claims):
            bench.progress(f"statements · {claim.id}", number, len(stated.claims))
            evidence = [found for one in claim.checks for found in _found(claim, one, bench)]
            needs: tuple[Need, ...] = ()
            if verdict_of(evidence).verdict in ACCEPTED:
                examined = examine(claim, hypotheses(S, claim), bench)
                needs = examined.needs
                evidence += [*examined.against, *_found(claim, Controls(stated.claims), bench)]
            row = judge(claim, evidence, {}, lambda id: f"verify.check(S)  # {id}", Beside(needs=needs))
            rows.append(row.model_copy(update={"here": "not applicable"}))
    bench.progress("statements", len(rows), len(rows))
    broken = any(row.contradiction for row in rows)
    return Record(
        status="complete", exit_code=1 if broken else 0, headline=tally.sentences(rows), theory=stated.source,
        settings=Settings(seed=seed, device="cpu", dtype="exact", tier=tier), assumptions=[], claims=rows,
        provenance=provenance(command or "verify.check(S)", started, perf_counter() - clock, {}),
    )  # fmt: skip


def _found(claim: Claim, one: object, bench: Bench) -> Iterator[Evidence]:
    """What a check found, up to where it could not go on."""
    try:
        yield from one(claim, bench)  # type: ignore[operator]
    except (Undecided, OverflowError, ArithmeticError) as error:
        yield Evidence(
            check=type(one).__name__, scope="general", verdict="undecided", strength=None, seed=bench.seed,
            statement=f"Not decided: {' '.join(str(error).split())}.",
        )  # fmt: skip
