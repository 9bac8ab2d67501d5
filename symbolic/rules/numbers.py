"""Rules on numbers: the least and the greatest number, and the exponential."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.bound import BoundError, Fact, Taken, letters, nonnegative, union
from symbolic.course import Exponential
from symbolic.indexed import Expr, Index, number, scalar
from symbolic.rules.hypotheses import made_of, need


@dataclass(frozen=True)
class Extreme:
    """value − n^p ≥ 0 for the least n^p, n^p − value ≥ 0 for the greatest one, with which the hypothesis `of` holds.

    The premise is the hypothesis with `value` in the place of n^p, for every vector for which it is stated. It may rest on definitions of
    further letters by the vector, on which neither the hypothesis nor `value` depends.
    """

    of: Fact
    value: Expr
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return self.of, self.premise

    def parts(self) -> tuple[Expr, Expr, Expr]:
        """The letter to the power in which it stands, what it is multiplied by, and the rest of the hypothesis."""
        letter = self.of.extreme
        if self.of.why is not None or letter is None or self.of.when != "always":
            raise BoundError(f"extreme: {self.of.name} declares no least or greatest number")
        head, rest, power = number(0), number(0), None
        for monomial, coefficient in self.of.positive.terms.items():
            term = Expr({monomial: coefficient})
            if letter not in letters(term):
                rest = rest + term
                continue
            if isinstance(letter, str):
                found = scalar(letter, dict(monomial.scalars)[letter])
                head = head + term * scalar(letter, -dict(monomial.scalars)[letter])
            else:
                at = [refs for tensor, refs in monomial.factors if tensor == letter]
                indices = tuple(ref for refs in at for ref in refs if isinstance(ref, Index))
                need(
                    len(at) == 1 and len(indices) == len(at[0]),
                    f"extreme: {letter.name} stands more than once",
                )
                found = letter[indices]
                head = head + Expr.of(
                    coefficient,
                    monomial.scalars,
                    tuple(f for f in monomial.factors if f[0] != letter),
                    monomial.dims,
                )
            need(power is None or power == found, "extreme: the letter stands in two ways")
            power = found
        if power is None:
            raise BoundError(f"extreme: {self.of.name} does not mention the letter")
        return power, head, rest

    def conclusion(self) -> Expr:
        power, head, rest = self.parts()
        need(
            self.premise.positive == head * self.value + rest,
            f"extreme: {self.premise.name} is another premise",
        )
        need(self.premise.indices == self.of.indices, "extreme: the premise has other free indices")
        for tensor in self.of.any:
            need(
                not any(slot.may_be_empty for slot in tensor.slots),
                f"extreme: {tensor.name} may have no entry",
            )
            need(tensor not in letters(self.value), f"extreme: the bound depends on {tensor.name}")
            made = made_of(tensor, self.premise.rests)
            need(
                made.isdisjoint(letters(self.of.positive, self.value)),
                f"extreme: a letter of the bound or of {self.of.name} depends on {tensor.name}",
            )
        if nonnegative(head):
            return self.value - power
        need(nonnegative(-1 * head), "extreme: the sign of what the letter is multiplied by is open")
        return power - self.value

    def rests(self) -> frozenset[Taken]:
        return union(self.premises)


@dataclass(frozen=True)
class Logarithm:
    """1 − q^T X ≥ 0. The premise is T log(1/q) − log max{1, X} ≥ 0."""

    of: Exponential
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        of = self.of
        wanted = scalar(of.times) * scalar(of.log_ratio) - scalar(of.log)
        need(self.premise.positive == wanted, f"exponential: {self.premise.name} is another premise")
        return 1 - scalar(of.power) * of.of

    def rests(self) -> frozenset[Taken]:
        return self.premise.rests | {Taken.of(self.of)}
