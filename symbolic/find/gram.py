"""Gram blocks: Σ multiplier · (vᵀ G v) · fact with G ⪰ 0, found by a semidefinite program beside weights and uses of axioms.

What the program gives in float64 is rounded on its face: first the range of each G, whose reduced echelon form is of small fractions, then
the matrices on those ranges, which are positive definite there, so that fractions near them are too. The rest is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, groupby, permutations
from itertools import product as choices

import numpy as np

from symbolic.bound import Certificate, Fact, Substitute, Weight, by
from symbolic.find.linear import combination
from symbolic.find.opened import unused
from symbolic.find.sieve import Column, alive
from symbolic.find.table import Table
from symbolic.indexed import Expr, Index, Monomial, delta, number, total

VECTORS, COLUMNS = 16, 400  # of a block, and how many other columns there are
RANKS = (1e-3, 1e-5, 1e-2)  # what part of the largest eigenvalue counts as none
NEAR, LARGEST = (
    1e-4,
    24,
)  # of a fraction of the range: how far it may be from its value, and its largest denominator
DENOMINATORS = (1, 2, 12, 120, 5040, 10**6)  # of the matrices on the ranges, in turn
DIGITS = 6  # of float64 that are looked at, where more would differ from machine to machine
ROOT2 = 2**0.5


@dataclass(frozen=True)
class Block:
    """Vectors of a Gram matrix, what its form is multiplied by, and the indices that are summed over.

    slot   of a fact that holds for every vector: the index of the vector, whose values the vectors of the block then are
    """

    multiplier: Expr
    fact: Fact | None
    at: tuple[Index, ...]
    bind: tuple[Index, ...]
    slot: Index | None
    vectors: tuple[Expr, ...] = ()

    def weight(self, value: Fraction, root: Expr) -> Weight:
        """The weight whose value is quadratic in the root, times a number."""
        multiplier = self.multiplier * number(value)
        if self.slot is None or self.fact is None:
            return Weight(multiplier, root, self.fact, self.at, self.bind)
        free = tuple(sorted(root.free() - {self.slot}))
        indices = (*self.fact.indices, *free)
        shown = by(Substitute(self.fact, self.fact.any[0], root, (self.slot,)), self.fact.name, indices)
        at = (*self.at, *free)
        bind = tuple(index for index in self.bind if index in {*at, *multiplier.free()})
        return Weight(multiplier, fact=shown, at=at, bind=bind)

    def entries(self) -> dict[tuple[int, int], Expr]:
        """What the entries (i, j), i ≤ j, of the matrix are multiplied by, those off the diagonal counted twice."""
        alone = [self.weight(Fraction(1), one).value() for one in self.vectors]
        found = {(place, place): value for place, value in enumerate(alone)}
        for j, other in enumerate(self.vectors):
            for i, one in enumerate(self.vectors[:j]):
                found[i, j] = self.weight(Fraction(1), one + other).value() - alone[i] - alone[j]
        return found


@dataclass(frozen=True)
class Filled:
    """A block with its entries."""

    block: Block
    entries: dict[tuple[int, int], Expr]

    def only(self, kept: Sequence[int]) -> Filled:
        """The block with some of its vectors."""
        block = replace(self.block, vectors=tuple(self.block.vectors[place] for place in kept))
        entries = {(i, j): self.entries[kept[i], kept[j]] for j in range(len(kept)) for i in range(j + 1)}
        return Filled(block, entries)


def certificate(table: Table, entries: int) -> Certificate | None:
    """A certificate of the target of a table with Gram blocks of so many entries in all; None where none is found."""
    program = _Program.of(table, entries)
    if program is None:
        return None
    for cost in (1.0, 0.0):
        solution = program.solve(cost)
        if solution is None:
            continue
        for rank in RANKS:
            if (found := program.rounded(*solution, rank)) is not None:
                return found
    return None


def blocks(table: Table, entries: int) -> list[Block]:
    """The squares of a table by what they are multiplied by: a block for each, of all that stands in the roots, with δ."""
    found: dict[Block, dict[Expr, None]] = {}
    for weight in table.squares:
        for block, root in _named(weight, table.taken):
            vectors = found.setdefault(block, {})
            for monomial, _ in root.ordered:
                vectors.setdefault(Expr({monomial: Fraction(1)}))
    made = []
    for block, vectors in found.items():
        apart = (
            [delta(*block.bind)] if block.slot is None and len(block.bind) == 2 and _alike(block.bind) else []
        )
        met = (one * vector for one in apart for vector in vectors)
        every = tuple(dict.fromkeys((*apart, *tuple(vectors)[:VECTORS], *met)))[: VECTORS + VECTORS // 2]
        if len(every) > 1:
            made.append(replace(block, vectors=every))
    made.sort(key=lambda block: (len(block.bind), len(block.vectors)))
    costs = accumulate(len(block.vectors) * (len(block.vectors) + 1) // 2 for block in made)
    return [block for block, cost in zip(made, costs, strict=True) if cost <= entries]


def _alike(indices: Sequence[Index]) -> bool:
    return len({index.dim for index in indices}) == 1


def _named(weight: Weight, taken: frozenset[str]) -> Iterator[tuple[Block, Expr]]:
    """What a weight is a block of, and its root, with its indices named in the orders in which the block reads the same."""
    fact, root, at = weight.fact, weight.root, weight.at
    slots: tuple[Index, ...] = ()
    if fact is not None and isinstance(why := fact.why, Substitute):
        fact, root, slots = why.fact, why.definition, why.indices
        at = at[: len(fact.indices)]
    bind = sorted(weight.bind, key=lambda index: index.dim.name)
    spelled = unused(set(taken))
    names = [Index(next(spelled), index.dim) for index in (*bind, *slots)]
    groups = [tuple(group) for _, group in groupby(bind, key=lambda index: index.dim.name)]
    orders = [permutations(group) if len(bind) <= 4 else [group] for group in groups]
    every = []
    for order in choices(*orders):
        moved = dict(zip((*(index for group in order for index in group), *slots), names, strict=True))
        multiplier = weight.multiplier.at(moved)
        scaled = multiplier * number(1 / next(iter(multiplier.terms.values())))
        there = tuple(moved.get(index, index) for index in at)
        block = Block(scaled, fact, there, tuple(names[: len(bind)]), names[-1] if slots else None)
        every.append((repr(scaled.ordered) + repr(there), block, root.at(moved)))
    least = min((key for key, _, _ in every), default="")
    yield from ((block, root) for key, block, root in every if key == least)


class _Program:
    """The semidefinite program: entries of the blocks, then atoms, then uses of axioms add up to the target."""

    def __init__(
        self, table: Table, filled: Sequence[Filled], alone: Sequence[int], uses: Sequence[int]
    ) -> None:
        self.table, self.filled, self.alone, self.uses = table, filled, alone, uses
        self.rows: dict[Monomial, int] = {}
        self.columns = [
            *(value for one in filled for value in one.entries.values()),
            *(table.atoms[place][1] for place in alone),
            *(table.relations[place] for place in uses),
        ]
        for expr in (table.target, *self.columns):
            for monomial, _ in expr.ordered:
                self.rows.setdefault(monomial, len(self.rows))

    @staticmethod
    def of(table: Table, entries: int) -> _Program | None:
        """The program of a table, without what cannot take part; None where no block is left."""
        every = [Filled(block, block.entries()) for block in blocks(table, entries)]
        alone = [place for place, (weight, _) in enumerate(table.atoms) if len(weight.root.terms) == 1]
        columns = [
            *(
                Column(value, tuple(dict.fromkeys(((at, i), (at, j)))), i == j)
                for at, one in enumerate(every)
                for (i, j), value in one.entries.items()
            ),
            *(Column(table.atoms[place][1], (("atom", place),), True) for place in alone[:COLUMNS]),
            *(Column(value, (("use", place),), False) for place, value in enumerate(table.relations)),
        ]
        left = alive(table.target, columns)
        filled = [
            one.only([i for i in range(len(one.block.vectors)) if (at, i) in left])
            for at, one in enumerate(every)
        ]
        filled = [one for one in filled if one.entries]
        if not filled:
            return None
        return _Program(
            table, filled,
            [place for place in alone if ("atom", place) in left],
            [place for place in range(len(table.relations)) if ("use", place) in left],
        )  # fmt: skip

    def solve(self, cost: float) -> tuple[list[np.ndarray], np.ndarray] | None:
        """The matrices of the blocks, and the other coefficients; None where the solver finds none. Traces cost as much as told."""
        entries = sum(len(one.entries) for one in self.filled)
        signed, every = entries + len(self.alone), len(self.columns)
        diagonal = [i == j for one in self.filled for i, j in one.entries]
        values, where, places = [], [], []
        for column, expr in enumerate(self.columns):
            scale = 1.0 if column >= entries or diagonal[column] else 1 / ROOT2
            for monomial, value in expr.ordered:
                where.append(self.rows[monomial])
                places.append(column)
                values.append(float(value) * scale)
        import clarabel  # a proof that is replayed needs no solver
        from scipy.sparse import csc_matrix

        count = len(self.rows)
        conic = [*range(entries, signed), *range(entries)]  # nonnegative coefficients, then the triangles
        where += [count + row for row in range(signed)]
        places += conic
        values += [-1.0] * signed
        right = np.zeros(count + signed)
        for monomial, value in self.table.target.terms.items():
            right[self.rows[monomial]] = float(value)
        linear = np.zeros(every)
        linear[:entries] = [cost if one else 0.0 for one in diagonal]
        linear[entries:signed] = cost
        cones = [
            clarabel.ZeroConeT(count),
            *([clarabel.NonnegativeConeT(len(self.alone))] if self.alone else []),
            *(clarabel.PSDTriangleConeT(len(one.block.vectors)) for one in self.filled),
        ]
        settings = clarabel.DefaultSettings()
        settings.verbose, settings.max_threads, settings.max_iter = False, 1, 100
        matrix = csc_matrix((values, (where, places)), shape=(count + signed, every))
        solver = clarabel.DefaultSolver(csc_matrix((every, every)), linear, matrix, right, cones, settings)
        solution = solver.solve()
        if str(solution.status) not in ("Solved", "AlmostSolved"):
            return None
        x = np.array(solution.x)
        matrices, at = [], 0
        for one in self.filled:
            size = len(one.block.vectors)
            square = np.zeros((size, size))
            for i, j in one.entries:
                square[i, j] = square[j, i] = x[at] if i == j else x[at] / ROOT2
                at += 1
            matrices.append(square)
        return matrices, x[entries:]

    def rounded(self, matrices: Sequence[np.ndarray], others: np.ndarray, rank: float) -> Certificate | None:
        """The certificate near a solution, on the face that its matrices span; None where there is none."""
        largest = max(1e-9, *(float(np.abs(square).max()) for square in matrices))
        columns = [self.table.relations[place] for place in self.uses]
        near = [0.0] * len(columns)  # what relations add up to in vain is left out
        kept = [place for place in range(len(self.alone)) if others[place] > rank * largest]
        columns += [self.table.atoms[self.alone[place]][1] for place in kept]
        near += [float(others[place]) for place in kept]
        entries = len(columns)
        faces: list[tuple[Filled, list[list[Fraction]]]] = []
        for one, square in zip(self.filled, matrices, strict=True):
            spanned = span(square, rank * largest)
            if spanned is None:
                return None
            rows, pivots = spanned
            faces.append((one, rows))
            for j, other in enumerate(rows):
                for i, row in enumerate(rows[: j + 1]):
                    columns.append(_crossed(one, row, other) * (1 if i == j else 2))
                    near.append(float(square[pivots[i], pivots[j]]))
        places = (
            *(len(self.table.atoms) + place for place in self.uses),
            *(self.alone[place] for place in kept),
        )
        for denominator in DENOMINATORS:
            values = [Fraction(round(round(value, DIGITS) * denominator), denominator) for value in near]
            rest = self.table.target - total(
                value * expr for value, expr in zip(values, columns, strict=True) if value
            )
            mended = combination(columns, rest)
            if mended is None:
                return None
            for place, value in mended.items():
                values[place] += value
            weights = _squares(faces, values[entries:])
            others_of = {place: value for place, value in zip(places, values[:entries], strict=True) if value}
            if weights is not None and (certified := self.table.certificate(others_of, weights)) is not None:
                return certified
        return None


def span(square: np.ndarray, tiny: float) -> tuple[list[list[Fraction]], list[int]] | None:
    """The rows of the reduced echelon form of the range of a positive semidefinite matrix as fractions, and their pivots.

    Eigenvalues up to `tiny` are none. None where an entry is near no small fraction.
    """
    values, vectors = np.linalg.eigh(square)
    kept = vectors[:, values > tiny]
    projector = kept @ kept.T
    left, pivots = projector.copy(), list[int]()
    for _ in range(kept.shape[1]):
        place = int(np.diag(left).round(DIGITS).argmax())  # rounded: equal entries differ in their last bits
        left -= np.outer(left[:, place], left[place]) / left[place, place]
        pivots.append(place)
    rows = np.linalg.solve(projector[np.ix_(pivots, pivots)], projector[pivots])
    exact = [[Fraction(float(value)).limit_denominator(LARGEST) for value in row] for row in rows]
    if any(
        abs(float(one) - value) > NEAR
        for line, row in zip(exact, rows, strict=True)
        for one, value in zip(line, row, strict=True)
    ):
        return None
    return exact, pivots


def _crossed(one: Filled, row: Sequence[Fraction], other: Sequence[Fraction]) -> Expr:
    """What an entry of the matrix on the range stands for."""
    return total(
        (row[i] * other[j] + row[j] * other[i]) / 2 * value
        for (i, j), value in one.entries.items()
        if row[i] * other[j] + row[j] * other[i]
    )


def _squares(
    faces: Sequence[tuple[Filled, list[list[Fraction]]]], values: Sequence[Fraction]
) -> list[Weight] | None:
    """The matrices on the ranges as sums of squares; None where one is not positive semidefinite."""
    weights: list[Weight] = []
    given = iter(values)
    for one, rows in faces:
        matrix = [[Fraction(0)] * len(rows) for _ in rows]
        for j in range(len(rows)):
            for i in range(j + 1):
                matrix[i][j] = matrix[j][i] = next(given)
        factors = factored(matrix)
        if factors is None:
            return None
        for value, combined in factors:
            mixed = [
                sum((factor * row[place] for factor, row in zip(combined, rows, strict=True)), Fraction(0))
                for place in range(len(one.block.vectors))
            ]
            root = total(part * vector for part, vector in zip(mixed, one.block.vectors, strict=True) if part)
            weights.append(one.block.weight(value, root))
    return weights


def factored(matrix: list[list[Fraction]]) -> list[tuple[Fraction, list[Fraction]]] | None:
    """d and l with Σ d l lᵀ equal to a symmetric matrix, every d > 0; None where it is not positive semidefinite."""
    left = [list(row) for row in matrix]
    found: list[tuple[Fraction, list[Fraction]]] = []
    for pivot in range(len(left)):
        value = left[pivot][pivot]
        if value < 0 or (value == 0 and any(left[pivot])):
            return None
        if value == 0:
            continue
        line = [entry / value for entry in left[pivot]]
        found.append((value, line))
        left = [
            [entry - value * line[i] * line[j] for j, entry in enumerate(row)] for i, row in enumerate(left)
        ]
    return found
