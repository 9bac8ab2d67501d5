"""Proofs of identities: rewriting by oriented axioms, and cofactors by exact linear algebra for what rewriting leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from symbolic.find.linear import combination
from symbolic.find.relations import closure, relevant
from symbolic.indexed import Expr, KernelError, number
from symbolic.proof import Axiom, Proof, Use, cases
from symbolic.rewrite import rewrite

PASSES = 8  # of rewriting by all axioms
LEVELS, MOST = 3, 300  # of uses from the monomials that are left, and how many uses are tried


def proof(
    lhs: Expr,
    rhs: Expr,
    axioms: Sequence[Axiom],
    positive: frozenset[str],
    false: Callable[[], bool] = bool,
) -> Proof:
    """A proof that lhs = rhs; where none is found, the one by rewriting alone, which does not close.

    positive   scalars by which a cofactor may divide
    false      asked before cofactors are sought, which takes long where there are none: whether the statement is known to be false
    """
    if closed(lhs - rhs):
        return Proof()
    axioms = relevant(axioms, lhs, rhs)
    uses, rest = unfolded(lhs - rhs, axioms)
    if closed(rest) or false():
        return Proof(uses)
    starts = [(uses, rest), ((), lhs - rhs)] if uses else [((), lhs - rhs)]
    # Level by level from both starts: the deepest level of one costs more than all that go before.
    for tried in zip_longest(*(cofactors(left, axioms, positive) for _, left in starts)):
        for (found, _), more in zip(starts, tried, strict=True):
            if more is not None:
                return Proof((*found, *more))
    return Proof(uses)


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


def cofactors(
    rest: Expr, axioms: Sequence[Axiom], positive: frozenset[str]
) -> Iterator[tuple[Use, ...] | None]:
    """For each level of uses of axioms those that add up to an expression, with sums over parts taken apart; None where none do."""
    rest = rest.split()
    taken = frozenset(index.name for index in rest.free())
    for found in closure([one for one, _ in rest.ordered], axioms, positive, taken, LEVELS, MOST):
        chosen = combination([use.value().split() for use in found], rest)
        yield (
            None if chosen is None else tuple(scaled(found[place], value) for place, value in chosen.items())
        )


def scaled(use: Use, value: object) -> Use:
    """The use with its cofactor multiplied by a number."""
    return Use(use.axiom, use.cofactor * number(value), use.at, use.bind)  # type: ignore[arg-type]
