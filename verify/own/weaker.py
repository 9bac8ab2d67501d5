"""The hypotheses of a statement of one's own, each with the statement as it stands without it.

These are its conditions, and the domains of the free letters that it depends on. A domain may be dropped where no definition has used
it: the kernel keeps neither the order of the indices of a symmetric letter nor a sum that a unit sum has replaced, a root takes a
positive definite matrix, and a scalar that is made of others is nonnegative.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import fields, replace
from functools import partial
from typing import Any

from symbolic.indexed import Expr, Tensor
from symbolic.kinds import Extremum, Free, Is, Kind, LetterDomain, MatrixRoot
from verify.necessity.hypotheses import Hypothesis
from verify.own.declarations import SYMMETRIC, flags
from verify.own.described import depends
from verify.own.setting import Setting, Stated, called
from verify.own.theory import theory
from verify.statement import Claim

WEAKER: dict[str, tuple[LetterDomain, ...]] = {
    "simplex": ("nonnegative",),
    "positive": ("nonnegative",),
    "positive definite": ("symmetric", "positive semidefinite"),
    "positive semidefinite": ("symmetric",),
}


def hypotheses(S: Setting, claim: Claim) -> Iterator[Hypothesis]:
    """The hypotheses of the statement of this claim, its conditions first."""
    stated, (statement,) = S.statements[called(claim.id, claim.form)], claim.statements
    for place, (low, high, strict) in enumerate(stated.when):
        rest = (*stated.when[:place], *stated.when[place + 1 :])
        yield Hypothesis(
            f"{low} {'<' if strict else '<='} {high}", partial(_claim, S, replace(stated, when=rest))
        )
    there = depends(statement)
    for name, kind in S.kinds.items():
        if name in there and isinstance(kind, Free) and kind.domain != "any":
            yield _of_letter(S, stated, name, kind.domain, there)


def _of_letter(
    S: Setting, stated: Stated, name: str, domain: LetterDomain, depends: frozenset[str]
) -> Hypothesis:
    called = f"{name}: {domain}"
    made = [other for other in sorted(depends) if other != name and name in S.built.reach(other)]
    weakest: LetterDomain = "symmetric" if made and domain in SYMMETRIC else "any"
    if any(name in {tensor.name, *law.letters} for tensor, law in S._laws):
        return Hypothesis(called, None, f"The law of a random letter goes with the domain of {name}.")
    for other in made:
        nonnegative = other not in S.language.letters and isinstance(S.kinds[other], Is | Extremum)
        definite = isinstance(S.kinds[other], MatrixRoot) and domain in SYMMETRIC
        if domain in ("simplex", weakest) or nonnegative or definite:
            return Hypothesis(
                called, None, f"The definition of {other} takes the domain of {name} for granted."
            )
    without = partial(_weakened, S, stated, name, depends)
    weaker = (other for other in WEAKER.get(domain, ()) if other != weakest)
    return Hypothesis(
        called, partial(without, weakest), weaker=tuple((f"{name}: {other}", partial(without, other)) for other in weaker)
    )  # fmt: skip


def _claim(S: Setting, stated: Stated) -> Claim:
    """The claim of a statement alone in its setting."""
    alone = copy(S)
    alone.statements, alone._built = {stated.key: stated}, None
    (claim,) = theory(alone).claims
    return claim


def _weakened(S: Setting, stated: Stated, name: str, depends: frozenset[str], domain: LetterDomain) -> Claim:
    """The claim of a statement in the setting in which a free letter has this domain, and without letters that do not matter."""
    weak, old = copy(S), S._letters[name].tensor
    new = Tensor(name, old.slots, **flags(domain))
    kept = [other for other in S.kinds if other in depends or name not in S.built.reach(other)]
    weak.kinds = {other: _moved(S.kinds[other], old, new) for other in kept} | {name: Free(domain)}
    weak._letters = {other: letter for other, letter in S._letters.items() if other in kept}
    weak._letters[name] = replace(S._letters[name], tensor=new)
    weak._scalars = {other: scalar for other, scalar in S._scalars.items() if other in kept}
    return _claim(weak, stated)


def _moved(kind: Kind, old: Tensor, new: Tensor) -> Kind:
    """What a letter is, with another tensor in the place of one that it is made of."""

    def moved(part: object) -> object:
        if isinstance(part, tuple):
            return tuple(map(moved, part))
        if isinstance(part, Expr) and old != new and old in part.tensors():
            return part.replace(old, lambda *at: new[at])
        return part

    changed: Any = {field.name: moved(getattr(kind, field.name)) for field in fields(kind)}
    return type(kind)(**changed)
