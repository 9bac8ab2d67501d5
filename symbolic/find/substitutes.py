"""Facts that hold for every vector ξ, such as ξᵀ P ξ ≥ 0 and ‖Xξ‖ ≤ ‖X‖₂ ‖ξ‖, at vectors that are made of a monomial of the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product as choices

from symbolic.bound import BoundError, Certificate, Fact, Substitute, Weight, by, nonnegative
from symbolic.canonical import Scalars
from symbolic.find.opened import Factor, Opened, met, opened, product, unused
from symbolic.find.relations import less
from symbolic.indexed import Expr, Index, KernelError, Monomial, Tensor, delta
from symbolic.rewrite import matches

MOST_FREE = 3  # factors that may go to either vector, or into the multiplier


def substituted(
    monomial: Monomial, sign: int, fact: Fact, positive: frozenset[str], taken: frozenset[str]
) -> Iterator[Weight]:
    """Multiples of the fact, in which a monomial stands with a sign, at sums of the two vectors on the sides of its matrix there."""
    if len(fact.any) != 1 or len(fact.any[0].slots) != 1:
        return
    (vector,) = fact.any
    one = opened(monomial, taken)
    for pattern, value in fact.positive.terms.items():
        places = [refs[0] for tensor, refs in pattern.factors if tensor == vector]
        rest = less(one.scalars, pattern.scalars, positive)
        if len(places) != 2 or rest is None:
            continue
        core = [factor for factor in pattern.factors if factor[0] != vector]
        if core and places[0] != places[1]:
            across = 1 if value * sign > 0 else -1
            yield from _sides(one, across, fact, vector, core, pattern, places, rest)


def _sides(
    one: Opened,
    across: int,
    fact: Fact,
    vector: Tensor,
    core: Sequence[object],
    pattern: Monomial,
    places: Sequence[object],
    scalars: Scalars,
) -> Iterator[Weight]:
    row, column = (Index(f"@{side}", vector.slots[0]) for side in ("row", "column"))
    kept = [bound for bound in range(len(pattern.dims)) if bound not in places]
    moved = {bound: number for number, bound in enumerate(kept)} | {places[0]: row, places[1]: column}
    factors = tuple(
        (tensor, tuple(moved.get(ref, ref) for ref in refs))
        for tensor, refs in pattern.factors
        if tensor != vector
    )
    alone = Monomial((), factors, tuple(pattern.dims[bound] for bound in kept))
    if not {row, column, *fact.indices} <= {ref for _, refs in factors for ref in refs}:
        return
    for free, gone, used in matches(one.factors, alone, set(one.names)):
        r, c, at = free[row], free[column], tuple(free[index] for index in fact.indices)
        if not (r.dim is c.dim is vector.slots[0]):
            continue  # the vector would be known on a part alone
        left = [factor for place, factor in enumerate(one.factors) if place not in used]
        names = [name for name in one.names if name not in gone]
        if r == c:
            yield from _crossed(fact, at, vector, r, left, scalars, names)
            if nonnegative(weight := product(left, scalars)):
                slot = _spare(vector, {*names, *met(left), r})
                yield from _at(fact, at, vector, delta(r, slot), slot, weight, names)
            continue
        mine, other = (
            [factor for factor in left if index in factor[1] and index in one.names] for index in (r, c)
        )
        if any(factor in other for factor in mine):
            continue
        loose = [factor for factor in left if factor not in mine and factor not in other]
        for sides in choices(range(3), repeat=len(loose)) if len(loose) <= MOST_FREE else ():
            to = [
                [factor for factor, side in zip(loose, sides, strict=True) if side == number]
                for number in range(3)
            ]
            yield from _of_pair(
                fact, at, vector, (mine + to[0], r), (other + to[1], c), to[2], across, scalars, names
            )


def _of_pair(
    fact: Fact, where: tuple[Index, ...], vector: Tensor, one: tuple[list[Factor], Index], other: tuple[list[Factor], Index],
    multiplier: list[Factor], across: int, scalars: Scalars, names: list[Index],
) -> Iterator[Weight]:  # fmt: skip
    """The fact at the sum or the difference of the two vectors; at the vector itself where they are one."""
    weight, outer = product(multiplier, scalars), met(multiplier)
    if not nonnegative(weight):
        return
    (left, r), (right, c) = one, other
    slot = _spare(vector, {*names, *met(left), *met(right), *outer})
    vectors = []
    for mine, index, there in ((left, r, met(right)), (right, c, met(left))):
        inner = [name for name in names if name in met(mine) and name not in there | outer | {index}]
        made = product(mine).sum(*inner)
        vectors.append(made.at({index: slot}) if index in names else made * delta(index, slot))
    a, b = vectors
    for value in (a,) if a == b else (a + across * b,):
        yield from _at(fact, where, vector, value, slot, weight, names)


def _crossed(
    fact: Fact,
    where: tuple[Index, ...],
    vector: Tensor,
    r: Index,
    left: list[Factor],
    scalars: Scalars,
    names: list[Index],
) -> Iterator[Weight]:
    """The fact at x_k e_r − x_r e_k, from a diagonal entry r and a square x_k²."""
    slot = _spare(vector, {*names, *met(left), r})
    for factor in dict.fromkeys(left):
        if left.count(factor) < 2:
            continue
        rest = list(left)
        rest.remove(factor)
        rest.remove(factor)
        weight = product(rest, scalars)
        for k in factor[1]:
            if k.dim is not r.dim or k == r or not nonnegative(weight):
                continue
            tensor, refs = factor
            swapped = (tensor, tuple(r if ref == k else ref for ref in refs))
            value = product([factor]) * delta(r, slot) - product([swapped]) * delta(k, slot)
            yield from _at(fact, where, vector, value, slot, weight, names)


def _at(
    fact: Fact,
    where: tuple[Index, ...],
    vector: Tensor,
    value: Expr,
    slot: Index,
    weight: Expr,
    names: list[Index],
) -> Iterator[Weight]:
    if not value:
        return
    free = tuple(sorted(value.free() - {slot}))
    try:
        shown = by(Substitute(fact, vector, value, (slot,)), fact.name, (*fact.indices, *free))
    except (BoundError, KernelError):
        return
    at = (*where, *free)
    bind = tuple(name for name in names if name in {*at, *weight.free()})
    yield Weight(weight, fact=shown, at=at, bind=bind)


def apart_from_all(fact: Fact) -> Fact:
    """A fact that holds for every vector, at indices of its own names, so that none of them is an index of the vector."""
    if not (fact.any and fact.indices):
        return fact
    at = tuple(Index(f"{index.name}_at", index.dim) for index in fact.indices)
    positive = fact.positive.at(dict(zip(fact.indices, at, strict=True)))
    return Fact(fact.name, positive, at, Certificate((Weight(fact=fact, at=at),)), fact.any)


def _spare(vector: Tensor, taken: set[Index]) -> Index:
    return Index(next(unused({index.name for index in taken})), vector.slots[0])
