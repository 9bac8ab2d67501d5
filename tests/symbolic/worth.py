"""What the data of a proof are worth at random values of letters and scalars: plain loops, no rule of either checker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any, TypeAlias

import worth_operations
from rooted import Rooted, power_of

Data: TypeAlias = dict[str, Any]
Env: TypeAlias = Mapping[str, int]
SIZES = {"N": 2, "K": 5, "m": 3, "d": 1, "H": 4}
SMALL = {"N": 2, "K": 3, "m": 1, "d": 1, "H": 2}  # where the others would take long
ONE: list[Any] = [["1", {}, [], []]]


class World:
    """Letters that are as declared: symmetric, summing to one, nonnegative. A token has one number, whatever its type."""

    def __init__(
        self, random: Random, tensors: Data, sizes: Mapping[str, int] = SIZES, operations: Sequence[Data] = ()
    ) -> None:
        self.random, self.tensors, self.operations = random, tensors, operations
        self.ranges = {dim: range(size) for dim, size in sizes.items()} | {"U": range(sizes["N"], sizes["K"])}
        self._entries: dict[str, dict[tuple[int, ...], Fraction]] = {}
        self._scalars = {name: Fraction(size) for name, size in sizes.items()}
        self.put: dict[str, Callable[[tuple[int, ...]], Any]] = {}  # what stands in the place of a letter

    def entry(self, name: str | int, at: tuple[int, ...]) -> Any:
        if isinstance(name, int):
            row = self.operations[name]
            return self.value(row["gives"], dict(zip(row["indices"], at, strict=True)))
        if name == "delta":
            return int(at[0] == at[1])
        return self.put[name](at) if name in self.put else self.own(name, at)

    def range_of(self, name: str, slot: int) -> range:
        return self.ranges[self.tensors[name]["slots"][slot]]

    def own(self, name: str, at: tuple[int, ...]) -> Fraction:
        """An entry as it was drawn."""
        if name not in self._entries:
            self._entries[name] = self._drawn(self.tensors[name])
        return self._entries[name][at]

    def _drawn(self, given: Data) -> dict[tuple[int, ...], Fraction]:
        unit, least = given.get("unit_sum"), 0 if given.get("nonneg") else -9
        found: dict[tuple[int, ...], Fraction] = {}
        for at in product(*(self.ranges[slot] for slot in given["slots"])):
            mirrored = found.get(at[::-1]) if given.get("symmetric") else None
            found[at] = Fraction(self.random.randint(least, 9)) if mirrored is None else mirrored
        if unit is None:
            return found
        sums: dict[tuple[int, ...], Fraction] = {}
        for at, x in found.items():
            rest = at[:unit] + at[unit + 1 :]
            sums[rest] = sums.get(rest, Fraction(0)) + x
        if all(sums.values()):
            return {at: x / sums[at[:unit] + at[unit + 1 :]] for at, x in found.items()}
        return self._drawn(given)

    def scalar(self, name: str) -> Fraction:
        if name not in self._scalars:
            self._scalars[name] = Fraction(self.random.randint(2, 99), self.random.randint(2, 99))
        return self._scalars[name]

    def value(self, terms: list[Any], env: Env) -> Any:
        """Σ of the terms where free indices have these values."""
        total: Any = Rooted.of(0)
        for coefficient, scalars, factors, dims in terms:
            scale: Any = Rooted.of(Fraction(coefficient))
            for name, power in scalars.items():
                scale = scale * power_of(self.scalar(name), Fraction(power))
            inner: Any = Rooted.of(0)
            for bound in product(*(self.ranges[dim] for dim in dims)):
                part: Any = Fraction(1)
                for name, refs in factors:
                    part = part * self.entry(
                        name, tuple(bound[r] if isinstance(r, int) else env[r] for r in refs)
                    )
                    if part == 0:
                        break
                inner = inner + part
            total = total + scale * inner
        return total

    def summed(self, over: list[str], env: Env, of: Callable[[Env], Any]) -> Any:
        total: Any = Rooted.of(0)
        for values in product(*(self.ranges[ref[-1]] for ref in over)):
            total = total + of({**env, **dict(zip(over, values, strict=True))})
        return total

    def at(self, terms: list[Any], indices: list[str], at: list[str], env: Env) -> Any:
        """The terms where their indices have the values of others."""
        return self.value(terms, {**env, **{old: env[new] for old, new in zip(indices, at, strict=True)}})

    def uses(self, rows: list[Data], axioms: Data, env: Env) -> Any:
        total: Any = Rooted.of(0)
        for use in rows:
            axiom = axioms[use["axiom"]]

            def product_(here: Env, use: Data = use, axiom: Data = axiom) -> Any:
                sides = (self.at(axiom[side], axiom["indices"], use["at"], here) for side in ("lhs", "rhs"))
                lhs, rhs = sides
                return self.value(use["cofactor"], here) * (lhs - rhs)

            total = total + self.summed(use["bind"], env, product_)
        return total

    def gives(self, row: Data, document: Data, env: Env) -> tuple[Any, list[Any]]:
        """What the rule of a fact gives here, and what must not be negative for that."""
        facts, signs = document["facts"], []
        match row["by"]:
            case "certificate":
                total = self.uses(row["uses"], document["axioms"], env)
                for weight in row["weights"]:
                    fact = None if weight["fact"] is None else facts[weight["fact"]]

                    def part(here: Env, weight: Data = weight, fact: Data | None = fact) -> Any:
                        signs.append(self.value(weight["multiplier"], here))
                        scale = signs[-1] * self.value(weight["root"], here) ** 2
                        return (
                            scale
                            if fact is None
                            else scale * self.at(fact["positive"], fact["indices"], weight["at"], here)
                        )

                    total = total + self.summed(weight["bind"], env, part)
                return total, signs
            case "substitute":
                definition, formals = row["definition"], row["formals"]
                self.put[row["tensor"]] = lambda at: self.outside(
                    definition, {**env, **dict(zip(formals, at, strict=True))}
                )
                given = self.value(facts[row["fact"]]["positive"], env)
                del self.put[row["tensor"]]
                return given, []
            case "root":
                a, b = self.value(row["a"], env), self.value(row["b"], env)
                return b - a, [a, b]
            case "Cauchy–Schwarz":
                a, b = self.value(row["a"], env), self.value(row["b"], env)
                inner = self.summed(
                    row["over"], env, lambda here: self.value(row["x"], here) * self.value(row["y"], here)
                )
                return a * b - inner, [a, b]
        raise AssertionError(row["by"])

    def outside(self, definition: list[Any], env: Env) -> Any:
        """A definition speaks of letters as they are, not as they are put."""
        kept, self.put = self.put, {}
        try:
            return self.value(definition, env)
        finally:
            self.put = kept

    def environments(self, refs: Iterable[str], most: int) -> Iterator[Env]:
        ordered = sorted(set(refs))
        for _ in range(most if ordered else 1):
            yield {ref: self.random.choice(self.ranges[ref[-1]]) for ref in ordered}


def indices(row: Any) -> set[str]:
    """All that looks like a free index, anywhere in a row."""
    if isinstance(row, dict):
        return {ref for value in row.values() for ref in indices(value)}
    if isinstance(row, list):
        return {ref for value in row for ref in indices(value)}
    return {row} if isinstance(row, str) and row[-2:-1] == ":" and row[-1] in "NUKmdH" else set()


def loops(row: Any) -> int:
    """How many products the terms of a row come to, roughly."""
    if isinstance(row, dict):
        return sum(loops(value) for value in row.values())
    if not isinstance(row, list):
        return 0
    if len(row) == 4 and isinstance(row[0], str) and isinstance(row[1], dict):
        return prod({**SIZES, "U": 3}[dim] for dim in row[3])
    return sum(loops(value) for value in row)


def follows(random: Random, row: Data, document: Data, most: int = 4) -> bool:
    """Whether a fact is what its rule gives, or a proof shows its statement, wherever it was looked."""
    sizes = SIZES if loops(row) < (20000 if "gives" not in row else 300) else SMALL
    world = World(random, document["tensors"], sizes, document.get("operations", ()))
    for env in world.environments(indices(row) | indices(document["facts"]), most):
        if "gives" in row:
            if not worth_operations.follows(world, row, document, env):
                return False
        elif "by" in row:
            given, signs = world.gives(row, document, env)
            if given != world.value(row["positive"], env) or not all(
                Rooted.of(sign).nonnegative() for sign in signs
            ):
                return False
        else:
            gap = world.value(row["rhs"], env) - world.value(row["lhs"], env)
            if row["relation"] == "=":
                shown = world.uses(row["uses"], document["axioms"], env) * -1
            else:
                fact = document["facts"][row["fact"]]
                shown = world.at(fact["positive"], fact["indices"], row["axes"], env)
            if gap != shown:
                return False
    return True
