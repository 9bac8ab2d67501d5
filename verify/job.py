"""The main job: theory → derivation → training → comparison → record."""

from __future__ import annotations

import importlib.metadata
import platform
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import LinAlgWarning

from numeric.balls import Undecided
from numeric.errors import InputError
from numeric.instance import Instance
from numeric.train import TrainingError
from verify import summary
from verify.catalogue import theory
from verify.claim import Assumption, Check, Claim
from verify.config import Options
from verify.derivation import steps
from verify.equations import equation
from verify.judge import Beside, judge
from verify.laboratory import Laboratory, Progress
from verify.record import AssumptionRecord, ClaimRecord, Evidence, Need, Provenance, Record, Settings

PACKAGES = (
    "icl-verify", "sympy", "numpy", "scipy", "torch", "python-flint", "scikit-learn", "pydantic", "hypothesis",
    "matplotlib", "latex2mathml",
)  # fmt: skip


API_CALL = "verify.run(instance)"
OPEN = (Undecided, TrainingError, LinAlgError)  # what leaves a question open, and is no fault of the program


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `record` holds everything that was finished, marked partial."""

    def __init__(self, record: Record) -> None:
        super().__init__("interrupted")
        self.record = record


def check_assumptions(instance: Instance, laboratory: Laboratory | None = None) -> list[AssumptionRecord]:
    """A0–A4 and the hypotheses that the theorems state in passing, each with a verdict, a margin and its offenders.

    >>> import verify
    >>> [a.verdict for a in verify.check_assumptions(verify.load()) if a.id in ("A1", "heads")]
    ['holds', 'holds']
    """
    at = laboratory or Laboratory(instance)
    return [_assumption(assumption, at) for assumption in theory().assumptions]


def _assumption(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    try:
        record = assumption.check(assumption, laboratory)
    except Undecided as error:
        record = AssumptionRecord(
            id=assumption.id, title=assumption.title, text=assumption.text, verdict="undecided", strength=None, margin=None,
            margin_meaning=assumption.margin_meaning, finding=f"Not decided: {error}", offenders=[str(error)],
        )  # fmt: skip
    return record.model_copy(update={"statement": [equation(line) for line in assumption.statement]})


def run(
    instance: Instance, options: Options | None = None, *, progress: Progress | None = None, command: str = ""
) -> Record:
    """Verify the theory on one instance.

    options   device, dtype, tier, ids to check, budgets
    progress  called with (stage, done, total)
    command   the command line that asked for it, kept in the record

    Raises InputError for options that cannot be met, Interrupted (with a partial record) on Ctrl-C.
    """
    laboratory = Laboratory(instance, options, progress)
    job = Job(laboratory, command or API_CALL)
    # What is not finite or ill-conditioned is judged and shown in its place, not announced.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        try:
            return job.run()
        except KeyboardInterrupt as stop:
            raise Interrupted(job.record("partial", "interrupted by Ctrl-C")) from stop


class Job:
    """A run under way: what is finished is kept, so that a partial record can be made of it at any moment."""

    def __init__(self, laboratory: Laboratory, command: str) -> None:
        self.laboratory = laboratory
        self.command = command
        self.started = datetime.now(UTC)
        self.clock = perf_counter()
        self.assumptions: list[AssumptionRecord] = []
        self.claims: list[ClaimRecord] = []

    def run(self) -> Record:
        laboratory, only = self.laboratory, canonical(self.laboratory.options.only)
        _ = laboratory.device  # an absent device is said before any work
        claims = [claim for claim in theory().claims if not only or claim.id in only]
        since = perf_counter()
        for assumption in theory().assumptions:
            self.assumptions.append(_assumption(assumption, laboratory))
        laboratory.timed("assumptions", since)
        by_id = {assumption.id: assumption for assumption in self.assumptions}
        for done, claim in enumerate(claims):
            laboratory.progress("claims", done, len(claims))
            since = perf_counter()
            evidence = [found for check in claim.checks for found in self._evidence(claim, check)]
            self.claims.append(judge(claim, evidence, by_id, self._repeat, self._beside(claim)))
            laboratory.timed("claims", since)
        laboratory.progress("claims", len(claims), len(claims))
        return self.record("complete")

    def _repeat(self, id: str) -> str:
        if self.command == API_CALL:
            return f'verify.run(instance, verify.Options(only=("{id}",)))'
        return f"{repeat_command(self.command)} --only {id}"

    def _evidence(self, claim: Claim, check: Check) -> Iterator[Evidence]:
        """What the check found, up to where it could not go on."""
        try:
            yield from check(claim, self.laboratory)
        except OPEN as error:
            yield Evidence(
                check=type(check).__name__, scope="here", verdict="undecided", strength=None,
                statement=f"Not decided: {' '.join(str(error).split())}.", seed=self.laboratory.instance.seed,
            )  # fmt: skip

    def _beside(self, claim: Claim) -> Beside:
        """Necessity, improvements and consequence, up to where one of them could not go on."""
        laboratory = self.laboratory
        needs: list[Need] = []
        try:
            needs += (claim.needs or _nothing)(laboratory)
        except OPEN as error:
            found = {need.assumption for need in needs}
            needs += [
                Need(
                    assumption=name, verdict="not-examined", strength=None,
                    statement=f"Not decided: {' '.join(str(error).split())}.",
                )
                for name in claim.assumptions if name not in found
            ]  # fmt: skip
        try:
            said = claim.consequence if isinstance(claim.consequence, str) else claim.consequence(laboratory)
        except OPEN as error:
            said = f"Not computed here: {' '.join(str(error).split())}."
        return Beside(needs, tuple((claim.improvements or tuple)()), said)

    def record(self, status: str, reason: str = "") -> Record:
        """Everything finished so far."""
        laboratory, instance, options = self.laboratory, self.laboratory.instance, self.laboratory.options
        broken = [claim for claim in self.claims if claim.contradiction]
        finished = status == "complete"
        return Record(
            status="complete" if finished else "partial",
            status_reason=reason,
            exit_code=(1 if broken else 0) if finished else 130,
            headline=summary.headline(self.claims, laboratory if finished else None),
            theory=theory().source,
            warnings=summary.warnings(self.assumptions, laboratory if finished else None),
            settings=Settings(
                seed=instance.seed, device=laboratory.device, dtype=options.dtype, tier=options.tier,
                only=list(options.only), gpu=summary.gpu(laboratory),
                budgets={"max_steps": options.max_steps, "bound_target": options.bound_target},
            ),
            instance=summary.instance(instance),
            assumptions=self.assumptions,
            constants=summary.constants(laboratory),
            claims=self.claims,
            derivation=steps() if finished else [],
            training=summary.training(laboratory),
            spectrum=summary.spectrum(laboratory) if finished else [],
            predictor=summary.predictor(laboratory) if finished else None,
            provenance=self._provenance(),
        )  # fmt: skip

    def _provenance(self) -> Provenance:
        return Provenance(
            command=self.command, version=_version("icl-verify") or "unknown", commit=_commit(),
            python=sys.version.split()[0],
            packages={name: found for name in PACKAGES if (found := _version(name))},
            platform=f"{platform.system()} {platform.machine()}", started=self.started.isoformat(timespec="seconds"),
            seconds=round(perf_counter() - self.clock, 3),
            seconds_by_stage={stage: round(value, 3) for stage, value in self.laboratory.seconds.items()},
        )  # fmt: skip


def _nothing(laboratory: Laboratory) -> tuple[Need, ...]:
    return ()


def canonical(only: tuple[str, ...]) -> tuple[str, ...]:
    """Ids for ids and aliases. Raises InputError for a name that no claim bears."""
    names = theory().names()
    for name in only:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            remedy = f"did you mean {near[0]}?" if near else "`icl-verify claims` lists them"
            raise InputError("only", name, "the id of a claim", remedy)
    return tuple(names[name] for name in only)


def repeat_command(command: str) -> str:
    """The command that ran, less what chose the claims and the folder."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ("--only", "--out"):
            next(words, None)
        else:
            kept.append(word)
    return shlex.join(kept)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the source tree this runs from, with a + where it has changes; None outside a repository."""
    root = Path(str(files("verify"))).parent
    if not (root / ".git").exists():
        return None
    try:
        head, state = (
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True
            )
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain"])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return head.stdout.strip() + ("+" if state.stdout.strip() else "")
