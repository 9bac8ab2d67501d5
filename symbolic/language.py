"""What a setting calls things: its dimensions, letters and scalars, each with its SymPy head and its LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from symbolic.dimension import Dimension
from symbolic.indexed import Index, KernelError, Tensor


@dataclass(frozen=True)
class Letter:
    """One letter: its kernel tensor, its SymPy head, the LaTeX of an entry ({0}, {1}, … are the indices), and what it means."""

    tensor: Tensor
    base: sp.IndexedBase
    latex: str
    meaning: str

    def entry(self, *indices: sp.Symbol) -> sp.Expr:
        """An entry in SymPy; of a letter without slots a symbol of its name."""
        return self.base[indices] if indices else sp.Symbol(str(self.base), real=True)


@dataclass(frozen=True)
class Scalar:
    """One scalar that is nonnegative, and no size: its SymPy symbol, its LaTeX, what it means, and whether it is positive."""

    symbol: sp.Symbol
    latex: str
    meaning: str
    positive: bool = False


@dataclass(frozen=True)
class Language:
    """Dimensions, letters and scalars by name.

    defined    LaTeX of symbols that stand for expressions
    operators  LaTeX of operators such as an expectation; {0} is the argument
    """

    dimensions: Mapping[str, Dimension]
    letters: Mapping[str, Letter]
    scalars: Mapping[str, Scalar]
    defined: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The names of the sizes that may be chosen: of dimensions that are whole, and of all parts but the last."""
        return tuple(name for name, dim in self.dimensions.items() if not dim.may_be_empty)

    @cached_property
    def symbols(self) -> dict[str, sp.Symbol]:
        """The SymPy symbol of every scalar and every size."""
        found = {name: scalar.symbol for name, scalar in self.scalars.items()}
        return found | {name: self.size(name) for name in self.sizes}

    @cached_property
    def positive(self) -> frozenset[str]:
        """The scalars that a proof may divide by, sizes among them."""
        return frozenset((*self.sizes, *(name for name, scalar in self.scalars.items() if scalar.positive)))

    @staticmethod
    def size(name: str) -> sp.Symbol:
        """The SymPy symbol of a size."""
        return sp.Symbol(name, integer=True, positive=True)

    def axes(self, dims: Mapping[str, str]) -> tuple[Index, ...]:
        """Free indices, from the name of each and the name of its dimension."""
        return tuple(Index(name, self.dimensions[dim]) for name, dim in dims.items())

    def letter(self, base: object) -> Letter:
        """The letter of a SymPy head. Raises KernelError where it is not declared."""
        letter = self.letters.get(str(base))
        if letter is None:
            raise KernelError(f"letter {base} is not declared")
        return letter

    def limits(self, dim: Dimension) -> tuple[sp.Expr, sp.Expr]:
        """The first and the last value of an index over a dimension, in SymPy."""
        start = sp.Add(*(self.size(part.name) for part in dim.before))
        last = self.size((dim.whole or dim).name) if dim.may_be_empty else start + self.size(dim.name)
        return start + 1, last

    @cached_property
    def _ranges(self) -> dict[tuple[sp.Expr, sp.Expr], Dimension]:
        return {self.limits(dim): dim for dim in self.dimensions.values()}

    def dimension(self, low: sp.Expr, high: sp.Expr) -> Dimension:
        """The dimension of an index that runs from `low` to `high`. Raises KernelError where there is none."""
        found = self._ranges.get((low, high))
        if found is None:
            known = ", ".join(self.dimensions)
            raise KernelError(f"a sum from {low} to {high}: its dimension is not one of {known}")
        return found
