"""The proof of a statement of one's own: the stored one where both checkers accept it, else the one that is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from symbolic.bound import Fact, NotFound
from symbolic.find import inequality
from symbolic.indexed import Expr, Index, KernelError, number
from symbolic.proof import Proof
from verify.own.stored import Stored, Why
from verify.prove.identity import as_written, broken, found, may_take
from verify.prove.inequality import gap
from verify.prove.premises import checked_twice, unsaid
from verify.sides import read
from verify.statement import Identity, Inequality


@dataclass(frozen=True)
class Sought:
    """The proof of a statement that is sought when somebody asks for it, once."""

    statement: Identity | Inequality
    place: Place

    def cofactors(self) -> Proof:
        """The proof of an identity; one that does not close where none is found."""
        why, _ = self._answer
        return why if isinstance(why, Proof) else Proof()

    def fact(self) -> Fact:
        """The proof of an inequality. Raises NotFound where none is found."""
        why, _ = self._answer
        if not isinstance(why, Fact):
            tried = f"{inequality.TRIED}; {inequality.Budget()}"
            raise NotFound(f"no proof is found, which says nothing against the statement: {tried}")
        return why

    def origin(self) -> str:
        """A sentence on the stored proof, if there is one."""
        return self._answer[1]

    @cached_property
    def _answer(self) -> tuple[Why | None, str]:
        one = self.statement
        if isinstance(one, Identity):
            return self.place.answer(one, lambda: found(one))
        if broken(one) or (one.supposes and self._found(one, number(-1), ()) is not None):
            return None, ""  # everything follows from conditions that contradict one another
        sides = read(one)
        return self.place.answer(one, lambda: self._found(one, sides.rhs - sides.lhs, sides.axes))

    def _found(self, statement: Inequality, gap: Expr, axes: tuple[Index, ...]) -> Fact | None:
        axioms, facts = may_take(statement)
        return inequality.fact(self.place.name, gap, axes, axioms, facts, statement.setting.language.positive)


@dataclass(frozen=True)
class Place:
    """The place of a statement among stored proofs, by its key; without any where no proofs are stored."""

    stored: Stored | None
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
            or "; ".join(unsaid(statement.setting, why, statement.domain, statement.supposes))
        )
    except (ValueError, KernelError) as error:
        return str(error)
