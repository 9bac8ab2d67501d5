"""The second replayer on small documents: each rule recomputes what it needs, and what is no proof is refused."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from theory_proofs import DATA, DIVISORS, replayed

from symbolic.second import replay

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


SUBSTITUTED: dict[str, Any] = {
    "indices": ["k:K"],
    "by": "substitute",
    "fact": 1,
    "tensor": "g",
    "formals": ["k:K"],
}


def test_a_nonnegative_letter_gives_way_to_what_is_nonnegative() -> None:
    row = SUBSTITUTED
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
    row = {**SUBSTITUTED, "name": "new"}
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
