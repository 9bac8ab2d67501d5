"""False neighbours of the true statements, one change each, every one of them broken at an exact point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache, partial
from itertools import islice
from random import Random

from benchmarks.finding.sought import Sought, rests_of
from symbolic.bound import Fact
from symbolic.dimension import within
from symbolic.find.opened import Factor, opened, product
from symbolic.indexed import Expr, KernelError, number, scalar
from symbolic.proof import Axiom, Proof, Use
from symbolic.registry import LETTER
from symbolic.setting import Setting
from verify.points.evaluation import posed
from verify.prove.premises import unsaid
from verify.search.looks import looks
from verify.statement import Domain

FACTORS = (Fraction(1, 2), Fraction(99, 100), Fraction(2))
TRIED = 6  # changes of a statement
ASSUMED = (LETTER, "A0")  # what holds at every exact point


def variants(gap: Expr, relation: str) -> Iterator[tuple[str, Expr]]:
    """What a statement that an expression is nonnegative, or zero, becomes by one change, each with what was changed."""
    if relation == "<=":
        yield "turned round", -gap
    taken = {index.name for index in gap.free()}
    for place, (monomial, coefficient) in enumerate(gap.ordered, start=1):
        term = Expr({monomial: coefficient})
        rest = gap - term
        yield f"sign of term {place}", rest - term
        yield f"no term {place}", rest
        for factor in FACTORS:
            yield f"{factor} of term {place}", rest + factor * term
        for name, power in monomial.scalars:
            yield f"{name} once more in term {place}", rest + scalar(name) * term
            yield f"no {name} in term {place}", rest + scalar(name, -power) * term
        one = opened(monomial, taken)
        for number_, changed, factors in _changed(one.factors):
            try:
                inner = product(factors, one.scalars).sum(*one.names)
            except KernelError:
                continue
            yield f"{changed} factor {number_} of term {place}", rest + coefficient * inner


def _changed(factors: Sequence[Factor]) -> Iterator[tuple[int, str, list[Factor]]]:
    """The factors with one of them left out, squared, or with another index in one slot."""
    every = dict.fromkeys(ref for _, refs in factors for ref in refs)
    for place, (tensor, refs) in enumerate(factors):
        before, after = list(factors[:place]), list(factors[place + 1 :])
        yield place + 1, "without", [*before, *after]
        yield place + 1, "squared", [*factors, (tensor, refs)]
        for slot, ref in enumerate(refs):
            for other in every:
                if other != ref and within(other.dim, ref.dim):
                    moved = (*refs[:slot], other, *refs[slot + 1 :])
                    yield (
                        place + 1,
                        f"{ref.name} → {other.name} in slot {slot + 1} of",
                        [*before, (tensor, moved), *after],
                    )


def neighbours(true: Sought, changes: Iterable[str]) -> Iterator[Sought]:
    """The neighbours of a true statement by changes, with the premises that hold at every exact point."""
    changed = dict(variants(true.gap, true.relation))
    kept = tuple(what for what in true.premises if sure(what, true.setting))
    for change in changes:
        name = f"{true.name} | {change}"
        yield Sought(name, true.relation, number(0), changed[change], true.axes, true.setting, kept)


@cache
def sure(what: Axiom | Fact, setting: Setting) -> bool:
    """Whether a premise holds at every exact point, so that a statement which one of them breaks does not follow from it."""
    why = what if isinstance(what, Fact) else Proof((Use(what, number(1), what.indices),))
    if unsaid(setting, why, Domain(), ()):
        return False
    entries = ((taken, setting.premises.entry(taken)) for taken in rests_of(what))
    return all(
        entry is not None and entry.because in ASSUMED and taken.when in ("", "always")
        for taken, entry in entries
    )


def looked_at(sought: Sought) -> Callable[[int], bool]:
    """Whether a counterexample is found before a round of the search; of an identity with either side above the other."""
    ways = (sought.gap, -sought.gap) if sought.relation == "=" else (sought.gap,)
    every = [looks(partial(posed, sought.setting, number(0), gap, sought.axes, Domain())) for gap in ways]
    return lambda round_: any(look(round_) for look in every)


def broken(sought: Sought) -> bool:
    """Whether one of a few exact points breaks the statement."""
    return looked_at(sought)(1)


def chosen(true: Sought, most: int) -> Iterator[Sought]:
    """At most so many neighbours of a true statement that an exact point breaks, of TRIED that are drawn."""
    every = [change for change, gap in variants(true.gap, true.relation) if gap != true.gap]
    drawn = Random(true.name).sample(every, min(TRIED, len(every)))
    yield from islice((one for one in neighbours(true, drawn) if broken(one)), most)
