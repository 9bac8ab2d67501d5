"""False variants of true claims through the claims' own checks: what is refuted, what is not told apart and why, and what fails the run."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from verify.cli import main
from verify.mutants.examine import true_claims
from verify.mutants.mutant import Mutant, Row
from verify.mutants.run import DEMANDED, LEAST, STRICT, Run
from verify.theories.shipped import theory
from verify.theories.yang2024.mutants import run

PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
# One of each kind: identities with and without axioms, attained and loose inequalities, constants, words.
SAMPLE = (
    "lemma-1", "lemma-3", "lemma-4", "eq-45", "lemma-5", "lemma-6", "eq-65", "eq-25", "eq-53", "lemma-9", "geometric-sum", "w3",
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Run:
    return run(seed=0, only=SAMPLE, workers=1)


@pytest.mark.slow
def test_the_sample_is_refuted_or_explained(found: Run) -> None:
    assert found.complaints == []
    assert found.count("refuted", "not told apart", "undecided") >= 60
    assert found.count("undecided") == 0
    assert all(not row.refuted for row in found.rows), "a true claim is refuted"
    rate = found.rate(STRICT)
    assert rate is not None
    assert rate >= DEMANDED


@pytest.mark.slow
def test_each_claim_has_enough_of_them(found: Run) -> None:
    assert all(row.count("refuted", "not told apart", "undecided") >= LEAST for row in found.rows)
    assert len({mutant.operator for mutant in found.mutants}) >= 5


@pytest.mark.slow
def test_what_is_refuted_is_refuted_by_a_check(found: Run) -> None:
    for mutant in found.mutants:
        if mutant.outcome == "refuted":
            assert mutant.by
            assert mutant.said


@pytest.mark.slow
def test_the_same_seed_gives_the_same_variants(found: Run) -> None:
    again = run(seed=0, only=("lemma-3", "eq-65"), workers=1)
    known = {(row.id, row.form): row for row in found.rows}
    assert [known[row.id, row.form] for row in again.rows] == list(again.rows)


def mutant(outcome: str, ratio: float | None = None) -> Mutant:
    return Mutant("factor", "identity", 1, "rhs", "2 → 3", outcome, "prove", "said", ratio)  # type: ignore[arg-type]


def of(*mutants: Mutant, refuted: str = "", whole: bool = False) -> Run:
    return Run(0, 6, whole, (Row("lemma-3", "printed", refuted, mutants, Counter()),))


def test_complaints() -> None:
    one = mutant("refuted")
    assert of(*[one] * 6).complaints == []
    assert "it is true, and refuted: at N = 1" in of(*[one] * 6, refuted="at N = 1").complaints[0]
    assert "4 false variants, 5 needed" in of(*[one] * 4).complaints[0]
    assert (
        "no check refutes this, and nothing explains why" in of(*[one] * 6, mutant("undecided")).complaints[0]
    )
    assert of(*[mutant("true")] * 3, *[one] * 5).complaints == []


def test_a_rate_that_is_too_low_fails_the_whole_run() -> None:
    slack = replace(mutant("not told apart"), ratio=0.5, closest=0.4)
    many = [mutant("refuted")] * 9 + [slack]
    assert of(*many).complaints == []
    (complaint,) = of(*many, whole=True).complaints
    assert complaint.startswith("90.0% of the variants")


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mutants.json"
    assert main(["mutants", "--only", "lemma-3", "--json", str(file)]) == 0
    assert "1 true claims, 0 of them refuted" in capsys.readouterr().out
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["complaints"] == []
    assert [claim["id"] for claim in data["claims"]] == ["lemma-3"]


def test_the_page_speaks_of_every_true_claim() -> None:
    _, _, table = PAGE.read_text(encoding="utf-8").partition("## Claims")
    named = set(re.findall(r"^\| ([\w-]+) \| (printed|repaired) \|", table, re.M))
    assert named == {claim.key for claim in true_claims(theory().claims)}
