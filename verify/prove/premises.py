"""What a proof takes without proof is a premise of the theory, and true at every point, or the statement names it as a condition.

Premises are known by their content (`symbolic.registry`). Hypotheses and axioms are evaluated at exact points of the statement's
domain, larger sizes among them. A premise that is broken at a point, has a letter without a value, is decided at no point, or speaks of
a descent is a condition: its name must stand in `supposes` of the statement. What speaks of sizes alone is settled for all sizes or it is
a condition too, since no number of points would do; the same of free scalars.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import sympy as sp

from numeric.errors import InputError
from symbolic.bound import Fact, Taken
from symbolic.double import Doubled, double_check
from symbolic.indexed import Expr, Index, Tensor, number
from symbolic.kinds import Free
from symbolic.language import Letter
from symbolic.ledger import Side
from symbolic.proof import Axiom, Proof
from symbolic.registry import CONDITION, rests
from symbolic.setting import Setting
from verify.points.cases import PATTERNS
from verify.points.compare import decide
from verify.points.evaluation import Posed, posed
from verify.points.exact_points import ExactPoint, Instances
from verify.points.sizes_alone import always, free_alone
from verify.statement import Domain

COUNT = 4  # points of sizes up to 4: a moderate one, N = K, one of any scales, Q = Q′
LOOKED_AT = (
    f"what is taken without proof is evaluated at {COUNT} points of sizes up to 4, {len(PATTERNS)} of sizes up to 12, and, where its "
    "letters are cheap, some with one size up to 1000"
)


def checked_twice(
    setting: Setting, lhs: Side, rhs: Side, why: Proof | Fact, axes: tuple[Index, ...] | None = None
) -> Doubled:
    """What both checkers say of a proof that may take the premises of the setting, and no others."""
    return double_check(lhs, rhs, why, axes, registry=setting.premises)


def strange(setting: Setting, why: Proof | Fact) -> str:
    """Why a proof is none of this theory: what it takes that is no premise; empty where there is nothing."""
    found = setting.premises.strange(why)
    return f"the proof takes what is no premise of the theory: {'; '.join(found)}" if found else ""


def unsaid(setting: Setting, why: Proof | Fact, domain: Domain, supposes: tuple[str, ...]) -> list[str]:
    """The names of what is taken without proof, is not so on the domain, and does not stand in `supposes`."""
    others = [taken for taken in rests(why) if taken.name not in supposes]
    return sorted({taken.name for taken in others if not _so(setting, taken, domain)})


def owned(setting: Setting, why: Proof | Fact) -> tuple[list[str], list[str]]:
    """The names of the premises that are conditions or assumptions, and of those that are statements of the theory.

    With a statement of the theory, a proof is `proved given` that statement.
    """
    registry = setting.premises
    owners = registry.owners(why)
    given = [name for name, because in owners if because not in (CONDITION, *registry.assumptions)]
    return [name for name, _ in owners if name not in given], given


def unassumed(setting: Setting, why: Proof | Fact, assumptions: Sequence[str]) -> str:
    """Why a proof is none of a statement with these assumptions: the premise of another one that it takes; empty where it takes none."""
    known = setting.premises.assumptions
    for name, because in setting.premises.owners(why):
        if because in known and because not in assumptions:
            return f"the proof takes {name}, and the statement does not assume {because}"
    return ""


def _so(setting: Setting, taken: Taken, domain: Domain) -> bool:
    """Whether a premise is so at every point of the domain. One about a descent has none there: it is a condition."""
    if not isinstance(taken.what, Fact | Axiom):
        return True
    if taken.when not in ("", "always"):
        return False
    return (
        _fact(setting, taken.what, domain)
        if isinstance(taken.what, Fact)
        else _axiom(setting, taken.what, domain)
    )


_points = Instances(11)


def _fact(setting: Setting, fact: Fact, domain: Domain) -> bool:
    return _below(_with_any(setting, fact.any), number(0), fact.positive, domain)


def _with_any(setting: Setting, tensors: Sequence[Tensor]) -> Setting:
    """The setting in which a fact that holds for every value of some letters is evaluated: those are free letters in it."""
    more = {tensor.name: tensor for tensor in tensors if tensor.name not in setting.language.letters}
    if not more:
        return setting
    found: Setting | None = setting.kept.get(("with any", *more))
    if found is None:
        letters = {
            name: Letter(tensor, sp.IndexedBase(name), name, "any value") for name, tensor in more.items()
        }
        language = replace(setting.language, letters={**setting.language.letters, **letters})
        kinds = {**setting.kinds, **dict.fromkeys(more, Free())}
        found = replace(setting, language=language, says=lambda: kinds, kept={})
        setting.kept["with any", *more] = found
    return found


def _axiom(setting: Setting, axiom: Axiom, domain: Domain) -> bool:
    """Both ways; a letter's own definition is how it is computed, unless the domain draws it."""
    name = _letters(setting).get(axiom.name)
    if name is not None and name not in (*domain.free, *domain.given) and axiom == setting.definition(name):
        return True
    return _below(setting, axiom.lhs, axiom.rhs, domain) and _below(setting, axiom.rhs, axiom.lhs, domain)


def _letters(setting: Setting) -> dict[str, str]:
    """The letters that have a definition, by its name."""
    found: dict[str, str] | None = setting.kept.get("definitions")
    if found is None:
        axioms = ((setting.definition(name), name) for name in setting.kinds)
        found = setting.kept["definitions"] = {
            axiom.name: name for axiom, name in axioms if axiom is not None
        }
    return found


def _below(setting: Setting, lhs: Expr, rhs: Expr, domain: Domain) -> bool:
    """Whether lhs ≤ rhs is seen at some point and broken at none; of sizes and free scalars alone, whether it is so for all."""
    axes = tuple(sorted(lhs.free() | rhs.free()))
    try:
        inequality = posed(setting, lhs, rhs, axes, domain)
    except InputError:
        return False
    known: dict[Hashable, bool] = setting.kept.setdefault("premises at points", {})
    if inequality.content not in known:
        known[inequality.content] = _seen(inequality)
    return known[inequality.content]


def _seen(inequality: Posed) -> bool:
    try:
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
