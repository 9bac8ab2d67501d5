"""Variants that are true all the same: another way to write an identity, or a sharper bound that is proved.

What is found here is replayed by the kernel: an identity in `Decide`, a bound by `symbolic.check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from symbolic.bound import BoundError, Fact, NotFound, Weight, facts, nonnegative
from symbolic.check import check
from symbolic.dimension import within
from symbolic.indexed import Expr, Index, KernelError
from symbolic.kinds import Root
from symbolic.proof import Axiom, Proof, Use, cases
from symbolic.registry import LETTER
from symbolic.rewrite import fact, rewrite
from symbolic.setting import Setting
from verify.sides import read
from verify.statement import Identity, Inequality


def orders(setting: Setting) -> tuple[tuple[Axiom, ...], ...]:
    """The orders of axioms that rewriting goes by: those that a setting brings, or the one of all that say what a letter is."""
    if setting.rewrites is not None:
        return setting.rewrites()
    entries = setting.premises.entries
    letters = (entry.what for entry in entries if entry.because == LETTER and isinstance(entry.what, Axiom))
    return (tuple(axiom for axiom in letters if _one_monomial(axiom)),)


def _one_monomial(axiom: Axiom) -> bool:
    return list(axiom.lhs.terms.values()) == [1]


def proof_by_axioms(identity: Identity) -> Proof | None:
    """A proof that rewriting finds, by the axioms of the proof at hand and those of the setting. The kernel replays it in `Decide`."""
    sides = read(identity)
    others = [use.axiom for use in identity.proof().uses if _one_monomial(use.axiom)]
    for order in orders(identity.setting):
        uses: list[Use] = []
        rest = sides.lhs - sides.rhs
        for one in (*others, *order) * 2:
            found, rest = rewrite(rest, one)
            uses, rest = [*uses, *found], rest.split()
        if not any(cases(rest)):
            return Proof(tuple(uses))
    return None


def proof_by_facts(variant: Inequality, known: Sequence[Fact]) -> Fact | None:
    """The variant's right side less its left one as something nonnegative, or that and a multiple of one of these facts."""
    bound = read(variant)
    positive = bound.rhs - bound.lhs
    tried: list[Weight | None] = [None]
    for one in known:
        for at in _places(one.indices, bound.axes):
            shown = one.positive.at(dict(zip(one.indices, at, strict=True)))
            tried += [Weight(multiplier, fact=one, at=at) for multiplier in _multipliers(positive, shown)]
    for weight in tried:
        rest = positive - weight.value() if weight else positive
        for by in ((), tuple(_roots(variant.setting, rest))):
            try:
                for axiom_ in by:
                    _, rest = rewrite(rest, axiom_)
                if not nonnegative(rest):
                    continue
                weights = [part for part in (weight, Weight(rest) if rest else None) if part]
                found = fact("sharper", positive, bound.axes, weights, by)
                check(found)
                return found
            except (BoundError, KernelError):
                continue
    return None


def multiple(variant: Inequality, statement: Inequality) -> bool:
    """Whether right − left of the variant is a positive multiple of that of the statement, so that the two say the same."""
    one, other = (bound.rhs - bound.lhs for bound in map(read, (variant, statement)))
    ratios = {one.terms.get(term, 0) / value for term, value in other.terms.items()}
    return one.terms.keys() == other.terms.keys() and len(ratios) == 1 and min(ratios) > 0


def below(statement: Inequality) -> list[Fact]:
    """The facts that its proof rests on."""
    proof = proved(statement)
    return [] if proof is None else list(facts(proof))


def proved(statement: Inequality) -> Fact | None:
    """The proof at hand; None where there is none, or none was found."""
    try:
        return None if statement.proof is None else statement.proof()
    except NotFound:
        return None


def free_of_hypotheses(known: Iterable[Fact], statement: Inequality) -> list[Fact]:
    """Those facts that suppose nothing which the proof of the statement does not suppose, each once."""
    supposed = frozenset() if (proof := proved(statement)) is None else proof.rests
    found: dict[Expr, Fact] = {}
    for one in known:
        if all(taken.when == "always" or taken in supposed for taken in one.rests):
            found.setdefault(one.positive, one)
    return list(found.values())


def _multipliers(positive: Expr, shown: Expr) -> list[Expr]:
    """Positive numbers times scalars that turn one negative term of the fact into one of what is to be shown."""
    found: dict[Expr, None] = {}
    for mine, value in positive.terms.items():
        for its, other in shown.terms.items():
            if value < 0 and other < 0 and (mine.factors, mine.dims) == (its.factors, its.dims):
                powers = dict(mine.scalars)
                for name, power in its.scalars:
                    powers[name] = powers.get(name, 0) - power
                scalars = tuple(sorted((name, power) for name, power in powers.items() if power))
                found[Expr.of(value / other, scalars, (), ())] = None
    return list(found)


def _places(old: tuple[Index, ...], new: tuple[Index, ...]) -> Iterator[tuple[Index, ...]]:
    """Every way to put free indices of these dimensions in the place of the old ones."""
    for order in permutations(new, len(old)):
        if all(within(other.dim, one.dim) for one, other in zip(old, order, strict=True)):
            yield order


def _roots(setting: Setting, expr: Expr) -> Iterator[Axiom]:
    """Squares of the norms that the expression mentions, as axioms."""
    mentioned = frozenset[str]().union(*expr.names)
    for name, kind in setting.kinds.items():
        axiom = setting.definition(name) if isinstance(kind, Root) and name in mentioned else None
        if axiom is not None:
            yield axiom
