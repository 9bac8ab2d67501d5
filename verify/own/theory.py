"""The statements of a setting as claims of a theory: read, with the proofs that could be put together for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import sympy as sp

from numeric.errors import InputError
from symbolic.bound import Certificate, Fact, NotFound, Weight
from symbolic.find import identity, inequality
from symbolic.indexed import Expr, Index, number, total
from symbolic.proof import Axiom
from symbolic.registry import LETTER
from symbolic.setting import Setting as Engine
from verify.output.equations import formula
from verify.own.described import reading
from verify.own.setting import Setting, Stated
from verify.own.terms import squares
from verify.points.certify import Certify, certify
from verify.points.exact_points import Instances
from verify.prove.expand import AtSize
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.search.search import Search
from verify.statement import Claim, Domain, Identity, Inequality, Theory

POINTS = 8  # exact points at which a statement is tried before a proof is sought


def theory(S: Setting) -> Theory:
    """The theory of a setting. Raises InputError for a setting without statements, and for a proof that is no combination of squares."""
    if not S.statements:
        raise InputError("check", S.name, "a statement", "add one by S.identity or S.inequality")
    conditions = {stated.name: _conditions(S, stated) for stated in S.statements.values()}
    engine = S.built.setting(_different(fact for facts in conditions.values() for fact in facts))
    claims = tuple(_claim(S, engine, stated, conditions[stated.name]) for stated in S.statements.values())
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


def _claim(S: Setting, engine: Engine, stated: Stated, conditions: tuple[Fact, ...]) -> Claim:
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
    if stated.relation == "=":
        statement = Identity(
            stated.lhs,
            stated.rhs,
            dims,
            identity.proof(lhs, rhs, axioms, S.language.positive),
            names,
            setting=engine,
            domain=domain,
        )
        checks = (Decide(), AtSize())
    else:
        gap, axes = rhs - lhs, engine.axes(dims)
        facts = (*(entry.what for entry in letters if isinstance(entry.what, Fact)), *conditions)
        proof = (
            _sought(stated.name, gap, axes, axioms, facts, S.language.positive, lambda: statement)  # type: ignore[arg-type,return-value]
            if stated.proof is None
            else _given(S, stated, gap, axes, axioms)
        )
        statement = Inequality(
            stated.lhs, stated.rhs, dims, domain=domain, proof=proof, supposes=names, setting=engine
        )
        checks = (ProveBound(), AtSize(), Certify(), Search())  # type: ignore[assignment]
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


def _sought(
    name: str,
    gap: Expr,
    axes: tuple[Index, ...],
    axioms: tuple[Axiom, ...],
    facts: tuple[Fact, ...],
    positive: frozenset[str],
    statement: Callable[[], Inequality],
) -> Callable[[], Fact]:
    """A proof that is sought when somebody asks for it, once. Its call raises BoundError where none is found."""

    @cache
    def found() -> Fact | None:
        if certify(statement(), Instances(0), POINTS, beyond=False).broken is not None:
            return None
        if (
            statement().supposes
            and inequality.fact(name, number(-1), (), axioms, facts, positive) is not None
        ):
            return None  # its conditions contradict one another, so that everything follows from them
        return inequality.fact(name, gap, axes, axioms, facts, positive)

    def proof() -> Fact:
        fact = found()
        if fact is None:
            raise NotFound(f"no proof is found, which says nothing against the statement: {inequality.TRIED}")
        return fact

    return proof


def _weights(S: Setting, stated: Stated, proof: sp.Expr) -> Iterable[Weight]:
    for multiplier, root, bind in squares(proof):
        dims = stated.indices | {index.name: index.dim for index in bind}
        yield Weight(
            S.read(stated.name, multiplier, dims),
            S.read(stated.name, root, dims),
            bind=tuple(Index(index.name, index.dim) for index in bind),
        )
