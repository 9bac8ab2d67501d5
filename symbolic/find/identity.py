"""Proofs of identities: rewriting by oriented axioms, and cofactors by exact linear algebra for what rewriting leaves."""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.find.linear import combination
from symbolic.find.relations import closure, relevant
from symbolic.indexed import Expr, KernelError, number
from symbolic.proof import Axiom, Proof, Use, cases
from symbolic.rewrite import rewrite

PASSES = 8  # of rewriting by all axioms
LEVELS, MOST = 3, 1200  # of uses from the monomials that are left, and how many uses are tried


def proof(lhs: Expr, rhs: Expr, axioms: Sequence[Axiom], positive: frozenset[str]) -> Proof:
    """A proof that lhs = rhs; where none is found, the one by rewriting alone, which does not close.

    positive   scalars by which a cofactor may divide
    """
    axioms = relevant(axioms, lhs, rhs)
    uses, rest = unfolded(lhs - rhs, axioms)
    first = Proof(uses)
    if closed(rest):
        return first
    for found, left in ((uses, rest), ((), lhs - rhs)):
        more = cofactors(left, axioms, positive)
        if more is not None:
            return Proof((*found, *more))
    return first


def closed(rest: Expr) -> bool:
    """Whether an expression vanishes in every choice of parts."""
    return not any(cases(rest))


def unfolded(
    rest: Expr, axioms: Sequence[Axiom], passes: int = PASSES, most: int | None = None
) -> tuple[tuple[Use, ...], Expr]:
    """Uses of axioms that take their left sides out of an expression as far as rewriting goes, and what is left.

    passes   how often all axioms are gone through
    most     how many terms an expression may have; an axiom that makes more of them is not used
    """
    uses: list[Use] = []
    for _ in range(passes):
        before = len(uses)
        for axiom in axioms:
            try:
                found, rest = rewrite(rest, axiom, most)
            except KernelError:
                continue
            uses += found
        if len(uses) == before:
            break
    return tuple(uses), rest


def cofactors(rest: Expr, axioms: Sequence[Axiom], positive: frozenset[str]) -> tuple[Use, ...] | None:
    """Uses of axioms that add up to an expression; None where none are found."""
    taken = frozenset(index.name for index in rest.free())
    for found in closure([one for one, _ in rest.ordered], axioms, positive, taken, LEVELS, MOST):
        if (chosen := combination([use.value() for use in found], rest)) is not None:
            return tuple(scaled(found[place], value) for place, value in chosen.items())
    return None


def scaled(use: Use, value: object) -> Use:
    """The use with its cofactor multiplied by a number."""
    return Use(use.axiom, use.cofactor * number(value), use.at, use.bind)  # type: ignore[arg-type]
