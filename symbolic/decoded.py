"""Proofs as objects of the kernel, from the data that `symbolic.ledger` writes. They are not trusted: both checkers look at what is read.

Dimensions, letters, axioms and hypotheses are those of a setting, by name, whatever the data say of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any, TypeVar

from symbolic.bound import CauchySchwarz, Certificate, Fact, Root, Rule, Substitute, Weight
from symbolic.course import SoftmaxPair
from symbolic.dimension import Dimension
from symbolic.indexed import DELTA, Expr, Index, Tensor, entry, fresh, number, scalar, total
from symbolic.operations import Data
from symbolic.proof import Axiom, Proof, Use
from symbolic.registry import Registry
from symbolic.rules import Extreme, Slope

Kind = TypeVar("Kind", Fact, Axiom, SoftmaxPair)
# Of an expression, of one of its terms, and of the products of terms that the kernel makes of one proof: more takes too long to check.
MOST_TERMS, MOST_FACTORS, MOST_SUMS, MOST_PRODUCTS = 200, 24, 12, 30_000


class DecodeError(ValueError):
    """Data that are no proof in this setting, with the reason."""


class Decoder:
    """Reads the proofs of one document in a setting with these dimensions and premises."""

    def __init__(
        self, document: Mapping[str, Any], dimensions: Mapping[str, Dimension], registry: Registry
    ) -> None:
        self.document, self.dimensions = document, dimensions
        self.tensors = {tensor.name: tensor for tensor in (*registry.letters, DELTA)}
        self.premises = {entry.name: entry.what for entry in registry.entries}
        self._facts: dict[int, Fact] = {}
        self._names: dict[str, str] = {}
        self._products = 0

    def proof(self, row: Data, name: str) -> Proof | Fact:
        """The proof of a row of the table "proofs"; what is proved gets this name. Raises DecodeError."""
        self._facts, self._products = {}, 0
        try:
            if row["relation"] == "=":
                return Proof(tuple(map(self._use, row["uses"])))
            self._names = {str(self.document["facts"][row["fact"]]["name"]): name}
            return self._fact(row["fact"], len(self.document["facts"]))
        except DecodeError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            said = " ".join(str(error).split())[:100]
            raise DecodeError(f"{type(error).__name__}: {said}") from error

    def _fact(self, number: int, before: int) -> Fact:
        """The fact of this number, which has to be less than `before`: a fact follows from earlier ones."""
        if not (type(number) is int and 0 <= number < before):
            raise DecodeError(f"fact {number!r} is none that stands before")
        if number not in self._facts:
            self._facts[number] = self._made(self.document["facts"][number], number)
        return self._facts[number]

    def _made(self, row: Data, number: int) -> Fact:
        if row["by"] == "hypothesis":
            return self._premise(row["name"], Fact)

        def fact(name: str) -> Fact:
            return self._fact(row[name], number)

        def terms(name: str) -> Expr:
            return self._terms(row[name])

        why: Certificate | Rule
        match row["by"]:
            case "certificate":
                weights = tuple(self._weight(weight, number) for weight in row["weights"])
                why = Certificate(weights, tuple(map(self._use, row["uses"])))
            case "substitute":
                tensor, definition, of = self._tensor(row["tensor"]), terms("definition"), fact("fact")
                for monomial in of.positive.terms:
                    there = sum(one == tensor for one, _ in monomial.factors)
                    self._count(*[definition] * there)
                why = Substitute(of, tensor, definition, self._refs(row["formals"]))
            case "Cauchy–Schwarz":
                over = self._refs(row["over"])
                a, b, x, y = map(terms, "abxy")
                for side in (a, b, x, y):
                    self._count(side, side)
                why = CauchySchwarz(a, b, x, y, over, fact("of_a"), fact("of_b"))
            case "root":
                a, b = map(terms, "ab")
                self._count(a, a)
                self._count(b, b)
                why = Root(a, b, fact("premise"))
            case "extreme":
                why = Extreme(fact("of"), terms("value"), fact("premise"))
            case "slope":
                of_softmax, w, bound = self._premise(row["of"], SoftmaxPair), terms("w"), terms("bound")
                self._count(w, *[of_softmax.x - of_softmax.x2] * 2)
                why = Slope(of_softmax, w, bound, fact("flow"))
            case other:
                raise DecodeError(f"a fact by {str(other)[:40]}, which is not among the rules that are read")
        name = str(row["name"])
        return Fact(self._names.get(name, name), terms("positive"), self._refs(row["indices"]), why)

    def _weight(self, row: Data, number: int) -> Weight:
        fact = None if row["fact"] is None else self._fact(row["fact"], number)
        multiplier, root = self._terms(row["multiplier"]), self._terms(row["root"])
        self._count(multiplier, root, root, *(() if fact is None else (fact.positive,)))
        return Weight(multiplier, root, fact, self._refs(row["at"]), self._refs(row["bind"]))

    def _use(self, row: Data) -> Use:
        axiom, cofactor = self._premise(row["axiom"], Axiom), self._terms(row["cofactor"])
        self._count(cofactor, axiom.zero)
        return Use(axiom, cofactor, self._refs(row["at"]), self._refs(row["bind"]))

    def _count(self, *factors: Expr) -> None:
        """Counts the products of terms that are made where these are multiplied."""
        self._products += prod(max(1, len(expr.terms)) for expr in factors)
        if self._products > MOST_PRODUCTS:
            raise DecodeError(f"it takes more than {MOST_PRODUCTS} products of terms to check")

    def _premise(self, name: str, kind: type[Kind]) -> Kind:
        found = self.premises.get(name)
        if not isinstance(found, kind):
            raise DecodeError(f"the premise {str(name)[:80]} is none of this setting")
        return found

    def _tensor(self, name: str) -> Tensor:
        if name not in self.tensors:
            raise DecodeError(f"the letter {str(name)[:40]} is none of this setting")
        return self.tensors[name]

    def _ref(self, text: str) -> Index:
        name, dim = text.rsplit(":", 1)
        return Index(name, self.dimensions[dim])

    def _refs(self, texts: Sequence[str]) -> tuple[Index, ...]:
        return tuple(map(self._ref, texts))

    def _terms(self, rows: Sequence[Any]) -> Expr:
        if len(rows) > MOST_TERMS:
            raise DecodeError(f"an expression of {len(rows)} terms, more than {MOST_TERMS}")
        return total(map(self._term, rows))

    def _term(self, row: Sequence[Any]) -> Expr:
        """A term. Each factor is made by its letter, so that its indices have the right dimensions."""
        coefficient, scalars, factors, dims = row
        if len(factors) > MOST_FACTORS or len(dims) > MOST_SUMS:
            raise DecodeError(f"a term of {len(factors)} factors and {len(dims)} sums")
        bound = [fresh(self.dimensions[dim]) for dim in dims]
        found = number(_number(coefficient))
        for name, power in scalars.items():
            exponent = _number(power)
            found *= scalar(name, int(exponent) if exponent.denominator == 1 else exponent)
        for name, at in factors:
            refs = tuple(bound[ref] if isinstance(ref, int) else self._ref(ref) for ref in at)
            found *= entry(self._tensor(name), refs)
        return found.sum(*bound)


def _number(text: str) -> Fraction:
    if not re.fullmatch(r"-?[0-9]{1,2000}(/[0-9]{1,2000})?", text):
        raise DecodeError(f"{str(text)[:40]!r} is no number")
    return Fraction(text)
