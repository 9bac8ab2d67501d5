"""Both sides of a statement of a setting at an exact point, against which numbers that were worked out by hand are held."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from verify.points.compare import exactly
from verify.points.evaluation import pose
from verify.points.witness import WitnessData
from verify.statement import Claim, Identity, Inequality
from verify.theories.named import shipped
from verify.vocabulary import Form


@cache
def stated(name: str) -> dict[tuple[str, Form], Claim]:
    """The claims of a theory that comes with the program, by id and form."""
    return {(claim.id, claim.form): claim for claim in shipped(name).theory.claims}


def sides(claim: Claim, sizes: Mapping[str, int], values: Mapping[str, str]) -> tuple[Fraction, ...]:
    """Both sides in rational arithmetic, whether or not the conditions of the statement hold."""
    (statement,) = claim.statements
    assert isinstance(statement, Identity | Inequality)
    posed = pose(Inequality(statement.lhs, statement.rhs, statement.dims, setting=statement.setting))
    found = exactly(posed, WitnessData(sizes, values).point(posed))
    assert found is not None
    return tuple(Fraction(int(side.p), int(side.q)) for side in (found.lhs, found.rhs))  # type: ignore[union-attr]
