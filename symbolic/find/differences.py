"""Letters for differences and sums of letters: x = w + y wherever that makes a target shorter, with w in the place of x − y.

A search in terms of w sees one square where the target has three products. What is found there is said in x and y again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from typing import Protocol

from symbolic.bound import Certificate, Fact, Substitute, Weight, by
from symbolic.find.opened import opened, product
from symbolic.indexed import DELTA, Expr, Index, Tensor, entry, number, total
from symbolic.proof import Axiom, Use

Refs = tuple[Index, ...]
MOST = 4  # letters that are brought in
KEPT = (
    10**4
)  # expressions whose shorter forms are kept, since each form of a target asks for those of the same axioms


@dataclass(frozen=True)
class Difference:
    """w[refs, outside] = x[refs] − sign · y[…], where each slot of y is one of x, by position, or stands for a free index.

    whole    the letter w
    places   for each slot of y the slot of w that it shares
    outside  dimensions of free indices that y has beside those of x
    """

    x: Tensor
    y: Tensor
    sign: int
    whole: Tensor
    places: tuple[int, ...]

    @staticmethod
    def of(x: Tensor, y: Tensor, sign: int, places: Sequence[int], outside: int) -> Difference:
        more = {place: y.slots[slot] for slot, place in enumerate(places) if place >= len(x.slots)}
        slots = (*x.slots, *(more[len(x.slots) + number] for number in range(outside)))
        name = f"{x.name} {'-' if sign > 0 else '+'} {y.name}"
        return Difference(x, y, sign, Tensor(name, slots), tuple(places))

    @property
    def axiom(self) -> Axiom:
        """What w stands for."""
        name = f"{self.x.name}_{self.y.name}"
        at = tuple(Index(f"{name}_{place}", slot) for place, slot in enumerate(self.whole.slots))
        return Axiom(
            f"what {self.whole.name} stands for", self.whole[at], self.written_out(self.whole[at]), at
        )

    def written_out(self, expr: Expr) -> Expr:
        """The expression in x and y."""
        if self.whole not in expr.tensors():
            return expr
        size = len(self.x.slots)
        return expr.replace(
            self.whole,
            lambda *refs: (
                self.x[refs[:size]] - self.sign * self.y[tuple(refs[place] for place in self.places)]
            ),
        )

    def shorter(self, expr: Expr) -> Expr:
        """The expression with w + sign · y in the place of x where that is shorter, else as it is."""
        return _shorter(self, expr)

    def may_cancel(self, expr: Expr) -> bool:
        """Whether a term without x has the letters of a term with y in the place of its x, so that it may be cancelled.

        Letters that sum to one are left out: where x has an index that y has not, they may be gone.
        """
        with_x, others = set[object](), set[object]()
        for monomial in expr.terms:
            named = [tensor for tensor, _ in monomial.factors]
            moved = [self.y if one == self.x else one for one in named]
            kept = sorted(one.key for one in moved if one.unit_sum is None)
            (with_x if self.x in named else others).add(tuple(kept))
        return not with_x.isdisjoint(others)

    def outside(self, expr: Expr) -> Refs | None:
        """The free indices that stand in y beside those of x, the same everywhere; None where there are none such."""
        if not {self.x, self.y} <= expr.tensors():
            return None
        size = len(self.x.slots)
        found: dict[int, set[object]] = {place: set() for place in self.places if place >= size}
        for monomial in expr.terms:
            for tensor, refs in monomial.factors:
                if tensor == self.y:
                    for place, ref in zip(self.places, refs, strict=True):
                        if place >= size:
                            found[place].add(ref)
        if any(len(refs) != 1 for refs in found.values()):
            return None
        alone = [next(iter(found[place])) for place in sorted(found)]
        kept = tuple(ref for ref in alone if isinstance(ref, Index))
        return kept if len(kept) == len(alone) else None


@lru_cache(maxsize=KEPT)
def _shorter(one: Difference, expr: Expr) -> Expr:
    outside = one.outside(expr) if one.may_cancel(expr) else None
    if outside is None:
        return expr

    def said(refs: Refs) -> Expr:
        every = (*refs, *outside)
        return one.whole[every] + one.sign * one.y[tuple(every[place] for place in one.places)]

    parts = []
    for head, factors, names in expr.opened():
        for tensor, refs in factors:
            head = head * (said(refs) if tensor == one.x else entry(tensor, refs))
        parts.append(head.sum(*names))
    found = total(parts)
    return found if len(found.terms) < len(expr.terms) else expr


def differences(exprs: Sequence[Expr]) -> list[Difference]:
    """Differences and sums that make expressions shorter, one after the other, those first that save most."""
    found: list[Difference] = []
    while len(found) < MOST:
        saved = {
            one: sum(len(expr.terms) - len(one.shorter(expr).terms) for expr in exprs)
            for one in dict.fromkeys(one for expr in exprs for one in _candidates(expr))
        }
        best = min(saved, key=lambda one: (-saved[one], one.whole.name), default=None)
        if best is None or not saved[best]:
            break
        found.append(best)
        exprs = [best.shorter(expr) for expr in exprs]
    return found


def _candidates(target: Expr) -> Iterator[Difference]:
    """Pairs of letters of the same slots, and those that share an index in some term, with the slots that they share."""
    seen = set()
    for x, y in permutations(sorted(target.tensors() - {DELTA}, key=lambda tensor: tensor.name), 2):
        if x.slots == y.slots and not x.symmetric:
            for sign in (1, -1):
                seen.add(made := Difference.of(x, y, sign, range(len(x.slots)), 0))
                yield made
    for monomial, _ in target.ordered:
        one = opened(monomial, ())
        for (x, at), (y, there) in permutations(one.factors, 2):
            if x == y or DELTA in (x, y) or x.symmetric or not {*at} & {*there} or len(there) < len(at):
                continue
            outside = list(dict.fromkeys(ref for ref in there if ref not in at))
            if any(ref in one.names for ref in outside) or len({*at}) < len(at):
                continue
            places = tuple((*at, *outside).index(ref) for ref in there)
            if any(
                place < len(at) and x.slots[place] is not y.slots[slot] for slot, place in enumerate(places)
            ):
                continue
            for sign in (1, -1):
                made = Difference.of(x, y, sign, places, len(outside))
                if made not in seen:
                    seen.add(made)
                    yield made


class Whole(Protocol):
    """A letter that stands for a difference, which can be written out."""

    @property
    def whole(self) -> Tensor: ...

    def written_out(self, expr: Expr) -> Expr: ...


@dataclass(frozen=True)
class Shortened:
    """A target, and what a proof of it may take, in terms of differences, with the way back."""

    differences: Sequence[Whole]
    target: Expr
    axioms: Sequence[Axiom]
    facts: Sequence[Fact]
    of_facts: dict[int, Fact]
    of_axioms: dict[int, Axiom]

    @staticmethod
    def of(target: Expr, axioms: Sequence[Axiom], facts: Sequence[Fact]) -> Shortened | None:
        """The shorter form; None where no difference makes the target shorter, or what letters in it stand for."""
        found = differences([target, *(axiom.rhs for axiom in axioms)])
        if not found:
            return None

        def short(expr: Expr) -> Expr:
            for one in found:
                expr = one.shorter(expr)
            return expr

        new_facts = [replace(fact, positive=short(fact.positive)) for fact in facts]
        new_axioms = [replace(axiom, lhs=short(axiom.lhs), rhs=short(axiom.rhs)) for axiom in axioms]
        said = [one.axiom for one in found] if axioms else []
        return Shortened(
            found, short(target), [*new_axioms, *said], new_facts,
            {id(new): old for new, old in zip(new_facts, facts, strict=True)},
            {id(new): old for new, old in zip(new_axioms, axioms, strict=True)},
        )  # fmt: skip

    def written_out(self, certificate: Certificate) -> Certificate | None:
        """The certificate in the letters themselves; None where a multiplier has a difference to an odd power."""
        weights = [self._weight(weight) for weight in certificate.weights]
        uses = tuple(
            Use(self.of_axioms[id(use.axiom)], self._expr(use.cofactor), use.at, use.bind)
            for use in certificate.uses
            if id(use.axiom) in self.of_axioms  # what w stands for is 0 = 0 then
        )
        if any(weight is None for weight in weights):
            return None
        return Certificate(tuple(weight for weight in weights if weight is not None), uses)

    def _expr(self, expr: Expr) -> Expr:
        for one in reversed(self.differences):
            expr = one.written_out(expr)
        return expr

    def _weight(self, weight: Weight) -> Weight | None:
        multiplier, names = _opened(weight.multiplier, {index.name for index in (*weight.open, *weight.bind)})
        root = weight.root
        for one in self.differences:
            parted = _without(multiplier, one.whole)
            if parted is None:
                return None
            multiplier, root = parted[0], root * parted[1]
        fact = weight.fact
        if fact is not None and id(fact) in self.of_facts:
            fact = self.of_facts[id(fact)]
        elif fact is not None and isinstance(why := fact.why, Substitute):
            of = self.of_facts[id(why.fact)]
            definition = self._expr(why.definition)
            fact = by(Substitute(of, why.tensor, definition, why.indices), fact.name, fact.indices)
        return Weight(self._expr(multiplier), self._expr(root), fact, weight.at, (*weight.bind, *names))


def _opened(multiplier: Expr, taken: set[str]) -> tuple[Expr, tuple[Index, ...]]:
    """A multiplier of one term without its sums, and the indices that it is summed over."""
    if len(multiplier.terms) != 1:
        return multiplier, ()
    ((monomial, value),) = multiplier.terms.items()
    one = opened(monomial, taken)
    return value * product(one.factors, one.scalars), one.names


def _without(multiplier: Expr, letter: Tensor) -> tuple[Expr, Expr] | None:
    """A multiplier without pairs of equal entries of a letter, and the product of one of each pair; None where that leaves some."""
    if letter not in multiplier.tensors():
        return multiplier, number(1)
    if len(multiplier.terms) != 1:
        return None
    ((monomial, value),) = multiplier.terms.items()
    mine = [factor for factor in monomial.factors if factor[0] == letter]
    if any(mine.count(factor) % 2 for factor in mine):
        return None
    rest = [factor for factor in monomial.factors if factor[0] != letter]
    half = mine[::2]  # equal factors stand side by side
    return Fraction(value) * product(rest, monomial.scalars), product(half)  # type: ignore[arg-type]
