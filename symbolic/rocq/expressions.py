"""Expressions of proofs as Rocq reads them: once as plain mathematics over big operators, once as data for the checker of Replay.v.

Both texts are made of one tree, and Rocq finds by computation that the meaning of the data is the plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

FIRST_BOUND = 30  # numbers of bound indices; those of free ones are below


class Unexported(ValueError):
    """Why a proof has no file."""


class Var(NamedTuple):
    """An index: the name of its dimension, and a number that tells it apart."""

    dim: str
    number: int


class Num(NamedTuple):
    value: Fraction


class Scalar(NamedTuple):
    name: str
    halves: int  # the power, in halves


class Entry(NamedTuple):
    letter: str
    at: tuple[Var, ...]


class Delta(NamedTuple):
    one: Var
    other: Var


class Sum(NamedTuple):
    over: Var
    body: Any


class Pair(NamedTuple):
    """Two expressions under +, − or *."""

    sign: str
    left: Any
    right: Any


Expr: TypeAlias = Num | Scalar | Entry | Delta | Sum | Pair
At: TypeAlias = Callable[[str], Var]


class Closure(NamedTuple):
    """What stands for a letter or an operation: terms, their formal indices, and what stands for letters in them."""

    formals: tuple[str, ...]
    terms: Any
    letters: Mapping[Any, Any]
    renamed: Mapping[str, str]  # its other free indices, by the names that they have where it is used

    def free(self) -> list[str]:
        """Its free indices besides the formal ones, and those of what it mentions, by the names where it is used."""
        own = [self.renamed[ref] for ref in references(self.terms) if ref not in self.formals]
        return [*own, *(ref for inner in self.letters.values() for ref in inner.free())]

    def under(self, made: Mapping[Any, Closure]) -> Closure:
        """The same where these stand for letters that nothing stands for yet."""
        inner = {name: closure.under(made) for name, closure in self.letters.items()}
        return self._replace(letters={**made, **inner})


def references(terms: Any) -> list[str]:
    """The free indices of terms, each once, in the order of the data."""
    found = (ref for _, _, factors, _ in terms for _, refs in factors for ref in refs if type(ref) is str)
    return list(dict.fromkeys(found))


def add(parts: Sequence[Expr]) -> Expr:
    return reduce(lambda a, b: Pair("+", a, b), parts) if parts else Num(Fraction(0))


def times(parts: Sequence[Expr]) -> Expr:
    return reduce(lambda a, b: Pair("*", a, b), parts) if parts else Num(Fraction(1))


def minus(left: Expr, right: Expr) -> Expr:
    return Pair("-", left, right)


def summed(over: Sequence[Var], body: Expr) -> Expr:
    return reduce(lambda inner, var: Sum(var, inner), reversed(over), body)


def build(terms: Any, at: At, letters: Mapping[Any, Closure], start: int = FIRST_BOUND) -> Expr:
    """The expression that terms of the data are.

    at       where a free index goes
    letters  what stands for letters, and for operations by their numbers
    start    the first number that no index around the terms has
    """
    parts = []
    for coefficient, scalars, factors, dims in terms:
        bound = [Var(dim, start + place) for place, dim in enumerate(dims)]
        value = Fraction(coefficient)
        outside: list[Expr] = [] if value == 1 else [Num(value)]
        for name, power in scalars.items():
            halves = 2 * Fraction(power)
            if halves.denominator != 1:
                raise Unexported(f"{name} has a power that is no multiple of a half")
            outside.append(Scalar(name, int(halves)))
        inside: list[Expr] = []
        for name, refs in factors:
            vars_ = tuple(bound[ref] if type(ref) is int else at(ref) for ref in refs)
            inside.append(_factor(name, vars_, at, letters, start + len(dims)))
        body = times(_squared(inside))
        parts.append(times([*outside, summed(bound, body)] if bound else [*outside, *_squared(inside)]))
    return add(parts)


def _factor(name: Any, refs: tuple[Var, ...], at: At, letters: Mapping[Any, Closure], start: int) -> Expr:
    if name == "delta":
        return Delta(*refs)
    if name not in letters:
        if type(name) is int:
            raise Unexported(f"operation {name} is none of the file")
        return Entry(name, refs)
    made = letters[name]
    formal = dict(zip(made.formals, refs, strict=True))

    def inner(ref: str) -> Var:
        return formal[ref] if ref in formal else at(made.renamed[ref])

    return build(made.terms, inner, made.letters, max([start, *(ref.number + 1 for ref in refs)]))


def _squared(factors: Sequence[Expr]) -> list[Expr]:
    """The factors, two equal ones as a square."""
    found: list[Expr] = []
    for factor in factors:
        if factor in found:
            found[found.index(factor)] = Pair("*", factor, factor)
        else:
            found.append(factor)
    return found


def walk(expr: Expr) -> Iterable[Expr]:
    """The expression and all in it."""
    yield expr
    if isinstance(expr, Pair):
        yield from walk(expr.left)
        yield from walk(expr.right)
    elif isinstance(expr, Sum):
        yield from walk(expr.body)
