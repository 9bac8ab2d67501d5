"""The statements of a setting as claims of a theory: read, with the proofs that could be put together for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import sympy as sp

from numeric.errors import InputError
from symbolic.bound import Certificate, Fact, Weight
from symbolic.find import identity
from symbolic.indexed import Expr, Index, total
from symbolic.proof import Axiom
from symbolic.setting import Setting as Engine
from verify.output.equations import formula
from verify.own.described import reading
from verify.own.setting import Setting, Stated
from verify.own.sought import Above, Place, Sought
from verify.own.stored import StoredProofs, key
from verify.own.terms import squares
from verify.prove.methods import IDENTITY_CHECKS, INEQUALITY_CHECKS
from verify.statement import Claim, Domain, Identity, Inequality, Theory


def theory(S: Setting, stored: StoredProofs | None = None, tier: str = "fast") -> Theory:
    """The theory of a setting. Raises InputError for a setting without statements, and for a proof that is no combination of squares.

    tier    how much is spent on the search for proofs
    stored  proofs that are replayed where they are accepted, and which keeps those that are
    """
    if not S.statements:
        raise InputError("check", S.name, "a statement", "add one by S.identity or S.inequality")
    every = {stated.name: _conditions(S, stated) for stated in S.statements.values()}
    kept = {fact.content: fact for facts in reversed(every.values()) for fact in reversed(facts)}
    engine = S.built.setting(tuple(reversed(kept.values())))
    conditions = {name: tuple(kept[fact.content] for fact in facts) for name, facts in every.items()}
    claims: list[Claim] = []
    above: tuple[Above, ...] = ()
    for stated in S.statements.values():
        claims.append(_claim(S, engine, stated, conditions[stated.name], stored, above, tier))
        above = (*above, Above(stated.name, *claims[-1].statements))
    return Theory(S.name, tuple(claims), (), takes=lambda: engine.premises)


def _conditions(S: Setting, stated: Stated) -> tuple[Fact, ...]:
    facts = []
    for low, high, strict in stated.when:
        dims = stated.indices
        gap = S.read(stated.name, high, dims) - S.read(stated.name, low, dims)
        free = tuple(Index(name, dim) for name, dim in dims.items() if Index(name, dim) in gap.free())
        facts.append(Fact(f"{low} {'<' if strict else '<='} {high}", gap, free))
    return tuple(facts)


def _key(S: Setting, stated: Stated, conditions: tuple[Fact, ...]) -> str:
    """The key of a stored proof of a statement."""
    sides = tuple(S.read(stated.name, side, stated.indices) for side in (stated.lhs, stated.rhs))
    axes = (Index(name, dim) for name, dim in stated.indices.items())
    strict = (how for _, _, how in stated.when)
    return key(S, stated.relation, sides, axes, zip(conditions, strict, strict=True))


def at_hand(S: Setting, stored: StoredProofs | None) -> frozenset[str]:
    """The names of the statements with a proof that a check replays: it is given, or is stored for the statement as it stands."""
    return frozenset(
        name
        for name, stated in S.statements.items()
        if stated.proof is not None or (stored and stored.has(_key(S, stated, _conditions(S, stated))))
    )


def _claim(
    S: Setting,
    engine: Engine,
    stated: Stated,
    conditions: tuple[Fact, ...],
    stored: StoredProofs | None,
    above: tuple[Above, ...],
    tier: str,
) -> Claim:
    dims = {name: dim.name for name, dim in stated.indices.items()}
    names = tuple(fact.name for fact in conditions)
    lhs, rhs = (S.read(stated.name, side, stated.indices) for side in (stated.lhs, stated.rhs))
    domain = Domain(
        when=tuple((low, high) for low, high, strict in stated.when if not strict),
        strictly=tuple((low, high) for low, high, strict in stated.when if strict),
    )
    statement: Identity | Inequality
    axes = engine.axes(dims)
    place = Place(stored, _key(S, stated, conditions) if stored else "", stated.name)
    if stated.relation == "=":
        bare = Identity(stated.lhs, stated.rhs, dims, supposes=names, setting=engine, domain=domain)
        sought = Sought(bare, place)
        statement = replace(bare, proof=sought.cofactors, origin=sought.origin)
    else:
        bound = Inequality(stated.lhs, stated.rhs, dims, domain=domain, supposes=names, setting=engine)
        sought = Sought(bound, place, above, tier)
        given = None if stated.proof is None else _given(S, stated, rhs - lhs, axes)
        statement = replace(bound, proof=given or sought.fact, origin=str if given else sought.origin)
    return Claim(
        id=stated.name, title=stated.name, source=stated.source or S.name, form="stated", statement=(formula(statement),), assumptions=(),
        checks=IDENTITY_CHECKS if stated.relation == "=" else INEQUALITY_CHECKS,
        expected=stated.expected, reading=reading(S, statement), reason=stated.reason, formal=lambda: (statement,),
    )  # fmt: skip


def _given(S: Setting, stated: Stated, gap: Expr, axes: tuple[Index, ...]) -> Callable[[], Fact]:
    """The proof by the squares that are given, with what letters stand for written out."""
    weights = tuple(_weights(S, stated, stated.proof))
    axioms = [what for what in S.built.letters() if isinstance(what, Axiom)]
    uses, _ = identity.unfolded(gap - total(weight.value() for weight in weights), axioms)
    given = Fact(stated.name, gap, axes, Certificate(weights, uses))
    return lambda: given


def _weights(S: Setting, stated: Stated, proof: sp.Expr) -> Iterable[Weight]:
    for multiplier, root, bind in squares(proof):
        dims = stated.indices | {index.name: index.dim for index in bind}
        yield Weight(
            S.read(stated.name, multiplier, dims),
            S.read(stated.name, root, dims),
            bind=tuple(Index(index.name, index.dim) for index in bind),
        )
