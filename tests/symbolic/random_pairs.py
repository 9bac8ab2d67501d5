"""Pairs of expressions that are equal by rewriting, or differ in one thing: as data, for the kernel, and by brute force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import as_data as ad
import brute_force as bf
from isomorphic import shuffled
from random_expressions import comparable, environments, loops, monomial, size, tree

from symbolic import indexed
from symbolic.dimension import Dimension
from verify.theories.yang2024.symbolic.letters import DIMENSIONS

MOST = 5  # values of the free indices that brute force looks at
SCOPES = ("ijk", "ijkt", "iku", "ka", "ijuvkt", "ijkab", "ihk", "ktu", "abp")


@dataclass(frozen=True)
class Pair:
    """lhs and rhs as data and as the kernel's expressions, and whether they agree wherever brute force looked."""

    kind: str
    data: tuple[list[Any], list[Any]]
    kernel: tuple[Any, Any]
    equal: bool


def pairs(random: Random, count: int) -> Iterator[Pair]:
    makers = (normal_form, renamed, changed, rewritten, spoiled)
    for number in range(count):
        yield makers[number % len(makers)](random)


def _read(parts: tuple[Any, ...]) -> Any:
    return indexed.Expr._collect(indexed.normalise(*parts))


def _monomials(kind: str, random: Random, one: tuple[Any, ...], other: tuple[Any, ...]) -> Pair:
    names = {
        ref.name for parts in (one, other) for _, refs in parts[2] for ref in refs if not isinstance(ref, int)
    }
    equal = all(
        one[0] * bf.value_of_term(*one[1:], env) == other[0] * bf.value_of_term(*other[1:], env)
        for env in environments(random, names, MOST)
    )
    return Pair(kind, (ad.of_monomial(one), ad.of_monomial(other)), (_read(one), _read(other)), equal)


def normal_form(random: Random) -> Pair:
    """A monomial that nobody normalised, and what the kernel makes of it."""
    parts = monomial(random, indexed)
    form = _read(parts)
    return Pair("normal form", (ad.of_monomial(parts), ad.of_expr(form)), (form, form), True)


def renamed(random: Random) -> Pair:
    """Other numbers of bound indices, other order, symmetric slots exchanged, equal free indices for each other."""
    parts = monomial(random, indexed)
    return _monomials("renamed", random, parts, shuffled(random, parts))


def changed(random: Random) -> Pair:
    """One index, slot, type, factor, power or coefficient is another."""
    while True:
        parts = monomial(random, indexed)
        if (other := _change(random, parts)) is not None:
            return _monomials("changed", random, parts, shuffled(random, other))


def _change(random: Random, parts: tuple[Any, ...]) -> tuple[Any, ...] | None:
    coefficient, scalars, factors, dims = parts
    place = random.randrange(len(factors))
    letter, refs = factors[place]
    rest = (*factors[:place], *factors[place + 1 :])

    def fits(name: Any, at: tuple[Any, ...], types: tuple[Dimension, ...] = dims) -> bool:
        kinds = [str(types[ref] if isinstance(ref, int) else ref.dim) for ref in at]
        if name.name == "delta":
            return comparable(*kinds)
        return all(kind in bf.INSIDE[slot] for kind, slot in zip(kinds, name.slots, strict=True))

    match random.choice(("index", "index", "index", "slots", "type", "less", "more", "power", "coefficient")):
        case "index":
            others = [*range(len(dims)), *(bf.index(indexed, name) for name in bf.DIM)]
            slot = random.randrange(len(refs))
            new = tuple(random.choice(others) if n == slot else ref for n, ref in enumerate(refs))
            return (
                (coefficient, scalars, (*rest, (letter, new)), dims)
                if new != refs and fits(letter, new)
                else None
            )
        case "slots":
            new = refs[::-1]
            return (
                (coefficient, scalars, (*rest, (letter, new)), dims)
                if new != refs and fits(letter, new)
                else None
            )
        case "type" if dims:
            bound = random.randrange(len(dims))
            types = tuple(
                DIMENSIONS[random.choice("NUK")] if n == bound else kind for n, kind in enumerate(dims)
            )
            good = types != dims and all(fits(name, at, types) for name, at in factors)
            return (coefficient, scalars, factors, types) if good else None
        case "less":
            return coefficient, scalars, rest, dims
        case "more":
            return coefficient, scalars, (*factors, factors[place]), dims
        case "power":
            return coefficient, (*scalars, (random.choice(("N", "K", "m")), 1)), factors, dims
        case "coefficient":
            return -coefficient, scalars, factors, dims
    return None


def _trees(kind: str, random: Random, one: bf.Tree, other: bf.Tree) -> Pair:
    data = ad.of_tree(one), ad.of_expr(bf.build(other, indexed))
    names = bf.free(one) | bf.free(other)
    equal = all(bf.value(one, env) == bf.value(other, env) for env in environments(random, names, MOST))
    return Pair(kind, data, (bf.build(one, indexed), bf.build(other, indexed)), equal)


def _tree(random: Random) -> bf.Tree:
    names = random.choice(SCOPES)
    while True:
        node = tree(random, random.choice((2, 3, 4)), names)
        # A split is no matter of what is written: both checkers split sums where they compare.
        if loops(node) <= 800 and size(node) <= 40 and "Split(" not in str(node):
            return node


def rewritten(random: Random) -> Pair:
    """A tree multiplied out as it stands, and the normal form of what it is rewritten to by the laws of arithmetic."""
    node = _tree(random)
    return _trees("rewritten", random, node, rewrite(random, node))


def spoiled(random: Random) -> Pair:
    """The same, with one entry or number of it another."""
    while True:
        node = _tree(random)
        other = spoil(random, node)
        if other != node:
            return _trees("spoiled", random, node, other)


def rewrite(random: Random, node: bf.Tree) -> bf.Tree:
    match node:
        case bf.Mul(left, bf.Add(one, other)) if random.random() < 0.7:
            return bf.Add(rewrite(random, bf.Mul(one, left)), rewrite(random, bf.Mul(left, other)))
        case bf.Mul(left, right):
            return bf.Mul(rewrite(random, right), rewrite(random, left))
        case bf.Add(left, right):
            return bf.Add(rewrite(random, right), rewrite(random, left))
        case bf.Sub(left, right):
            return bf.Add(rewrite(random, left), bf.Mul(rewrite(random, right), bf.Number(Fraction(-1))))
        case bf.Pow(root, 2):
            return bf.Mul(rewrite(random, root), rewrite(random, root))
        case bf.Total(name, bf.Add(left, right)):
            return bf.Add(rewrite(random, bf.Total(name, right)), rewrite(random, bf.Total(name, left)))
        case bf.Total(name, bf.Total(other, body)) if name != other:
            return bf.Total(other, bf.Total(name, rewrite(random, body)))
        case bf.Total(name, body):
            return bf.Total(name, rewrite(random, body))
        case bf.At(body, old, new):
            return bf.At(rewrite(random, body), old, new)
    return node


def spoil(random: Random, node: bf.Tree) -> bf.Tree:
    match node:
        case bf.Mul(left, right) | bf.Add(left, right) | bf.Sub(left, right):
            if random.random() < 0.5:
                return type(node)(spoil(random, left), right)
            return type(node)(left, spoil(random, right))
        case bf.Pow(root, power):
            return bf.Pow(spoil(random, root), power)
        case bf.Total(name, body):
            return bf.Total(name, spoil(random, body))
        case bf.At(body, old, new):
            return bf.At(spoil(random, body), old, new)
        case bf.Replace(body, name, formals, definition):
            return bf.Replace(spoil(random, body), name, formals, definition)
        case bf.Number(x):
            return bf.Number(x + 1)
        case bf.Scalar(name, power):
            return bf.Scalar(name, power + 1)
        case bf.Entry(name, names):
            place = random.randrange(len(names))
            alike = [x for x in bf.NAMES[bf.DIM[names[place]]] if x != names[place]]
            if not alike or random.random() < 0.3:
                return bf.Mul(node, bf.Number(Fraction(2)))
            return bf.Entry(
                name, tuple(random.choice(alike) if n == place else x for n, x in enumerate(names))
            )
    raise AssertionError(node)
