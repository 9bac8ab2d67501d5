"""How two records differ in substance: verdicts, how well they are known, premises, figures beyond their allowance. Computes nothing else.

Times, versions, the machine and the paths of files are no difference. **Worse** is what takes from the reader a result that the
first record has:

- a statement, an assumption or a study is missing, or a complete record became partial;
- a verdict was the expected one and is no longer;
- a verdict was an answer, or nothing spoke against the statement, and that is lost: `holds` or `definition` becomes anything else,
  `not refuted` becomes `fails`, `undecided` or `vacuous`, `fails` becomes `not refuted`, `undecided` or `vacuous`;
- of the same verdict the support or the refutation is weaker, or a proof takes one premise more;
- at the instance a statement or an assumption held, and does not hold any more; or it fails where it did not;
- a contradiction or another exit code than 0 is new.

A figure is never worse, since a record does not say which direction is good.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import TypeVar

from verify.record import AssumptionRecord, ClaimRecord, Enclosure, Evidence, Record, Scalar, Study
from verify.vocabulary import ACCEPTED, REFUTATIONS, STRENGTHS

# Allowed relative difference of two figures. ELSEWHERE is for records whose kernels of float64 are not known to be the same: between
# those of 2008 and those of today the default run has differences up to 0.4 %, where descent amplifies rounding.
ALLOWANCE, ELSEWHERE = 1e-6, 1e-2
UNCOMPARED = (
    "seconds",
    "rounding",
    "relative difference",
    "float64",
)  # figures with such a word are times, or rounding itself
NOTHING = "-"
T = TypeVar("T")


@dataclass(frozen=True)
class Difference:
    """One thing that two records say differently.

    place   the statement, assumption or study, with its form; `record` for the whole
    what    the field
    before  what the first record says
    after   what the second record says
    worse   whether the second record has lost something, as the module says
    apart   of two numbers, their relative difference
    """

    place: str
    what: str
    before: str
    after: str
    worse: bool = False
    apart: float = math.inf


def differences(first: Record, second: Record) -> list[Difference]:
    """Every difference in substance between record A and record B, in the order of B; the whole record first."""
    machines = [[machine.kernels for machine in record.provenance.machines] for record in (first, second)]
    allowance = ALLOWANCE if machines[0] and machines[0] == machines[1] else ELSEWHERE
    found = (
        _whole(first, second),
        _each({a.id: a for a in first.assumptions}, {a.id: a for a in second.assumptions}, "assumptions", _assumption),
        _each(_by_form(first.claims), _by_form(second.claims), "statements", _claim),
        _enclosures(first.constants, second.constants),
        _training(first, second),
        _each({s.id: s for s in first.studies}, {s.id: s for s in second.studies}, "studies", _study),
    )  # fmt: skip
    return [one for part in found for one in part if one.apart > allowance]


def _whole(first: Record, second: Record) -> Iterator[Difference]:
    place = "record"
    yield from _changed(place, "status", first.status, second.status, worse=second.status == "partial")
    yield from _changed(place, "exit code", first.exit_code, second.exit_code, worse=first.exit_code == 0)
    for what in ("seed", "tier", "dtype"):
        yield from _changed(place, what, getattr(first.settings, what), getattr(second.settings, what))
    yield from _changed(place, "only", ", ".join(first.settings.only), ", ".join(second.settings.only))
    yield from _figures(place, first.settings.budgets, second.settings.budgets)
    answers = {one.question: one.answer for one in first.answers}
    for one in second.answers:
        yield from _changed(place, one.question, answers.get(one.question, one.answer), one.answer)
    digests = [one.instance.digest[:12] if one.instance else "" for one in (first, second)]
    yield from _changed(place, "instance", *digests)


def _by_form(rows: Sequence[ClaimRecord]) -> dict[str, ClaimRecord]:
    return {f"{row.id} ({row.form})": row for row in rows}


def _each(
    first: Mapping[str, T],
    second: Mapping[str, T],
    noun: str,
    compare: Callable[[str, T, T], Iterator[Difference]],
) -> Iterator[Difference]:
    """The rows that only one of the records has, by name, and the differences of those that both have."""
    for present, absent, which, worse in ((first, second, "A", True), (second, first, "B", False)):
        names = ", ".join(name for name in present if name not in absent)
        if names:
            values = (names, NOTHING) if worse else (NOTHING, names)
            yield Difference("record", f"{noun} only in {which}", *values, worse=worse)
    for name, row in second.items():
        if name in first:
            yield from compare(name, first[name], row)


def _changed(place: str, what: str, *values: object, worse: bool = False) -> Iterator[Difference]:
    """The two values of a field, where they differ."""
    before, after = values
    if before != after:
        yield Difference(place, what, _shown(before), _shown(after), worse)


def _shown(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _assumption(place: str, first: AssumptionRecord, second: AssumptionRecord) -> Iterator[Difference]:
    yield from _changed(
        place, "verdict", first.verdict, second.verdict, worse=_lost_here(first.verdict, second.verdict)
    )
    weaker = first.verdict == second.verdict and _weaker(first.strength, second.strength, STRENGTHS)
    yield from _changed(place, "strength", first.strength, second.strength, worse=weaker)
    yield from _number(place, "margin", first.margin, second.margin)
    yield from _figures(place, first.figures, second.figures)


def _claim(place: str, first: ClaimRecord, second: ClaimRecord) -> Iterator[Difference]:
    before, after = ([equation.latex for equation in row.formal or row.statement] for row in (first, second))
    if before != after and first.formal and second.formal:
        yield from _changed(place, "formal reading", "; ".join(before), "; ".join(after))
    same = first.verdict == second.verdict
    yield from _changed(place, "verdict", first.verdict, second.verdict, worse=_lost(first, second))
    weaker = same and _weaker(first.strength, second.strength, STRENGTHS)
    yield from _changed(place, "strength", first.strength, second.strength, worse=weaker)
    weaker = same and _weaker(first.refutation, second.refutation, REFUTATIONS)
    yield from _changed(place, "refutation", first.refutation, second.refutation, worse=weaker)
    yield from _changed(place, "failure", first.failure, second.failure)
    added = set(second.given) - set(first.given)
    premises = [", ".join(sorted(row.given)) for row in (first, second)]
    yield from _changed(place, "premises", *premises, worse=bool(added) and same)
    yield from _changed(place, "expected", first.expected, second.expected)
    yield from _changed(place, "here", first.here, second.here, worse=_lost_here(first.here, second.here))
    new = second.contradiction is not None and first.contradiction is None
    yield from _changed(place, "contradiction", first.contradiction, second.contradiction, worse=new)
    yield from _changed(place, "assumptions", ", ".join(first.assumptions), ", ".join(second.assumptions))
    witnesses = [None if row.witness is None else row.witness.summary for row in (first, second)]
    yield from _changed(place, "witness", *witnesses)
    needs = [{need.assumption: need.verdict for need in row.needs} for row in (first, second)]
    for name in dict.fromkeys([*needs[0], *needs[1]]):
        yield from _changed(place, f"need of {name}", needs[0].get(name), needs[1].get(name))
    yield from _number(place, "margin", first.margin, second.margin)
    yield from _evidence(place, first.evidence, second.evidence)


def _lost(first: ClaimRecord, second: ClaimRecord) -> bool:
    """Whether a verdict that changed is worse now."""
    met, now_met = (row.expected == row.verdict for row in (first, second))
    if met != now_met and None not in (first.expected, second.expected):
        return met
    if first.verdict == "fails":
        return second.verdict in ("not refuted", "undecided", "vacuous")
    if first.verdict == "not refuted":
        return second.verdict not in ACCEPTED
    return first.verdict in ACCEPTED


def _weaker(before: str | None, after: str | None, order: Sequence[str]) -> bool:
    if before is None or after is None:
        return before is not None
    return order.index(after) > order.index(before)


def _lost_here(before: str, after: str) -> bool:
    return before != after and (before == "holds" or after == "fails")


def _evidence(place: str, first: Sequence[Evidence], second: Sequence[Evidence]) -> Iterator[Difference]:
    """The figures of evidence of one kind, in order; the figures of a comparison are rounding within its tolerance."""
    before, after = _by_check(first), _by_check(second)
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        known = [
            NOTHING if e is None else f"{e.verdict}, {e.known}" if e.known else e.verdict
            for e in (one, other)
        ]
        yield from _changed(place, name, *known)
        if one is not None and other is not None and one.agreement is None and other.agreement is None:
            yield from _figures(place, one.figures, other.figures, f"{name}: ")


def _by_check(evidence: Sequence[Evidence]) -> dict[str, Evidence]:
    found, seen = {}, Counter[str]()
    for one in evidence:
        name = f"{one.check}{' here' if one.scope == 'here' else ''}"
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} {seen[name]}"] = one
    return found


def _figures(
    place: str, first: Mapping[str, Scalar], second: Mapping[str, Scalar], within: str = ""
) -> Iterator[Difference]:
    for name in dict.fromkeys([*first, *second]):
        if not any(word in name for word in UNCOMPARED):
            yield from _number(place, within + name, first.get(name), second.get(name))


def _number(place: str, what: str, before: Scalar, after: Scalar) -> Iterator[Difference]:
    for one in _changed(place, what, before, after):
        yield replace(one, apart=_apart(before, after))


def _apart(one: Scalar, other: Scalar) -> float:
    """The relative difference of two numbers, beyond rounding where both are whole; infinite of anything else that differs."""
    if one == other:
        return 0.0
    if (
        not isinstance(one, int | float)
        or not isinstance(other, int | float)
        or bool in (type(one), type(other))
    ):
        return math.inf
    least = 2 * ALLOWANCE if isinstance(one, int) and isinstance(other, int) else 0.0
    return max(least, abs(one - other) / max(abs(one), abs(other)))


def _enclosures(first: Iterable[Enclosure], second: Iterable[Enclosure]) -> Iterator[Difference]:
    """Constants of which the two certified intervals have no number in common."""
    before = {one.name: one for one in first}
    for one in second:
        known = before.get(one.name)
        if known is not None and _disjoint(known, one):
            yield Difference(
                "constants",
                one.symbol or one.name,
                f"[{known.lower}, {known.upper}]",
                f"[{one.lower}, {one.upper}]",
            )


def _disjoint(one: Enclosure, other: Enclosure) -> bool:
    try:
        return Decimal(one.upper) < Decimal(other.lower) or Decimal(other.upper) < Decimal(one.lower)
    except InvalidOperation:  # a bound that is no finite number
        return (one.lower, one.upper) != (other.lower, other.upper)


def _training(first: Record, second: Record) -> Iterator[Difference]:
    one, other = first.training, second.training
    if one is None or other is None:  # a committed record has no curves
        return
    yield from _changed("training", "status", one.status, other.status, worse=one.status == "reached")
    yield from _changed("training", "steps", one.steps, other.steps)
    yield from _figures("training", one.figures, other.figures)


def _study(place: str, first: Study, second: Study) -> Iterator[Difference]:
    yield from _changed(place, "finding", first.finding, second.finding)
    new = second.contradiction is not None and first.contradiction is None
    yield from _changed(place, "contradiction", first.contradiction, second.contradiction, worse=new)
    yield from _figures(place, first.figures, second.figures)
    rows, others = _by_form(first.statements), _by_form(second.statements)
    for one in _each(rows, others, "statements", _claim):
        yield replace(one, place=f"{place}: {one.place}")
    tables = {table.caption: table for table in first.tables}
    for table in second.tables:
        known = tables.get(table.caption)
        if known is None or table.machine_dependent or known.machine_dependent:
            continue
        cells = [[cell for row in one.rows for cell in row] for one in (known, table)]
        apart = [(_apart(a, b), a, b) for a, b in zip_longest(*cells)]
        differing = [cell for cell in apart if cell[0] > ALLOWANCE]
        if differing:
            furthest, before, after = max(differing, key=lambda cell: cell[0])
            what = f"{table.caption} ({len(differing)} of {len(apart)} cells, the furthest)"
            yield Difference(place, what, _shown(before), _shown(after), apart=furthest)
