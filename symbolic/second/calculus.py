"""Derivatives, expectations and substitutions of terms, each by a rule of its own.

What a letter or a scalar is stands in the table "functions", for all that occur in an operation:

  {"of": [letter, …]}                      a function of these, no derivative of which is known; free where there are none
  {"indices": [index, …], "is": terms}     this expression
  {"softmax": letter, "over": slot}        exp of that letter over its sum over the slot
  {"exp": letter}                          exp of that letter

So what moves with a letter is found here, and never said. Sizes are constants, but for a derivative in one. What the table says of
letters, and what laws say of theirs, is taken and reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .moments import Moments
from .terms import (
    Tensor,
    Term,
    fresh,
    is_bound,
    need,
    put,
    raised,
    renamed,
    scaled,
    shown,
    times,
)
from .types import Types, inside

FORMS = ({"of"}, {"indices", "is"}, {"softmax", "over"}, {"exp"})


def deltas(pairs: Iterable[tuple[str, str]]) -> Term:
    return Term(factors=tuple(("delta", pair) for pair in pairs))


def unbound(terms: Iterable[Term]) -> set[str]:
    """The free indices."""
    return {ref for t in terms for _, refs in t.factors for ref in refs if not is_bound(ref)}


def letters(terms: Iterable[Term]) -> set[str]:
    """All letters and scalars that stand in the terms."""
    return {name for t in terms for name, _ in (*t.factors, *t.powers)} - {"delta"}


class Calculus:
    """The rules, for the letters of one document; `taken` is what they rest on."""

    def __init__(
        self,
        functions: Mapping[str, Any],
        tensors: Mapping[str, Tensor],
        types: Types,
        read: Callable[[Any], list[Term]],
    ) -> None:
        self.functions, self.tensors, self.types, self.read = functions, tensors, types, read
        self.taken: set[str] = set()
        self._reach: dict[str, set[str]] = {}

    def result(self, row: Mapping[str, Any]) -> list[Term]:
        """What an operation gives by these rules."""
        terms, by = self.read(row["of"]), row["by"]
        if by == "derivative":
            return self.derivative(terms, row["in"], row.get("at"))
        if by == "expectation":
            return self.expectation(terms, row["laws"])
        need(by == "substitution", f"{by} is no operation")
        return self.substitution(terms, row["for"])

    def reach(self, name: str, above: tuple[str, ...] = ()) -> set[str]:
        """The letter or scalar, and all that it is a function of."""
        need(name not in above, f"{name} is a function of itself")
        if name not in self._reach:
            inner = set() if name in self.types.sizes else self.inside(name)
            self._reach[name] = {name}.union(*(self.reach(other, (*above, name)) for other in inner))
        return self._reach[name]

    def inside(self, name: str) -> set[str]:
        """What the table says that it is a function of."""
        need(name in self.functions, f"what {name} is a function of is not said")
        row = self.functions[name]
        need(row.keys() in FORMS, f"{name}: {', '.join(row)} say no function")
        if "is" in row:
            value, indices = self.read(row["is"]), self.types.free(row["indices"])
            need(unbound(value) <= set(indices), f"{name} is said at other indices than its own")
            self.taken.add(f"function: {name}[{', '.join(indices)}] = {shown(value)}")
            return letters(value)
        by = next(iter(row))
        inner = set(row["of"]) if by == "of" else {row[by]}
        tied = name in self.tensors and self.tensors[name].unit_sum >= 0
        need(inner or not tied, f"{name} sums to one, so that it is not free")
        whole = ", ".join(sorted(inner)) + (f" over slot {row['over']}" if by == "softmax" else "")
        what = f"is {by} of {whole}" if by != "of" else f"is a function of {whole}" if inner else "is free"
        self.taken.add(f"function: {name} {what}")
        return inner

    def varied(self, name: str, slots: int) -> None:
        """Refuses to vary a letter whose entries are tied to each other."""
        given = self.tensors[name]
        need(len(given.slots) == slots, f"{name} has {len(given.slots)} slots")
        need(not given.symmetric and given.unit_sum < 0, f"{name}: its entries depend on each other")

    def derivative(self, terms: list[Term], target: str, at: list[str] | None) -> list[Term]:
        """∂ of the terms in an entry of a letter; or in a scalar, where `at` is None."""
        if at is None:
            return self.slope_in_scalar(terms, target)
        entry = tuple(self.types.free(at))
        self.varied(target, len(entry))
        need(all(map(inside, entry, self.tensors[target].slots)), f"{target} has no entry {', '.join(entry)}")
        above = (self.reach(target) - {target}) & self.tensors.keys()  # scalars are constants
        need(not letters(terms) & above, f"beside {target} stands what it is a function of")
        return self.slope(terms, target, entry)

    def slope(self, terms: list[Term], target: str, at: tuple[str, ...]) -> list[Term]:
        """The product rule: each factor gives way to its own slope."""
        for name in letters(terms) - {target}:
            moves = name not in self.tensors and target in self.reach(name)
            need(not moves, f"the scalar {name} is a function of {target}")
        result = []
        for t in terms:
            for place, (name, refs) in enumerate(t.factors):
                rest = t._replace(factors=t.factors[:place] + t.factors[place + 1 :])
                result += [put(rest, inner, {}) for inner in self.entry_slope(name, refs, target, at)]
        return result

    def entry_slope(self, name: str, refs: tuple[str, ...], target: str, at: tuple[str, ...]) -> list[Term]:
        """The chain rule, by what the letter is."""
        if name == target:
            return [deltas(zip(refs, at, strict=True))]
        if name == "delta" or target not in self.reach(name):
            return []
        row = self.functions[name]
        own = Term(factors=((name, refs),))
        if "is" in row:
            return self.slope(
                renamed(self.read(row["is"]), self.types.free(row["indices"]), refs), target, at
            )
        if "exp" in row:
            return times([own], self.entry_slope(row["exp"], refs, target, at))
        need("softmax" in row, f"no derivative of {name} is known")
        inner, over = row["softmax"], row["over"]
        given = self.tensors[name]
        need(self.tensors[inner].slots == given.slots, f"{name}: {inner} has other slots")
        need(over in range(len(given.slots)), f"{name}: softmax over no slot")
        need(given.unit_sum in (-1, over), f"{name} sums to one over another slot")
        index = fresh(given.slots[over])
        other = (*refs[:over], index, *refs[over + 1 :])
        mean = times([Term(factors=((name, other),))], self.entry_slope(inner, other, target, at))
        mean = [t._replace(bound=(*t.bound, index)) for t in mean]
        return times([own], self.entry_slope(inner, refs, target, at) + scaled(mean, -1))

    def slope_in_scalar(self, terms: list[Term], target: str) -> list[Term]:
        need(target not in self.tensors, f"{target} is a letter: a derivative in it is one in an entry")
        for name in letters(terms) - {target}:
            need(target not in self.reach(name), f"{name} is a function of {target}")
        for t in terms:
            counts = any(target == piece[1] for ref in t.bound for piece in self.types.pieces[ref[-1]])
            need(not counts, f"a sum over an index of type {target}")
        found = [(t, power) for t in terms for name, power in t.powers if name == target]
        return [
            t._replace(coefficient=t.coefficient * p, powers=raised((*t.powers, (target, -1))))
            for t, p in found
        ]

    def expectation(self, terms: list[Term], laws: Mapping[str, Any]) -> list[Term]:
        """E over letters that are independent of each other, each by its law."""
        found: dict[str, Moments] = {}
        for name, row in laws.items():
            self.varied(name, len(self.tensors[name].slots))
            need(self.reach(name) == {name}, f"{name} is not free, and has no law of its own")
            found[name] = Moments(name, row, self.tensors, self.types, self.read)
            self.taken.add(f"law: {name}, {found[name].said()}")
        inside = [t for law in found.values() for t in law.inside()]
        for name in letters([*terms, *inside]) - laws.keys():
            need(not self.reach(name) & laws.keys(), f"{name} is a function of what the expectation is over")
        need(not letters(inside) & laws.keys(), "a moment of a law is random")
        return [mean for t in terms for mean in self.mean(t, found)]

    def mean(self, term: Term, laws: Mapping[str, Moments]) -> list[Term]:
        entries: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for name, refs in term.factors:
            if name in laws:
                entries[name].append(refs)
        result = [term._replace(factors=tuple(f for f in term.factors if f[0] not in laws))]
        for name, found in entries.items():
            result = times(result, laws[name].of(found))
        return result

    def substitution(self, terms: list[Term], given: Mapping[str, Any]) -> list[Term]:
        """Expressions for all entries of letters, at once; no other letter may be a function of them."""
        values = {name: self.read(row["is"]) for name, row in given.items()}
        for name, row in given.items():
            self.varied(name, len(row["indices"]))
            need(not self.tensors[name].nonneg, f"{name} is nonnegative, and what stands for it may not be")
            need(not any(name in letters(value) for value in values.values()), f"{name} stands for itself")
        for name in letters(terms) - given.keys():
            need(not self.reach(name) & given.keys(), f"{name} is a function of a letter that gives way")
        result = []
        for t in terms:
            parts = [t._replace(factors=())]
            for name, refs in t.factors:
                choices = [Term(factors=((name, refs),))]
                if name in given:
                    choices = renamed(values[name], self.types.free(given[name]["indices"]), refs)
                parts = times(parts, choices)
            result += parts
        return result
