"""Exact points that meet the equations among the conditions of a statement: small whole numbers, and the third point of a line through two.

On a line an equation of third degree that two rational points meet is met by one more, which is rational as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, islice
from zlib import crc32

import numpy as np

from numeric.twister import Twister
from verify.points.arithmetic import Irrational, NoValue
from verify.points.batched import FLOATS, BatchValues
from verify.points.domains import rounded, whole
from verify.points.equations import Drawn, gaps
from verify.points.evaluation import Posed
from verify.points.exact_points import ExactPoint

DRAWN = 512  # points whose entries are small whole numbers
SPREAD = 0.8  # of the entries before they are rounded
SIMPLE = 6  # of these, so many that meet the equations
LINES = 100  # lines through two points that meet the equations


def on_lines(posed: Posed, sizes: Mapping[str, int]) -> Iterator[ExactPoint]:
    """Points at which every equation holds; none where there is no equation, or where a letter has a domain of its own."""
    if not any(one.equation for one in posed.when):
        return
    if any(posed.free(name).domain != "any" for name in posed.parameters):
        return
    known: dict[str, Drawn] = {}
    for drawn in islice(_simple(posed, sizes), SIMPLE):
        known.setdefault(_name(drawn), drawn)
    yield from (_point(posed, sizes, drawn) for drawn in known.values())
    pairs = deque(combinations(known.values(), 2))
    for _ in range(LINES):
        if not pairs:
            return
        found = _third(posed, sizes, *pairs.popleft())
        if found is not None and _name(found) not in known:
            pairs += [(one, found) for one in known.values()]
            known[_name(found)] = found
            yield _point(posed, sizes, found)


def _point(posed: Posed, sizes: Mapping[str, int], drawn: Drawn) -> ExactPoint:
    return ExactPoint(posed.setting, sizes, drawn.__getitem__)


def _name(drawn: Drawn) -> str:
    return repr([np.ravel(np.asarray(value)).tolist() for value in drawn.values()])


def _simple(posed: Posed, sizes: Mapping[str, int]) -> Iterator[Drawn]:
    """Small whole numbers for all that is drawn, scalars among them positive, at which every equation holds."""
    random, letters = Twister(crc32(f"{sorted(sizes.items())}".encode())), posed.setting.language.letters
    drawn = {}
    for name in posed.parameters:
        found = np.rint(SPREAD * random.normal(DRAWN, *posed.setting.shape(name, sizes)))
        drawn[name] = found if name in letters else np.abs(found) + 1
    values = BatchValues(FLOATS, sizes, drawn.__getitem__, posed.rules)
    met = np.ones(DRAWN, dtype=bool)
    with np.errstate(all="ignore"):  # an entry that has no value is not zero
        for one in (one for one in posed.when if one.equation):
            gap = np.asarray(values.of(one.gap, one.axes))
            met &= (gap == 0).reshape(len(gap), -1).all(axis=1)
    for row in np.flatnonzero(met):
        yield {
            name: whole(value[row], 1) if name in letters else rounded(float(value[row]), 1)
            for name, value in drawn.items()
        }


def _third(posed: Posed, sizes: Mapping[str, int], first: Drawn, second: Drawn) -> Drawn | None:
    """Where the line through two points that meet the equations meets them again, if it does, and if they are of third degree on it."""

    def along(s: Fraction) -> Drawn:
        return {name: np.asarray(x + s * (second[name] - x)) if isinstance(x, np.ndarray) else x + s * (second[name] - x)
                for name, x in first.items()}  # fmt: skip

    try:
        before, beyond = (gaps(posed, sizes, along(Fraction(s))) for s in (-1, 2))
        # An equation is s (s − 1) (slope s + height) on the line, which is 2 (height − slope) at −1 and 2 (height + 2 slope) at 2.
        slopes = [(y - x) / 6 for x, y in zip(before, beyond, strict=True)]
        places = {-(x / 2 + slope) / slope for x, slope in zip(before, slopes, strict=True) if x or slope}
        if len(places) != 1:
            return None
        found = along(places.pop())
        return None if any(gaps(posed, sizes, found)) else found
    except (Irrational, NoValue, ZeroDivisionError):
        return None
