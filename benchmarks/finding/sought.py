"""A statement whose proof is sought: its sides, and the premises that a search may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations

from symbolic.bound import Fact, Taken, ordered
from symbolic.double import double_check
from symbolic.find import identity, inequality
from symbolic.find.relations import up_to_factor
from symbolic.indexed import Expr, Index
from symbolic.ledger import Side
from symbolic.proof import Axiom, Proof
from symbolic.registry import CONDITION, Entry, Registry
from symbolic.setting import Setting
from symbolic.written import Written


@dataclass(frozen=True)
class Sought:
    """lhs = rhs, or lhs ≤ rhs, for every value of `axes`.

    premises  the axioms and facts that a search may take: what letters are, and others, none of which is the statement itself
    pool      lemmas that it may take as well
    apart     the part of the set in which the statement is counted
    """

    name: str
    relation: str
    lhs: Side
    rhs: Side
    axes: tuple[Index, ...]
    setting: Setting
    premises: tuple[Axiom | Fact, ...]
    apart: str = ""
    pool: tuple[Fact, ...] = ()

    @property
    def gap(self) -> Expr:
        """The right side less the left."""
        return value(self.rhs) - value(self.lhs)

    def found(
        self,
        budget: inequality.Budget = inequality.BUDGETS["full"],
        false: Callable[[int], bool] = lambda number: False,
    ) -> Proof | Fact | None:
        """What the finder says; of an identity a proof that need not close.

        false   asked before each round, by its number, whether a counterexample is known
        """
        axioms = tuple(what for what in self.premises if isinstance(what, Axiom))
        positive = frozenset(self.setting.premises.positive)
        if self.relation == "=":
            return identity.proof(value(self.lhs), value(self.rhs), axioms, positive, lambda: false(1))
        facts = tuple(what for what in self.premises if isinstance(what, Fact))
        return inequality.fact(
            self.name, self.gap, self.axes, axioms, facts, positive, budget, self.pool, false
        )

    def accepted(self, found: Proof | Fact) -> bool:
        """Whether the kernel and the second checker both accept it as a proof of the statement from these premises."""
        axes = None if isinstance(found, Proof) else self.axes
        return double_check(self.lhs, self.rhs, found, axes, registry=self.registry).proved

    @property
    def registry(self) -> Registry:
        """The registry of the setting, and what the premises rest on beside: hypotheses that a rule discharges further on."""
        known = self.setting.premises
        taken = dict.fromkeys(one for what in (*self.premises, *self.pool) for one in ordered(rests_of(what)))
        more = [Entry(one.what, CONDITION) for one in taken if known.entry(one) is None]
        if not more:
            return known
        entries = (*known.entries, *more)
        return Registry(entries, known.positive, known.letters, known.tables, known.laws, known.assumptions)


def value(side: Side) -> Expr:
    """A side as the kernel has it."""
    return side.value if isinstance(side, Written) else side


def others(premises: Iterable[Axiom | Fact], gap: Expr, axes: tuple[Index, ...]) -> Iterator[Axiom | Fact]:
    """The premises that do not say, up to a factor and the names of indices, that this expression is zero or nonnegative."""
    for what in premises:
        said = what.zero if isinstance(what, Axiom) else what.positive
        signs = (1, -1) if isinstance(what, Axiom) else (1,)
        if not any(_says(sign * said, what.indices, gap, axes) for sign in signs):
            yield what


def _says(said: Expr, indices: tuple[Index, ...], gap: Expr, axes: tuple[Index, ...]) -> bool:
    if len(said.terms) != len(gap.terms) or sorted(i.dim for i in indices) != sorted(i.dim for i in axes):
        return False
    for at in permutations(axes):
        if all(one.dim is other.dim for one, other in zip(indices, at, strict=True)):
            named = said.at(dict(zip(indices, at, strict=True)))
            if up_to_factor(named.ordered) == up_to_factor(gap.ordered):
                return bool(named.ordered[0][1] / gap.ordered[0][1] > 0) if gap else True
    return False


def rests_of(what: Axiom | Fact) -> frozenset[Taken]:
    """What a premise of a search rests on without proof: itself, unless it is a fact with a proof."""
    return what.rests if isinstance(what, Fact) else frozenset((Taken.of(what),))
