"""Tokens, exactly: which are distinct, which row of V separates them, and the rank of what attention makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product

import flint
import numpy as np

from numeric.draws import Draws
from verify.known import known
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.binding import Objects, rational
from verify.theories.yang2024.checks.clauses import Finding
from verify.theories.yang2024.checks.rank import SAMPLES
from verify.theories.yang2024.checks.train import small_instance
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import enclose_spectrum
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.instance import Instance

Token = tuple[int | Fraction, ...]
CUBE = 4  # {±1/2}⁴: unit tokens whose entries are exact in float64, and no three of which A3 tolerates


def separating_row(tokens: Sequence[Token]) -> int | None:
    """A row of V whose entries are pairwise different (A3), counted from 0; None where every row has two equal ones."""
    for row in range(len(tokens[0])):
        if len({Fraction(token[row]) for token in tokens}) == len(tokens):
            return row
    return None


def equal_tokens(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Two equal tokens, counted from 0; None where all are distinct."""
    return next(((i, j) for i, j in combinations(range(len(tokens)), 2) if tokens[i] == tokens[j]), None)


def unit(tokens: Sequence[Token]) -> bool:
    """Whether every ‖v_k‖₂ = 1."""
    return all(sum((Fraction(x) ** 2 for x in token), Fraction(0)) == 1 for token in tokens)


def columns_of_powers(
    tokens: Sequence[Token], queries: Sequence[tuple[Fraction, ...]], bases: Sequence[int]
) -> Objects:
    """exp(v_jᵀq_h) (N, H) where entry a of q_h is queries[h][a] · log bases[a]: powers Π_a bases[a]^(v_{ja} queries[h][a]).

    Raises ArithmeticError where a power is no whole number's.
    """
    found = np.empty((len(tokens), len(queries)), dtype=object)
    for (j, token), (h, query) in product(enumerate(tokens), enumerate(queries)):
        value = rational(1)
        for x, q, base in zip(token, query, bases, strict=True):
            power = Fraction(x) * q
            if power.denominator != 1:
                raise ArithmeticError(f"{base}^{power} is not rational")
            value *= rational(base) ** int(power)
        found[j, h] = value
    return found


def rank(matrix: Objects) -> int:
    """Exact rank of a matrix of rationals."""
    rows, columns = matrix.shape
    return int(flint.fmpq_mat(rows, columns, list(matrix.flat)).rank())


def attention(exponentials: Objects) -> Objects:
    """The softmax columns that these exponentials (N, H) give."""
    found: Objects = exponentials / exponentials.sum(axis=0)
    return found


def shown(tokens: Sequence[Token]) -> str:
    return ", ".join("(" + ", ".join(str(x) for x in token) + ")" for token in tokens)


def cube_instance(rng: Draws) -> Instance:
    """Distinct unit tokens with entries ±1/2, three or more of them labelled, so that A3 fails; H = N, the smallest allowed."""
    N = int(rng.integers(3, 6))
    K = int(rng.integers(N, 9))
    chosen = rng.permutation(2**CUBE)[:K]
    tokens = 0.5 - ((chosen[None, :] >> np.arange(CUBE)[:, None]) & 1).astype(float)
    drawn = synthetic(
        N=N, K=K, d=CUBE, m=int(rng.integers(1, 7)), H=N, tau=rng.decades(-1.3, 0),
        beta=rng.decades(0, 1), seed=int(rng.integers(0, 2**31)), unit_norm=True,
    )  # fmt: skip
    return replace(drawn, name="cube", tokens=tokens)


def ranks_of_draws(laboratory: Laboratory, alter: Callable[[Instance], Instance] | None = None) -> Finding:
    """Every B_k at Gaussian draws with H = N, enclosed; every second dictionary is one that A3 rules out.

    alter   what is changed in each of them, where the statement is another one
    """
    rng, wanted = laboratory.instance.rng("ranks of draws"), 2 * SAMPLES[laboratory.options.tier]
    full, bits, deficient = 0, 0, ""
    for count in range(wanted):
        instance = small_instance(rng) if count % 2 else cube_instance(rng)
        instance = replace(instance, H=instance.N)
        instance = alter(instance) if alter else instance
        spectrum = enclose_spectrum(instance)
        full, bits = full + (spectrum.rank == "full"), max(bits, *spectrum.bits)
        if spectrum.rank == "deficient" and not deficient:
            deficient = f"{instance.name}, seed {instance.seed}: {spectrum.reason}"
    drawn = (
        "initialisations as stated"
        if alter
        else "Gaussian initialisations with H = N on distinct unit tokens"
    )
    statement = (
        f"{full} of {wanted} {drawn} give every B_k full row rank, each certified in ball arithmetic (up to {bits} bits); on every second "
        "dictionary no row separates the tokens, so that A3 fails"
    )
    budget = f"Gaussian directions, N ≤ 4, and tokens in {{±1/2}}^{CUBE}, N from 3 to 5; K ≤ 8, β in [1, 10]"
    if deficient:
        witness = Witness(summary=deficient, method="structure of the instance, no arithmetic", exact=True)
        return Finding(
            "sample", "fails", "certified", f"{statement}; not {deficient}.", witness=witness, budget=budget
        )
    held = full == wanted
    return Finding(
        "sample", "holds" if held else "undecided", "tested", f"{statement}.", budget=budget,
        figures={"instances": wanted, "of full rank": full},
    )  # fmt: skip


@dataclass(frozen=True)
class DistinctHere:
    """Whether the tokens of this instance are pairwise distinct: all K, or the N of the prompt."""

    prompt_only: bool

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        i = laboratory.instance
        tokens = i.V if self.prompt_only else i.tokens
        columns = [tuple(float(x) for x in column) for column in tokens.T]
        pair = next(
            ((j, k) for j, k in combinations(range(len(columns)), 2) if columns[j] == columns[k]), None
        )
        which = f"{len(columns)} {'prompt ' if self.prompt_only else ''}tokens"
        text = (
            f"The {which} are pairwise distinct."
            if pair is None
            else f"Of the {which}, {pair[0] + 1} and {pair[1] + 1} are equal."
        )
        return [
            Evidence(
                check="enclose", **known("here", "fails" if pair else "holds", "certified"), statement=text,
            )
        ]  # fmt: skip
