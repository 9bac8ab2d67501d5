"""The checkers are checked: false variants of the true claims go through the same checks, and must be refuted.

A variant counts if it can be read, differs from its statement in normal form and, of an inequality, says more than it at
every point that is tried.

  refuted         a check refutes it
  true            it says more and is proved all the same, or it is another way to write the statement: no false variant
  not told apart  no check refutes it, and the closest left/right that is found for it stays below 1: the slack of the bound
  undecided       neither, and nothing explains why
  contradiction   one check refutes it, and another one proves it: a checker is broken
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from random import Random
from typing import TYPE_CHECKING, TypeVar

from numeric.errors import InputError
from symbolic.bound import Fact, facts
from symbolic.indexed import Expr, KernelError
from symbolic.registry import CONDITION
from verify.mutants.edits import OPERATORS, Edit, edits
from verify.mutants.mutant import Kind, Mutant, Outcome, Row
from verify.mutants.reprove import below, free_of_hypotheses, multiple, proof_by_axioms, proof_by_facts
from verify.pipeline.bench import Bench
from verify.points.certify import Certify
from verify.points.evaluation import Posed, pose
from verify.points.witness import witness
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.record import Evidence
from verify.search.search import BUDGETS, Budget, Search, search
from verify.sides import read
from verify.statement import Check, Claim, Identity, Inequality, Refuting, Statement
from verify.vocabulary import PROVED

if TYPE_CHECKING:
    from verify.mutants.stronger import Compared

T = TypeVar("T")
PER_CLAIM = 6
ATTAINED = 1 - 1e-6
PART = 0.99  # a variant that takes more of what its statement leaves is not explained by that
PART_SAID = "It takes at most"


def true_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Those against which nothing is known."""
    return [claim for claim in claims if claim.accepted]


def _evidence(claim: Claim, checks: Iterable[Check], bench: Bench) -> Iterator[Evidence]:
    for check in checks:
        yield from check(claim, bench)


def in_turn(seed: str, variants: Iterable[tuple[str, T]]) -> Iterator[T]:
    """One of each operator in turn, each operator's own in an order that the seed shuffles."""
    piles: dict[str, list[T]] = {}
    for operator, variant in variants:
        piles.setdefault(operator, []).append(variant)
    random = Random(seed)
    for pile in piles.values():
        random.shuffle(pile)
    turns = list(piles.values())
    random.shuffle(turns)
    while any(turns):
        for pile in turns:
            if pile:
                yield pile.pop()


def operator_of(name: str) -> str:
    """The operator that the name of a claim's own variant begins with."""
    known = {"dropped": "missing term", "term lost": "missing term"} | {name: name for name in OPERATORS}
    return next((operator for words, operator in known.items() if name.startswith(words)), "other")


def _judged(evidence: Iterable[Evidence]) -> tuple[Outcome, str, str]:
    """Refuted by the first check that says so; true where a proof passes; else open."""
    seen: list[Evidence] = []
    for found in evidence:
        seen.append(found)
        if found.verdict == "fails":
            return "refuted", found.check, found.statement
    for found in seen:
        if found.supports and found.strength in PROVED:
            return "true", found.check, found.statement
    return "undecided", ", ".join(dict.fromkeys(e.check for e in seen)), seen[-1].statement if seen else ""


def _measured(evidence: Iterable[Evidence]) -> float | None:
    """left/right where it is largest, by checks that measure it; None where none does."""
    ratios = []
    for found in evidence:
        margin, error = found.figures.get("smallest margin"), found.figures.get("largest error over ε")
        if found.supports and isinstance(margin, float):
            ratios.append((1 - margin) / (1 + margin))
        if found.supports and isinstance(error, float):
            ratios.append(error)
    return max(ratios, default=None)


NormalForm = tuple[Expr, Expr, str]


@dataclass
class _Stated:
    """One statement of a claim, ready to be compared with its variants."""

    claim: Claim
    position: int
    statement: Statement
    checks: Sequence[Check]
    compared: Compared | None = None
    closest: float | None = None
    seen: set[NormalForm] = field(default_factory=set)

    def __post_init__(self) -> None:
        if isinstance(self.statement, Inequality):
            from verify.mutants.stronger import Compared, closest

            posed = pose(self.statement)
            self.compared = Compared(posed)
            self.closest = closest(posed) if self.searched else None
        self.seen.add(self._read(self.statement)[0])

    @property
    def searched(self) -> bool:
        return any(isinstance(check, Refuting) and check.everywhere for check in self.checks)

    @property
    def kind(self) -> Kind:
        if self.compared is None:
            return "identity"
        if self.closest is None:
            return "inequality along runs"
        return "attained inequality" if self.closest >= ATTAINED else "inequality"

    def _read(self, statement: Statement) -> tuple[NormalForm, Posed | None]:
        """Both sides as the kernel has them, and what else the statement says. Raises KernelError, InputError."""
        if isinstance(statement, Identity):
            sides, reader = read(statement), statement.setting.reader(statement.dims)
            for side in chain(*statement.domain.when, *statement.domain.strictly):
                reader.read(side)  # an index over another part may not fit into a condition
            return (sides.lhs, sides.rhs, repr(statement.dims)), None
        posed = pose(statement)
        return (posed.lhs, posed.rhs, f"{statement.dims} {posed.rules.key}"), posed

    def why_not(self, edit: Edit) -> str:
        """Why this is no variant to be counted; empty where it is one."""
        try:
            form, posed = self._read(edit.statement)
        except (KernelError, InputError):
            return "does not type"
        if form in self.seen:
            return "the same normal form"
        self.seen.add(form)
        if self.compared is None or posed is None:
            return ""
        if edit.side == "dims":
            return "another case of an inequality"
        if edit.operator == "hypothesis":
            return (
                ""
                if self.compared.supposes_less(posed, edit.side)
                else "does not suppose less at every point"
            )
        return "" if self.compared.says_more(posed) else "does not say more at every point"


def _conditional(statement: Inequality, fact: Fact) -> bool:
    """Whether a fact rests on a condition of some statement."""
    return any(because == CONDITION for _, because in statement.setting.premises.owners(fact))


def _only(statement: Statement) -> tuple[Statement, ...]:
    return (statement,)


class Examiner:
    """Runs claims and their variants at one bench.

    claims     all of the theory: their proofs may explain why a variant is not refuted
    seed       of the sample of variants
    per_claim  how many false variants a claim is to have
    last       the stages of the search for a variant that nothing else explains; none where that search is left out
    """

    def __init__(
        self,
        claims: Sequence[Claim],
        bench: Bench,
        seed: int = 0,
        per_claim: int = PER_CLAIM,
        *,
        last: Sequence[Budget] = BUDGETS["full"],
    ) -> None:
        self.claims, self.bench, self.seed, self.per_claim, self.last = claims, bench, seed, per_claim, last

    def row(self, claim: Claim) -> Row:
        """The claim itself, and so many of its false variants, sampled by the seed."""
        evidence = _evidence(claim, claim.checks, self.bench)
        refuted = next((found.statement for found in evidence if found.verdict == "fails"), "")
        passed: Counter[str] = Counter()
        mutants = (*self.of_statements(claim, passed), *self._offered(claim))
        return Row(claim.id, claim.form, refuted, mutants, passed)

    def refuters(self, claim: Claim) -> list[Check]:
        """Its checks that can refute a formal statement, cheapest first.

        Where only a proof stands behind it, those of its other form; else exact points and the search, if these know its
        hypotheses, so that they do not refute the claim itself.
        """

        def of(one: Claim) -> list[Check]:
            found: list[Refuting] = [check for check in one.checks if isinstance(check, Refuting)]
            return [*sorted(found, key=lambda check: check.cost)]

        if claim.formal is None or not any(
            isinstance(check, Refuting | ProveBound) for check in claim.checks
        ):
            return []
        found = of(claim)
        for other in self.claims if not found else ():
            if other.id == claim.id and other.formal is not None:
                found = found or of(other)
        if not found:
            searched: list[Check] = [Certify(), Search()]
            broken = any(e.verdict == "fails" for e in _evidence(claim, searched, self.bench))
            found = [] if broken else searched
        return found

    def _offered(self, claim: Claim) -> Iterator[Mutant]:
        """Variants that the claim offers, through all checks of each."""
        named = ((operator_of(name), (name, variant)) for name, variant in (claim.variants or tuple)())
        for name, variant in islice(in_turn(f"{self.seed} {claim.id} {claim.form}", named), self.per_claim):
            evidence = list(_evidence(variant, variant.checks, self.bench))
            outcome, by, said = _judged(evidence)
            ratio = _measured(evidence) if outcome == "undecided" else None
            if ratio is not None and ratio < ATTAINED:
                outcome = "not told apart"
            yield Mutant(operator_of(name), "comparison", 0, "", name, outcome, by, said, ratio)

    def of_statements(self, claim: Claim, passed: Counter[str]) -> Iterator[Mutant]:
        """Variants of the claim's statements, one of each in turn, until so many count."""
        checks = self.refuters(claim)
        if not checks or claim.formal is None:
            return
        queue = []
        for position, statement in enumerate(claim.formal(), start=1):
            deciding: list[Check] = [c for c in claim.checks if isinstance(c, Decide)]
            own = (
                deciding or [Decide()]
                if isinstance(statement, Identity)
                else [c for c in checks if not isinstance(c, Decide)]
            )
            named = ((edit.operator, edit) for edit in edits(statement))
            turn = in_turn(f"{self.seed} {claim.id} {claim.form} {position}", named)
            queue.append((_Stated(claim, position, statement, own), turn))
        counted = 0
        while queue and counted < self.per_claim:
            stated, turn = queue.pop(0)
            for edit in turn:
                reason = stated.why_not(edit)
                if not reason:
                    mutant = self._examined(stated, edit)
                    counted += mutant.counted
                    yield mutant
                    queue.append((stated, turn))
                    break
                passed[reason] += 1

    def _examined(self, stated: _Stated, edit: Edit) -> Mutant:
        """Through the checks of the claim, until one refutes it; else why none does. A prover must not accept what is refuted."""
        statement, ratio = edit.statement, None
        outcome, by, said = self._checked(stated, statement, stated.checks)
        if isinstance(statement, Identity):
            if outcome == "undecided" and (proof := proof_by_axioms(statement)) is not None:
                outcome, by, said = self._checked(
                    stated, replace(statement, proof=lambda: proof), stated.checks
                )
        elif edit.operator != "hypothesis" and (accepted := self._accepted(stated, statement)):
            said = f"{by} refutes it, and prove accepts it. {said}" if outcome == "refuted" else accepted
            outcome, by = "contradiction" if outcome == "refuted" else "true", "prove"
        elif outcome == "undecided":
            assert isinstance(stated.statement, Inequality)
            if edit.operator != "hypothesis" and multiple(statement, stated.statement):
                outcome, by, said = "true", "prove", "a positive multiple of the statement"
            elif fact := self._proved(statement, stated):
                outcome, by, said = "true", "prove", f"sharper, and proved: {fact}"
            elif stated.searched:
                outcome, by, said, ratio = self._searched(stated, statement, by, said)
            else:
                ratio = self._along_runs(stated, statement)
                outcome = "not told apart" if ratio is not None and ratio < ATTAINED else "undecided"
        return Mutant(
            edit.operator, stated.kind, stated.position, edit.side, edit.change, outcome, by, said, ratio, stated.closest
        )  # fmt: skip

    def _checked(
        self, stated: _Stated, statement: Statement, checks: Sequence[Check]
    ) -> tuple[Outcome, str, str]:
        return _judged(self._of_variant(stated, statement, checks))

    def _of_variant(
        self, stated: _Stated, statement: Statement, checks: Sequence[Check]
    ) -> Iterator[Evidence]:
        variant = replace(stated.claim, formal=partial(_only, statement), typing=None)
        return _evidence(variant, checks, self.bench)

    def _accepted(self, stated: _Stated, statement: Inequality) -> str:
        """What a prover of the claim says of a variant that it accepts, with the proof of the statement; empty where it accepts none.

        That proof rests on the hypotheses of the statement, so nothing is asked of a variant that changes those.
        """
        provers = [check for check in stated.claim.checks if isinstance(check, ProveBound)]
        outcome, _, said = self._checked(stated, statement, provers)
        return said if outcome == "true" else ""

    def _searched(
        self, stated: _Stated, variant: Inequality, by: str, said: str
    ) -> tuple[Outcome, str, str, float]:
        """How close the sides come; where that does not explain why no check refutes it, the last search, and at last what part of
        the statement's slack it takes."""
        from verify.mutants.stronger import closest, taken

        assert isinstance(stated.statement, Inequality)
        ratio = closest(pose(variant))
        if ratio < ATTAINED:
            return "not told apart", by, said, ratio
        in_other_words = taken(stated.statement, variant)
        for one in (variant, in_other_words) if self.last else ():
            found = search(one, self.last, self.bench.seed)
            if found.above is not None:
                summary = witness(found.posed, *found.above).summary
                return "refuted", "search, tier full", f"Counterexample: {summary}.", ratio
        part = closest(pose(in_other_words))
        if 0 < part < PART:
            return "not told apart", by, f"{PART_SAID} {part:.3g} of what the statement leaves. {said}", ratio
        return "undecided", by, said, ratio

    def _along_runs(self, stated: _Stated, statement: Inequality) -> float | None:
        """left/right at the stored iterate where it is largest."""
        return _measured(self._of_variant(stated, statement, stated.checks))

    def _proved(self, variant: Inequality, stated: _Stated) -> str:
        """The names of the facts by which a sharper statement is proved; empty where none are found. With other conditions than the
        statement has, none of them may rest on a condition."""
        assert isinstance(stated.statement, Inequality)
        own = [stated.statement, *(stated.claim.sharper or tuple)()]
        near = [fact for one in own for fact in below(one)]
        for known in (near, free_of_hypotheses(self._library(), stated.statement)):
            if variant.domain.when != stated.statement.domain.when:
                known = [fact for fact in known if not _conditional(variant, fact)]
            if (found := proof_by_facts(variant, known)) is not None:
                return ", ".join(fact.name for fact in facts(found) if fact is not found)[:200] or "its terms"
        return ""

    def _library(self) -> list[Fact]:
        """Every fact in a proof of the theory."""

        def gathered() -> list[Fact]:
            statements = [s for claim in true_claims(self.claims) for s in claim.inequalities()]
            return [fact for statement in statements for fact in below(statement)]

        return self.bench.once("facts of the theory", gathered)
