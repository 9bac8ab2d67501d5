"""False variants of one statement as evidence beside it: how many of them the same checks refute, and why the others are not refuted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from verify.mutants.examine import PART_SAID, Examiner
from verify.mutants.mutant import Mutant
from verify.output.phrases import counted
from verify.pipeline.bench import Bench
from verify.points.certify import Certify
from verify.prove.identity import Decide
from verify.record import Evidence
from verify.search.search import BUDGETS, Budget
from verify.statement import Check, Claim

# By tier: how many false variants, the certification and the decision of an identity that they go through, and the last search of what
# nothing explains.
WANTED = {"fast": 4, "full": 6}
CERTIFIED = {"fast": Certify(20, larger=False), "full": Certify()}
DECIDED = {"fast": Decide((Budget(3, 32, 1, 16, 16),)), "full": Decide()}
LAST = {"fast": (), "full": BUDGETS["full"]}


@dataclass(frozen=True)
class Controls:
    """What became of a few false variants of a claim. That speaks of the checks: it is no evidence for the claim, nor against it.

    claims   all of the theory: their proofs may explain why a variant is not refuted
    """

    claims: Sequence[Claim]

    def __call__(self, claim: Claim, bench: Bench) -> Iterator[Evidence]:
        lighter = tuple(self._lighter(check, bench.tier) for check in claim.checks)
        examiner = Examiner(self.claims, bench, bench.seed, WANTED[bench.tier], last=LAST[bench.tier])
        mutants = list(examiner.of_statements(replace(claim, checks=lighter), Counter()))
        yield _evidence(_said(mutants), bench, mutants)

    @staticmethod
    def _lighter(check: Check, tier: str) -> Check:
        match check:
            case Certify():
                return CERTIFIED[tier]
            case Decide():
                return DECIDED[tier]
        return check


def _evidence(said: str, bench: Bench, mutants: Sequence[Mutant]) -> Evidence:
    outcomes = Counter(mutant.outcome for mutant in mutants)
    false = sum(mutant.counted for mutant in mutants)
    return Evidence(
        check="mutants", scope="general", verdict="not applicable", strength=None, statement=said,
        figures={"false variants": false, **{name: outcomes[name] for name in sorted(outcomes)}},
        steps=[_line(mutant) for mutant in mutants],
        budget=f"{counted(false, 'false variant')} of {WANTED[bench.tier]} that are wanted",
    )  # fmt: skip


def _said(mutants: Sequence[Mutant]) -> str:
    """How many false variants were refused, and what became of each of the others."""
    outcomes = Counter(mutant.outcome for mutant in mutants)
    false = [mutant for mutant in mutants if mutant.counted]
    refuted, proved = outcomes["refuted"] + outcomes["contradiction"], outcomes["contradiction"]
    found = (
        f"{counted(len(false), 'false variant')} of the statement went through the same checks, {refuted} refuted and {proved or 'none'} "
        "proved."
        if false
        else "no variant of the statement says more than it and is not proved."
    )
    open_ones = (mutant for mutant in false if mutant.outcome != "refuted")
    others = "".join(f" {_word(mutant)}: {_change(mutant)}{_slack(mutant)}." for mutant in open_ones)
    true = (
        f" Proved like the statement, and no control: {counted(outcomes['true'], 'variant')}."
        if outcomes["true"]
        else ""
    )
    return f"Negative control: {found}{others}{true}"


def _word(mutant: Mutant) -> str:
    match mutant.outcome:
        case "not told apart":
            return "Not refuted, and explained by slack"
        case "contradiction":
            return "Refuted by one check and proved by another one"
    missed = mutant.ratio is not None and mutant.ratio > 1
    return "False, and missed by the checks" if missed else "Neither refuted nor proved"


def _change(mutant: Mutant) -> str:
    return f"{mutant.operator}, {mutant.side}: {mutant.change}"


def _slack(mutant: Mutant) -> str:
    if mutant.ratio is None:
        return ""
    own = "" if mutant.closest is None else f", and {mutant.closest:.4g} for the statement itself"
    part = f"; {mutant.said.partition('. ')[0]}" if mutant.said.startswith(PART_SAID) else ""
    return f", with left/right at most {mutant.ratio:.4g}{own}{part}"


def _line(mutant: Mutant) -> str:
    return f"{_change(mutant)}: {mutant.outcome}" + (
        f" by {mutant.by}" if mutant.outcome == "refuted" else ""
    )
