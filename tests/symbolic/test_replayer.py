"""The second replayer: alone, fast enough to read, agreeing with the kernel, and refusing every false proof that is made here."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from functools import cache
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
from worth import follows

from symbolic.double import double_check
from symbolic.indexed import number
from symbolic.proof import prove
from symbolic.second import Registry, Replay, replay, replayer
from symbolic.second.__main__ import main
from symbolic.second.analysis import RULES

SECOND = Path(replayer.__file__).resolve().parent
ROOT = SECOND.parents[1]
PROOFS = ROOT / "verify" / "theories" / "yang2024" / "proofs.json"
DATA = json.loads(PROOFS.read_text(encoding="utf-8"))
for proof in DATA["proofs"]:
    del proof["supposes"]  # a list that alone would give a false proof away
PREMISES = PROOFS.with_name("premises.json")
THEORY = Registry(json.loads(PREMISES.read_text(encoding="utf-8")))
DIVISORS = Registry({"positive": THEORY.positive})  # any premise, and any letter


@cache
def replayed() -> tuple[list[Replay], list[Replay]]:
    """The facts and the operations of the theory."""
    facts: list[Replay] = []
    operations: list[Replay] = []
    replay(DATA, facts, operations, DIVISORS)
    return facts, operations


ROWS = [
    (row, number_) for number_, row in enumerate(DATA["facts"]) if row["by"] not in ("hypothesis", *RULES)
]
ANALYSED = [(row, number_) for number_, row in enumerate(DATA["facts"]) if row["by"] in RULES]
ROWS += [(row, len(DATA["facts"])) for row in DATA["proofs"]]
ROWS += [(row, number_) for number_, row in enumerate(DATA["operations"])]


def again(row: Any, document: Any, before: int) -> Replay:
    """A row replayed, with so many facts or operations before it."""
    facts, operations = replayed()
    if "gives" in row:
        return Replay(row, document, (), operations[:before], DIVISORS)
    return Replay(row, document, facts[:before], operations, DIVISORS)


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

ENTRY = ["1", {}, [["A", ["i:N", "j:N"]]], []]
SMALL: dict[str, Any] = {
    "dimensions": {"H": [], "K": ["N", "U"], "d": [], "m": []},
    "tensors": {"A": {"slots": ["N", "N"]}, "f": {"slots": ["N"]}, "g": {"slots": ["K"], "nonneg": True}},
    "axioms": {"A is f f": {"indices": ["i:N", "j:N"], "when": "always", "lhs": [ENTRY],
                             "rhs": [["1", {}, [["f", ["i:N"]], ["f", ["j:N"]]], []]]}},
    "facts": [
        {"name": "squares", "indices": [], "positive": [["1", {}, [["f", [0]], ["f", [0]]], ["N"]]], "by": "certificate", "uses": [],
         "weights": [{"multiplier": [["1", {}, [], []]], "root": [["1", {}, [["f", ["i:N"]]], []]],
                      "fact": None, "at": [], "bind": ["i:N"]}]},
        {"name": "g", "indices": ["k:K"], "positive": [["1", {}, [["g", ["k:K"]]], []]], "by": "hypothesis", "any": ["g"], "when": ""},
    ],
    "proofs": [
        {"name": "trace", "relation": "=", "lhs": [["1", {}, [["A", [0, 0]]], ["N"]]], "rhs": [["1", {}, [["f", [0]], ["f", [0]]], ["N"]]],
         "uses": [{"axiom": "A is f f", "cofactor": [["1", {}, [], []]], "at": ["i:N", "i:N"], "bind": ["i:N"]}]},
        {"name": "0 ≤ Σf²", "relation": "<=", "lhs": [], "rhs": [["1", {}, [["f", [0]], ["f", [0]]], ["N"]]], "fact": 0, "axes": []},
    ],
}  # fmt: skip
USE = ("proofs", 0, "uses", 0)
WEIGHT = ("facts", 0, "weights", 0)
WRONG: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "decimal": (("proofs", 0, "lhs", 0, 0), "1.0", "'1.0' is no fraction"),
    "float": (("proofs", 0, "lhs", 0, 0), 1.0, "1.0 is no fraction"),
    "float power": (("proofs", 0, "lhs", 0, 1), {"K": 0.5}, "0.5 is no fraction"),
    "division by zero": (("proofs", 0, "lhs", 0, 0), "1/0", "'1/0' is no fraction"),
    "index without a type": (("proofs", 0, "lhs", 0, 2, 0, 1, 0), "i", "['i']: no free indices"),
    "index like a bound one": (("proofs", 0, "lhs", 0, 2, 0, 1, 0), "0:N", "['0:N']: no free indices"),
    "bound index that is not there": (("proofs", 0, "lhs", 0, 2, 0, 1, 0), 1, "not readable: KeyError(1)"),
    "negative bound index": (("proofs", 0, "lhs", 0, 2, 0, 1, 0), -1, "not readable: KeyError(-1)"),
    "type of a bound index": (("proofs", 0, "lhs", 0, 3, 0), "M", "'M' is no dimension"),
    "free index of no dimension": (("proofs", 0, "lhs", 0, 2, 0, 1, 0), "i:M", "['i:M']: no free indices"),
    "slot of no dimension": (("tensors", "f", "slots", 0), "M", "'M' is no dimension"),
    "dimension that is no name": (("proofs", 0, "lhs", 0, 3, 0), ["N"], "['N'] is no dimension"),
    "one part": (("dimensions", "K"), ["N"], "dimension K: parts ['N']"),
    "parts in one word": (("dimensions", "K"), "NU", "dimension K: parts NU"),
    "too many parts": (("dimensions", "K"), ["N", "U", *(f"P{number_}" for number_ in range(62))], "dimension K: parts ['N', 'U', 'P0',"),
    "parts that are no list": (("dimensions", "K"), 2, "not readable: TypeError"),
    "a part that is no name": (("dimensions", "K"), ["N", "U", 3], "dimension 3: no name of its own"),
    "a part that is no word": (("dimensions", "K"), ["N", "U", "a:b"], "dimension a:b: no name of its own"),
    "a part that looks bound": (("dimensions", "K"), ["N", "U", "0"], "dimension 0: no name of its own"),
    "a part twice": (("dimensions", "K"), ["N", "U", "N"], "dimension N: no name of its own"),
    "a part that is another dimension": (("dimensions", "K"), ["N", "U", "H"], "dimension H: no name of its own"),
    "a part of two dimensions": (("dimensions", "m"), ["N", "V"], "dimension N: no name of its own"),
    "a dimension that is a part": (("dimensions", "U"), [], "dimension U: no name of its own"),
    "no table of dimensions": (("dimensions",), [], "not readable: AttributeError"),
    "letter that is not declared": (("proofs", 0, "lhs", 0, 2, 0, 0), "B", "not readable: KeyError('B')"),
    "wide index in a narrow slot": (("proofs", 0, "lhs", 0, 3, 0), "K", ":K in N"),
    "too many indices": (("proofs", 0, "lhs", 0, 2, 0, 1), [0, 0, 0], "zip()"),
    "delta of different things": (("proofs", 0, "lhs", 0, 2), [["delta", ["a:m", "k:K"]]], "delta: a:m in k:K"),
    "delta of three": (("proofs", 0, "lhs", 0, 2), [["delta", ["k:K", "k:K", "k:K"]]], "zip()"),
    "two types of one name": (("proofs", 0, "lhs", 0, 2), [["delta", ["k:K", "k:N"]]], "an index has two types"),
    "widening an axiom": ((*USE, "at"), ["i:N", "k:K"], "indices i:N, j:N cannot become i:N, k:K"),
    "too few places": ((*USE, "at"), ["i:N"], "1 indices for 2"),
    "a use that is not summed": ((*USE, "bind"), [], "what is shown is another statement"),
    "summed twice": ((*USE, "bind"), ["i:N", "i:N"], "Σ over i:N, i:N: one is summed twice, or has two types"),
    "summed as another type": ((*USE, "bind"), ["i:K"], "Σ over i:K: one is summed twice, or has two types"),
    "another axiom": ((*USE, "axiom"), "A = A", "not readable: KeyError('A = A')"),
    "relation": (("proofs", 0, "relation"), ">=", ">= is no relation"),
    "rules that it does not use": (("proofs", 0, "rules"), ["split"], "its rules are rename"),
    "a letter called delta": (("tensors", "delta"), {"slots": ["N", "N"]}, "delta: no declaration of a tensor"),
    "symmetric in two types": (("tensors", "B"), {"slots": ["N", "K"], "symmetric": True}, "B: no declaration of a tensor"),
    "unit sum over no slot": (("tensors", "f", "unit_sum"), 1, "f: no declaration of a tensor"),
    "unknown property": (("tensors", "f", "positive"), True, "not readable: TypeError"),
    "negative multiplier": ((*WEIGHT, "multiplier", 0, 0), "-1", "squares: the sign of a multiplier or of a bound is open"),
    "multiplier of open sign": ((*WEIGHT, "multiplier", 0, 2), [["f", ["i:N"]]], "squares: the sign of a multiplier or of a bound is open"),
    "a fact from later": ((*WEIGHT, "fact"), 1, "squares: fact 1 does not come before"),
    "a fact from itself": ((*WEIGHT, "fact"), 0, "squares: fact 0 does not come before"),
    "a fact counted from the end": ((*WEIGHT, "fact"), -1, "squares: fact -1 does not come before"),
    "no rule": (("facts", 0, "by"), "wish", "squares: wish is no rule"),
    "another statement": (("proofs", 1, "rhs", 0, 0), "2", "what is shown is another statement"),
    "the other way": (("proofs", 1, "rhs", 0, 0), "-1", "what is shown is another statement"),
}  # fmt: skip


def test_the_small_proofs_replay() -> None:
    assert [report.reason for report in replay(SMALL)] == ["", ""]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_proof_is_refused(name: str) -> None:
    path, value, message = WRONG[name]
    data = deepcopy(SMALL)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    reports = replay(data)
    reasons = [report.reason for report in reports if report.reason]
    assert any(message in reason for reason in reasons), reasons


def derived(**row: Any) -> str:
    """The reason why a fact is refused that follows the two of SMALL."""
    data = deepcopy(SMALL)
    data["facts"].append({"name": "new", "indices": [], **row})
    data["tensors"]["h"] = {"slots": ["K"]}
    data["proofs"] = [
        {
            "name": "p",
            "relation": "<=",
            "lhs": [],
            "rhs": row["positive"],
            "fact": 2,
            "axes": row.get("indices", []),
        }
    ]
    return replay(data)[0].reason


G, H_, MINUS = ["g", ["k:K"]], ["h", ["k:K"]], ["-1", {}, [], []]


def test_a_nonnegative_letter_gives_way_to_what_is_nonnegative() -> None:
    row: dict[str, Any] = {
        "indices": ["k:K"],
        "by": "substitute",
        "fact": 1,
        "tensor": "g",
        "formals": ["k:K"],
    }
    square = [["1", {}, [H_, H_], []]]
    assert derived(**row, positive=square, definition=square) == ""
    for definition in ([MINUS], [["1", {}, [H_], []]]):
        assert "the sign of a multiplier or of a bound is open" in derived(
            **row, positive=definition, definition=definition
        )
    assert "gives something else" in derived(**row, positive=[["2", {}, [H_, H_], []]], definition=square)
    narrow = {**row, "formals": ["j:N"]}
    assert "g: a definition for other types" in derived(**narrow, positive=square, definition=square)


def test_only_hypotheses_for_any_letter_are_substituted() -> None:
    data = deepcopy(SMALL)
    data["facts"][1]["any"] = []
    row = {
        "name": "new",
        "indices": ["k:K"],
        "by": "substitute",
        "fact": 1,
        "tensor": "g",
        "formals": ["k:K"],
    }
    square = [["1", {}, [H_, H_], []]]
    data["facts"].append({**row, "positive": square, "definition": square})
    data["tensors"]["h"] = {"slots": ["K"]}
    data["proofs"] = [{"name": "p", "relation": "<=", "lhs": [], "rhs": square, "fact": 2, "axes": ["k:K"]}]
    assert replay(data)[0].reason == "new: g: no fact about any g"


def test_root_and_cauchy_schwarz_recompute_what_they_need() -> None:
    f2 = SMALL["facts"][0]["positive"]
    zero: list[Any] = []
    norm = [["1", {"c": "1"}, [], []]]
    root = {"by": "root", "premise": 0, "a": zero, "b": norm, "positive": norm}
    assert "the premise is another" in derived(**root)
    data = deepcopy(SMALL)
    ball = [["1", {"c": "2"}, [], []], ["-1", {}, [["f", [0]], ["f", [0]]], ["N"]]]
    hypothesis = {"by": "hypothesis", "any": [], "when": ""}
    data["facts"].append({"name": "ball", "indices": [], "positive": ball, **hypothesis})
    entry = [["1", {}, [["f", ["i:N"]]], []]]
    cauchy = {"name": "c² ≥ Σf²", "indices": [], "by": "Cauchy–Schwarz", "a": norm, "b": norm, "x": entry, "y": entry,
              "over": ["i:N"], "of_a": 2, "of_b": 2, "positive": ball}  # fmt: skip
    data["facts"].append(cauchy)
    data["proofs"] = [
        {"name": "p", "relation": "<=", "lhs": f2, "rhs": [["1", {"c": "2"}, [], []]], "fact": 3, "axes": []}
    ]
    assert replay(data)[0].reason == ""
    assert replay(data)[0].used >= {"hypothesis: ball"}
    for change, message in (
        ({"of_a": 0}, "the premise is not fact 0"), ({"of_b": 0}, "the premise is not fact 0"),
        ({"a": [["-1", {"c": "1"}, [], []]]}, "the sign of a multiplier"), ({"over": []}, "the premise is not fact 2"),
        ({"y": zero}, "the premise is not fact 2"), ({"positive": f2}, "gives something else"),
    ):  # fmt: skip
        data["facts"][3] = {**cauchy, **change}
        assert message in replay(data)[0].reason


def test_what_is_taken_without_proof_is_reported() -> None:
    facts, operations = map(list, replayed())
    used = set().union(*(report.used for report in replay(DATA, facts, operations, DIVISORS)))
    titles = Counter(entry.partition(": ")[0] for entry in used)
    assert titles.keys() == {
        "rule", "axiom", "letter", "hypothesis", "declaration", "positive", "function", "law",
    }  # fmt: skip
    assert {entry for entry in used if entry.startswith("rule: ")} == {
        f"rule: {name}" for name in ("contract", "disjoint", "narrow", "unit sum", "count", "split", "rename")
    }
    data = deepcopy(SMALL)
    for side in ("lhs", "rhs"):
        data["proofs"][0][side] += [["1", {"zeta": "-1", "K": "-2"}, [["g", [0]]], ["K"]]]
    assert replay(data)[0].reason == "it divides by zeta, which may be zero"
    assert replay(data, registry=DIVISORS)[0].used >= {"positive: zeta", "letter: g"}
