"""Planted false inequalities: the share of them that the search refutes is its measured rate of detection.

Each is a true bound of the theory changed in one place, with a witness that is known.
`python -m verify.theories.yang2024.planted` measures how many of them the search finds with each budget, and prints what
`planted.json` keeps.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from verify.points.witness import WitnessData
from verify.search.search import BUDGETS, search
from verify.statement import Inequality
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import SIZE, H, K, N, gamma, scalar_symbol

i, j, k, h, a, p, q = sp.symbols("i j k h a p q", integer=True)
ds, dx, xi, y, xs, gQ, zd, del_, del2, A, Z, Zbar, s, ga, b, b2, dQ, dak, alpha = (
    let.TABLE[name].base
    for name in (
        "ds", "dx", "xi", "y", "xs", "gQ", "zd", "del", "del2", "A", "Z", "Zbar", "s", "ga", "b", "b2", "dQ", "dak", "alpha",
    )
)  # fmt: skip
abar, fmax, nZbar, nA, nDQ, sigma = (
    scalar_symbol(name) for name in ("abar", "fmax", "nZbar", "nA", "nDQ", "sigma")
)


def over(dim: str, body: sp.Expr, *symbols: sp.Symbol) -> sp.Expr:
    return sp.Sum(body, *((symbol, 1, SIZE[dim]) for symbol in symbols))


@dataclass(frozen=True)
class Planted:
    """A false inequality: what was changed in which true one, and a point that breaks it."""

    name: str
    changed: str
    inequality: Inequality
    witness: WitnessData


def part(numerator: int, denominator: int) -> sp.Rational:
    return sp.Rational(numerator, denominator)


gap = over("K", over("N", zd[j, k] ** 2, j), k) / (2 * K)
PLANTED = (
    Planted(
        "softmax",
        "Lemma 2 with 99/100 in the place of 2, where 1 is best",
        inequality(over("N", ds[h, j, k], j), part(99, 100) * dx[h, k], {"h": "H", "k": "K"}),
        WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, {"V": "1 -1", "Q": "0", "Q2": "1/10"}),
    ),
    Planted(
        "cauchy-schwarz",
        "with a factor of 9/10",
        inequality(over("N", xi[j] * y[j], j) ** 2, part(9, 10) * over("N", xi[j] ** 2, j) * over("N", y[j] ** 2, j)),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"xi": "1", "y": "1"}),
    ),
    Planted(
        "signed",
        "2ab ≤ a² + b² with 49/50 of b²; sides of either sign",
        inequality(2 * over("N", xi[j] * y[j], j), over("N", xi[j] ** 2, j) + part(49, 50) * over("N", y[j] ** 2, j)),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"xi": "1", "y": "1"}),
    ),
    Planted(
        "lemma-3",
        "without the factor l",
        inequality(over("d", over("N", xs[i, p], i) ** 2, p), over("d", over("N", xs[i, p] ** 2, i), p), squared=True),
        WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, {"xs": "1 1"}),
    ),
    Planted(
        "lemma-3-two",
        "with 2 in the place of l: false only for l ≥ 3",
        inequality(over("d", over("N", xs[i, p], i) ** 2, p), 2 * over("d", over("N", xs[i, p] ** 2, i), p), squared=True),
        WitnessData({"N": 3, "K": 3, "m": 1, "d": 1, "H": 1}, {"xs": "1 1 1"}),
    ),
    Planted(
        "lemma-3-four",
        "with 19/5 in the place of l: false only for l ≥ 4",
        inequality(over("d", over("N", xs[i, p], i) ** 2, p), part(19, 5) * over("d", over("N", xs[i, p] ** 2, i), p), squared=True),
        WitnessData({"N": 4, "K": 4, "m": 1, "d": 1, "H": 1}, {"xs": "1 1 1 1"}),
    ),
    Planted(
        "frobenius",
        "the Frobenius norm of Z̄ below its spectral norm",
        inequality(over("N", Zbar[i, j] ** 2, i, j), nZbar**2, squared=True),
        WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, {"Z": "0 0", "tau": "1"}),
    ),
    Planted(
        "mean-column",
        "f̄_max replaced by a mean over the columns",
        inequality(over("N", Zbar[i, j] ** 2, i), over("N", Zbar[i, p] ** 2, i, p) / N, {"j": "N"}, squared=True),
        WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, {"Z": "1 0", "tau": "1"}),
    ),
    Planted(
        "heads",
        "(53) without the factor H",
        inequality(over("N", del_[j, k] ** 2, j), (gamma * abar + nA) ** 2, {"k": "K"}, squared=True),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 2}, {"V": "1", "Z": "0", "Q": "0 0", "alpha": "-1 -1", "tau": "1", "gamma": "1"}),
    ),
    Planted(
        "cross-term",
        "‖δ − δ′‖² without the cross term",
        inequality(
            over("N", (del_[j, k] - del2[j, k]) ** 2, j), over("N", del_[j, k] ** 2 + del2[j, k] ** 2, j), {"k": "K"}, squared=True
        ),
        WitnessData(
            {"N": 1, "K": 1, "m": 1, "d": 1, "H": 1},
            {"V": "1", "Z": "0", "Q": "0", "Q2": "0", "alpha": "0", "alpha2": "1", "tau": "1", "gamma": "2"},
        ),
    ),
    Planted(
        "lemma-7",
        "(42) with 99.7 % of √2 in the place of 2√2, where √2 is best",
        inequality(
            over("d", gQ[h, p, q] ** 2, p, q), part(199, 100) * gamma**2 * abar**2 * fmax**2 * gap, {"h": "H"}, squared=True
        ),
        WitnessData(
            {"N": 2, "K": 2, "m": 1, "d": 1, "H": 1},
            {"V": "-1 1", "Z": "-15 15", "Q": "0", "alpha": "1 1", "tau": "1", "gamma": "1"},
        ),
    ),
    Planted(
        "large-alpha",
        "(42) with 100α in the place of α²: false only for α ≫ 1",
        inequality(over("d", gQ[h, p, q] ** 2, p, q), 100 * gamma**2 * abar * fmax**2 * gap, {"h": "H"}, squared=True),
        WitnessData(
            {"N": 2, "K": 2, "m": 1, "d": 1, "H": 1},
            {"V": "1 -1", "Z": "0 0", "Q": "1", "alpha": "6000 0", "tau": "1", "gamma": "1"},
        ),
    ),
    Planted(
        "large-gamma",
        "(62) with 1000γ in the place of γ²: false only for γ > 1000",
        inequality(over("K", ga[h, k] ** 2, k), 2000 * gamma * nZbar**2 * gap / K, {"h": "H"}, squared=True),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"V": "1", "Z": "0", "Q": "0", "alpha": "0", "tau": "1", "gamma": "2000"}),
    ),
    Planted(
        "small-tau",
        "‖A_k‖² below 1000 (1 + ‖z_k‖²): false only for small τ",
        inequality(over("N", A[j, k] ** 2, j), 1000 * (1 + over("m", Z[a, k] ** 2, a)), {"k": "K"}, squared=True),
        WitnessData({"N": 1, "K": 2, "m": 1, "d": 1, "H": 1}, {"Z": "1/50 1", "tau": "1/25000"}),
    ),
    Planted(
        "polyak",
        "(49) with 0.1 % more than σ",
        inequality(part(1001, 1000) * sigma * gap, over("K", over("H", ga[h, k] ** 2, h), k)),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"V": "1", "Z": "0", "Q": "0", "alpha": "0", "tau": "1", "gamma": "1"}),
    ),
    Planted(
        "drift",
        "(50) with 7/10 in the place of 2, where 1/√2 is attained in the limit",
        inequality(
            over("N", (b[h, j, k] - b2[h, j, k]) ** 2, j), part(49, 100) * nZbar**2 * dQ[h] ** 2, {"h": "H", "k": "K"}, squared=True
        ),
        WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, {"V": "1 -1", "Z": "0 0", "Q": "0", "Q2": "1/10", "tau": "1"}),
    ),
    Planted(
        "residual-drift",
        "(51) with 7/10 in the place of 2",
        inequality(
            over("N", (del_[j, k] - del2[j, k]) ** 2, j),
            H * gamma**2 * (part(7, 10) * abar * nDQ + dak[k]) ** 2,
            {"k": "K"},
            squared=True,
        ),
        WitnessData(
            {"N": 2, "K": 2, "m": 1, "d": 1, "H": 1},
            {"V": "-1 1", "Z": "0 0", "Q": "0", "Q2": "1/10", "alpha": "1 0", "alpha2": "1 0", "tau": "1", "gamma": "1"},
        ),
    ),
    Planted(
        "window",
        "2ab ≤ a² + b² at γ and 1000α, with 999/1000: false only for γ within 5 % of 1000α",
        inequality(2000 * gamma * abar, part(999, 1000) * (gamma**2 + 10**6 * abar**2)),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"alpha": "67/200", "gamma": "350"}),
    ),
    Planted(
        "saturated",
        "‖s_k^h‖² ≤ 99/100: false only where softmax is saturated",
        inequality(over("N", s[h, j, k] ** 2, j), part(99, 100), {"h": "H", "k": "K"}, squared=True),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"V": "1", "Q": "0"}),
    ),
    Planted(
        "corner",
        "Σ_k α² ≤ (K − 1/100)α²: false only where every |α_{h,k}| is at its bound",
        inequality(over("K", alpha[h, k] ** 2, k), (K - part(1, 100)) * abar**2, {"h": "H"}, squared=True),
        WitnessData({"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}, {"alpha": "1"}),
    ),
)  # fmt: skip


SEEDS = (0, 1, 2)
TO_SPARE = 2  # climbs differ in the last bits from processor to processor, and so may what one of them finds


def missed(
    tier: str, among: Sequence[tuple[str, int]] | None = None, gradients: bool | None = None
) -> list[tuple[str, int]]:
    """What the search does not find with the budget of a tier: pairs of a name and a seed, all or those `among`."""
    by_name = {planted.name: planted.inequality for planted in PLANTED}
    pairs = [(name, seed) for name in by_name for seed in SEEDS] if among is None else among
    return [
        (name, seed)
        for name, seed in pairs
        if search(by_name[name], BUDGETS[tier], seed, gradients=gradients).above is None
    ]


def row(found: int, without_gradients: int) -> dict[str, int]:
    """What `planted.json` keeps of a tier: multiples of five that are below what was found by TO_SPARE or more."""
    tried = len(PLANTED) * len(SEEDS)
    known = {"planted": len(PLANTED), "seeds": len(SEEDS), "tried": tried}
    counts = {"at least": found, "at least without gradients": without_gradients}
    return known | {name: (count - TO_SPARE) // 5 * 5 for name, count in counts.items()}


def measured() -> dict[str, dict[str, int]]:
    """All tiers. The budget of `full` begins with that of `fast`, so what the latter finds is not sought again."""
    found: dict[str, list[int]] = {"fast": [], "full": []}
    for gradients in (True, False):
        left: list[tuple[str, int]] | None = None
        for tier, counts in found.items():
            left = missed(tier, left, gradients)
            counts.append(len(PLANTED) * len(SEEDS) - len(left))
    return {tier: row(*counts) for tier, counts in found.items()}


if __name__ == "__main__":
    print(json.dumps(measured(), indent=2, ensure_ascii=False))
