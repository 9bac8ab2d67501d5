"""Values of a domain as fractions: made of any numbers, mended where rounding has left the domain, and checked."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor, isfinite, log10
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from symbolic.kinds import Free, LetterDomain

Objects = NDArray[Any]
GRAM: tuple[LetterDomain, ...] = ("positive semidefinite", "positive definite")
SYMMETRIC: tuple[LetterDomain, ...] = ("symmetric", *GRAM)


def filled(shape: tuple[int, ...], draw: Callable[[], Fraction]) -> Objects:
    """An array of fractions, each drawn anew."""
    array = np.empty(shape, dtype=object)
    for at in np.ndindex(shape):
        array[at] = draw()
    return array


def within(kind: Free, raw: Any, least: Fraction) -> Objects:
    """A value of the domain from any fractions. `least` stands for entries that may not be 0, and is added to eigenvalues."""
    match kind.domain:
        case "nonnegative":
            raw = raw * raw
        case "positive":
            raw = abs(raw) + (raw == 0) * least
        case "simplex":
            return _shares(raw * raw, kind.over)
        case "symmetric":
            raw = (raw + raw.T) / 2
        case "positive semidefinite":
            raw = _gram(raw)
        case "positive definite":
            raw = _gram(raw) + np.identity(len(raw), dtype=int) * np.array(least, dtype=object)
    return np.asarray(raw, dtype=object)  # numpy takes an array of objects without axes apart


def restored(kind: Free, value: Any, least: Fraction) -> Objects:
    """A value of the domain near one that rounding, or an index less, has taken out of it.

    Of a positive semidefinite matrix no more than the symmetry is restored, and unit columns are rounded by `unit_columns`.
    """
    match kind.domain:
        case "nonnegative":
            value = value * (value > 0)
        case "positive":
            value = value * (value > 0) + (value <= 0) * least
        case "simplex":
            return _shares(value * (value > 0), kind.over)
        case "symmetric" | "positive semidefinite" | "positive definite":
            value = (value + value.T) / 2
    return np.asarray(value, dtype=object)


def _gram(rows: Objects) -> Objects:
    """The products of all pairs of rows. Python's fractions would take the longer part of a certification for this."""
    entries = [fmpq(x.numerator, x.denominator) for x in rows.flat]
    found = fmpq_mat(rows.shape[0], rows.shape[1], entries)
    products = (found * found.transpose()).entries()
    return filled((len(rows), len(rows)), iter([Fraction(int(x.p), int(x.q)) for x in products]).__next__)


def _shares(value: Objects, axis: int) -> Objects:
    """Nonnegative entries over their sums; equal ones where a sum is zero."""
    value = value + (value.sum(axis=axis, keepdims=True) == 0)
    return np.asarray(value / value.sum(axis=axis, keepdims=True), dtype=object)


def sphere(coordinates: Objects) -> Objects:
    """Columns on the unit sphere of R^d from rows of d − 1 stereographic coordinates: rational from rational ones."""
    columns = []
    for u in coordinates:
        square = sum((x * x for x in u), Fraction(0))
        columns.append([2 * x / (square + 1) for x in u] + [(square - 1) / (square + 1)])
    return np.array(columns, dtype=object).reshape(len(coordinates), -1).T


def rounded(x: float, denominator: int) -> Fraction:
    """A fraction near x: a power of ten times one with at most this denominator."""
    if x == 0.0 or not isfinite(x):
        return Fraction(0)
    power = floor(log10(abs(x)))
    if -2 <= power <= 2:
        return Fraction(x).limit_denominator(denominator)
    scale = Fraction(10) ** power
    return (Fraction(x) / scale).limit_denominator(denominator) * scale


def whole(entries: NDArray[Any], denominator: int) -> Objects:
    """Every entry as a fraction near it."""
    found = [rounded(float(x), denominator) for x in entries.flat]
    return np.array([*found, None], dtype=object)[:-1].reshape(entries.shape)


def unit_columns(columns: Any, denominator: int) -> Objects:
    """Rational columns of norm 1 near float64 columns of norm 1, by stereographic coordinates from the farther pole."""
    d = len(columns)
    if d == 1:
        return np.array([[Fraction(1 if x > 0 else -1) for x in columns[0]]], dtype=object)
    found = []
    for column in columns.T:
        pole = int(np.argmin(column)) if -column.min() >= column.max() else int(np.argmax(column))
        sign = 1 if column[pole] > 0 else -1
        others = [x for axis, x in enumerate(column) if axis != pole]
        u = [rounded(float(x / (1 + sign * column[pole])), denominator) for x in others]
        unit = list(sphere(np.array([*u, None], dtype=object)[:-1].reshape(1, -1))[:, 0])
        last = unit.pop()  # (|u|² − 1)/(|u|² + 1): the pole from which u projects, turned to the other side
        unit.insert(pole, -sign * last)
        found.append(unit)
    return np.array(found, dtype=object).T


def complaint(kind: Free, value: Objects) -> str:
    """Why an array lies outside the domain of a letter; empty where it lies in it."""
    flat = [Fraction(x) for x in value.flat]
    match kind.domain:
        case "unit columns":
            columns = [tuple(column) for column in value.T]
            if any(sum(x * x for x in column) != 1 for column in columns):
                return "a column whose norm is not 1"
            return "two columns that are equal" if len(set(columns)) < len(columns) else ""
        case "nonnegative" | "simplex" if any(x < 0 for x in flat):
            return "a negative entry"
        case "simplex" if any(total != 1 for total in np.atleast_1d(value.sum(axis=kind.over)).flat):
            return "entries that do not sum to 1"
        case "positive" if any(x <= 0 for x in flat):
            return "an entry that is not positive"
        case "symmetric" | "positive semidefinite" | "positive definite":
            return _no_gram(value, kind.domain)
    return ""


def _no_gram(value: Objects, domain: LetterDomain) -> str:
    """Why a matrix is not symmetric, or not positive (semi)definite, by exact elimination; empty where it is."""
    if (value != value.T).any():
        return "a matrix that is not symmetric"
    rest = value.copy()
    while domain != "symmetric" and rest.size:
        pivot = rest[0, 0]
        if pivot < 0 or (pivot == 0 and (domain == "positive definite" or rest[0].any())):
            return f"a matrix that is not {domain}"
        rest = rest[1:, 1:] - (np.outer(rest[1:, 0], rest[0, 1:]) / pivot if pivot else 0 * rest[1:, 1:])
    return ""
