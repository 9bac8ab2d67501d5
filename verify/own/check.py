"""check(S): every statement of a setting proved, certified, searched, and put beside its false variants; a record, and no instance."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any, Literal

import numpy as np

from numeric.errors import InputError
from verify.mutants.controls import Controls
from verify.necessity.hypotheses import examine
from verify.output import tally
from verify.output.answers import truth
from verify.own.setting import Setting
from verify.own.stored import StoredProofs
from verify.own.terms import shown
from verify.own.theory import theory
from verify.own.weaker import hypotheses
from verify.pipeline.bench import Bench, Progress
from verify.pipeline.gather import gather
from verify.pipeline.judge import Beside, judge, verdict_of
from verify.pipeline.provenance import now, provenance
from verify.prove.expand import disagreement
from verify.prove.rests import Rests
from verify.record import ClaimRecord, Need, Record, Settings
from verify.statement import Claim, Theory
from verify.vocabulary import ACCEPTED, PROVED, TIERS

LARGEST_SEED = 2**63 - 1


def check(
    S: Setting | Theory,
    tier: Literal["fast", "full"] = "fast",
    seed: int = 0,
    *,
    only: Sequence[str] = (),
    progress: Progress | None = None,
    command: str = "",
    stored: StoredProofs | None = None,
    controls: bool = True,
) -> Record:
    """A record with a row for each statement, in order; for those in `only` alone, where names are given. Nothing is written.

    Proofs that are `stored` are replayed, and not sought where both checkers accept them. Without `controls`, no false variants and no
    dropped hypotheses are tried, which move no verdict.

    Raises InputError for what is no setting or has no statement, for another tier, for a seed that is no whole number from 0 to
    2^63 − 1, and for a name in `only` that no statement has. Of a Theory, a check that needs an instance says so in its row.
    """
    checking = Checking(S, tier, seed, progress=progress, command=command, stored=stored, controls=controls)
    chosen = checking.chosen(only)
    started, clock = now(), perf_counter()
    rows: list[ClaimRecord] = []
    for number, claim in enumerate(chosen):
        checking.bench.progress(f"statements · {claim.id}", number, len(chosen))
        rows.append(checking.row(claim))
    checking.bench.progress("statements", len(rows), len(rows))
    return Record(
        status="complete", exit_code=1 if any(row.contradiction for row in rows) else 0,
        headline=tally.sentences(rows), theory=checking.theory.source, answers=[truth(rows)],
        settings=Settings(seed=seed, device="cpu", dtype="exact", tier=tier), assumptions=[], claims=rows,
        provenance=provenance(command or "verify.check(S)", started, perf_counter() - clock, {}),
    )  # fmt: skip


class Checking:
    """The statements of a setting or theory, to be judged each when its row is asked for; what they share is worked out once.

    theory  the statements as claims, in order
    bench   seed and tier of all checks
    """

    def __init__(
        self,
        S: Setting | Theory,
        tier: str = "fast",
        seed: int = 0,
        *,
        progress: Progress | None = None,
        command: str = "",
        stored: StoredProofs | None = None,
        controls: bool = True,
    ) -> None:
        """Raises InputError for the arguments that `check` refuses."""
        if not isinstance(S, Setting | Theory):
            raise InputError("check", shown(S), "a Setting", 'make one by Setting("my note")')
        admitted(tier, seed)
        self.theory = theory(S, stored, tier) if isinstance(S, Setting) else S
        if progress is not None and not callable(progress):
            raise InputError(
                "progress", shown(progress), "a function of a text, a number and a total", "leave it out"
            )
        if not isinstance(command, str):
            raise InputError("command", shown(command), "a text", "leave it out")
        self.bench, self._stated, self._command = Bench(seed, tier, progress), S, command
        self._controls, self._rests = controls, Rests(self.theory)

    def chosen(self, only: Sequence[str]) -> list[Claim]:
        """The claims of these names, in order; all where no name is given. Raises InputError for a name that no statement has."""
        known = self.theory.names()
        names: list[Any] = [*only] if isinstance(only, list | tuple) else [only]
        for name in names:
            if not isinstance(name, str) or name not in known:
                raise InputError(
                    "only", shown(name), f"the name of a statement of {self.theory.source}", _known(known)
                )
        ids = {known[name] for name in names}
        return [claim for claim in self.theory.claims if not names or claim.id in ids]

    def row(self, claim: Claim) -> ClaimRecord:
        """The row of a claim: its evidence, gathered now, and the verdict."""
        S, bench = self._stated, self.bench
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evidence = [found for one in claim.checks for found in gather(claim, one, bench)]
            needs: tuple[Need, ...] = ()
            if self._controls and verdict_of(evidence).verdict in ACCEPTED:
                examined = examine(claim, hypotheses(S, claim) if isinstance(S, Setting) else (), bench)
                needs = examined.needs
                evidence += [*examined.against, *gather(claim, Controls(self.theory.claims), bench)]
            said = claim.consequence if isinstance(claim.consequence, str) else ""
            row = judge(
                claim,
                evidence,
                {},
                self._repeat,
                Beside(
                    self.theory.part(claim.id),
                    needs,
                    consequence=said,
                    rests=self._rests(claim, proved=verdict_of(evidence).strength in PROVED),
                ),
            )
        broken = row.contradiction or disagreement(evidence)
        return row.model_copy(update={"here": "not applicable", "contradiction": broken})

    def _repeat(self, id: str) -> str:
        if not self._command:
            return f"verify.check(S, only={id!r})"
        return shlex.join([*shlex.split(self._command), "--only", id])


def admitted(tier: str, seed: int) -> None:
    """Nothing. Raises InputError for a tier or a seed that a check cannot have."""
    if tier not in TIERS:
        raise InputError("tier", shown(tier), "fast or full", 'leave it out for "fast"')
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise InputError("seed", shown(seed), "a whole number from 0 to 2^63 - 1", "leave it out for 0")


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names))
    return f"known: {listed if len(listed) <= 200 else listed[:199] + '…'}"
