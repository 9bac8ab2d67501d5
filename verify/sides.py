"""Both sides of a statement as the kernel has them: the one form in which every method reads a statement."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.indexed import Expr, Index
from verify.statement import Statement


@dataclass(frozen=True)
class Sides:
    """Left and right side, and the free indices, for every value of which they are compared."""

    lhs: Expr
    rhs: Expr
    axes: tuple[Index, ...]


def read(statement: Statement, *, without: str = "") -> Sides:
    """Both sides, as they are read without one of the assumptions. Raises KernelError for what cannot be read."""
    source = statement.setting.reader(statement.dims, without)
    return Sides(
        source.read(statement.lhs), source.read(statement.rhs), statement.setting.axes(statement.dims)
    )
