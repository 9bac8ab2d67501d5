"""A finder that is broken proves nothing false: both checkers refuse what it then brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from chained import MOVES, statement

from benchmarks.finding import classical
from benchmarks.finding.sets import lemma
from benchmarks.finding.sought import Sought
from symbolic.bound import Certificate, Fact, Root, Weight
from symbolic.course import SoftmaxPair
from symbolic.double import double_check
from symbolic.find import bounds, gram, identity, inequality, library, linear, program, steps, table, triangle
from symbolic.find.centred import Centre
from symbolic.indexed import Expr, Index, Monomial, Tensor

FALSE = (
    "Jensen reversed",
    "Cauchy–Schwarz, halved",
    "parallelogram, once",
    "Young, too small",
    "a difference of squares",
    "three squares, twice",
    "means up to 4",
    "spectral norm, nearly",
)
Combination = Callable[[Sequence[Expr], Expr], dict[int, Fraction] | None]
IDENTITIES = {
    "push-through, twice": ("total(G[i, k] * X[k, j], k)", "2 * total(X[i, n] * H[n, j], n)"),
    "an inverse, wrong sign": (
        "total(X[i, j] * X[k, j] * G[k, h], j, k)", "delta(i, h) + tau * G[i, h]",
    ),
    "an inverse, without τ": ("total(X[i, j] * X[k, j] * G[k, h], j, k)", "delta(i, h) - G[i, h]"),
}  # fmt: skip


def false(name: str) -> Sought:
    return lemma(name, "<=", *classical.FALSE[name], classical.letters)


def less(lost: Monomial | None) -> Callable[[Expr], Expr]:
    return lambda expr: Expr({one: value for one, value in expr.terms.items() if one != lost})


def wrong_sign(columns: Sequence[Expr], target: Expr) -> dict[int, Fraction] | None:
    found = linear.combination(columns, target)
    return None if found is None else {place: -value for place, value in found.items()}


def rounded(columns: Sequence[Expr], target: Expr) -> dict[int, Fraction] | None:
    found = linear.combination(columns, target)
    return None if found is None else {place: value + Fraction(1, 997) for place, value in found.items()}


def broken(monkeypatch: pytest.MonkeyPatch, combination: Combination, lost: Monomial | None) -> None:
    """The finder does not see one monomial, and takes its coefficients from this; nothing of its own is checked."""
    seen = less(lost)

    def supported(target: Expr, columns: Sequence[Expr], signed: int) -> list[int] | None:
        shown = [seen(column) for column in columns]
        some = [place for place, column in enumerate(shown) if column]
        found = program.support(seen(target), [shown[place] for place in some], sum(p < signed for p in some))
        return None if found is None else [some[place] for place in found]

    def combined(columns: Sequence[Expr], target: Expr) -> dict[int, Fraction] | None:
        return combination([*map(seen, columns)], seen(target))

    monkeypatch.setattr(table, "support", supported)
    for module in (table, identity):
        monkeypatch.setattr(module, "combination", combined)
    monkeypatch.setattr(gram, "certificate", lambda *given: None)  # its own test is that of the Gram blocks
    monkeypatch.setattr(inequality, "check", lambda fact: None)


def refusals(
    statement: Sought, budget: inequality.Budget = inequality.BUDGETS["full"]
) -> list[tuple[bool, bool]]:
    """Whether each checker refuses what the finder brings; nothing where it brings nothing."""
    found: Any = statement.found(budget)
    if found is None:
        return []
    axes = statement.axes if isinstance(found, Fact) else None
    said = double_check(statement.lhs, statement.rhs, found, axes, registry=statement.setting.premises)
    return [(bool(said.kernel), bool(said.replayer))]


@pytest.mark.slow
@pytest.mark.sampled(3)
@pytest.mark.parametrize("place", range(3))
def test_a_lost_term_proves_nothing_false(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for name in FALSE:
        statement = false(name)
        terms = [monomial for monomial, _ in statement.gap.ordered]
        with monkeypatch.context() as patch:
            broken(patch, linear.combination, terms[place % len(terms)])
            said += refusals(statement)
    assert said
    assert set(said) == {(True, True)}


@pytest.mark.parametrize("combination", [wrong_sign, rounded])
def test_wrong_weights_prove_nothing(combination: Combination, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of true statements, of which a finder that is not broken finds proofs."""
    said = []
    for name in ("Cauchy–Schwarz", "triangle inequality", "Jensen for squares", "Young", "three squares"):
        statement = lemma(name, "<=", *classical.TRUE[name], classical.letters)
        with monkeypatch.context() as patch:
            broken(patch, combination, None)
            patch.setattr(table.Table, "certificate", unsigned)
            said += refusals(statement)
    assert len(said) == 5
    assert set(said) == {(True, True)}


def unsigned(made: table.Table, values: Mapping[int, Fraction]) -> Certificate:
    """As the finder does it, but weights may be negative."""
    weights, uses = [], []
    for place, value in values.items():
        if place < len(made.atoms):
            weights.append(replace(made.atoms[place][0], multiplier=made.atoms[place][0].multiplier * value))
        else:
            uses.append(identity.scaled(made.uses[place - len(made.atoms)], value))
    return Certificate(tuple(weights), tuple(uses))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("combination", [linear.combination, wrong_sign, rounded])
@pytest.mark.parametrize("name", IDENTITIES)
def test_wrong_cofactors_prove_nothing(
    name: str, combination: Combination, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = lemma(name, "=", *IDENTITIES[name], classical.matrices)
    (lost, _) = statement.gap.ordered[0]
    broken(monkeypatch, combination, lost)
    assert refusals(statement) == [(True, True)]


def test_a_distance_that_is_written_out_wrongly_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """x + y in the place of the letter for x − y, of a true statement."""

    def wrong(one: Centre, expr: Expr) -> Expr:
        return expr.replace(one.whole, lambda *refs: 2 * one.x[refs] - right(one, one.whole[refs]))

    right = Centre.written_out
    monkeypatch.setattr(Centre, "written_out", wrong)
    monkeypatch.setattr(inequality, "check", lambda fact: None)
    move = "the solution of ridge regression is the least"
    assert refusals(statement(move, MOVES[move][1])) == [(True, True)]


def test_a_bound_that_loses_terms_proves_nothing_false(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a false statement, without what is negative there."""

    def wrong(*given: Any) -> tuple[list[Weight], Expr]:
        weights, rest = bounds.in_place(*given)
        return weights, Expr({monomial: value for monomial, value in rest.terms.items() if value > 0})

    monkeypatch.setattr(inequality, "in_place", wrong)
    monkeypatch.setattr(inequality, "check", lambda fact: None)
    move = "norms of matrices, one after the other"
    budget = inequality.Budget((inequality.Round(needs=0, bounds=20),))
    assert refusals(statement(move, MOVES[move][2]), budget) == [(True, True)]


def test_a_number_that_is_not_the_least_proves_nothing_false(monkeypatch: pytest.MonkeyPatch) -> None:
    """A false statement by a rule whose premise is about four times the number that the rule is then said to bound."""

    def wrong(*given: Any) -> Iterator[steps.Step]:
        return (replace(step, target=enough(step.target)) for step in right(*given))

    def enough(target: Expr) -> Expr:
        return Expr({one: value * (1 if value < 0 else 4) for one, value in target.terms.items()})

    def forged(rule: Any, name: str, indices: tuple[Index, ...]) -> Fact:
        shown = rule.b - rule.a if isinstance(rule, Root) else rule.value - rule.parts()[0]
        return Fact(name, shown, indices, rule)

    right = steps.steps
    monkeypatch.setattr(inequality, "steps", wrong)
    monkeypatch.setattr(steps, "by", forged)
    monkeypatch.setattr(inequality, "check", lambda fact: None)
    move = "the least number that bounds every image"
    assert refusals(statement(move, MOVES[move][2])) == [(True, True)]


def test_a_softmax_that_is_moved_too_little_proves_nothing_false(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the bound of the scores, where half of it is what softmax may move by."""

    def wrong(pair: SoftmaxPair, w: Tensor, scores: Fact, upper: Expr) -> Fact:
        found = library.moved(pair, w, scores, upper)
        return replace(found, positive=found.positive - upper * Fraction(1, 4))

    monkeypatch.setattr(bounds, "moved", wrong)
    monkeypatch.setattr(inequality, "check", lambda fact: None)
    move = "softmax of bounded scores"
    budget = inequality.Budget((inequality.Round(needs=0, bounds=20),))
    assert refusals(statement(move, MOVES[move][2]), budget) == [(True, True)]


def test_a_triangle_without_its_crossed_terms_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a true statement, whose parts are added up as if they stood at right angles."""
    monkeypatch.setattr(triangle, "combinations", lambda *given: ())
    monkeypatch.setattr(inequality, "check", lambda fact: None)
    move = "a difference of products"
    budget = inequality.Budget((inequality.Round(needs=0, bounds=20),))
    assert refusals(statement(move, MOVES[move][1]), budget) == [(True, True)]
