"""Make a witness small: smaller sizes first, then simpler numbers; every step is certified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, permutations
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic.dimension import Dimension
from symbolic.kinds import Free
from symbolic.setting import Setting
from verify.points.batched import FLOATS, BatchValues
from verify.points.compare import Outcome, decide, outside
from verify.points.domains import SYMMETRIC, Objects, restored, rounded, unit_columns, whole
from verify.points.evaluation import Posed
from verify.points.exact_points import ExactPoint, Parameter
from verify.points.rules import SLACK
from verify.search.height import height_of

MOVES = 400  # accepted at most
CONFIRMED = 4  # candidates of one round that are tried in balls
MANY = 12  # above it, indices are dropped by halves, and entries are not made simpler one by one
MARGIN = 1e-9
ROUGH = (1, 2, 10, 100)  # denominators
SIMPLE = tuple(
    Fraction(x)
    for x in ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "10", "-10", "1/10", "100", "1/100")
)
MENDED = (*SYMMETRIC, "simplex")  # where a change of one entry alone leaves the domain
Drawn = Mapping[str, Parameter]


def shrink(posed: Posed, point: ExactPoint, outcome: Outcome) -> tuple[ExactPoint, Outcome]:
    """A smaller point that is above too; the point itself where there is none. Simpler numbers may let go of more indices."""
    fewer = smaller(posed, point, outcome)
    while True:
        point, outcome = simpler(posed, *fewer)
        fewer = smaller(posed, point, outcome)
        if fewer[0] is point:
            return point, outcome


def above(posed: Posed, sizes: Mapping[str, int], drawn: Drawn) -> tuple[ExactPoint, Outcome] | None:
    """The point with these parameters, if it lies in the domain and lhs > rhs is certain there."""
    if not posed.allows(sizes):
        return None
    point = ExactPoint(posed.setting, sizes, drawn.__getitem__)
    outcome = decide(posed, point)
    return (point, outcome) if outcome.relation == "above" else None


def parameters(posed: Posed, point: ExactPoint) -> dict[str, Parameter]:
    return {name: point.parameter(name) for name in posed.parameters}


# Sizes.


def smaller(posed: Posed, point: ExactPoint, outcome: Outcome) -> tuple[ExactPoint, Outcome]:
    """Takes indices away for as long as the inequality stays broken."""
    progress = True
    while progress:
        progress = False
        for sizes, drawn in _dropped(posed, point):
            found = above(posed, sizes, drawn)
            if found is not None:
                (point, outcome), progress = found, True
                break
    return point, outcome


def _dropped(posed: Posed, point: ExactPoint) -> Iterator[tuple[dict[str, int], dict[str, Parameter]]]:
    """Every way to take one index away; of a size above MANY, the last half, quarter, … of them, or the first one."""
    whole, letters = parameters(posed, point), posed.setting.language.letters
    for dim in _wholes(posed.setting):
        size = point.sizes[dim.name]
        ways = [range(gone, gone + 1) for gone in reversed(range(size))]
        if size > MANY:
            ways = [range(size - (size >> part), size) for part in range(1, size.bit_length())] + [range(1)]
        for way in ways:
            gone = {dim.name: [*way]}
            for part in dim.parts:  # an index takes its place in the part with it
                start = part.start(point.sizes)
                stop = start + part.size(point.sizes)
                gone[part.name] = [k - start for k in way if start <= k < stop]
            sizes = {name: size - len(gone.get(name, ())) for name, size in point.sizes.items()}
            if min(sizes.values()) == 0:
                continue
            cut = {name: _cut(posed.setting, name, value, gone) for name, value in whole.items()}
            kept = {
                name: _shorter(posed.free(name), cut[name], whole[name]) for name in letters if name in cut
            }
            if any(value is None for value in kept.values()):
                continue
            yield sizes, cut | {name: value for name, value in kept.items() if value is not None}


def _shorter(kind: Free, value: Any, before: Any) -> Objects | None:
    """A letter that has lost an index as a value of its domain; None for unit columns of which one has no direction left."""
    if kind.domain == "unit columns":
        return value if len(value) == len(before) else _renormalised(value)
    return restored(kind, value, Fraction(1))


def _wholes(setting: Setting) -> list[Dimension]:
    """The dimensions that are no parts: those with parts first, then the last one and the others."""
    every = [dim for dim in setting.language.dimensions.values() if dim.whole is None]
    plain = [dim for dim in every if not dim.parts]
    return [dim for dim in every if dim.parts] + plain[-1:] + plain[:-1]


def _cut(setting: Setting, name: str, value: Parameter, gone: Mapping[str, list[int]]) -> Parameter:
    if not isinstance(value, np.ndarray):
        return value
    for axis, slot in enumerate(setting.slots(name)):
        if gone.get(slot.name):
            value = np.delete(value, gone[slot.name], axis=axis)
    return value


def _renormalised(V: Objects) -> Objects | None:
    """Columns near these of norm 1 exactly; None where one has no direction left."""
    floats = np.asarray(V, dtype=np.float64)
    norms = np.linalg.norm(floats, axis=0)
    if not (norms > 1e-6).all():
        return None
    return unit_columns(floats / norms, 100)


# Numbers.


def complexity(drawn: Drawn) -> int:
    """Bits of the different numbers in each letter, and one more for each entry that is not 0, two for a negative one."""
    total = 0
    for value in drawn.values():
        entries = [x for x in (value.flat if isinstance(value, np.ndarray) else (value,)) if x]
        total += sum(1 + (x < 0) for x in entries)
        total += sum(x.numerator.bit_length() + x.denominator.bit_length() for x in {abs(x) for x in entries})
    return total


def simpler(posed: Posed, point: ExactPoint, outcome: Outcome) -> tuple[ExactPoint, Outcome]:
    """Puts simpler numbers in the place of others, the greatest gain first, for as long as the inequality stays broken."""
    for _ in range(MOVES):
        whole = parameters(posed, point)
        now = complexity(whole)
        mended = (_mended(posed, whole, move) for move in _moves(posed, whole))
        moves = [(complexity(move), position, move) for position, move in enumerate(mended)]
        moves = [move for move in moves if move[0] < now and not outside(posed, point.sizes, move[2])]
        likely = _likely(posed, point, [move for _, _, move in moves])
        candidates = sorted(
            (cost, position) for (cost, position, _), good in zip(moves, likely, strict=True) if good
        )
        by_position = {position: move for _, position, move in moves}
        tried = (above(posed, point.sizes, by_position[position]) for _, position in candidates)
        found = next((result for result in islice(tried, CONFIRMED) if result is not None), None)
        if found is None:
            break
        point, outcome = found
    return point, outcome


def _likely(posed: Posed, point: ExactPoint, moves: list[dict[str, Parameter]]) -> list[bool]:
    """Which of these break the inequality in float64, all at once."""
    if not moves:
        return []

    def stacked(name: str) -> NDArray[np.float64]:
        return np.stack([np.asarray(move[name], dtype=np.float64) for move in moves])

    values = BatchValues(FLOATS, point.sizes, stacked, posed.rules)
    ratios = height_of(posed, values, len(moves))[1]
    return [bool(ratio > 1 + MARGIN) for ratio in ratios]


def _mended(posed: Posed, whole: Drawn, move: Drawn) -> dict[str, Parameter]:
    """The move with every letter that it changes as a value of its domain, as far as that is at hand."""
    found = dict(move)
    for name, value in move.items():
        if name in posed.setting.language.letters and value is not whole[name]:
            kind, array = posed.free(name), np.asarray(value, dtype=object)
            if kind.domain in SYMMETRIC:  # an entry takes the one across along
                changed = array != whole[name]
                array = np.where(changed, array, np.where(changed.T, array.T, array))
            found[name] = restored(kind, array, Fraction(1)) if kind.domain in MENDED else array
    return found


def _moves(posed: Posed, whole: Drawn) -> Iterator[dict[str, Parameter]]:
    """All letters at once, two letters, one letter, one entry."""
    for denominator in ROUGH:
        yield {name: _rounded(posed, name, value, denominator) for name, value in whole.items()}
    yield from _scaled(posed, whole)
    for name, value in whole.items():
        near = posed.free(name).near
        partner = whole[near] if near else None
        for other in _letters(posed, name, value, partner):
            yield {**whole, name: other}
        if partner is not None:  # both move together, at the same distance
            yield {**whole, near: partner - partner, name: value - partner}


def _scaled(posed: Posed, whole: Drawn) -> Iterator[dict[str, Parameter]]:
    """One letter divided by its largest entry, or by a power of ten, and another one multiplied or divided by as much."""
    movable = [
        name
        for name in whole
        if not name.startswith(SLACK) and posed.free(name).domain not in ("unit columns", "simplex")
    ]
    pairs = [(name, posed.free(name).near) for name in whole if posed.free(name).near]
    for name in movable:
        largest = _largest(whole[name])
        if not largest:
            continue
        together = {other for pair in pairs if name in pair for other in pair if other in whole}
        for by in {largest, Fraction(10) ** round(log10(largest))}:
            first = {other: whole[other] / by for other in {name} | together}
            yield {**whole, **first}
            for second in movable:
                if second not in first:
                    for factor in (by, 1 / by, by * by, 1 / (by * by)):
                        yield {**whole, **first, second: whole[second] * factor}


def _largest(value: Parameter) -> Fraction:
    return max(
        (abs(x) for x in (value.flat if isinstance(value, np.ndarray) else (value,))), default=Fraction(0)
    )


def _letters(posed: Posed, name: str, value: Parameter, partner: Parameter | None) -> Iterator[Parameter]:
    if not isinstance(value, np.ndarray):
        for x in (*SIMPLE, *_near(value)):
            if x > 0 and (x <= 1 or not name.startswith(SLACK)):
                yield x
        return
    if posed.free(name).domain == "unit columns":
        yield from _tokens(value)
        return
    yield -value
    for denominator in ROUGH:
        yield _rounded(posed, name, value, denominator)
    if partner is not None:
        yield partner
    if max(value.shape, default=1) > MANY:
        return
    seen = {x for entry in value.flat for x in (entry, -entry)}
    for axis in range(value.ndim):
        for to, source in permutations(range(value.shape[axis]), 2):
            for sign in (1, -1):
                other = np.moveaxis(value.copy(), axis, 0)
                other[to] = sign * other[source]
                yield np.moveaxis(other, 0, axis)
    for at in np.ndindex(*value.shape):
        near = () if not isinstance(partner, np.ndarray) else (partner[at], partner[at] + 1, partner[at] - 1)
        here: Fraction = value[at]  # type: ignore[assignment]
        for x in {*SIMPLE, *_near(here), *near, *seen}:
            other = value.copy()
            other[at] = x
            yield other


def _near(x: Fraction) -> Iterator[Fraction]:
    yield from (rounded(float(x), denominator) for denominator in (1, 2, 10, 100))
    if x:
        sign = 1 if x > 0 else -1
        power = Fraction(10) ** round(log10(abs(x)))
        yield from (sign * power, sign * power / 10, sign * power * 10, x / 2, 2 * x, -x)


def _rounded(posed: Posed, name: str, value: Parameter, denominator: int) -> Parameter:
    if not isinstance(value, np.ndarray):
        found = rounded(float(value), denominator)
        return min(found, Fraction(1)) if name.startswith(SLACK) else found
    if posed.free(name).domain == "unit columns":
        return unit_columns(value.astype(np.float64), denominator)
    return whole(value, denominator)


def _tokens(V: Objects) -> Iterator[Objects]:
    d, K = V.shape
    units: list[list[Fraction]] = []
    for axis in range(d):
        for sign in (1, -1):
            units.append([Fraction(sign * (axis == row)) for row in range(d)])
    for first in range(d):
        for second in range(d):
            if first != second:
                unit = [Fraction(0)] * d
                unit[first], unit[second] = Fraction(3, 5), Fraction(4, 5)
                units.append(unit)
    for denominator in (1, 2, 5, 20):
        yield unit_columns(V.astype(np.float64), denominator)
    for k in range(K):
        for unit in units:
            other = V.copy()
            other[:, k] = unit
            yield other
        for denominator in (1, 2, 5, 20):
            other = V.copy()
            other[:, k : k + 1] = unit_columns(V[:, k : k + 1].astype(np.float64), denominator)
            yield other


__all__ = ["above", "complexity", "shrink", "simpler", "smaller"]
