"""Letters that are made of others: definitions, norms, extrema, softmax, inverses, derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from numeric.errors import InputError
from symbolic import kinds as of
from symbolic.bound import nonnegative
from symbolic.find.identity import closed, unfolded
from symbolic.indexed import Expr, Index, scalar
from symbolic.language import Scalar
from symbolic.proof import Axiom
from verify.own.declarations import Declarations, latex_of, truth
from verify.own.terms import Dim, IndexSymbol, Letter, different, expression, free_indices, shown, total


class Definitions(Declarations):
    """Letters that are made of the declared ones."""

    def define(self, name: str, value: Any, *indices: IndexSymbol) -> Letter | sp.Symbol:
        """A letter that stands for an expression at these indices; without indices a number, which may be negative unless every term of
        the expression is nonnegative, and by which one may divide where one of these terms is positive."""
        read, at = self._part(name, value, indices)
        known = {"symmetric": True} if self._symmetric(read, at) else {}
        if nonnegative(read):
            known |= {"nonneg": True} if at else {"positive": self._positive(read)}
        return self._made(name, at, of.Is(at, read), signed=not nonnegative(read), **known)

    @staticmethod
    def _symmetric(expr: Expr, at: tuple[Index, ...]) -> bool:
        """Whether an expression is a matrix that is symmetric as it is read."""
        return len(at) == 2 and at[0].dim is at[1].dim and expr == expr.at({at[0]: at[1], at[1]: at[0]})

    def _positive(self, expr: Expr) -> bool:
        """Whether a sum of nonnegative terms is positive: one of them is a product of positive scalars."""
        known = self.language.positive
        return any(
            not one.factors and not one.dims and known.issuperset(name for name, _ in one.scalars)
            for one in expr.terms
        )

    def absolute(self, name: str, value: Any, *indices: IndexSymbol) -> Letter | sp.Symbol:
        """The absolute value of an expression."""
        read, at = self._part(name, value, indices)
        return self._made(name, at, of.AbsoluteValue(at, read), nonneg=True)

    def norm(self, name: str, value: Any, *over: IndexSymbol, kind: str = "2") -> Letter | sp.Symbol:
        """A norm of an expression over some of its indices; for each value of the others where it has more.

        kind  2 or Frobenius: the root of the sum of squares; 1: the sum of absolute values; inf: the largest absolute value; spectral:
              the largest singular value of a matrix with the two indices
        """
        if not over:
            raise InputError(
                name, "no index", "the indices that the norm is over", "as in S.norm(name, u[i], i)"
            )
        self._named("norm", name)
        (read,), at, summed = self._over(name, (value,), over)
        every = (*at, *summed)
        match kind:
            case "2" | "Frobenius":
                return self._made(name, at, of.Root(at, (read**2).sum(*summed)), nonneg=True)
            case "1":
                inner = self._made(f"abs_{name}", every, of.AbsoluteValue(every, read), nonneg=True)
                entry = (
                    self._letters[f"abs_{name}"].tensor[every]
                    if isinstance(inner, Letter)
                    else scalar(f"abs_{name}")
                )
                return self._made(name, at, of.Is(at, entry.sum(*summed)), nonneg=True)
            case "inf":
                return self._made(name, at, of.LargestRoot(at, summed, (read**2,)), nonneg=True)
            case "spectral" if len(summed) == 2 and not at:
                return self._made(name, (), of.SpectralNorm(summed[0], summed[1], read), nonneg=True)
        needed = '"2", "Frobenius", "1", "inf", or "spectral" of a matrix over both of its indices'
        raise InputError("kind", shown(kind), needed, "choose one of them")

    def largest(
        self, name: str, values: Sequence[Any] | Any, *over: IndexSymbol, least: bool = False
    ) -> Letter | sp.Symbol:
        """The largest of some expressions, over these indices; the least of them with `least`."""
        several = tuple(values) if isinstance(values, list | tuple) else (values,)
        if not several or len(several) + len(over) < 2:
            needed = "several expressions, or an index to take the largest over"
            raise InputError(
                name, f"{len(several)} without an index", needed, "as in S.largest(name, u[i], i)"
            )
        truth("least", least)
        read, at, summed = self._over(name, several, over)
        return self._made(
            name, at, of.Extremum(at, summed, read, least), signed=not all(map(nonnegative, read))
        )

    def softmax(self, name: str, scores: Any, *indices: IndexSymbol, over: IndexSymbol) -> Letter:
        """The softmax of scores at these indices, over one of them."""
        if over not in different(name, indices):
            raise InputError(name, shown(over), "one of the indices of the letter", "name it among them")
        self._used(name, (scores,), (over,))
        self._never_empty(name, over.dim)
        self._named("softmax", name)
        read, at = self._part(name, scores, indices)
        slots = tuple(Dim(self, index.dim) for index in indices)
        self._letter(f"{name}_scores", slots, said=of.Is(at, read))
        place = indices.index(over)
        entry = self._letters[f"{name}_scores"].tensor[at]
        return self._letter(name, slots, said=of.Softmax(at, entry, at[place]), nonneg=True, unit_sum=place)

    def inverse(self, name: str, matrix: Any, row: IndexSymbol, column: IndexSymbol) -> Letter:
        """The inverse of a symmetric matrix. Where it is singular there is no point."""
        read, at = self._square(name, matrix, row, column)
        return self._letter(name, (Dim(self, row.dim),) * 2, said=of.Inverse(at, read), symmetric=True)

    def root(self, name: str, matrix: Any, row: IndexSymbol, column: IndexSymbol) -> Letter:
        """The symmetric root of a positive definite matrix."""
        read, at = self._square(name, matrix, row, column)
        return self._letter(name, (Dim(self, row.dim),) * 2, said=of.MatrixRoot(at, read), symmetric=True)

    def _square(
        self, name: str, matrix: Any, row: IndexSymbol, column: IndexSymbol
    ) -> tuple[Expr, tuple[Index, ...]]:
        different(name, (row, column))
        if row.dim is not column.dim:
            raise InputError(
                name,
                f"{row.name}, {column.name}",
                "two indices over one dimension",
                "name a row and a column",
            )
        read, at = self._part(name, matrix, (row, column))
        apart = read - read.at({at[0]: at[1], at[1]: at[0]})
        axioms = [what for what in self.built.letters() if isinstance(what, Axiom)]
        if not closed(unfolded(apart, axioms)[1]):
            needed = "a matrix that is symmetric, whatever its letters are"
            raise InputError(
                name, str(expression(name, matrix)), needed, "take half of the sum with the transpose"
            )
        return read, at

    @staticmethod
    def _used(name: str, values: Sequence[Any], over: Sequence[IndexSymbol]) -> set[IndexSymbol]:
        """The free indices of some expressions. Raises InputError where one to take a norm over, say, is not among them."""
        free = set[IndexSymbol]().union(*(free_indices(expression(name, value)) for value in values))
        for index in different(name, over):
            if index not in free:
                needed = "an index that the expression has"
                raise InputError(
                    name, f"index {index.name}", needed, "leave it out, or use it in the expression"
                )
        return free

    def _over(
        self, name: str, values: Sequence[Any], over: Sequence[IndexSymbol]
    ) -> tuple[tuple[Expr, ...], tuple[Index, ...], tuple[Index, ...]]:
        """What a letter is made of, with the indices that the letter keeps and those that it is taken over."""
        free = self._used(name, values, over)
        rest = tuple(sorted(free - set(over), key=lambda index: index.name))
        read = tuple(self._part(name, value, (*rest, *over))[0] for value in values)
        at, summed = (tuple(Index(index.name, index.dim) for index in some) for some in (rest, over))
        return read, at, summed

    def _made(
        self,
        name: str,
        at: tuple[Index, ...],
        kind: of.Kind,
        *,
        signed: bool = False,
        positive: bool = False,
        **more: Any,
    ) -> Letter | sp.Symbol:
        """A letter with these indices; without indices a nonnegative scalar, or a letter without slots where the sign is open."""
        if signed and not at:
            self._letter(name, (), said=kind)
            return self._letters[name].entry()
        if at:
            return self._letter(name, tuple(Dim(self, index.dim) for index in at), said=kind, **more)
        symbol = sp.Symbol(self._named("letters", name), **{"positive" if positive else "nonnegative": True})
        self._scalars[name] = Scalar(symbol, latex_of(name), f"a scalar of {self.name}", positive)
        self.kinds[name] = kind
        return symbol

    # Derivatives

    def gradient(self, value: Any, entry: sp.Expr) -> sp.Expr:
        """The derivative of an expression in an entry of a free letter, or in a letter without slots."""
        if not isinstance(entry, sp.Indexed) and getattr(entry, "name", None) not in self._letters:
            raise InputError("gradient", str(entry), "an entry of a letter, such as X[i, j]", "name one")
        return sp.Derivative(expression("gradient", value), entry, evaluate=False)

    def flow(self, velocities: Mapping[Any, Any]) -> Callable[[Any], sp.Expr]:
        """The derivative in time along dX[i, j]/dt = velocity, for `S.flow({X[i, j]: velocity})`: a function of expressions.

        Letters without a velocity do not move. What is conserved has the derivative zero.
        """
        for entry, velocity in velocities.items():
            indices = getattr(entry, "indices", ())
            different("flow", indices)
            if left := free_indices(expression("flow", velocity)) - {*indices}:
                needed = f"a velocity of {entry} at its own indices"
                name = min(index.name for index in left)
                raise InputError(
                    "flow", f"index {name}", needed, f"use the indices of {entry}, or sum over {name}"
                )

        def along(value: Any) -> sp.Expr:
            parts, free = [], free_indices(expression("flow", value))
            for entry, velocity in velocities.items():
                part, indices = self.gradient(value, entry) * velocity, getattr(entry, "indices", ())
                if caught := free & {*indices}:
                    name = min(index.name for index in caught)
                    needed = f"an expression without the indices of {entry}, over which the flow sums"
                    raise InputError("flow", f"index {name}", needed, f"use another index than {name} in it")
                parts.append(total(part, *indices) if indices else part)
            return sp.Add(*parts)

        return along
