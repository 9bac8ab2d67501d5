"""Random expressions as the data of proofs, multiplied out without the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import count, product
from typing import Any, TypeAlias

import brute_force as bf

Data: TypeAlias = dict[str, Any]
Name: TypeAlias = str  # of an index; bound ones begin with "~"
# coefficient, powers, factors, bound index -> its dimension
Raw: TypeAlias = tuple[
    Fraction, tuple[tuple[str, Any], ...], tuple[tuple[str, tuple[Name, ...]], ...], dict[Name, str]
]
_numbers = count()


def declarations() -> Data:
    rows: Data = {}
    for name, (slots, symmetric, unit) in bf.TENSORS.items():
        rows[name] = {"slots": list(slots)}
        rows[name] |= {"symmetric": True} if symmetric else {}
        rows[name] |= {"unit_sum": unit} if unit is not None else {}
        rows[name] |= {"nonneg": True} if name in bf.NONNEG else {}
    return rows


def document(lhs: list[Any], rhs: list[Any]) -> Data:
    """lhs = rhs, by nothing but the rules."""
    proof = {"name": "pair", "relation": "=", "lhs": lhs, "rhs": rhs, "uses": []}
    return {
        "dimensions": {"H": [], "K": ["N", "U"], "d": [], "m": []},
        "tensors": declarations(),
        "axioms": {},
        "facts": [],
        "proofs": [proof],
    }


def row(
    coefficient: Fraction, scalars: Iterable[tuple[str, Any]], factors: Iterable[Any], dims: Iterable[str]
) -> list[Any]:
    """One term of the data; bound indices are numbers, free ones name:dimension."""
    powers: dict[str, Fraction] = {}
    for name, power in scalars:
        powers[name] = powers.get(name, Fraction(0)) + power
    return [
        str(Fraction(coefficient)),
        {name: str(power) for name, power in powers.items() if power},
        list(factors),
        [str(dim) for dim in dims],
    ]


def of_monomial(parts: tuple[Any, ...]) -> list[Any]:
    """A monomial that nobody normalised."""
    coefficient, scalars, factors, dims = parts
    shown = [
        [t.name, [r if isinstance(r, int) else f"{r.name}:{r.dim}" for r in refs]] for t, refs in factors
    ]
    return [row(coefficient, scalars, shown, dims)]


def of_expr(expr: Any) -> list[Any]:
    """A normal form of the kernel."""
    return [term for m, c in expr.terms.items() for term in of_monomial((c, m.scalars, m.factors, m.dims))]


def of_tree(tree: bf.Tree) -> list[Any]:
    """A tree multiplied out as it stands."""
    rows = []
    for coefficient, scalars, factors, bound in expand(tree):
        place = {name: n for n, name in enumerate(bound)}
        shown = [[t, [place.get(r, f"{r}:{bf.DIM.get(r)}") for r in refs]] for t, refs in factors]
        rows.append(row(coefficient, scalars, shown, bound.values()))
    return rows


def expand(tree: bf.Tree) -> list[Raw]:
    match tree:
        case bf.Number(x):
            return [(x, (), (), {})]
        case bf.Scalar(name, power):
            return [(Fraction(1), ((name, power),), (), {})]
        case bf.Entry(name, names):
            return [(Fraction(1), (), ((name, names),), {})]
        case bf.Add(left, right):
            return expand(left) + expand(right)
        case bf.Sub(left, right):
            return expand(left) + [(-c, s, f, b) for c, s, f, b in expand(right)]
        case bf.Mul(left, right):
            return times(expand(left), expand(right))
        case bf.Pow(root, power):
            result: list[Raw] = [(Fraction(1), (), (), {})]
            for _ in range(power):
                result = times(result, expand(root))
            return result
        case bf.Total(name, body):
            fresh = f"~{next(_numbers)}"
            return [
                (c, s, renamed(f, {name: fresh}), {**b, fresh: bf.DIM[name]}) for c, s, f, b in expand(body)
            ]
        case bf.At(body, old, new):
            names = dict(zip(old, new, strict=True))
            return [(c, s, renamed(f, names), b) for c, s, f, b in expand(body)]
        case bf.Replace(body, name, formals, definition):
            return [part for term in expand(body) for part in _replaced(term, name, formals, definition)]
    raise AssertionError(tree)


def _replaced(term: Raw, tensor: str, formals: tuple[Name, ...], definition: bf.Tree) -> list[Raw]:
    coefficient, scalars, factors, bound = term
    parts: list[Raw] = [(coefficient, scalars, (), bound)]
    for name, refs in factors:
        choices: list[Raw] = [(Fraction(1), (), ((name, refs),), {})]
        if name == tensor:
            new = dict(zip(formals, refs, strict=True))
            choices = [(c, s, renamed(f, new), b) for c, s, f, b in expand(definition)]
        parts = times(parts, choices)
    return parts


def renamed(factors: Any, new: Mapping[Name, Name]) -> Any:
    return tuple((t, tuple(new.get(r, r) for r in refs)) for t, refs in factors)


def times(left: list[Raw], right: list[Raw]) -> list[Raw]:
    result: list[Raw] = []
    for a, b in product(left, right):
        own = {name: f"~{next(_numbers)}" for name in b[3]}
        bound = a[3] | {own[name]: dim for name, dim in b[3].items()}
        result.append((a[0] * b[0], a[1] + b[1], a[2] + renamed(b[2], own), bound))
    return result
