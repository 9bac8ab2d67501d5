"""All true claims and their false variants, on as many processes as there are cores; the same for any number of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

from joblib import Parallel, delayed, parallel_config

from verify.mutants.examine import PER_CLAIM, Examiner, true_claims
from verify.mutants.mutant import KINDS, Kind, Mutant, Outcome, Row
from verify.statement import Claim

LEAST = 5  # false variants that every true claim must have
DEMANDED = 0.98  # of those of identities and of attained inequalities
STRICT: tuple[Kind, ...] = ("identity", "attained inequality")
UNEXPLAINED: dict[Outcome, str] = {
    "undecided": "no check refutes this, and nothing explains why",
    "contradiction": "one check refutes this, and another one proves it",
}

Progress = Callable[[str, int, int], None]
Making = Callable[
    [int, int], Examiner
]  # from a seed and the number of variants of a claim; another process finds it by its name
Task = tuple[Making, str, str, int, int]  # what makes the examiner; id, form, seed, variants of a claim


@dataclass(frozen=True)
class Run:
    """What became of the variants of the claims that were asked for. `whole`: of all true claims."""

    seed: int
    per_claim: int
    whole: bool
    rows: tuple[Row, ...]

    @property
    def mutants(self) -> list[Mutant]:
        return [mutant for row in self.rows for mutant in row.mutants]

    def count(self, *outcomes: Outcome, kinds: Sequence[Kind] = KINDS) -> int:
        return sum(m.outcome in outcomes and m.kind in kinds for m in self.mutants)

    def rate(self, kinds: Sequence[Kind] = KINDS) -> float | None:
        """The share that is refuted, of the false variants of these kinds; None where there are none."""
        total = self.count("refuted", "not told apart", "undecided", kinds=kinds)
        return self.count("refuted", kinds=kinds) / total if total else None

    @property
    def complaints(self) -> list[str]:
        """What is not as it should be, a line each."""
        found = [
            f"{row.id}, {row.form}: it is true, and refuted: {row.refuted}"
            for row in self.rows
            if row.refuted
        ]
        for row in self.rows:
            found += [
                f"{row.id}, {row.form}: {UNEXPLAINED[m.outcome]}: {m.operator}, {m.side}: {m.change}"
                for m in row.mutants
                if not m.explained
            ]
            if (counted := row.count("refuted", "not told apart", "undecided")) < min(LEAST, self.per_claim):
                found.append(
                    f"{row.id}, {row.form}: {counted} false variants, {min(LEAST, self.per_claim)} needed"
                )
        rate = self.rate(STRICT)
        if self.whole and rate is not None and rate < DEMANDED:
            found.append(
                f"{rate:.1%} of the variants of {' and '.join(STRICT)} are refuted, {DEMANDED:.0%} needed"
            )
        return found

    def data(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {
            "seed": self.seed, "per_claim": self.per_claim, "complaints": self.complaints,
            "claims": [
                {"id": row.id, "form": row.form, "refuted": row.refuted, "mutants": [asdict(m) for m in row.mutants],
                 "passed_over": dict(row.passed_over)}
                for row in self.rows
            ],
        }  # fmt: skip


def examine(task: Task) -> Row:
    make, id, form, seed, per_claim = task
    examiner = make(seed, per_claim)
    claim = next(claim for claim in examiner.claims if claim.key == (id, form))
    return examiner.row(claim)


def run(
    claims: Sequence[Claim],
    examiner: Making,
    seed: int = 0,
    only: Sequence[str] = (),
    per_claim: int = PER_CLAIM,
    workers: int | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Run:
    """Examines the true ones among these claims, those with the ids in `only` where there are some; rows come in their order. One
    worker: in this process."""
    chosen = [claim for claim in true_claims(claims) if not only or claim.id in only]
    tasks: list[Task] = [(examiner, *claim.key, seed, per_claim) for claim in chosen]
    rows: dict[Task, Row] = {}
    count = max(1, min(workers or os.cpu_count() or 1, len(tasks)))
    with parallel_config("loky", inner_max_num_threads=1) if count > 1 else nullcontext():
        found = Parallel(count, return_as="generator_unordered")(delayed(_examined)(task) for task in tasks)
        for task, row in found:
            rows[task] = row
            progress(f"claims · {row.id}", len(rows), len(tasks))
    return Run(seed, per_claim, not only, tuple(rows[task] for task in tasks))


def _examined(task: Task) -> tuple[Task, Row]:
    return task, examine(task)
