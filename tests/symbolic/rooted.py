"""Exact sums of roots: what a scalar to a broken power is worth beside rational numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any, TypeAlias

Roots: TypeAlias = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True, eq=False)
class Rooted:
    """Σ fraction · Π base^exponent with bases positive and exponents in (0, 1).

    Two are equal if they are written alike. That is stricter than equality of numbers (√4 is not 2 here), so what
    compares equal is equal.
    """

    parts: dict[Roots, Fraction] = field(default_factory=dict)

    @staticmethod
    def of(x: Any) -> Rooted:
        return x if isinstance(x, Rooted) else Rooted({(): Fraction(x)} if x else {})

    def __add__(self, other: Any) -> Rooted:
        parts = dict(self.parts)
        for roots, x in Rooted.of(other).parts.items():
            parts[roots] = parts.get(roots, Fraction(0)) + x
        return Rooted({roots: x for roots, x in parts.items() if x})

    __radd__ = __add__

    def __mul__(self, other: Any) -> Rooted:
        result = Rooted()
        for one, x in self.parts.items():
            for two, y in Rooted.of(other).parts.items():
                exponents = dict(one)
                for base, exponent in two:
                    exponents[base] = exponents.get(base, Fraction(0)) + exponent
                scale = x * y
                for base, exponent in exponents.items():
                    scale *= base ** floor(exponent)
                left = ((base, exponent - floor(exponent)) for base, exponent in exponents.items())
                result = result + Rooted({tuple(sorted(root for root in left if root[1])): scale})
        return result

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Rooted:
        return self + Rooted.of(other) * -1

    def __rsub__(self, other: Any) -> Rooted:
        return self * -1 + other

    def __truediv__(self, other: int | Fraction) -> Rooted:
        return self * (1 / Fraction(other))

    def __pow__(self, power: int) -> Rooted:
        result = Rooted.of(1)
        for _ in range(power):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rooted | int | Fraction) and self.parts == Rooted.of(other).parts

    def nonnegative(self) -> bool:
        """Whether no part of it is negative: then the number is not either."""
        return all(x >= 0 for x in self.parts.values())


def power_of(base: Fraction, power: int | Fraction) -> Fraction | Rooted:
    """A positive number to a rational power."""
    if Fraction(power).denominator == 1:
        return base ** int(power)
    whole = floor(power)
    return Rooted({((base, power - whole),): base**whole})
