"""Moments of random letters by their cumulants.

A law is one row of the data, of these forms; letters of mean zero have no odd moments:

  {"variance": terms}                                    mean 0, entries uncorrelated; no moment beyond the second is known
  {"variance": terms, "gaussian": true}                  Gaussian entries, independent of each other
  {"variance": terms, "fourth": terms}                   independent entries with symmetric laws; moments up to the fourth
  {"second": letter}                                     the second moments, and no other one: the mean need not be 0
  {"second": letter, "centred": true}                    mean 0, this covariance over the first slot, the other slots uncorrelated
  {"second": letter, "gaussian": true}                   Gaussian, mean 0, this covariance over the first slot, the other slots independent

Where variance and fourth moment depend on the entry, "indices" are the indices of the entry in these terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from .terms import Tensor, Term, need, renamed, scaled, shown, times
from .types import Types, inside

Entry = tuple[str, ...]
MOST = 8  # the largest order of a Gaussian moment


def same(one: Entry, other: Entry) -> Term:
    """1 where two entries are the same."""
    return Term(factors=tuple(("delta", pair) for pair in zip(one, other, strict=True)))


class Moments:
    """The moments of one random letter."""

    def __init__(
        self,
        name: str,
        row: Mapping[str, Any],
        tensors: Mapping[str, Tensor],
        types: Types,
        read: Callable[[Any], list[Term]],
    ) -> None:
        given, by = tensors[name], row.keys() - {"gaussian", "centred", "indices"}
        need(by in ({"variance"}, {"second"}, {"variance", "fourth"}), f"{name}: {', '.join(row)} say no law")
        self.gaussian = "gaussian" in row
        need(
            "centred" not in row or (row["centred"] is True and by == {"second"} and not self.gaussian),
            f"{name}: no centred law",
        )
        self.centred = self.gaussian or "variance" in row or "centred" in row
        need(
            not self.gaussian or (row["gaussian"] is True and "fourth" not in row), f"{name}: no Gaussian law"
        )
        self.name, self.variance, self.fourth, self.second = name, None, None, row.get("second")
        need("second" not in row or "indices" not in row, f"{name}: second moments have no indices")
        self.indices = types.free(row.get("indices", ()))
        if "indices" in row:
            fits = len(self.indices) == len(given.slots) and all(map(inside, given.slots, self.indices))
            need(fits, f"{name}: a law at other indices than those of an entry")
        if "variance" in row:
            self.variance = read(row["variance"])
            self.fourth = read(row["fourth"]) if "fourth" in row else None
        else:
            known = tensors[row["second"]]
            self.taken = len(known.slots) // 2
            fits = known.symmetric and known.slots == 2 * given.slots[: self.taken]
            whole = self.taken == len(given.slots) or self.gaussian or self.centred
            need(fits and whole, f"{self.second}: no second moments of {name}")
        need(not (self.centred and given.nonneg), f"{name} is nonnegative, and its mean is not 0")

    def said(self) -> str:
        """The law in words."""
        at = f" at [{', '.join(self.indices)}]" if self.indices else ""
        if self.second is not None:
            whole = (
                f"covariance {self.second} over the first slot"
                if self.centred
                else f"second moments {self.second}"
            )
            return (
                f"Gaussian, mean 0, {whole}"
                if self.gaussian
                else f"mean 0, {whole}"
                if self.centred
                else whole
            )
        variance = f"variance {shown(self.variance or [])}{at}"
        if self.fourth is not None:
            fourth = f"fourth moment {shown(self.fourth)}"
            return f"mean 0, entries independent with symmetric laws, {variance}, {fourth}"
        return f"{'Gaussian, ' if self.gaussian else ''}mean 0, entries uncorrelated, {variance}"

    def inside(self) -> list[Term]:
        """The terms that the law is made of."""
        second = [Term(factors=((self.second, ()),))] if self.second is not None else []
        return [*(self.variance or ()), *(self.fourth or ()), *second]

    def of(self, entries: Sequence[Entry]) -> list[Term]:
        """E of a product of entries; refuses where the law does not give the moment."""
        order, most = len(entries), MOST if self.gaussian else 2 if self.fourth is None else 4
        which = "only first and second are known" if most == 2 else f"known are those up to {most}"
        need(order <= most, f"a moment of order {order} of {self.name}: {which}")
        need(order % 2 == 0 or self.centred, f"the first moment of {self.name} is not known")
        return self.moment(entries)

    def moment(self, entries: Sequence[Entry]) -> list[Term]:
        """The first entry with one or three others by a cumulant, times the moment of the rest; nothing where an entry is left alone."""
        if not entries:
            return [Term()]
        first, *others = entries
        result = []
        for group, cumulant in self.groups(first, others):
            rest = [entry for place, entry in enumerate(others) if place not in group]
            result += times(cumulant, self.moment(rest))
        return result

    def groups(self, first: Entry, others: Sequence[Entry]) -> Iterator[tuple[tuple[int, ...], list[Term]]]:
        """The places of the others that stand with the first in one cumulant, and the cumulant."""
        for place, other in enumerate(others):
            yield (place,), self.covariance(first, other)
        if self.fourth is not None:
            for group in combinations(range(len(others)), 3):
                square = times(self.at(self.variance, first), self.at(self.variance, first))
                apart = self.at(self.fourth, first) + scaled(square, -3)
                for place in group:
                    apart = times(apart, [same(first, others[place])])
                yield group, apart

    def covariance(self, one: Entry, other: Entry) -> list[Term]:
        """E of the product of two entries."""
        if self.second is None:
            return times([same(one, other)], self.at(self.variance, one))
        rest = same(one[self.taken :], other[self.taken :])
        together = (self.second, one[: self.taken] + other[: self.taken])
        return [rest._replace(factors=(*rest.factors, together))]

    def at(self, terms: list[Term] | None, entry: Entry) -> list[Term]:
        """What a law says of this entry."""
        found: Iterable[Term] = terms or []
        return renamed(list(found), self.indices, entry) if self.indices else list(found)
