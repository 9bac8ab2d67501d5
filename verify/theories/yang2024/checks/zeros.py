"""Real zeros of sums of exponentials: how many at most, and how likely a Gaussian is to hit one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, count
from typing import Any, Literal

import numpy as np
from flint import arb, fmpq, fmpq_mat

from numeric import balls
from numeric.exponential_sums import derivative, zeros
from symbolic.argument import Argument
from verify.known import known
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.laboratory import Laboratory
from verify.vocabulary import Found

SAMPLES = {"fast": 100, "full": 1000}
BITS = 192
NARROW = 100  # bits: each zero is enclosed to 2^-NARROW


@dataclass(frozen=True)
class Sum:
    """g(q) = Σ_i c_i e^{a_i q} with exact rational coefficients and exponents."""

    c: tuple[fmpq, ...]
    a: tuple[fmpq, ...]

    @property
    def N(self) -> int:
        return len(self.c)

    def merged(self) -> Sum:
        """The same function with distinct exponents and no coefficient 0; N = 0 if it is 0."""
        total: dict[fmpq, fmpq] = {}
        for c, a in zip(self.c, self.a, strict=True):
            total[a] = total.get(a, fmpq(0)) + c
        kept = sorted((a, c) for a, c in total.items() if c != 0)
        return Sum(tuple(c for _, c in kept), tuple(a for a, _ in kept))

    def zeros(self) -> list[arb] | None:
        """Its real zeros, one in each ball; None where it vanishes everywhere. Raises Undecided."""
        merged = self.merged()
        if not merged.N:
            return None
        with balls.precision(BITS):
            c, a = [arb(x) for x in merged.c], [arb(x) for x in merged.a]
            return zeros(c, a, width=arb(2) ** -NARROW) if merged.N > 1 else []

    def values(self) -> dict[str, str]:
        return {"c": f"({', '.join(map(str, self.c))})", "a": f"({', '.join(map(str, self.a))})"}

    def __str__(self) -> str:
        return f"c = ({', '.join(map(str, self.c))}), a = ({', '.join(map(str, self.a))})"


def small_sums(*, distinct: bool) -> Iterator[Sum]:
    """The smallest ones, with N = 1, 2, 3 and the exponents 0, 1, 2, or all equal to 0."""
    for N in (1, 2, 3):
        a = tuple(fmpq(i if distinct else 0) for i in range(N))
        yield Sum(_product([fmpq(t) for t in range(1, N)]), a)


def random_sum(rng: np.random.Generator, *, distinct: bool = True) -> Sum:
    """Two kinds in turn of chance: any coefficients; coefficients that put N − 1 zeros at logarithms of rationals."""
    N = int(rng.integers(2, 6))
    if rng.random() < 0.5:
        a = rng.choice(41, N, replace=not distinct) - 20
        return Sum(
            tuple(fmpq(int(x), 7) for x in rng.choice(np.r_[-9:0, 1:10], N)),
            tuple(fmpq(int(x), 5) for x in a),
        )
    a = np.sort(rng.choice(9, N, replace=False))
    points = rng.choice(12, N - 1, replace=False) + 1
    rows = [fmpq(int(t), 4) ** int(e) for t in points for e in a]
    reduced, _ = fmpq_mat(N - 1, N, rows).rref()  # a generalised Vandermonde matrix has full rank
    c = (*(-reduced[i, N - 1] for i in range(N - 1)), fmpq(1))
    return Sum(c, tuple(fmpq(int(x)) for x in a))


def _product(roots: Sequence[Any]) -> tuple[fmpq, ...]:
    """Coefficients of Π (t − root), lowest power first."""
    found = [fmpq(1)]
    for root in roots:
        found = [low - root * high for low, high in zip([fmpq(0), *found], [*found, fmpq(0)], strict=True)]
    return tuple(found)


def isolated(draw: Callable[[], Sum], wanted: int) -> list[tuple[Sum, list[arb] | None]]:
    """So many sums and their zeros; a sum with a zero that may be double is drawn again."""
    found: list[tuple[Sum, list[arb] | None]] = []
    while len(found) < wanted:
        drawn = draw()
        with suppress(balls.Undecided):
            found.append((drawn, drawn.zeros()))
    return found


def sampled(laboratory: Laboratory) -> list[tuple[Sum, list[arb] | None]]:
    """Random sums with distinct exponents and their zeros, as many as the tier says; shared by the checks."""
    rng, wanted = laboratory.instance.rng("exponential sums"), SAMPLES[laboratory.options.tier]
    return laboratory.once("exponential sums", lambda: isolated(lambda: random_sum(rng), wanted))


@dataclass(frozen=True)
class AtMost:
    """A sum of N exponentials has at most N − slack real zeros: an argument for all N, and zeros isolated in balls.

    distinct   whether the exponents are; without, the smallest sums have equal ones
    """

    argument: Callable[[], Argument] | None
    slack: int = 1
    distinct: bool = True

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        if self.argument is not None:
            yield argue(self.argument())
        yield self._counted(laboratory)

    def prove(self) -> None:
        if self.argument is not None:
            argue(self.argument())

    def refute(self) -> Witness | None:
        """The smallest sum with more zeros than that, if one of the smallest is one."""
        for candidate in small_sums(distinct=self.distinct):
            if witness := self._broken(candidate, candidate.zeros()):
                return witness
        return None

    def _broken(self, drawn: Sum, at: list[arb] | None) -> Witness | None:
        if self.slack > drawn.N or (at is not None and len(at) <= drawn.N - self.slack):
            return None
        many = "infinitely many" if at is None else str(len(at))
        return Witness(
            summary=f"{drawn}: {many} zeros, at most {drawn.N - self.slack} allowed",
            sizes={"N": drawn.N},
            values=drawn.values(),
            lhs=many, rhs=str(drawn.N - self.slack), method="exact coefficients, zeros isolated in ball arithmetic",
        )  # fmt: skip

    def _counted(self, laboratory: Laboratory) -> Evidence:
        pairs, witness = sampled(laboratory), self.refute()
        attained, closest = 0, 0.0
        for drawn, at in pairs:
            witness = witness or self._broken(drawn, at)
            if at is not None and self.slack < drawn.N:
                attained += len(at) == drawn.N - self.slack
                closest = max(closest, len(at) / (drawn.N - self.slack))
        return Evidence(
            check="refute" if witness else "enclose", **known("general", "fails" if witness else "holds", "certified"),
            witness=witness,
            statement=f"Counterexample: {witness.summary}." if witness else
            f"{len(pairs)} random rational sums of 2 to 5 exponentials: every zero isolated in balls, never more than "
            f"N − {self.slack}; {attained} of them have just so many.",
            figures={"sums": len(pairs), "with N − slack zeros": attained, "closest ratio": closest},
            budget=f"N = 1, 2, 3 with the smallest numbers, {len(pairs)} random sums; {BITS} bits",
        )  # fmt: skip


def argue(argument: Argument) -> Evidence:
    """Evidence from an argument: proved if every checked line holds, else nothing."""
    open_lines = argument.open_lines()
    rules = [] if open_lines else [rule for rule in argument.rules() if rule != "definition"]
    return Evidence(
        check="prove", **known("general", "undecided" if open_lines else "holds", "proved given" if rules else "proved"),
        given=rules, steps=argument.text(),
        statement=f"{len(open_lines)} lines of the argument do not check, the first: {open_lines[0].says}."
        if open_lines
        else f"Derived for symbolic sizes, every rewrite checked {argument.checkers}"
        + (f"; given, by name: {', '.join(rules)}." if rules else "."),
        budget=f"{sum(line.checked for line in argument.lines)} checked lines",
    )  # fmt: skip


@dataclass(frozen=True)
class NullSet:
    """P(g(q) = 0) = 0 for q ~ N(0, σ²): bounded by the measure of the balls that hold the zeros.

    event      "=", or "≤", "≥": the false claim that g is almost surely positive, or negative
    distinct   whether the exponents are
    nonzero    whether some c_i ≠ 0
    atom       q is 0 with probability 1/2, instead of Gaussian
    """

    event: Literal["=", "≤", "≥"] = "="
    distinct: bool = True
    nonzero: bool = True
    atom: bool = False

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        worst, pairs, witness = arb(0), sampled(laboratory), self.refute()
        sigma = laboratory.instance.rng("deviations of q").uniform(0.1, 10, len(pairs))
        for (_, at), deviation in zip(pairs, sigma, strict=True):
            worst = worst.max(measure(at, float(deviation)))
        within = bool(worst < ALLOWED)
        verdict: Found = "fails" if witness else "holds" if within else "undecided"
        yield Evidence(
            check="refute" if witness else "enclose", **known("general", verdict, "certified"),
            witness=witness,
            statement=f"Counterexample: {witness.summary}." if witness
            else f"{len(pairs)} random rational y, tokens and conditions q̃: the zeros of g are isolated, and q ~ N(0, σ²) "
            f"lies in their enclosures with probability at most {float(worst.upper()):.2g}, which is their width.",
            figures={"sums": len(pairs), "largest bound": float(worst.upper())},
            budget=f"zeros enclosed to 2^-{NARROW}, σ in [0.1, 10]; {BITS} bits",
            steps=list(NULL_STEPS),
        )  # fmt: skip

    def refute(self, candidates: Sequence[Sum] = ()) -> Witness | None:
        """The first of the candidates, by default the smallest sums, whose event has a positive probability."""
        zero = [] if self.nonzero else [Sum((fmpq(0),), (fmpq(0),))]
        for candidate in candidates or (*zero, *small_sums(distinct=self.distinct)):
            if (chance := self._chance(candidate)) is not None:
                return Witness(
                    summary=f"{candidate}: the event g(q) {self.event} 0 has probability {chance}", sizes={"N": candidate.N},
                    values=candidate.values(), lhs=chance, rhs="0", method="exact coefficients, signs in ball arithmetic",
                )  # fmt: skip
        return None

    def _chance(self, drawn: Sum) -> str | None:
        """What the probability of the event is, or at least, where that is more than 0."""
        if drawn.zeros() is None:
            return "1"
        if self.atom and sum(drawn.c, fmpq(0)) == 0:
            return "at least 1/2"
        if self.event != "=":
            with balls.precision(BITS):
                c, a = [arb(x) for x in drawn.c], [arb(x) for x in drawn.a]
                for q in (-1, 1):
                    at = derivative(c, a, arb(q))
                    if at < 0 if self.event == "≤" else at > 0:
                        return f"more than 0: g({q}) = {at.str(6, radius=False)}"
        return None


ALLOWED = (
    2.0**-80
)  # far above the width of the balls over the least σ, far below any probability one would notice
NULL_STEPS = (
    "q_1 ~ N(0, β²‖v_k‖² I_d) with v_k ≠ 0; its first entry q is independent of the others q̃_1",
    "given q̃_1, yᵀx is g(q | q̃_1), which has at most N − 1 zeros (73)",
    "a law with a density gives a finite set probability 0, so P(yᵀx = 0 | q̃_1) = 0, and so is its expectation (Fubini)",
)


def measure(at: Sequence[arb] | None, sigma: float) -> arb:
    """An upper bound of P(g(q) = 0) for q ~ N(0, σ²): total width over σ√(2π); 1 where g vanishes everywhere."""
    if at is None:
        return arb(1)
    with balls.precision(BITS):
        width = sum((2 * ball.rad() for ball in at), arb(0))
        return (width / (arb(sigma) * (2 * arb.pi()).sqrt())).upper()


def separating(tokens: Sequence[Sequence[fmpq]]) -> int:
    """The least whole t ≥ 0 such that uᵀv_i ≠ uᵀv_j for i ≠ j, with u = (1, t, t², …, t^{d−1}); tokens are columns of a d×N
    matrix, given by rows, and must differ.

    uᵀ(v_i − v_j) is a polynomial in t of degree at most d − 1 that is not 0, so at most (d−1)N(N−1)/2 values fail.
    """
    columns = list(zip(*tokens, strict=True))
    for one, other in combinations(columns, 2):
        if one == other:
            raise ValueError("two tokens are equal: no direction tells them apart")
    return next(t for t in count() if len(set(project(tokens, t))) == len(columns))


def project(tokens: Sequence[Sequence[fmpq]], t: int) -> list[fmpq]:
    """uᵀv_i for u = (1, t, t², …)."""
    return [
        sum((fmpq(t) ** p * x for p, x in enumerate(column)), fmpq(0)) for column in zip(*tokens, strict=True)
    ]


@dataclass(frozen=True)
class DistinctSuffice:
    """Distinct tokens of which no row tells all apart: a direction that does, exactly, and the zeros along it."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        rng = laboratory.instance.rng("separating directions")
        wanted, directions = SAMPLES[laboratory.options.tier], []

        def draw() -> Sum:
            tokens = no_row_separates(rng)
            t = separating(tokens)
            directions.append(t)
            c = tuple(fmpq(int(x)) for x in rng.choice(np.r_[-5:0, 1:6], len(tokens[0])))
            return Sum(c, tuple(project(tokens, t)))

        pairs = isolated(draw, wanted)
        holds = all(at is not None and len(at) < drawn.N for drawn, at in pairs)
        largest = max(directions)
        yield Evidence(
            check="enclose", **known("general", "holds" if holds else "fails", "certified"),
            statement=f"Without A3: {wanted} prompts of distinct rational tokens, each row with two equal entries. A direction "
            f"u = (1, t, t², …) with t ≤ {largest} tells all apart, and y ↦ Σ_i y_i e^{{q uᵀv_i}} has at most N − 1 zeros along it.",
            figures={"prompts": wanted, "largest t": largest}, budget="N from 3 to 5, d from 2 to 4, entries −1, 0, 1; zeros in balls",
        )  # fmt: skip


def no_row_separates(rng: np.random.Generator) -> list[list[fmpq]]:
    """Distinct rational columns such that each row has two equal entries, d×N by rows."""
    while True:
        d = int(rng.integers(2, 5))
        N = int(rng.integers(3, min(6, 3**d)))
        rows = rng.integers(-1, 2, (d, N))
        apart = len({tuple(column) for column in rows.T}) == N
        if apart and all(len(set(row)) < N for row in rows.tolist()):
            return [[fmpq(int(x)) for x in row] for row in rows]
