"""What cannot take part in a combination that adds up to a target: seen from monomials that nothing could cancel."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from symbolic.indexed import Expr, Monomial


@dataclass(frozen=True)
class Column:
    """A summand with a coefficient that is sought.

    holders   what the coefficient vanishes with: a row of a positive semidefinite matrix, or the summand itself
    signed    whether the coefficient is nonnegative
    """

    value: Expr
    holders: tuple[Hashable, ...]
    signed: bool


def alive(target: Expr, columns: Sequence[Column]) -> set[Hashable]:
    """The holders that may take part.

    Where a monomial that the target does not have stands with one sign in summands of nonnegative coefficients alone, these coefficients
    are zero, and so is that of a summand which alone has the monomial.
    """
    left = {holder for column in columns for holder in column.holders}
    while True:
        rows: dict[Monomial, list[tuple[Column, bool]]] = {}
        for column in columns:
            if left.issuperset(column.holders):
                for monomial, value in column.value.terms.items():
                    rows.setdefault(monomial, []).append((column, value > 0))
        gone = {
            column.holders[0]
            for monomial, stands in rows.items()
            if monomial not in target.terms
            and (all(column.signed for column, _ in stands) or len(stands) == 1)
            and len({positive for _, positive in stands}) == 1
            for column, _ in stands
            if len(column.holders) == 1
        }
        if not gone:
            return left
        left -= gone
