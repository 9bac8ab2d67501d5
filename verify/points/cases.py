"""Which exact points a setting has: what is special about each of them, and their sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import chain, zip_longest

from symbolic.kinds import AboveAll, BelowAll, Free
from symbolic.setting import Case, Setting

DECADES = 6
PLAIN = Case()
# Sizes of the lane that goes up to 12, each row taken from one place further on for each lap over its five numbers.
SIZES = (
    (12, 12, 9, 8, 9), (5, 7, 4, 3, 3), (5, 8, 12, 6, 5), (6, 11, 5, 9, 7), (8, 8, 5, 12, 5), (7, 9, 9, 7, 12),
    (1, 7, 10, 2, 8), (10, 12, 2, 11, 6), (5, 6, 1, 5, 1), (9, 10, 9, 9, 9), (5, 6, 5, 3, 5), (6, 7, 2, 2, 6),
)  # fmt: skip
PATTERNS = (
    Case("equal entries", pattern="equal entries"), Case("no scores", scores=Fraction(0)), PLAIN, Case("one entry", pattern="one entry"),
    PLAIN, Case("saturated", scores=Fraction(60)), PLAIN, Case("near", near=True), Case("equal entries", pattern="equal entries"),
    Case("identity", pattern="identity"), Case("huge", scale=5 * DECADES), Case("tiny", scale=-5 * DECADES),
)  # fmt: skip


def cases(setting: Setting) -> tuple[Case, ...]:
    """The kinds of points, in the order in which they are taken: those that the setting lists, or the usual ones."""
    if setting.cases:
        return setting.cases
    found: tuple[Case, ...] | None = setting.kept.get("cases")
    if found is None:
        special = [
            case
            for case in chain(*zip_longest(_sizes(setting), _letters(setting), _scales(setting)))
            if case is not None
        ]
        found = setting.kept["cases"] = tuple(chain(*((PLAIN, case) for case in special)))
    return found


def _sizes(setting: Setting) -> Iterator[Case]:
    for name, dim in setting.language.dimensions.items():
        if dim.parts:
            yield Case(f"{dim.parts[-1]} empty", full=(name,))
    for name in setting.sizes:
        yield Case(f"{name} = 1", sizes={name: 1})
    if len(setting.sizes) > 1:
        yield Case("all sizes 1", sizes=dict.fromkeys(setting.sizes, 1))


def _letters(setting: Setting) -> Iterator[Case]:
    free = {
        name: kind for name, kind in setting.kinds.items() if isinstance(kind, Free) and setting.slots(name)
    }
    for name, kind in free.items():
        if kind.near:
            yield Case(f"{name} = {kind.near}", letters={name: "same"})
        elif kind.domain in ("any", "nonnegative", "symmetric", "positive semidefinite"):
            yield Case(f"{name} = 0", letters={name: "zero"})
        yield Case(f"{name} constant", letters={name: "constant"})
        if len(setting.slots(name)) > 1:
            yield Case(f"equal rows of {name}", letters={name: "equal rows"})
            yield Case(f"equal columns of {name}", letters={name: "equal columns"})


def _scales(setting: Setting) -> Iterator[Case]:
    kinds = tuple(setting.kinds.values())
    if any(isinstance(kind, Free) and kind.score for kind in kinds):
        yield Case("saturated", scores=Fraction(60))
        yield Case("flat", scores=Fraction(1, 10**6))
        yield Case("no scores", scores=Fraction(0))
    if any(isinstance(kind, AboveAll | BelowAll) for kind in kinds):
        yield Case("no slack", slack=False)
    if any(isinstance(kind, Free) and kind.near for kind in kinds):
        yield Case("near", near=True)
    yield Case("large", scale=DECADES)
    yield Case("small", scale=-DECADES)


def larger(setting: Setting) -> tuple[tuple[Case, tuple[int, ...]], ...]:
    """The points of sizes up to 12: what is special about each, and its sizes."""
    if setting.larger:
        return setting.larger
    places = range(len(setting.sizes))
    return tuple(
        (case, tuple(row[(place + place // len(row)) % len(row)] for place in places))
        for case, row in zip(PATTERNS, SIZES, strict=True)
    )


def fitted(setting: Setting, sizes: Mapping[str, int], full: tuple[str, ...] = ()) -> dict[str, int]:
    """Sizes at which the parts of every dimension fit into it; those in `full` have no index left for the last part."""
    found = dict(sizes)
    for name, dim in setting.language.dimensions.items():
        if dim.parts:
            parts = sum(found[part.name] for part in dim.parts[:-1])
            found[name] = parts if name in full else max(found[name], parts)
    return found
