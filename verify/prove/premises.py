"""What a proof takes without proof is a premise of the theory, and true at every point, or the statement names it as a condition.

Premises are known by their content (`symbolic.registry`). Hypotheses and axioms are evaluated at exact points of the statement's
domain, larger sizes among them. A premise that is broken at a point, has a letter without a value, is decided at no point, or speaks of
a descent is a condition: its name must stand in `supposes` of the statement. What speaks of sizes alone is settled for all sizes or it is
a condition too, since no number of points would do; the same of free scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from numeric.errors import InputError
from symbolic.bound import Fact, Taken
from symbolic.definitions import axiom as definition
from symbolic.definitions import defined, squared
from symbolic.double import Doubled, double_check
from symbolic.indexed import Expr, Index, Tensor, number
from symbolic.ledger import Side
from symbolic.proof import Axiom, Proof
from symbolic.registry import Registry, rests
from verify.points.compare import decide
from verify.points.evaluation import Posed, posed
from verify.points.exact_points import LARGER, ExactPoint, Instances
from verify.points.sizes_alone import always, free_alone
from verify.statement import Domain

COUNT = 4  # points of sizes up to 4: a moderate one, N = K, one of any scales, Q = Q′
LOOKED_AT = (
    f"what is taken without proof is evaluated at {COUNT} points of sizes up to 4, {len(LARGER)} of sizes up to 12, and, where its letters "
    "are cheap, some with one size up to 1000"
)
Evaluated = TypeVar("Evaluated", Fact, Axiom)


def registry() -> Registry:
    """The premises that the theory has."""
    from verify.theories.shipped import theory

    return theory().premises


def checked_twice(lhs: Side, rhs: Side, why: Proof | Fact, axes: tuple[Index, ...] | None = None) -> Doubled:
    """What both checkers say of a proof that may take the premises of the theory, and no others."""
    return double_check(lhs, rhs, why, axes, registry=registry())


def strange(why: Proof | Fact) -> str:
    """Why a proof is none of this theory: what it takes that is no premise; empty where there is nothing."""
    found = registry().strange(why)
    return f"the proof takes what is no premise of the theory: {'; '.join(found)}" if found else ""


def unsaid(why: Proof | Fact, domain: Domain, supposes: tuple[str, ...]) -> list[str]:
    """The names of what is taken without proof, is not so on the domain, and does not stand in `supposes`."""
    return sorted({taken.name for taken in rests(why) if not _so(taken, domain)} - set(supposes))


def owned(why: Proof | Fact) -> tuple[list[str], list[str]]:
    """The names of the premises that are conditions or assumptions, and of those that are statements of the theory.

    With a statement of the theory, a proof is `proved given` that statement.
    """
    from verify.theories.shipped import ids

    owners = registry().owners(why)
    given = [name for name, because in owners if because in ids().values()]
    return [name for name, _ in owners if name not in given], given


def unassumed(why: Proof | Fact, assumptions: Sequence[str]) -> str:
    """Why a proof is none of a statement with these assumptions: the premise of another one that it takes; empty where it takes none."""
    from verify.theories.shipped import theory

    known = {assumption.id for assumption in theory().assumptions}
    for name, because in registry().owners(why):
        if because in known and because not in assumptions:
            return f"the proof takes {name}, and the statement does not assume {because}"
    return ""


def _so(taken: Taken, domain: Domain) -> bool:
    """Whether a premise is so at every point of the domain. One about a descent has none there: it is a condition."""
    if not isinstance(taken.what, Fact | Axiom):
        return True
    if taken.when not in ("", "always"):
        return False
    return _fact(taken.what, domain) if isinstance(taken.what, Fact) else _axiom(taken.what, domain)


_points = Instances(11)
_known: dict[
    tuple[int, str], tuple[Fact | Axiom, bool]
] = {}  # by identity, which is theirs as long as they are held


def _once(taken: Evaluated, domain: Domain, so: Callable[[Evaluated, Domain], bool]) -> bool:
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
