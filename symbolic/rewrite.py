"""Find the cofactors of a proof: rewrite by an axiom, left to right, and note each use.

The kernel checks the cofactors (`symbolic.check.check`, `symbolic.proof.prove`) without knowing how they were found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations

from symbolic.bound import Certificate, Fact, Weight
from symbolic.canonical import Ref
from symbolic.dimension import within
from symbolic.indexed import Expr, Index, KernelError, Monomial, Tensor, entry, fresh, number
from symbolic.proof import Axiom, Use

Matched = tuple[
    dict[Index, Index], set[Index], set[int]
]  # free indices, what the bound ones met, positions used


def rewrite(expr: Expr, axiom: Axiom, most: int | None = None) -> tuple[tuple[Use, ...], Expr]:
    """Uses and what is left: expr = Σ uses + rest, and the left side of the axiom, one monomial, is nowhere in the rest.

    Raises KernelError where an expression on the way has more than `most` terms, and for an axiom whose left side stands in its right side,
    as in AB = (AB)ᵀ: to rewrite by such an axiom has no end.
    """
    pattern = next(iter(axiom.lhs.terms), None)
    if pattern is None or len(axiom.lhs.terms) > 1 or axiom.lhs.terms[pattern] != 1:
        raise KernelError(f"rewrite by {axiom.name}: its left side is no monomial of coefficient 1")
    taken = {index.name for index in expr.free()}
    cofactors: dict[tuple[tuple[Index, ...], tuple[Index, ...]], Expr] = {}
    rest, pending = number(0), expr
    while pending:
        following = number(0)
        for monomial, value in pending.terms.items():
            step = _step(monomial, pattern, axiom, taken)
            if step is None:
                rest = rest + Expr({monomial: value})
                continue
            if not cofactors and any(_step(one, pattern, axiom, taken) for one in axiom.rhs.terms):
                raise KernelError(f"rewrite by {axiom.name}: its left side stands in its right side")
            cofactor, at, bind = step
            cofactor = value * cofactor
            cofactors[at, bind] = cofactors.get((at, bind), number(0)) + cofactor
            image = axiom.rhs.at(dict(zip(axiom.indices, at, strict=True)))
            following = following + (cofactor * image).sum(*bind)
            if most is not None and len(following.terms) > most:
                raise KernelError(f"rewrite by {axiom.name}: more than {most} terms")
        pending = following
    uses = tuple(Use(axiom, cofactor, at, bind) for (at, bind), cofactor in cofactors.items() if cofactor)
    return uses, rest


def _step(
    monomial: Monomial, pattern: Monomial, axiom: Axiom, taken: set[str]
) -> tuple[Expr, tuple[Index, ...], tuple[Index, ...]] | None:
    """Cofactor, place and bound indices of one use of the axiom in this monomial; None where it does not occur."""
    powers = dict(monomial.scalars)
    if any(powers.get(name, 0) < power for name, power in pattern.scalars):
        return None
    names = [fresh(dim) for dim in monomial.dims]
    factors = [
        (tensor, tuple(names[ref] if isinstance(ref, int) else ref for ref in refs))
        for tensor, refs in monomial.factors
    ]
    found = next(matches(factors, pattern, set(names)), None)
    if found is None:
        return None
    binding, met, used = found
    for name, power in pattern.scalars:
        powers[name] -= power
    cofactor = Expr.of(Fraction(1), tuple((n, p) for n, p in powers.items() if p), (), ())
    for position, (tensor, refs) in enumerate(factors):
        if position not in used:
            cofactor = cofactor * entry(tensor, refs)
    place: list[Index] = []
    bind: list[Index] = []
    renamed: dict[Index, Index] = {}
    for index in axiom.indices:
        ref = binding[index]
        if ref in names and ref not in renamed:
            letter = next(n for n in _spellings(index.name) if n not in taken | {i.name for i in bind})
            renamed[ref] = Index(letter, ref.dim)
            bind.append(renamed[ref])
        place.append(renamed.get(ref, ref))
    others = [name for name in names if name not in met and name not in renamed]
    return cofactor.sum(*others).at(renamed), tuple(place), tuple(bind)


def _spellings(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}{number_}" for number_ in range(1, 99))


def matches(
    factors: Sequence[tuple[Tensor, tuple[Index, ...]]], pattern: Monomial, bound: set[Index]
) -> Iterator[Matched]:
    """Every way in which the factors of the pattern are among these, its bound indices on bound ones met nowhere else."""

    def extend(position: int, binding: dict[Ref, Index], used: set[int]) -> Iterator[Matched]:
        if position == len(pattern.factors):
            met = {ref for key, ref in binding.items() if isinstance(key, int)}
            free = {key: ref for key, ref in binding.items() if isinstance(key, Index)}
            outside = {ref for n, (_, refs) in enumerate(factors) if n not in used for ref in refs}
            if len(met) == len(pattern.dims) and not met & (outside | set(free.values())):
                yield free, met, used
            return
        tensor, wanted = pattern.factors[position]
        for candidate, (other, refs) in enumerate(factors):
            if candidate in used or other != tensor:
                continue
            for order in permutations(refs) if tensor.symmetric else (refs,):
                extended = _bind(binding, wanted, order, pattern, bound)
                if extended is not None:
                    yield from extend(position + 1, extended, used | {candidate})

    yield from extend(0, {}, set())


def _bind(
    binding: dict[Ref, Index],
    wanted: tuple[Ref, ...],
    refs: tuple[Index, ...],
    pattern: Monomial,
    bound: set[Index],
) -> dict[Ref, Index] | None:
    extended = dict(binding)
    for key, ref in zip(wanted, refs, strict=True):
        fits = (
            within(ref.dim, key.dim)
            if isinstance(key, Index)
            else ref in bound and ref.dim == pattern.dims[key]
        )
        if not fits or extended.setdefault(key, ref) != ref:
            return None
    return extended


def certificate(positive: Expr, weights: Sequence[Weight] = (), by: Sequence[Axiom] = ()) -> Certificate:
    """These weights, and the cofactors that rewriting by the axioms, one after the other, asks for."""
    rest = positive
    for weight in weights:
        rest = rest - weight.value()
    uses: list[Use] = []
    for axiom in by:
        found, rest = rewrite(rest, axiom)
        uses += found
    return Certificate(tuple(weights), tuple(uses))


def fact(
    name: str,
    positive: Expr,
    indices: tuple[Index, ...] = (),
    weights: Sequence[Weight] = (),
    by: Sequence[Axiom] = (),
) -> Fact:
    """positive ≥ 0 by these weights, rewritten by these axioms."""
    return Fact(name, positive, indices, certificate(positive, weights, by))
