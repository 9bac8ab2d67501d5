"""The second replayer: alone, fast enough to read, agreeing with the kernel, and refusing every false proof that is made here."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import as_data as ad
import pytest
from broken_rules import BROKEN_RULES
from false_data import FALSE, TRUE
from false_operations import FALSE_OPERATIONS, TRUE_OPERATIONS
from forged import TRUE_RULES
from mutate_analysis import FIELDS, PARTS
from mutate_data import MUTATIONS, OF_OPERATIONS, mutant
from random_expressions import CASES
from random_pairs import pairs
from test_bound_mutants import BROKEN
from theory_proofs import (
    ANALYSED,
    DATA,
    DIVISORS,
    PREMISES,
    PROOFS,
    ROWS,
    SECOND,
    again,
    replayed,
)
from worth import follows

from symbolic.double import double_check
from symbolic.indexed import number
from symbolic.proof import prove
from symbolic.second import Replay, replay
from symbolic.second.__main__ import main


def test_it_shares_nothing_and_can_be_read() -> None:
    files = sorted(SECOND.iterdir())
    for source in (file.read_text(encoding="utf-8") for file in files if file.name != "__pycache__"):
        found = {
            name
            for node in ast.walk(ast.parse(source))
            for name in (
                [alias.name.split(".")[0] for alias in node.names] if isinstance(node, ast.Import)
                else ["." * node.level + (node.module or "").split(".")[0]] if isinstance(node, ast.ImportFrom) else []
            )
        }  # fmt: skip
        assert found <= sys.stdlib_module_names | {f".{file.stem}" for file in files}
        assert not any(word in source for word in ("import_module", "__import__", "exec(", "eval("))
        assert len(source.splitlines()) <= 400


def test_its_folder_stands_alone(tmp_path: Path) -> None:
    """A copy of the folder replays the file in an interpreter that sees nothing else of ours."""
    shutil.copytree(SECOND, tmp_path / "checker", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-S", "-m", "checker", str(PROOFS)]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert done.stdout.count(": replayed") == len(DATA["proofs"])


def test_it_agrees_with_the_kernel_on_random_pairs() -> None:
    """And with brute force: what both accept is equal wherever it was looked, what both refuse hardly ever."""
    random, seen = Random(408), Counter[tuple[str, bool]]()
    refused_but_alike = 0
    for pair in pairs(random, 3 * CASES):
        (report,) = replay(ad.document(*pair.data), registry=DIVISORS)
        accepted = not report.reason
        assert accepted is prove(*pair.kernel), pair
        assert pair.equal or not accepted, pair
        refused_but_alike += pair.equal and not accepted
        seen[pair.kind, accepted] += 1
    print(
        f"\n{3 * CASES} pairs, 0 disagreements: {dict(seen)}; {refused_but_alike} that brute force does not tell apart"
    )
    assert refused_but_alike <= 3 * CASES // 50
    for kind in ("normal form", "renamed", "rewritten"):
        assert seen[kind, True] == 3 * CASES // 5
    for kind in ("changed", "spoiled"):
        assert seen[kind, False] > 3 * CASES // 8
        assert seen[kind, True] > CASES // 50  # equal all the same, and not by name


def test_the_proofs_of_the_theory_replay(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(PROOFS)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(": replayed" in line for line in lines) == len(DATA["proofs"]) >= 100
    assert lines[0].startswith(f"registry {PREMISES}, SHA-256 ")
    assert lines[-1] == f"{len(DATA['proofs'])} proofs, 0 refused by the second replayer"
    shown = [line for line in lines if line.startswith("premise ")]
    assert any("descent" not in line and " >= 0 for all " in line for line in shown)
    assert len(shown) > 50


@pytest.mark.slow
def test_the_program_says_what_it_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoiled = deepcopy(DATA)
    lemma_4 = next(row for row in spoiled["proofs"] if row["name"].startswith("lemma-4"))
    lemma_4["lhs"] = lemma_4["lhs"][1:]
    file = tmp_path / "spoiled.json"
    file.write_text(json.dumps(spoiled))
    assert main([str(file), str(PREMISES)]) == 1
    refused = [line for line in capsys.readouterr().out.splitlines() if "REFUSED" in line]
    assert len(refused) == 1
    assert refused[0].startswith("lemma-4 printed 1: REFUSED, what is shown is another statement")
    file.write_text(json.dumps({**DATA, "proofs": []}))
    assert main([str(file), str(PREMISES)]) == 1


def test_facts_and_proofs_hold_at_random_values() -> None:
    """Each step by itself, by plain loops: premises and axioms enter as they stand, with no regard to whether they hold."""
    random = Random(12)
    for row, _ in random.sample(ROWS, min(len(ROWS), CASES // 25)):
        assert follows(random, row, DATA, 1), row


@pytest.mark.slow
def test_false_data_are_refused() -> None:
    """One field of a proof another: it is refused, or what it says then still follows, wherever it was looked."""
    random, seen, kept = Random(33), Counter[str](), Counter[str]()
    for row, before in ROWS:
        for name in (*random.sample(sorted(MUTATIONS), 5), *(OF_OPERATIONS if "gives" in row else ())):
            if (made := mutant(random, name, row, DATA)) is None:
                continue
            changed, document = made
            seen[name] += 1
            if not again(changed, document, before).reason:
                operations: list[Replay] = []  # a letter that is declared another way is so in all of them
                if name == "declaration":
                    replay({**document, "facts": [], "proofs": []}, [], operations, DIVISORS)
                if any(found.reason for found in operations):
                    continue
                kept[name] += 1
                assert follows(random, changed, document, 1), (name, changed)
    print(
        f"\n{sum(seen.values())} mutants of {len(ROWS)} facts and proofs: {dict(seen)}; equivalent: {dict(kept)}"
    )
    assert sum(seen.values()) > 2 * len(ROWS)
    assert all(seen[name] for name in MUTATIONS), seen
    for name in MUTATIONS.keys() - {"declaration", "sign"}:  # a root may change its sign
        assert kept[name] <= 1 + seen[name] // 20, (name, seen, kept)
    assert kept["declaration"] < seen["declaration"]


@pytest.mark.slow
def test_what_rests_on_a_spoiled_hypothesis_is_refused() -> None:
    """A hypothesis is not checked; what uses it is then another statement."""
    random, tried = Random(5), 0
    known, operations = replayed()
    for number_, row in enumerate(DATA["facts"]):
        users = [(other, n) for n, other in enumerate(DATA["facts"]) if number_ in _premises(other)]
        users += [(other, len(known)) for other in DATA["proofs"] if other.get("fact") == number_]
        if row["by"] != "hypothesis" or not users:
            continue
        for name in ("coefficient", "term lost", "factor lost", "bound type", "power"):
            if (made := mutant(random, name, row, DATA)) is None:
                continue
            spoiled = Replay(made[0], made[1], known[:number_], registry=DIVISORS)
            facts = [*known[:number_], spoiled, *known[number_ + 1 :]]
            for other, before in users:
                tried += 1
                if not Replay(
                    other, made[1], facts[:before], operations, DIVISORS
                ).reason:  # δ is its own square
                    rows = [*DATA["facts"][:number_], made[0], *DATA["facts"][number_ + 1 :]]
                    assert other["by"] == "substitute", (name, row["name"], other["name"])
                    assert follows(random, other, {**made[1], "facts": rows})
    assert tried > 100


def _premises(row: dict[str, Any]) -> set[int]:
    found = [row.get(key) for key in ("fact", "premise", "of_a", "of_b", "of", *PARTS)]
    found += [*row.get("supplies", ()), *(n for part in row.get("parts", ()) for n in part)]
    return {n for n in (*found, *(w["fact"] for w in row.get("weights", ()))) if type(n) is int}


def test_false_data_of_analysis_are_refused() -> None:
    """One field of a rule of analysis another: it is refused, or gives what it gave from what it took before."""
    random, seen, kept = Random(34), Counter[str](), Counter[str]()
    for row, before in ANALYSED:
        for name, change in FIELDS.items():
            changed = deepcopy(row)
            if not change(random, changed, DATA):
                continue
            seen[name] += 1
            found = again(changed, DATA, before)
            if not found.reason:
                kept[name] += 1
                assert (changed["positive"], changed["indices"]) == (row["positive"], row["indices"])
                assert name == "supply lost" or found.rests.keys() == replayed()[0][before].rests.keys(), (
                    name,
                    changed,
                )
    assert all(seen[name] for name in FIELDS), seen
    for name in FIELDS.keys() - {"sign", "supply lost"}:  # what is squared may change its sign
        assert kept[name] <= 1 + seen[name] // 10, (name, seen, kept)
    assert kept["sign"] < seen["sign"] // 2


@pytest.mark.parametrize("name", BROKEN | BROKEN_RULES)
def test_a_forged_fact_is_refused_or_names_what_it_supposes(name: str) -> None:
    """The false facts that break the rules of the kernel one by one: both checkers say the same of each."""
    forged = (BROKEN | BROKEN_RULES)[name][2](TRUE_RULES)
    doubled = double_check(number(0), forged.fact.positive, forged.fact)
    assert not doubled.contradiction
    if doubled.proved:
        named = (*doubled.hypotheses, *doubled.axioms, *doubled.declarations)
        false = [taken.name for taken in forged.fact.rests if not forged.holds(taken)]
        assert false
        assert all(any(title.startswith(name) for title in named) for name in false)
    for said in (doubled.kernel, doubled.replayer):
        assert "\n" not in said
        assert "Error(" not in said


@pytest.mark.parametrize("data", (FALSE | FALSE_OPERATIONS).values(), ids=FALSE | FALSE_OPERATIONS)
def test_a_false_statement_is_refused(data: Any) -> None:
    assert replay(data)[0].reason


@pytest.mark.parametrize("data", (TRUE | TRUE_OPERATIONS).values(), ids=TRUE | TRUE_OPERATIONS)
def test_a_true_statement_is_accepted(data: Any) -> None:
    assert replay(data)[0].reason == ""


# What is not a proof at all. Each changes a small one, and says how it is refused.
