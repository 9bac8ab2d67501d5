"""What a proof takes without proof is so, or the statement says that it supposes it.

Hypotheses and axioms are evaluated at exact points of the statement's domain, larger sizes among them. One that is broken at a
point, has a letter without a value, or is decided at no point, is a condition: its name must stand in `supposes` of the statement.
What a declared step gives must be so wherever it rests on no condition. What speaks of sizes alone is settled for all sizes or it is
a condition too, since no number of points would do; the same of free scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

from numeric.errors import InputError
from symbolic.bound import Certificate, Declared, Fact, below, facts
from symbolic.definitions import axiom as definition
from symbolic.definitions import defined, squared
from symbolic.indexed import Expr, Tensor, number
from symbolic.proof import Axiom, Proof
from verify.claim import Domain
from verify.decision import decide
from verify.domain import Posed, posed
from verify.instances import LARGER, ExactPoint, Instances
from verify.sizes import always, free_alone

COUNT = 4  # points of sizes up to 4: a moderate one, N = K, one of any scales, Q = Q′
LOOKED_AT = (
    f"what is taken without proof is evaluated at {COUNT} points of sizes up to 4, {len(LARGER)} of sizes up to 12, and, where its letters "
    "are cheap, some with one size up to 1000"
)
Taken = TypeVar("Taken", Fact, Axiom)


def unsaid(why: Proof | Fact, domain: Domain, supposes: tuple[str, ...]) -> list[str]:
    """The names of what is taken without proof, is not so on the domain, and does not stand in `supposes`."""
    found = _axioms(why, domain) if isinstance(why, Proof) else _conditions(why, domain)
    return sorted(found - set(supposes))


def taken(why: Proof | Fact) -> bool:
    """Whether anything is taken without proof."""
    if isinstance(why, Proof):
        return bool(why.uses)
    reasons = [fact.why for fact in facts(why)]
    return any(
        isinstance(one, Declared | None) or (isinstance(one, Certificate) and one.uses) for one in reasons
    )


def _axioms(proof: Proof, domain: Domain) -> set[str]:
    return {use.axiom.name for use in proof.uses if not _axiom(use.axiom, domain)}


def _conditions(whole: Fact, domain: Domain) -> set[str]:
    """The names of what it rests on that is not so at every point."""
    rests: dict[int, dict[int, str]] = {}  # for each fact: what it rests on, by identity
    for fact in facts(whole):
        found = {key: name for premise in below(fact) for key, name in rests[id(premise)].items()}
        match fact.why:
            case Certificate(uses=uses):
                found |= {id(use.axiom): use.axiom.name for use in uses if not _axiom(use.axiom, domain)}
            case Declared(discharges=discharges):
                found = {key: name for key, name in found.items() if key not in map(id, discharges)}
        if isinstance(fact.why, Declared | None) and not found and not _fact(fact, domain):
            found = {id(fact): fact.name}
        rests[id(fact)] = found
    return set(rests[id(whole)].values())


_points = Instances(11)
_known: dict[
    tuple[int, str], tuple[Fact | Axiom, bool]
] = {}  # by identity, which is theirs as long as they are held


def _once(taken: Taken, domain: Domain, so: Callable[[Taken, Domain], bool]) -> bool:
    key = id(taken), repr(domain)
    if key not in _known:
        _known[key] = taken, so(taken, domain)
    return _known[key][1]


def _fact(fact: Fact, domain: Domain) -> bool:
    return _once(fact, domain, lambda one, where: _below(number(0), one.positive, where))


def _axiom(axiom: Axiom, domain: Domain) -> bool:
    """Both ways; a letter's own definition is how it is computed, unless the domain draws it."""
    letter = _letters().get(axiom.name)
    if letter is not None and axiom == definition(letter):
        name = letter.name if isinstance(letter, Tensor) else letter
        if name not in (*domain.free, *domain.given):
            return True
    return _once(
        axiom,
        domain,
        lambda one, where: _below(one.lhs, one.rhs, where) and _below(one.rhs, one.lhs, where),
    )


@cache
def _letters() -> dict[str, Tensor | str]:
    """The letters that have a definition, by its name."""
    return {definition(letter).name: letter for letter in (*defined(), *squared())}


def _below(lhs: Expr, rhs: Expr, domain: Domain) -> bool:
    """Whether lhs ≤ rhs is seen at some point and broken at none; of sizes and free scalars alone, whether it is so for all."""
    axes = tuple(sorted(lhs.free() | rhs.free()))
    try:
        inequality = posed(lhs, rhs, axes, domain)
        if free_alone(inequality):
            return always(inequality)
        found = {decide(inequality, point).relation for point in _looked_at(inequality)}
    except InputError:
        return False
    return "above" not in found and not found.isdisjoint(("below", "equal", "close"))


def _looked_at(inequality: Posed) -> Iterator[ExactPoint]:
    for number_of in range(COUNT):
        yield _points.at(number_of, inequality)
    yield from _points.larger(inequality)
