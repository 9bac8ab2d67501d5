"""Facts proved before, as they stand or with other letters of the same slots in the place of theirs: lemmas for a new target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from itertools import product as choices

from symbolic.bound import Fact, Letter, Substitute, by, letters, ties
from symbolic.find.cauchy import monomial_root
from symbolic.find.opened import unused
from symbolic.indexed import DELTA, Expr, Index, Tensor
from symbolic.proof import Axiom

MOST = 40  # facts that are made of others


def lemmas(pool: Sequence[Fact], target: Expr, axioms: Sequence[Axiom]) -> list[Fact]:
    """The facts of a pool whose letters occur in a target, and instances of the others at letters of the target, at most so many.

    Where a target has the norm of a vector, a fact may have the norms of its parts.
    """
    there = sorted(target.tensors() - {DELTA}, key=lambda tensor: tensor.key)
    parts = _norms_of_parts(letters(target), axioms)
    return list(islice((made for fact in pool for made in _instances(fact, there, parts)), MOST))


def _norms_of_parts(known: frozenset[Letter], axioms: Sequence[Axiom]) -> frozenset[Letter]:
    """Nonnegative letters whose squares sum to the square of one of these, or that are made of what one of these is made of."""
    norms = [axiom for axiom in axioms if monomial_root(axiom.lhs) is not None]
    made = frozenset[Letter]().union(*(letters(axiom.rhs) for axiom in norms if letters(axiom.lhs) <= known))
    alike = (letters(axiom.lhs) for axiom in norms if letters(axiom.rhs) <= made)
    return frozenset(one for one in made if isinstance(one, Tensor) and one.nonneg).union(*alike)


def _instances(fact: Fact, there: Sequence[Tensor], parts: frozenset[Letter]) -> Iterator[Fact]:
    own = sorted(fact.positive.tensors() - {DELTA}, key=lambda tensor: tensor.key)
    if parts.union(there).issuperset(own):
        yield fact
    others = [tensor for tensor in there if tensor not in own]
    places = [[*((tensor,) if tensor in there else ()), *_fitting(fact, tensor, others)] for tensor in own]
    for chosen in choices(*places):
        moved = [(old, new) for old, new in zip(own, chosen, strict=True) if old is not new]
        made = fact
        for old, new in moved:
            made = _at(made, old, new)
        if moved:
            said = ", ".join(f"{new.name} for {old.name}" for old, new in moved)
            yield replace(made, name=f"{fact.name}, with {said}")


def _fitting(fact: Fact, tensor: Tensor, others: Sequence[Tensor]) -> list[Tensor]:
    """The letters that may stand in the place of one: of its slots, or with more of them where it has one."""
    if tensor.symmetric or tensor.unit_sum is not None or ties(fact, tensor):
        return []
    alike = [other for other in others if other.slots == tensor.slots]
    wider = [
        other
        for other in others
        if len(tensor.slots) == 1 < len(other.slots) and other.slots.count(tensor.slots[0]) == 1
    ]
    return [other for other in (*alike, *wider) if other.nonneg or not tensor.nonneg]


def _at(fact: Fact, tensor: Tensor, other: Tensor) -> Fact:
    """The fact with another letter in the place of one; the slots that are left over are free."""
    taken = {index.name for index in (*fact.indices, *fact.positive.free())}
    names = unused(taken)
    refs = tuple(Index(next(names), slot) for slot in other.slots)
    slots = refs if other.slots == tensor.slots else tuple(ref for ref in refs if ref.dim is tensor.slots[0])
    free = tuple(ref for ref in refs if ref not in slots)
    return by(Substitute(fact, tensor, other[refs], slots), fact.name, (*fact.indices, *free))
