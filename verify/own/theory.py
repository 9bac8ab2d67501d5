"""The statements of a setting as claims of a theory: read, with the proofs that could be put together for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial

import sympy as sp

from numeric.errors import InputError
from symbolic.bound import Certificate, Fact, Weight
from symbolic.find import identity
from symbolic.indexed import Expr, Index, number, total
from symbolic.proof import Axiom
from symbolic.setting import Setting as Engine
from verify.output.equations import formula
from verify.own.described import reading
from verify.own.setting import Setting, Stated
from verify.own.sought import Above, Place, Sought
from verify.own.stored import StoredProofs, key
from verify.own.terms import free_indices, slack, squares
from verify.points.witness import ReplayWitness, WitnessData, replay
from verify.prove.methods import IDENTITY_CHECKS, INEQUALITY_CHECKS
from verify.statement import Check, Claim, Domain, Identity, Inequality, Theory


def theory(S: Setting, stored: StoredProofs | None = None, tier: str = "fast") -> Theory:
    """The theory of a setting. Raises InputError for a setting without statements, and for a proof that is no combination of squares.

    tier    how much is spent on the search for proofs
    stored  proofs that are replayed where they are accepted, and which keeps those that are
    """
    if not S.statements:
        raise InputError("check", S.name, "a statement", "add one by S.identity or S.inequality")
    every = {name: _premises(S, stated) for name, stated in S.statements.items()}
    kept = {one.content: one for some in reversed(every.values()) for one in reversed(some)}
    means = {fact.content: fact for stated in S.statements.values() for fact in _means(S, stated).values()}
    engine = S.built.setting(tuple(reversed(kept.values())), tuple(means.values()))
    conditions = {name: tuple(kept[one.content] for one in some) for name, some in every.items()}
    claims: list[Claim] = []
    above: tuple[Above, ...] = ()
    parts: dict[str, dict[str, None]] = {}
    for name, stated in S.statements.items():
        claims.append(_claim(S, engine, stated, conditions[name], stored, above, tier))
        above = (*above, Above(name, *claims[-1].statements))
        if stated.section:
            parts.setdefault(stated.section, {})[stated.name] = None
    listed = tuple((section, tuple(ids)) for section, ids in parts.items())
    return Theory(S.name, tuple(claims), (), listed, takes=lambda: engine.premises)


def _conditions(S: Setting, stated: Stated) -> tuple[Fact, ...]:
    facts = []
    for low, high, strict in stated.when:
        dims = stated.indices
        gap = S.read(stated.name, high, dims) - S.read(stated.name, low, dims)
        free = tuple(Index(name, dim) for name, dim in dims.items() if Index(name, dim) in gap.free())
        facts.append(Fact(f"{low} {'<' if strict else '<='} {high}", gap, free))
    return tuple(facts)


def _means(S: Setting, stated: Stated) -> dict[sp.Expr, Fact]:
    """The expectations of squares in a statement and its proof, each with the fact that it is nonnegative."""
    found: dict[sp.Expr, Fact] = {}
    for side in (stated.lhs, stated.rhs, *(() if stated.proof is None else (stated.proof,))):
        for mean in sorted(side.atoms(sp.core.function.AppliedUndef), key=str):
            power, free = mean.args[0], {index.name for index in free_indices(mean)}
            if isinstance(power, sp.Pow) and power.exp.is_even and free <= stated.indices.keys():
                value = S.read(stated.name, mean, stated.indices)
                indices = tuple(Index(name, stated.indices[name]) for name in sorted(free))
                number_of = len(found) + 1
                said = f"mean square {number_of} of {stated.key} is nonnegative"
                found.setdefault(mean, Fact(said, value, indices, when="always"))
    return found


def _premises(S: Setting, stated: Stated) -> tuple[Fact | Axiom, ...]:
    """The conditions as a proof takes them: that of an identity has equations as axioms."""
    facts = _conditions(S, stated)
    if stated.relation == "<=":
        return facts
    found: list[Fact | Axiom] = []
    for fact, (low, high, strict) in zip(facts, stated.when, strict=True):
        if (high, low, strict) not in stated.when:
            found.append(fact)
        elif not any(one.name == f"{high} = {low}" for one in found):
            left, right = (S.read(stated.name, side, stated.indices) for side in (low, high))
            if not (left.free() | right.free()).issubset(fact.indices):
                left, right = fact.positive, number(0)  # an index of both sides cancels
            found.append(Axiom(f"{low} = {high}", left, right, fact.indices))
    return tuple(found)


def _key(S: Setting, stated: Stated) -> str:
    """The key of a stored proof of a statement."""
    conditions = _conditions(S, stated)
    sides = tuple(S.read(stated.name, side, stated.indices) for side in (stated.lhs, stated.rhs))
    axes = (Index(name, dim) for name, dim in stated.indices.items())
    strict = (how for _, _, how in stated.when)
    return key(S, stated.relation, sides, axes, zip(conditions, strict, strict=True))


def at_hand(S: Setting, stored: StoredProofs | None) -> frozenset[str]:
    """The names of the statements with a proof that a check replays: it is given, or is stored for the statement as it stands."""
    return frozenset(
        name
        for name, stated in S.statements.items()
        if stated.proof is not None or (stored and stored.has(_key(S, stated)))
    )


def keyed(S: Setting) -> dict[str, str]:
    """The names of the statements, by the keys of their stored proofs."""
    return {_key(S, stated): name for name, stated in S.statements.items()}


def _claim(
    S: Setting,
    engine: Engine,
    stated: Stated,
    conditions: tuple[Fact | Axiom, ...],
    stored: StoredProofs | None,
    above: tuple[Above, ...],
    tier: str,
) -> Claim:
    dims = {name: dim.name for name, dim in stated.indices.items()}
    names = tuple(one.name for one in conditions)
    lhs, rhs = (S.read(stated.name, side, stated.indices) for side in (stated.lhs, stated.rhs))
    domain = Domain(
        when=tuple((low, high) for low, high, strict in stated.when if not strict),
        strictly=tuple((low, high) for low, high, strict in stated.when if strict),
    )
    statement: Identity | Inequality
    axes = engine.axes(dims)
    place = Place(stored, _key(S, stated) if stored else "", stated.name)
    if stated.relation == "=":
        bare = Identity(stated.lhs, stated.rhs, dims, supposes=names, setting=engine, domain=domain)
        sought = Sought(bare, place, above, tier, stated.steps)
        statement = replace(bare, proof=sought.cofactors, origin=sought.origin)
    else:
        bound = Inequality(stated.lhs, stated.rhs, dims, domain=domain, supposes=names, setting=engine)
        sought = Sought(bound, place, above, tier)
        given = None if stated.proof is None else _given(S, stated, conditions, rhs - lhs, axes, sought)
        statement = replace(bound, proof=given or sought.fact, origin=str if given else sought.origin)
    kept = _witness(stated)
    checks: tuple[Check, ...] = IDENTITY_CHECKS if stated.relation == "=" else INEQUALITY_CHECKS
    replays = None
    if kept is not None and isinstance(statement, Inequality):
        checks, replays = (ReplayWitness(kept),), partial(replay, (statement,), kept)
    return Claim(
        id=stated.name, title=stated.title or stated.name, source=stated.source or S.name, form=stated.form,
        statement=(formula(statement),), assumptions=(), checks=checks,
        expected=stated.expected, failure=stated.failure,
        reading=reading(S, statement), reason=stated.reason, consequence=stated.consequence, formal=lambda: (statement,),
        replays=replays,
    )  # fmt: skip


def _witness(stated: Stated) -> WitnessData | None:
    """The counterexample that is kept with a statement."""
    given = (stated.witness or {}).items()
    sizes = {name: value for name, value in given if isinstance(value, int)}
    return (
        WitnessData(sizes, {name: value for name, value in given if isinstance(value, str)})
        if given
        else None
    )


def _given(
    S: Setting,
    stated: Stated,
    conditions: tuple[Fact | Axiom, ...],
    gap: Expr,
    axes: tuple[Index, ...],
    sought: Sought,
) -> Callable[[], Fact]:
    """The proof by the squares that are given, whose sum is shown to be the difference of the sides like an identity."""
    weights = tuple(_weights(S, stated, conditions, stated.proof))
    axioms = [what for what in S.built.letters() if isinstance(what, Axiom)]

    def made() -> Fact:
        found = identity.proof(
            gap,
            total(weight.value() for weight in weights),
            axioms,
            S.language.positive,
            lemmas=sought.identities,
        )
        return Fact(stated.name, gap, axes, Certificate(weights, found.uses))

    @cache
    def fact() -> Fact:
        why, _ = sought.place.answer(sought.statement, made)
        assert isinstance(why, Fact)
        return why

    return fact


def _weights(
    S: Setting, stated: Stated, conditions: tuple[Fact | Axiom, ...], proof: sp.Expr
) -> Iterable[Weight]:
    """The terms of a proof; a factor of each may be an expectation of a square, or what a condition says to be nonnegative."""
    known = _means(S, stated)
    for condition, (low, high, _) in zip(conditions, stated.when, strict=True):
        if isinstance(condition, Fact):
            known[slack(low, high)] = condition
    for multiplier, root, bind in squares(proof):
        dims = stated.indices | {index.name: index.dim for index in bind}
        named = next((factor for factor in sp.Mul.make_args(multiplier) if factor in known), None)
        fact = None if named is None else known[named]
        yield Weight(
            S.read(stated.name, multiplier if named is None else multiplier / named, dims),
            S.read(stated.name, root, dims),
            fact,
            () if fact is None else fact.indices,
            tuple(Index(index.name, index.dim) for index in bind),
        )
