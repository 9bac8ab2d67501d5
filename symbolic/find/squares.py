"""Candidates for what is nonnegative: monomials, squares of sums and differences, and multiples of facts, made from monomials of a target.

Each stands for a weight of a certificate. Their values are compared with the target by a linear program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from itertools import product as choices

from symbolic.bound import Fact, Weight, nonnegative
from symbolic.canonical import Scalars
from symbolic.dimension import within
from symbolic.find.opened import Factor, Opened, apart, met, opened, product
from symbolic.find.relations import less
from symbolic.indexed import DELTA, Expr, Index, KernelError, Monomial, delta, number
from symbolic.rewrite import matches

MOST_FACTORS, MOST_ODD = 8, 6  # of a monomial that is taken apart, and of those that go into the two roots
MOST_PARTS = 5  # scalars and factors of a monomial that go into two roots
MOST_CHOICES = 12  # of indices for those of a fact that the monomial does not tell


def of_squares(
    monomial: Monomial,
    sign: int,
    positive: frozenset[str],
    taken: frozenset[str],
    scales: Sequence[Scalars] = (),
    free: Sequence[Index] = (),
) -> Iterator[Weight]:
    """Squares in whose values a monomial stands with a sign, made of its parts, with nonnegative multipliers.

    positive  scalars by which a weight may divide
    scales    scalars of other monomials, by which the two parts of a root are weighed against each other
    free      indices at which a sum of squares may leave its summand out
    """
    if len(monomial.factors) > MOST_FACTORS:
        return
    one = opened(monomial, taken)
    for multiplier, rest in multipliers(one.factors):
        yield from squares(one, sign, multiplier, rest, positive, scales)
    yield from scalar_squares(one, sign)
    yield from off_diagonal(one, Expr({monomial: Fraction(1)}), free)


def of_facts(
    monomial: Monomial,
    sign: int,
    facts: Sequence[Fact],
    positive: frozenset[str],
    taken: frozenset[str],
    free: Sequence[Index] = (),
    crossed: bool = False,
) -> Iterator[Weight]:
    """Multiples of facts in whose values a monomial stands with a sign.

    free     indices at which a fact may be taken beside those of the monomial
    crossed  whether it stands there since the fact is multiplied by the square of a sum or of a difference
    """
    if len(monomial.factors) > MOST_FACTORS:
        return
    one = opened(monomial, taken)
    for fact in facts:
        yield from multiples(one, sign, fact, positive, free, crossed)


def multipliers(factors: Sequence[Factor]) -> Iterator[tuple[list[Factor], list[Factor]]]:
    """Ways to take a nonnegative product out of the factors, and what is left of them."""
    plain, paired, odd = apart(factors)
    names = sorted({tensor.name for tensor, _ in plain})
    found: list[tuple[list[Factor], list[Factor]]] = [
        (plain + paired, odd),
        (plain, paired + odd),
        ([], list(factors)),
    ]
    if 1 < len(names) <= 4:
        for count in range(1, len(names)):
            for some in combinations(names, count):
                kept = [one for one in plain if one[0].name in some]
                found.append((kept, [one for one in plain if one not in kept] + paired + odd))
    if len(plain) % 2:
        found += [
            ([one], [*plain[:place], *plain[place + 1 :], *paired, *odd]) for place, one in enumerate(plain)
        ]
    seen: list[list[Factor]] = []
    for multiplier, rest in found:
        key = sorted(multiplier, key=repr)
        if key not in seen and len(rest) <= MOST_ODD:
            seen.append(key)
            yield multiplier, rest


def squares(
    one: Opened,
    sign: int,
    multiplier: list[Factor],
    rest: list[Factor],
    positive: frozenset[str],
    scales: Sequence[Scalars],
) -> Iterator[Weight]:
    """Σ multiplier · (A ± B)², where A · B is what is left: every index of one root alone is summed inside of the root, or outside."""
    weight, outer = product(multiplier, one.scalars), met(multiplier)
    if not nonnegative(weight):
        return
    for some in (*halves(len(rest)), *bridges(rest)):
        left = [factor for place, factor in enumerate(rest) if place in some]
        right = [factor for place, factor in enumerate(rest) if place not in some]
        A, B = product(left), product(right)
        of_left, of_right = met(left), met(right)
        inner = [
            [name for name in one.names if name in mine and name not in other and name not in outer]
            for mine, other in ((of_left, of_right), (of_right, of_left))
        ]
        pairs = [(A, B)]
        if inner[0] or inner[1]:
            pairs.append((A.sum(*inner[0]), B.sum(*inner[1])))
        for a, b in pairs:
            root = a if a == b else a + sign * b
            bind = tuple(name for name in one.names if name in outer | root.free())
            if root:
                yield Weight(weight, root, bind=bind)
            for scale in scales:
                ratio = less(one.scalars, scale, positive)
                if ratio:
                    root = a + sign * b * product((), ratio)
                    bind = tuple(name for name in one.names if name in outer | root.free())
                    yield Weight(product(multiplier, scale), root, bind=bind)


def scalar_squares(one: Opened, sign: int) -> Iterator[Weight]:
    """Σ (A ± B)², where A · B is the monomial and scalars go to either root; powers below zero and broken ones stand before the square."""
    before = tuple((name, power) for name, power in one.scalars if not (isinstance(power, int) and power > 0))
    units = [name for name, power in one.scalars if (name, power) not in before for _ in range(int(power))]
    if not units:
        return
    spared = dict.fromkeys(units) if len(units) % 2 and len(units) > 1 else {}
    for outside in (None, *spared):
        inside = list(units)
        if outside is not None:
            inside.remove(outside)
        parts: list[Expr] = [
            *(product((), ((name, 1),)) for name in inside),
            *(product((factor,)) for factor in one.factors),
        ]
        if len(parts) > MOST_PARTS:
            continue
        weight = product((), before if outside is None else (*before, (outside, 1)))
        for some in halves(len(parts)):
            A, B = number(1), number(1)
            for place, part in enumerate(parts):
                A, B = (A * part, B) if place in some else (A, B * part)
            if root := A + sign * B:
                yield Weight(weight, root, bind=tuple(name for name in one.names if name in root.free()))


def halves(count: int) -> Iterator[frozenset[int]]:
    """The first of two parts of nearly equal length, each division once."""
    if count == 1:
        yield frozenset((0,))
    for size in sorted({count // 2, (count + 1) // 2}) if count > 1 else ():
        for some in combinations(range(count), size):
            if 0 in some or 2 * size != count:
                yield frozenset(some)


def bridges(factors: Sequence[Factor]) -> Iterator[frozenset[int]]:
    """Divisions into parts of other lengths that share one index, as where a vector stands before a product of matrices."""
    count = len(factors)
    for size in range(1, count // 2):
        for some in combinations(range(count), size):
            mine, others = (
                [factor for place, factor in enumerate(factors) if (place in some) is side]
                for side in (True, False)
            )
            if len(met(mine) & met(others)) == 1:
                yield frozenset(some)


def off_diagonal(one: Opened, alone: Expr, more: Sequence[Index]) -> Iterator[Weight]:
    """What a nonnegative monomial has beside the part in which two indices are equal: Σ_{i ≠ j}, with j bound or free, or its own."""
    if not nonnegative(alone):
        return
    free = sorted((met(one.factors) | {*more}) - {*one.names})
    for index, other in combinations(one.names, 2):
        if other.dim is index.dim:
            yield Weight(product(one.factors, one.scalars), 1 - delta(index, other), bind=one.names)
    for index in one.names:
        for other in free:
            if other.dim is index.dim:
                yield Weight(product(one.factors, one.scalars), 1 - delta(index, other), bind=one.names)
        places = [place for place, (_, refs) in enumerate(one.factors) if index in refs]
        spare = Index(f"{index.name}0", index.dim)
        for count in range(1, len(places)):
            for some in combinations(places[1:], count):
                moved = [
                    (tensor, tuple(spare if ref == index and place in some else ref for ref in refs))
                    for place, (tensor, refs) in enumerate(one.factors)
                ]
                weight = product(moved, one.scalars)
                if nonnegative(weight):
                    yield Weight(weight, 1 - delta(index, spare), bind=(*one.names, spare))
    for index in sorted(met(one.factors) - {*one.names}):
        spare = Index(f"{index.name}0", index.dim)
        weight = product(one.factors, one.scalars).at({index: spare})
        yield Weight(weight, 1 - delta(index, spare), bind=(*one.names, spare))


def multiples(
    one: Opened, sign: int, fact: Fact, positive: frozenset[str], more: Sequence[Index], crossed: bool
) -> Iterator[Weight]:
    """A fact times what is left of the monomial where one of its terms is taken out: a nonnegative product, or that times squares."""
    for pattern, value in fact.positive.terms.items():
        rest = less(one.scalars, pattern.scalars, positive)
        if (
            rest is None
            or (value * sign < 0 and not crossed)
            or any(tensor == DELTA for tensor, _ in pattern.factors)
        ):
            continue
        there = {ref for _, refs in pattern.factors for ref in refs if isinstance(ref, Index)}
        missing = [index for index in fact.indices if index not in there]
        pools = [
            [ref for ref in sorted({*met(one.factors), *more}) if within(ref.dim, index.dim)]
            for index in missing
        ]
        every = list(choices(*pools))[:MOST_CHOICES] if missing else [()]
        found = (
            matches(one.factors, pattern, set(one.names)) if pattern.factors else iter([({}, set(), set())])
        )
        for free, gone, used in found:
            for some in every:
                at = tuple((free | dict(zip(missing, some, strict=True)))[index] for index in fact.indices)
                if gone & set(at):
                    continue
                left = [factor for place, factor in enumerate(one.factors) if place not in used]
                names = [name for name in one.names if name not in gone]
                across = (1 if value * sign > 0 else -1) if crossed else 0
                yield from _times(fact, at, left, rest, names, across)
                if crossed and not fact.any:
                    yield from _squared(fact, value * sign, at, left, rest, positive, names)


def _times(
    fact: Fact, at: tuple[Index, ...], left: list[Factor], scalars: Scalars, names: list[Index], across: int
) -> Iterator[Weight]:
    plain, paired, odd = apart(left)
    weight = product(plain + paired, scalars)
    if not nonnegative(weight):
        return
    roots: list[Expr] = []
    if not odd:
        apart_ = (
            1 - delta(one, other)
            for one, other in combinations(at, 2)
            if one.dim is other.dim and one != other
        )
        roots = list(apart_) if across else [product(())]
    elif across and len(odd) % 2 == 0 and len(odd) <= MOST_ODD:
        for some in halves(len(odd)):
            A, B = (
                product(factor for place, factor in enumerate(odd) if (place in some) is side)
                for side in (True, False)
            )
            roots += [root] if (root := A + across * B) else []
    for root in roots:
        bind = tuple(name for name in names if name in {*at, *weight.free(), *root.free()})
        yield Weight(weight, root, fact, at, bind)


def _squared(
    fact: Fact, sign: Fraction, at: tuple[Index, ...], left: list[Factor], scalars: Scalars,
    positive: frozenset[str], names: list[Index],
) -> Iterator[Weight]:  # fmt: skip
    """Multiples of the square of a fact, one of whose terms stands with a sign in what is left of a monomial without another."""
    named = dict(zip(fact.indices, at, strict=True))
    for pattern, value in fact.positive.at(named).terms.items():
        rest = less(scalars, pattern.scalars, positive)
        over = [factor for factor in left if factor not in pattern.factors]
        if rest is None or value * sign < 0 or pattern.dims or len(over) + len(pattern.factors) != len(left):
            continue
        if nonnegative(weight := product(over, rest)):
            bind = tuple(name for name in names if name in {*at, *weight.free()})
            yield Weight(weight, fact.positive.at(named), bind=bind)


def valued(weights: Iterator[Weight]) -> Iterator[tuple[Weight, Expr]]:
    """Each weight with its value; those that do not type are passed over."""
    for weight in weights:
        try:
            value = weight.value()
        except KernelError:
            continue
        if value:
            yield weight, value
