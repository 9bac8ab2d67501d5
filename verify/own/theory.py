"""The statements of a setting as claims of a theory: read, with the proofs that could be put together for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

import sympy as sp

from numeric.errors import InputError
from symbolic.bound import BoundError, Certificate, Fact, Weight, nonnegative
from symbolic.check import check
from symbolic.indexed import Expr, Index, KernelError, number
from symbolic.printing import latex
from symbolic.proof import Axiom, Proof, Use
from symbolic.rewrite import rewrite
from symbolic.setting import Setting as Engine
from verify.own.setting import Setting, Stated
from verify.own.terms import squares
from verify.points.certify import Certify
from verify.prove.expand import AtSize
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.search.search import Search
from verify.statement import Claim, Domain, Identity, Inequality, Theory

PASSES = 8  # of rewriting by all axioms


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
    axioms = tuple(entry.what for entry in engine.premises.entries if isinstance(entry.what, Axiom))
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
            Proof(unfolded(lhs - rhs, axioms)),
            names,
            setting=engine,
            domain=domain,
        )
        checks = (Decide(), AtSize())
    else:
        axes = engine.axes(dims)
        proof = _proof(S, stated, rhs - lhs, axes, axioms, conditions)
        statement = Inequality(
            stated.lhs, stated.rhs, dims, domain=domain, proof=proof, supposes=names, setting=engine
        )
        checks = (ProveBound(), AtSize(), Certify(), Search())  # type: ignore[assignment]
    relations = ((low, "<" if strict else r"\le", high) for low, high, strict in stated.when)
    where = [
        f"{latex(low, engine.language)}{sign} {latex(high, engine.language)}" for low, sign, high in relations
    ]
    shown = (latex(statement.relation, engine.language), *where)
    return Claim(
        id=stated.name, title=stated.name, source=stated.source or S.name, form="stated", statement=shown, assumptions=(),
        checks=checks, expected=stated.expected, reason=stated.reason, formal=lambda: (statement,),
    )  # fmt: skip


def unfolded(rest: Expr, axioms: tuple[Axiom, ...]) -> tuple[Use, ...]:
    """Uses of axioms that take their left sides out of an expression, as far as rewriting goes."""
    uses: list[Use] = []
    for _ in range(PASSES):
        before = len(uses)
        for axiom in axioms:
            try:
                found, rest = rewrite(rest, axiom)
            except KernelError:
                continue
            uses += found
        if len(uses) == before:
            break
    return tuple(uses)


def _proof(
    S: Setting,
    stated: Stated,
    gap: Expr,
    axes: tuple[Index, ...],
    axioms: tuple[Axiom, ...],
    conditions: tuple[Fact, ...],
) -> Callable[[], Fact] | None:
    """The proof that is given, or the one that is at hand: all terms of rhs − lhs are nonnegative, or it is one of the conditions."""
    if stated.proof is not None:
        weights = tuple(_weights(S, stated, stated.proof))
        return lambda: _closed(stated.name, gap, weights, axes, axioms)
    attempts: list[tuple[Weight, ...]] = [(), *((_conditional(fact, gap),) for fact in conditions)]
    if nonnegative(gap):
        attempts.insert(0, (Weight(gap),))
    for weights in attempts:
        fact = _closed(stated.name, gap, weights, axes, axioms)
        try:
            check(fact)
        except BoundError:
            continue
        return lambda fact=fact: fact  # type: ignore[misc]
    return None


def _conditional(fact: Fact, gap: Expr) -> Weight:
    """The condition as often as one of its terms stands in what is to be shown."""
    ratios = (gap.terms[term] / value for term, value in fact.positive.terms.items() if term in gap.terms)
    times = next((ratio for ratio in ratios if ratio > 0), Fraction(1))
    return Weight(number(times), number(1), fact, fact.indices)


def _closed(
    name: str, gap: Expr, weights: tuple[Weight, ...], axes: tuple[Index, ...], axioms: tuple[Axiom, ...]
) -> Fact:
    rest = gap
    for weight in weights:
        rest = rest - weight.value()
    return Fact(name, gap, axes, Certificate(weights, unfolded(rest, axioms)))


def _weights(S: Setting, stated: Stated, proof: sp.Expr) -> Iterable[Weight]:
    for multiplier, root, bind in squares(sp.sympify(proof)):
        dims = stated.indices | {index.name: index.dim for index in bind}
        yield Weight(
            S.read(stated.name, multiplier, dims),
            S.read(stated.name, root, dims),
            bind=tuple(Index(index.name, index.dim) for index in bind),
        )
