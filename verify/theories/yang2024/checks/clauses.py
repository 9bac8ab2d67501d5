"""A statement in words is the conjunction of its clauses, each in a reading that is written down beside it.

What a clause comes to is a Finding: replayed by the kernel, or computed exactly at one small point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from symbolic.bound import BoundError, Certificate, Fact, facts
from symbolic.evaluate import ExactnessError, Point, evaluate
from symbolic.indexed import Expr, number
from symbolic.ledger import Side
from symbolic.proof import Proof
from symbolic.written import Written
from verify.known import By, by, known, strength_of
from verify.prove.identity import as_written
from verify.prove.premises import checked_twice
from verify.record import Evidence, Scalar, Witness
from verify.sides import read
from verify.statement import Claim, Identity
from verify.theories.yang2024.binding import small_points
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import SETTING
from verify.vocabulary import STRENGTHS, Found, Strength


@dataclass(frozen=True)
class Finding:
    """What one clause comes to, and the arithmetic that decided it. `statement` is a sentence; `fails` has a witness."""

    check: str
    verdict: Found
    by: By
    statement: str
    steps: tuple[str, ...] = ()
    witness: Witness | None = None
    figures: Mapping[str, Scalar] = field(default_factory=dict)
    budget: str = ""
    given: tuple[str, ...] = ()

    @property
    def known(self) -> str:
        """How well the clause is known, in a word."""
        return strength_of(self.by) if self.verdict == "holds" else "open"


@dataclass(frozen=True)
class Clause:
    """One clause in one reading, and how it is decided, without an instance."""

    text: str
    find: Callable[[], Finding]


@dataclass(frozen=True)
class Sampled:
    """One clause that is sampled, with the seed and the tier of a laboratory."""

    text: str
    find: Callable[[Laboratory], Finding]


# What a conjunction of this strength rests on.
METHOD: Mapping[Strength | None, str] = {
    "proved": "prove",
    "proved given": "prove",
    "tested": "sample",
    "observed": "train",
}
Row: TypeAlias = tuple[str, Finding]  # a clause in words, and what was found of it


@dataclass(frozen=True)
class Clauses:
    """The verdict on all instances. It holds as strongly as its weakest clause; where one fails, each is reported alone."""

    clauses: tuple[Clause, ...]
    sampled: tuple[Sampled, ...] = ()

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        rows: list[Row] = [(clause.text, clause.find()) for clause in self.clauses]
        rows += [(sample.text, sample.find(laboratory)) for sample in self.sampled]
        if any(found.verdict == "fails" for _, found in rows):
            return [_alone(*row) for row in rows]
        return [_together(rows)]

    def prove(self) -> None:
        for clause in self.clauses:
            clause.find()

    def witness(self) -> Witness | None:
        """The witness of the first clause that fails, computed anew; None where none does."""
        for clause in self.clauses:
            found = clause.find()
            if found.verdict == "fails":
                return found.witness
        return None


def _alone(text: str, found: Finding) -> Evidence:
    return Evidence(
        check=found.check, **known("general", found.verdict, found.by), given=list(found.given),
        statement=f"{text}: {found.statement}", steps=list(found.steps), witness=found.witness,
        figures=dict(found.figures), budget=found.budget,
    )  # fmt: skip


def _together(rows: Sequence[Row]) -> Evidence:
    """One row for the conjunction: `holds` only if every clause does."""
    open_ones = [f"{text}: {found.statement}" for text, found in rows if found.verdict != "holds"]
    strengths = [strength_of(found.by) for _, found in rows]
    holds = bool(rows) and not open_ones
    weakest = max(strengths, key=STRENGTHS.index, default=STRENGTHS[-1])
    sentences = open_ones or [f"{text}: {found.statement}" for text, found in rows]
    return Evidence(
        check=METHOD.get(weakest if holds else None, "enclose"), **known("general", "holds" if holds else "undecided", weakest),
        given=list(dict.fromkeys(name for _, found in rows for name in found.given)),
        statement=("" if holds else "Not decided: ") + " ".join(sentences),
        steps=[f"{text}, {found.known}: {step}" for text, found in rows for step in found.steps],
        figures={name: value for _, found in rows for name, value in found.figures.items()},
        budget="; ".join(dict.fromkeys(found.budget for _, found in rows if found.budget)),
    )  # fmt: skip


@dataclass(frozen=True)
class Equality:
    """lhs = rhs in kernel expressions, with its proof; the left side also as it is written, where that has operations of calculus."""

    name: str
    lhs: Side
    rhs: Expr
    proof: Proof = field(default_factory=Proof)


def exact_points() -> Iterator[Point]:
    """The small exact points of `verify.theories.yang2024.binding`."""
    return (small.point for small in small_points())


def proved(
    statement: str, *results: Equality | Fact, points: Callable[[], Iterable[Point]] = exact_points
) -> Finding:
    """`holds`, proved, if both checkers accept every equality and every inequality. What they do not is evaluated at the
    exact points, and `fails` where one of them breaks it; else `undecided`."""
    steps: list[str] = []
    for result in results:
        try:
            steps += _replayed(result)
        except BoundError as error:
            witness = broken_at(result, points())
            if witness is None:
                return opened("prove", f"{error}, and no exact point that was tried breaks it")
            return refuted(True, f"{result.name}: {witness.summary}.", witness)
    budget = "kernel proofs for symbolic N, K, m, d, H"
    return Finding("prove", "holds", "proved", statement, tuple(dict.fromkeys(steps)), budget=budget)


def _replayed(result: Equality | Fact) -> list[str]:
    """The proof in words, a line for each step. Raises BoundError unless the kernel and the second replayer both accept it."""
    if isinstance(result, Equality):
        doubled = checked_twice(SETTING, result.lhs, result.rhs, result.proof)
    else:
        doubled = checked_twice(SETTING, number(0), result.positive, result)
    if not doubled.proved:
        raise BoundError(doubled.contradiction or doubled.kernel)
    used = ", with " + ", ".join(doubled.axioms) if doubled.axioms else ""
    given = [f"given: {name}" for name in doubled.hypotheses] + [
        f"declared: {name}" for name in doubled.declarations
    ]
    if isinstance(result, Equality):
        return [f"{result.name}: nothing is left of left − right{used}", *given]
    return [*(f"{fact.name} ≥ 0: {_why(fact)}" for fact in facts(result) if fact.why is not None), *given]


def _why(fact: Fact) -> str:
    """How a fact follows, in words."""
    if not isinstance(fact.why, Certificate):
        return type(fact.why).__name__
    names = ", ".join(dict.fromkeys(use.axiom.name for use in fact.why.uses))
    return f"a sum of {len(fact.why.weights)} nonnegative parts" + (f", with {names}" if names else "")


def sides_of(result: Equality | Fact) -> tuple[Expr, Expr]:
    """Left and right side as the kernel has them; a fact says 0 ≤ positive."""
    if isinstance(result, Equality):
        return result.lhs.value if isinstance(result.lhs, Written) else result.lhs, result.rhs
    return number(0), result.positive


def broken_at(result: Equality | Fact, points: Iterable[Point]) -> Witness | None:
    """The first exact point at which the sides of an equality differ, or what is to be nonnegative is negative."""
    for point in points:
        sides = sides_of(result)
        axes = tuple(sorted(sides[0].free() | sides[1].free()))
        try:
            left, right = (evaluate(side, point, axes) for side in sides)
        except ExactnessError:
            continue  # a letter that has no exact value at this point
        for one, other in zip(left.flat, right.flat, strict=True):
            if bool(one != other) if isinstance(result, Equality) else bool(one > other):
                return _point_witness(result, sides, point, str(one), str(other))
    return None


def _point_witness(
    result: Equality | Fact, sides: tuple[Expr, Expr], point: Point, lhs: str, rhs: str
) -> Witness:
    letters = sorted(
        tensor.name for tensor in sides[0].tensors() | sides[1].tensors() if tensor.name in point.arrays
    )
    scalars = sorted({name for side in sides for m in side.terms for name, _ in m.scalars})
    sizes = {name: int(point.scalars[name]) for name in ("N", "K", "m") if name in point.scalars}
    values = {name: array_text(point.arrays[name]) for name in letters}
    values |= {name: str(point.scalars[name]) for name in scalars if name not in sizes}
    where = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    said = (
        f"{lhs} on the left, {rhs} on the right"
        if isinstance(result, Equality)
        else f"{rhs}, which is negative"
    )
    return Witness(
        summary=f"at {where} it is {said}", sizes=sizes, values=values, lhs=lhs, rhs=rhs, method="exact rational arithmetic", exact=True
    )  # fmt: skip


def array_text(array: Any) -> str:
    """Exact entries, row by row."""
    if array.ndim <= 1:
        return "(" + ", ".join(str(x) for x in array.flat) + ")"
    return "[" + "; ".join(array_text(row) for row in array) + "]"


def proved_identity(identity: Identity, name: str) -> Equality:
    """An identity of a claim in kernel expressions."""
    sides = read(identity)
    lhs, _ = as_written(identity, sides.lhs, sides.rhs)
    return Equality(name, lhs, sides.rhs, identity.proof())


def confirmed(so: bool, statement: str, check: str = "enclose", **more: Scalar) -> Finding:
    """`holds`, certified, if the exact comparison came out so; else `undecided`."""
    if not so:
        return opened(check, f"not confirmed: {statement}")
    return Finding(check, "holds", "exact", statement, figures=more)


def exhibited(so: bool, statement: str, given: Sequence[str] = (), **more: Scalar) -> Finding:
    """`holds`, proved, where the exact comparison at one instance shows that there is such an instance; else `undecided`.

    given   what is taken without proof, beyond the comparison
    """
    by: By = "proved given" if given else "proved"
    return (
        replace(confirmed(so, statement, "exhibit", **more), by=by, given=tuple(given))
        if so
        else confirmed(so, statement)
    )


def refuted(so: bool, statement: str, witness: Witness) -> Finding:
    """`fails`, certified, if the exact comparison came out so; else `undecided`."""
    if not so:
        return opened("refute", f"the witness is not confirmed: {statement}")
    return Finding("refute", "fails", by(witness), statement, witness=witness)


def opened(check: str, reason: str) -> Finding:
    """What leaves a clause open."""
    return Finding(check, "undecided", "tested", f"{reason.rstrip('.')}.")
