"""Uses of axioms whose values have a given monomial among their terms: the columns of the search for cofactors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symbolic.bound import Letter, letters
from symbolic.canonical import Scalars
from symbolic.find.opened import Opened, opened, product
from symbolic.indexed import DELTA, Expr, Index, Monomial, Tensor
from symbolic.proof import Axiom, Use
from symbolic.rewrite import matches


def uses(
    monomial: Monomial,
    axiom: Axiom,
    positive: frozenset[str],
    taken: frozenset[str],
    divided: frozenset[str] = frozenset(),
) -> Iterator[Use]:
    """Every use of the axiom in which one of its terms, taken out of the monomial, stands for the rest of it.

    positive   scalars by which a cofactor may divide
    divided    scalars by which a cofactor may divide even where the monomial does not mention them
    """
    one = opened(monomial, {*taken, *(index.name for index in axiom.indices)})
    for pattern in axiom.zero.terms:
        rest = less(one.scalars, pattern.scalars, positive)
        if rest is None or any(tensor == DELTA for tensor, _ in pattern.factors):
            continue
        if not pattern.factors:
            mentioned = _mentions(one.scalars, pattern.scalars, axiom)
            if (
                not axiom.indices
                and pattern.scalars
                and (mentioned or divided.issuperset(dict(pattern.scalars)))
            ):
                yield Use(axiom, product(one.factors, rest).sum(*one.names), (), ())
            continue
        there = {ref for _, refs in pattern.factors for ref in refs if isinstance(ref, Index)}
        if not there.issuperset(axiom.indices):
            continue
        for free, gone, used in matches(one.factors, pattern, set(one.names)):
            at = tuple(free[index] for index in axiom.indices)
            bind = tuple(dict.fromkeys(index for index in at if index in one.names))
            others = [name for name in one.names if name not in gone and name not in bind]
            left = [factor for place, factor in enumerate(one.factors) if place not in used]
            yield Use(axiom, product(left, rest).sum(*others), at, bind)


def insertions(monomial: Monomial, axiom: Axiom, taken: frozenset[str]) -> Iterator[Use]:
    """Uses of M M⁻¹ = δ at the slots of M⁻¹ and at free indices: an index is opened and the product put there."""
    head = inverse_of(axiom)
    if head is None:
        return
    (pattern,) = axiom.rhs.terms
    row, column = pattern.factors[0][1]
    assert isinstance(row, Index)
    assert isinstance(column, Index)
    one = opened(monomial, {*taken, row.name, column.name})
    spare = Index(f"{one.names[-1].name if one.names else 'x'}0", row.dim)
    for place, (tensor, refs) in enumerate(one.factors):
        for slot, ref in enumerate(refs):
            if ref.dim is not row.dim or (tensor != head and ref in one.names):
                continue
            moved = (*refs[:slot], spare, *refs[slot + 1 :])
            factors = (*one.factors[:place], (tensor, moved), *one.factors[place + 1 :])
            for at in ({row: ref, column: spare}, {row: spare, column: ref}):
                where = tuple(at[index] for index in axiom.indices)
                bind = tuple(index for index in where if index in one.names or index == spare)
                others = [name for name in one.names if name not in bind]
                yield Use(axiom, product(factors, one.scalars).sum(*others), where, bind)


def inverse_of(axiom: Axiom) -> Tensor | None:
    """The letter that the axiom says to be an inverse: in every term of its left side, where its right side is δ alone; None else, and
    where two symmetric letters are each the inverse of the other."""
    shared = sorted(inverses(axiom), key=lambda tensor: tensor.name)
    return shared[0] if len(shared) == 1 or (shared and len(axiom.lhs.terms) > 1) else None


def inverses(axiom: Axiom) -> set[Tensor]:
    """The symmetric letters in every term of the left side of an axiom whose right side is δ alone."""
    terms = list(axiom.rhs.terms)
    if len(terms) != 1 or [tensor for tensor, _ in terms[0].factors] != [DELTA] or terms[0].scalars:
        return set()
    if {*terms[0].factors[0][1]} != {*axiom.indices}:
        return set()
    everywhere = [
        {tensor for tensor, _ in monomial.factors if tensor.symmetric} for monomial in axiom.lhs.terms
    ]
    return set.intersection(*everywhere) if everywhere else set()


def relevant(axioms: Sequence[Axiom], *exprs: Expr, spoken: frozenset[Letter] = frozenset()) -> list[Axiom]:
    """The axioms that speak of letters which occur, or which other ones of these axioms bring in.

    spoken   letters that occur elsewhere
    """
    there = set(letters(*exprs) | spoken)
    found: list[Axiom] = []
    while True:
        more = [
            axiom
            for axiom in axioms
            if axiom not in found
            and (heads(axiom) <= there or inverses(axiom) & there or _solves(axiom, there))
        ]
        if not more:
            return found
        found += more
        there |= letters(*(side for axiom in more for side in (axiom.lhs, axiom.rhs)))


def among(axioms: Sequence[Axiom], known: frozenset[Letter]) -> list[Axiom]:
    """The axioms that speak of these letters alone, and of the norms of the parts of what one of these is the norm of."""
    there = {DELTA, *known, *norms_of(known, axioms)}
    return [axiom for axiom in axioms if letters(axiom.lhs, axiom.rhs) <= there]


def norms_of(known: frozenset[Letter], axioms: Sequence[Axiom]) -> frozenset[Letter]:
    """Nonnegative letters with indices by which axioms say what one of these is, as the norms of parts say what that of the whole is."""
    found = (letters(axiom.rhs) for axiom in axioms if letters(axiom.lhs) <= known)
    parts = (some for some in found if all(isinstance(one, Tensor) and one.nonneg for one in some))
    return frozenset[Letter]().union(*parts)


def _solves(axiom: Axiom, there: set[Letter]) -> bool:
    """Whether an axiom says which equations a letter solves that is none of these, with several of these on their right side."""
    right = {tensor for tensor in axiom.rhs.tensors() if tensor != DELTA}
    return len(axiom.lhs.terms) > 1 < len(right) and right <= there and len(heads(axiom)) == 1


def heads(axiom: Axiom) -> set[Letter]:
    """The letters that an axiom is about: the inverse; else those that are in every term of its left side; where none is, all of them."""
    if (head := inverse_of(axiom)) is not None:
        return {head}
    terms = [set(letters(Expr({monomial: value}))) for monomial, value in axiom.lhs.terms.items()]
    return (set.intersection(*terms) if terms else set()) or set(letters(axiom.lhs))


def less(scalars: Scalars, by: Scalars, positive: frozenset[str]) -> Scalars | None:
    """Scalars divided by others; None where what is divided by may be zero."""
    powers = dict(scalars)
    for name, power in by:
        powers[name] = powers.get(name, 0) - power
    if any(power < 0 and name not in positive for name, power in powers.items()):
        return None
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _mentions(scalars: Scalars, wanted: Scalars, axiom: Axiom) -> bool:
    """Whether a monomial has these scalars, or is divided by the scalar that the axiom says to be their product."""
    powers = dict(scalars)
    if all(0 < power <= powers.get(name, 0) or powers.get(name, 0) <= power < 0 for name, power in wanted):
        return True
    return any(powers.get(name, 0) < 0 for monomial in axiom.lhs.terms for name, _ in monomial.scalars)


def closure(
    monomials: Sequence[Monomial],
    axioms: Sequence[Axiom],
    positive: frozenset[str],
    taken: frozenset[str],
    levels: int,
    most: int,
) -> Iterator[list[Use]]:
    """Uses that can be reached from these monomials, after each level: by matching, then with insertions. At most so many."""
    longest = max((len(monomial.factors) for monomial in monomials), default=0) + 4
    found: list[Use] = []
    seen: set[object] = set()
    front = dict.fromkeys(monomials)
    done: set[tuple[Monomial, bool]] = set()
    for _ in range(levels):
        for inserting in (False, True):
            before = len(found)
            for monomial in [one for one in front if (one, inserting) not in done]:
                done.add((monomial, inserting))
                if len(monomial.factors) > longest:
                    continue
                for axiom in axioms:
                    every = (
                        insertions(monomial, axiom, taken)
                        if inserting
                        else uses(monomial, axiom, positive, taken)
                    )
                    for use in every:
                        value = use.value()
                        key = up_to_factor(value.ordered)
                        if value and key not in seen and len(found) < most:
                            seen.add(key)
                            found.append(use)
            for use in found[before:]:
                front.update(dict.fromkeys(monomial for monomial, _ in use.value().ordered))
            if len(found) > before:
                yield list(found)


def up_to_factor(terms: Sequence[tuple[Monomial, object]]) -> object:
    """The terms up to a common factor."""
    if not terms:
        return ()
    first = terms[0][1]
    return tuple((monomial, value / first) for monomial, value in terms)  # type: ignore[operator]


__all__ = ["Opened", "closure", "insertions", "inverse_of", "less", "up_to_factor", "uses"]
