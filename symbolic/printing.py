"""Out of the kernel: its expressions in SymPy, and LaTeX in the letters of a language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from symbolic.dimension import Dimension
from symbolic.indexed import DELTA, Expr, Index
from symbolic.language import Language


def to_sympy(expr: Expr, language: Language, taken: Iterable[Index] = ()) -> sp.Expr:
    """The kernel expression in SymPy: sums over Indexed. `taken` are index names that must stay free."""
    free = {index.name for index in (*expr.free(), *taken)}
    parts = []
    for monomial, coefficient in sorted(
        expr.terms.items(), key=lambda item: (len(item[0].dims), repr(item[0]))
    ):
        names: list[sp.Symbol] = []
        used = free | language.dimensions.keys()
        for dim in monomial.dims:
            name = next(n for n in _names(dim) if n not in used)
            used.add(name)
            names.append(sp.Symbol(name, integer=True))
        body: sp.Expr = sp.Integer(1)
        for tensor, refs in monomial.factors:
            indices = [names[r] if isinstance(r, int) else sp.Symbol(r.name, integer=True) for r in refs]
            body *= (
                sp.KroneckerDelta(*indices)
                if tensor == DELTA
                else language.letters[tensor.name].entry(*indices)
            )
        limits = [(name, *language.limits(dim)) for name, dim in zip(names, monomial.dims, strict=True)]
        head: sp.Expr = sp.Rational(coefficient.numerator, coefficient.denominator)
        for name, power in monomial.scalars:
            head *= language.symbols[name] ** sp.Rational(power.numerator, power.denominator)
        parts.append(sp.Mul(head, sp.Sum(body, *limits) if limits else body))
    return sp.Add(*parts)


def _names(dim: Dimension) -> Iterable[str]:
    yield from dim.letters
    stem = dim.letters[0]
    number_ = 1
    while True:
        yield f"{stem}{number_}"
        number_ += 1


class _Printer(LatexPrinter):  # type: ignore[misc]
    """LaTeX in the letters of a language."""

    def __init__(self, language: Language) -> None:
        super().__init__({"mul_symbol": None, "mat_symbol_style": "plain"})
        self._language = language

    def _print_Indexed(self, expr: sp.Indexed) -> str:
        letter = self._language.letters.get(str(expr.base))
        if letter is None:
            return str(super()._print_Indexed(expr))
        return letter.latex.format(*(self._print(i) for i in expr.indices))

    def _print_Sum(self, expr: sp.Sum) -> str:
        signs = "".join(
            rf"\sum_{{{self._print(x)}={self._print(low)}}}^{{{self._print(up)}}} "
            for x, low, up in expr.limits
        )
        body = self._print(expr.function)
        return signs + (rf"\left({body}\right)" if expr.function.is_Add else body)

    def _print_Derivative(self, expr: sp.Derivative) -> str:
        below = "".join(rf"\partial {self._print(x)}" * int(times) for x, times in expr.variable_count)
        return rf"\frac{{\partial {self._print(expr.expr)}}}{{{below}}}"

    def _print_Mul(self, expr: sp.Mul) -> str:
        sums = [part for part in expr.args if isinstance(part, sp.Sum)]
        if not sums:
            return str(super()._print_Mul(expr))
        head = sp.Mul(*(part for part in expr.args if not isinstance(part, sp.Sum)))
        sign = "- " if head.could_extract_minus_sign() else ""
        head = -head if sign else head
        front = "" if head == 1 else self._print(head)
        front = rf"\left({front}\right)" if head.is_Add else front
        return rf"{sign}{front}\, " + r" \cdot ".join(self._print(part) for part in sums)

    def _print_KroneckerDelta(self, expr: sp.KroneckerDelta, exp: Any = None) -> str:
        i, j = (self._print(arg) for arg in expr.args[:2])
        body = rf"\delta_{{{i}{j}}}"
        return body if exp is None else rf"{body}^{{{exp}}}"

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        scalar = self._language.scalars.get(expr.name)
        letter = self._language.letters.get(expr.name)
        if letter is not None and not letter.tensor.slots:
            return letter.latex.format()
        known = self._language.defined.get(expr.name) if scalar is None else scalar.latex
        return known or str(super()._print_Symbol(expr))

    def _print_Function(self, expr: sp.Function, exp: Any = None) -> str:
        known = self._language.operators.get(expr.func.__name__)
        return (
            str(super()._print_Function(expr, exp))
            if known is None
            else known.replace("{0}", self._print(expr.args[0]))
        )


def latex(expr: Any, language: Language) -> str:
    """LaTeX of a SymPy expression or relation, in the letters of a language."""
    return str(_Printer(language).doprint(expr))
