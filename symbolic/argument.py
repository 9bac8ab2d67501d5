"""An argument of calculus as data: lines that are checked, and lines that appeal to a rule by its name.

A checked line is one of
  zero      an expression in which everything cancels, as a rational function of its symbols
  positive  a rational function that is at least 0 because its coefficients are, in symbols that are not negative
  nonzero   a product of factors that do not vanish
  same      two sides and a proof that they are equal, for both checkers; the other three are for SymPy
The argument holds if every checked line does; what it rests on besides are the rules of RULES, listed wherever it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from symbolic.double import double_check
from symbolic.ledger import Side
from symbolic.proof import Proof

RULES = {
    "definition": "what a letter stands for",
    "induction": "what holds at the start and passes from each step to the next one holds at every step",
    "Rolle": "between two zeros of a differentiable function of one variable lies a zero of its derivative",
    "monotone": "a function whose derivative is nowhere negative does not decrease",
    "positive integral": "the integral of a nonnegative function is nonnegative",
    "exponential": "1 + z ≤ e^z",
    "exponents": "e^x e^y = e^{x+y}, and e^x ≠ 0",
    "Gaussian integral": "∫ e^{−bx²} dx = √(π/b) for b > 0",
    "Gaussian vectors": "linear images of independent centred Gaussians are Gaussian, and their covariance gives their law",
    "independence": "the expectation of a product of independent factors is the product of their expectations",
    "Markov": "P(X ≥ x) ≤ E[X]/x for X ≥ 0 and x > 0",
}


class ArgumentError(ValueError):
    """A line that can be no line: a rule that is not declared, a sign asked of symbols whose sign is open."""


@dataclass(frozen=True)
class Line:
    """One line. At most one of `zero`, `positive`, `nonzero`, `same` is checked; without any, `rule` says what gives the line."""

    says: str
    zero: sp.Expr | None = None
    positive: sp.Expr | None = None
    nonzero: sp.Expr | None = None
    same: tuple[Side, Side, Proof] | None = None
    strict: bool = False
    rule: str = ""

    def __post_init__(self) -> None:
        if len(self._checked) > 1 or not (self._checked or self.rule):
            raise ArgumentError(f"{self.says}: a line is checked once, or given by a rule")
        if self.rule and self.rule not in RULES:
            raise ArgumentError(f"{self.says}: {self.rule} is no declared rule")

    @property
    def _checked(self) -> list[object]:
        return [part for part in (self.zero, self.positive, self.nonzero, self.same) if part is not None]

    @property
    def checked(self) -> bool:
        return bool(self._checked)

    def holds(self) -> bool:
        """Whether the checked part is what the line says; a line that only names a rule holds."""
        if self.zero is not None:
            return bool(sp.cancel(sp.together(self.zero)) == 0)
        if self.positive is not None:
            return at_least_zero(self.positive, strict=self.strict)
        if self.nonzero is not None:
            return sp.factor(self.nonzero).is_nonzero is True
        return self.same is None or double_check(*self.same).proved

    def text(self) -> str:
        by = [self.rule] if self.rule else []
        by += ["checked" if self.holds() else "open"] if self.checked else []
        return f"{self.says} ({', '.join(by)})"


@dataclass(frozen=True)
class Argument:
    """What it shows, and its lines in order."""

    shows: str
    lines: tuple[Line, ...]

    def open_lines(self) -> list[Line]:
        """The lines that do not check; empty iff the argument holds."""
        return [line for line in self.lines if not line.holds()]

    @property
    def checkers(self) -> str:
        """Where its lines are checked, in words."""
        both = any(line.same is not None for line in self.lines)
        return "in SymPy or by both checkers of proofs" if both else "in SymPy"

    def rules(self) -> list[str]:
        return sorted({line.rule for line in self.lines if line.rule})

    def text(self) -> list[str]:
        return [*(line.text() for line in self.lines), f"hence {self.shows}"]


def at_least_zero(expr: sp.Expr, *, strict: bool = False) -> bool:
    """Whether numerator and denominator have no negative coefficient in symbols none of which is negative.

    strict  and some term of the numerator is positive whatever the symbols that may vanish.
    Raises ArgumentError where the sign of a symbol is open.
    """
    for symbol in expr.free_symbols:
        if not symbol.is_nonnegative:
            raise ArgumentError(f"the sign of {symbol} is open")
    above, below = sp.fraction(sp.cancel(sp.together(expr)))
    top, bottom = _terms(above), _terms(below)
    if not any(_positive(*term) for term in bottom):
        return False
    if any(coefficient < 0 for _, coefficient in (*top, *bottom)):
        return False
    return not strict or any(_positive(*term) for term in top)


def _terms(expr: sp.Expr) -> Sequence[tuple[sp.Expr, sp.Rational]]:
    found = []
    for term in sp.Add.make_args(sp.expand(expr)):
        coefficient, rest = term.as_coeff_Mul()
        if not (coefficient.is_Rational and rest.is_polynomial(*rest.free_symbols)):
            raise ArgumentError(f"{term}: no term of a polynomial with rational coefficients")
        found.append((rest, coefficient))
    return found


def _positive(rest: sp.Expr, coefficient: sp.Rational) -> bool:
    return bool(coefficient > 0 and all(symbol.is_positive for symbol in rest.free_symbols))
