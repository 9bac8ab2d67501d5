"""Which rules of the kernel a random case calls for, read off its input; what was exercised is counted, not hoped for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import brute_force as bf


def rules(factors: Any, dims: tuple[str, ...]) -> set[str]:
    """The rules of `normalise` that apply to the monomial as it stands, before any other has changed it."""
    found: set[str] = set()
    uses = Counter(ref for _, refs in factors for ref in refs)

    def dim(ref: Any) -> str:
        return str(dims[ref] if isinstance(ref, int) else ref.dim)

    for letter, refs in factors:
        if letter.name == "delta":
            found |= _of_delta(*refs, uses, dim)
        elif letter.unit_sum is not None:
            summed = refs[letter.unit_sum]
            if (
                isinstance(summed, int)
                and uses[summed] == 1
                and dim(summed) == str(letter.slots[letter.unit_sum])
            ):
                found.add("unit sum")
        if letter.symmetric and letter.name != "delta" and refs[0] != refs[1]:
            found.add("rename")
    if any(bound not in uses for bound in range(len(dims))):
        found.add("count")
    if any(dims[one] == dims[other] for one, other in combinations(range(len(dims)), 2)):
        found.add("rename")
    return found


def _of_delta(i: Any, j: Any, uses: Counter[Any], dim: Any) -> set[str]:
    if i == j:
        return {"contract"}
    if {dim(i), dim(j)} == {"N", "U"}:
        return {"disjoint"}
    wide = [ref for ref in (i, j) if dim(ref) == "K" or dim(i) == dim(j)]
    if any(isinstance(ref, int) for ref in wide):
        return {"contract"}
    return {"narrow"} if any(uses[ref] > 1 for ref in wide) else set()


def is_aimed(factors: Any, dims: tuple[str, ...]) -> bool:
    """At least two rules, a summed index that stands twice, indices of two types."""
    uses = Counter(ref for _, refs in factors for ref in refs)
    types = {dims[ref] if isinstance(ref, int) else ref.dim for ref in uses}
    repeated = any(isinstance(ref, int) and times > 1 for ref, times in uses.items())
    return repeated and len(types) > 1 and len(rules(factors, dims)) > 1


def count_rules(scalars: Any, factors: Any, dims: tuple[str, ...], normal: Any, seen: Counter[str]) -> None:
    """Which rules the monomial called for, and finer cases of them, read off the input and the output."""
    seen.update(rules(factors, dims))
    letters = Counter(letter.name for letter, _ in factors)
    uses = Counter(ref for _, refs in factors for ref in refs)
    seen["an index three times"] += any(isinstance(ref, int) and times > 2 for ref, times in uses.items())
    seen["an index twice in one tensor"] += any(
        t.name != "delta" and len(set(refs)) < len(refs) for t, refs in factors
    )
    seen["count of U"] += len(normal.terms) == 2
    seen["nonnegative tensor"] += any(t.nonneg for t, _ in factors)
    seen["broken power"] += any(getattr(power, "denominator", 1) > 1 for _, power in scalars)
    seen["powers of one scalar merged"] += len({name for name, _ in scalars}) < len(scalars)
    for term in normal.terms:
        left = Counter(letter.name for letter, _ in term.factors)
        seen["unit sum of a wider use"] += left["u"] > 0 and any(
            str(dims[r[0]]) != "K" for t, r in factors if t.name == "u" and isinstance(r[0], int)
        )
        seen["unit sum after another rule"] += any(
            left[x] < letters[x] for x in "suvo"
        ) and "unit sum" not in rules(factors, dims)
        seen["symmetric slots sorted"] += any(
            t.symmetric and t.name != "delta" and refs != after
            for t, refs in factors
            for other, after in term.factors
            if other == t and set(after) == set(refs)
        )


def operations(node: bf.Tree) -> Counter[str]:
    """How often each operation of the kernel is called for in a tree, and each rule that shows at once."""
    seen: Counter[str] = Counter()
    for part in parts(node):
        match part:
            case bf.Mul(left, right):
                bound = (_bound(left), _bound(right))
                seen["clash of bound and free"] += bool(bf.free(right) & bound[0] or bf.free(left) & bound[1])
                seen["product of sums"] += bool(bound[0] and bound[1])
            case bf.Total(name, body):
                inside = [leaf for leaf in parts(body) if isinstance(leaf, bf.Entry) and name in leaf.names]
                seen["sum over a delta"] += any(leaf.tensor == "delta" for leaf in inside)
                seen["sum over nothing"] += name not in bf.free(body)
                seen["sum over a unit sum"] += any(
                    bf.TENSORS.get(leaf.tensor, ((), 0, None))[2] is not None for leaf in inside
                )
            case bf.Pow():
                seen["power"] += 1
            case bf.Scalar(_, power):
                seen["broken power"] += getattr(power, "denominator", 1) > 1
            case bf.At(body, old, new):
                seen["rename"] += bool(set(old) & bf.free(body))
                seen["swap"] += old == new[::-1] and len(set(old)) == 2 and set(old) <= bf.free(body)
            case bf.Replace(body, name, _, _):
                seen["replace"] += any(
                    isinstance(leaf, bf.Entry) and leaf.tensor == name for leaf in parts(body)
                )
            case bf.Split(body):
                seen["split"] += any(bf.DIM[name] == "K" for name in _bound(body))
    return +seen


def is_aimed_tree(node: bf.Tree) -> bool:
    """At least two kinds of operation, a summed index that stands twice, indices of two types."""
    types = {bf.DIM[name] for part in parts(node) if isinstance(part, bf.Entry) for name in part.names}
    repeated = any(
        sum(leaf.names.count(part.name) for leaf in parts(part.body) if isinstance(leaf, bf.Entry)) > 1
        for part in parts(node)
        if isinstance(part, bf.Total)
    )
    return repeated and len(types) > 1 and len(operations(node)) > 1


def parts(node: bf.Tree) -> Iterator[bf.Tree]:
    """The tree and all below it."""
    yield node
    match node:
        case bf.Add(left, right) | bf.Sub(left, right) | bf.Mul(left, right):
            below: tuple[bf.Tree, ...] = (left, right)
        case bf.Replace(body, _, _, definition):
            below = (body, definition)
        case bf.Total(_, body) | bf.Pow(body, _) | bf.At(body, _, _) | bf.Split(body):
            below = (body,)
        case _:
            below = ()
    for part in below:
        yield from parts(part)


def _bound(node: bf.Tree) -> set[str]:
    return {part.name for part in parts(node) if isinstance(part, bf.Total)}
