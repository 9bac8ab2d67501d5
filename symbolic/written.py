"""A side of a statement as it is written: SymPy multiplied out as it stands, beside what the kernel makes of it.

No rule of the kernel is used here: deltas, unit sums and sums over nothing stay, and no normal form is taken. So what the second
replayer gets does not rest on how the kernel read it. Only a derivative, an expectation or a defined symbol is what the kernel finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count, product
from typing import TypeAlias

import sympy as sp

from symbolic import letters
from symbolic.bridge import SCALARS, Reader
from symbolic.canonical import Power
from symbolic.indexed import Expr, Index, KernelError

Scope: TypeAlias = Mapping[str, Index]  # what the name of a summed symbol stands for here


@dataclass(frozen=True)
class Term:
    """Coefficient, powers of scalars (one name may stand twice), entries of letters by name, summed indices."""

    coefficient: Fraction
    scalars: tuple[tuple[str, Power], ...] = ()
    factors: tuple[tuple[str, tuple[Index, ...]], ...] = ()
    summed: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Written:
    """One side: what the kernel read, and the side as it is written."""

    value: Expr
    terms: tuple[Term, ...]


def written(source: Reader, side: sp.Expr, value: Expr) -> Written:
    """One side of a statement, and beside it what the kernel read with the same reader."""
    return Written(value, tuple(_Writer(source).terms(sp.sympify(side), {})))


class _Writer:
    def __init__(self, source: Reader) -> None:
        self.source = source
        self._numbers = count()

    def _new(self, dim: str) -> Index:
        return Index(f"~{next(self._numbers)}", dim)

    def terms(self, expr: sp.Expr, scope: Scope) -> Iterator[Term]:
        match expr:
            case sp.Rational():
                yield Term(Fraction(int(expr.p), int(expr.q)))
            case sp.Symbol() if expr.name in SCALARS and expr.name not in self.source.defined:
                yield Term(Fraction(1), ((expr.name, 1),))
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
                    inner[symbol.name] = self._new(_dimension(low, high))
                here = tuple(inner[symbol.name] for symbol, _, _ in expr.limits)
                for term in self.terms(expr.function, inner):
                    yield replace(term, summed=(*here, *term.summed))
            case sp.KroneckerDelta():
                yield Term(Fraction(1), (), (("delta", self._indices(expr.args[:2], scope)),))
            case sp.Indexed():
                yield Term(Fraction(1), (), ((str(expr.base), self._indices(expr.indices, scope)),))
            case _:
                yield from self._by_kernel(expr, scope)

    def _power(self, expr: sp.Pow, scope: Scope) -> Iterator[Term]:
        root, power = expr.args
        if isinstance(root, sp.Symbol) and root.name in SCALARS and power.is_Rational:
            yield Term(Fraction(1), ((root.name, Fraction(int(power.p), int(power.q))),))
        elif power.is_Integer and power >= 0:
            # Each copy is written anew, so that its summed indices are its own.
            yield from _product([list(self.terms(root, scope)) for _ in range(int(power))])
        else:
            yield from self._by_kernel(expr, scope)

    def _indices(self, symbols: tuple[sp.Symbol, ...], scope: Scope) -> tuple[Index, ...]:
        return tuple(
            scope[s.name] if s.name in scope else Index(s.name, self.source.dims[s.name]) for s in symbols
        )

    def _by_kernel(self, expr: sp.Expr, scope: Scope) -> Iterator[Term]:
        dims = {**self.source.dims, **{name: index.dim for name, index in scope.items()}}
        for monomial, coefficient in replace(self.source, dims=dims).read(expr).terms.items():
            own = [self._new(dim) for dim in monomial.dims]
            factors = tuple(
                (tensor.name, tuple(own[r] if isinstance(r, int) else scope.get(r.name, r) for r in refs))
                for tensor, refs in monomial.factors
            )
            yield Term(coefficient, monomial.scalars, factors, tuple(own))


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


def _dimension(low: sp.Expr, high: sp.Expr) -> str:
    if low == 1 and high in letters.SIZE.values():
        return str(high)
    if low == letters.N + 1 and high == letters.K:
        return "U"
    raise KernelError(f"a sum from {low} to {high}: no index has that range")
