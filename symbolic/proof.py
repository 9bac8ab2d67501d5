"""A proof as data: lhs − rhs = Σ cofactor · (axiom), an identity that anyone can replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor


@dataclass(frozen=True)
class Axiom:
    """lhs = rhs for every value of its free indices: a definition such as M M⁻¹ = I, or Σ_j e_j r = 1.

    when   the points at which it is taken, a key of `symbolic.bound.WHEN`
    """

    name: str
    lhs: Expr
    rhs: Expr
    indices: tuple[Index, ...]
    when: str = "always"

    @property
    def content(self) -> tuple[Any, ...]:
        """What it says, whatever its name is."""
        return "axiom", self.lhs, self.rhs, self.indices, self.when

    @property
    def letters(self) -> frozenset[Tensor | str]:
        """The letters and scalars that it mentions."""
        tensors = (self.lhs.tensors() | self.rhs.tensors()) - {DELTA}
        return frozenset(
            tensors | {name for side in (self.lhs, self.rhs) for m in side.terms for name, _ in m.scalars}
        )

    @property
    def zero(self) -> Expr:
        return self.lhs - self.rhs


@dataclass(frozen=True)
class Use:
    """cofactor · (axiom with its indices renamed to `at`), summed over `bind`."""

    axiom: Axiom
    cofactor: Expr
    at: tuple[Index, ...]
    bind: tuple[Index, ...] = ()

    @property
    def open(self) -> set[Index]:
        """The indices it leaves free."""
        of_axiom = self.axiom.zero.free() - set(self.axiom.indices)
        return (self.cofactor.free() | set(self.at) | of_axiom) - set(self.bind)

    def value(self) -> Expr:
        renamed = self.axiom.zero.at(dict(zip(self.axiom.indices, self.at, strict=True)))
        return self.cofactor.times(renamed, *self.bind)


@dataclass(frozen=True)
class Proof:
    """Why lhs = rhs. `uses` carry every appeal to an axiom; what is left must have the zero normal form."""

    uses: tuple[Use, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def residual(self, lhs: Expr, rhs: Expr) -> Expr:
        """lhs − rhs − Σ uses; zero in each of `cases` iff the proof replays."""
        rest = lhs - rhs
        for use in self.uses:
            none_supposed(use.open, lhs.free() | rhs.free())
            rest = rest - use.value()
        return rest

    def open_cases(self, lhs: Expr, rhs: Expr) -> list[Expr]:
        """The non-zero residuals, one for each choice of parts; empty iff proved."""
        return [case for case in cases(self.residual(lhs, rhs)) if case]


def divisors(*exprs: Expr) -> frozenset[str]:
    """The scalars that stand with a negative power."""
    return frozenset(name for expr in exprs for m in expr.terms for name, power in m.scalars if power < 0)


def none_supposed(used: set[Index], kept: set[Index]) -> None:
    """Raises KernelError where a proof has an index over a part that may be empty, and its conclusion does not have that index."""
    if wrong := sorted(index for index in used - kept if index.dim.may_be_empty):
        raise KernelError(
            f"it supposes that there is an index {wrong[0].name} over {wrong[0].dim}, which may be empty"
        )


def cases(expr: Expr) -> Iterator[Expr]:
    """The expression with each free index over a dimension with parts taken in each of them."""
    divided = sorted(index for index in expr.free() if index.dim.parts)
    for index in divided:
        if any(other.name == index.name and other != index for other in expr.free()):
            raise KernelError(f"index {index.name} is used with two dimensions")
    for choice in product(*(index.dim.parts for index in divided)):
        renamed = expr.at({k: Index(k.name, part) for k, part in zip(divided, choice, strict=True)})
        yield renamed.split()


def prove(lhs: Expr, rhs: Expr, proof: Proof | None = None) -> bool:
    """Whether the proof (by default: nothing but the kernel's rules) shows lhs = rhs for all dimensions."""
    return not (proof or Proof()).open_cases(lhs, rhs)
