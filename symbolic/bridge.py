"""SymPy in. SymPy is the language statements are written and printed in; the kernel decides.

`Reader` reads Add, Mul, whole powers, rationals, the scalars of a language, Indexed, sums over
whole dimensions and their parts, KroneckerDelta, derivatives in entries of letters, and operators such as E.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import repeat
from typing import TypeAlias

import sympy as sp

from symbolic.calculus import Operator
from symbolic.dimension import Dimension
from symbolic.functions import Function
from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, fresh, number, scalar, total
from symbolic.language import Language

Differentiate = Callable[[Expr, Tensor, tuple[Index, ...]], Expr]
Seen: TypeAlias = dict[tuple[sp.Expr, tuple[tuple[str, Dimension], ...]], Expr]


class LanguageError(KernelError):
    """An expression that the language of statements does not have."""


@dataclass(frozen=True)
class Reader:
    """Reads SymPy into the kernel.

    language       the letters, scalars and dimensions
    dims           the dimension of each free index
    functions      what the letters are functions of
    defined        what a symbol such as Loss stands for, in SymPy
    differentiate  the rule for derivatives
    operators      what a named operator such as an expectation does to a kernel expression
    seen           what was read, by the expression and the dimensions of its symbols; readers that differ in `dims` alone may share it
    """

    language: Language
    dims: Mapping[str, Dimension] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    defined: Mapping[str, sp.Expr] = field(default_factory=dict)
    differentiate: Differentiate | None = None
    operators: Mapping[str, Operator] = field(default_factory=dict)
    seen: Seen = field(default_factory=dict, repr=False, compare=False)

    def read(self, expr: sp.Expr) -> Expr:
        return self._known(sp.sympify(expr), {})

    def _known(self, expr: sp.Expr, bound: Mapping[sp.Symbol, Index]) -> Expr:
        """What was read before, unless the expression mentions a bound index, which is another one each time."""
        symbols = expr.atoms(sp.Symbol)
        if not symbols.isdisjoint(bound):
            return self._new(expr, bound)
        dims = tuple(sorted((s.name, self.dims[s.name]) for s in symbols if s.name in self.dims))
        if (expr, dims) not in self.seen:
            self.seen[expr, dims] = self._new(expr, bound)
        return self.seen[expr, dims]

    def _index(self, symbol: sp.Expr, bound: Mapping[sp.Symbol, Index]) -> Index:
        if symbol in bound:
            return bound[symbol]
        if isinstance(symbol, sp.Symbol) and symbol.name in self.dims:
            return Index(symbol.name, self.dims[symbol.name])
        raise KernelError(f"index {symbol}: its dimension is not declared")

    def _scalar(self, expr: sp.Expr, bound: Mapping[sp.Symbol, Index]) -> Expr:
        costly = isinstance(expr, sp.Derivative | sp.core.function.AppliedUndef)
        return self._known(expr, bound) if costly else self._new(expr, bound)

    def _new(self, expr: sp.Expr, bound: Mapping[sp.Symbol, Index]) -> Expr:
        match expr:
            case sp.Rational():
                return number(Fraction(int(expr.p), int(expr.q)))
            case sp.Symbol() if expr.name in self.defined:
                return self._known(self.defined[expr.name], {})
            case sp.Symbol() if expr.name in self.language.symbols:
                return scalar(expr.name)
            case sp.Symbol() if expr.name in self.language.letters:  # a letter without slots
                return self.language.letters[expr.name].tensor[()]
            case sp.Add():
                return total(self._scalar(part, bound) for part in expr.args)
            case sp.Mul():
                product = number(1)
                for part in expr.args:
                    product = product * self._scalar(part, bound)
                return product
            case sp.Pow():
                return self._power(expr, bound)
            case sp.Sum():
                inner = dict(bound)
                indices = []
                for symbol, low, high in reversed(expr.limits):
                    index = fresh(self.language.dimension(low, high))
                    inner[symbol] = index
                    indices.append(index)
                return self._scalar(expr.function, inner).sum(*indices)
            case sp.KroneckerDelta():
                i, j = (self._index(arg, bound) for arg in expr.args[:2])
                return delta(i, j)
            case sp.Indexed():
                return self.language.letter(expr.base).tensor[
                    tuple(self._index(i, bound) for i in expr.indices)
                ]
            case sp.core.function.AppliedUndef() if expr.func.__name__ in self.operators:
                return self.operators[expr.func.__name__](self._scalar(expr.args[0], bound))
            case sp.Derivative():
                return self._derivative(expr, bound)
        raise LanguageError(f"cannot read {expr} of type {type(expr).__name__}")

    def _power(self, expr: sp.Pow, bound: Mapping[sp.Symbol, Index]) -> Expr:
        root, power = expr.args
        if isinstance(root, sp.Symbol) and root.name in self.language.symbols and power.is_Rational:
            return scalar(root.name, Fraction(int(power.p), int(power.q)))
        if not power.is_Integer:
            raise LanguageError(f"power {expr}: only whole powers, except of positive scalars")
        if power >= 0:
            return self._scalar(root, bound) ** int(power)
        if isinstance(root, sp.Rational):
            return number(Fraction(int(root.q), int(root.p)) ** -int(power))
        raise LanguageError(f"power {expr}: division only by numbers, sizes and positive scalars")

    def _derivative(self, expr: sp.Derivative, bound: Mapping[sp.Symbol, Index]) -> Expr:
        result = self._scalar(expr.expr, bound)
        for target, at in self.variables(expr, bound):
            result = self.slope(result, target, at)
        return result

    def variables(
        self, expr: sp.Derivative, bound: Mapping[sp.Symbol, Index]
    ) -> Iterator[tuple[Tensor, tuple[Index, ...]]]:
        """The entries in which it is a derivative, one after the other."""
        for variable, times in expr.variable_count:
            if isinstance(variable, sp.Indexed):
                target = self.language.letter(variable.base).tensor
                at = tuple(self._index(i, bound) for i in variable.indices)
            elif isinstance(variable, sp.Symbol) and variable.name in self.language.letters:
                target, at = self.language.letters[variable.name].tensor, ()  # a letter without slots
            else:
                raise KernelError(f"derivative in {variable}: only in an entry of a letter")
            yield from repeat((target, at), int(times))

    def slope(self, inner: Expr, target: Tensor, at: tuple[Index, ...]) -> Expr:
        """The derivative in an entry."""
        if self.differentiate is None:
            raise KernelError("no rule of differentiation was given")
        return self.differentiate(inner, target, at)
