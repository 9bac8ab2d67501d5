"""Axioms that rewriting goes by where a variant of an identity is another way to write it: each left side is one monomial."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from symbolic.indexed import Expr, Index, Tensor, delta, number
from symbolic.proof import Axiom, Proof, prove
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import root_axiom
from verify.theories.yang2024.symbolic.dependence import MTAU
from verify.theories.yang2024.symbolic.derivation import push_through, ridge_axiom, system_axiom
from verify.theories.yang2024.symbolic.letters import index


def orders() -> tuple[tuple[Axiom, ...], ...]:
    """The orders in which rewriting takes them: products with an inverse come before or after the inverse is moved through."""
    root, of_M, of_G, through = axioms()
    return (root, of_M, of_G), (root, through, of_G)


@cache
def axioms() -> tuple[Axiom, ...]:
    """What Z̄Z̄, M⁻¹ZᵀZ, G⁻¹ZZᵀ and M⁻¹Zᵀ are, with G = ZZᵀ + mτI: each left side is one monomial."""
    return (
        root_axiom(),
        _of_inverse(
            "M⁻¹ZᵀZ = I − mτM⁻¹", let.MINV, "N", "m", lambda inner, outer: let.Z[inner, outer], system_axiom()
        ),
        _of_inverse(
            "G⁻¹ZZᵀ = I − mτG⁻¹", let.GINV, "m", "N", lambda inner, outer: let.Z[outer, inner], ridge_axiom()
        ),
        _through(),
    )


def consequences() -> tuple[Axiom, ...]:
    """Those that no definition is: they follow from the definitions of the inverses."""
    return axioms()[2:]


def _through() -> Axiom:
    """M⁻¹Zᵀ = ZᵀG⁻¹, from the two definitions of an inverse."""
    row, middle, column, other = index("r", "N"), index("x", "N"), index("c", "m"), index("o", "m")
    left = (let.MINV[row, middle] * let.Z[column, middle]).sum(middle)
    right = (let.Z[other, row] * let.GINV[other, column]).sum(other)
    if not prove(left, right, Proof(push_through(number(1), row, column, ()))):
        raise AssertionError("M⁻¹Zᵀ = ZᵀG⁻¹ is not proved")
    return Axiom("M⁻¹Zᵀ = ZᵀG⁻¹", left, right, (row, column))


def _of_inverse(
    name: str,
    inverse: Tensor,
    dim: str,
    summed: str,
    entry: Callable[[Index, Index], Expr],
    definition: Axiom,
) -> Axiom:
    row, column = (index(letter, dim) for letter in {"N": "jn", "m": "ab"}[dim])
    middle, other = index("x", dim), index("o", summed)
    left = (inverse[row, middle] * entry(other, middle) * entry(other, column)).sum(middle, other)
    axiom = Axiom(name, left, delta(row, column) - MTAU * inverse[row, column], (row, column))
    ways = ((row, column), (column, row))
    if axiom.zero not in [
        definition.zero.at(dict(zip(definition.indices, way, strict=True))) for way in ways
    ]:
        raise AssertionError(f"{name} is not the definition of the inverse")
    return axiom
