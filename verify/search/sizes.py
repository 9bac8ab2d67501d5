"""At which sizes points are drawn: tuples up to 4, and tuples up to 12."""

from __future__ import annotations

from itertools import product
from math import prod
from random import Random

from verify.points.cases import fitted, larger
from verify.points.evaluation import Posed
from verify.points.exact_points import conditioned

LARGEST = 4


def plan(posed: Posed, count: int, seed: int) -> list[dict[str, int]]:
    """Tuples of sizes up to 4, the smallest first: all that matter, or a sample with all ones, twos, threes and fours."""
    names = posed.setting.sizes
    ranges = [range(1, LARGEST + 1) if name in posed.sizes else (1,) for name in names]
    full = full_ones(posed)
    tuples = []
    for sizes in product(*ranges):
        found = dict(zip(names, sizes, strict=True))
        found = fitted(posed.setting, found, full) if full else found
        if posed.allows(found):
            tuples.append(found)
    tuples.sort(key=lambda sizes: sum(sizes[name] for name in posed.sizes))
    if len(tuples) <= count:
        return tuples
    level = [t for t in tuples if len({t[name] for name in posed.sizes}) == 1]
    rest = [t for t in tuples if t not in level]
    Random(seed).shuffle(rest)
    chosen = (level + rest)[:count]
    return [t for t in tuples if t in chosen]


def full_ones(posed: Posed) -> tuple[str, ...]:
    """The dimensions with parts whose size does not matter: their last part may be left empty."""
    dims = posed.setting.language.dimensions.items()
    return tuple(name for name, dim in dims if dim.parts and name not in posed.sizes)


def larger_plan(posed: Posed, count: int) -> list[dict[str, int]]:
    """So many tuples of sizes up to 12, from the one with the fewest entries to the largest; a size that does not matter is 1."""
    tuples: list[dict[str, int]] = []
    for _, drawn in larger(posed.setting):
        named = zip(posed.setting.sizes, drawn, strict=True)
        sizes = {name: size if name in posed.sizes else 1 for name, size in named}
        sizes = conditioned(posed, fitted(posed.setting, sizes))
        if posed.allows(sizes) and sizes not in tuples:
            tuples.append(sizes)
    tuples.sort(key=lambda sizes: prod(sizes.values()))
    last = len(tuples) - 1
    return (
        [tuples[place] for place in sorted({round(last * step / max(1, count - 1)) for step in range(count)})]
        if tuples
        else []
    )
