"""Variants that are true all the same: another way to write an identity, or a sharper bound that is proved.

What is found here is replayed by the kernel: an identity in `Decide`, a bound by `symbolic.check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import permutations

from symbolic.bound import BoundError, Fact, Weight, facts, nonnegative
from symbolic.check import check
from symbolic.dimension import within
from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, number
from symbolic.proof import Axiom, Proof, Use, cases, prove
from symbolic.rewrite import fact, rewrite
from verify.prove.identity import Sides
from verify.prove.inequality import read
from verify.statement import Inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom, root_axiom, squared
from verify.theories.yang2024.symbolic.derivation import MTAU, push_through, ridge_axiom, system_axiom
from verify.theories.yang2024.symbolic.letters import index


@cache
def axioms() -> tuple[Axiom, ...]:
    """What Z̄Z̄, M⁻¹ZᵀZ, G⁻¹ZZᵀ and M⁻¹Zᵀ are, with G = ZZᵀ + mτI: each left side is one monomial."""
    return (
        root_axiom(),
        _of_inverse(
            "M⁻¹ZᵀZ = I − mτM⁻¹", let.MINV, "N", "m", lambda inner, outer: let.Z[inner, outer], system_axiom()
        ),
        _of_inverse(
            "G⁻¹ZZᵀ = I − mτG⁻¹", let.GINV, "m", "N", lambda inner, outer: let.Z[outer, inner], ridge_axiom()
        ),
        _through(),
    )


def consequences() -> tuple[Axiom, ...]:
    """Those that no definition is: they follow from the definitions of the inverses."""
    return axioms()[2:]


def _through() -> Axiom:
    """M⁻¹Zᵀ = ZᵀG⁻¹, from the two definitions of an inverse."""
    row, middle, column, other = index("r", "N"), index("x", "N"), index("c", "m"), index("o", "m")
    left = (let.MINV[row, middle] * let.Z[column, middle]).sum(middle)
    right = (let.Z[other, row] * let.GINV[other, column]).sum(other)
    if not prove(left, right, Proof(push_through(number(1), row, column, ()))):
        raise AssertionError("M⁻¹Zᵀ = ZᵀG⁻¹ is not proved")
    return Axiom("M⁻¹Zᵀ = ZᵀG⁻¹", left, right, (row, column))


def _of_inverse(
    name: str,
    inverse: Tensor,
    dim: str,
    summed: str,
    entry: Callable[[Index, Index], Expr],
    definition: Axiom,
) -> Axiom:
    row, column = (let.index(letter, dim) for letter in {"N": "jn", "m": "ab"}[dim])
    middle, other = let.index("x", dim), let.index("o", summed)
    left = (inverse[row, middle] * entry(other, middle) * entry(other, column)).sum(middle, other)
    axiom = Axiom(name, left, delta(row, column) - MTAU * inverse[row, column], (row, column))
    ways = ((row, column), (column, row))
    if axiom.zero not in [
        definition.zero.at(dict(zip(definition.indices, way, strict=True))) for way in ways
    ]:
        raise AssertionError(f"{name} is not the definition of the inverse")
    return axiom


def proof_by_axioms(sides: Sides, also: Iterable[Axiom] = ()) -> Proof | None:
    """A proof that rewriting by `axioms`, and by others whose left side is one monomial, finds. The kernel replays it in `Decide`."""
    others = [one for one in also if set(one.lhs.terms.values()) == {1} and len(one.lhs.terms) == 1]
    root, of_M, of_G, through = axioms()
    for order in ((*others, root, of_M, of_G), (*others, root, through, of_G)):
        uses: list[Use] = []
        rest = sides.lhs - sides.rhs
        for one in order * 2:
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
        for by in ((), tuple(_roots(rest))):
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


def below(statement: Inequality) -> list[Fact]:
    """The facts that its proof rests on."""
    return [] if statement.proof is None else list(facts(statement.proof()))


def free_of_hypotheses(known: Iterable[Fact], statement: Inequality) -> list[Fact]:
    """Those facts that suppose nothing which the proof of the statement does not suppose, each once."""
    supposed = frozenset() if statement.proof is None else statement.proof().rests
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


def _roots(expr: Expr) -> Iterator[Axiom]:
    """Squares of the norms that the expression mentions, as axioms."""
    letters = {tensor.name for tensor in expr.tensors()} | {
        name for monomial in expr.terms for name, _ in monomial.scalars
    }
    for letter in squared():
        if (letter.name if isinstance(letter, Tensor) else letter) in letters:
            yield axiom(letter)
