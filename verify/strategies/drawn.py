"""Points of a setting, drawn by Hypothesis: sizes, and a value of its domain for each letter, in fractions that shrink to whole numbers.

What a point is made of, and its special cases, are those of the exact points at which statements are certified
(`verify.points.exact_points`); Hypothesis makes the choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from numeric.errors import InputError
from symbolic.indexed import Expr, Index
from symbolic.setting import Setting as Engine
from verify.own.setting import Setting, called
from verify.own.terms import shown
from verify.own.theory import theory
from verify.points.arithmetic import Irrational, NoValue, Undecided
from verify.points.batched import FLOATS, Batched, BatchValues
from verify.points.cases import cases
from verify.points.compare import decide
from verify.points.domains import Objects, sphere
from verify.points.evaluation import Posed, Values, posed
from verify.points.exact_points import Drawn, ExactPoint, allowed
from verify.points.witness import entries
from verify.search.feasible import feasible, inside
from verify.search.gradients import with_gradients
from verify.statement import Domain, Statement

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]
As: TypeAlias = Literal["exact", "float64", "torch"]
Choice = TypeVar("Choice")
KINDS: tuple[As, ...] = get_args(As)
LARGEST = 3  # size, unless it is set
MOVED = 8  # points of each size that are moved to where the conditions hold


BLOCK = 16  # numbers that one choice of Hypothesis draws: its cost hardly depends on its length
_blocks = st.binary(min_size=BLOCK, max_size=BLOCK)


@cache
def _integers(low: int, high: int) -> tuple[int, ...]:
    """The whole numbers from `low` to `high`, the simplest first."""
    return tuple(sorted(range(low, high + 1), key=lambda x: (abs(x), x < 0)))


@cache
def fractions(most: int, largest: int) -> tuple[Fraction, ...]:
    """The whole numbers of at most this absolute value over those from 1 to `largest`, each once, the simplest first."""
    found = {Fraction(top, bottom) for top in range(-most, most + 1) for bottom in range(1, largest + 1)}
    return tuple(sorted(found, key=lambda x: (x.denominator, abs(x), x < 0)))


class Point(Mapping[str, Any]):
    """A point: the size of each dimension, and the value of each letter and scalar, by name; those that are made of others are
    computed when they are asked for. An example in which a letter has no value is rejected."""

    def __init__(self, at: ExactPoint, asked: Posed, values: As) -> None:
        self._at, self._asked, self.values_as = at, asked, values
        self._values = _values(at, asked, values)

    def __getitem__(self, name: str) -> Any:
        if name in (dims := self._asked.setting.language.dimensions):
            return dims[name].size(self._at.sizes)
        if name not in self._asked.letters:
            raise KeyError(name)
        try:
            found = self._values[name]
        except Irrational as error:
            needed = f"a rational value, and this is {error}"
            raise InputError("values", f"exact, of {name}", needed, 'draw values="float64"') from error
        except (NoValue, Undecided, ZeroDivisionError):
            reject()
        return _single(found, self.values_as)

    def __iter__(self) -> Iterator[str]:
        yield from self._asked.setting.language.dimensions
        yield from (name for name in self._asked.setting.kinds if name in self._asked.letters)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        drawn = {name: entries(self._at.parameter(name)) for name in self._asked.parameters}
        return (
            f"Point({', '.join(f'{name}={value}' for name, value in ({**self._at.sizes} | drawn).items())})"
        )

    def as_values(self, values: As) -> Point:
        """The same point with other numbers: exact fractions, float64 of numpy or of torch."""
        return Point(self._at, self._asked, values)


def _values(at: ExactPoint, asked: Posed, values: As) -> Values:
    if values == "exact":
        return at.values(asked, 0)
    arithmetic: Batched = FLOATS if values == "float64" else with_gradients()

    def parameter(name: str) -> Any:
        value = at.parameter(name)
        return arithmetic.array(value) if isinstance(value, np.ndarray) else arithmetic.number(value)

    return BatchValues(arithmetic, at.sizes, parameter, asked.rules)


def _single(found: Any, values: As) -> Any:
    """An array, or a number where there are no slots."""
    if values == "exact":
        made = np.array([*map(fraction, np.ravel(found)), None], dtype=object)[:-1].reshape(np.shape(found))
        return made if made.ndim else made.item()
    if not bool((found == found).all()):  # nan stands where a letter has no value
        reject()
    one = found[0]
    return float(one) if values == "float64" and not one.ndim else one


def fraction(x: Any) -> Fraction:
    """A rational of flint as a Fraction."""
    return Fraction(int(x.p), int(x.q))


class _Choices:
    """The part of random.Random that draws points, by choices of Hypothesis, each for many numbers."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._left: Iterator[int] = iter(())

    def one_of(self, known: Sequence[Choice]) -> Choice:
        """One of at most 256, the first of them where a failure is shrunk."""
        byte = next(self._left, None)
        if byte is None:
            self._left = iter(self._draw(_blocks))
            byte = next(self._left)
        return known[byte % len(known)]

    def randint(self, low: int, high: int) -> int:
        return self.one_of(_integers(low, high))

    def random(self) -> float:
        return self.randint(0, 99) / 100


class _Chosen(Drawn):
    """A point whose parameters are chosen by Hypothesis."""

    def __init__(self, asked: Posed, draw: Draw, fixed: Mapping[str, int]) -> None:
        every = [case for case in cases(asked.setting) if asked.letters.issuperset(case.letters)]
        choices = _Choices(draw)
        case = choices.one_of(every)
        drawn = {name: choices.randint(1, LARGEST) for name in asked.setting.sizes if name not in fixed}
        sizes = allowed(asked, {**drawn, **case.sizes, **fixed}, case.full)
        if any(sizes[name] != size for name, size in fixed.items()):
            sizes = allowed(asked, {**drawn, **fixed})
        super().__init__(asked.setting, choices.randint(0, 2), 0, sizes, case)
        self._choose = draw
        for name in asked.parameters:
            self.parameter(name)

    def random(self, name: str) -> Any:
        return _Choices(self._choose)

    def fraction(self, random: Any, most: int, largest: int) -> Fraction:
        found: Fraction = random.one_of(fractions(most, largest))
        return found

    def _columns(self, random: Any, rows: int, count: int) -> Objects:
        """Distinct columns on the unit sphere; those that would be equal are turned, so that no choice is lost."""
        if rows == 1:
            return super()._columns(random, rows, count)
        seen = dict[tuple[Fraction, ...], None]()
        for _ in range(count):
            at = tuple(self.fraction(random, 6, 4) for _ in range(rows - 1))
            while at in seen:
                at = (at[0] + 1, *at[1:])
            seen[at] = None
        return sphere(np.array([*seen], dtype=object).reshape(count, rows - 1))


def points(
    setting: Setting | Engine,
    *letters: str,
    meeting: str = "",
    values: As = "float64",
    sizes: Mapping[str, int] | None = None,
) -> st.SearchStrategy[Point]:
    """Points of a setting, each letter in its domain: sizes from 1 to 3, empty last parts, equal and zero entries, scales of 1e-6 to 1e6.

    letters  the letters and scalars that are asked for; all where none is named
    meeting  the name of a statement whose conditions the points meet
    values   exact: fractions; float64: numpy; torch
    sizes    sizes that are set, by the name of the dimension or part

    Raises InputError for a name that nothing has, for other values, and for sizes of which there are no points.
    """
    if not isinstance(setting, Setting | Engine):
        raise InputError("points", shown(setting), "a Setting", 'make one by Setting("my note")')
    if values not in KINDS:
        raise InputError("values", shown(values), f"one of {', '.join(KINDS)}", 'as in values="exact"')
    if values == "torch":
        with_gradients()
    posing = _Posing(setting, letters, meeting)
    return _points(posing, _fixed(posing.asked, sizes or {}), values)


class _Posing:
    """What is asked of points: letters, and the conditions of a statement.

    asked       every letter that is asked for, and those of the conditions
    conditions  the conditions alone, with their letters
    """

    def __init__(self, setting: Setting | Engine, letters: tuple[str, ...], meeting: str) -> None:
        engine, domain = setting if isinstance(setting, Engine) else setting.built.setting(()), Domain()
        axes: tuple[Index, ...] = ()
        if meeting:
            statement = _statement(setting, meeting)
            engine, domain = statement.setting, statement.domain
            axes = engine.axes(statement.dims)
        for name in letters:
            if name not in engine.kinds:
                known = ", ".join(engine.kinds)
                raise InputError(
                    "points", shown(name), f"a letter or scalar of {setting.name}", f"known: {known}"
                )
        self.conditions = posed(engine, Expr(), Expr(), axes, domain)
        rules = self.conditions.rules
        needed = self.conditions.letters | rules.needs(*(letters or engine.kinds))
        free = tuple(name for name in engine.kinds if name in needed and rules.find(name) is None)
        self.asked = replace(self.conditions, letters=needed, parameters=free, sizes=engine.sizes)
        self.moved = cache(self._moved)

    def _moved(self, sizes: tuple[tuple[str, int], ...]) -> tuple[ExactPoint, ...]:
        """Points of these sizes that were moved to where the conditions hold; none where none are found."""
        return tuple(point for point, _ in islice(feasible(self.conditions, dict(sizes), 0), MOVED))

    def met(self, chosen: ExactPoint, draw: Draw) -> ExactPoint:
        """The point where it meets the conditions, or meets them with equations solved; else with the letters of a point that was moved."""
        found = inside(self.conditions, chosen)
        if found is None or decide(self.conditions, found).relation == "outside":
            matter = {name: chosen.sizes[name] for name in self.conditions.sizes}
            ones = dict.fromkeys(self.asked.setting.sizes, 1)
            others = self.moved(tuple(allowed(self.conditions, ones | matter).items()))
            if not others:
                reject()
            found = _Choices(draw).one_of(others)
        inner = found
        return ExactPoint(
            chosen.setting,
            chosen.sizes,
            lambda name: (inner if name in self.conditions.parameters else chosen).parameter(name),
        )


def _statement(setting: Setting | Engine, name: str) -> Statement:
    stated = setting.statements if isinstance(setting, Setting) else {}
    if name not in stated or not isinstance(setting, Setting):
        known = ", ".join(stated) or "none"
        raise InputError("meeting", shown(name), "the name of a statement", f"known: {known}")
    (statement,) = next(
        claim for claim in theory(setting).claims if called(claim.id, claim.form) == name
    ).statements
    return statement


def _fixed(asked: Posed, sizes: Mapping[str, int]) -> Mapping[str, int]:
    known = asked.setting.sizes
    for name, size in sizes.items():
        if name not in known:
            remedy = "name a dimension, or a part but the last"
            raise InputError("sizes", shown(name), f"one of {', '.join(known)}", remedy)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise InputError(f"size {name}", shown(size), "a whole number from 1", "leave it out to draw it")
    least = allowed(asked, dict.fromkeys(known, 1) | dict(sizes))
    for name, size in sizes.items():
        if least[name] != size:
            raise InputError(
                f"size {name}", size, f"at least {least[name]} beside the others", "set other sizes"
            )
    return sizes


@st.composite
def _points(draw: Draw, posing: _Posing, fixed: Mapping[str, int], values: As) -> Point:
    chosen: ExactPoint = _Chosen(posing.asked, draw, fixed)
    return Point(posing.met(chosen, draw) if posing.conditions.bounded else chosen, posing.asked, values)
