"""The main job: theory → derivation → training → comparison → record."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.linalg import LinAlgWarning

from numeric.balls import Undecided
from numeric.errors import InputError
from verify.output.answers import truth
from verify.output.equations import equation
from verify.output.phrases import decoded
from verify.pipeline import resume as resumed
from verify.pipeline.bench import Progress
from verify.pipeline.gather import gather, why
from verify.pipeline.interrupted import Interrupted as Interrupted
from verify.pipeline.judge import Beside, Judged, judge, verdict_of
from verify.pipeline.provenance import code, now, provenance
from verify.prove.expand import AtSize
from verify.prove.rests import Rests
from verify.record import (
    Answer,
    AssumptionRecord,
    ClaimRecord,
    Evidence,
    Need,
    Provenance,
    Record,
    Settings,
    Study,
    Training,
)
from verify.search.search import Search
from verify.search.worker import Ahead
from verify.statement import Assumption, Check, Claim
from verify.theories.yang2024 import NAME, summary
from verify.theories.yang2024.answers import answers
from verify.theories.yang2024.derivation_steps import steps
from verify.theories.yang2024.fits import Sizes, must_fit
from verify.theories.yang2024.labels import LABELS
from verify.theories.yang2024.laboratory import OPEN, Laboratory
from verify.theories.yang2024.necessity import examine
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.panels import panels
from verify.theories.yang2024.studies.always import ALWAYS
from verify.theories.yang2024.theory import theory
from verify.vocabulary import PROVED

API_CALL = "verify.run(instance)"
# Of every claim, beside its own checks; inequalities of the paper are proved for all sizes or searched.
EVERYWHERE = (AtSize(inequalities=False),)


def check_assumptions(instance: Instance, laboratory: Laboratory | None = None) -> list[AssumptionRecord]:
    """A0–A4 and the hypotheses that the theorems state in passing, each with a verdict, a margin and its offenders.

    >>> import verify
    >>> [a.verdict for a in verify.check_assumptions(verify.load()) if a.id in ("A1", "heads")]
    ['holds', 'holds']
    """
    at = laboratory or Laboratory(instance)
    return [_judged(assumption, at) for assumption in theory().assumptions]


def _judged(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    return laboratory.once(f"assumption {assumption.id}", lambda: _assumption(assumption, laboratory))


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
    instance: Instance,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    command: str = "",
    save: Callable[[Record], object] | None = None,
    resume: Record | None = None,
    checkpoint: Path | None = None,
    two_cores: bool = False,
) -> Record:
    """Verify the theory on one instance.

    options     device, dtype, tier, ids to check, budgets
    progress    called with (stage, done, total); the stage "claims · ID" says which claim is under way
    command     the command line that asked for it, kept in the record
    save        called before the first claim and after each, with the partial record of what is finished
    resume      a partial record of this very run, which then goes on where that one ends; see verify/pipeline/resume.py
    two_cores   searches are made ahead of their turn in a second process, with the same findings
    checkpoint  a file that keeps the training, for the caller to remove when the record is complete

    Raises InputError for options that cannot be met, sizes that do not fit into this machine, a record that is no part of this run,
    and where torch is not installed; Interrupted (with a partial record) on Ctrl-C.
    """
    must_fit(Sizes.of(instance, options or Options()))
    laboratory = Laboratory(instance, options, progress, checkpoint)
    job = Job(laboratory, decoded(command) or API_CALL, save, resume, two_cores)
    # What is not finite or ill-conditioned is judged and shown in its place, not announced.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        try:
            return job.run()
        except KeyboardInterrupt as stop:
            raise Interrupted(job.cut_short()) from stop
        finally:
            if job.ahead is not None:
                job.ahead.close()


class Job:
    """A run under way: what is finished is kept, so that a partial record can be made of it at any moment."""

    def __init__(
        self,
        laboratory: Laboratory,
        command: str,
        save: Callable[[Record], object] | None = None,
        before: Record | None = None,
        two_cores: bool = False,
    ) -> None:
        self.laboratory = laboratory
        self.two_cores = two_cores
        self.ahead: Ahead | None = None
        self.rests = Rests(theory())
        self.command = command
        self.save = save
        self.before = before
        self.started, _ = now(), code()  # the code as it is before the first claim
        self.clock = perf_counter()
        only = canonical(laboratory.options.only)
        self.chosen = [claim for claim in theory().claims if not only or claim.id in only]
        self.assumptions: list[AssumptionRecord] = []
        self.claims: list[ClaimRecord] = []
        self.studies: list[Study] = []
        self.asked = {} if only else ALWAYS

    def progress(self) -> str:
        return f"{len(self.claims)} of {len(self.chosen)} claims"

    def run(self) -> Record:
        laboratory, claims = self.laboratory, self.chosen
        basis = resumed.identity(self.record("partial"))  # an absent device is said before any work
        if self.before is not None:
            self.claims = resumed.finished(self.before, self.record("partial"), claims)
        since = perf_counter()
        for assumption in theory().assumptions:
            self.assumptions.append(_judged(assumption, laboratory))
        laboratory.timed("assumptions", since)
        if self.before is not None:
            resumed.agree(self.before, self.assumptions)
        by_id = {assumption.id: assumption for assumption in self.assumptions}
        self._save()
        if self.two_cores:
            left = [
                c.key for c in claims[len(self.claims) :] if any(isinstance(one, Search) for one in c.checks)
            ]
            self.ahead = Ahead(NAME, left, laboratory.options.tier, laboratory.instance.seed)
        for claim in claims[len(self.claims) :]:
            laboratory.progress(f"claims · {claim.id}", len(self.claims), len(claims))
            since = perf_counter()
            checks = (*claim.checks, *EVERYWHERE)
            evidence = [found for check in checks for found in self._evidence(claim, check)]
            row = judge(
                claim,
                evidence,
                by_id,
                self._repeat,
                self._beside(claim, verdict_of(evidence, claim.kind)),
            )
            laboratory.timed("claims", since)
            self.claims.append(row.model_copy(update={"digest": resumed.digest(row, basis)}))
            self._save()
        laboratory.progress("claims", len(claims), len(claims))
        self._known_before()
        self._study()
        return self.record("complete")

    def _study(self) -> None:
        """The studies, each as far as it could go."""
        since = perf_counter()
        for number, (id, study) in enumerate(self.asked.items()):
            self.laboratory.progress(f"studies · {id}", number, len(self.asked))
            try:
                self.studies.append(study(self.laboratory))
            except OPEN as error:
                self.studies.append(Study(id=id, title=id, finding=f"Not decided: {why(error)}."))
        self.laboratory.progress("studies", len(self.asked), len(self.asked))
        self.laboratory.timed("studies", since)

    def _save(self) -> None:
        if self.save is not None:
            reason = f"under way, or ended without a word, after {self.progress()}"
            self.save(self.record("partial", reason))

    def cut_short(self) -> Record:
        """The record of a run that Ctrl-C ended. One that had not yet taken up the rows from before leaves them as they were."""
        if self.before is not None and len(self.claims) < len(self.before.claims):
            return self.before
        return self.record("partial", f"interrupted by Ctrl-C after {self.progress()}")

    def _known_before(self) -> None:
        """What the laboratory had found out before the run was cut short, and no claim since has asked for."""
        if self.before is None:
            return
        with suppress(*OPEN):
            if self.before.training is not None and summary.asked(self.before.training):
                _ = self.laboratory.trajectory
            elif self.before.constants:
                _ = self.laboratory.constants

    def _repeat(self, id: str) -> str:
        if self.command == API_CALL:
            return f'verify.run(instance, verify.Options(only=("{id}",)))'
        return f"{repeat_command(self.command)} --only {id}"

    def _evidence(self, claim: Claim, check: Check) -> Iterable[Evidence]:
        """What the check found; of a search, what another process found ahead."""
        known = self.ahead.take(claim.key) if self.ahead and isinstance(check, Search) else None
        return gather(claim, check, self.laboratory) if known is None else known

    def _beside(self, claim: Claim, judged: Judged) -> Beside:
        """Necessity, improvements and consequence, up to where one of them could not go on."""
        laboratory = self.laboratory
        needs: list[Need] = []
        try:
            needs += (claim.needs or _nothing)(laboratory)
        except OPEN as error:
            found = {need.assumption for need in needs}
            needs += [
                Need(
                    assumption=name, verdict="not examined", strength=None,
                    statement=f"Not decided: {why(error)}.",
                )
                for name in claim.assumptions if name not in found
            ]  # fmt: skip
        try:
            said = claim.consequence if isinstance(claim.consequence, str) else claim.consequence(laboratory)
        except OPEN as error:
            said = f"Not computed here: {why(error)}."
        examined = examine(claim, judged.verdict, needs)
        improved = tuple((claim.improvements or tuple)())
        return Beside(
            theory().part(claim.id),
            examined,
            improved,
            said,
            self.rests(claim, proved=judged.strength in PROVED),
        )

    def record(self, status: str, reason: str = "") -> Record:
        """Everything finished so far."""
        laboratory, instance, options = self.laboratory, self.laboratory.instance, self.laboratory.options
        broken = [one.contradiction for one in self.claims] + [one.contradiction for one in self.studies]
        finished = status == "complete"
        constants, training = summary.constants(laboratory), self._training()
        if (
            self.before is not None and not finished
        ):  # it may be cut short again before these are known once more
            constants = constants or self.before.constants
            training = training if summary.asked(training) else self.before.training or training
        return Record(
            status="complete" if finished else "partial",
            status_reason=reason,
            exit_code=(1 if any(broken) else 0) if finished else 130,
            headline=summary.headline(self.claims, laboratory if finished else None, self.studies),
            theory=theory().source,
            answers=self._answers() if finished else [],
            warnings=[
                *summary.of_features(instance), *summary.warnings(self.assumptions, laboratory if finished else None)
            ],
            settings=Settings(
                seed=instance.seed, device=laboratory.device, dtype=options.dtype, tier=options.tier,
                only=list(options.only), gpu=summary.gpu(laboratory),
                budgets={"max_steps": options.max_steps, "bound_target": options.bound_target},
            ),
            instance=summary.instance(instance),
            assumptions=self.assumptions,
            constants=constants,
            claims=[row.model_copy(update={"digest": ""}) for row in self.claims] if finished else self.claims,
            derivation=steps() if finished else [],
            training=training,
            panels=panels(laboratory) if finished else [],
            studies=self.studies,
            labels=LABELS,
            provenance=self._provenance(),
        )  # fmt: skip

    def _answers(self) -> list[Answer]:
        """The first answer, and of a whole run the others."""
        found = [truth(self.claims)]
        if not self.laboratory.options.only:
            with suppress(*OPEN):
                found.extend(answers(self.laboratory))
        return found

    def _training(self) -> Training:
        """Worked out once it is over: the record is written after each claim."""
        laboratory = self.laboratory
        if summary.done(laboratory) is None:
            return summary.training(laboratory)
        return laboratory.once("summary of the training", lambda: summary.training(laboratory))

    def _provenance(self) -> Provenance:
        before, i = None if self.before is None else self.before.provenance, self.laboratory.instance
        return provenance(
            self.command,
            self.started,
            perf_counter() - self.clock,
            self.laboratory.seconds,
            before,
            i.H * i.N * i.K,
        )


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
        elif word != "--resume":
            kept.append(word)
    return shlex.join(kept)
