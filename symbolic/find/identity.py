"""Proofs of identities: rewriting by oriented axioms, and cofactors by exact linear algebra for what rewriting leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise, zip_longest

from symbolic.find.linear import combination
from symbolic.find.relations import closure, relevant
from symbolic.indexed import Expr, KernelError, fresh, number, scalar
from symbolic.proof import Axiom, Proof, Use, cases
from symbolic.rewrite import rewrite

PASSES = 8  # of rewriting by all axioms
LEVELS, MOST = 3, 300  # of uses from the monomials that are left, and how many uses are tried


@dataclass(frozen=True)
class Lemma:
    """An identity that is proved: it may be used like an axiom, and each use gives way to what it was proved from."""

    axiom: Axiom
    uses: tuple[Use, ...]

    @property
    def rewrites(self) -> bool:
        """Whether its left side is one monomial that no term of its right side has, so that rewriting by it ends."""
        try:
            return not rewrite(self.axiom.rhs, self.axiom, most=0)[0]
        except KernelError:
            return False

    def opened(self, use: Use) -> Iterator[Use]:
        """A use of the lemma as uses of what it was proved from."""
        at = dict(zip(self.axiom.indices, use.at, strict=True))
        for one in self.uses:
            own = {index: fresh(index.dim) for index in one.bind}
            moved = {**at, **own}
            yield Use(
                one.axiom,
                use.cofactor * one.cofactor.at(moved),
                tuple(moved.get(index, index) for index in one.at),
                (*use.bind, *own.values()),
            )


def proof(
    lhs: Expr,
    rhs: Expr,
    axioms: Sequence[Axiom],
    positive: frozenset[str],
    false: Callable[[], bool] = bool,
    lemmas: Sequence[Lemma] = (),
    steps: Sequence[Expr] = (),
) -> Proof:
    """A proof that lhs = rhs; where none is found, the one by rewriting alone, which does not close.

    positive   scalars by which a cofactor may divide
    false      asked before cofactors are sought, which takes long where there are none: whether the statement is known to be false
    lemmas     identities that are proved, that may be used as well
    steps      expressions on the way from the left side to the right one, each of which is shown to equal the next
    """
    known = {id(one.axiom): one for one in lemmas}
    rewriting = [*axioms, *(one.axiom for one in lemmas if one.rewrites)]
    others = [one.axiom for one in lemmas if not one.rewrites]
    pairs = pairwise((lhs, *steps, rhs))
    found = tuple(use for pair in pairs for use in _uses(*pair, rewriting, others, positive, false))
    opened = (known[id(use.axiom)].opened(use) if id(use.axiom) in known else (use,) for use in found)
    return Proof(tuple(chain.from_iterable(opened)))


def _uses(
    lhs: Expr,
    rhs: Expr,
    axioms: Sequence[Axiom],
    others: Sequence[Axiom],
    positive: frozenset[str],
    false: Callable[[], bool],
) -> tuple[Use, ...]:
    """Uses of axioms that add up to lhs − rhs; where none are found, those of rewriting alone. By `others` nothing can be rewritten."""
    if closed(lhs - rhs):
        return ()
    axioms = relevant(axioms, lhs, rhs)
    for order in (sorted(axioms, key=_grows), axioms):
        uses, rest = unfolded(lhs - rhs, order)
        if closed(rest):
            return uses
        if (more := cleared(rest, order)) is not None:
            return *uses, *more
    if false():
        return uses
    axioms = [*axioms, *relevant(others, lhs, rhs)]
    starts = [(uses, rest), ((), lhs - rhs)] if uses else [((), lhs - rhs)]
    # Level by level from both starts: the deepest level of one costs more than all that go before.
    for tried in zip_longest(*(cofactors(left, axioms, positive) for _, left in starts)):
        for (found, _), more in zip(starts, tried, strict=True):
            if more is not None:
                return *found, *more
    return uses


def _grows(axiom: Axiom) -> bool:
    """Whether rewriting by an axiom makes a term longer; what shortens terms is done first."""
    length = (max((len(one.factors) for one in side.terms), default=0) for side in (axiom.lhs, axiom.rhs))
    return next(length) <= next(length)


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


def cleared(rest: Expr, axioms: Sequence[Axiom]) -> tuple[Use, ...] | None:
    """Uses that take an expression to zero once it is multiplied by the defined scalars which it is divided by; None where none do."""
    factor = number(1)
    for name in dict.fromkeys(name for axiom in axioms for name in axiom.lhs.names[1]):
        power = min((dict(one.scalars).get(name, 0) for one in rest.terms), default=0)
        factor = factor * scalar(name, max(-power, Fraction(0)))
    if factor == number(1):
        return None
    uses, left = unfolded(rest * factor, axioms)
    (monomial,) = factor.terms
    back = Expr.of(Fraction(1), tuple((name, -power) for name, power in monomial.scalars), (), ())
    return (
        tuple(Use(use.axiom, use.cofactor * back, use.at, use.bind) for use in uses) if closed(left) else None
    )


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
