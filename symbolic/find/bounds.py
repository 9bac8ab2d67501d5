"""Bounds of letters by lemmas of their own, U ≥ Σ x², from what letters stand for upwards: chains of norm estimates.

A vector stays a letter until its own bound is proved. What U is follows from the bounds of the factors of what x stands for: by
Cauchy–Schwarz where two of them are summed over an index, by Jensen where an index carries weights that sum to one, by the number of
indices else, and by the triangle inequality for sums. Each lemma is proved like any other target.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from itertools import product as choices

from symbolic.bound import BoundError, Certificate, Fact, Letter, Substitute, Weight, by, letters, nonnegative
from symbolic.course import SoftmaxPair
from symbolic.find.cauchy import monomial_root
from symbolic.find.differences import Difference, differences
from symbolic.find.library import moved, softmaxes
from symbolic.find.norms import Bound, Estimate, itself, of_weights, subsets, together
from symbolic.find.opened import Factor, Opened, met, opened, product
from symbolic.find.relations import norms_of
from symbolic.find.squares import of_facts, valued
from symbolic.find.table import stands_for
from symbolic.find.triangle import Side, root, telescoped, triangle
from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor, delta, number, total
from symbolic.proof import Axiom, Use
from symbolic.rules import HALF

TRIED, KEPT = 4, 2  # bounds of a letter that are tried, and that are kept
Prove = Callable[[Fact, Sequence[Axiom], Sequence[Fact]], Fact | None]


def bounds_of(target: Expr, axioms: Sequence[Axiom], facts: Sequence[Fact], prove: Prove) -> Iterator[Fact]:
    """Bounds of the letters that a target needs to be small, in terms of the letters that it needs to be large.

    Letters that are made of these stay letters at the second attempt.
    """
    large = Expr({m: value for m, value in target.terms.items() if nonnegative(Expr({m: value}))})
    small = (target - large).tensors() - large.tensors()
    tops = [axiom for axiom in axioms if stands_for(axiom) in small]
    above = {t for axiom in axioms if axiom.rhs.tensors() & large.tensors() for t in axiom.lhs.tensors()}
    known = letters(target) | norms_of(letters(large), axioms)
    there = frozenset(large.tensors())
    apart = differences([target])
    for opaque in dict.fromkeys((there, there | above - small)) if tops or apart else ():
        bounds = Bounds(axioms, facts, opaque, known, prove)
        for one in apart:
            yield from (fact for bound in bounds.apart(one) for fact in bound.facts)
        for x in dict.fromkeys(tensor for axiom in tops for tensor in axiom.lhs.tensors()):
            yield from (fact for bound in bounds.of(x) for fact in bound.facts)


def in_place(
    target: Expr, fact: Fact, positive: frozenset[str], taken: frozenset[str]
) -> tuple[list[Weight], Expr]:
    """Multiples of a bound that take what it bounds out of a target, and what is left of that."""
    weights, rest = list[Weight](), target
    for monomial, _ in target.ordered:
        coefficient = rest.terms.get(monomial, Fraction(0))
        for weight, value in valued(of_facts(monomial, -1, [fact], positive, taken)):
            if coefficient < 0 and value.terms.get(monomial, 0) < 0:
                times = coefficient / value.terms[monomial]
                weights.append(replace(weight, multiplier=weight.multiplier * times))
                rest = rest - times * value
                break
    return weights, rest


@dataclass
class Bounds:
    """The bounds of letters in terms of others.

    opaque  letters that are bounded by themselves alone
    known   letters that an upper bound may have beside these
    """

    axioms: Sequence[Axiom]
    facts: Sequence[Fact]
    opaque: frozenset[Tensor]
    known: frozenset[Letter]
    prove: Prove
    _found: dict[Tensor, list[Bound]] = field(default_factory=dict)
    _apart: dict[Tensor, list[Bound]] = field(default_factory=dict)

    def of(self, x: Tensor) -> list[Bound]:
        """Bounds of a letter: what facts say of it and what its definition leads to; else its own sum of squares."""
        if x not in self._found:
            self._found[x] = []  # while it is bounded, nothing that it stands for has a bound by way of it
            found: list[Bound] = []
            with suppress(BoundError, KernelError):  # where a bound does not type, as at an index of a part
                found += [] if x in self.opaque else [*self._said(x), *self._derived(x)]
            self._found[x] = found or [itself(x, some) for some in subsets(len(x.slots))]
        return self._found[x]

    def _said(self, x: Tensor) -> Iterator[Bound]:
        """Bounds by facts and by axioms, and by what a letter is."""
        if x.unit_sum is not None and x.nonneg:
            yield of_weights(x)
        for axiom in self.axioms:
            for sign in (1, -1) if x in axiom.zero.tensors() else ():
                shown = Certificate((), (Use(axiom, number(sign), axiom.indices),))
                yield from self._read(x, Fact(axiom.name, sign * axiom.zero, axiom.indices, shown))
        for fact in self.facts:
            if not fact.any:
                yield from self._read(x, fact)
            elif len(fact.any) == 1 and len(fact.any[0].slots) == 1:
                unit, slot = (Index(f"{x.name}_{place}", fact.any[0].slots[0]) for place in "us")
                rule = Substitute(fact, fact.any[0], delta(unit, slot), (slot,))
                yield from self._read(x, by(rule, fact.name, (*fact.indices, unit)))

    def _read(self, x: Tensor, fact: Fact) -> Iterator[Bound]:
        """The fact as a bound of the letter, if it is one."""
        below = [(m, value) for m, value in fact.positive.terms.items() if value < 0]
        if len(below) != 1 or below[0][1] != -1 or below[0][0].scalars:
            return
        one = opened(below[0][0], {index.name for index in fact.positive.free()})
        upper = fact.positive + Expr({below[0][0]: Fraction(1)})
        if [tensor for tensor, _ in one.factors] != [x, x] or one.factors[0] != one.factors[1]:
            return
        refs = one.factors[0][1]
        if len({*refs}) == len(refs) and letters(upper) <= self.known and nonnegative(upper):
            for at in (refs, refs[::-1]) if x.symmetric else (refs,):
                yield Bound((fact,), at, upper, frozenset(p for p, ref in enumerate(at) if ref in one.names))

    def _derived(self, x: Tensor) -> Iterator[Bound]:
        """Bounds by what the letter stands for, each with its proof."""
        definition = self._definition(x)
        if definition is None or any(len(monomial.factors) > 1 for monomial in definition.lhs.terms):
            return
        at = definition.indices
        yield from islice(self._proved(f"a bound of {x.name}", x[at], at, definition.rhs, [definition]), KEPT)

    def _definition(self, x: Tensor) -> Axiom | None:
        return next((axiom for axiom in self.axioms if stands_for(axiom) == x), None)

    def _proved(
        self, name: str, x: Expr, at: tuple[Index, ...], rhs: Expr, definitions: Sequence[Axiom]
    ) -> Iterator[Bound]:
        """Bounds of x at these indices, which stands for the right side by its definitions, each with its proof."""
        every = dict.fromkeys(
            one for one in self._estimates(at, rhs) if letters(one.upper) - {*self.opaque} <= self.known
        )
        for one in sorted(every, key=lambda one: (one.counted, len(one.summed)))[:TRIED]:
            squares = (x**2).sum(*(at[place] for place in sorted(one.summed)))
            lemma = Fact(name, one.upper - squares, tuple(sorted((one.upper - squares).free())))
            if (proof := self.prove(lemma, definitions, one.facts)) is not None:
                yield Bound((proof,), at, one.upper, one.summed)

    def _estimates(self, at: tuple[Index, ...], rhs: Expr) -> Iterator[Estimate]:
        """Upper bounds of Σ rhs² over some of the indices."""
        short, parted = rhs, list(dict.fromkeys(one for i in at for one in differences([(rhs**2).sum(i)])))
        for one in parted if len(rhs.terms) > 1 else ():
            short = one.shorter(short)
        for form, apart in ((short, parted), *telescoped(short)):
            yield from self._of_sum(at, form, {one.whole: one for one in apart})

    def _of_sum(
        self, at: tuple[Index, ...], form: Expr, wholes: Mapping[Tensor, Difference]
    ) -> Iterator[Estimate]:
        """Upper bounds of Σ form² over some of the indices; of several terms by the triangle inequality."""
        taken = {index.name for index in at}
        parts = [
            [
                replace(some, upper=value**2 * some.upper)
                for some in self._products(opened(m, taken), at, wholes)
            ]
            for m, value in form.ordered
        ]
        if len(parts) == 1:
            yield from parts[0]
            return
        for chosen in choices(*(sorted(part, key=lambda some: some.counted)[:KEPT] for part in parts)):
            if len({some.summed for some in chosen}) != 1:
                continue
            sides = [
                self._side(Expr({m: value}), some, at, wholes)
                for (m, value), some in zip(form.ordered, chosen, strict=True)
            ]
            known = [side for side in sides if side is not None]
            if len(known) == len(sides):
                over = tuple(at[place] for place in sorted(chosen[0].summed))
                upper = total(side.a for side in known) ** 2
                counted = sum(some.counted for some in chosen)
                yield Estimate(upper, chosen[0].summed, (triangle(known, over),), counted)

    def _side(
        self, part: Expr, some: Estimate, at: tuple[Index, ...], wholes: Mapping[Tensor, Difference]
    ) -> Side | None:
        """A part of what a letter stands for, and the root of what an estimate says of it, with a proof."""
        if (found := root(some.upper, self.axioms, self.known)) is None:
            return None
        a, axioms = found
        for one in wholes.values():
            part = one.written_out(part)
        gap = a**2 - (part**2).sum(*(at[place] for place in sorted(some.summed)))
        free = tuple(index for place, index in enumerate(at) if place not in some.summed)
        fact = self.prove(Fact("a bound of a part", gap, free), axioms, some.facts)
        return None if fact is None else Side(a, part, fact)

    def _products(
        self, one: Opened, at: tuple[Index, ...], wholes: Mapping[Tensor, Difference]
    ) -> Iterator[Estimate]:
        """Upper bounds of Σ (Σ_names f g …)² over some of the indices, one for each choice of bounds of the factors."""
        if any(len({*refs}) < len(refs) or tensor == DELTA for tensor, refs in one.factors):
            return
        yield from self._operators(one, at, wholes)
        weights = {
            refs[tensor.unit_sum]: (tensor, refs)
            for tensor, refs in one.factors
            if tensor.unit_sum is not None and tensor.nonneg and refs[tensor.unit_sum] in one.names
        }
        for weighted in (weights, {}) if weights else ({},):
            rest = [factor for factor in one.factors if factor not in weighted.values()]
            every = [
                list(self._of_difference(wholes[tensor], weighted.values()))
                if tensor in wholes
                else self.of(tensor)
                for tensor, _ in rest
            ]
            for some in choices(*every):
                made = together(one, rest, some, {*weighted})
                if made is not None:
                    upper, summed, counted = made
                    places = frozenset(place for place, index in enumerate(at) if index in summed)
                    yield Estimate(
                        upper, places, tuple(fact for bound in some for fact in bound.facts), counted
                    )

    def _operators(
        self, one: Opened, at: tuple[Index, ...], wholes: Mapping[Tensor, Difference]
    ) -> Iterator[Estimate]:
        """Upper bounds by the norm of a matrix among the factors, times bounds of the vector that the others are."""
        for place, (matrix, refs) in enumerate(one.factors):
            others = one.factors[:place] + one.factors[place + 1 :]
            for fact, norm, row, column in self._norms(matrix):
                r, c = refs[row], refs[column]
                if (
                    c not in one.names
                    or any(r in there for _, there in others)
                    or not letters(norm) <= self.known
                ):
                    continue
                left = Opened(one.scalars, others, tuple(name for name in one.names if name != c))
                outer = (*(index for index in at if index != r), c)
                for some in self._products(left, outer, wholes):
                    summed = {outer[number] for number in some.summed}
                    if c in summed and r in at:
                        places = frozenset(number for number, index in enumerate(at) if index in {*summed, r})
                        yield Estimate(norm * some.upper, places, (fact, *some.facts), some.counted)

    def _norms(self, matrix: Tensor) -> Iterator[tuple[Fact, Expr, int, int]]:
        """Facts n² Σ ξ² ≥ Σ (Xξ)² for every ξ, with n² and the slots of the matrix that are summed outside and inside."""
        for fact in self.facts:
            above = [m for m, value in fact.positive.terms.items() if value == 1]
            below = [m for m, value in fact.positive.terms.items() if value == -1]
            if len(fact.any) != 1 or len(above) != 1 or len(below) != 1 or len(matrix.slots) != 2:
                continue
            one, other = opened(above[0], ()), opened(below[0], ())
            mine = [refs for tensor, refs in other.factors if tensor == matrix]
            norm = [factor for factor in one.factors if factor[0] not in fact.any]
            if (
                len(mine) == 2
                and len(other.factors) == 4
                and len(one.factors) == len(norm) + 2
                and not met(norm)
            ):
                places = (
                    [(0, 1)] if mine[0][0] == mine[1][0] else [(1, 0)] if mine[0][1] == mine[1][1] else []
                )
                for row, column in (*places, *(places[0][::-1] for _ in places if matrix.symmetric)):
                    yield fact, product(norm, one.scalars), row, column

    def _of_difference(self, w: Difference, weights: Collection[Factor]) -> Iterator[Bound]:
        """Bounds of x − y: those of the difference itself; of the variance where y is the mean of x under weights; else by the triangle
        inequality."""
        yield from self.apart(w)
        at = w.axiom.indices
        for of_x in self.of(w.x):
            refs = at[: len(w.x.slots)]
            mean = self._definition(w.y)
            if w.sign > 0 and mean is not None and len(mean.rhs.terms) == 1:
                for s, _ in weights:
                    if mean.rhs.tensors() == {w.x, s}:
                        yield from self._variance(w, of_x, mean, s)
            for of_y in self.of(w.y):
                there = [at[place] for place in w.places]
                same = {at[place] for place in of_x.summed} == {there[place] for place in of_y.summed}
                a, b = monomial_root(of_x.moved(refs)), monomial_root(of_y.moved(there))
                if same and a is not None and b is not None:
                    yield Bound((*of_x.facts, *of_y.facts), at, (a + b) ** 2, of_x.summed)

    def apart(self, w: Difference) -> list[Bound]:
        """Bounds of x − y without a bound of x or of y: by hypotheses on x − y, by the scores of a softmax, by the definitions of both."""
        if w.whole not in self._apart:
            self._apart[w.whole] = []  # as where a letter is bounded
            found: list[Bound] = []
            with suppress(BoundError, KernelError):
                found += self._of_both(w)
            self._apart[w.whole] = found
        return self._apart[w.whole]

    def _of_both(self, w: Difference) -> Iterator[Bound]:
        there = {w.x, w.y}
        for axiom in self.axioms:
            for sign in (1, -1) if there <= axiom.zero.tensors() else ():
                shown = Certificate((), (Use(axiom, number(sign), axiom.indices),))
                yield from self._read_apart(w, Fact(axiom.name, sign * axiom.zero, axiom.indices, shown))
        for fact in self.facts:
            if not fact.any and there <= fact.positive.tensors():
                yield from self._read_apart(w, fact)
        if w.places != tuple(range(len(w.x.slots))) or w.sign < 0:
            return
        for pair, vector in softmaxes(self.facts).items():
            if (pair.s, pair.s2) == (w.x, w.y):
                yield from self._by_scores(pair, vector)
        one, other = self._definition(w.x), self._definition(w.y)
        if one is not None and other is not None:
            at = w.axiom.indices
            rhs, less = (side.rhs.at(dict(zip(side.indices, at, strict=True))) for side in (one, other))
            name, whole = f"a bound of {w.whole.name}", w.written_out(w.whole[at])
            yield from islice(self._proved(name, whole, at, rhs - less, [one, other]), KEPT)

    def _read_apart(self, w: Difference, fact: Fact) -> Iterator[Bound]:
        """The fact as a bound of x − y, if it is one."""
        for bound in self._read(w.whole, replace(fact, positive=w.shorter(fact.positive))):
            yield replace(bound, facts=(fact,))

    def _by_scores(self, pair: SoftmaxPair, vector: Tensor) -> Iterator[Bound]:
        """Half of what bounds the squares of the differences of the scores in every position."""
        turn, over = pair.x - pair.x2, pair.over
        for some in self._estimates(pair.indices, turn):
            if some.summed or over in some.upper.free() or not letters(some.upper) <= self.known:
                continue
            gap = some.upper - turn**2
            lemma = Fact("a bound of the scores", gap, tuple(sorted(gap.free())))
            if (scores := self.prove(lemma, (), some.facts)) is not None:
                fact = moved(pair, vector, scores, some.upper)
                yield Bound((fact,), pair.indices, HALF * some.upper, frozenset((pair.indices.index(over),)))

    def _variance(self, w: Difference, of_x: Bound, mean: Axiom, s: Tensor) -> Iterator[Bound]:
        """Σ s ‖x − Σ s x‖² ≤ U where U ≥ ‖x‖² everywhere, as a bound under the weights s."""
        ((monomial, value),) = mean.rhs.terms.items()
        one = opened(monomial, {index.name for index in mean.indices})
        factor = next(factor for factor in one.factors if factor[0] == s)
        refs = next(refs for tensor, refs in one.factors if tensor == w.x)
        over = [ref for place, ref in enumerate(refs) if place in of_x.summed]
        if value != 1 or len(one.factors) != 2 or one.scalars or {*one.names} & {*over}:
            return
        upper = of_x.moved(refs)
        if upper.free() & {*one.names}:
            return
        apart = w.x[refs] - mean.lhs
        gap = upper - (product([factor]) * apart**2).sum(*one.names, *over)
        lemma = Fact(f"the variance of {w.x.name}", gap, tuple(sorted(gap.free())))
        if (proof := self.prove(lemma, [mean], of_x.facts)) is not None:
            at = w.axiom.indices
            yield Bound((proof,), at, of_x.moved(at[: len(w.x.slots)]), of_x.summed)
