"""Moments of random letters at one size, entry by entry: the route of `symbolic.expand`, which shares no code with the kernel.

Independent entries have one moment each. Those of a Gaussian letter with a covariance follow by Stein's identity,
E[x_a f] = Σ_b cov(a, b) E[∂f/∂x_b].
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import prod

from symbolic.calculus import Law
from symbolic.entries import Entries, positions
from symbolic.indexed import Expr, Tensor
from symbolic.polynomials import Place, Polynomial, Unsupported, entry

Powers = tuple[int, ...]


class Chance:
    """One random letter at a size; `scope` has the positions of the free indices of its law."""

    def __init__(self, size: Entries, letter: Tensor, law: Law, scope: Mapping[str, int]) -> None:
        if law.second is not None and not (law.gaussian or law.centred):
            raise Unsupported("second moments that are not those of uncorrelated entries")
        self.size, self.law, self.scope = size, law, scope
        self.places = list(size.places(letter.name))
        self.where = [size.where[entry(letter.name, at)] for at in self.places]
        self._known: dict[Powers, Polynomial] = {}

    def mean(self, powers: Powers) -> Polynomial:
        """E of the product of the entries to these powers. Raises Unsupported where the law does not give it."""
        if sum(powers) > self.law.order:
            raise Unsupported(f"a moment beyond order {self.law.order}")
        if powers not in self._known:
            self._known[powers] = self._by_parts(powers) if self.law.second else self._apart(powers)
        return self._known[powers]

    def _apart(self, powers: Powers) -> Polynomial:
        if any(power % 2 for power in powers):
            return self.size.zero
        return prod(
            (self._even(place, power) for place, power in enumerate(powers) if power), start=self.size.one
        )

    def _even(self, place: int, power: int) -> Polynomial:
        """The moment of one entry."""
        variance, fourth = self._at[place]
        if power == 4 and fourth is not None:
            return fourth
        return variance ** (power // 2) * prod(range(1, power, 2))

    @cached_property
    def _at(self) -> list[tuple[Polynomial, Polynomial | None]]:
        """Variance and fourth moment of each entry."""
        return [(self._said(self.law.variance, at), self._fourth(at)) for at in self.places]

    def _fourth(self, at: Place) -> Polynomial | None:
        return None if self.law.fourth is None else self._said(self.law.fourth, at)

    def _said(self, expr: Expr, at: Place) -> Polynomial:
        own = positions(self.law.at, at) if self.law.at else {}
        return self.size.of(expr, {**self.scope, **own})

    def _by_parts(self, powers: Powers) -> Polynomial:
        """Stein's identity at the first entry that has a power."""
        first = next((place for place, power in enumerate(powers) if power), None)
        if first is None:
            return self.size.one
        rest = _lowered(powers, first)
        found = self.size.zero
        for place, power in enumerate(rest):
            if power and (covariance := self._covariance(first, place)):
                found += self.size.times(covariance * power, self.mean(_lowered(rest, place)))
        return found

    def _covariance(self, one: int, other: int) -> Polynomial:
        second, (left, right) = self.law.second, (self.places[one], self.places[other])
        assert second is not None
        taken = len(second.slots) // 2
        if left[taken:] != right[taken:]:
            return self.size.zero
        return self.size.letter(second.name, (*left[:taken], *right[:taken]))


def _lowered(powers: Powers, place: int) -> Powers:
    return (*powers[:place], powers[place] - 1, *powers[place + 1 :])
