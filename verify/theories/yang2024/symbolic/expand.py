"""An identity at one size, every value symbolic: a second route from the statement in SymPy to its truth.

    Size(sizes, (lhs, rhs)).difference(lhs, rhs, dims)  ->  None, or the entry where the sides differ

Shares no code with the kernel. Sums are written out, letters are those of `entries`, 𝓛 comes from (1), (8), (9) by
multiplying out, derivatives are those of polynomials; the softmax moves with the scores by ∂s_j = s_j (∂x_j − Σ_i s_i ∂x_i), and that
itself, (29), comes from s = e·r, ∂e = e ∂x, ∂r = −r Σ_j s_j ∂x_j.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

import sympy as sp
from flint import fmpq

from verify.theories.yang2024.symbolic import letters
from verify.theories.yang2024.symbolic.entries import (
    FREE,
    SCALARS,
    SIZES,
    SLOTS,
    Entries,
    Generic,
    Polynomial,
    Unsupported,
    entry,
)

KEPT = (sp.Sum, sp.Derivative, sp.core.function.AppliedUndef)


@dataclass(frozen=True)
class Scope:
    """Values of the running indices and their dimensions, and entries that stand in the place of a letter's own."""

    index: Mapping[str, int]
    dims: Mapping[str, str]
    instead: Mapping[str, Entries] = field(default_factory=dict)

    def where(self, name: str, dim: str, value: int) -> Scope:
        return replace(self, index={**self.index, name: value}, dims={**self.dims, name: dim})

    def with_letter(self, name: str, entries: Entries) -> Scope:
        return replace(self, instead={**self.instead, name: entries})


class Size(Generic):
    """The statements at one size. Indices run from 0 here; token n is prompt position n."""

    def __init__(self, sizes: Mapping[str, int], expressions: Iterable[sp.Expr]) -> None:
        found: set[str] = set()
        for expression in expressions:
            found |= mentioned(expression)
        super().__init__(sizes, found)
        self._values: dict[Any, Polynomial] = {}
        self._symbols: dict[sp.Basic, frozenset[str]] = {}

    def letter(self, name: str, at: tuple[int, ...], scope: Scope) -> Polynomial:
        return scope.instead[name](*at) if name in scope.instead else self.own(name, at)

    def value(self, expr: sp.Expr, scope: Scope) -> Polynomial:
        """The expression with these values of its indices; sums, operators and derivatives are worked out once."""
        if not isinstance(expr, KEPT) and not (
            isinstance(expr, sp.Symbol) and expr.name in ("Loss", "ell", "Ridge")
        ):
            return self._value(expr, scope)
        symbols = self._named(expr)
        at = tuple((name, value) for name, value in scope.index.items() if name in symbols)
        key = expr, at, tuple(scope.instead.items())
        if key not in self._values:
            self._values[key] = self.reduced(self._value(expr, scope))
        return self._values[key]

    def _named(self, expr: sp.Basic) -> frozenset[str]:
        """Names of all symbols. Not free_symbols: SymPy leaves out of them the indices of the entry that a derivative is taken in."""
        found = self._symbols.get(expr)
        if found is None:
            own = (expr.name,) if isinstance(expr, sp.Symbol) else ()
            found = self._symbols[expr] = frozenset(own).union(*map(self._named, expr.args))
        return found

    def _value(self, expr: sp.Expr, scope: Scope) -> Polynomial:
        match expr:
            case sp.Rational():
                return self.ring.constant(fmpq(int(expr.p), int(expr.q)))
            case sp.Symbol():
                return self._symbol(expr.name, scope)
            case sp.Add():
                return self.sum(self.value(part, scope) for part in expr.args)
            case sp.Mul():
                return prod((self.value(part, scope) for part in expr.args), start=self.one)
            case sp.Pow():
                return self._power(expr, scope)
            case sp.Sum():
                return self._sum(expr.function, list(reversed(expr.limits)), scope)
            case sp.KroneckerDelta():
                i, j = (self._index(part, scope) for part in expr.args[:2])
                return self.one if i == j else self.zero
            case sp.Indexed():
                return self.letter(*self._place(expr, scope), scope)
            case sp.Derivative():
                return self._derivative(expr, scope)
            case sp.core.function.AppliedUndef():
                return self._operator(expr.func.__name__, expr.args[0], scope)
        raise Unsupported(f"an expression of type {type(expr).__name__}")

    def _index(self, symbol: sp.Expr, scope: Scope) -> int:
        if not isinstance(symbol, sp.Symbol) or symbol.name not in scope.index:
            raise Unsupported(f"index {symbol}")
        return scope.index[symbol.name]

    def _place(self, expr: sp.Indexed, scope: Scope) -> tuple[str, tuple[int, ...]]:
        """Letter and position. Prompt positions are tokens; no other index stands in a slot of another dimension."""
        name, indices = expr.base.name, expr.indices
        if name not in SLOTS or len(indices) != len(SLOTS[name]):
            raise Unsupported(f"letter {name}")
        at = tuple(self._index(i, scope) for i in indices)
        for symbol, slot in zip(indices, SLOTS[name], strict=True):
            dim = scope.dims[symbol.name]
            if dim != slot and not (slot == "K" and dim in ("N", "U")):
                raise Unsupported(f"index {symbol} of dimension {dim} where {name} has {slot}")
        return name, at

    def _symbol(self, name: str, scope: Scope) -> Polynomial:
        if name in SIZES:
            return self.ring.constant(self.sizes[name])
        if name == "tau":
            return self.tau
        if name in SCALARS:
            return self.generator[name]
        match name:
            case "Loss":
                return self._loss(scope)
            case "ell":
                return self._loss(scope.with_letter("Ahat", self.scaled_weight))
            case "Ridge":
                return self._ridge(scope)
        raise Unsupported(f"symbol {name}")

    def _power(self, expr: sp.Pow, scope: Scope) -> Polynomial:
        base, power = expr.args
        named = base.name if isinstance(base, sp.Symbol) else ""
        if not power.is_Integer:
            raise Unsupported(f"power {power}")
        if power >= 0:
            return self.value(base, scope) ** int(power)
        if isinstance(base, sp.Rational) or named in SIZES:
            whole = (
                fmpq(int(base.p), int(base.q)) if isinstance(base, sp.Rational) else fmpq(self.sizes[named])
            )
            return self.ring.constant(whole ** int(power))
        if named in ("tau", "gamma"):
            return self.generator[f"1/{base}"] ** -int(power)
        raise Unsupported(f"division by {base}")

    def _sum(self, body: sp.Expr, limits: list[Any], scope: Scope) -> Polynomial:
        if not limits:
            return self.value(body, scope)
        (name, low, high), rest = limits[0], limits[1:]
        start = 0 if low == 1 else self.sizes["N"] if low == letters.N + 1 else None
        if start is None or not isinstance(high, sp.Symbol) or high.name not in SIZES:
            raise Unsupported(f"a sum from {low} to {high}")
        dim = high.name if start == 0 else "U"
        values = range(start, self.sizes[high.name])
        return self.sum(self._sum(body, rest, scope.where(name.name, dim, n)) for n in values)

    def _loss(self, scope: Scope) -> Polynomial:
        """(9): ½ E (1/K) Σ_k (ŷ_k − y_k)² with ŷ_k = Σ_j y_j Â_jk and y of (1)."""
        N, K = self.sizes["N"], self.sizes["K"]
        squares = self.zero
        for k in range(K):
            predicted = self.sum(self.label(j) * self.letter("Ahat", (j, k), scope) for j in range(N))
            squares += self.expected((predicted - self.label(k)) ** 2)
        return squares / (2 * K)

    def _ridge(self, scope: Scope) -> Polynomial:
        """The objective of (20)."""
        N, m = self.sizes["N"], self.sizes["m"]

        def lam(a: int) -> Polynomial:
            return self.letter("lam", (a,), scope)

        fit = self.sum(
            (self.letter("y", (i,), scope) - self.sum(lam(a) * self.z(a, i) for a in range(m))) ** 2
            for i in range(N)
        )
        return (fit + m * self.tau * self.sum(lam(a) ** 2 for a in range(m))) / (2 * N)

    def _operator(self, name: str, inner: sp.Expr, scope: Scope) -> Polynomial:
        match name:
            case "E":
                return self.expected(self.value(inner, scope.with_letter("y", self.label)))
            case "E_eps":
                return self.expected(self.value(inner, scope), tasks=False)
            case "E_sq":
                return self.expected(self.value(inner, scope), tasks=False, variance=self.tau**2)
            case "at_A":
                return self._at(inner, {"Ahat": self.A}, scope)
            case "at_alpha":
                return self._at(inner, {"Ahat": self.scaled_weight, "w": self._weight}, scope)
            case "at_ridge":
                return self._at(inner, {"lam": self.ridge}, scope)
        raise Unsupported(f"operator {name}")

    def _at(self, inner: sp.Expr, instead: Mapping[str, Entries], scope: Scope) -> Polynomial:
        """The value where letters are these entries: put in at once, or after a derivative in one of them."""
        if {f"{name} differentiated" for name in instead} & mentioned(inner):
            return self.replaced(self.value(inner, scope), instead)
        for name, entries in instead.items():
            scope = scope.with_letter(name, entries)
        return self.value(inner, scope)

    def _weight(self, h: int, k: int) -> Polynomial:
        return self.generator["gamma"] * self.generator[entry("alpha", (h, k))]

    def expected(
        self, poly: Polynomial, *, tasks: bool = True, variance: Polynomial | None = None
    ) -> Polynomial:
        """E over ε, and over λ by A1. Raises Unsupported for a third or higher moment of one variable."""
        noise = [n for n, name in enumerate(self.names) if name.startswith("eps(")]
        random = noise + [n for n, name in enumerate(self.names) if tasks and name.startswith("lam(")]
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in poly.to_dict().items():
            drawn = [powers[n] for n in random]
            if max(drawn, default=0) > 2:
                raise Unsupported("a moment beyond the second")
            if 1 in drawn:
                continue
            kept = list(powers)
            for n in random:
                kept[n] = 0
            terms = parts.setdefault(drawn[: len(noise)].count(2), {})
            terms[tuple(kept)] = terms.get(tuple(kept), 0) + coefficient
        each = self.tau if variance is None else variance
        mean = self.sum(self.ring.from_dict(terms) * each**squares for squares, terms in parts.items())
        return self.replaced(mean, {"z": self.z}) if self.substituted else mean

    # Derivatives

    def _derivative(self, expr: sp.Derivative, scope: Scope) -> Polynomial:
        if "Ahat" not in scope.instead and any(
            v.base.name in ("w", "Q") for v in expr.variables if isinstance(v, sp.Indexed)
        ):
            scope = scope.with_letter("Ahat", self.weight)  # 𝓛 depends on them through Â(θ)
        result = self.value(expr.expr, scope)
        for variable, times in expr.variable_count:
            if not isinstance(variable, sp.Indexed):
                raise Unsupported(f"a derivative in {variable}")
            name, at = self._place(variable, scope)
            for _ in range(int(times)):
                result = self.along_Q(result, *at) if name == "Q" else self._partial(result, name, at, scope)
        return result

    def _partial(self, poly: Polynomial, name: str, at: tuple[int, ...], scope: Scope) -> Polynomial:
        if name not in FREE or name in scope.instead or entry(name, at) not in self.generator:
            raise Unsupported(f"a derivative in {name}")
        return poly.derivative(entry(name, at))

    def along_Q(self, poly: Polynomial, h: int, p: int, q: int) -> Polynomial:
        """∂/∂(Q_h)_{pq} through the scores: x_jk moves by V_pj V_qk."""
        result, N = self.zero, self.sizes["N"]
        for k in range(self.sizes["K"]):
            moved = [self._v(p, j) * self._v(q, k) for j in range(N)]
            mean = self.sum(self.softmax("s", h, j, k) * moved[j] for j in range(N))
            if self.exponentials:
                rates = {entry("e", (h, j, k)): moved[j] for j in range(N)} | {entry("r", (h, k)): -mean}
            else:
                rates = {entry("s", (h, j, k)): moved[j] - mean for j in range(N - 1)}
            for name, rate in rates.items():
                if name in self.generator:
                    result += poly.derivative(name) * self.generator[name] * rate
        return result

    def _v(self, p: int, k: int) -> Polynomial:
        return self.generator[entry("V", (p, k))]

    # Decision

    def difference(self, lhs: sp.Expr, rhs: sp.Expr, dims: Mapping[str, str]) -> dict[str, int] | None:
        """Values of the free indices, from 1, at which the sides are not the same; None where they always are."""
        for scope in self.scopes(dims):
            gap = self.value(lhs, scope) - self.value(rhs, scope)
            if self.weighted:
                gap = self.replaced(gap, {"Ahat": self.weight})
            if not self.vanishes(gap):
                return {name: value + 1 for name, value in scope.index.items()}
        return None

    def scopes(self, dims: Mapping[str, str]) -> Iterator[Scope]:
        ranges = {
            name: range(self.sizes["N"], self.sizes["K"]) if dim == "U" else range(self.sizes[dim])
            for name, dim in dims.items()
        }
        for values in product(*ranges.values()):
            yield Scope(dict(zip(ranges, values, strict=True)), dims)


def mentioned(expr: sp.Expr) -> set[str]:
    """Names of letters, scalars and operators; and whether Q is what something is differentiated in."""
    found, derivatives = set(), []
    for one in expr.atoms(sp.Symbol, sp.Indexed, sp.core.function.AppliedUndef, sp.Derivative):
        match one:
            case sp.Symbol():
                found.add(one.name)
            case sp.Indexed():
                found.add(one.base.name)
            case sp.Derivative():
                derivatives.append(one)
            case _:
                found.add(one.func.__name__)
    found |= {
        f"{v.base} differentiated" for d in derivatives for v in d.variables if isinstance(v, sp.Indexed)
    }
    if "Q differentiated" in found and "s" in {
        x.base.name for d in derivatives for x in d.expr.atoms(sp.Indexed)
    }:
        found.add("s differentiated")
    return found
