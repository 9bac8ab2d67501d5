"""What the letters are, once the derivation stands, and their definitions as axioms of proofs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from symbolic.indexed import Expr, Index, Tensor, number
from symbolic.kinds import Free, Kind
from symbolic.proof import Axiom, Use
from symbolic.setting import definition
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.derivation import derive, system_axiom
from verify.theories.yang2024.symbolic.letters import i, j, k, n, p


@cache
def kinds() -> Mapping[str, Kind]:
    """What each letter and each scalar is, the free ones first."""
    found = {name: let.kind(name, derive()) for name in let.WHAT}
    return dict(sorted(found.items(), key=lambda item: not isinstance(item[1], Free)))


def axiom(letter: Tensor | str) -> Axiom:
    """letter = its definition, or letter² = its square, for a letter or a scalar, or their names.

    Raises KeyError where no expression says what the letter is.
    """
    name = letter if isinstance(letter, str) else letter.name
    tensor = let.TABLE[name].tensor if name in let.TABLE else None
    if (found := definition(name, tensor, kinds()[name])) is None:
        raise KeyError(name)
    return found


def use(
    letter: Tensor | str, cofactor: Expr, at: tuple[Index, ...] = (), bind: tuple[Index, ...] = ()
) -> Use:
    """cofactor · (letter − definition) at these indices, summed."""
    return Use(axiom(letter), cofactor, at, bind)


@cache
def root_axiom() -> Axiom:
    """Σ_i Z̄_{ji} Z̄_{in} = M_{jn} (12)."""
    return Axiom("Z̄Z̄ = ZᵀZ + mτI", (let.ZBAR[j, i] * let.ZBAR[i, n]).sum(i), derive().system, (j, n))


@cache
def unit_token() -> Axiom:
    """‖v_k‖² = 1 (A0)."""
    return Axiom("A0: ‖v_k‖ = 1", (let.V[p, k] ** 2).sum(p), number(1), (k,))


__all__ = [
    "axiom",
    "kinds",
    "root_axiom",
    "system_axiom",
    "unit_token",
    "use",
]
