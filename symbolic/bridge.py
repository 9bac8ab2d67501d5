"""SymPy in, SymPy out. SymPy is the language statements are written and printed in; the kernel decides.

`Reader` reads Add, Mul, whole powers, rationals, the scalars of `letters`, Indexed, sums over 1..N, 1..K,
N+1..K, 1..m, 1..d, 1..H, KroneckerDelta, derivatives in entries of letters, and operators such as E.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import repeat
from typing import Any, TypeAlias

import sympy as sp
from sympy.printing.latex import LatexPrinter

from symbolic import letters
from symbolic.calculus import Operator
from symbolic.dimension import Dimension
from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor, delta, fresh, number, scalar, total

SCALARS = {"tau", "gamma", "N", "K", "m", "d", "H", *letters.SCALARS}
Differentiate = Callable[[Expr, Tensor, tuple[Index, ...]], Expr]
Seen: TypeAlias = dict[tuple[sp.Expr, tuple[tuple[str, Dimension], ...]], Expr]


@dataclass(frozen=True)
class Reader:
    """Reads SymPy into the kernel.

    dims           the dimension of each free index
    defined        what a symbol such as Loss stands for, in SymPy
    differentiate  the rule for derivatives
    operators      what a named operator such as an expectation does to a kernel expression
    seen           what was read, by the expression and the dimensions of its symbols; readers that differ in `dims` alone may share it
    """

    dims: Mapping[str, Dimension]
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
            case sp.Symbol() if expr.name in SCALARS:
                return scalar(expr.name)
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
                    index = fresh(letters.dimension(low, high))
                    inner[symbol] = index
                    indices.append(index)
                return self._scalar(expr.function, inner).sum(*indices)
            case sp.KroneckerDelta():
                i, j = (self._index(arg, bound) for arg in expr.args[:2])
                return delta(i, j)
            case sp.Indexed():
                return _letter(expr).tensor[tuple(self._index(i, bound) for i in expr.indices)]
            case sp.core.function.AppliedUndef() if expr.func.__name__ in self.operators:
                return self.operators[expr.func.__name__](self._scalar(expr.args[0], bound))
            case sp.Derivative():
                return self._derivative(expr, bound)
        raise KernelError(f"cannot read {expr} of type {type(expr).__name__}")

    def _power(self, expr: sp.Pow, bound: Mapping[sp.Symbol, Index]) -> Expr:
        root, power = expr.args
        if isinstance(root, sp.Symbol) and root.name in SCALARS and power.is_Rational:
            return scalar(root.name, Fraction(int(power.p), int(power.q)))
        if not power.is_Integer:
            raise KernelError(f"power {expr}: only whole powers, except of positive scalars")
        if power >= 0:
            return self._scalar(root, bound) ** int(power)
        if isinstance(root, sp.Rational):
            return number(Fraction(int(root.q), int(root.p)) ** -int(power))
        raise KernelError(f"power {expr}: division only by numbers, sizes and positive scalars")

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
            if not isinstance(variable, sp.Indexed):
                raise KernelError(f"derivative in {variable}: only in an entry of a letter")
            target = _letter(variable).tensor
            at = tuple(self._index(i, bound) for i in variable.indices)
            yield from repeat((target, at), int(times))

    def slope(self, inner: Expr, target: Tensor, at: tuple[Index, ...]) -> Expr:
        """The derivative in an entry."""
        if self.differentiate is None:
            raise KernelError("no rule of differentiation was given")
        return self.differentiate(inner, target, at)


def _letter(expr: sp.Indexed) -> letters.Letter:
    letter = letters.TABLE.get(str(expr.base))
    if letter is None:
        raise KernelError(f"letter {expr.base} is not declared")
    return letter


def to_sympy(expr: Expr, taken: Iterable[Index] = ()) -> sp.Expr:
    """The kernel expression in SymPy: sums over Indexed. `taken` are index names that must stay free."""
    free = {index.name for index in (*expr.free(), *taken)}
    parts = []
    for monomial, coefficient in sorted(
        expr.terms.items(), key=lambda item: (len(item[0].dims), repr(item[0]))
    ):
        names: list[sp.Symbol] = []
        used = set(free)
        for dim in monomial.dims:
            name = next(n for n in _names(dim) if n not in used)
            used.add(name)
            names.append(sp.Symbol(name, integer=True))
        body: sp.Expr = sp.Integer(1)
        for tensor, refs in monomial.factors:
            indices = [names[r] if isinstance(r, int) else sp.Symbol(r.name, integer=True) for r in refs]
            body *= sp.KroneckerDelta(*indices) if tensor == DELTA else letters.base(tensor)[tuple(indices)]
        limits = [(name, *letters.limits(dim)) for name, dim in zip(names, monomial.dims, strict=True)]
        head: sp.Expr = sp.Rational(coefficient.numerator, coefficient.denominator)
        for name, power in monomial.scalars:
            head *= _scalar_symbol(name) ** sp.Rational(power.numerator, power.denominator)
        parts.append(sp.Mul(head, sp.Sum(body, *limits) if limits else body))
    return sp.Add(*parts)


def _scalar_symbol(name: str) -> sp.Symbol:
    return letters.scalar_symbol(name) if name in letters.SCALARS else getattr(letters, name)


def _names(dim: Dimension) -> Iterable[str]:
    yield from dim.letters
    stem = dim.letters[0]
    number_ = 1
    while True:
        yield f"{stem}{number_}"
        number_ += 1


class _Printer(LatexPrinter):  # type: ignore[misc]
    """LaTeX in the paper's letters."""

    def _print_Indexed(self, expr: sp.Indexed) -> str:
        letter = letters.TABLE.get(str(expr.base))
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
        return rf"{sign}{front}\, " + r" \cdot ".join(self._print(part) for part in sums)

    def _print_KroneckerDelta(self, expr: sp.KroneckerDelta, exp: Any = None) -> str:
        i, j = (self._print(arg) for arg in expr.args[:2])
        body = rf"\delta_{{{i}{j}}}"
        return body if exp is None else rf"{body}^{{{exp}}}"

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        if expr.name in letters.SCALARS:
            return letters.SCALARS[expr.name][0]
        return {"Loss": r"\mathcal{L}", "ell": r"\ell", "Ridge": r"J"}.get(expr.name) or str(
            super()._print_Symbol(expr)
        )

    def _print_Function(self, expr: sp.Function, exp: Any = None) -> str:
        inner = self._print(expr.args[0])
        match expr.func.__name__:
            case "E":
                return rf"\mathbb{{E}}_{{\lambda,\epsilon}}\left[{inner}\right]"
            case "E_eps":
                return rf"\mathbb{{E}}_{{\epsilon}}\left[{inner}\right]"
            case "E_sq":
                return rf"\mathbb{{E}}_{{\epsilon\sim\mathcal{{N}}(0,\tau^2)}}\left[{inner}\right]"
            case "E_Q" | "E_D":
                law = (
                    r"Q_h\sim\mathcal{N}(0,\beta^2)"
                    if expr.func.__name__ == "E_Q"
                    else r"Q\sim\mathcal{N}(0,\beta^2\|v_k\|_2^2)"
                )
                return rf"\mathbb{{E}}_{{{law}}}\left[{inner}\right]"
            case "at_alpha":
                return rf"\left[{inner}\right]_{{w=\gamma\alpha}}"
            case "at_A":
                return rf"\left[{inner}\right]_{{\hat A=A}}"
            case "at_ridge":
                return rf"\left[{inner}\right]_{{\lambda=\hat\lambda}}"
        return str(super()._print_Function(expr, exp))


def latex(expr: Any) -> str:
    """LaTeX of a SymPy expression or relation, in the paper's letters."""
    return str(_Printer({"mul_symbol": None, "mat_symbol_style": "plain"}).doprint(expr))
