"""The columns of the search for a certificate of one target: weights with their values, and uses of axioms, made from its monomials."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from symbolic.bound import Certificate, Fact, Substitute, Weight
from symbolic.canonical import Scalars
from symbolic.find.identity import scaled
from symbolic.find.linear import combination
from symbolic.find.program import support
from symbolic.find.relations import closure, up_to_factor
from symbolic.find.squares import of_facts, of_squares, valued
from symbolic.find.substitutes import substituted
from symbolic.indexed import Expr, Monomial, number
from symbolic.proof import Axiom, Use


class Table:
    """Candidates for the weights of a certificate of a target, each once, and the uses of axioms that it may take.

    allowed   scalars by which a weight or a cofactor may divide
    taken     names of indices that nothing made here may have
    """

    def __init__(
        self,
        target: Expr,
        axioms: Sequence[Axiom],
        facts: Sequence[Fact],
        allowed: frozenset[str],
        taken: frozenset[str],
    ) -> None:
        self.target, self.axioms, self.facts = target, axioms, facts
        self.allowed, self.taken = allowed, taken
        self.free = sorted(target.free())
        self.atoms: list[tuple[Weight, Expr]] = []
        self.squares: list[Weight] = []  # also where two have one value
        self.uses: Sequence[Use] = ()
        self.relations: Sequence[Expr] = ()  # the values of the uses
        self._seen: set[object] = set()
        self._done: set[tuple[object, Monomial]] = set()

    def relate(self, levels: int, most: int) -> None:
        """Takes up uses of axioms that speak of monomials of the target and of weights without squares, and of what those uses bring in.

        levels, most   how often what uses bring in is looked at again, and how many uses there are at most
        """
        made = (value for weight, value in self.atoms if weight.root == number(1))
        front = _monomials((self.target, *made))
        found = closure(front, self.axioms, self.allowed, self.taken, levels, most)
        self.uses = next(iter(deque(found, maxlen=1)), [])
        self.relations = [use.value() for use in self.uses]

    @cached_property
    def scales(self) -> Sequence[Scalars]:
        """The scalars of the monomials of the target."""
        return list(dict.fromkeys(monomial.scalars for monomial, _ in self.target.ordered))

    def grow_by_facts(self, most: int) -> bool:
        """Whether weights were added: monomials that are nonnegative, and multiples of facts; no more than so many."""
        return self._grow(self._multiples, most)

    def grow_by_squares(self, most: int) -> bool:
        """Whether weights were added: squares of sums and differences; no more than so many."""
        return self._grow(self._squares, most)

    def _multiples(self, monomial: Monomial) -> Iterator[Weight]:
        yield from of_facts(monomial, self.facts, self.allowed, self.taken, self.free)
        for fact in self.facts:
            yield from substituted(monomial, fact, self.allowed, self.taken)

    def _squares(self, monomial: Monomial) -> Iterator[Weight]:
        return of_squares(monomial, self.allowed, self.taken, self.scales, self.free)

    def _grow(self, made: Callable[[Monomial], Iterator[Weight]], most: int) -> bool:
        before = len(self.atoms)
        for monomial in self._front() if most else ():
            if (made.__name__, monomial) in self._done:
                continue
            for weight, value in valued(made(monomial)):
                if weight.root != number(1) or (weight.fact and isinstance(weight.fact.why, Substitute)):
                    self.squares.append(weight)
                key = up_to_factor(value.ordered), value.ordered[0][1] > 0
                if key not in self._seen:
                    self._seen.add(key)
                    self.atoms.append((weight, value))
                if len(self.atoms) >= before + most:
                    return True
            self._done.add((made.__name__, monomial))
        return len(self.atoms) > before

    def _front(self) -> Sequence[Monomial]:
        return _monomials((self.target, *self.relations, *(value for _, value in self.atoms)))

    def solved(self) -> Certificate | None:
        """The linear program in float64, and then its support in exact arithmetic."""
        columns = [*(value for _, value in self.atoms), *self.relations]
        places = support(self.target, columns, len(self.atoms))
        if places is None:
            return None
        exact = combination([columns[place] for place in places], self.target)
        return None if exact is None else self.certificate({places[at]: value for at, value in exact.items()})

    def certificate(self, values: Mapping[int, Fraction], more: Sequence[Weight] = ()) -> Certificate | None:
        """The certificate with these multiples of atoms and then of uses; None where one of an atom is negative."""
        weights, uses = list(more), []
        for place, value in values.items():
            if place >= len(self.atoms):
                uses.append(scaled(self.uses[place - len(self.atoms)], value))
                continue
            if value < 0:
                return None
            weight = self.atoms[place][0]
            weights.append(
                Weight(weight.multiplier * number(value), weight.root, weight.fact, weight.at, weight.bind)
            )
        return Certificate(tuple(weights), tuple(uses))


def _monomials(exprs: Iterable[Expr]) -> Sequence[Monomial]:
    return list(dict.fromkeys(monomial for expr in exprs for monomial, _ in expr.ordered))
