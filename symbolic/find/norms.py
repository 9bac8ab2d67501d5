"""Upper bounds U ≥ Σ x² of letters as values, and how bounds of factors give one of a product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from symbolic.bound import Certificate, Fact, Weight
from symbolic.find.opened import Factor, Opened, product
from symbolic.indexed import Expr, Index, Tensor, delta, number


@dataclass(frozen=True)
class Bound:
    """A fact upper ≥ Σ x[at]², the sum over some of the slots of x.

    facts    what it rests on; nothing where `upper` is the sum itself
    summed   the slots that are summed over
    """

    facts: tuple[Fact, ...]
    at: tuple[Index, ...]
    upper: Expr
    summed: frozenset[int]

    def moved(self, refs: Sequence[Index]) -> Expr:
        """The upper bound at these indices."""
        return self.upper.at({one: ref for one, ref in zip(self.at, refs, strict=True) if one != ref})


@dataclass(frozen=True)
class Estimate:
    """A bound that has no proof yet.

    summed   places of the indices that are summed over
    counted  how many sizes of dimensions it is multiplied by
    """

    upper: Expr
    summed: frozenset[int]
    facts: tuple[Fact, ...]
    counted: int


def together(
    one: Opened, factors: Sequence[Factor], bounds: Sequence[Bound], weighted: set[Index]
) -> tuple[Expr, set[Index], int] | None:
    """The upper bound of a product by bounds of its factors, the indices that it is summed over, and how many sizes it has."""
    parts = [bound.moved(refs) for (_, refs), bound in zip(factors, bounds, strict=True)]
    summed = [refs[place] for (_, refs), bound in zip(factors, bounds, strict=True) for place in bound.summed]
    depends = {index for part in parts for index in part.free()}
    if depends & {*summed} or weighted & (depends | {*summed}):
        return None
    upper, counted = product((), one.scalars) ** 2, 0
    for part in parts:
        upper = upper * part
    for name in one.names:
        if name in weighted or summed.count(name) > 1:
            continue
        size = number(1).sum(name)
        powers = 1 if name in depends or name in summed else 2
        upper = (upper.sum(name) if name in depends else upper) * size**powers
        counted += powers
    return upper, {*summed} - {*one.names}, counted


def itself(x: Tensor, summed: frozenset[int]) -> Bound:
    """The sum of squares itself as a bound."""
    at = tuple(Index(f"{x.name}_{place}", slot) for place, slot in enumerate(x.slots))
    return Bound((), at, (x[at] ** 2).sum(*(at[place] for place in sorted(summed))), summed)


def of_weights(s: Tensor) -> Bound:
    """Σ s² ≤ 1 of weights that sum to one."""
    assert s.unit_sum is not None
    at = tuple(Index(f"{s.name}_{place}", slot) for place, slot in enumerate(s.slots))
    i = at[s.unit_sum]
    j = Index(f"{i.name}_other", i.dim)
    gap = number(1) - (s[at] ** 2).sum(i)
    weight = Weight(s[at] * s[at].at({i: j}), number(1) - delta(i, j), bind=(i, j))
    fact = Fact(f"squares of {s.name}", gap, tuple(sorted(gap.free())), Certificate((weight,)))
    return Bound((fact,), at, number(1), frozenset((s.unit_sum,)))


def subsets(count: int) -> Iterator[frozenset[int]]:
    return (frozenset(some) for size in range(count + 1) for some in combinations(range(count), size))
