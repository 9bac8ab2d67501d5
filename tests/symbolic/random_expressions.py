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

CASES = int(os.environ.get("ICL_FUZZ_CASES", "1000"))
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
        (random.choice("NKm"), random.choice((1, -1, 2))) for _ in range(random.choice((0, 0, 1, 2)))
    )
    return Fraction(random.randint(-4, 4) or 5, random.randint(1, 3)), scalars, tuple(factors), dims


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
        return bf.Scalar(random.choice(sorted(bf.SCALARS)), random.choice((-2, -1, 1, 2)))
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
            name = random.choice([x for x in PLAIN if x in str(left)] or PLAIN)
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
    coefficient, scalars, factors, dims = monomial(random, kernel)
    normal = kernel.Expr._collect(kernel.normalise(coefficient, scalars, factors, dims))
    names = {ref.name for _, refs in factors for ref in refs if not isinstance(ref, int)}
    for env in environments(random, names):
        wanted, found = (
            coefficient * bf.value_of_term(scalars, factors, dims, env),
            bf.value_of_normal_form(normal, env),
        )
        if wanted != found:
            return f"{factors} over {dims} at {env}: {wanted}, normal form {found}"
    _count_rules(factors, dims, normal, seen)
    return None


def _count_rules(factors: Any, dims: tuple[str, ...], normal: Any, seen: Counter[str]) -> None:
    """Which rules the monomial called for, read off the input and the output."""
    letters = Counter(letter.name for letter, _ in factors)
    uses = Counter(ref for _, refs in factors for ref in refs)
    deltas = [
        [dims[r] if isinstance(r, int) else r.dim for r in refs] for t, refs in factors if t.name == "delta"
    ]
    seen["disjoint"] += not normal.terms and any({"N", "U"} == set(pair) for pair in deltas)
    seen["thrice"] += any(isinstance(ref, int) and times > 2 for ref, times in uses.items())
    seen["repeated in one tensor"] += any(
        t.name != "delta" and len(set(refs)) < len(refs) for t, refs in factors
    )
    seen["count"] += any(bound not in uses for bound in range(len(dims)))
    seen["count of U"] += len(normal.terms) == 2
    for term in normal.terms:
        left = Counter(letter.name for letter, _ in term.factors)
        inside = {ref for t, refs in term.factors if t.name == "delta" for ref in refs}
        seen["contract"] += left["delta"] < letters["delta"] and len(term.dims) < len(dims)
        seen["unit sum"] += left["s"] + left["u"] < letters["s"] + letters["u"]
        seen["unit sum of a wider use"] += left["u"] > 0 and any(
            dims[r[0]] != "K" for t, r in factors if t.name == "u" and isinstance(r[0], int)
        )
        seen["narrow"] += any(not isinstance(ref, int) and ref.dim == "K" and uses[ref] > 1 for ref in inside)
        seen["symmetric sort"] += any(
            t.symmetric and t.name != "delta" and refs != after
            for t, refs in factors
            for other, after in term.factors
            if other == t and set(after) == set(refs)
        )


def check_tree(random: Random, kernel: ModuleType, seen: Counter[str]) -> str | None:
    """What brute force holds against the kernel's operations at one random tree, or nothing."""
    names = random.choice(("ijk", "ijkt", "iku", "ka", "ijuvkt", "ijkab", "ihk", "ktu", "abp"))
    while True:
        node = tree(random, random.choice((2, 3, 4, 5)), names)
        if loops(node) <= 1500 and size(node) <= 50:
            break
    normal = build_checked(node, kernel)
    for env in environments(random, bf.free(node), 4):
        wanted, found = bf.value(node, env), bf.value_of_normal_form(normal, env)
        if wanted != found:
            return f"{node} at {env}: {wanted}, normal form {found}"
    _count_operations(node, kernel, seen)
    return None


def build_checked(node: bf.Tree, kernel: ModuleType) -> Any:
    normal = bf.build(node, kernel)
    assert {index.name for index in normal.free()} <= bf.free(node), "a bound index came free"
    return normal


def _count_operations(node: bf.Tree, kernel: ModuleType, seen: Counter[str]) -> None:
    match node:
        case bf.Mul(left, right):
            seen["clash of bound and free"] += bool(
                bf.free(right) & _bound(left) or bf.free(left) & _bound(right)
            )
            seen["product of sums"] += bool(_bound(left) and _bound(right))
            parts: list[bf.Tree] = [left, right]
        case bf.Add(left, right) | bf.Sub(left, right):
            parts = [left, right]
        case bf.Total(_, body):
            parts = [body]
        case bf.Pow(body, _):
            seen["power"] += 1
            parts = [body]
        case bf.At(body, old, new):
            seen["rename"] += bool(set(old) & bf.free(body))
            seen["swap"] += old == new[::-1] and len(set(old)) == 2 and set(old) <= bf.free(body)
            parts = [body]
        case bf.Replace(body, name, _, definition):
            seen["replace"] += name in str(body)
            parts = [body, definition]
        case bf.Split(body):
            seen["split"] += any("K" in term.dims for term in bf.build(body, kernel).terms)
            parts = [body]
        case _:
            parts = []
    for part in parts:
        _count_operations(part, kernel, seen)


def _bound(node: bf.Tree) -> set[str]:
    match node:
        case bf.Total(name, body):
            return {name} | _bound(body)
        case bf.Add(left, right) | bf.Sub(left, right) | bf.Mul(left, right):
            return _bound(left) | _bound(right)
        case bf.Pow(body, _) | bf.At(body, _, _) | bf.Split(body) | bf.Replace(body, _, _, _):
            return _bound(body)
    return set()


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
