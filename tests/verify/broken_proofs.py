"""Ways to break a proof of an inequality: a weight left out, a sign flipped, a constant made smaller, another rule's conclusion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import sympy as sp

from symbolic.bound import BoundError, Certificate, Fact, facts
from symbolic.check import check
from verify.points.certify import certify
from verify.points.exact_points import Instances
from verify.statement import Claim, Inequality
from verify.theories.yang2024.symbolic.reading import reader


def proved(claims: Sequence[Claim]) -> list[tuple[str, Inequality, Fact]]:
    """Every inequality of these claims that has a proof."""
    return [
        (f"{claim.id}-{claim.form}-{position}", one, one.proof())
        for claim in claims
        for position, one in enumerate(claim.inequalities())
        if one.proof is not None
    ]


def refused(fact: Fact) -> bool:
    try:
        check(fact)
    except BoundError:
        return True
    return False


def mutants(fact: Fact) -> Iterator[tuple[str, Fact]]:
    """The fact with one thing of its certificate changed; what it rests on is supposed, so that checking it is cheap."""
    why = fact.why
    if isinstance(why, Certificate):
        supposed = tuple(
            weight if weight.fact is None else replace(weight, fact=replace(weight.fact, why=None))
            for weight in why.weights
        )
        why = replace(why, weights=supposed)
        assert not refused(replace(fact, why=why))
        for place, weight in enumerate(why.weights):
            if weight.value():
                rest = why.weights[:place] + why.weights[place + 1 :]
                yield f"weight {place} dropped", replace(fact, why=replace(why, weights=rest))
                flipped = replace(weight, multiplier=-1 * weight.multiplier)
                weights = (*why.weights[:place], flipped, *why.weights[place + 1 :])
                yield f"weight {place} flipped", replace(fact, why=replace(why, weights=weights))
        for place, use in enumerate(why.uses):
            if use.value():
                rest_ = why.uses[:place] + why.uses[place + 1 :]
                yield f"use {place} dropped", replace(fact, why=replace(why, uses=rest_))


def smaller(inequality: Inequality, fact: Fact, part: Fraction) -> Fact:
    """The proof under a statement whose right side is smaller by this part of it."""
    positive = fact.positive - part * reader(inequality.dims).read(inequality.rhs)
    return replace(fact, positive=positive)


def steps_of(proofs: Sequence[Fact], but: Sequence[Fact] = ()) -> list[Fact]:
    """Every fact below, each once, but those below others that are tested elsewhere."""
    known = {id(fact) for proof in but for fact in facts(proof)}
    found = {id(fact): fact for proof in proofs for fact in facts(proof)}
    return [fact for key, fact in found.items() if key not in known]


def broken_somewhere(inequality: Inequality, part: sp.Rational, points: Instances, count: int = 40) -> bool:
    """Whether an exact point breaks the inequality once its right side is that part of itself."""
    tally = certify(replace(inequality, rhs=part * inequality.rhs, proof=None), points, count)
    return tally.broken is not None
