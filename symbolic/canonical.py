"""The canonical form of one product of tensor entries: its bound indices numbered, its factors sorted (rule: rename).

Two products that are equal up to the names of their bound indices, the order of their factors and the order of the slots of
symmetric tensors have one form. An index is free (an object with a dimension) or bound (a number).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from symbolic.dimension import Dimension
    from symbolic.indexed import Index, Tensor

Ref: TypeAlias = "Index | int"
Factor: TypeAlias = "tuple[Tensor, tuple[Ref, ...]]"
Factors: TypeAlias = "tuple[Factor, ...]"
Summed: TypeAlias = (
    "tuple[Factors, tuple[Dimension, ...]]"  # with the dimensions of the bound indices 0, 1, …
)
OrderKey: TypeAlias = tuple[int, int, str, str]
Power: TypeAlias = int | Fraction
Scalars: TypeAlias = tuple[tuple[str, Power], ...]


def renamed(factors: Factors, new: Mapping[Any, Ref]) -> Factors:
    """The factors with new names for the references in `new`, all at once."""
    return tuple([(tensor, tuple([new.get(ref, ref) for ref in refs])) for tensor, refs in factors])


def order(ref: Ref) -> OrderKey:
    return (1, ref, "", "") if isinstance(ref, int) else ref.key


def _key(factor: Factor) -> tuple[tuple[Any, ...], list[OrderKey]]:
    return factor[0].key, [order(ref) for ref in factor[1]]


def sorted_factors(factors: Iterable[Factor]) -> Factors:
    ordered = [(t, tuple(sorted(refs, key=order)) if t.symmetric else refs) for t, refs in factors]
    return tuple(sorted(ordered, key=_key) if len(ordered) > 1 else ordered)


def merged(scalars: Scalars) -> Scalars:
    """Each scalar once, with the sum of its powers."""
    if not scalars or (len(scalars) == 1 and scalars[0][1]):
        return scalars
    powers: dict[str, Power] = {}
    for name, power in scalars:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


@lru_cache(maxsize=1 << 16)
def canonical(factors: Factors, alive: tuple[tuple[int, Dimension], ...]) -> Summed:
    """Number the bound indices: refine colours, break ties by trying each member of the first tied class."""
    dims = dict(alive)
    kinds = {tensor: kind for kind, tensor in enumerate(sorted({tensor for tensor, _ in factors}))}
    # The seats of each bound index: which factor, and where in it, whatever the colours are.
    seats: dict[int, list[tuple[int, int, tuple[int, ...]]]] = {b: [] for b in dims}
    for number, (tensor, refs) in enumerate(factors):
        for slot, r in enumerate(refs):
            if isinstance(r, int):
                same = tuple(other == r for other in refs)
                place = (sum(same),) if tensor.symmetric else (slot, *same)
                seats[r].append((number, kinds[tensor], place))

    def refine(colour: dict[int, int]) -> dict[int, int]:
        """Tell bound indices apart by the factors they stand in, until that tells no more of them apart."""
        while True:
            before = len(set(colour.values()))
            if before == len(colour):
                return {b: position for position, b in enumerate(sorted(colour, key=colour.__getitem__))}
            shown: list[tuple[OrderKey, ...]] = []
            for tensor, refs in factors:
                seen = [order(colour[r] if isinstance(r, int) else r) for r in refs]
                shown.append(tuple(sorted(seen) if tensor.symmetric else seen))
            keys = {
                b: (colour[b], sorted([(kind, shown[number], place) for number, kind, place in its]))
                for b, its in seats.items()
            }
            distinct = [key for key, _ in groupby(sorted(keys.values()))]
            colour = {b: distinct.index(key) for b, key in keys.items()}
            if len(distinct) == before:
                return colour

    def twins(one: int, other: int) -> bool:
        """Whether exchanging two bound indices leaves the monomial as it is: then one speaks for both."""
        return sorted_factors(renamed(factors, {one: other, other: one})) == sorted_factors(factors)

    def search(colour: dict[int, int]) -> Summed:
        colour = refine(colour)
        classes: dict[int, list[int]] = {}
        for b, c in colour.items():
            classes.setdefault(c, []).append(b)
        tied = next((classes[c] for c in sorted(classes) if len(classes[c]) > 1), None)
        if tied is None:
            named = renamed(factors, colour)
            return sorted_factors(named), tuple(dims[classes[c][0]] for c in sorted(classes))
        tried = [b for n, b in enumerate(tied) if not any(twins(b, earlier) for earlier in tied[:n])]
        # Doubling keeps the order of the classes; the chosen one goes before its peers.
        options = [search({b: 2 * c - (b == chosen) for b, c in colour.items()}) for chosen in tried]
        return min(options, key=lambda option: [_key(factor) for factor in option[0]])

    start = sorted(set(dims.values()))
    return search({b: start.index(dim) for b, dim in dims.items()})
