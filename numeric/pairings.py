"""Expectations of products of bilinear forms of Gaussian vectors, by all pairings (Isserlis' theorem).

A product of forms such as (aᵀx)(xᵀQy) is a graph: each form joins two vectors, each pairing joins two vectors of the same law by its
covariance. The components of this graph are paths aᵀΛQ…b and cycles tr(ΛQ…), so that an expectation is a polynomial in such
components. The polynomial depends on names alone. Its value is computed from arrays of fractions, of floats or of torch tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Component = tuple[str, ...]
Polynomial = dict[tuple[Component, ...], Fraction]
TRANSPOSED = "ᵀ"
FRESH = "′"  # marks the vectors of a second, independent sample


class Form(NamedTuple):
    """leftᵀ · matrix · right for random vectors `left` and `right`.

    An empty name of a matrix is the identity. Without `left`, `matrix` is a vector aᵀ; without both vectors, `matrix` is a scalar.
    """

    left: str
    matrix: str
    right: str


@dataclass(frozen=True)
class Term:
    """weight times a product of forms; where a vector of a sample occurs, summed over the samples."""

    weight: Fraction
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Law:
    """Independent Gaussian vectors of mean zero.

    covariances  the name of the covariance of each vector
    sampled      the vectors that are drawn anew for each of the samples
    samples      the number of samples
    """

    covariances: Mapping[str, str]
    sampled: frozenset[str] = frozenset()
    samples: int = 1

    def is_sampled(self, term: Term) -> bool:
        """Whether a vector of a sample occurs in the term."""
        return any(self.sampled & {form.left, form.right} for form in term.forms)


def moment(left: Sequence[Term], right: Sequence[Term], law: Law) -> Polynomial:
    """E[(Σ left)(Σ right)] as a polynomial in paths and cycles; its coefficients are fractions."""
    total: Polynomial = defaultdict(Fraction)
    for a, b in product(left, right):
        weight = a.weight * b.weight
        both, n = law.is_sampled(a) and law.is_sampled(b), law.samples
        cases = [(b, n if law.is_sampled(a) or law.is_sampled(b) else 1)]
        if both and n > 1:
            cases.append((_fresh(b, law), n * (n - 1)))
        for other, count in cases:
            for parts, pairings in expectation(a.forms + other.forms, law).items():
                total[parts] += weight * count * pairings
    return {parts: weight for parts, weight in total.items() if weight}


def expectation(forms: Sequence[Form], law: Law) -> Polynomial:
    """E of one product of forms: each pairing of equal vectors counts once."""
    slots: dict[str, list[tuple[int, int]]] = {}
    for i, form in enumerate(forms):
        for end, vector in ((0, form.left), (1, form.right)):
            if vector:
                slots.setdefault(vector, []).append((i, end))
    found: Polynomial = defaultdict(Fraction)
    vectors = {form.matrix for form in forms if not form.left}
    fixed = vectors | set(law.covariances.values())  # no transpose: vectors, and symmetric matrices
    for chosen in product(*(list(_pairings(places)) for places in slots.values())):
        joined: dict[tuple[int, int], tuple[tuple[int, int], str]] = {}
        for vector, pairs in zip(slots, chosen, strict=True):
            name = law.covariances[vector.rstrip(FRESH)]
            for s, t in pairs:
                joined[s], joined[t] = (t, name), (s, name)
        found[tuple(sorted(_components(forms, joined, fixed)))] += 1
    return found


def value(
    polynomial: Polynomial, arrays: Mapping[str, Any], number: Callable[[Fraction], Any] = float
) -> Any:
    """The polynomial at these arrays; `number` turns a coefficient into a number of their arithmetic."""
    products = _Products(arrays)
    known = {part: products.component(part) for parts in polynomial for part in parts}
    return sum(number(weight) * prod(known[part] for part in parts) for parts, weight in polynomial.items())


def gradient(polynomial: Polynomial, arrays: Mapping[str, Array], names: Sequence[str]) -> dict[str, Array]:
    """The derivatives of the polynomial in the entries of the arrays of these names, in float64."""
    products = _Products(arrays)
    known = {part: products.component(part) for parts in polynomial for part in parts}
    factors: dict[Component, float] = defaultdict(float)
    for parts, weight in polynomial.items():
        for k, part in enumerate(parts):
            factors[part] += float(weight) * prod(known[other] for other in parts[:k] + parts[k + 1 :])
    found = {name: np.zeros_like(arrays[name]) for name in names}
    for part, factor in factors.items():
        for k, link in enumerate(part):
            name = link.removesuffix(TRANSPOSED)
            if factor and name in found:
                slope = products.slope(part, k)
                found[name] += factor * (slope.T if link.endswith(TRANSPOSED) else slope)
    return found


def _fresh(term: Term, law: Law) -> Term:
    def renamed(vector: str) -> str:
        return vector + FRESH if vector in law.sampled else vector

    forms = tuple(Form(renamed(form.left), form.matrix, renamed(form.right)) for form in term.forms)
    return Term(term.weight, forms)


def _pairings(places: list[tuple[int, int]]) -> Iterator[list[tuple[tuple[int, int], tuple[int, int]]]]:
    """All ways to join these places two by two; none where their number is odd."""
    if not places:
        yield []
        return
    first, rest = places[0], places[1:]
    for i, partner in enumerate(rest):
        for pairs in _pairings(rest[:i] + rest[i + 1 :]):
            yield [(first, partner), *pairs]


def _components(
    forms: Sequence[Form], joined: Mapping[tuple[int, int], tuple[tuple[int, int], str]], fixed: set[str]
) -> Iterator[Component]:
    """The paths and cycles that forms and pairings make together, each in the least of its equal spellings."""
    seen: set[int] = set()

    def walk(i: int) -> Iterator[str]:
        """Names along the graph from the right end of form i; a form that is entered at its right end is transposed."""
        seen.add(i)
        yield from [forms[i].matrix] if forms[i].matrix else []
        end = 1
        while (i, end) in joined:
            (i, entered), covariance = joined[i, end]
            yield covariance
            if i in seen:
                return
            seen.add(i)
            form = forms[i]
            if form.matrix:
                yield _transposed(form.matrix, fixed) if entered else form.matrix
            end = 1 - entered

    for i, form in enumerate(forms):
        if not form.left and i not in seen:  # paths begin at vectors; a scalar is a path of its own
            path = tuple(walk(i))
            yield min(path, _backwards(path, fixed))
    for i in range(len(forms)):
        if i not in seen:
            cycle = tuple(walk(i))
            ways = (cycle, _backwards(cycle, fixed))
            yield min(way[k:] + way[:k] for way in ways for k in range(len(cycle)))


def _transposed(name: str, fixed: set[str]) -> str:
    if name in fixed:
        return name
    return name.removesuffix(TRANSPOSED) if name.endswith(TRANSPOSED) else name + TRANSPOSED


def _backwards(names: Component, fixed: set[str]) -> Component:
    """The same product read from its other end."""
    return tuple(_transposed(name, fixed) for name in reversed(names))


class _Products(dict[Component, Any]):
    """Products of arrays by their names, from the left to the right; what two of them share is multiplied once."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays

    def __missing__(self, names: Component) -> Any:
        name = names[-1]
        last = self._arrays[name[: -len(TRANSPOSED)]].T if name.endswith(TRANSPOSED) else self._arrays[name]
        result = self[names] = self[names[:-1]] @ last if names[:-1] else last
        return result

    def component(self, part: Component) -> Any:
        """A scalar, a path (from its first vector to its last one) or a cycle (a trace)."""
        result = self[part]
        return result.trace() if getattr(result, "ndim", 0) == 2 else result

    def slope(self, part: Component, k: int) -> Any:
        """The derivative of a component in the entries of its k-th factor."""
        before, after = part[:k], part[k + 1 :]
        if self[part[:1]].ndim == 2:  # a cycle: tr(M · rest)
            return self[after + before].T
        if before and after:
            return np.outer(self[before], self[after])
        return self[before or after] if part[1:] else np.ones(())
