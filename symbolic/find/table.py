"""The columns of the search for a certificate of one target: weights with their values, and uses of axioms, made from its monomials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from heapq import heappop, heappush
from itertools import chain
from itertools import count as numbers

from symbolic.bound import Certificate, Fact, Substitute, Weight, nonnegative
from symbolic.canonical import Scalars
from symbolic.find.degrees import Degrees
from symbolic.find.identity import scaled
from symbolic.find.linear import combination
from symbolic.find.opened import opened
from symbolic.find.parts import over_parts, sizes
from symbolic.find.program import support
from symbolic.find.relations import insertions, up_to_factor, uses
from symbolic.find.squares import of_facts, of_squares, off_diagonal, valued
from symbolic.find.substitutes import substituted
from symbolic.indexed import Expr, Monomial, Tensor, number
from symbolic.proof import Axiom, Use, divisors


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
        self.uses: list[Use | None] = []  # None where sums over parts alone make a sum over the whole
        self.relations: list[Expr] = []  # the values of the uses
        self._before = 0
        self._seen: set[object] = set()
        self._needs: list[tuple[float, int, Monomial, int, int, Made]] = []
        self._order = numbers()  # of needs that cost the same
        self._asked: set[tuple[Monomial, int]] = set()
        said = (*(axiom.zero for axiom in axioms), *(fact.positive for fact in facts))
        self._degrees = Degrees([target, *said])
        self._of_target = {self._degrees.of(monomial) for monomial in target.terms}
        self._heights = heights(axioms)
        self._wholes = {slot for tensor in target.tensors() for slot in tensor.slots if slot.parts}
        over = {dim for monomial in target.terms for dim in monomial.dims}
        self._mixed = {whole for whole in self._wholes if len(over & {whole, *whole.parts}) > 1}
        self._divided = allowed & divisors(target)
        self._known = {t for m, value in target.terms.items() if value > 0 for t, _ in m.factors}
        for monomial, value in target.ordered:
            self._ask(monomial, 1 if value > 0 else -1, 0)

    @cached_property
    def scales(self) -> Sequence[Scalars]:
        """The scalars of the monomials of the target."""
        return list(dict.fromkeys(monomial.scalars for monomial, _ in self.target.ordered))

    def grow(self, most: int) -> bool:
        """Whether there are more candidates than after the last call; they are made for so many needs, the cheapest first.

        A need is a monomial and the sign with which it is to stand in the value of a candidate, since it stands so in the target, or with
        the other sign in the value of another candidate.
        """
        for _ in range(min(most, len(self._needs))):
            _, _, monomial, sign, depth, made = heappop(self._needs)
            made(self, monomial, sign, depth)
        before, self._before = self._before, len(self.atoms) + len(self.uses)
        return self._before > before

    def _ask(self, monomial: Monomial, sign: int, depth: int) -> None:
        """Takes a need up, once."""
        if (monomial, sign) in self._asked:
            return
        self._asked.add((monomial, sign))
        alone = Expr({monomial: Fraction(1)})
        met = sign > 0 and nonnegative(alone)
        if met:
            self._add(Weight(alone), alone, depth)
            if depth:
                return
            self._weights(off_diagonal(opened(monomial, self.taken), alone, self.free), depth)
        if sign < 0:
            self._weights(sizes(monomial, self._wholes, self.allowed, self.taken), depth)
        for zero in over_parts(monomial, self._mixed):
            self._relate(None, zero, monomial, sign, depth)
        near = depth + self._size(monomial) / 3
        if met:  # as it stands in the target: something else may cancel it all the same
            self._push(near + 1, monomial, sign, depth, Table._by_facts_crossed)
            self._push(near + 4, monomial, sign, depth, Table._by_uses)
            return
        for cost, made in enumerate(MADE):
            self._push(near + cost, monomial, sign, depth, made)

    def _push(self, cost: float, monomial: Monomial, sign: int, depth: int, made: Made) -> None:
        if made is not Table._by_uses or self.axioms:
            heappush(self._needs, (cost, next(self._order), monomial, sign, depth, made))

    def _fits(self, value: Expr) -> bool:
        """Whether a value has the degrees of the target alone."""
        return all(self._degrees.of(monomial) in self._of_target for monomial in value.terms)

    def _size(self, monomial: Monomial) -> int:
        """How far a monomial is from the letters of the target: each other letter counts with what it stands for."""
        return sum(
            1 + (tensor not in self._known) * self._heights.get(tensor, 0) for tensor, _ in monomial.factors
        )

    def _by_facts(self, monomial: Monomial, sign: int, depth: int) -> None:
        self._weights(of_facts(monomial, sign, self.facts, self.allowed, self.taken, self.free), depth)
        for fact in self.facts:
            self._weights(substituted(monomial, sign, fact, self.allowed, self.taken), depth)

    def _by_facts_crossed(self, monomial: Monomial, sign: int, depth: int) -> None:
        self._weights(of_facts(monomial, sign, self.facts, self.allowed, self.taken, self.free, True), depth)

    def _by_squares(self, monomial: Monomial, sign: int, depth: int) -> None:
        scales = () if depth else self.scales
        self._weights(of_squares(monomial, sign, self.allowed, self.taken, scales, self.free), depth)

    def _by_uses(self, monomial: Monomial, sign: int, depth: int) -> None:
        for axiom in self.axioms:
            left = [
                (monomial, sign)
            ]  # what a letter stands for is put in the place of all its entries at once
            while left:
                here, signed = left.pop()
                for use in chain(
                    uses(here, axiom, self.allowed, self.taken, self._divided),
                    insertions(here, axiom, self.taken),
                ):
                    left += self._relate(use, use.value(), here, signed, depth)

    def _relate(
        self, use: Use | None, value: Expr, monomial: Monomial, sign: int, depth: int
    ) -> list[tuple[Monomial, int]]:
        """Takes up a use of an axiom; what it asks for that has the letter still which the axiom says what stands for."""
        key = up_to_factor(value.ordered)
        if not value or key in self._seen or not self._fits(value):
            return []
        self._seen.add(key)
        self.uses.append(use)
        self.relations.append(value)
        here = value.terms.get(monomial)
        left = []
        head = stands_for(use.axiom) if use else None
        for other, coefficient in value.ordered:
            if other == monomial:
                continue
            for signed in (1, -1) if here is None else (1 if coefficient * sign / here < 0 else -1,):
                if 0 < count(other, head) < count(monomial, head):
                    left.append((other, signed))
                elif self.target.terms.get(other, Fraction(0)) * signed >= 0:
                    self._ask(other, signed, depth + 1)
        return left

    def _weights(self, made: Iterator[Weight], depth: int) -> None:
        for weight, value in valued(made):
            if weight.root != number(1) or (weight.fact and isinstance(weight.fact.why, Substitute)):
                self.squares.append(weight)
            self._add(weight, value, depth)

    def _add(self, weight: Weight, value: Expr, depth: int) -> None:
        key = up_to_factor(value.ordered), value.ordered[0][1] > 0
        if key in self._seen or not self._fits(value):
            return
        self._seen.add(key)
        self.atoms.append((weight, value))
        for monomial, coefficient in value.ordered:
            self._ask_for(monomial, coefficient, depth)

    def _ask_for(self, monomial: Monomial, coefficient: Fraction, depth: int) -> None:
        """A need for what cancels a monomial in the value of a candidate, unless the target has it so."""
        if self.target.terms.get(monomial, Fraction(0)) * coefficient <= 0:
            self._ask(monomial, -1 if coefficient > 0 else 1, depth + 1)

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
                if (use := self.uses[place - len(self.atoms)]) is not None:
                    uses.append(scaled(use, value))
                continue
            if value < 0:
                return None
            weight = self.atoms[place][0]
            weights.append(
                Weight(weight.multiplier * number(value), weight.root, weight.fact, weight.at, weight.bind)
            )
        return Certificate(tuple(weights), tuple(uses))


def count(monomial: Monomial, letter: Tensor | None) -> int:
    """How many entries of a letter a monomial has."""
    return sum(tensor == letter for tensor, _ in monomial.factors)


def stands_for(axiom: Axiom) -> Tensor | None:
    """The letter of which an axiom says what it, or its square, stands for; None where it says something else."""
    letters = {tensor for monomial in axiom.lhs.terms for tensor, _ in monomial.factors}
    alone = len(axiom.lhs.terms) == len(letters) == 1 and not any(
        monomial.dims for monomial in axiom.lhs.terms
    )
    return letters.pop() if alone and not letters & axiom.rhs.tensors() else None


def heights(axioms: Sequence[Axiom]) -> dict[Tensor, int]:
    """How many letters deep what a letter stands for goes."""
    found: dict[Tensor, int] = {}
    for _ in axioms:
        for axiom in axioms:
            if (head := stands_for(axiom)) is not None:
                found[head] = 1 + max((found.get(tensor, 0) for tensor in axiom.rhs.tensors()), default=0)
    return found


Made = Callable[[Table, Monomial, int, int], None]
# What is made for a need, the cheapest first.
MADE: tuple[Made, ...] = (Table._by_facts, Table._by_uses, Table._by_squares, Table._by_facts_crossed)
