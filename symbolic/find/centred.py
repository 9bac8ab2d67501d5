"""Letters for the distance of a vector from a solution of linear equations: x = w + M⁻¹r wherever a letter stands for M⁻¹r.

In terms of w a quadratic form is a sum of squares, of which x, M⁻¹ and r show nothing before M⁻¹M = 1 is used at many places at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symbolic.bound import Certificate, Fact
from symbolic.find.differences import Shortened
from symbolic.find.identity import scaled, unfolded
from symbolic.find.parts import joined
from symbolic.find.relations import inverse_of
from symbolic.find.table import stands_for
from symbolic.indexed import DELTA, Expr, Index, Tensor, number
from symbolic.proof import Axiom, Use
from symbolic.rewrite import rewrite


@dataclass(frozen=True)
class Centre:
    """w = x − y, where a definition says what y stands for."""

    x: Tensor
    definition: Axiom
    whole: Tensor

    @property
    def axiom(self) -> Axiom:
        """What w stands for."""
        at = self.definition.indices
        return Axiom(
            f"what {self.whole.name} stands for", self.whole[at], self.written_out(self.whole[at]), at
        )

    def written_out(self, expr: Expr) -> Expr:
        """The expression in x and in what y stands for."""
        return expr.replace(self.whole, lambda *refs: self.x[refs] - self._solution(refs))

    def centred(self, expr: Expr) -> Expr:
        """The expression in w and in what y stands for."""
        return expr.replace(self.x, lambda *refs: self.whole[refs] + self._solution(refs))

    def _solution(self, refs: tuple[Index, ...]) -> Expr:
        return self.definition.rhs.at(dict(zip(self.definition.indices, refs, strict=True)))


@dataclass(frozen=True)
class Centred:
    """A target in terms of distances, and how a certificate in terms of these is written out.

    uses    the uses of axioms that lead from the target to another one, without the letters y
    within  the uses that lead from there to the short target, in terms of the distances
    """

    uses: tuple[Use, ...]
    within: tuple[Use, ...]
    short: Shortened

    @property
    def target(self) -> Expr:
        return self.short.target

    def written_out(self, found: Certificate) -> Certificate | None:
        """A certificate of the short target as one of the target itself; None where there is none."""
        found = Certificate(found.weights, (*self.within, *found.uses))
        certificate = self.short.written_out(found)
        return certificate and Certificate(certificate.weights, (*self.uses, *certificate.uses))


def centred(target: Expr, axioms: Sequence[Axiom], facts: Sequence[Fact]) -> Iterator[Centred]:
    """The target in terms of x − y for each letter x of it, where y solves linear equations and has the slots of x."""
    for definition, inverses in solutions(target, axioms):
        y = definition.lhs.tensors()
        uses, plain = unfolded(target, [definition], 1)
        for x in sorted(target.tensors() - y, key=lambda tensor: tensor.name):
            if x.slots != next(iter(y)).slots or x.symmetric or x.unit_sum is not None:
                continue
            one = Centre(x, definition, Tensor(f"{x.name} - {next(iter(y)).name}", x.slots))
            within, left = _simplified(one.centred(plain), inverses)
            if len(left.terms) < len(plain.terms):
                known = [*axioms, one.axiom]
                of_facts, of_axioms = (
                    {id(fact): fact for fact in facts},
                    {id(axiom): axiom for axiom in axioms},
                )
                yield Centred(uses, within, Shortened([one], left, known, facts, of_facts, of_axioms))


def turned(target: Expr, axioms: Sequence[Axiom]) -> Iterator[tuple[tuple[Use, ...], Expr]]:
    """Uses of axioms that lead to a letter z in the place of a product x, where z = x − y says what z is and y solves linear equations."""
    for definition, inverses in solutions(target, axioms):
        (y,) = definition.lhs.tensors()
        for axiom in axioms:
            parts = [Expr({m: value}) for m, value in axiom.rhs.terms.items()]
            products = [part for part in parts if y not in part.tensors()]
            if stands_for(axiom) is None or y not in axiom.rhs.tensors() or len(products) != 1:
                continue
            if not products[0].tensors() <= target.tensors():
                continue
            first, left = _taken_out(target, axiom, products[0])
            then, left = unfolded(left, [definition], 1)
            last, left = _simplified(left, inverses)
            if len(left.terms) < len(target.terms):
                yield (*first, *then, *last), left


def solutions(target: Expr, axioms: Sequence[Axiom]) -> Iterator[tuple[Axiom, list[Axiom]]]:
    """What letters stand for in terms of inverses and of other letters in a target, with what these inverses are."""
    there = target.tensors()
    inverses = [axiom for axiom in axioms if inverse_of(axiom) in there]
    heads = {inverse_of(axiom) for axiom in inverses}
    for definition in axioms if inverses else ():
        rhs = definition.rhs.tensors() - {DELTA}
        if stands_for(definition) is not None and not rhs.isdisjoint(heads) and rhs <= there:
            yield definition, inverses


def _simplified(expr: Expr, inverses: Sequence[Axiom]) -> tuple[tuple[Use, ...], Expr]:
    """Uses that take products of inverses and of what they invert out of an expression, and what is left."""
    uses: list[Use] = []
    for made in (expr, None):
        expr = joined(expr.split()) if made is None else made
        for axiom in inverses:
            longest = max(axiom.zero.ordered, key=lambda term: len(term[0].factors))
            found, expr = _taken_out(expr, axiom, Expr(dict([longest])))
            uses += found
    return tuple(uses), expr


def _taken_out(expr: Expr, axiom: Axiom, term: Expr) -> tuple[tuple[Use, ...], Expr]:
    """Uses of an axiom that take one of its terms out of an expression, and what is left."""
    ((monomial, _),) = term.terms.items()
    scale = 1 / axiom.zero.terms[monomial]
    alone = Expr({monomial: Fraction(1)})
    found, left = rewrite(expr, Axiom(axiom.name, alone, alone - axiom.zero * number(scale), axiom.indices))
    return tuple(scaled(Use(axiom, use.cofactor, use.at, use.bind), scale) for use in found), left
