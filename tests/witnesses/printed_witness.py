"""A witness as it is printed, read by a reader: sizes, letters as lists of fractions, and each side as an interval of fractions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from matrices_witness import Number, dyadic, exact

SIZES = "NKmdH"
CLOSE = Fraction(1, 10**40)  # relative: what 60 digits leave of a number that was computed


class Unreadable(ValueError):
    """Something printed that is no fraction, no array of them, or of another shape than its letter has."""


@dataclass(frozen=True)
class Printed:
    """sizes; letter -> a fraction, or nested lists of fractions; entry -> its indices, from 1; both sides as text."""

    sizes: Mapping[str, int]
    letters: Mapping[str, Any]
    entry: Mapping[str, int]
    lhs: str
    rhs: str
    summary: str

    def __getitem__(self, letter: str) -> Any:
        return self.letters[letter]

    def at(self, index: str) -> int:
        """An index of the entry, from 0."""
        return self.entry[index] - 1


def read(
    summary: str,
    sizes: Mapping[str, int],
    values: Mapping[str, str],
    sides: tuple[str | None, str | None],
    slots: Mapping[str, str],
) -> Printed:
    """`slots` names the letters that must be printed, and the sizes of their axes: "Hdd"; "" is a scalar. Raises Unreadable."""
    if set(values) != set(slots):
        raise Unreadable(f"printed are {sorted(values)}, wanted {sorted(slots)}")
    if None in sides:
        raise Unreadable("a side is missing")
    letters = {name: array(text) for name, text in values.items()}
    known = dict(sizes)
    for name, dims in slots.items():
        found = shape(letters[name])
        if len(found) != len(dims):
            raise Unreadable(f"{name} has {len(found)} axes, not {len(dims)}")
        for dim, size in zip(dims, found, strict=True):
            wanted = known.setdefault(dim, size) if dim in SIZES else int(dim)
            if size != wanted:
                raise Unreadable(f"{name} has {size} where {dim} is {wanted}")
    return Printed(known, letters, entry(summary), str(sides[0]), str(sides[1]), summary)


def entry(summary: str) -> dict[str, int]:
    """The indices in "(entry j = 1, k = 2)"."""
    found = re.search(r"\(entry ([^)]*)\)", summary)
    return {name: int(value) for name, value in re.findall(r"(\w+) = (\d+)", found[1])} if found else {}


def mistyped_sizes(summary: str) -> dict[str, int]:
    """The sizes at which the summary says that the statement does not type."""
    found = re.search(r"does not type: [^(]*(?:\([\d, ]*\))? ?\((N = [^)]*)\)", summary)
    return {name: int(value) for name, value in re.findall(r"(\w) = (\d+)", found[1])} if found else {}


# Arrays: "3/4", "(1, 1/2)", "[(1, 0); (0, 1)]", "[[(1)]; [(2)]]"


def array(text: str) -> Any:
    rest = text.strip()
    value, rest = _value(rest)
    if rest:
        raise Unreadable(f"{text!r}: {rest!r} is left over")
    return value


def _value(text: str) -> tuple[Any, str]:
    if text[:1] in ("(", "["):
        between, close = (",", ")") if text[0] == "(" else (";", "]")
        items, rest = [], text[1:]
        while True:
            item, rest = _value(rest.lstrip())
            items.append(item)
            rest = rest.lstrip()
            if rest[:1] == close:
                return items, rest[1:]
            if rest[:1] != between:
                raise Unreadable(f"{between!r} or {close!r} wanted at {rest!r}")
            rest = rest[1:]
    found = re.match(r"-?\d+(/\d+)?", text)
    if not found:
        raise Unreadable(f"no fraction at {text!r}")
    return Fraction(found[0]), text[found.end() :]


def shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        return ()
    inner = {shape(item) for item in value}
    if len(inner) != 1:
        raise Unreadable(f"ragged: {value}")
    return (len(value), *inner.pop())


def written(value: Any) -> str:
    """The text of an array: what `array` reads."""
    if not isinstance(value, list):
        return str(value)
    parts = [written(item) for item in value]
    return "[" + "; ".join(parts) + "]" if isinstance(value[0], list) else "(" + ", ".join(parts) + ")"


# Sides: "3/4", "[1.5 +/- 1e-9]", "1.25" (to one unit of its last digit), "25/4^(1/2)"; a name may stand in front: "x = 3/4"

Interval = tuple[Fraction, Fraction]


def side(text: str) -> Interval | str:
    """What a side is printed to be; text that holds no number stays text."""
    number = text.rsplit(" = ", 1)[-1].strip() if re.search(r"= [-\[\d]", text) else text.strip()
    if re.fullmatch(r"-?\d+(/\d+)?", number):
        return (Fraction(number),) * 2
    if found := re.fullmatch(r"(\d+(?:/\d+)?)\^\(1/2\)", number):
        return root_of(Fraction(found[1]))
    if found := re.fullmatch(r"\[(\S+) \+/- (\S+)\]", number):
        middle, radius = Fraction(Decimal(found[1])), Fraction(Decimal(found[2]))
        return middle - radius, middle + radius
    if re.fullmatch(r"-?\d+\.\d+(e[-+]?\d+)?", number):
        decimal = Decimal(number)
        unit = Fraction(10) ** int(decimal.as_tuple().exponent)
        return Fraction(decimal) - unit, Fraction(decimal) + unit
    return number


def root_of(x: Fraction) -> Interval:
    """Fractions with 40 digits on both sides of a root."""
    scale = 10**40
    low, high = 0, scale * (x.numerator + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if Fraction(middle, scale) ** 2 <= x else (low, middle)
    return Fraction(low, scale), Fraction(high, scale)


def interval(x: Number) -> Interval | str:
    """What was computed: a fraction is exact, a number of 60 digits is known to 40, an interval of mpmath is what it is."""
    if isinstance(x, str):
        return x
    if hasattr(x, "_mpi_"):
        return dyadic(x._mpi_[0]), dyadic(x._mpi_[1])
    value = exact(x)
    spread = Fraction(0) if isinstance(x, int | Fraction) else CLOSE * abs(value)
    return value - spread, value + spread


def agree(printed: Interval | str, computed: Interval | str) -> bool:
    """Texts are equal; intervals meet."""
    if isinstance(printed, str) or isinstance(computed, str):
        return printed == computed
    return printed[0] <= computed[1] and computed[0] <= printed[1]
