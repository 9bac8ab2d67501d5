"""Axioms about scalars and norms: roots of what they say, those that bring in no other letters, and lemmas about norms of parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from benchmarks.finding.sought import Sought
from symbolic.bound import Fact
from symbolic.dimension import Dimension
from symbolic.double import double_check
from symbolic.find import inequality
from symbolic.find.cauchy import legs
from symbolic.find.pool import lemmas
from symbolic.find.relations import among
from symbolic.indexed import Expr, Index, Tensor, scalar
from symbolic.proof import Axiom
from verify import Setting

r, g, t, e, c, n = map(scalar, "rgtecn")
P = Dimension("P")
k, j = Index("k", P), Index("j", P)
y, d, a = Tensor("y", (P,)), Tensor("d", (P,), nonneg=True), Tensor("a", (P, P))
SERIES = (Axiom("r² = 1 − e", r**2, 1 - e, ()), Axiom("(1 − r)g = 1 − t", g - r * g, 1 - t, ()))
WHOLE = Axiom("n² = Σ d²", n**2, (d[k] ** 2).sum(k), ())
PARTS = Axiom("d_k² = Σ a_kj²", d[k] ** 2, (a[k, j] ** 2).sum(j), (k,))
FAR = Axiom("definition of a", a[k, j], y[k] * y[j], (k, j))
ROUND = inequality.Budget((inequality.Round(needs=160),))
BOUND = Fact("a bound of parts", c**2 * d[k] ** 2 - y[k] ** 2, (k,))


def series(most: Expr) -> Sought:
    """The sum g of powers of r is at most so much, where e = 1 − r²."""
    S = Setting("sums")
    S.scalars("r g t e")
    return Sought("a geometric sum", "<=", g, most, (), S.built.setting(()), SERIES)


def found(target: Expr, pool: tuple[Fact, ...]) -> Fact | None:
    positive = frozenset("cn")
    return inequality.fact("parts", target, (), (WHOLE,), (), positive, inequality.QUICK, pool)


def test_a_geometric_sum_is_bounded_by_a_root() -> None:
    """By 2/e, and not by 1/e: the sum is (1 + r)(1 − t)/e."""
    true = series(2 * scalar("e", -1))
    shown = true.found(ROUND)
    assert shown is not None
    assert true.accepted(shown)
    assert series(scalar("e", -1)).found(ROUND) is None


@pytest.mark.parametrize(
    ("rhs", "said"),
    [(1 - e, {1 - r}), (c**2 + e, {r - c}), (c**2 - e + t, set()), (c**2, set())],
)
def test_an_axiom_says_which_root_is_the_greater(rhs: Expr, said: set[Expr]) -> None:
    assert {fact.positive for fact in legs([Axiom("r²", r**2, rhs, ())])} == said


def test_axioms_that_bring_in_no_other_letters() -> None:
    every = [WHOLE, PARTS, FAR]
    assert among(every, frozenset(("n", a))) == [WHOLE, PARTS]
    assert among(every, frozenset((a, y))) == [FAR]


def test_a_lemma_may_have_the_norms_of_parts() -> None:
    target = c**2 * n**2 - (y[k] ** 2).sum(k)
    assert lemmas([BOUND], target, [WHOLE]) == [BOUND]
    assert lemmas([BOUND], target, []) == []
    assert found(target, (BOUND,)) is not None
    assert found(target, ()) is None  # and half of the bound is too little
    assert found(c**2 * n**2 - 2 * (y[k] ** 2).sum(k), (BOUND,)) is None


def test_a_root_that_is_too_small_proves_nothing_false(monkeypatch: pytest.MonkeyPatch) -> None:
    """½ ≥ r in the place of 1 ≥ r: by that the sum would be at most 3/(2e)."""

    def forged(axioms: Sequence[Axiom]) -> Iterator[Fact]:
        return (replace(fact, positive=fact.positive - Fraction(1, 2)) for fact in legs(axioms))

    monkeypatch.setattr(inequality, "legs", forged)
    monkeypatch.setattr(inequality, "check", lambda fact: None)
    false = series(Fraction(3, 2) * scalar("e", -1))
    brought = false.found(ROUND)
    assert brought is not None
    said = double_check(false.lhs, false.rhs, brought, false.axes, registry=false.registry)
    assert said.kernel
    assert said.replayer
