"""Expectations over random letters: what a statement may suppose of their moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numeric.errors import InputError
from symbolic import kinds as of
from symbolic.bound import nonnegative
from symbolic.calculus import Law, Operator
from symbolic.indexed import Expr, Index, Tensor, number
from verify.own.definitions import Definitions
from verify.own.terms import IndexSymbol, Letter, different, expression, shown

GRAM = ("positive semidefinite", "positive definite")


@dataclass(frozen=True)
class Moments:
    """What a law says, as it was written: a variance, or a covariance by a letter; `indices` are those of an entry."""

    variance: Any
    indices: tuple[IndexSymbol, ...] = ()
    gaussian: bool = False
    fourth: Any = None


class Laws(Definitions):
    """Random letters of a setting, and expectations over them."""

    @staticmethod
    def gaussian(variance: Any = 1, *indices: IndexSymbol) -> Moments:
        """A Gaussian law of mean zero, for `S.expectation`.

        variance  of independent entries, where it is an expression; it may depend on the indices of an entry, which are then all
                  named. Where it is a positive semidefinite letter P(p, p), the covariance over the first slot: a letter x(p) is
                  N(0, P), and the columns of a letter X(p, n) are independent with this law.
        """
        return Moments(variance, indices, gaussian=True)

    @staticmethod
    def independent(variance: Any, fourth: Any, *indices: IndexSymbol) -> Moments:
        """A law of independent entries, each symmetric about zero, with this variance and this fourth moment, for `S.expectation`."""
        return Moments(variance, indices, fourth=fourth)

    def expectation(self, name: str = "E", **laws: Any) -> Callable[[Any], sp.Expr]:
        """E over random letters, which are independent of each other, each with its law.

        A law is a variance or a covariance letter (mean zero, and no moment beyond the second is known), `S.gaussian(...)`, or
        `S.independent(variance, fourth)`. A letter that random letters enter by `define` is written out.
        """
        if not laws:
            raise InputError(name, "no law", "the variance of each random letter", "as in S.expectation(x=1)")
        found: dict[Tensor, Law] = {}
        for letter, given in laws.items():
            if letter not in self._letters or not isinstance(self.kinds[letter], of.Free):
                raise InputError(name, letter, "a free letter of the setting", "declare it by S.letters")
            if (kind := self.kinds[letter].domain) != "any":  # type: ignore[union-attr]
                needed = "a letter that may have any entries, since its mean is zero"
                raise InputError(name, f"{letter}, which is {kind}", needed, "declare it without a kind")
            tensor = self._letters[letter].tensor
            said = given if isinstance(given, Moments) else Moments(given)
            found[tensor] = self._law(letter, tensor, said, laws.keys())
        self._operators[self._named("expectation", name)] = Operator(lambda inner: None, laws=found)
        self._operator_latex[name] = r"\mathbb{E}\left[{0}\right]"
        self._laws += found.items()
        function = sp.Function(name)
        return lambda value: function(expression(name, value))

    def _law(self, letter: str, tensor: Tensor, said: Moments, random: Any) -> Law:
        if isinstance(said.variance, Letter):
            return self._covariance(letter, tensor, said)
        indices = said.indices
        if indices and tuple(index.dim for index in different(letter, indices)) != tensor.slots:
            slots = ", ".join(slot.name for slot in tensor.slots)
            needed = f"an index for each slot of {letter}, over {slots}"
            raise InputError(
                letter,
                f"indices {', '.join(shown(i) for i in indices)}",
                needed,
                "name all of them, in order",
            )
        variance, at = self._moment(letter, "variance", said.variance, indices, random)
        if said.fourth is None:
            return Law(variance, at=at, gaussian=said.gaussian)
        fourth, _ = self._moment(letter, "fourth moment", said.fourth, indices, random)
        if not nonnegative(fourth - variance**2):
            needed = f"a fourth moment of {letter} that is seen to be at least the square of the variance"
            raise InputError(
                letter, str(said.fourth), needed, "write it as variance**2 plus what is nonnegative"
            )
        return Law(variance, at=at, fourth=fourth)

    def _moment(
        self, letter: str, what: str, value: Any, indices: tuple[IndexSymbol, ...], random: Any
    ) -> tuple[Expr, tuple[Index, ...]]:
        """A moment of an entry: nonnegative, and made of no random letter."""
        read, at = self._part(letter, value, indices)
        if not nonnegative(read):
            needed = f"a {what} of {letter} that is nonnegative, whatever its letters are"
            raise InputError("E", str(value), needed, "name a scalar, or a sum of nonnegative terms")
        reached = frozenset().union(*(self.built.reach(one) for names in read.names for one in names))
        if drawn := sorted(reached & random):
            needed = f"a {what} of {letter} that no random letter enters"
            raise InputError("E", f"{value}, which depends on {drawn[0]}", needed, "name a scalar")
        return read, at

    def _covariance(self, letter: str, tensor: Tensor, said: Moments) -> Law:
        """The law of a letter whose covariance over the first slot is a letter."""
        given = said.variance
        if said.fourth is not None or said.indices:
            needed = "a covariance letter alone, as in S.gaussian(P)"
            raise InputError(letter, repr(given), needed, "leave out the indices, or give a variance")
        kind = self.kinds.get(given.name)
        square = tensor.slots and given.slots == 2 * tensor.slots[:1]
        if not square or not isinstance(kind, of.Free) or kind.domain not in GRAM:
            slot = tensor.slots[0].name if tensor.slots else "…"
            needed = f"a letter that is positive semidefinite, over ({slot}, {slot})"
            remedy = f'declare it by S.letters(kind="positive semidefinite", P=({slot}, {slot}))'
            raise InputError(letter, repr(given), needed, remedy)
        return Law(number(1), second=self._letters[given.name].tensor, gaussian=said.gaussian, centred=True)
