"""Random monomials and trees for the kernel, aimed at each of its rules, and the comparison with brute force."""

from __future__ import annotations

import os
from collections import Counter
from fractions import Fraction
from itertools import product
from random import Random
from types import ModuleType
from typing import Any

import brute_force as bf
from rooted import Rooted
from rules_seen import count_rules, is_aimed, is_aimed_tree, operations

from verify.theories.yang2024.symbolic.letters import DIMENSIONS

CASES = int(os.environ.get("ICL_FUZZ_CASES", "1000"))
POWERS = (-2, -1, 1, 1, 2, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(-1, 3), Fraction(5, 4))
PLAIN = [name for name, (_, symmetric, unit) in bf.TENSORS.items() if not symmetric and unit is None]


def comparable(one: str, other: str) -> bool:
    return one in bf.INSIDE[other] or other in bf.INSIDE[one] or {one, other} == {"N", "U"}


def monomial(random: Random, kernel: ModuleType) -> tuple[Any, ...]:
    """(coefficient, scalars, factors, dims) as nobody normalised them: the argument of `normalise`."""
    dims = tuple(random.choice("NNNUKKKmH") for _ in range(random.choice((0, 1, 2, 2, 3, 3))))
    free = random.sample(sorted(bf.DIM), 3)

    def dim(ref: int | str) -> str:
        return dims[ref] if isinstance(ref, int) else bf.DIM[ref]

    def pick(allowed: Any) -> int | str:
        refs: list[int | str] = [
            ref for ref in (*range(len(dims)), *range(len(dims)), *free) if allowed(dim(ref))
        ]
        return random.choice(refs or [name for name in sorted(bf.DIM) if allowed(bf.DIM[name])])

    factors = []
    for _ in range(random.choice((1, 2, 2, 3, 3, 4, 5))):
        if random.random() < 0.4:
            one = pick(lambda _: True)
            names: tuple[int | str, ...] = (one, pick(lambda other, one=one: comparable(dim(one), other)))
            letter = kernel.DELTA
        else:
            name = random.choice([*bf.TENSORS, "s", "s", "u"])
            letter = bf.tensor(kernel, name)
            names = tuple(pick(lambda inner, outer=slot: inner in bf.INSIDE[outer]) for slot in letter.slots)
        factors.append(
            (letter, tuple(ref if isinstance(ref, int) else bf.index(kernel, ref) for ref in names))
        )
    scalars = tuple(
        (random.choice(("N", "K", "m", "tau")), random.choice(POWERS))
        for _ in range(random.choice((0, 0, 1, 2)))
    )
    return (
        Fraction(random.randint(-4, 4) or 5, random.randint(1, 3)),
        scalars,
        tuple(factors),
        tuple(DIMENSIONS[dim] for dim in dims),
    )


def aimed_monomial(random: Random, kernel: ModuleType) -> tuple[Any, ...]:
    """A monomial to which at least two rules apply, with a summed index that stands twice and indices of two types."""
    while True:
        parts = monomial(random, kernel)
        if is_aimed(*parts[2:]):
            return parts


def atom(random: Random, names: str) -> bf.Tree:
    """One entry, its indices among `names` where one fits."""

    def pick(allowed: Any) -> str:
        return random.choice(
            [x for x in names if allowed(bf.DIM[x])] or [x for x in sorted(bf.DIM) if allowed(bf.DIM[x])]
        )

    draw = random.random()
    if draw < 0.08:
        return bf.Number(Fraction(random.randint(-3, 3), random.randint(1, 2)))
    if draw < 0.14:
        return bf.Scalar(random.choice(sorted(bf.SCALARS)), random.choice(POWERS))
    if draw < 0.34:
        one = pick(lambda _: True)
        return bf.Entry("delta", (one, pick(lambda other: comparable(bf.DIM[one], other))))
    name = random.choice([*bf.TENSORS, "s", "u"])
    slots = bf.TENSORS[name][0]
    return bf.Entry(name, tuple(pick(lambda inner, outer=slot: inner in bf.INSIDE[outer]) for slot in slots))


def tree(random: Random, depth: int, names: str) -> bf.Tree:
    """Sums that reuse the few names there are: a bound name is free next to where it is bound."""
    if depth == 0:
        return atom(random, names)
    left = tree(random, depth - 1, names)
    match random.choice(
        ("mul", "mul", "add", "total", "total", "total", "at", "at", "replace", "split", "pow")
    ):
        case "mul":
            return bf.Mul(left, tree(random, random.randrange(depth), names))
        case "add":
            return random.choice((bf.Add, bf.Sub))(left, tree(random, random.randrange(depth), names))
        case "total":
            free = sorted(bf.free(left))
            return bf.Total(
                random.choice(free) if free and random.random() < 0.85 else random.choice(names), left
            )
        case "at":
            old = random.sample(names, min(len(names), 2))
            if random.random() < 0.4 and len({bf.DIM[x] for x in old}) == 1:
                return bf.At(left, tuple(old), tuple(reversed(old)))
            return bf.At(left, tuple(old), tuple(_narrower(random, x, names) for x in old))
        case "replace":
            name = random.choice([x for x in PLAIN if f"tensor={x!r}" in str(left)] or PLAIN)
            formals = _formals(random, bf.TENSORS[name][0])
            body: bf.Tree = bf.Mul(atom(random, "".join(formals)), atom(random, "".join(formals)))
            for extra in sorted(bf.free(body) - set(formals)):
                body = bf.Total(extra, body)
            return bf.Replace(left, name, formals, body)
        case "split":
            tokens = sorted(name for name in bf.free(left) if bf.DIM[name] == "K")
            return bf.Split(bf.Total(random.choice(tokens), left) if tokens else left)
    return bf.Pow(left, 2) if size(left) < 12 else left


def _narrower(random: Random, old: str, names: str) -> str:
    return random.choice([x for x in names if bf.DIM[x] in bf.INSIDE[bf.DIM[old]]])


def _formals(random: Random, slots: tuple[str, ...]) -> tuple[str, ...]:
    chosen: list[str] = []
    for slot in slots:
        chosen.append(random.choice([x for x in bf.NAMES[slot] if x not in chosen]))
    return tuple(chosen)


def size(node: bf.Tree) -> int:
    return str(node).count("(")


def loops(node: bf.Tree) -> int:
    """How many entries brute force looks up, roughly."""
    match node:
        case bf.Total(name, body):
            return len(bf.RANGES[bf.DIM[name]]) * loops(body)
        case bf.Add(left, right) | bf.Sub(left, right) | bf.Mul(left, right):
            return loops(left) + loops(right)
        case bf.Pow(root, power):
            return power * loops(root)
        case bf.Replace(body, _, _, definition):
            return loops(body) * loops(definition)
        case bf.At(body, _, _) | bf.Split(body):
            return loops(body)
    return 1


def environments(random: Random, names: set[str], most: int = 5) -> list[bf.Env]:
    """Values of the free indices: all of them where they are few, else some, with coincidences among them."""
    ordered = sorted(names)
    every = 1
    for name in ordered:
        every *= len(bf.RANGES[bf.DIM[name]])
    if every <= most:
        return [
            dict(zip(ordered, at, strict=True)) for at in product(*(bf.RANGES[bf.DIM[x]] for x in ordered))
        ]
    chosen = []
    for turn in range(most):
        common = random.choice((0, 1) if turn % 2 else (2, 3, 4))
        ranges = {name: bf.RANGES[bf.DIM[name]] for name in ordered}
        chosen.append(
            {
                x: common if common in r and random.random() < 0.6 else random.choice(r)
                for x, r in ranges.items()
            }
        )
    return chosen


def check_monomial(random: Random, kernel: ModuleType, seen: Counter[str]) -> str | None:
    """What brute force holds against `normalise` at one random monomial, or nothing."""
    coefficient, scalars, factors, dims = aimed_monomial(random, kernel)
    normal = kernel.Expr._collect(kernel.normalise(coefficient, scalars, factors, dims))
    names = {ref.name for _, refs in factors for ref in refs if not isinstance(ref, int)}
    for env in environments(random, names):
        wanted = coefficient * bf.value_of_term(scalars, factors, dims, env)
        found = bf.value_of_normal_form(normal, env)
        if wanted != found:
            return f"{factors} over {dims} at {env}: {wanted}, normal form {found}"
    count_rules(scalars, factors, dims, normal, seen)
    return None


def check_tree(random: Random, kernel: ModuleType, seen: Counter[str]) -> str | None:
    """What brute force holds against the kernel's operations at one random tree, or nothing."""
    names = random.choice(("ijk", "ijkt", "iku", "ka", "ijuvkt", "ijkab", "ihk", "ktu", "abp"))
    while True:
        node = tree(random, random.choice((2, 3, 4, 5)), names)
        if loops(node) <= 1500 and size(node) <= 50 and is_aimed_tree(node):
            break
    normal = bf.build(node, kernel)
    assert {index.name for index in normal.free()} <= bf.free(node), "a bound index came free"
    for env in environments(random, bf.free(node), 4):
        wanted, found = bf.value(node, env), bf.value_of_normal_form(normal, env)
        if wanted != found:
            return f"{node} at {env}: {wanted}, normal form {found}"
    seen.update(set(operations(node)))
    return None


def check_sign(random: Random, kernel: ModuleType, nonnegative: Any, seen: Counter[str]) -> str | None:
    """A value below zero of what `nonnegative` calls nonnegative, or nothing."""
    expr = kernel.number(0)
    for _ in range(random.choice((1, 1, 2))):
        coefficient, scalars, factors, dims = monomial(random, kernel)
        kept = [f for f in factors if f[0].nonneg or f[0].name == "delta" or random.random() < 0.5]
        kept += [f for f in kept if not f[0].nonneg and random.random() < 0.9]  # squares, most of them
        sign = abs(coefficient) if random.random() < 0.9 else coefficient
        expr = expr + kernel.Expr._collect(kernel.normalise(sign, scalars, tuple(kept), dims))
    said = nonnegative(expr)
    seen["said to be nonnegative"] += bool(said and expr.terms)
    seen["sign left open"] += not said
    for env in environments(random, {index.name for index in expr.free()}) if said else ():
        if not Rooted.of(bf.value_of_normal_form(expr, env)).nonnegative():
            return f"{expr} at {env}: {bf.value_of_normal_form(expr, env)}"
    return None


def first_failure(kernel: ModuleType, cases: int, seed: int) -> str | None:
    """The first of `cases` random monomials and as many trees at which the kernel is wrong."""
    random, seen = Random(seed), Counter[str]()
    for _ in range(cases):
        for check in (check_monomial, check_tree):
            try:
                found = check(random, kernel, seen)
            except Exception as error:  # a mutated kernel may fall over as well
                found = f"{type(error).__name__}: {error}"
            if found:
                return found
    return None
