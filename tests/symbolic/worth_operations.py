"""What an operation is worth at random values: slopes by interpolation along one entry, means by differences, by plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import sympy as sp

if TYPE_CHECKING:
    from worth import Data, Env, World

DEGREE = 8  # no lower than that of any operand in one entry
At = tuple[int, ...]
Entries = Callable[[At], Any]


@contextmanager
def given(world: World, letters: Mapping[str, Entries]) -> Iterator[None]:
    """The letters with other entries for a while."""
    before = dict(world.put)
    world.put |= letters
    try:
        yield
    finally:
        world.put = before


def follows(world: World, row: Data, document: Data, env: Env) -> bool:
    """Whether the operation gives here what it is said to give."""
    match row["by"]:
        case "derivative" if "at" not in row:
            found, said = (in_sympy(row[terms], document["operations"]) for terms in ("of", "gives"))
            return bool(sp.expand(sp.diff(found, sp.Symbol(row["in"], positive=True)) - said) == 0)
        case "derivative":
            path = Path(world, document["functions"], row["in"], tuple(env[ref] for ref in row["at"]))
            with given(world, path.entries):
                return bool(path.slope(lambda: world.value(row["of"], env)) == world.value(row["gives"], env))
        case "expectation":
            found = mean(world, row["of"], list(row["laws"].items()), env)
        case "substitution":
            letters = {name: definition(world, part, env) for name, part in row["for"].items()}
            with given(world, letters):
                found = world.value(row["of"], env)
    return bool(found == world.value(row["gives"], env))


def in_sympy(terms: list[Any], operations: list[Data]) -> sp.Expr:
    """Terms in scalars alone."""
    total = sp.Integer(0)
    for coefficient, scalars, factors, dims in terms:
        assert not dims
        part = sp.Rational(coefficient)
        for name, power in scalars.items():
            part *= sp.Symbol(name, positive=True) ** sp.Rational(power)
        for number, at in factors:
            assert isinstance(number, int)
            assert not at
            part *= in_sympy(operations[number]["gives"], operations)
        total += part
    return total


def definition(world: World, part: Data, env: Env) -> Entries:
    """An expression speaks of letters as they are, not as they are put."""
    return lambda at: world.outside(part["is"], {**env, **dict(zip(part["indices"], at, strict=True))})


class Path:
    """One entry of the target moves, and with it what is a function of that: softmax and exp of something linear to first order."""

    def __init__(self, world: World, functions: Data, target: str, entry: At) -> None:
        self.world, self.functions, self.step = world, functions, Fraction(0)
        self.entries: dict[str, Entries] = {
            target: lambda at: world.own(target, at) + self.step * (at == entry)
        }
        for name in moving(functions, target):
            self.entries[name] = self._entries(name, functions[name])

    def _entries(self, name: str, row: Data) -> Entries:
        if "is" in row:
            return lambda at: self.world.value(row["is"], dict(zip(row["indices"], at, strict=True)))
        inner, own = self.entries[row.get("softmax") or row["exp"]], lambda at: self.world.own(name, at)
        if "exp" in row:
            return lambda at: own(at) + self.step * own(at) * self.rise(inner, at)

        def softmax(at: At) -> Any:
            over = row["over"]
            others = [(*at[:over], j, *at[over + 1 :]) for j in self.world.range_of(name, over)]
            middle = sum((own(other) * self.rise(inner, other) for other in others), Fraction(0))
            return own(at) + self.step * own(at) * (self.rise(inner, at) - middle)

        return softmax

    def rise(self, entries: Entries, at: At) -> Any:
        """By how much an entry that is linear in the step rises in one."""
        before, values = self.step, []
        for self.step in (Fraction(1), Fraction(0)):
            values.append(entries(at))
        self.step = before
        return values[0] + -1 * values[1]

    def slope(self, value: Callable[[], Any]) -> Any:
        """The derivative at 0 of a polynomial of at most this degree: Σ_n w_n f(n) by Lagrange."""
        total: Any = Fraction(0)
        for node in range(DEGREE + 1):
            self.step = Fraction(node)
            total = value() * weight(node) + total
        self.step = Fraction(0)
        return total


def weight(node: int) -> Fraction:
    """The derivative at 0 of the polynomial that is 1 at this node and 0 at the others of 0, …, DEGREE."""
    others = [n for n in range(DEGREE + 1) if n != node]
    scale = Fraction(1)
    for n in others:
        scale /= node - n
    total = Fraction(0)
    for left_out in others:
        part = Fraction(1)
        for n in others:
            part *= 1 if n == left_out else -n
        total += part
    return scale * total


def moving(functions: Data, target: str) -> list[str]:
    """The letters that are functions of the target, each after those that it is a function of."""
    found: list[str] = []
    for _ in functions:
        for name, row in functions.items():
            inner = {f for _, _, factors, _ in row.get("is", ()) for f, _ in factors}
            inner |= {*row.get("of", ()), row.get("softmax"), row.get("exp")}
            if name not in (target, *found) and inner & {target, *found} and "of" not in row:
                found.append(name)
    return found


def mean(world: World, terms: list[Any], laws: list[tuple[str, Data]], env: Env) -> Any:
    """Of degree two at most in each letter: f(0) + Σ over its entries of variance · (f at 1 + f at −1 − 2 f(0))/2; for second
    moments f(0) + ½ Σ_ab E[x_a x_b] ∂_a∂_b f, from f at e_a + e_b."""
    if not laws:
        return world.value(terms, env)
    (name, law), *rest = laws
    places = list(product(*(world.range_of(name, slot) for slot in range(len(world.tensors[name]["slots"])))))

    def at(entries: Mapping[At, int]) -> Any:
        with given(world, {name: lambda place: entries.get(place, 0)}):
            return mean(world, terms, rest, env)

    middle = at({})
    total = middle
    for place in places:
        if "variance" in law:
            curved = at({place: 1}) + at({place: -1}) + middle * -2
            total = total + curved * Fraction(1, 2) * world.value(law["variance"], env)
    if "second" in law:
        for one, other in product(places, repeat=2):
            both = {one: 2} if one == other else {one: 1, other: 1}
            mixed = at(both) + at({one: 1}) * -1 + at({other: 1}) * -1 + middle
            total = total + mixed * Fraction(1, 2) * world.entry(law["second"], one + other)
    return total
