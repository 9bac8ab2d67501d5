"""Decide an identity: prove it for all dimensions; where that fails, look for the smallest exact counterexample."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.exceptions import ShapeError

from symbolic.bound import Fact
from symbolic.double import Doubled
from symbolic.evaluate import ExactnessError
from symbolic.find import identity as find
from symbolic.find.library import classical
from symbolic.indexed import Expr, Index
from symbolic.kinds import Free
from symbolic.operations import lettered
from symbolic.printing import to_sympy
from symbolic.proof import Axiom, Proof, Use
from symbolic.registry import LETTER
from symbolic.setting import Setting
from symbolic.written import Written, written
from verify.known import by, known
from verify.output.phrases import counted
from verify.pipeline.bench import Bench
from verify.points.evaluation import of_either_sign, pose
from verify.points.rules import Rules
from verify.points.small import SmallPoint, small_points
from verify.points.witness import witness as witness_of
from verify.prove.premises import LOOKED_AT, checked_twice, owned, strange, unassumed, unsaid
from verify.record import Evidence, Witness
from verify.search.looks import looks
from verify.search.search import BUDGETS, Budget, search
from verify.search.shrink import shrink
from verify.sides import Sides, read
from verify.statement import Claim, Domain, Identity, Inequality, Refuting

# SymPy compares the shapes of symbolic sizes loosely (N and m pass for equal), so a statement is typed at sizes that
# are pairwise different.
DISTINCT = (2, 5, 3, 7, 11, 13, 17, 19, 23, 29)
TWICE = "replayed by two checkers that share no code"


def as_written(statement: Identity | Inequality, lhs: Expr, rhs: Expr) -> tuple[Written, Written]:
    """Both sides for the two checkers: as the kernel read them, and as they are written."""
    source = statement.setting.reader(statement.dims)
    return written(source, statement.lhs, lhs), written(source, statement.rhs, rhs)


def may_take(statement: Identity | Inequality) -> tuple[list[Axiom], list[Fact]]:
    """What the proof of a statement may take: what letters are, what follows classically, and the conditions that the statement names."""
    entries = statement.setting.premises.entries
    taken = [one.what for one in entries if one.because == LETTER or one.name in statement.supposes]
    facts = [one for one in taken if isinstance(one, Fact)]
    return [one for one in taken if isinstance(one, Axiom)], [*facts, *classical(statement.setting.premises)]


def found(statement: Identity, lemmas: Sequence[find.Lemma] = (), steps: Sequence[sp.Expr] = ()) -> Proof:
    """The proof that is found, from identities that are proved as well and through these steps; one that does not close where none is."""
    sides, positive = read(statement), statement.setting.language.positive
    reader = statement.setting.reader(statement.dims)
    one = Inequality(
        statement.lhs, statement.rhs, statement.dims, domain=statement.domain, setting=statement.setting
    )
    other = replace(one, lhs=statement.rhs, rhs=statement.lhs)
    return find.proof(
        sides.lhs,
        sides.rhs,
        may_take(statement)[0],
        positive,
        lambda: any(looks(partial(pose, side))(1) for side in (one, other)),
        lemmas,
        [reader.read(step) for step in steps],
    )


@dataclass(frozen=True)
class Decide(Refuting):
    """Proof for symbolic sizes by the kernel; else refutation on exact points of sizes up to 3, then 8.

    stages   of the search where exact points do not serve: under conditions, or where letters are irrational
    """

    stages: tuple[Budget, ...] = BUDGETS["fast"]
    cost = 0

    def __call__(self, claim: Claim, bench: Bench) -> Sequence[Evidence]:
        found = [with_origin(decide(claim, self.stages), claim.identities())]
        if bench.sizes is not None and (wrong := type_error(claim, bench.sizes)):
            found.append(
                Evidence(
                    check="refute", **known("here", "fails", "exact"),
                    statement=f"It does not type at the sizes of this instance: {wrong}.",
                )
            )  # fmt: skip
        return found


def with_origin(evidence: Evidence, statements: Sequence[Identity | Inequality]) -> Evidence:
    """The evidence, and where the proofs of these statements are from."""
    said = dict.fromkeys(statement.origin() for statement in statements)
    shown = " ".join(filter(None, (evidence.statement, *said)))
    return evidence.model_copy(update={"statement": shown})


def decide(claim: Claim, stages: tuple[Budget, ...] = BUDGETS["fast"]) -> Evidence:
    """The verdict on all instances. A statement that has no identity, or an inequality too, is not decided here."""
    identities = claim.identities()
    if not identities or claim.inequalities():
        what = "there is an inequality beside the identities" if identities else "no identity is stated"
        return Evidence(
            check="prove", scope="general", verdict="undecided", strength=None, statement=f"Not decided: {what}."
        )  # fmt: skip
    mistyped = type_error(claim, distinct(identities[0].setting))
    notes: list[str] = []
    open_at: list[tuple[Identity, Sides]] = []
    for position, identity in enumerate(identities, start=1):
        sides, proof = read(identity), identity.proof()
        doubled = checked_twice(identity.setting, *as_written(identity, sides.lhs, sides.rhs), proof)
        notes += _proof_lines(position, len(identities), identity, sides, doubled)
        if doubled.contradiction:
            return Evidence(
                check="prove", scope="general", verdict="undecided", strength=None, steps=notes,
                statement=f"Internal contradiction at identity {position} of {len(identities)}: {doubled.contradiction}.",
                budget=counted(position, "identity"),
            )  # fmt: skip
        unsupported = strange(identity.setting, proof) or unassumed(
            identity.setting, proof, claim.assumptions
        )
        if doubled.proved and (unnamed := unsaid(identity.setting, proof, Domain(), identity.supposes)):
            unsupported = f"the proof takes for granted what is not so everywhere: {'; '.join(unnamed)}"
        if unsupported:
            return Evidence(
                check="prove", scope="general", verdict="undecided", strength=None, steps=notes,
                statement=f"Not proved: {unsupported}.", budget=counted(position, "identity"),
            )  # fmt: skip
        if not doubled.proved:
            open_at.append((identity, sides))
    if not open_at and not mistyped:
        supposed = dict.fromkeys(
            name for identity in identities for name in owned(identity.setting, identity.proof())[0]
        )
        conditions = f" Conditions: {'; '.join(supposed)}." if supposed else ""
        return Evidence(
            check="prove", **known("general", "holds", "proved"), steps=[*notes, TWICE],
            statement=f"Both sides have the same normal form for symbolic {_sizes(identities)}; every appeal to a definition "
            f"is an explicit cofactor times an axiom, replayed on this run by two checkers that share no code.{conditions}",
            budget=counted(len(identities), "identity") + (f"; {LOOKED_AT}" if any(one.proof().uses for one in identities) else ""),
        )  # fmt: skip
    bounded = [identity for identity, _ in open_at if _bounded(identity)]
    witness, tried = refute([pair for pair in open_at if pair[0] not in bounded], claim.equal_sizes)
    how = f"{tried} exact points, in order of size up to 8"
    # At the points that a theory brings every letter is rational. Drawn points have none for a softmax or a norm.
    sought = [identity for identity, _ in open_at if identity in bounded or identity.setting.small is None]
    searches = 0
    for identity in sought if witness is None else ():
        witness, points = searched(identity, stages)
        searches += points
        how = f"a search of {searches} points for either side above the other"
        if witness is not None:
            break
    if mistyped:
        fits = " = ".join(claim.equal_sizes) if claim.equal_sizes is not None else "the sizes fit"
        summary = f"does not type: {mistyped}"
        witness = Witness(
            summary=f"{summary}. Where {fits} it types, and there: {witness.summary}" if witness else summary,
            sizes=witness.sizes if witness else {}, values=witness.values if witness else {},
            lhs=witness.lhs if witness else None, rhs=witness.rhs if witness else None,
            method="shape check of the printed expression; exact rational arithmetic for the sizes where it types", exact=True,
        )  # fmt: skip
    if witness:
        return Evidence(
            check="refute", **known("general", "fails", by(witness)), steps=notes, witness=witness,
            statement=f"Counterexample: {witness.summary}.", budget=how,
        )  # fmt: skip
    missing = (
        "Not proved: no cofactors of what the letters stand for are found that take one side to the other"
    )
    if searches and len(sought) == len(open_at):
        return Evidence(
            check="search", **known("general", "holds", "tested"), steps=notes, budget=how,
            statement=f"{missing}. No point that was tried tells the sides apart.",
        )  # fmt: skip
    return Evidence(
        check="refute", scope="general", verdict="undecided", strength=None, steps=notes, budget=how,
        statement="Not proved: the normal forms differ; and no exact point that was tried tells the sides apart.",
    )  # fmt: skip


def _bounded(identity: Identity) -> bool:
    """Whether there are exact points of which it does not speak: by its conditions, or since a scalar is negative there."""
    domain, setting = identity.domain, identity.setting
    return bool(
        domain.when or domain.strictly or any(map(partial(of_either_sign, setting), setting.language.scalars))
    )


def searched(identity: Identity, stages: tuple[Budget, ...]) -> tuple[Witness | None, int]:
    """A point of the domain at which one side is above the other, made small; and how many points were evaluated."""
    points = 0
    for low, high in ((identity.lhs, identity.rhs), (identity.rhs, identity.lhs)):
        found = search(
            Inequality(low, high, identity.dims, domain=identity.domain, setting=identity.setting),
            stages,
        )
        points += found.points
        if found.above is not None:
            return witness_of(found.posed, *shrink(found.posed, *found.above)), points
    return None, points


def _sizes(identities: Sequence[Identity]) -> str:
    return ", ".join(identities[0].setting.sizes)


def distinct(setting: Setting) -> dict[str, int]:
    """Sizes that are pairwise different, as many as a setting has."""
    return dict(zip(setting.sizes, DISTINCT, strict=False))


def type_error(claim: Claim, sizes: Mapping[str, int]) -> str:
    """Why the statement as printed does not type at these sizes; empty where it does."""
    if claim.typing is None:
        return ""
    try:
        claim.typing(sizes)
    except ShapeError as error:
        shown = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        return f"{_shapes(error)} ({shown})"
    return ""


def _shapes(error: ShapeError) -> str:
    """SymPy's message, which is a sentence or a tuple of its parts, in words."""
    text = " ".join(" ".join(str(part) for part in error.args).split())
    text = re.sub(
        r"^Matrices are not aligned (\d+) (\d+)$",
        r"a matrix with \1 columns stands before one with \2 rows",
        text,
    )
    return re.sub(
        r"^Matrices have mismatching shape: \((\d+), (\d+)\)$",
        r"a \1×\2 matrix is added to one of another shape",
        text,
    )


def refute(
    open_at: list[tuple[Identity, Sides]], equal: tuple[str, str] | None
) -> tuple[Witness | None, int]:
    """The first (smallest) exact point on which one of the identities fails, and how many were tried."""
    tried = 0
    for small in small_points(open_at[0][0].setting) if open_at else ():
        if equal is not None and small.sizes[equal[0]] != small.sizes[equal[1]]:
            continue
        for identity, sides in open_at:
            tried += 1
            if (witness := witness_at(identity, sides, small)) is not None:
                return witness, tried
    return None, tried


def witness_at(identity: Identity, sides: Sides, small: SmallPoint) -> Witness | None:
    """The point as a witness, where the two sides differ there."""
    found = _differs(sides, small)
    return None if found is None else _witness(identity, sides, small, *found)


def _differs(sides: Sides, small: SmallPoint) -> tuple[tuple[int, ...], Any, Any] | None:
    try:
        lhs, rhs = (small.of(side, sides.axes) for side in (sides.lhs, sides.rhs))
    except ExactnessError:
        return None  # a letter that has no exact value at this point, such as Z̄
    for at in np.ndindex(lhs.shape):
        if lhs[at] != rhs[at]:
            return at, lhs[at], rhs[at]
    return None


def _witness(
    identity: Identity, sides: Sides, small: SmallPoint, at: tuple[int, ...], lhs: Any, rhs: Any
) -> Witness:
    letters, scalars = ({*left, *right} for left, right in zip(sides.lhs.names, sides.rhs.names, strict=True))
    if identity.setting.small is None:  # then the letters that these are made of were drawn
        for name in Rules(identity.setting).needs(*letters, *scalars):
            if isinstance(identity.setting.kind(name), Free):
                (letters if name in identity.setting.language.letters else scalars).add(name)
    shown = ((name, small.letter(name)) for name in sorted(letters))
    values = {name: matrix(array) for name, array in shown if array is not None}
    free = [s for s, kind in identity.setting.kinds.items() if s in scalars and isinstance(kind, Free)]
    values |= {s: str(small.scalar(s)) for s in free}
    place = ", ".join(
        f"{i.name} = {v + 1 + i.dim.start(small.sizes)}" for i, v in zip(sides.axes, at, strict=True)
    )
    sizes = ", ".join(f"{k} = {v}" for k, v in small.sizes.items())
    where = f" (entry {place})" if place else ""
    return Witness(
        summary=f"at {sizes}{where} the left side is {lhs} and the right side {rhs}",
        sizes=small.sizes, values=values, lhs=str(lhs), rhs=str(rhs), method="exact rational arithmetic", exact=True,
    )  # fmt: skip


def _mentions(sides: Sides, name: str) -> bool:
    return any(s == name for side in (sides.lhs, sides.rhs) for mono in side.terms for s, _ in mono.scalars)


def matrix(array: Any) -> str:
    """The values of a letter in one line, rows between semicolons; those of a scalar as they are."""
    if array.ndim == 0:
        return str(array.item())
    if array.ndim == 1:
        return "(" + ", ".join(map(str, array)) + ")"
    rows: Iterator[str] = (matrix(row) for row in array)
    return "[" + "; ".join(rows) + "]"


def _lettered(use: Use) -> tuple[list[Index], Expr]:
    """Where the axiom is used and its cofactor, with letters for fresh indices: those are numbered as they come."""
    new = lettered((use.cofactor,), use.at)
    return [new.get(index, index) for index in use.at], use.cofactor.at(new)


def _proof_lines(position: int, count: int, identity: Identity, sides: Sides, doubled: Doubled) -> list[str]:
    """The proof in words: what was subtracted from left − right, and what was left."""
    which = f"identity {position} of {count}: " if count > 1 else ""
    lines = [
        f"{which}left − right has {len((sides.lhs - sides.rhs).terms)} terms in normal form"
        + ("; subtract:" if identity.proof().uses else "")
    ]
    for use in identity.proof().uses:
        at, cofactor = _lettered(use)
        lines.append(
            f"{use.axiom.name}, at ({', '.join(i.name for i in at)}), times {to_sympy(cofactor, identity.setting.language, at)}"
        )
    outcome = doubled.kernel or "nothing is left"
    whole = [dim for dim in identity.setting.language.dimensions.values() if dim.parts]
    split = "; ".join(
        f"sums over {dim} split into {' and '.join(part.name for part in dim.parts)}" for dim in whole
    )
    return [*lines, f"{split}: {outcome}" if split else outcome]
