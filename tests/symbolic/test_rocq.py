"""Files for Rocq: what they state, what they take, and that Rocq refuses what is tampered with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from symbolic.rocq.expressions import Unexported
from symbolic.rocq.files import Exported, exported, library
from symbolic.rocq.theorem import RULES, Theorem
from symbolic.second import Registry, replay
from verify.prove.kernel import MISSING, refusal

FILE = Path(__file__).parents[2] / "verify/theories/yang2024/proofs.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
REGISTRY = Registry(json.loads(FILE.with_name("premises.json").read_text(encoding="utf-8")))
NEEDS_ROCQ = pytest.mark.skipif(shutil.which("coqc") is None, reason=MISSING)


def document(*names: str) -> dict[str, Any]:
    """The document with the proofs of these names alone."""
    return DOCUMENT | {"proofs": [row for row in DOCUMENT["proofs"] if row["name"] in names]}


def one(name: str) -> Exported:
    (found,) = exported(document(name), "a paper")
    return found


def test_writes_the_same_text_twice() -> None:
    assert one("lemma-8 printed 2") == one("lemma-8 printed 2")


def test_states_the_claim_over_big_operators() -> None:
    text = one("eq-8 printed 1").text
    assert "\\sum_(0 <= d1 < d) \\sum_(0 <= d2 < d) Q h' d1 d2 * V d1 j * V d2 k" in text
    assert "Admitted" not in text
    assert "Axiom" not in text


def test_has_no_file_where_a_premise_is_the_conclusion() -> None:
    rows = [
        row for row in DOCUMENT["proofs"] if "fact" in row and DOCUMENT["facts"][row["fact"]]["by"] in RULES
    ]
    assert rows
    for row in rows:
        with pytest.raises(Unexported, match="its premise is its conclusion"):
            Theorem(DOCUMENT, row)


def test_takes_the_premises_that_the_second_checker_lists() -> None:
    rows = [row for row in DOCUMENT["proofs"] if "uses" in row][::6]
    names = [row["name"] for row in rows]
    second = {found.name: found for found in replay(document(*names), registry=REGISTRY)}
    compared = 0
    for row in rows:
        try:
            found = Theorem(DOCUMENT, row)
        except Unexported:
            continue
        taken = {(premise.kind, premise.name) for premise in found.premises.values()}
        assert taken == {(premise.kind, premise.name) for premise in second[row["name"]].rests.values()}
        compared += 1
    assert compared >= 8


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled library."""
    folder = tmp_path_factory.mktemp("rocq")
    for name, text in library().items():
        (folder / name).write_text(text, encoding="utf-8")
        assert refusal(folder, name) == ""
    return folder


def answer(folder: Path, file: str, text: str) -> str:
    (folder / file).write_text(text, encoding="utf-8")
    return refusal(folder, file)


@pytest.mark.slow
@NEEDS_ROCQ
@pytest.mark.parametrize("name", ["eq-8 printed 1", "eq-23 printed 4", "lemma-9 printed 2"])
def test_rocq_accepts_what_is_true(compiled: Path, name: str) -> None:
    found = one(name)
    assert answer(compiled, found.file, found.text) == ""


@pytest.mark.slow
@NEEDS_ROCQ
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n  = \\sum", "\n  = 2%:R * \\sum"),  # a coefficient
        ("\n  = \\sum", "\n  = - \\sum"),  # a sign
        ("V d1 j * V d2 k.", "V d1 k * V d2 j."),  # indices for one another
        ("forall k, (0 <= k < N)%N ->", "forall k, (0 <= k < K)%N ->"),  # the type of an index
    ],
)
def test_rocq_refuses_what_is_tampered_with(compiled: Path, old: str, new: str) -> None:
    text = one("eq-8 printed 1").text
    assert old in text
    assert answer(compiled, "tampered.v", text.replace(old, new, 1)) != ""


@pytest.mark.slow
@NEEDS_ROCQ
def test_rocq_refuses_a_dropped_axiom_and_an_assumed_conclusion(compiled: Path) -> None:
    text = one("eq-23 printed 4").text
    dropped = "\n".join(line for line in text.splitlines() if not line.startswith("Hypothesis premise_1"))
    assert dropped != text
    assert answer(compiled, "dropped.v", dropped) != ""
    start = text.index("Proof.", text.index("Theorem claim"))
    admitted = text[:start] + "Admitted.\nEnd Claim.\nPrint Assumptions claim.\n"
    assert "rests on axioms" in answer(compiled, "admitted.v", admitted)
