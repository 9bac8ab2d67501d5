"""The proof of a statement of one's own: the stored one where both checkers accept it, else the one that is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import sympy as sp

from symbolic.bound import Certificate, Fact, NotFound, facts, hypotheses
from symbolic.find import inequality
from symbolic.find.identity import Lemma, scaled
from symbolic.find.pool import lemmas
from symbolic.indexed import Expr, Index, KernelError, number
from symbolic.proof import Axiom, Proof
from verify.own.stored import StoredProofs, Why
from verify.points.evaluation import pose
from verify.prove.identity import as_written, found, may_take
from verify.prove.inequality import gap
from verify.prove.premises import checked_twice, unsaid
from verify.search.looks import looks
from verify.sides import read
from verify.statement import Domain, Identity, Inequality


@dataclass(frozen=True)
class Above:
    """A statement that stands above others, which may use its proof."""

    name: str
    statement: Identity | Inequality

    @cached_property
    def gap(self) -> Expr:
        """The right side less the left one."""
        sides = read(self.statement)
        return sides.rhs - sides.lhs

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """That the right side less the left one is nonnegative, and of an identity the reverse too; nothing where a proof is refused."""
        try:
            why = None if self.statement.proof is None else self.statement.proof()
        except NotFound:
            return ()
        if why is None or refused(self.statement, why):
            return ()
        if isinstance(why, Fact):
            return (why,)
        axes = read(self.statement).axes
        return tuple(
            Fact(
                self.name,
                sign * self.gap,
                axes,
                Certificate((), tuple(scaled(use, -sign) for use in why.uses)),
            )
            for sign in (1, -1)
        )

    @cached_property
    def lemma(self) -> Lemma | None:
        """What is proved, as an axiom; None of an inequality, and where a proof is refused."""
        if not isinstance(self.statement, Identity):
            return None
        why, sides = self.statement.proof(), read(self.statement)
        if refused(self.statement, why):
            return None
        return Lemma(Axiom(self.name, sides.lhs, sides.rhs, sides.axes), why.uses)


@dataclass(frozen=True)
class Sought:
    """The proof of a statement that is sought when somebody asks for it, once; `above` are the statements before it, `steps` the
    expressions on the way from one side of an identity to the other."""

    statement: Identity | Inequality
    place: Place
    above: tuple[Above, ...] = ()
    tier: str = "fast"
    steps: tuple[sp.Expr, ...] = ()

    def cofactors(self) -> Proof:
        """The proof of an identity; one that does not close where none is found."""
        why, _ = self._answer
        return why if isinstance(why, Proof) else Proof()

    def fact(self) -> Fact:
        """The proof of an inequality. Raises NotFound where none is found."""
        why, _ = self._answer
        if not isinstance(why, Fact):
            tried = f"{inequality.TRIED}; {inequality.BUDGETS[self.tier]}"
            raise NotFound(f"no proof is found, which says nothing against the statement: {tried}")
        return why

    def origin(self) -> str:
        """A sentence on the stored proof, if there is one, and one on the statements above that the proof uses, if there are any."""
        why, stored = self._answer
        inside = {(fact.name, fact.positive) for fact in facts(why)} if isinstance(why, Fact) else set()
        used = [
            one.name
            for one in self.above
            if not inside.isdisjoint({(one.name, one.gap), (one.name, -one.gap)})
        ]
        return " ".join(filter(None, (stored, f"The proof uses {', '.join(used)}." if used else "")))

    @cached_property
    def _answer(self) -> tuple[Why | None, str]:
        one = self.statement
        if isinstance(one, Identity):
            return self.place.answer(one, lambda: found(one, self.identities, self.steps))
        look = looks(partial(pose, one))
        if look(1) or (one.supposes and self._found(one, number(-1), (), inequality.QUICK) is not None):
            return None, ""  # everything follows from conditions that contradict one another
        sides = read(one)
        gap, budget = sides.rhs - sides.lhs, inequality.BUDGETS[self.tier]
        return self.place.answer(one, lambda: self._found(one, gap, sides.axes, budget, self._lemmas, look))

    @cached_property
    def identities(self) -> tuple[Lemma, ...]:
        """The identities above that are proved and suppose nothing that this statement does not suppose."""
        mine = set(self.statement.supposes)
        every = (one.lemma for one in self.above if mine.issuperset(one.statement.supposes))
        return tuple(lemma for lemma in every if lemma is not None)

    @cached_property
    def _lemmas(self) -> tuple[Fact, ...]:
        """What is proved above and supposes nothing that this statement does not suppose."""
        mine = {fact.content for fact in may_take(self.statement)[1]}
        every = (fact for one in self.above for fact in one.facts)
        return tuple(fact for fact in every if all(found.content in mine for found in hypotheses(fact)))

    def _found(
        self,
        statement: Inequality,
        gap: Expr,
        axes: tuple[Index, ...],
        budget: inequality.Budget,
        pool: tuple[Fact, ...] = (),
        false: Callable[[int], bool] = lambda number: False,
    ) -> Fact | None:
        axioms, facts = may_take(statement)
        positive = statement.setting.language.positive
        more = lemmas(pool, gap, axioms)
        return inequality.fact(self.place.name, gap, axes, axioms, facts, positive, budget, more, false)


@dataclass(frozen=True)
class Place:
    """The place of a statement among stored proofs, by its key; without any where no proofs are stored."""

    stored: StoredProofs | None
    key: str
    name: str

    def answer(
        self, statement: Identity | Inequality, search: Callable[[], Why | None]
    ) -> tuple[Why | None, str]:
        """The stored proof where both checkers accept it, else what the search finds; and a sentence on what is stored."""
        if self.stored is None:
            return search(), ""
        why, origin = self.stored.replayed(
            self.key, self.name, statement.setting, partial(refused, statement)
        )
        if why is None:
            why = search()
        if why is not None and not refused(statement, why):
            sides = read(statement)
            axes = sides.axes if isinstance(why, Fact) else ()
            row = (self.key, *as_written(statement, sides.lhs, sides.rhs), why, axes)
            self.stored.keep(row, statement.setting.premises)
        return why, origin


def refused(statement: Identity | Inequality, why: Why) -> str:
    """Why a proof does not prove a statement; empty where the kernel and the second checker both accept it."""
    if isinstance(why, Fact) is isinstance(statement, Identity):
        return "it proves a statement of another relation"
    try:
        if isinstance(statement, Inequality):
            return gap(statement, why)  # type: ignore[arg-type]
        sides = read(statement)
        doubled = checked_twice(statement.setting, *as_written(statement, sides.lhs, sides.rhs), why)
        return (
            doubled.kernel
            or doubled.replayer
            or "; ".join(unsaid(statement.setting, why, Domain(), statement.supposes))
        )
    except (ValueError, KernelError) as error:
        return str(error)
