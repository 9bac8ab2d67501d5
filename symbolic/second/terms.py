"""Sums of products as the data of proofs have them: lists of terms, multiplied out as they stand.

A term is [coefficient, {scalar: power}, [[tensor, [index, …]], …], [dimension of bound index 0, of 1, …]]; a free index is
"name:dimension", a bound one a number. Inside, every index is "name:type" with the type as one character; the names of bound ones are
numbers, all different.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple, TypeAlias

from .types import Types, inside, may_be_empty

Factor: TypeAlias = tuple[str, tuple[str, ...]]
Number: TypeAlias = int | Fraction
_number = count()


class Tensor(NamedTuple):
    slots: tuple[str, ...]
    symmetric: bool = False
    unit_sum: int = -1  # none
    nonneg: bool = False


class Term(NamedTuple):
    coefficient: Number = 1
    powers: tuple[tuple[str, Number], ...] = ()
    factors: tuple[Factor, ...] = ()
    bound: tuple[str, ...] = ()


def need(condition: object, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)


def fresh(dim: str) -> str:
    """A bound index that stands nowhere yet."""
    return f"{next(_number)}:{dim}"


def is_bound(ref: str) -> bool:
    return ref[0].isdecimal()


def supposing(terms: list[Term], indices: Iterable[str] = ()) -> set[str]:
    """Free indices over what may be empty, of terms and among those given."""
    every = {ref for t in terms for _, refs in t.factors for ref in refs} | set(indices)
    return {ref for ref in every if may_be_empty(ref[-1]) and not is_bound(ref)}


def fraction(text: Any) -> Number:
    need(isinstance(text, str) and re.fullmatch(r"-?\d+(/[1-9]\d*)?", text), f"{text!r} is no fraction")
    return Fraction(text) if "/" in text else int(text)


def declare(name: str, given: Mapping[str, Any], types: Types) -> Tensor:
    t = Tensor(**{**given, "slots": tuple(map(types.of, given["slots"]))})
    alike = not t.symmetric or (len(t.slots) == 2 and t.slots[0] == t.slots[1] and t.unit_sum == -1)
    good = name != "delta" and alike and t.unit_sum in range(-1, len(t.slots))
    need(good, f"{name}: no declaration of a tensor")
    need(
        t.unit_sum < 0 or not may_be_empty(t.slots[t.unit_sum]),
        f"{name}: a sum over what may be empty is not one",
    )
    return t


def scaled(terms: Iterable[Term], by: Number) -> list[Term]:
    return [t._replace(coefficient=by * t.coefficient) for t in terms]


def raised(powers: Sequence[tuple[str, Number]]) -> tuple[tuple[str, Number], ...]:
    found = {name: sum(power for other, power in powers if other == name) for name, _ in powers}
    return tuple(sorted((name, power) for name, power in found.items() if power))


def moved(factors: Iterable[Factor], new: Mapping[str, str]) -> tuple[Factor, ...]:
    if not new:
        return tuple(factors)
    return tuple((name, tuple([new.get(r, r) for r in refs])) for name, refs in factors)


def put(a: Term, b: Term, new: Mapping[str, str]) -> Term:
    """a · b with names for free indices of b; its bound ones get numbers of their own."""
    own = {ref: fresh(ref[-1]) for ref in b.bound}
    factors, bound = a.factors + moved(b.factors, {**new, **own}), (*a.bound, *own.values())
    return Term(a.coefficient * b.coefficient, raised(a.powers + b.powers), factors, bound)


def times(left: list[Term], right: list[Term]) -> list[Term]:
    return [put(a, b, {}) for a in left for b in right]


def renamed(terms: list[Term], old: Sequence[str], new: Sequence[str]) -> list[Term]:
    """Free indices by others whose types lie in theirs, all at once."""
    need(len(old) == len(new) and len(set(old)) == len(old), f"{len(new)} indices for {len(old)}")
    need(all(map(inside, new, old)), f"indices {', '.join(old)} cannot become {', '.join(new)}")
    return [t._replace(factors=moved(t.factors, dict(zip(old, new, strict=True)))) for t in terms]


def summed(terms: list[Term], over: Sequence[str]) -> list[Term]:
    """Σ over free indices; one that does not occur is counted later."""
    types = {ref[:-1]: ref for ref in over}
    alike = all(types.get(ref[:-1], ref) == ref for t in terms for _, refs in t.factors for ref in refs)
    stated = ", ".join(over)
    need(alike and len(types) == len(over), f"Σ over {stated}: one is summed twice, or has two types")
    return [put(Term(), t._replace(bound=(*t.bound, *over)), {}) for t in terms]


def replaced(terms: list[Term], tensor: str, formals: list[str], definition: list[Term]) -> list[Term]:
    """The definition for every entry of the tensor."""
    result = []
    for t in terms:
        parts = [t._replace(factors=())]
        for name, refs in t.factors:
            new = dict(zip(formals, refs, strict=True)) if name == tensor else {}
            need(all(map(inside, new.values(), new)), f"{tensor}: a definition for other types")
            choices = definition if name == tensor else [Term(factors=((name, refs),))]
            parts = [put(part, choice, new) for part in parts for choice in choices]
        result += parts
    return result


def shown(terms: list[Term]) -> str:
    """The terms to be read; bound indices are #0, #1, …"""
    return " + ".join(map(_product, terms)) or "0"


def _product(term: Term) -> str:
    names = {ref: f"#{place}" for place, ref in enumerate(term.bound)}
    parts = [] if term.coefficient == 1 else [str(term.coefficient)]
    parts += [name if power == 1 else f"{name}^{power}" for name, power in term.powers]
    parts += [f"{name}[{', '.join(names.get(r, r) for r in refs)}]" for name, refs in term.factors]
    over = ", ".join(f"{name}:{ref[-1]}" for ref, name in names.items())
    return (f"Σ_{{{over}}} " if over else "") + (" ".join(parts) or "1")


class Shape:
    """Factors up to the names of their bound indices."""

    def __init__(self, factors: tuple[Factor, ...], tensors: Mapping[str, Tensor]) -> None:
        self.factors = factors
        self.turns = {name: (1, -1) if tensors[name].symmetric else (1,) for name, _ in factors}
        places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name, refs in factors:
            for slot, ref in enumerate(refs):
                places[ref].append((name, slot if len(self.turns[name]) == 1 else 0))
        seen = {r: f"{r[-1]}{sorted(found)}" if is_bound(r) else r for r, found in places.items()}
        self.views = [(n, max(refs[::turn] for turn in self.turns[n])) for n, refs in moved(factors, seen)]
        self.key = tuple(sorted(self.views))
        self.told_apart = len(set(seen.values())) == len(seen)

    def same(self, other: Shape, found: dict[str, str], left: list[int]) -> bool:
        """Whether a renaming that extends `found` maps the last factors onto those `left` of the other, whose key agrees."""
        if self.told_apart or not left:
            return True
        name, refs = self.factors[-len(left)]
        for candidate in (n for n in left if other.views[n] == self.views[-len(left)]):
            for turn in self.turns[name]:
                more, rest = dict(found), [n for n in left if n != candidate]
                pairs = list(zip(refs, other.factors[candidate][1][::turn], strict=True))
                fits = all(more.setdefault(a, b) == b and a[-1] == b[-1] for a, b in pairs)
                fits = fits and all(a == b or (is_bound(a) and is_bound(b)) for a, b in pairs)
                if fits and len(set(more.values())) == len(more) and self.same(other, more, rest):
                    return True
        return False
