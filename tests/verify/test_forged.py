"""Files of proofs that say something false, in every table that they have: the second checker refuses them by the registry alone.

Each forgery changes the committed file in one place so that a false statement would follow, or so that more is taken than is said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import verify.prove.archive
import verify.theories.yang2024
from symbolic.second import Registry, replay
from symbolic.second.__main__ import main as alone
from verify.cli import main
from verify.theories.yang2024.theory import THEORY

FILE = Path(verify.theories.yang2024.__file__).with_name("proofs.json")
PREMISES = FILE.with_name("premises.json")
Data = dict[str, Any]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(json.loads(PREMISES.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def committed() -> Data:
    found: Data = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def number(data: Data, name: str, **asked: object) -> int:
    """The first fact of this name."""
    return next(
        place
        for place, row in enumerate(data["facts"])
        if row["name"] == name and all(row.get(key) == value for key, value in asked.items())
    )


def only(data: Data, claim: str) -> Data:
    """The file with the first proof of one claim alone, and the facts up to the one that it needs."""
    kept = deepcopy(data)
    kept["proofs"] = [row for row in kept["proofs"] if row["name"].startswith(f"{claim} ")][:1]
    last = kept["proofs"][0].get("fact", -1)
    kept["facts"] = kept["facts"][: last + 1]
    return kept


def one_is_zero(data: Data, name: str) -> None:
    """1 = 0 by an axiom of this name."""
    data["axioms"][name] = {"indices": [], "lhs": [["1", {}, [], []]], "rhs": [], "when": "always"}
    use = {"axiom": name, "cofactor": [["1", {}, [], []]], "at": [], "bind": []}
    data["proofs"] = [
        {"name": "forged", "relation": "=", "lhs": [["1", {}, [], []]], "rhs": [], "uses": [use]}
    ]


def minus_one(data: Data, name: str, **more: object) -> None:
    """1 ≤ 0 by a hypothesis of this name."""
    row = {
        "name": name,
        "indices": [],
        "positive": [["-1", {}, [], []]],
        "by": "hypothesis",
        "any": [],
        "when": "",
    }
    data["facts"] = [row | more]
    data["proofs"] = [
        {"name": "forged", "relation": "<=", "lhs": [["1", {}, [], []]], "rhs": [], "fact": 0, "axes": []}
    ]


def divides(data: Data, name: str) -> None:
    """x = x/s · s, for a scalar that may be zero."""
    data["proofs"] = [
        {
            "name": "forged",
            "relation": "=",
            "lhs": [["1", {name: "-1"}, [], []]],
            "rhs": [["1", {name: "-1"}, [], []]],
            "uses": [],
        }
    ]


def nonnegative(data: Data) -> None:
    data["tensors"]["xi"]["nonneg"] = True


def still(data: Data) -> None:
    """Attention that does not depend on Q: its derivative would vanish."""
    data["functions"]["s"] = {"of": []}


def unmoved(data: Data) -> None:
    """A course along which Q does not move, so that what depends on it would be constant."""
    (course,) = (row for row in data["declarations"].values() if row["is"] == "course")
    course["pairs"] = [pair for pair in course["pairs"] if pair[0] != "Q"]


def other_gradient(data: Data) -> None:
    (gradient,) = (row for row in data["declarations"].values() if row["is"] == "gradient")
    gradient["parts"][0][2:] = gradient["parts"][0][3:1:-1]


def always(data: Data) -> None:
    """w^(0) = 0 at every point, not at the start alone."""
    data["facts"][number(data, "w^(0) = 0")]["when"] = "always"


def smallest(data: Data) -> None:
    """0 as the least number that bounds ‖α^(0)‖ from above: a hypothesis that says more than the theory does."""
    data["facts"] = [
        row | ({"extreme": "nah2"} if row["name"] == "w^(0) = 0" else {}) for row in data["facts"]
    ]


def silent(data: Data) -> None:
    data["proofs"][0]["supposes"] = []


def louder(data: Data) -> None:
    data["proofs"][0]["supposes"] = ["(15)"]


STRANGE = "not a premise of the theory: "
A2 = "A2: (C_kC_kᵀ)(C_kC_kᵀ)⁻¹ = I"
FORGED: dict[str, tuple[str, Callable[[Data], None], str]] = {
    "an axiom of a good name": ("lemma-4", lambda d: one_is_zero(d, A2), STRANGE + "axiom: 1 = 0"),
    "an axiom of a new name": ("lemma-4", lambda d: one_is_zero(d, "as is well known"), STRANGE + "axiom: 1 = 0"),
    "a hypothesis of a good name": ("lemma-3", lambda d: minus_one(d, "(15)"), STRANGE + "hypothesis: -1 >= 0"),
    "a hypothesis at the start": ("lemma-3", lambda d: minus_one(d, "(14)", when="start"), STRANGE + "hypothesis at"),
    "a hypothesis at no point": ("lemma-3", lambda d: minus_one(d, "(15)", when="sometimes"), "taken at no points (sometimes)"),
    "a declared step": ("lemma-3", lambda d: minus_one(d, "by analysis", by="declared", premises=[]), "declared is no rule"),
    "a division by a norm": ("lemma-3", lambda d: divides(d, "nZbar"), "it divides by nZbar, which may be zero"),
    "a division by a gap": ("lemma-3", lambda d: divides(d, "gap"), "it divides by gap, which may be zero"),
    "a letter that may be negative": ("lemma-2", nonnegative, "xi: the theory says something else of this"),
    "attention that does not move": ("eq-82", still, "s: the theory says something else of this"),
    "a course without Q": ("eq-63", unmoved, "Q does not move"),
    "the gradients exchanged": ("eq-63", other_gradient, "alpha does not move"),
    "a start that is everywhere": ("eq-43-base", always, STRANGE),
    "another extreme number": ("eq-43-base", smallest, STRANGE),
    "conditions that are not said": ("eq-43-base", silent, "it supposes "),
    "conditions that are not taken": ("lemma-3", louder, "it supposes nothing"),
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("claim", "forge", "reason"), FORGED.values(), ids=FORGED)
def test_a_forged_file_is_refused(
    claim: str, forge: Callable[[Data], None], reason: str, committed: Data, registry: Registry
) -> None:
    data = only(committed, claim)
    forge(data)
    (found,) = replay(data, registry=registry)
    assert found.reason
    assert reason in found.reason
    assert "\n" not in found.reason


def test_the_files_are_accepted_before_they_are_forged(committed: Data, registry: Registry) -> None:
    for claim in {claim for claim, _, _ in FORGED.values()}:
        (sound,) = replay(only(committed, claim), registry=registry)
        assert not sound.reason


def test_both_ways_to_ask_agree(
    committed: Data, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m symbolic.second FILE PREMISES`, and `icl-verify proofs --check FILE`."""
    monkeypatch.setattr(verify.prove.archive, "written", lambda _: FILE.read_text(encoding="utf-8"))
    data = only(committed, "lemma-4")
    minus_one(data, "(15)")
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert alone([str(file), str(PREMISES)]) == 1
    by_itself = capsys.readouterr().out
    assert main(["proofs", "--check", str(file)]) == 1
    by_the_theory = capsys.readouterr().out
    line = next(line for line in by_itself.splitlines() if line.startswith("forged: REFUSED"))
    assert line in by_the_theory.splitlines()
    assert alone([str(file)]) == 2, "a file of proofs without a registry beside it"


def test_the_committed_registry_is_that_of_the_theory() -> None:
    assert json.loads(PREMISES.read_text(encoding="utf-8")) == THEORY.premises.data
