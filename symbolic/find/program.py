"""Linear programs: which columns add up to a target with nonnegative coefficients, in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symbolic.indexed import Expr, Monomial

TINY = 1e-9  # a coefficient below it is none


def support(
    target: Expr, columns: Sequence[Expr], signed: int, costs: Sequence[float] | None = None
) -> list[int] | None:
    """Which columns a cheapest combination uses, the first `signed` of them with nonnegative coefficients; None where there is none.

    costs   of the columns; few and short ones are cheapest where absent
    """
    rows: dict[Monomial, int] = {}
    for expr in (target, *columns):
        for monomial, _ in expr.ordered:
            rows.setdefault(monomial, len(rows))
    where: list[tuple[int, int]] = []
    entries: list[float] = []
    for place, expr in enumerate(columns):
        largest = max(abs(value) for value in expr.terms.values())
        for monomial, value in expr.ordered:
            where.append((rows[monomial], place))
            entries.append(float(value / largest))
    if not columns:
        return None
    from scipy.optimize import linprog  # a proof that is replayed needs no solver
    from scipy.sparse import coo_matrix

    right = np.zeros(len(rows))
    for monomial, value in target.terms.items():
        right[rows[monomial]] = float(value)
    matrix = coo_matrix((entries, tuple(zip(*where, strict=True))), shape=(len(rows), len(columns)))
    if costs is None:
        costs = [1.0 + 0.01 * len(one.terms) if place < signed else 0.0 for place, one in enumerate(columns)]
    bounds = [(0, None) if place < signed else (None, None) for place in range(len(columns))]
    found = linprog(costs, A_eq=matrix.tocsc(), b_eq=right, bounds=bounds, method="highs-ds")
    return [place for place, value in enumerate(found.x) if abs(value) > TINY] if found.status == 0 else None
