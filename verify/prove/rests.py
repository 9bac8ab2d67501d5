"""Which statements of a theory a proof goes through: facts on the way that say the same as another statement, up to names of indices."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress

from symbolic.bound import BoundError, Fact, below
from symbolic.indexed import Expr, Index, KernelError
from verify.record import Rest
from verify.sides import read
from verify.statement import Claim, Inequality, Theory


class Rests:
    """What statements of a theory rest on: by their proofs, and as the text declares."""

    def __init__(self, theory: Theory) -> None:
        self.theory = theory
        self._known: dict[Hashable, Claim] | None = None

    def __call__(self, claim: Claim, *, proved: bool) -> list[Rest]:
        """The nearest statements below, those of proofs first; a declared one that a proof goes through stands once.

        proved  whether the proofs of the claim were accepted; else none is asked for
        """
        through = self._proved(claim) if proved else ()
        found = {one.key: Rest(id=one.id, form=one.form, by="proof") for one in through}
        declared = [
            Rest(id=id, by="declared")
            for id in self.theory.rests.get(claim.id, ())
            if all(id != known for known, _ in found)
        ]
        return [*found.values(), *declared]

    def _proved(self, claim: Claim) -> Iterator[Claim]:
        for statement in claim.inequalities():
            if (owner := self._owner(*_gap(statement))) is not None and owner.id != claim.id:
                yield owner  # another statement says this very thing
                continue
            with suppress(BoundError, KernelError):  # the claim may be proved in another way
                if statement.proof is not None:
                    yield from _nearest(statement.proof(), claim, self._owner, set())

    def _owner(self, positive: Expr, axes: tuple[Index, ...]) -> Claim | None:
        """The statement of this content; of several the last, so that a theorem rests on the step that says the same."""
        if self._known is None:
            self._known = {
                _content(*_gap(one)): claim for claim in self.theory.claims for one in claim.inequalities()
            }
        return self._known.get(_content(positive, axes))


def _gap(statement: Inequality) -> tuple[Expr, tuple[Index, ...]]:
    sides = read(statement)
    return sides.rhs - sides.lhs, sides.axes


def _content(positive: Expr, axes: tuple[Index, ...]) -> Hashable:
    """The same for two facts that differ in the names of their free indices alone."""
    named = tuple(Index(f"free {place}", index.dim) for place, index in enumerate(axes))
    return named, positive.at(dict(zip(axes, named, strict=True)))


def _nearest(
    fact: Fact, claim: Claim, owner: Callable[[Expr, tuple[Index, ...]], Claim | None], seen: set[int]
) -> Iterator[Claim]:
    """The statements on the ways down from a fact, the first on each way. A hypothesis is supposed, and none of them."""
    for premise in below(fact):
        if id(premise) in seen or premise.why is None:
            continue
        seen.add(id(premise))
        found = owner(premise.positive, premise.indices)
        if found is None or found.id == claim.id:
            yield from _nearest(premise, claim, owner, seen)
        else:
            yield found
