"""The planted falsehoods are false, by balls and by another program; the rate that "none found" quotes is the one measured here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from literal_point import REAL, Literal, Number

from symbolic.printing import latex
from verify.points.compare import decide
from verify.points.evaluation import pose
from verify.points.exact_points import ExactPoint
from verify.search.search import BUDGETS, Budget, rates, search
from verify.theories.yang2024.planted import PLANTED, SEEDS, Planted, missed

NAMES = [planted.name for planted in PLANTED]


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
def test_it_is_false_at_its_witness(planted: Planted) -> None:
    posed = pose(planted.inequality)
    outcome = decide(posed, planted.witness.point(posed))
    assert outcome.relation == "above"
    assert max(planted.witness.sizes.values()) <= 4
    assert latex(planted.inequality.relation, planted.inequality.setting.language)


def test_they_are_many_and_different() -> None:
    assert len(PLANTED) >= 12
    assert len(set(NAMES)) == len(PLANTED) == len({str(planted.inequality) for planted in PLANTED})
    assert sum(planted.inequality.squared for planted in PLANTED) >= 5


# The same points by loops: both sides of each, entry by entry.


def alpha_bar(*points: Literal) -> Number:
    return max(abs(x) for point in points for row in point.alpha for x in row)


def sums(array: list) -> Number:
    return sum(sums(x) if isinstance(x, list) else x * x for x in array)


def column(array: list, t: int) -> list:
    return [row[t] for row in array]


def apart(one: list, other: list) -> list:
    return [apart(x, y) if isinstance(x, list) else x - y for x, y in zip(one, other, strict=True)]


Sides = Iterator[tuple[Number, Number]]


def columns_of_xs(x: Literal) -> Number:
    return sum(sum(row[p] for row in x.xs) ** 2 for p in range(x.d))


def by_heads(x: Literal, left: Callable[[int], Number], right: Number) -> Sides:
    yield from ((left(a), right) for a in range(x.H))


def scores_apart(x: Literal, y: Literal, a: int, t: int) -> Number:
    def score(point: Literal, n: int) -> Number:
        return sum(x.V[u][n] * point.Q[a][u][v] * x.V[v][t] for u in range(x.d) for v in range(x.d))

    return max(abs(score(x, n) - score(y, n)) for n in range(x.N))


def softmax(x: Literal, y: Literal) -> Sides:
    for a in range(x.H):
        for t in range(x.K):
            one_norm = sum(abs(p) for p in apart(column(x.s[a], t), column(y.s[a], t)))
            yield one_norm, REAL.mpf(99) / 100 * scores_apart(x, y, a, t)


def drift(x: Literal, y: Literal) -> Sides:
    for a in range(x.H):
        for t in range(x.K):
            moved = sums(apart(column(x.b[a], t), column(y.b[a], t)))
            yield moved, REAL.mpf(49) / 100 * x.nZbar**2 * sums(apart(x.Q[a], y.Q[a]))


def residual_drift(x: Literal, y: Literal) -> Sides:
    far, bar = REAL.sqrt(sums(apart(x.Q, y.Q))), alpha_bar(x, y)
    for t in range(x.K):
        near = REAL.sqrt(sums(apart(column(x.alpha, t), column(y.alpha, t))))
        right = x.H * x.gamma**2 * (REAL.mpf(7) / 10 * bar * far + near) ** 2
        yield sums(apart(column(x.delta, t), column(y.delta, t))), right


def tokens(x: Literal, left: Callable[[int], Number], right: Callable[[int], Number]) -> Sides:
    yield from ((left(t), right(t)) for t in range(x.K))


def inner(x: Literal) -> Number:
    return sum(p * q for p, q in zip(x.xi, x.y, strict=False))


def labels(x: Literal) -> Number:
    return sum(q * q for q in x.y[: x.N])


def part(over: int, under: int) -> Number:
    return REAL.mpf(over) / under


BY_LOOPS: dict[str, Callable[[Literal, Literal], Sides]] = {
    "softmax": softmax,
    "cauchy-schwarz": lambda x, y: iter([(inner(x) ** 2, part(9, 10) * sums(x.xi) * labels(x))]),
    "signed": lambda x, y: iter([(2 * inner(x), sums(x.xi) + part(49, 50) * labels(x))]),
    "lemma-3": lambda x, y: iter([(columns_of_xs(x), sums(x.xs))]),
    "lemma-3-two": lambda x, y: iter([(columns_of_xs(x), 2 * sums(x.xs))]),
    "lemma-3-four": lambda x, y: iter([(columns_of_xs(x), part(19, 5) * sums(x.xs))]),
    "frobenius": lambda x, y: iter([(sums(x.Zbar), x.nZbar**2)]),
    "mean-column": lambda x, y: ((sums(column(x.Zbar, n)), sums(x.Zbar) / x.N) for n in range(x.N)),
    "heads": lambda x, y: tokens(x, lambda t: sums(column(x.delta, t)), lambda t: (x.gamma * alpha_bar(x) + x.nA) ** 2),
    "cross-term": lambda x, y: tokens(
        x,
        lambda t: sums(apart(column(x.delta, t), column(y.delta, t))),
        lambda t: sums(column(x.delta, t)) + sums(column(y.delta, t)),
    ),
    "lemma-7": lambda x, y: by_heads(
        x, lambda a: sums(x.gQ[a]), part(199, 100) * x.gamma**2 * alpha_bar(x) ** 2 * x.fmax**2 * x.gap
    ),
    "large-alpha": lambda x, y: by_heads(x, lambda a: sums(x.gQ[a]), 100 * x.gamma**2 * alpha_bar(x) * x.fmax**2 * x.gap),
    "large-gamma": lambda x, y: by_heads(x, lambda a: sums(x.ga[a]), 2000 * x.gamma * x.nZbar**2 * x.gap / x.K),
    "small-tau": lambda x, y: tokens(x, lambda t: sums(column(x.A, t)), lambda t: 1000 * (1 + sums(column(x.Z, t)))),
    "polyak": lambda x, y: iter([(part(1001, 1000) * 2 * min(x.lmin) * x.gamma**2 / x.K * x.gap, sums(x.ga))]),
    "drift": drift,
    "residual-drift": residual_drift,
    "window": lambda x, y: iter(
        [(2000 * x.gamma * alpha_bar(x), part(999, 1000) * (x.gamma**2 + 10**6 * alpha_bar(x) ** 2))]
    ),
    "saturated": lambda x, y: ((sums(column(x.s[a], t)), part(99, 100)) for a in range(x.H) for t in range(x.K)),
    "corner": lambda x, y: by_heads(x, lambda a: sums(x.alpha[a]), (x.K - part(1, 100)) * alpha_bar(x) ** 2),
}  # fmt: skip


def entries(planted: Planted, point: ExactPoint) -> list[tuple[Number, Number]]:
    """Both sides by loops, at every free index."""
    given = {name: point.parameter(name) for name in pose(planted.inequality).parameters}
    x, y = (Literal(point.sizes, given, second) for second in ("", "2"))
    return list(BY_LOOPS[planted.name](x, y))


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
def test_another_program_says_the_same(planted: Planted) -> None:
    posed = pose(planted.inequality)
    point = planted.witness.point(posed)
    outcome, found = decide(posed, point), entries(planted, point)
    assert any(left > right for left, right in found)
    left, right = max(found, key=lambda sides: sides[0] / sides[1])
    for mine, theirs in ((left, outcome.lhs), (right, outcome.rhs)):
        other = (
            REAL.mpf(theirs.mid().str(40, radius=False))
            if hasattr(theirs, "mid")
            else REAL.mpf(int(theirs.p)) / int(theirs.q)
        )
        assert abs(mine - other) <= REAL.mpf(10) ** -15 * (abs(mine) + abs(other))


# The rate.


@pytest.mark.whole
def test_the_rate_that_is_quoted_is_reached_and_every_find_is_a_witness() -> None:
    """What `full` finds besides is measured where ICL_PLANTED is set. Which ones are found is nobody's promise: climbs
    differ in the last bits from processor to processor."""
    found, left = 0, []
    for planted, seed in product(PLANTED, SEEDS):
        above = search(planted.inequality, BUDGETS["fast"], seed).above
        if above is None:
            left.append((planted.name, seed))
            continue
        assert any(lhs > rhs for lhs, rhs in entries(planted, above[0])), planted.name
        found += 1
    measured = {"fast": found}
    if os.environ.get("ICL_PLANTED"):
        measured["full"] = found + len(left) - len(missed("full", left))
    for tier, count in measured.items():
        quoted = rates()[tier]["at least"]
        assert quoted <= count < quoted + 10, (
            "regenerate with: python -m verify.theories.yang2024.planted > verify/theories/yang2024/planted.json"
        )
    never = [name for name in NAMES if all((name, seed) in left for seed in SEEDS)]
    assert len(never) <= len(PLANTED) - 10


@pytest.mark.whole
def test_the_rate_without_gradients_is_reached() -> None:
    """With one seed of three; the others may miss as many as are left."""
    left = missed("fast", [(name, 0) for name in NAMES], gradients=False)
    rate = rates()["fast"]
    assert 3 * len(left) <= rate["tried"] - rate["at least without gradients"]
    assert rate["at least without gradients"] >= 0.8 * rate["tried"]


def test_most_are_found() -> None:
    assert set(rates()) == set(BUDGETS)
    for rate in rates().values():
        assert (rate["planted"], rate["seeds"]) == (len(PLANTED), len(SEEDS))
        assert rate["tried"] == len(PLANTED) * len(SEEDS)
        assert rate["at least"] >= 0.85 * rate["tried"]


def test_a_search_that_looks_nowhere_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate measures the search, not the planting."""
    monkeypatch.setitem(BUDGETS, "fast", (Budget(1, 2, 0, 0, 0),))
    assert len(missed("fast", [(name, 0) for name in NAMES])) >= len(PLANTED) // 2
