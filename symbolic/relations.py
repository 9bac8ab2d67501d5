"""What the entries of letters meet at one size: polynomials that are zero at every point, and remainders by them.

    inverse, one over p   D · p = 1
    root r of q, of v²    r² = q, r² = v²
    trace t of a root of M   (t² − tr M)² = 4 det M
    softmax, simplex      the entries over one slot sum to 1
    unit columns          the squares of a column sum to 1

Each relation is solved for the first of its generators, so that remainders are normal forms. Nothing is divided by: an expression with D
is zero if and only if it is after multiplication by powers of p, since p is nowhere 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal, TypeAlias

from flint import fmpq

from symbolic.entries import Entries, positions
from symbolic.kinds import (
    AbsoluteValue,
    Exponential,
    Extremum,
    Free,
    Indices,
    Inverse,
    Is,
    Kind,
    LargestRoot,
    MatrixRoot,
    Reciprocal,
    Root,
    Softmax,
    SpectralNorm,
)
from symbolic.polynomials import Budget, Place, Polynomial, Unsupported, entry
from symbolic.setting import Setting
from symbolic.squares import multiples, nonnegative

Sort: TypeAlias = Literal["inverse", "root", "matrix root", "softmax", "simplex", "unit columns"]
# Values of generators at the point that is looked at first.
POINT = (2, 3, -5, 7, -11, 13, 17, -19, 23, 29, -31, 37, 41)


@dataclass(frozen=True)
class Relation:
    """A polynomial that is zero at every point, the generator that it is solved for, and p where it says that D · p = 1."""

    sort: Sort
    about: str
    zero: Polynomial
    inverted: Polynomial | None = None


class Related(Entries):
    """Letters at one size with their relations.

    Raises Unsupported for a matrix root of more than two rows, for a matrix that should be symmetric and is not, and for sizes at which
    what is inverted is zero everywhere: there are no points.
    """

    def __init__(
        self,
        setting: Setting,
        sizes: Mapping[str, int],
        named: Iterable[str],
        divided: Iterable[str] = (),
        assumptions: Iterable[str] = (),
        budget: Budget | None = None,
    ) -> None:
        super().__init__(setting, sizes, named, divided, assumptions, budget)
        self.relations: list[Relation] = []  # of what is made of others first
        for name in reversed(self.order):
            for relation in self._relations(name, self.kinds[name]):
                if relation.inverted == 0:
                    raise Unsupported(
                        "there are no points of these sizes: something that is inverted is zero"
                    )
                self.relations.insert(0, relation)

    def _relations(self, name: str, kind: Kind) -> Iterator[Relation]:
        if name in self.divided:
            yield self._inverse(f"1/{name}", self.letter(name))
        match kind:
            case Inverse():
                for outer in self.blocks(name):
                    yield self._inverse(
                        entry(f"1/det {name}", outer), self.determinant(self._symmetric(name, outer))
                    )
            case Reciprocal(indices, value):
                for at in self.places(name):
                    yield self._inverse(entry(name, at), self.of(value, positions(indices, at)))
            case Root(indices, value) | AbsoluteValue(indices, value):
                for at in self.places(name):
                    inner = self.unfolded(self.of(value, positions(indices, at)))
                    square = inner if isinstance(kind, Root) else self.times(inner, inner)
                    yield Relation("root", entry(name, at), self.letter(name, at) ** 2 - square)
            case MatrixRoot():
                for outer in self.blocks(name):
                    yield from self._trace(name, outer)
            case Softmax(indices, _, over):
                yield from self._columns(name, indices.index(over), 1, "softmax")
            case Free("simplex", over=over):
                yield from self._columns(name, over, 1, "simplex")
            case Free("unit columns"):
                yield from self._columns(name, 0, 2, "unit columns")

    def _inverse(self, about: str, inverted: Polynomial) -> Relation:
        inverted = self.unfolded(inverted)
        zero = self.times(self.generator[about], inverted) - 1
        return Relation("inverse", about, zero, inverted)

    def _symmetric(self, name: str, outer: Place) -> list[list[Polynomial]]:
        rows = [[self.unfolded(x) for x in row] for row in self.matrix(name, outer)]
        if any(rows[r][c] != rows[c][r] for r in range(len(rows)) for c in range(r)):
            raise Unsupported(f"the matrix of which {name} is made is not symmetric")
        return rows

    def _trace(self, name: str, outer: Place) -> Iterator[Relation]:
        rows, about = self._symmetric(name, outer), entry(f"tr {name}", outer)
        trace = self.generator[about]
        if len(rows) > 2:
            raise Unsupported(f"{name}, a matrix root of more than two rows")
        zero = trace**2 - rows[0][0]
        if len(rows) == 2:
            gap = zero - rows[1][1]
            zero = self.times(gap, gap) - 4 * self.determinant(rows)
        yield Relation("matrix root", about, zero)
        yield self._inverse(entry(f"1/tr {name}", outer), trace)

    def _columns(self, name: str, over: int, power: int, sort: Sort) -> Iterator[Relation]:
        """The powers of the entries over one slot sum to 1, at each place of the others."""
        shape = self.setting.shape(name, self.sizes)
        for others in product(*map(range, (*shape[:over], *shape[over + 1 :]))):
            names = [entry(name, (*others[:over], n, *others[over:])) for n in range(shape[over])]
            total = self.sum(self.generator[one] ** power for one in names)
            yield Relation(sort, names[0], total - 1)

    # Normal forms

    def reduced(self, poly: Polynomial) -> Polynomial:
        """The remainder by the relations: a normal form but for inverses, which are taken out as far as leading terms go."""
        for relation in self.relations:
            if poly.degrees()[self.where[relation.about]]:
                self.budget.spend(poly, relation.zero)
                poly = divmod(poly, relation.zero)[1]
        return poly

    def unfolded(self, poly: Polynomial, letters: Iterable[str] | None = None) -> Polynomial:
        """The remainder with definitions in the place of these letters, or of all."""
        chosen = self.kinds.keys() if letters is None else set(letters)
        poly = self.reduced(poly)
        for name in self.order:
            if name in chosen and self.defined(name):
                degrees = poly.degrees()
                if any(degrees[self.where[entry(name, at)]] for at in self.places(name)):
                    poly = self.reduced(self.replaced(poly, self.definition(name)))
        return poly

    def normal(self, poly: Polynomial, *, signed: bool = False) -> Polynomial:
        """The polynomial without definitions and inverses: the relations make it zero if and only if they make the given one zero.

        With `signed` it has the sign of the given one as well.
        """
        poly = self.unfolded(poly)
        for relation in self.relations:
            if (inverted := relation.inverted) is not None:
                odd = (
                    relation.about not in self.nonnegative and poly.degrees()[self.where[relation.about]] % 2
                )
                poly = self.cleared(poly, relation.about, inverted)
                poly = self.reduced(self.times(poly, inverted) if odd and signed else poly)
        return poly

    def vanishes(self, poly: Polynomial) -> bool:
        """Whether the relations make it zero."""
        poly = self.unfolded(poly)
        if poly == 0:
            return True
        if self.point is not None and poly(*self.point) != 0:
            return False
        return bool(self.normal(poly) == 0)

    def seen_nonnegative(self, poly: Polynomial, facts: Iterable[Polynomial] = ()) -> bool:
        """Whether a polynomial is seen to be nonnegative wherever the relations hold and these facts are nonnegative."""
        signed = [self.where[name] for name in self.nonnegative]
        columns = [
            [place for place, degree in enumerate(relation.zero.degrees()) if degree]
            for relation in self.relations
            if relation.sort in ("softmax", "simplex")
        ]
        poly = self.normal(poly, signed=True)
        rests = [
            rest
            for fact in (*facts, *self.facts())
            for rest in multiples(poly, self.normal(fact, signed=True))
        ]
        return any(nonnegative(rest, signed, columns) for rest in (poly, *rests))

    def facts(self) -> Iterator[Polynomial]:
        """Polynomials that are nonnegative because of what letters are: extrema, absolute values, roots of largest squares."""
        for name, kind in self.kinds.items():
            match kind:
                case AbsoluteValue(indices, value):
                    for own, at in self._over(name, indices):
                        yield from (own - sign * self.of(value, at) for sign in (1, -1))
                case Extremum(indices, over, values, least):
                    for own, at in self._over(name, indices, over):
                        yield from ((self.of(one, at) - own) * (1 if least else -1) for one in values)
                case LargestRoot(indices, over, squares):
                    for own, at in self._over(name, indices, over):
                        yield from (own**2 - self.of(square, at) for square in squares)

    def _over(
        self, name: str, indices: Indices, over: Indices = ()
    ) -> Iterator[tuple[Polynomial, dict[str, int]]]:
        """The entries of a letter, with the positions of its indices and of others."""
        for at in self.places(name):
            for inner in product(*(self.positions(index.dim) for index in over)):
                yield self.letter(name, at), positions((*indices, *over), (*at, *inner))

    # Points

    @cached_property
    def loose(self) -> tuple[str, ...]:
        """Letters of which more is so than their relations say, so that an equation may hold which the relations do not give."""
        found = {
            name
            for name, kind in self.kinds.items()
            if not isinstance(kind, Free | Is | Inverse | Reciprocal)
        }
        round_ = {
            name
            for name, kind in self.kinds.items()
            if isinstance(kind, Free) and kind.domain == "unit columns"
        }
        flat = {
            name for name in round_ if self.setting.shape(name, self.sizes)[0] == 1
        }  # columns are ±1, and all different
        return tuple(sorted((found - self.setting.expands.told) | flat))

    @cached_property
    def point(self) -> tuple[fmpq, ...] | None:
        """Rational values of the generators at which every relation holds; None where none is at hand."""
        values: dict[str, fmpq] = {}
        for place, name in enumerate(reversed(self.names)):
            value = POINT[place % len(POINT)]
            size = fmpq(abs(value) + place // len(POINT))
            values[name] = -size if value < 0 and name not in self.nonnegative else size
        for relation in reversed(self.relations):
            at = [values[name] for name in self.names]
            column = [self.names[place] for place, degree in enumerate(relation.zero.degrees()) if degree]
            match relation.sort:
                case "inverse" if relation.inverted is not None:
                    if (value := relation.inverted(*at)) == 0:
                        return None
                    values[relation.about] = 1 / value
                case "softmax" | "simplex":
                    total = sum((values[name] for name in column), fmpq(0))
                    values |= {name: values[name] / total for name in column}
                case "unit columns":  # the stereographic projection of the other entries
                    squares = sum((values[name] ** 2 for name in column[1:]), fmpq(0))
                    values |= {name: 2 * values[name] / (1 + squares) for name in column[1:]}
                    values[relation.about] = (1 - squares) / (1 + squares)
                case _:
                    return None
        for name in reversed(self.order):
            at = [values[other] for other in self.names]
            values |= {about: value(*at) for about, value in self.definition(name).items()}
        return tuple(values[name] for name in self.names)

    @cached_property
    def nonnegative(self) -> frozenset[str]:
        """The generators that are at least 0 at every point."""
        found: set[str] = set()
        for name, kind in self.kinds.items():
            letter = self.setting.language.letters.get(name)
            made = isinstance(kind, Root | AbsoluteValue | LargestRoot | SpectralNorm | Softmax | Exponential)
            said = isinstance(kind, Free) and kind.domain in ("nonnegative", "positive", "simplex")
            if letter is None or letter.tensor.nonneg or made or said:
                found |= {entry(name, at) for at in self.places(name)}
            if letter is None and name in self.divided:
                found.add(f"1/{name}")
            if isinstance(kind, MatrixRoot):
                found |= {
                    entry(f"{of} {name}", outer) for outer in self.blocks(name) for of in ("tr", "1/tr")
                }
        return frozenset(found)
