"""The way without a kernel: SymPy, entry by entry. Sums are written out, 𝓛 is multiplied out and integrated from (1), (8), (9),
softmax is exp over Σ exp, derivatives are SymPy's, the inverse is that of a matrix of symbols; `simplify` has to find the zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import sympy as sp

from benchmarks.proofs.statements import Stated

SIZES = ("N", "K", "m", "d", "H")


class Elementwise:
    """Statements at one size, as SymPy expressions in the entries."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = dict(sizes)
        self.tau = sp.Symbol("tau", positive=True)
        self.gamma = sp.Symbol("gamma", positive=True)

    def range(self, dim: str) -> range:
        return range(self.sizes["N"], self.sizes["K"]) if dim == "U" else range(self.sizes[dim])

    def entry(self, letter: str, *at: int) -> sp.Symbol:
        return sp.Symbol("_".join([letter, *map(str, at)]), real=True)

    @cached_property
    def inverse(self) -> sp.Matrix:
        """(ZᵀZ + mτI)⁻¹."""
        Z = sp.Matrix(self.sizes["m"], self.sizes["N"], lambda a, j: self.entry("Z", a, j))
        return (Z.T * Z + self.sizes["m"] * self.tau * sp.eye(self.sizes["N"])).inv()

    def softmax(self, h: int, j: int, k: int) -> sp.Expr:
        """(28)."""

        def exponential(i: int) -> sp.Expr:
            pairs = product(self.range("d"), repeat=2)
            return sp.exp(
                sum(
                    self.entry("V", p, i) * self.entry("Q", h, p, q) * self.entry("V", q, k) for p, q in pairs
                )
            )

        return exponential(j) / sum(exponential(i) for i in self.range("N"))

    def label(self, k: int) -> sp.Expr:
        """(1)."""
        return sum(
            self.entry("lam", a) * (self.entry("Z", a, k) + self.entry("eps", a, k)) for a in self.range("m")
        )

    def expected(self, expr: sp.Expr) -> sp.Expr:
        """E over λ and ε by A1: multiplied out, moment by moment."""
        tasks = [self.entry("lam", a) for a in self.range("m")]
        noise = [self.entry("eps", a, k) for a in self.range("m") for k in self.range("K")]
        total = sp.Integer(0)
        for powers, coefficient in sp.Poly(sp.expand(expr), *tasks, *noise).terms():
            if not any(power % 2 for power in powers):
                total += coefficient * self.tau ** sum(power == 2 for power in powers[len(tasks) :])
        return total

    @cached_property
    def loss(self) -> sp.Expr:
        """(9) in the entries of Â."""
        squares = sp.Integer(0)
        for k in self.range("K"):
            predicted = sum(self.label(j) * self.entry("Ahat", j, k) for j in self.range("N"))
            squares += self.expected((predicted - self.label(k)) ** 2)
        return squares / (2 * self.sizes["K"])

    @cached_property
    def scaled_loss(self) -> sp.Expr:
        """ℓ(ξ): Â = Σ_h γ α_h s^h."""
        weights = {
            self.entry("Ahat", j, k): self.gamma
            * sum(self.entry("alpha", h, k) * self.softmax(h, j, k) for h in self.range("H"))
            for j, k in product(self.range("N"), self.range("K"))
        }
        return self.loss.subs(weights)

    def value(self, expr: sp.Expr, at: Mapping[str, int]) -> sp.Expr:
        match expr:
            case sp.Rational():
                return expr
            case sp.Symbol():
                known = {"tau": self.tau, "gamma": self.gamma}
                named: dict[str, Any] = known | {name: sp.Integer(self.sizes[name]) for name in SIZES}
                if expr.name == "Loss":
                    return self.loss
                return self.scaled_loss if expr.name == "ell" else named[expr.name]
            case sp.Add():
                return sp.Add(*(self.value(part, at) for part in expr.args))
            case sp.Mul():
                return prod((self.value(part, at) for part in expr.args), start=sp.Integer(1))
            case sp.Pow():
                return self.value(expr.base, at) ** expr.exp
            case sp.Sum():
                return sp.Add(*(self.value(expr.function, {**at, **values}) for values in self.inner(expr)))
            case sp.KroneckerDelta():
                return sp.Integer(len({at[part.name] for part in expr.args[:2]}) == 1)
            case sp.Indexed():
                letter, indices = str(expr.base), [at[index.name] for index in expr.indices]
                if letter == "s":
                    return self.softmax(*indices)
                return self.inverse[tuple(indices)] if letter == "Minv" else self.entry(letter, *indices)
            case sp.Derivative():
                (variable,) = expr.variables
                return sp.diff(self.value(expr.expr, at), self.value(variable, at))
            case sp.core.function.AppliedUndef():
                labelled = {self.entry("y", k): self.label(k) for k in self.range("K")}
                return self.expected(self.value(expr.args[0], at).subs(labelled))
        raise TypeError(type(expr).__name__)

    def inner(self, expr: sp.Sum) -> Iterator[dict[str, int]]:
        ranges = {
            symbol.name: self.range("U" if low != 1 else str(high)) for symbol, low, high in expr.limits
        }
        for values in product(*ranges.values()):
            yield dict(zip(ranges, values, strict=True))

    def holds(self, stated: Stated) -> bool:
        """Whether SymPy finds 0 for the difference in every entry."""
        for values in product(*(self.range(dim) for dim in stated.dims.values())):
            at = dict(zip(stated.dims, values, strict=True))
            if sp.simplify(self.value(stated.lhs, at) - self.value(stated.rhs, at)) != 0:
                return False
        return True
