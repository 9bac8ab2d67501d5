"""A side of a statement as it is written: SymPy multiplied out as it stands, beside what the kernel makes of it.

No rule of the kernel is used here: deltas, unit sums and sums over nothing stay, and no normal form is taken. Derivatives, expectations
and substitutions stay as well, each as an operation on terms, beside what the kernel finds for it. So what the second checker gets does
not rest on how the kernel read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count, product
from typing import TypeAlias

import sympy as sp

from symbolic.bridge import Reader
from symbolic.calculus import Law
from symbolic.canonical import Power
from symbolic.dimension import Dimension
from symbolic.functions import Function
from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor

Scope: TypeAlias = Mapping[str, Index]  # what the name of a summed symbol stands for here


@dataclass(frozen=True)
class Term:
    """Coefficient, powers of scalars (one name may stand twice), entries of letters or of operations, summed indices."""

    coefficient: Fraction
    scalars: tuple[tuple[str, Power], ...] = ()
    factors: tuple[tuple[Tensor | Operation, tuple[Index, ...]], ...] = ()
    summed: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Operation:
    """A derivative, a substitution or an expectation of terms, with free indices of its own, and what the kernel finds for it.

    entry   the derivative in this entry of a letter, or in this scalar
    table   what the letters in it are
    """

    of: tuple[Term, ...]
    indices: tuple[Index, ...]
    value: Expr
    entry: tuple[Tensor, tuple[Index, ...]] | str | None = None
    puts: Mapping[Tensor, tuple[tuple[Index, ...], Expr]] = field(default_factory=dict)
    laws: Mapping[Tensor, Law] = field(default_factory=dict)
    table: Mapping[str, Function] = field(default_factory=dict)

    def term(self, names: Mapping[Index, Index]) -> Term:
        return Term(Fraction(1), (), ((self, tuple(names.get(index, index) for index in self.indices)),))


@dataclass(frozen=True)
class Written:
    """One side: what the kernel read, and the side as it is written."""

    value: Expr
    terms: tuple[Term, ...]


def plain(expr: Expr) -> tuple[Term, ...]:
    """An expression of the kernel as it stands."""
    found = []
    for monomial, coefficient in expr.ordered:
        own = [Index(f"~{number}", dim) for number, dim in enumerate(monomial.dims)]
        factors = tuple(
            (tensor, tuple(own[r] if isinstance(r, int) else r for r in refs))
            for tensor, refs in monomial.factors
        )
        found.append(Term(coefficient, monomial.scalars, factors, tuple(own)))
    return tuple(found)


def written(source: Reader, side: sp.Expr, value: Expr) -> Written:
    """One side of a statement, and beside it what the kernel read with the same reader."""
    return Written(value, tuple(_Writer(source).terms(sp.sympify(side), {})))


class _Writer:
    def __init__(self, source: Reader) -> None:
        self.source = source
        self._numbers = count()

    def _new(self, dim: Dimension) -> Index:
        return Index(f"~{next(self._numbers)}", dim)

    def terms(self, expr: sp.Expr, scope: Scope) -> Iterator[Term]:
        match expr:
            case sp.Rational():
                yield Term(Fraction(int(expr.p), int(expr.q)))
            case sp.Symbol() if expr.name in self.source.defined:
                yield from self.terms(self.source.defined[expr.name], {})
            case sp.Symbol() if expr.name in self.source.language.symbols:
                yield Term(Fraction(1), ((expr.name, 1),))
            case sp.Symbol() if expr.name in self.source.language.letters:  # a letter without slots
                yield Term(Fraction(1), (), ((self.source.language.letters[expr.name].tensor, ()),))
            case sp.Add():
                for part in expr.args:
                    yield from self.terms(part, scope)
            case sp.Mul():
                yield from _product([list(self.terms(part, scope)) for part in expr.args])
            case sp.Pow():
                yield from self._power(expr, scope)
            case sp.Sum():
                inner = dict(scope)
                for symbol, low, high in reversed(expr.limits):
                    inner[symbol.name] = self._new(self.source.language.dimension(low, high))
                here = tuple(inner[symbol.name] for symbol, _, _ in expr.limits)
                for term in self.terms(expr.function, inner):
                    yield replace(term, summed=(*here, *term.summed))
            case sp.KroneckerDelta():
                yield Term(Fraction(1), (), ((DELTA, self._indices(expr.args[:2], scope)),))
            case sp.Indexed():
                yield Term(
                    Fraction(1),
                    (),
                    ((self.source.language.letter(expr.base).tensor, self._indices(expr.indices, scope)),),
                )
            case sp.Derivative():
                yield self._derivative(expr, scope)
            case sp.core.function.AppliedUndef() if expr.func.__name__ in self.source.operators:
                yield self._operator(expr, scope)
            case _:
                raise KernelError(f"cannot write {expr} of type {type(expr).__name__}")

    def _power(self, expr: sp.Pow, scope: Scope) -> Iterator[Term]:
        root, power = expr.args
        if isinstance(root, sp.Symbol) and root.name in self.source.language.symbols and power.is_Rational:
            yield Term(Fraction(1), ((root.name, Fraction(int(power.p), int(power.q))),))
        elif power.is_Integer and power >= 0:
            # Each copy is written anew, so that its summed indices are its own.
            yield from _product([list(self.terms(root, scope)) for _ in range(int(power))])
        else:
            raise KernelError(f"cannot write the power {expr}")

    def _index(self, name: str, scope: Scope) -> Index:
        return scope[name] if name in scope else Index(name, self.source.dims[name])

    def _indices(self, symbols: tuple[sp.Symbol, ...], scope: Scope) -> tuple[Index, ...]:
        return tuple(self._index(s.name, scope) for s in symbols)

    def _inside(self, expr: sp.Expr, scope: Scope) -> tuple[_Writer, dict[Index, Index]]:
        """A writer for which the free indices of the expression have their own names, and what those are outside."""
        names = _free(expr) & (scope.keys() | self.source.dims.keys())
        outside = {name: self._index(name, scope) for name in sorted(names)}
        dims = {**self.source.dims, **{name: index.dim for name, index in outside.items()}}
        return _Writer(replace(self.source, dims=dims)), {Index(n, i.dim): i for n, i in outside.items()}

    def _derivative(self, expr: sp.Derivative, scope: Scope) -> Term:
        """One operation for each variable."""
        inner, outside = self._inside(expr, scope)
        of, value = tuple(inner.terms(expr.expr, {})), inner.source.read(expr.expr)
        entries = tuple(inner.source.variables(expr, {}))
        for target, at in entries[:-1]:
            value = inner.source.slope(value, target, at)
            of = (
                Operation(of, tuple(outside), value, entry=(target, at), table=self.source.functions).term(
                    {}
                ),
            )
        return Operation(
            of, tuple(outside), inner.source.read(expr), entry=entries[-1], table=self.source.functions
        ).term(outside)

    def _operator(self, expr: sp.Expr, scope: Scope) -> Term:
        """The substitutions, and then the expectation."""
        inner, outside = self._inside(expr, scope)
        operator, (argument,) = self.source.operators[expr.func.__name__], expr.args
        indices = tuple({**outside, **dict.fromkeys(operator.free())})
        of, value = tuple(inner.terms(argument, {})), inner.source.read(expr)
        if operator.puts and operator.laws:
            put = operator.put(inner.source.read(argument))
            of = (Operation(of, indices, put, puts=operator.puts, table=self.source.functions).term({}),)
        if operator.laws:
            return Operation(of, indices, value, laws=operator.laws, table=self.source.functions).term(
                outside
            )
        return Operation(of, indices, value, puts=operator.puts, table=self.source.functions).term(outside)


def _free(expr: sp.Expr) -> set[str]:
    """Names of the symbols that no sum in it binds; SymPy leaves out those of the entries in which it is a derivative."""
    match expr:
        case sp.Symbol():
            return {expr.name} if expr.is_integer else set()
        case sp.Sum():
            return _free(expr.function) - {symbol.name for symbol, _, _ in expr.limits}
        case sp.Derivative():
            return _free(expr.expr).union(*(_free(variable) for variable in expr.variables))
    return set[str]().union(*(_free(part) for part in expr.args))


def _product(parts: list[list[Term]]) -> Iterator[Term]:
    for chosen in product(*parts):
        coefficient = Fraction(1)
        for term in chosen:
            coefficient *= term.coefficient
        yield Term(
            coefficient,
            tuple(power for term in chosen for power in term.scalars),
            tuple(factor for term in chosen for factor in term.factors),
            tuple(index for term in chosen for index in term.summed),
        )
