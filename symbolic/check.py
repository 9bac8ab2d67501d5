"""Whether a fact follows: every certificate closes, every rule gives what it is said to give, down to premises."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.bound import (
    BoundError,
    CauchySchwarz,
    Certificate,
    Fact,
    Root,
    Substitute,
    Taken,
    facts,
    nonnegative,
    open_cases,
)
from symbolic.indexed import Expr, Index, KernelError
from symbolic.proof import Axiom, Proof, divisors, none_supposed
from symbolic.rules import RULES, DescentLemma, Extreme, MeanValue, Slope, Steps

GIVEN = ("", "always", "start", "next")  # the points at which a hypothesis or an axiom is stated
ADMITTED = (type(None), Certificate, Substitute, CauchySchwarz, Root, *RULES)


def check(fact: Fact, seen: dict[int, Fact] | None = None) -> None:
    """Raises BoundError unless the fact follows, all the way down to premises. Each fact is looked at once.

    `seen` are facts that passed before, by identity; those that pass now are added.
    """
    passed = {} if seen is None else seen

    def visit(fact: Fact) -> None:
        if passed.get(id(fact)) is fact:
            return
        if isinstance(fact.why, Certificate):
            for weight in fact.why.weights:
                if not nonnegative(weight.multiplier):
                    raise BoundError(f"{fact.name}: the sign of a multiplier is open")
                if weight.fact is not None:
                    visit(weight.fact)
            left = open_cases(fact.positive, fact.why)
            if left:
                raise BoundError(f"{fact.name}: {sum(len(case.terms) for case in left)} terms left")
        elif fact.why is not None:
            if not admitted(fact):
                raise BoundError(f"{fact.name}: {type(fact.why).__name__} is no rule")
            if fact.why.conclusion() != fact.positive:
                raise BoundError(f"{fact.name}: the rule gives something else")
            for premise in fact.why.premises:
                visit(premise)
        points(fact.name, fact.rests)
        grounded(fact)
        passed[id(fact)] = fact

    try:
        visit(fact)
    except KernelError as error:
        raise BoundError(f"{fact.name}: {error}") from error


def points(name: str, rests: Iterable[Taken]) -> None:
    """Raises BoundError where premises are taken at no points, or ξ′ at two of them."""
    rests = tuple(rests)
    for taken in rests:
        if isinstance(taken.what, Fact | Axiom) and taken.what.when not in GIVEN:
            raise BoundError(f"{name}: {taken.what.name} is taken at no points ({taken.what.when})")
    if {"start", "next"} <= {taken.when for taken in rests}:
        raise BoundError(f"{name}: it takes ξ′ for the start and for the next step at once")


def admitted(fact: Fact) -> bool:
    """Whether it is a hypothesis, or follows by a certificate or a rule."""
    return type(fact.why) in ADMITTED


def kept(fact: Fact) -> set[Index]:
    """The indices for every value of which it is stated."""
    return set(fact.indices) | fact.positive.free()


def grounded(fact: Fact) -> None:
    """Raises KernelError where its reason has an index over what may be empty, and the fact does not have that index."""
    if fact.why is None:
        return
    if isinstance(fact.why, Certificate):
        for weight in fact.why.weights:
            none_supposed(weight.open, kept(fact))
        for use in fact.why.uses:
            none_supposed(use.open, kept(fact))
        return
    bound = set(fact.why.over) if isinstance(fact.why, CauchySchwarz | Steps) else set()
    for premise in fact.why.premises:
        none_supposed(kept(premise) - bound, kept(fact))


def divided(why: Proof | Fact) -> frozenset[str]:
    """The scalars that a proof divides by, down to its premises."""
    if isinstance(why, Proof):
        return divisors(*(use.cofactor for use in why.uses))
    found = frozenset[str]()
    for fact in facts(why):
        if id(fact) not in _divided:
            _divided[id(fact)] = fact, divisors(*_brought(fact))
        found |= _divided[id(fact)][1]
    return found


_divided: dict[int, tuple[Fact, frozenset[str]]] = {}  # by identity, which is theirs as long as they are held


def _brought(fact: Fact) -> tuple[Expr, ...]:
    """The expressions that the reason of a fact brings in."""
    if isinstance(fact.why, Certificate):
        weights = (part for weight in fact.why.weights for part in (weight.multiplier, weight.root))
        return (*weights, *(use.cofactor for use in fact.why.uses))
    return _sides(fact)


def _sides(fact: Fact) -> tuple[Expr, ...]:
    """The expressions that a rule brings in."""
    match fact.why:
        case Substitute(definition=definition):
            return (definition,)
        case CauchySchwarz(a=a, b=b, x=x, y=y):
            return a, b, x, y
        case Root(a=a, b=b):
            return a, b
        case Extreme(value=value):
            return (value,)
        case MeanValue(value=value, speed=speed, moved=moved):
            return value, speed, moved
        case Slope(w=w, bound=bound):
            return w, bound
        case DescentLemma(L=L):
            return (L,)
        case Steps(c=c):
            return (c,)
    return ()
