"""False variants of statements over letters of one's own: what is changed, what is refused, and what a broken checker does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from own_lemmas import Lemma, stated

from symbolic.setting import Swaps
from verify import check
from verify.known import known
from verify.mutants.controls import Controls
from verify.mutants.edits import Edit, edits
from verify.mutants.reprove import multiple
from verify.mutants.swaps import swaps_of
from verify.pipeline.bench import Bench
from verify.points.evaluation import pose
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.record import Evidence
from verify.search.search import Finding, Search
from verify.statement import Claim, Inequality

PAIRS = "total(({0}[i] * {1}[k] - {0}[k] * {1}[i]) ** 2, i, k) / 2"
TRUE: dict[str, Lemma] = {
    "trace": ("=", "total(X[i, j] * Y[j, i], i, j)", "total(Y[j, i] * X[i, j], j, i)", {}),
    "binomial": ("=", "total((u[i] + v[i]) ** 2, i)", "total(u[i] ** 2 + 2 * u[i] * v[i] + v[i] ** 2, i)", {}),
    "parts": ("=", "total(x[t], t)", "total(x[a0], a0) + total(x[r], r)", {}),
    "weights": ("=", "total(s[i] * (u[i] + c), i)", "total(s[i] * u[i], i) + c", {}),
    "columns": ("=", "total(W[i, j] ** 2, i, j)", "q.size", {}),
    "symmetry": ("=", "total(P[i, k] * u[i] * v[k], i, k)", "total(P[k, i] * u[i] * v[k], i, k)", {}),
    "Cauchy": (
        "<=", "total(u[i] * v[i], i) ** 2", "total(u[i] ** 2, i) * total(v[i] ** 2, i)", {"proof": PAIRS.format("u", "v")},
    ),
    "Jensen": (
        "<=", "total(s[i] * u[i], i) ** 2", "total(s[i] * u[i] ** 2, i)",
        {"proof": "total(s[i] * s[k] * (u[i] - u[k]) ** 2, i, k) / 2"},
    ),
    "power means": ("<=", "total(u[i], i) ** 2", "p.size * total(u[i] ** 2, i)", {}),
    "two means": ("<=", "2 * c * d", "c ** 2 + d ** 2", {"proof": "(c - d) ** 2"}),
    "nonnegative": ("<=", "total(a[i] ** 2, i)", "total(a[i], i) ** 2", {}),
    "condition": ("<=", "3 * c", "3 * d", {"when": "[c <= d]"}),
}  # fmt: skip


def control(claim: Claim, seed: int = 0) -> Evidence:
    (found,) = Controls((claim,))(claim, Bench(seed))
    return found


def evidence(name: str, row: Lemma) -> Evidence:
    return control(stated(name, row)[1])


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", TRUE)
def test_false_variants_of_true_statements_are_refuted(name: str) -> None:
    found = evidence(name, TRUE[name])
    assert found.figures["false variants"] == 4
    assert found.figures["refuted"] == 4
    assert found.statement.startswith(
        "Negative control: 4 false variants of the statement went through the same checks, 4 refuted and none proved."
    )
    assert (found.verdict, found.strength, found.refutation) == ("not applicable", None, None)
    assert not found.supports


def changes(row: Lemma) -> list[Edit]:
    _, claim = stated("changed", row)
    return edits(claim.statements[0])


def test_letters_give_way_to_letters_of_the_same_slots() -> None:
    swapped = {edit.change for edit in changes(TRUE["trace"]) if edit.operator == "swapped letter"}
    assert {change.split(" → ")[1] for change in swapped} == {
        "W[i, j]"
    }  # nothing else has the slots of X; of Y nothing has
    of_u = {
        edit.change.split(" → ")[1]
        for edit in changes(TRUE["binomial"])
        if edit.operator == "swapped letter" and edit.change.startswith("u[i] →")
    }
    assert of_u == {"v[i]", "s[i]", "a[i]", "b[i]"}


def test_scalars_give_way_to_scalars_and_to_their_squares() -> None:
    found = {(edit.operator, edit.change) for edit in changes(TRUE["two means"])}
    assert {("swapped letter", "c → d"), ("swapped letter", "d → c"), ("exponent", "c → c**2")} <= found


def test_sizes_give_way_to_sizes() -> None:
    found = {edit.change for edit in changes(TRUE["columns"]) if edit.operator == "swapped size"}
    assert {"q → p", "q → tokens", "q → prompt"} <= found


def test_a_part_gives_way_to_the_other_part_and_to_the_whole() -> None:
    found = {(edit.operator, edit.change) for edit in changes(TRUE["parts"])}
    part, rest, whole = (
        "Sum(x[a0], (a0, 1, prompt))",
        "Sum(x[a0], (a0, prompt + 1, tokens))",
        "Sum(x[a0], (a0, 1, tokens))",
    )
    assert {("swapped case", f"{part} → {rest}"), ("swapped size", f"{part} → {whole}")} <= found
    assert ("swapped size", "Sum(x[t], (t, 1, tokens)) → Sum(x[t], (t, 1, prompt))") in found


def test_a_free_index_over_a_part_is_taken_over_the_other_part() -> None:
    found = [edit for edit in changes(("<=", "x[r] ** 2", "2 * x[r] ** 2", {})) if edit.side == "dims"]
    assert [edit.change for edit in found] == ["r in rest → prompt"]


def test_free_indices_are_exchanged() -> None:
    found = {
        edit.change for edit in changes(("=", "u[i] * v[k]", "v[k] * u[i]", {})) if edit.operator == "index"
    }
    assert {"u[i] → u[k]", "v[k] → v[i]"} <= found


def test_conditions_are_left_out_and_weakened() -> None:
    found = [edit for edit in changes(TRUE["condition"]) if edit.operator == "hypothesis"]
    kept: list[Any] = [edit.statement.domain.when for edit in found if isinstance(edit.statement, Inequality)]
    assert kept[0] == ()
    assert {len(when) for when in kept[1:]} == {1}
    c, d = sp.symbols("c d", positive=True)
    assert ((c / 100, d),) in kept


def test_a_setting_may_say_what_is_taken_for_what() -> None:
    _, claim = stated("own swaps", TRUE["binomial"])
    (statement,) = claim.statements
    swaps = Swaps({}, {"u": ("v",)}, {}, (sp.Integer(7),), (sp.Integer(1),))
    other = replace(statement, setting=replace(statement.setting, swaps=swaps))
    assert swaps_of(other.setting) is swaps
    found = [edit.change for edit in edits(other) if edit.operator == "swapped letter"]
    assert set(found) == {"u[i] → v[i]"}
    assert any(str(edit.statement.rhs).startswith("7*") for edit in edits(other) if edit.operator == "factor")


def test_a_positive_multiple_is_no_false_variant() -> None:
    _, claim = stated("form", ("<=", "0", "total(u[i] * P[i, k] * u[k], i, k)", {}))
    (statement,) = claim.inequalities()
    found = {
        edit.change: edit.statement
        for edit in edits(statement)
        if edit.operator in ("factor", "sign", "constant")
    }
    same = [
        change
        for change, other in found.items()
        if isinstance(other, Inequality) and multiple(other, statement)
    ]
    assert len(same) >= 12
    assert not any("→ -" in change or change.startswith("0 →") for change in same)


def test_a_variant_that_is_not_told_apart_is_named_with_its_ratio() -> None:
    found = evidence("loose", ("<=", "total(u[i], i) ** 2", "1000 * p.size ** 2 * total(u[i] ** 2, i)", {}))
    assert found.figures["not told apart"] >= 1
    assert "Not refuted, and explained by slack: " in found.statement
    assert ", with left/right at most 0." in found.statement
    assert "0.001 for the statement itself" in found.statement


def test_the_same_seed_gives_the_same_variants_and_another_one_gives_others() -> None:
    _, claim = stated("binomial", TRUE["binomial"])
    one, other, seeded = (control(claim, seed).steps for seed in (0, 0, 1))
    assert one == other
    assert one != seeded


# Broken checkers


def accepting(self: object, claim: Claim, bench: object) -> Iterator[Evidence]:
    yield Evidence(check="prove", **known("general", "holds", "proved"), statement="accepted without a look")


def test_a_prover_of_inequalities_that_accepts_everything_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProveBound, "__call__", accepting)
    found = evidence("Cauchy", TRUE["Cauchy"])
    assert found.figures["contradiction"] == 4
    assert "4 refuted and 4 proved. Refuted by one check and proved by another one: " in found.statement


def test_a_prover_of_identities_that_accepts_everything_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Decide, "__call__", accepting)
    found = evidence("binomial", TRUE["binomial"])
    assert found.figures["false variants"] == 0
    assert found.statement.startswith(
        "Negative control: no variant of the statement says more than it and is not proved."
    )


def test_a_search_that_never_finds_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(inequality: Inequality, *at: object) -> Finding:
        return Finding(pose(inequality), 0.0, None, 1, 1, 1, 0, 0)

    _, claim = stated("power means", TRUE["power means"])
    searched = replace(claim, checks=(ProveBound(), Search()))
    assert control(searched).figures["refuted"] == 4
    monkeypatch.setattr("verify.search.search.search", nothing)
    found = control(searched)
    assert "refuted" not in found.figures
    assert found.figures["undecided"] >= 3
    assert "0 refuted and none proved." in found.statement
    assert "False, and missed by the checks: " in found.statement


# Rows of a record


def test_a_mutant_never_changes_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever became of the false variants, the row is judged by the other evidence; a statement that fails has none."""
    S, claim = stated("two means", TRUE["two means"])
    S.inequality("false", 1, 0, expected="fails")
    loose = evidence("loose", ("<=", "total(u[i], i) ** 2", "1000 * p.size ** 2 * total(u[i] ** 2, i)", {}))
    assert loose.figures["not told apart"]
    for said in (control(claim), loose):
        monkeypatch.setattr(Controls, "__call__", lambda *at, said=said: iter((said,)))
        record = check(S)
        holds, fails = record.claims
        assert (holds.verdict, holds.strength, fails.verdict) == ("holds", "proved", "fails")
        assert holds.evidence[-1].model_copy(update={"seconds": 0.0}) == said.model_copy(update={"seed": 0})
        assert "mutants" not in [one.check for one in fails.evidence]
        assert record.exit_code == 0
