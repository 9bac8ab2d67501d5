"""The statements of a setting as claims of a theory: read, with the proofs that could be put together for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import sympy as sp

from numeric.errors import InputError
from symbolic.bound import Certificate, Fact, NotFound, Weight
from symbolic.find import identity, inequality
from symbolic.indexed import Expr, Index, KernelError, number, total
from symbolic.proof import Axiom, Proof
from symbolic.registry import LETTER
from symbolic.setting import Setting as Engine
from verify.output.equations import formula
from verify.own.described import reading
from verify.own.setting import Setting, Stated
from verify.own.stored import Stored, Why, key
from verify.own.terms import squares
from verify.points.certify import Certify, certify
from verify.points.exact_points import Instances
from verify.prove.expand import AtSize
from verify.prove.identity import Decide, as_written
from verify.prove.inequality import ProveBound, gap
from verify.prove.premises import checked_twice, unsaid
from verify.search.search import Search
from verify.sides import read
from verify.statement import Check, Claim, Domain, Identity, Inequality, Theory

POINTS = 8  # exact points at which a statement is tried before a proof is sought


def theory(S: Setting, stored: Stored | None = None) -> Theory:
    """The theory of a setting. Raises InputError for a setting without statements, and for a proof that is no combination of squares.

    stored  proofs that are replayed where they are accepted, and which keeps those that are
    """
    if not S.statements:
        raise InputError("check", S.name, "a statement", "add one by S.identity or S.inequality")
    conditions = {stated.name: _conditions(S, stated) for stated in S.statements.values()}
    engine = S.built.setting(_different(fact for facts in conditions.values() for fact in facts))
    claims = tuple(
        _claim(S, engine, stated, conditions[stated.name], stored) for stated in S.statements.values()
    )
    return Theory(S.name, claims, (), takes=lambda: engine.premises)


def _different(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The conditions, each once: several statements may have the same."""
    found: dict[object, Fact] = {}
    for fact in facts:
        found.setdefault(fact.content, fact)
    return tuple(found.values())


def _conditions(S: Setting, stated: Stated) -> tuple[Fact, ...]:
    facts = []
    for low, high, strict in stated.when:
        dims = stated.indices
        gap = S.read(stated.name, high, dims) - S.read(stated.name, low, dims)
        free = tuple(Index(name, dim) for name, dim in dims.items() if Index(name, dim) in gap.free())
        facts.append(Fact(f"{low} {'<' if strict else '<='} {high}", gap, free))
    return tuple(facts)


def _claim(
    S: Setting, engine: Engine, stated: Stated, conditions: tuple[Fact, ...], stored: Stored | None
) -> Claim:
    dims = {name: dim.name for name, dim in stated.indices.items()}
    names = tuple(fact.name for fact in conditions)
    letters = [entry for entry in engine.premises.entries if entry.because == LETTER]
    axioms = tuple(entry.what for entry in letters if isinstance(entry.what, Axiom))
    lhs, rhs = (S.read(stated.name, side, stated.indices) for side in (stated.lhs, stated.rhs))
    domain = Domain(
        when=tuple((low, high) for low, high, strict in stated.when if not strict),
        strictly=tuple((low, high) for low, high, strict in stated.when if strict),
    )
    statement: Identity | Inequality
    axes = engine.axes(dims)
    strict = [how for _, _, how in stated.when]
    said = stored and key(S, stated.relation, (lhs, rhs), axes, zip(conditions, strict, strict=True))
    before = Before(stored, said or "")
    if stated.relation == "=":
        bare = Identity(stated.lhs, stated.rhs, dims, supposes=names, setting=engine, domain=domain)
        why, origin = before.answer(bare, lambda: identity.proof(lhs, rhs, axioms, S.language.positive))
        assert isinstance(why, Proof)
        statement = replace(bare, proof=why, origin=lambda: origin)
        checks: tuple[Check, ...] = (Decide(), AtSize())
    else:
        facts = (*(entry.what for entry in letters if isinstance(entry.what, Fact)), *conditions)
        bound = Inequality(stated.lhs, stated.rhs, dims, domain=domain, supposes=names, setting=engine)
        if stated.proof is None:
            sought = Sought(stated.name, bound, rhs - lhs, axes, axioms, facts, S.language.positive, before)
            statement = replace(bound, proof=sought.proof, origin=sought.origin)
        else:
            statement = replace(bound, proof=_given(S, stated, rhs - lhs, axes, axioms))
        checks = (ProveBound(), AtSize(), Certify(), Search())
    return Claim(
        id=stated.name, title=stated.name, source=stated.source or S.name, form="stated", statement=(formula(statement),), assumptions=(),
        checks=checks, expected=stated.expected, reading=reading(S, statement), reason=stated.reason, formal=lambda: (statement,),
    )  # fmt: skip


def _given(
    S: Setting, stated: Stated, gap: Expr, axes: tuple[Index, ...], axioms: tuple[Axiom, ...]
) -> Callable[[], Fact]:
    """The proof by the squares that are given, with what letters stand for written out."""
    weights = tuple(_weights(S, stated, stated.proof))
    uses, _ = identity.unfolded(gap - total(weight.value() for weight in weights), axioms)
    given = Fact(stated.name, gap, axes, Certificate(weights, uses))
    return lambda: given


@dataclass(frozen=True)
class Sought:
    """The proof of an inequality that is sought when somebody asks for it, once."""

    name: str
    statement: Inequality
    gap: Expr
    axes: tuple[Index, ...]
    axioms: tuple[Axiom, ...]
    facts: tuple[Fact, ...]
    positive: frozenset[str]
    before: Before

    def proof(self) -> Fact:
        """The proof. Raises NotFound where none is found."""
        why, _ = self._answer
        if not isinstance(why, Fact):
            tried = f"{inequality.TRIED}; {inequality.Budget()}"
            raise NotFound(f"no proof is found, which says nothing against the statement: {tried}")
        return why

    def origin(self) -> str:
        """A sentence on the stored proof, if there is one."""
        return self._answer[1]

    @cached_property
    def _answer(self) -> tuple[Why | None, str]:
        if certify(self.statement, Instances(0), POINTS, beyond=False).broken is not None:
            return None, ""
        if self.statement.supposes and self._found(number(-1), ()) is not None:
            return None, ""  # its conditions contradict one another, so that everything follows from them
        return self.before.answer(self.statement, lambda: self._found(self.gap, self.axes))

    def _found(self, gap: Expr, axes: tuple[Index, ...]) -> Fact | None:
        return inequality.fact(self.name, gap, axes, self.axioms, self.facts, self.positive)


@dataclass(frozen=True)
class Before:
    """What is stored of a statement, by its key; nothing where no proofs are stored."""

    stored: Stored | None
    key: str

    def answer(
        self, statement: Identity | Inequality, search: Callable[[], Why | None]
    ) -> tuple[Why | None, str]:
        """The stored proof where both checkers accept it, else what the search finds; and a sentence on what is stored."""
        if self.stored is None:
            return search(), ""
        why, origin = self.stored.replayed(self.key, statement.setting, partial(refused, statement))
        if why is None:
            why = search()
        if why is not None and not refused(statement, why):
            sides = read(statement)
            axes = sides.axes if isinstance(why, Fact) else ()
            row = (self.key, *as_written(statement, sides.lhs, sides.rhs), why, axes)
            self.stored.keep(row, statement.setting.premises)
        return why, origin


def refused(statement: Identity | Inequality, why: Why) -> str:
    """Why a proof does not prove a statement; empty where the kernel and the second checker both accept it."""
    if isinstance(why, Fact) is isinstance(statement, Identity):
        return "it proves a statement of another relation"
    try:
        if isinstance(statement, Inequality):
            return gap(statement, why)  # type: ignore[arg-type]
        sides = read(statement)
        doubled = checked_twice(statement.setting, *as_written(statement, sides.lhs, sides.rhs), why)
        return (
            doubled.kernel
            or doubled.replayer
            or "; ".join(unsaid(statement.setting, why, statement.domain, statement.supposes))
        )
    except (ValueError, KernelError) as error:
        return str(error)


def _weights(S: Setting, stated: Stated, proof: sp.Expr) -> Iterable[Weight]:
    for multiplier, root, bind in squares(proof):
        dims = stated.indices | {index.name: index.dim for index in bind}
        yield Weight(
            S.read(stated.name, multiplier, dims),
            S.read(stated.name, root, dims),
            bind=tuple(Index(index.name, index.dim) for index in bind),
        )
