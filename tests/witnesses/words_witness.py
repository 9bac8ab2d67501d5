"""The claims in words that fail: W1, W2, W4, W7, each in the reading that its first failing clause has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product as cartesian

import brute_force_witness as bf
import matrices_witness as la
from brute_force_witness import Parameters, Setting
from constants_witness import Constants
from identities_witness import squares, star
from judge_witness import Case, Sides
from matrices_witness import Matrix
from printed_witness import Printed

# W1: the factor of (18) with K + 1 for K in (15)–(18), against the factor before


def before_w1(at: Printed) -> Constants:
    heads = [
        [[x if p == q else Fraction(0) for q, x in enumerate(row)] for p in range(len(row))]
        for row in at["diagonals of Q_h"]
    ]
    here = Setting(at["Ẑ"], at.sizes["N"], at["tau"])
    return Constants.at(Parameters(here, at["V̂"], heads, la.zeros(len(heads), here.K), Fraction(1)))


def sides_w1(at: Printed) -> Sides:
    before = before_w1(at)
    return replace(before, K=before.K + 1).factor(), before.factor()


def given_w1(at: Printed) -> Iterator[str]:
    yield from (f"‖v_{k}‖ is not 1" for k in bf.norms_that_are_not_one(at["V̂"]))
    if bf.equal_columns(at["V̂"]):
        yield "two equal tokens"
    if not la.exact(before_w1(at).zeta) > 0:
        yield "a B_k without full row rank"


# W2: the population loss of ŷ^best is at most that of ŷ*


def quadratic_minimiser(objective: Callable[[list[Fraction]], Fraction], size: int) -> list[Fraction]:
    """Where a quadratic function is least: slope and curvature read off its values."""

    def value(*plus: int) -> Fraction:
        return objective([Fraction(plus.count(a)) for a in range(size)])

    curvature = [[value(a, b) - value(a) - value(b) + value() for b in range(size)] for a in range(size)]
    slope = [[value(a) - value() - curvature[a][a] / 2] for a in range(size)]
    return [-row[0] for row in la.solved(curvature, slope)]


def predictor(here: Setting, penalty: Fraction) -> Matrix:
    """(y; (Z^Q)ᵀλ̂) as weights on the labels, λ̂ = argmin (1/2N) Σ (y_i − λᵀz_i)² + (penalty/2)‖λ‖²."""
    found = la.beside(la.identity(here.N), la.zeros(here.N, here.K - here.N))
    for j in range(here.N):
        y = [Fraction(int(i == j)) for i in range(here.N)]

        def objective(lam: list[Fraction], y: list[Fraction] = y) -> Fraction:
            fit = sum((y[i] - sum(lam[a] * here.Z[a][i] for a in range(here.m))) ** 2 for i in range(here.N))
            return fit / (2 * here.N) + penalty / 2 * sum(x * x for x in lam)

        lam = quadratic_minimiser(objective, here.m)
        for k in range(here.N, here.K):
            found[j][k] = sum((here.features[a][k] * lam[a] for a in range(here.m)), Fraction(0))
    return found


def sides_w2(at: Printed) -> Sides:
    here = Setting(at["Ẑ"], at.sizes["N"], at["tau"])
    best, star_ = (here.loss(predictor(here, penalty)) for penalty in (here.tau, here.noise / here.N))
    return best, star_


# W4: A3 makes the K tokens distinct


def sides_w4(at: Printed) -> Sides:
    pair = bf.equal_columns(at["V̂"])
    if pair is None:
        raise ValueError("all tokens are distinct")
    return f"v_{pair[0]} = v_{pair[1]}", f"v_{pair[0]} ≠ v_{pair[1]}"


def A3(at: Printed) -> Iterator[str]:
    """A3, and of A0 the norms: only that all K tokens are distinct is broken."""
    yield from (f"‖v_{k}‖ is not 1" for k in bf.norms_that_are_not_one(at["V̂"]))
    if not any(len(set(row[: at.sizes["N"]])) == at.sizes["N"] for row in at["V̂"]):
        yield "no row of V has pairwise different entries"


# W7: where A1 fails, so does (36)


def sides_w7(at: Printed) -> Sides:
    """(9) summed over every task and every ε with entries ±√τ, and (36) with mτ at every token."""
    here, weights = Setting(at["Ẑ"], at.sizes["N"], at["tau"]), at["Â"]
    tasks, deviation = at["tasks λ, equally likely"], la.sqrt(at["tau"])
    cells = list(cartesian(range(here.m), range(here.K)))
    total, count = Fraction(0), 0
    for task, signs in cartesian(tasks, cartesian((1, -1), repeat=len(cells))):
        noise = {cell: sign * deviation for cell, sign in zip(cells, signs, strict=True)}
        y = [sum(task[a] * (here.features[a][k] + noise[a, k]) for a in range(here.m)) for k in range(here.K)]
        for k in range(here.K):
            total += (sum(y[j] * weights[j][k] for j in range(here.N)) - y[k]) ** 2
        count += 1
    return total / (2 * here.K * count), squares(here, weights) + star(here, repaired=True)


def without_A1(at: Printed) -> Iterator[str]:
    tasks = at["tasks λ, equally likely"]
    count = len(tasks)
    centred = all(sum(task[a] for task in tasks) == 0 for a in range(at.sizes["m"]))
    seen = {tuple(task) for task in tasks}
    boxes = cartesian(*({task[a] for task in tasks} for a in range(at.sizes["m"])))
    if centred and all(box in seen for box in boxes):
        yield "λ is centred and may be independent"
    second = [
        [sum((task[a] * task[b] for task in tasks), Fraction(0)) / count for b in range(at.sizes["m"])]
        for a in range(at.sizes["m"])
    ]
    if second != la.identity(at.sizes["m"]):
        yield "E λλᵀ is not I"
    if not isinstance(la.sqrt(at["tau"]), Fraction):
        yield "τ is no square"


CASES: Mapping[str, Case] = {
    "w1": Case(
        {"V̂": "dK", "Ẑ": "mK", "tau": "", "diagonals of Q_h": "Hd"}, sides_w1, ">=", given_w1,
        idle={"diagonals of Q_h(1, 1)": "with one position in the prompt its softmax is 1"},
    ),
    "w2": Case({"Ẑ": "mK", "tau": ""}, sides_w2, "<="),
    "w4": Case({"V̂": "dK"}, sides_w4, given=A3),
    "w7": Case({"Ẑ": "mK", "Â": "NK", "tau": "", "tasks λ, equally likely": "2m"}, sides_w7, "!=", without_A1),
}  # fmt: skip
