"""A random column in the span of independent random columns: then in the span of some fixed ones, with no less probability.

Exact: the columns are independent draws from a finite set of rational vectors, and every outcome is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from flint import fmpq, fmpq_mat

from symbolic.proof import Axiom, Proof, Use
from verify.known import known
from verify.prove.premises import checked_twice
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import attention
from verify.theories.yang2024.symbolic.letters import index
from verify.vocabulary import Found

SAMPLES = {"fast": 100, "full": 1000}
Column = tuple[fmpq, ...]


@dataclass(frozen=True)
class Law:
    """A uniform law on finitely many columns of positive rationals, as exp(Vᵀq) has them."""

    columns: tuple[Column, ...]

    @property
    def N(self) -> int:
        return len(self.columns[0])

    def __str__(self) -> str:
        return ", ".join(f"({', '.join(map(str, column))})" for column in self.columns)


def orthogonal(columns: Sequence[Column], N: int) -> list[Column]:
    """A basis of the y with yᵀa = 0 for each of these columns; not empty for fewer than N columns."""
    if not columns:
        return [tuple(fmpq(int(i == j)) for j in range(N)) for i in range(N)]
    reduced, rank = fmpq_mat(len(columns), N, [x for column in columns for x in column]).rref()
    pivots = [next(j for j in range(N) if reduced[i, j] != 0) for i in range(rank)]
    basis = []
    for free in (j for j in range(N) if j not in pivots):
        y = [fmpq(0)] * N
        y[free] = fmpq(1)
        for i, pivot in enumerate(pivots):
            y[pivot] = -reduced[i, free]
        basis.append(tuple(y))
    return basis


def inner(y: Column, x: Column) -> fmpq:
    return sum((a * b for a, b in zip(y, x, strict=True)), fmpq(0))


def probabilities(law: Law, *, coupled: bool = False) -> tuple[fmpq, fmpq]:
    """P(column 1 lies in the span of the N − 1 others), and the largest P(yᵀx = 0) over the y ≠ 0 that are orthogonal to a
    fixed choice of the others.

    coupled   column 1 is column 2, instead of a draw of its own
    """
    outcomes = inside = 0
    best = fmpq(0)
    for others in product(law.columns, repeat=law.N - 1):
        basis = orthogonal(others, law.N)
        drawn = others[:1] if coupled else law.columns
        outcomes += len(drawn)
        inside += sum(all(inner(y, x) == 0 for y in basis) for x in drawn)
        for y in basis:
            best = max(best, fmpq(sum(inner(y, x) == 0 for x in law.columns), len(law.columns)))
    return fmpq(inside, outcomes), best


def random_law(rng: np.random.Generator) -> Law:
    """Two or three dimensions, up to five columns with entries 1, 2, 3, 4, so that some are dependent."""
    N = int(rng.integers(2, 4))
    n = int(rng.integers(2, 6))
    return Law(tuple(tuple(fmpq(int(x)) for x in column) for column in rng.integers(1, 5, (n, N))))


SMALLEST = Law(((fmpq(1), fmpq(1)), (fmpq(1), fmpq(2))))


def normalised() -> Axiom:
    """(28)."""
    h, k, j = index("h", "H"), index("k", "K"), index("j", "N")
    return Axiom("s = e r (28)", let.S[h, j, k], attention(h, j, k), (h, j, k))


def normaliser() -> bool:
    """yᵀs_h = r_h · yᵀe_h for the softmax column s_h = e_h r_h: y is orthogonal to both or to neither, since r_h > 0."""
    h, k, j = index("h", "H"), index("k", "K"), index("j", "N")
    left = (let.XI[j] * let.S[h, j, k]).sum(j)
    right = let.R[h, k] * (let.XI[j] * let.E[h, j, k]).sum(j)
    return checked_twice(SETTING, left, right, Proof((Use(normalised(), let.XI[j], (h, j, k), (j,)),))).proved


STEPS = (
    "the columns of C_k are those of exp(D_k) times positive numbers: the same spans (two checkers, all sizes)",
    "P(column 1 ∈ span of the others) = E[P(column 1 ∈ span(Ã) | the others = Ã)] (Fubini; the columns are independent)",
    "where that is positive, the inner probability is positive for some fixed Ã, and there it is P(x ∈ span(Ã)) for x = exp(Vᵀq_1)",
    "Ã has N − 1 columns, so some y ≠ 0 is orthogonal to them, and x ∈ span(Ã) gives yᵀx = 0",
)


@dataclass(frozen=True)
class Conditioned:
    """sup over fixed Ã and y of P(yᵀx = 0) ≥ P(column 1 ∈ span of the others), every outcome counted.

    coupled   column 1 is a copy of column 2, so that they are not independent
    factor    the false claim that it is at least so many times that
    """

    coupled: bool = False
    factor: Fraction | int = 1

    def prove(self) -> None:
        normaliser()

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        rng = laboratory.instance.rng("finite laws")
        wanted = SAMPLES[laboratory.options.tier]
        closest, positive, witness = 0.0, 0, self.refute(SMALLEST)
        for _ in range(wanted):
            law = random_law(rng)
            joint, fixed = probabilities(law, coupled=self.coupled)
            positive += joint > 0
            ratio = joint / fixed if fixed > 0 else fmpq(0)
            closest = max(closest, int(ratio.p) / int(ratio.q))
            witness = witness or self.refute(law)
        sound = normaliser()
        verdict: Found = "fails" if witness else "holds" if sound else "undecided"
        yield Evidence(
            check="refute" if witness else "count", **known("general", verdict, "exact"),
            witness=witness, steps=list(STEPS),
            statement=f"Counterexample: {witness.summary}." if witness else
            f"{wanted} finite laws, every outcome counted: for some fixed Ã and y the probability of yᵀx = 0 is at least that of "
            f"column 1 in the span of the others ({positive} of them positive; closest ratio {closest:.3g})."
            + ("" if sound else " That the normaliser drops out was not shown."),
            figures={"laws": wanted, "with positive probability": positive, "closest ratio": closest},
            budget="N = 2, 3; 2 to 5 columns with entries 1 to 4; exact rational arithmetic",
        )  # fmt: skip

    def refute(self, law: Law) -> Witness | None:
        """This law, if the fixed columns do worse than the random ones."""
        joint, fixed = probabilities(law, coupled=self.coupled)
        factor = Fraction(self.factor)
        if joint * fmpq(factor.numerator, factor.denominator) <= fixed:
            return None
        return Witness(
            summary=f"columns uniform on {law}{', column 1 a copy of column 2' if self.coupled else ''}: column 1 in the span of "
            f"the others with probability {joint}, orthogonal to a fixed y with probability at most {fixed}",
            sizes={"N": law.N}, values={"columns": str(law), "factor": str(factor)}, lhs=str(joint), rhs=str(fixed),
            method="every outcome counted in exact rational arithmetic", exact=True,
        )  # fmt: skip
