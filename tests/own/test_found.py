"""Proofs are found from the bare statement, and both checkers accept them; nothing is found for false neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sympy as sp

from benchmarks.finding import classical
from benchmarks.finding.__main__ import RECORD
from benchmarks.finding.sets import lemma
from symbolic.bound import BoundError, Fact, Weight
from symbolic.check import check as check_fact
from symbolic.find import inequality, table
from symbolic.indexed import Expr
from symbolic.proof import Proof
from verify import check, total
from verify.own.theory import theory
from verify.pipeline.bench import Bench
from verify.prove.inequality import ProveBound
from verify.statement import Claim

NOT_FOUND = json.loads(RECORD.read_text(encoding="utf-8"))["sets"]["classical"]["not found"]


def claim(name: str, sides: tuple[str, str]) -> Claim:
    S, names = classical.letters()
    lhs, rhs = (sp.sympify(eval(side, {**names, "Rational": sp.Rational})) for side in sides)
    S.inequality(name, lhs, rhs)
    (found,) = theory(S).claims
    return found


def sought(name: str, sides: tuple[str, str]) -> Fact | None:
    """What the cheap rounds of the finder say of the statement alone, without a look at exact points; the bench has all rounds."""
    found = lemma(name, "<=", *sides, classical.letters).found(inequality.QUICK)
    assert not isinstance(found, Proof)
    return found


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", classical.TRUE)
def test_a_proof_is_found_and_both_checkers_accept_it(name: str) -> None:
    (found,) = ProveBound()(claim(name, classical.TRUE[name]), Bench())
    assert (found.verdict, found.strength) == ("holds", "proved"), found.statement


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", [name for name in classical.MATRICES if name not in NOT_FOUND])
def test_a_proof_is_found_of_what_the_record_of_the_bench_says_is_found(name: str) -> None:
    statement = lemma(name, *classical.MATRICES[name], classical.matrices)
    found = statement.found(inequality.BUDGETS["fast"])
    assert found is not None
    assert statement.accepted(found)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", classical.FALSE)
def test_nothing_is_found_for_a_false_neighbour(name: str) -> None:
    assert sought(name, classical.FALSE[name]) is None


def test_the_same_proof_each_time() -> None:
    first, second = (claim("means", classical.TRUE["means"]) for _ in "12")
    said = [next(iter(ProveBound()(one, Bench()))).steps for one in (first, second)]
    assert said[0] == said[1]
    assert said[0][1] == "term 1 of right − left: sum over x1, x2 of (1/2) · (u[x1] - u[x2])²"


@pytest.mark.usefixtures("verdicts_alone")
def test_a_row_says_that_nothing_was_found() -> None:
    S, names = classical.matrices()
    P, R, i, k = (names[name] for name in "PRik")
    S.inequality("trace of a product", 0, total(P[i, k] * R[k, i], i, k))
    record = check(S)
    (row,) = record.claims
    said = next(one.statement for one in row.evidence if one.check == "prove")
    assert (row.verdict, said.startswith("Not proved: no proof is found, which says nothing against the statement")) == (
        "not refuted", True,
    )  # fmt: skip


def wrong_sign(weight: Weight) -> Expr:
    return -1 * weight.value()


def lost_square(weight: Weight) -> Expr:
    return Expr(dict(weight.value().ordered[:-1]))


def wrong_number(weight: Weight) -> Expr:
    return Expr(
        {monomial: value * (2 if value < 0 else 1) for monomial, value in weight.value().terms.items()}
    )


@pytest.mark.parametrize("broken", [wrong_sign, lost_square, wrong_number])
def test_a_broken_finder_proves_nothing_false(
    broken: Callable[[Weight], Expr], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finder that adds up other values than the kernel finds weights that the kernel refuses."""

    def valued(weights: object) -> object:
        for weight in weights:  # type: ignore[attr-defined]
            value = broken(weight)
            if value:
                yield weight, value

    refused = 0

    def checked(fact: Fact) -> None:
        nonlocal refused
        try:
            check_fact(fact)
        except BoundError:
            refused += 1
            raise

    monkeypatch.setattr(table, "valued", valued)
    monkeypatch.setattr(inequality, "check", checked)
    for name in (
        "Jensen reversed",
        "Cauchy–Schwarz, halved",
        "parallelogram, once",
        "Young, too small",
        "a difference of squares",
    ):
        assert sought(name, classical.FALSE[name]) is None, name
    assert refused


def test_the_proof_of_a_false_statement_is_said_not_to_be_found() -> None:
    target = claim("means up to 4", classical.FALSE["means up to 4"]).inequalities()[0]
    with pytest.raises(BoundError, match="no proof is found"):
        target.proof()  # type: ignore[misc]
