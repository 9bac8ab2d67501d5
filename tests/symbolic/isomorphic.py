"""Monomials and shuffled copies of them: other labels of the bound indices, other order, symmetric slots exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from random import Random
from types import ModuleType
from typing import Any

import brute_force as bf
from random_expressions import monomial

from verify.theories.yang2024.symbolic.letters import DIMENSIONS

Edges = list[tuple[int, int]]


def graphs() -> Iterator[tuple[str, Edges]]:
    """Highly symmetric ones, where refinement of colours alone decides nothing."""
    for size in (3, 4, 5, 6):
        yield f"cycle of {size}", [(i, (i + 1) % size) for i in range(size)]
    yield "two triangles", [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]
    yield "triangle and hexagon", [(0, 1), (1, 2), (2, 0), *((3 + i, 3 + (i + 1) % 6) for i in range(6))]
    yield "triangle and pentagon", [(0, 1), (1, 2), (2, 0), *((3 + i, 3 + (i + 1) % 5) for i in range(5))]
    yield "complete graph on 4", list(combinations(range(4), 2))
    yield "complete bipartite on 3 and 3", [(i, j) for i in range(3) for j in range(3, 6)]
    yield "prism", [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5)]
    yield "cube", [(i, i ^ bit) for i in range(8) for bit in (1, 2, 4) if i < i ^ bit]
    yield "star of 7", [(0, i) for i in range(1, 8)]
    yield "six loops", [(i, i) for i in range(6)]
    yield "double edges", [(0, 1), (0, 1), (1, 2), (2, 3), (2, 3), (3, 0)]


def random_graphs(random: Random) -> Iterator[tuple[str, Edges]]:
    for case in range(40):
        order = random.choice((3, 4, 5, 6))
        edges = [
            (random.randrange(order), random.randrange(order)) for _ in range(order + random.randrange(3))
        ]
        seen = sorted({vertex for edge in edges for vertex in edge})
        yield f"random graph {case}", [(seen.index(a), seen.index(b)) for a, b in edges]


def of_graph(kernel: ModuleType, letter: str, edges: Edges) -> tuple[Any, ...]:
    count = 1 + max(max(edge) for edge in edges)
    letters = tuple((bf.tensor(kernel, letter), edge) for edge in edges)
    return Fraction(1), (), letters, (DIMENSIONS[bf.TENSORS[letter][0][0]],) * count


def shuffled(random: Random, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    coefficient, scalars, factors, dims = parts
    order = list(range(len(dims)))
    random.shuffle(order)
    renamed = []
    for letter, refs in factors:
        new = [order[ref] if isinstance(ref, int) else ref for ref in refs]
        if letter.symmetric:
            random.shuffle(new)
        renamed.append((letter, tuple(new)))
    _across_a_delta(random, renamed)
    random.shuffle(renamed)
    moved = dict(zip(order, dims, strict=True))
    return (
        coefficient,
        tuple(random.sample(scalars, len(scalars))),
        tuple(renamed),
        tuple(moved[b] for b in range(len(dims))),
    )


def _across_a_delta(random: Random, factors: list[Any]) -> None:
    """δ_{xy} f(x) = δ_{xy} f(y) for free x and y where the type of y lies in that of x: put y for x in one factor."""
    for place, (letter, pair) in enumerate(factors):
        if letter.name == "delta" and not any(isinstance(ref, int) for ref in pair):
            x, y = pair if str(pair[1].dim) in bf.INSIDE[pair[0].dim] else pair[::-1]
            others = [n for n in range(len(factors)) if n != place and x in factors[n][1]]
            if others and str(y.dim) in bf.INSIDE[x.dim]:
                chosen = random.choice(others)
                factors[chosen] = (
                    factors[chosen][0],
                    tuple(y if ref == x else ref for ref in factors[chosen][1]),
                )


def told_apart(kernel: ModuleType, random: Random, cases: int) -> str | None:
    """The first monomial whose shuffled copy has another normal form, or nothing."""
    for name, edges in (*graphs(), *random_graphs(random)):
        for letter in ("A", "R"):
            parts = of_graph(kernel, letter, edges)
            for _ in range(3):
                if kernel.normalise(*parts) != kernel.normalise(*shuffled(random, parts)):
                    return f"{name} in {letter}"
    for _ in range(cases):
        parts = monomial(random, kernel)
        other = shuffled(random, parts)
        if kernel.Expr._collect(kernel.normalise(*parts)) != kernel.Expr._collect(kernel.normalise(*other)):
            return f"{parts} and {other}"
    return None
