"""The letters of a setting at one size, every value symbolic: each entry is a generator, and what is made of others has a definition.

    expression               the expression
    inverse V of M           the adjugate of M times D, where D is one over det M
    matrix root R of M       for at most two rows, by the trace t of R: t R = M + ½(t² − tr M) I
    positive (semi)definite  L Lᵀ with a triangular L

The other letters have no definition, and perhaps relations (`symbolic.relations`). Generators stand in the order of what is made of what:
letters before those that they are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from flint import fmpq

from symbolic.canonical import Power
from symbolic.dimension import Dimension
from symbolic.indexed import DELTA, Expr, Index
from symbolic.kinds import Free, Inverse, Is, Kind, MatrixRoot, parts
from symbolic.polynomials import Budget, Place, Polynomial, Polynomials, Unsupported, entry
from symbolic.proof import divisors
from symbolic.setting import Setting

SEMIDEFINITE = ("positive semidefinite", "positive definite")


class Entries(Polynomials):
    """The letters that are named, at one size. Positions run from 0, also those of an index over a part.

    named        letters and scalars of a statement; those that they are made of are added
    divided      scalars by which a statement divides
    assumptions  ids of the assumptions that the statement makes: they say what some letters are

    Raises Unsupported for a letter of which nothing is known.
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
        self.setting, self.sizes = setting, sizes
        self._assumptions = frozenset(assumptions)
        self.divided = set(divided) - sizes.keys()
        self.kinds: dict[str, Kind] = {}
        for name in sorted(set(named)):
            self._same(name)
        found = depths(setting, (*named, *self.divided))
        for name in found:
            self.kinds[name] = self._kind(name)
            self.divided |= divisors(*parts(self.kinds[name])) - sizes.keys()
        self.order = sorted(found, key=lambda name: (-found[name], name))
        self._definitions: dict[str, Mapping[str, Polynomial]] = {}
        names = [name for letter in self.order for name in self.generators(letter)]
        super().__init__(names, budget or Budget())

    def _same(self, name: str) -> str:
        """The letter whose entries a letter has. Raises Unsupported where the shapes differ."""
        other = self.setting.expands.same.get(name, name)
        if other != name and self.setting.shape(other, self.sizes) != self.setting.shape(name, self.sizes):
            raise Unsupported(f"{name} has another shape than {other} at these sizes")
        return other

    def _kind(self, name: str) -> Kind:
        kind = self.setting.kinds.get(name)
        if kind is None and name not in self.setting.language.scalars:
            raise Unsupported(f"letter {name}")
        if isinstance(kind, Free) and kind.assumption and kind.assumption not in self._assumptions:
            return Free()
        return kind or Free()

    def reach(self, names: Iterable[str]) -> frozenset[str]:
        """The letters of this size that are made of one of these, those too."""
        found = set(names)
        for name in reversed(self.order):
            if any(not found.isdisjoint(one) for expr in parts(self.kinds[name]) for one in expr.names):
                found.add(name)
        return frozenset(found & self.kinds.keys())

    # Places

    def _place(self, name: str, at: Place) -> Place:
        """A place, the last two positions in order where the letter is symmetric in them."""
        letter = self.setting.language.letters.get(name)
        folded = isinstance(self.kinds[name], Inverse | MatrixRoot) or (letter and letter.tensor.symmetric)
        return (*at[:-2], *sorted(at[-2:])) if folded else at

    def places(self, name: str) -> Iterator[Place]:
        """The places of a letter, each once where the letter is symmetric."""
        for at in product(*map(range, self.setting.shape(name, self.sizes))):
            if self._place(name, at) == at:
                yield at

    def blocks(self, name: str) -> Iterator[Place]:
        """The places of a letter that holds matrices, without row and column."""
        return product(*map(range, self.setting.shape(name, self.sizes)[:-2]))

    def generators(self, name: str) -> Iterator[str]:
        """The generators of a letter: its entries, and those that its definition or its relations need."""
        yield from (entry(name, at) for at in self.places(name))
        match self.kinds[name]:
            case Inverse():
                yield from (entry(f"1/det {name}", at) for at in self.blocks(name))
            case MatrixRoot():
                yield from (entry(f"{of} {name}", at) for at in self.blocks(name) for of in ("1/tr", "tr"))
            case Free(domain) if domain in SEMIDEFINITE:
                yield from (entry(f"L {name}", (r, c)) for c, r in self.places(name))
        if name in self.divided:
            yield f"1/{name}"

    # Values

    def letter(self, name: str, at: Place = ()) -> Polynomial:
        """An entry of a letter, or a scalar. Raises Unsupported for a letter that was not named."""
        if name in self.sizes:
            return self.ring.constant(self.sizes[name])
        name = self._same(name)
        found = self.generator.get(entry(name, self._place(name, at))) if name in self.kinds else None
        if found is None:
            raise Unsupported(f"letter {name}")
        return found

    def power(self, name: str, power: Power) -> Polynomial:
        """A scalar or a size to a whole power."""
        whole = int(power)
        if whole != power:
            raise Unsupported(f"power {power}")
        if name in self.sizes:
            return self.ring.constant(fmpq(self.sizes[name]) ** whole)
        if whole >= 0:
            return self.letter(name) ** whole
        if name not in self.divided:
            raise Unsupported(f"division by {name}")
        return self.generator[f"1/{name}"] ** -whole

    def of(self, expr: Expr, places: Mapping[str, int]) -> Polynomial:
        """An expression of the kernel, such as a definition, with these positions of its free indices."""
        total = self.zero
        for monomial, coefficient in expr.terms.items():
            head = self.ring.constant(fmpq(coefficient.numerator, coefficient.denominator))
            for name, power in monomial.scalars:
                head = head * self.power(name, power)
            for bound in product(*map(self.positions, monomial.dims)):
                value = head
                for tensor, refs in monomial.factors:
                    at = tuple([bound[ref] if isinstance(ref, int) else places[ref.name] for ref in refs])
                    if tensor != DELTA:
                        value = self.times(value, self.letter(tensor.name, at))
                    elif at[0] != at[1]:
                        value = self.zero
                        break
                total += value
        return total

    def positions(self, dim: Dimension) -> range:
        """Where the indices over a dimension stand in the whole."""
        start = dim.start(self.sizes)
        return range(start, start + dim.size(self.sizes))

    # Definitions

    def defined(self, name: str) -> bool:
        """Whether a letter has a definition."""
        kind = self.kinds[name]
        return isinstance(kind, Is | Inverse | MatrixRoot) or (
            isinstance(kind, Free) and kind.domain in SEMIDEFINITE
        )

    def definition(self, name: str) -> Mapping[str, Polynomial]:
        """What stands for the entries of a letter, by their generators; empty for a letter that has no definition."""
        if name not in self._definitions:
            self._definitions[name] = dict(self._defined(name, self.kinds[name]))
        return self._definitions[name]

    def _defined(self, name: str, kind: Kind) -> Iterator[tuple[str, Polynomial]]:
        match kind:
            case Is(indices, value):
                for at in self.places(name):
                    yield entry(name, at), self.of(value, positions(indices, at))
            case Inverse():
                for outer in self.blocks(name):
                    rows, inverse = self.matrix(name, outer), self.generator[entry(f"1/det {name}", outer)]
                    for c in range(len(rows)):
                        for r in range(c + 1):
                            minor = self.adjugate(rows, r, c)
                            yield entry(name, (*outer, r, c)), self.times(minor, inverse)
            case MatrixRoot():
                for outer in self.blocks(name):
                    yield from self._root(name, outer)
            case Free(domain) if domain in SEMIDEFINITE:
                for r, c in self.places(name):
                    yield (
                        entry(name, (r, c)),
                        self.sum(
                            self.generator[entry(f"L {name}", (r, n))]
                            * self.generator[entry(f"L {name}", (c, n))]
                            for n in range(r + 1)
                        ),
                    )

    def _root(self, name: str, outer: Place) -> Iterator[tuple[str, Polynomial]]:
        rows = self.matrix(name, outer)
        trace, over = (self.generator[entry(f"{of} {name}", outer)] for of in ("tr", "1/tr"))
        if len(rows) > 2:
            raise Unsupported(f"{name}, a matrix root of more than two rows")
        if len(rows) == 1:
            yield entry(name, (*outer, 0, 0)), trace
            return
        half, spread = self.ring.constant(1) / 2, self.times(rows[0][0] - rows[1][1], over)
        yield entry(name, (*outer, 0, 0)), half * (trace + spread)
        yield entry(name, (*outer, 1, 1)), half * (trace - spread)
        yield entry(name, (*outer, 0, 1)), self.times(rows[0][1], over)

    def matrix(self, name: str, outer: Place) -> list[list[Polynomial]]:
        """The matrix that a letter is the inverse or the root of."""
        kind = self.kinds[name]
        assert isinstance(kind, Inverse | MatrixRoot)
        size = range(self.setting.shape(name, self.sizes)[-1])
        return [[self.of(kind.matrix, positions(kind.indices, (*outer, r, c))) for c in size] for r in size]


def depths(setting: Setting, names: Iterable[str]) -> dict[str, int]:
    """These letters and scalars with all that they are made of; for each the length of the longest way to what is made of nothing."""
    found: dict[str, int] = {}

    def depth(name: str) -> int:
        name = setting.expands.same.get(name, name)
        if name in setting.sizes:
            return 0
        if name not in found:
            made_of = {one for expr in parts(setting.kind(name)) for names in expr.names for one in names}
            found[name] = 1 + max(map(depth, sorted(made_of)), default=0)
        return found[name]

    for name in sorted(set(names)):
        depth(name)
    return found


def positions(indices: Iterable[Index], at: Place) -> dict[str, int]:
    """The positions of indices by their names."""
    return {index.name: position for index, position in zip(indices, at, strict=True)}
