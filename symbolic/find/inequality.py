"""Certificates of inequalities: a target as a sum of nonnegative candidates and uses of axioms, in stages of rising cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Generic, TypeVar

from symbolic.bound import BoundError, Certificate, Fact, Letter, Weight, letters, nonnegative
from symbolic.check import check
from symbolic.find import gram
from symbolic.find.bounds import bounds_of, in_place
from symbolic.find.cauchy import legs, products
from symbolic.find.centred import centred, turned
from symbolic.find.differences import Shortened
from symbolic.find.identity import unfolded
from symbolic.find.least import CONSTANT, Least, root_above
from symbolic.find.parts import joined
from symbolic.find.relations import among, heads, relevant
from symbolic.find.steps import Step, steps
from symbolic.find.substitutes import apart_from_all
from symbolic.find.table import Table
from symbolic.indexed import Expr, Index, KernelError, scalar
from symbolic.proof import Axiom, Use

TRIED = (
    "tried are sums of squares made of its terms, Gram matrices over these, multiples of what its letters are and of its conditions, "
    "Cauchy–Schwarz, and bounds of letters that are made of others"
)

T = TypeVar("T", bound=Table)
DEEP, LONG = 4, 30  # how often letters are written out that others stand for, and in how many terms


@dataclass(frozen=True)
class Round:
    """How much is made in a round: for how many needs candidates are made, how many entries Gram matrices have, and for how many needs
    candidates of a lemma are made in the last of its rounds, where letters are bounded by lemmas of their own."""

    needs: int
    entries: int = 0
    bounds: int = 0


@dataclass(frozen=True)
class Budget:
    """The rounds of a search, in each of which every form of the target is tried."""

    rounds: tuple[Round, ...]

    def __str__(self) -> str:
        last = self.rounds[-1]
        return f"candidates for {last.needs} needs and {last.entries} entries of Gram matrices in the last of {len(self.rounds)} rounds"


AT_ONCE = 5  # needs, after which the linear program is solved
ROUNDS = (
    Round(needs=5),
    Round(needs=20),
    Round(needs=80, entries=800, bounds=20),
    Round(needs=160, entries=800, bounds=75),
    Round(needs=300, entries=1600),
)
LEAST = 20  # needs of a lemma where the least constant is sought
QUICK = Budget(ROUNDS[:2])  # a second or two where nothing is found
BUDGETS = {"fast": Budget(ROUNDS[:4]), "full": Budget(ROUNDS)}


def fact(
    name: str,
    positive: Expr,
    indices: tuple[Index, ...],
    axioms: Sequence[Axiom],
    facts: Sequence[Fact],
    allowed: frozenset[str],
    budget: Budget = BUDGETS["fast"],
    pool: Sequence[Fact] = (),
    false: Callable[[int], bool] = lambda number: False,
) -> Fact | None:
    """A fact that positive ≥ 0, which the kernel has checked; None where none is found within the budget, which says nothing.

    axioms, facts   what the proof may take
    allowed         scalars by which it may divide
    pool            lemmas that it may take as well, which each round tries last
    false           asked before each round, by its number from 1 on, whether a counterexample is known: none is looked for then
    """
    ways = [
        way
        for known in ((*facts,), (*facts, *pool))[: 1 + bool(pool)]
        for way in _ways(name, positive, indices, axioms, known, allowed, budget)
    ]
    for number in range(1, len(budget.rounds) + 1):
        if false(number):
            return None
        for way in ways:
            if (found := next(way)) is not None:
                return found
    return None


def least(
    lhs: Expr,
    rhs: Expr,
    indices: tuple[Index, ...],
    axioms: Sequence[Axiom],
    facts: Sequence[Fact],
    allowed: frozenset[str],
    enough: Fraction,
) -> Fraction | None:
    """The least c for which c · rhs − lhs ≥ 0 by weights that were tried; None where there is none with any c. Nothing is proved by it.

    enough   a number with which the search is content
    """
    search = _search("least", (lhs, rhs), indices, axioms, facts, allowed, QUICK)
    found = search.least(lhs, rhs, enough)
    if (found is None or found > enough) and nonnegative(lhs) and nonnegative(rhs):
        square = search.least(lhs**2, rhs**2, enough**2)
        root = None if square is None else root_above(square)
        found = min((one for one in (found, root) if one is not None), default=None)
    return found


def _search(
    name: str, target: tuple[Expr, ...], indices: tuple[Index, ...], axioms: Sequence[Axiom], facts: Sequence[Fact],
    allowed: frozenset[str], budget: Budget,
) -> _Search:  # fmt: skip
    """The search for what is made of these expressions, with the facts that they lead to and with what Cauchy–Schwarz gives of those.

    Facts that say what letters are stay out where neither the target nor any other fact leads to them.
    """
    start = (*target, *(fact.positive for fact in facts if fact.when != "always"))
    sides = (side for axiom in relevant(axioms, *start) for side in (axiom.lhs, axiom.rhs))
    there = letters(*start, *sides)
    near = [fact for fact in facts if fact.when != "always" or _near(fact, there, allowed)]
    close = relevant(axioms, *target)
    known = (*map(apart_from_all, near), *legs(close), *products(close, near))
    return _Search(name, indices, axioms, known, allowed, budget)


def _near(fact: Fact, there: frozenset[Letter], allowed: frozenset[str]) -> bool:
    """Whether letters lead to a fact: it speaks of these and of scalars to divide by, or says what the greatest or the least of them is."""
    if fact.extreme is not None and fact.extreme in there:
        return True
    return fact.letters <= there | allowed and not fact.letters.isdisjoint(there)


def _ways(
    name: str, positive: Expr, indices: tuple[Index, ...], axioms: Sequence[Axiom], facts: Sequence[Fact],
    allowed: frozenset[str], budget: Budget,
) -> Iterator[Iterator[Fact | None]]:  # fmt: skip
    """What each round finds: of the target itself, and of what it follows from by one rule."""
    for step in steps(name, positive, indices, facts, allowed):
        search = _search(name, (step.target,), step.indices, axioms, facts, allowed, budget)
        yield map(partial(_shown, search, step), search.rounds(step.target))


def _shown(search: _Search, step: Step, found: Fact | None) -> Fact | None:
    """What a fact that is found for a step shows, if the kernel accepts it."""
    try:
        return found and search.checked(step.shows(found))
    except (BoundError, KernelError):
        return None


def stages(table: Table, tried: Round) -> Iterator[Certificate]:
    """Certificates by what is made for the needs of a table, few at a time; then with Gram matrices over the roots of its squares."""
    for _ in range(tried.needs // AT_ONCE):
        if table.grow(AT_ONCE) and (found := table.solved()) is not None:
            yield found
    if tried.entries and (found := gram.certificate(table, tried.entries)) is not None:
        yield found


@dataclass(frozen=True, eq=False)
class Form(Generic[T]):
    """A form of a target: the uses of axioms that lead to it, its table, and what a certificate of the table says of the target."""

    uses: tuple[Use, ...]
    table: T
    back: Callable[[Certificate], Certificate | None]


@dataclass(frozen=True)
class _Search:
    name: str
    indices: tuple[Index, ...]
    axioms: Sequence[Axiom]
    facts: Sequence[Fact]
    allowed: frozenset[str]
    budget: Budget

    def certificate(self, target: Expr) -> Fact | None:
        """What the first round finds that finds anything."""
        return next((found for found in self.rounds(target) if found is not None), None)

    def rounds(self, target: Expr) -> Iterator[Fact | None]:
        """What each round finds: the target by a certificate, as it stands, with what letters stand for written out, and with uses of
        axioms beside weights."""
        made = self._forms(joined(target), Table)
        forms: list[Form[Table]] = []
        for tried in self.budget.rounds:
            yield next(self._round(target, tried, forms, made), None)

    def _round(
        self, target: Expr, tried: Round, forms: list[Form[Table]], made: Iterator[Form[Table]]
    ) -> Iterator[Fact]:
        """Facts that a round finds; forms that it makes are added to those of the rounds before."""
        if tried.bounds and (passed := self._by_bounds(target, tried.bounds)) is not None:
            yield passed
        for form in chain(forms[:], made):
            if form not in forms:
                forms.append(form)
            for found in stages(form.table, tried) if form.table.target else (Certificate(),):
                if (certificate := form.back(found)) is None:
                    continue
                certificate = Certificate(certificate.weights, (*form.uses, *certificate.uses))
                fact = Fact(self.name, target, self.indices, certificate)
                if (passed := self.checked(fact)) is not None:
                    yield passed

    def _by_bounds(self, target: Expr, needs: int) -> Fact | None:
        """The target from bounds of the letters that have to be small, each a lemma of its own, in terms of those that may be large."""
        closing = replace(self, budget=QUICK)
        for uses, weights, rest in self._bounded(target, needs):
            closed = closing.certificate(rest)
            if closed is not None and isinstance(why := closed.why, Certificate):
                why = Certificate((*weights, *why.weights), (*uses, *why.uses))
                passed = self.checked(Fact(self.name, target, self.indices, why))
                if passed is not None:
                    return passed
        return None

    def _bounded(self, target: Expr, needs: int) -> Iterator[tuple[tuple[Use, ...], list[Weight], Expr]]:
        """Uses of axioms and multiples of bounds that take letters out of a target, and what is left of that."""
        taken = frozenset(index.name for index in (*target.free(), *self.indices))
        proved: dict[Expr, Fact | None] = {}
        budget = Budget((*QUICK.rounds, Round(needs=needs)))

        def prove(lemma: Fact, axioms: Sequence[Axiom], facts: Sequence[Fact]) -> Fact | None:
            positive, indices = lemma.positive, lemma.indices
            if positive not in proved:
                search = _search(lemma.name, (positive,), indices, axioms, facts, self.allowed, budget)
                proved[positive] = search.certificate(positive)
            return proved[positive]

        for uses, left in ((), joined(target)), *turned(joined(target), self.axioms):
            for fact in bounds_of(left, self.axioms, self.facts, prove):
                weights, rest = in_place(left, fact, self.allowed, taken)
                if weights:
                    yield uses, weights, rest

    def _forms(self, target: Expr, kind: type[T]) -> Iterator[Form[T]]:
        """The forms of the target that are tried."""
        taken = frozenset(index.name for index in (*target.free(), *self.indices))

        def of(uses: tuple[Use, ...], left: Expr, axioms: Sequence[Axiom]) -> Iterator[Form[T]]:
            if short := Shortened.of(left, axioms, self.facts):
                table = kind(short.target, short.axioms, short.facts, self.allowed, taken)
                yield Form(uses, table, short.written_out)
            yield Form(uses, kind(left, axioms, self.facts, self.allowed, taken), lambda found: found)

        spoken = frozenset[Letter]().union(*(fact.letters for fact in self.facts))
        for uses, left in chain(turned(target, self.axioms), self._unfoldings(target)):
            for one in centred(left, self.axioms, self.facts):
                for some in ((), relevant(one.short.axioms, one.target, spoken=spoken)):
                    table = kind(one.target, some, self.facts, self.allowed, taken)
                    yield Form(uses, table, one.written_out)
            every = relevant(self.axioms, left, spoken=spoken)
            close = among(every, letters(left) | spoken)
            for axioms in dict.fromkeys(((), tuple(close), tuple(every))):
                yield from of(uses, left, axioms)

    def _unfoldings(self, target: Expr) -> Iterator[tuple[tuple[Use, ...], Expr]]:
        """The target with letters written out, further and further: those that are to be bounded, and of which no fact speaks."""
        yield (), target
        spoken = letters(*(fact.positive for fact in self.facts))
        silent = [axiom for axiom in self.axioms if not heads(axiom) <= spoken]
        uses: tuple[Use, ...] = ()
        left = target
        for _ in range(DEEP):
            bounded = {
                m: value for m, value in left.terms.items() if value < 0 or not nonnegative(Expr({m: value}))
            }
            there = letters(Expr(bounded))
            stands = [axiom for axiom in silent if heads(axiom) <= there]
            below = letters(*(axiom.rhs for axiom in stands))
            top = [axiom for axiom in stands if heads(axiom).isdisjoint(below)]
            top.sort(key=lambda axiom: len(axiom.rhs.terms))  # of what a letter stands for the shortest
            more, left = unfolded(left, top, 1, LONG)
            if more:
                uses = (*uses, *more)
                yield uses, left

    def least(self, lhs: Expr, rhs: Expr, enough: Fraction) -> Fraction | None:
        """The least constant over all tables, or the first that is small enough; bounds of letters come last."""
        target = scalar(CONSTANT) * rhs - lhs
        bounded = (rest for _, _, rest in self._bounded(target, LEAST))
        tables: list[Least] = []
        for left in chain([target], bounded):
            tables += (new := [form.table for form in self._forms(left, Least)])
            for tried in self.budget.rounds:
                for table in new:
                    for _ in stages(table, replace(tried, entries=0)):
                        pass  # a table of this kind keeps what is found
                    if table.least is not None and table.least <= enough:
                        return table.least
        return min((table.least for table in tables if table.least is not None), default=None)

    def checked(self, fact: Fact) -> Fact | None:
        try:
            check(fact)
        except BoundError:
            return None
        return fact
