"""Small false statements, each of which one missing check would let through, and true ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from isomorphic import graphs

Data = dict[str, Any]
TENSORS: Data = {
    "A": {"slots": ["N", "N"]}, "R": {"slots": ["N", "N"], "symmetric": True}, "C": {"slots": ["K", "K"]}, "f": {"slots": ["N"]},
    "g": {"slots": ["K"]}, "p": {"slots": ["K"], "nonneg": True}, "u": {"slots": ["K", "m"], "unit_sum": 0},
    "s": {"slots": ["H", "N", "K"], "unit_sum": 1},
}  # fmt: skip
ONE: list[Any] = [["1", {}, [], []]]
ZERO: list[Any] = []


def term(*factors: list[Any], dims: Sequence[str] = "", coefficient: str = "1", **powers: str) -> list[Any]:
    return [coefficient, powers, [[name, list(refs)] for name, *refs in factors], list(dims)]


def equality(lhs: list[Any], rhs: list[Any], uses: list[Data] | None = None, **axioms: Data) -> Data:
    proof = {"name": "false", "relation": "=", "lhs": lhs, "rhs": rhs, "uses": uses or []}
    return {
        "dimensions": {"H": [], "K": ["N", "U"], "d": [], "m": []},
        "tensors": TENSORS,
        "axioms": taken(axioms),
        "facts": [],
        "proofs": [proof],
    }


def taken(axioms: dict[str, Data]) -> Data:
    """Axioms at any two points, unless they say at which."""
    return {name: {"when": "always", **row} for name, row in axioms.items()}


THREE: Data = {  # a dimension of three parts, and names of more than one letter
    "dimensions": {"layer": [], "time": ["past", "now", "later"]},
    "tensors": {
        "g": {"slots": ["time"]},
        "w": {"slots": ["layer", "time"], "unit_sum": 1},
        "x": {"slots": ["now"]},
    },
}


def use(axiom: str, cofactor: list[Any], at: list[str], bind: list[str]) -> Data:
    return {"axiom": axiom, "cofactor": cofactor, "at": at, "bind": bind}


def fact(*rows: Data, axes: tuple[str, ...] = (), **axioms: Data) -> Data:
    """0 ≤ what the last fact says is nonnegative."""
    facts = [{"name": f"fact {n}", "indices": [], **row} for n, row in enumerate(rows)]
    facts = [{"when": "", **row} if row["by"] == "hypothesis" else row for row in facts]
    proof = {
        "name": "false",
        "relation": "<=",
        "lhs": [],
        "rhs": facts[-1]["positive"],
        "fact": len(facts) - 1,
        "axes": list(axes),
    }
    return {
        "dimensions": {"H": [], "K": ["N", "U"], "d": [], "m": []},
        "tensors": TENSORS,
        "axioms": taken(axioms),
        "facts": facts,
        "proofs": [proof],
    }


def certificate(positive: list[Any], *weights: Data, uses: tuple[Data, ...] = (), **more: Any) -> Data:
    whole = {"multiplier": ONE, "root": ONE, "fact": None, "at": [], "bind": []}
    return {
        "by": "certificate",
        "positive": positive,
        "weights": [whole | w for w in weights],
        "uses": list(uses),
        **more,
    }


def substitute(
    positive: list[Any], tensor: str, formals: list[str], definition: list[Any], number: int = 0, **more: Any
) -> Data:
    return {
        "by": "substitute",
        "positive": positive,
        "fact": number,
        "tensor": tensor,
        "formals": formals,
        "definition": definition,
        **more,
    }


MINUS = [term(coefficient="-1")]
PROMPT = {"indices": ["i:N"], "lhs": [term(["g", "i:N"])], "rhs": ONE}  # g_i = 1 at prompt tokens
SQUARE = {"indices": ["j:N"], "lhs": [term(["f", "j:N"], ["f", "j:N"])], "rhs": ONE}  # f_j² = 1
SUM_F2 = [term(["f", 0], ["f", 0], dims="N")]
BALL = {
    "by": "hypothesis",
    "any": [],
    "positive": [*ONE, term(["f", 0], ["f", 0], dims="N", coefficient="-1")],
}
TWICE = [*ONE, term(["f", 0], ["f", 0], dims="N", coefficient="-4")]

FALSE: dict[str, Data] = {
    "an axiom at a wider index": equality([term(["g", "k:K"])], ONE, [use("g", ONE, ["k:K"], [])], g=PROMPT),
    "an axiom summed beyond where it holds": equality(
        [term(["g", 0], dims="K")], [term(K="1")], [use("g", ONE, ["k:K"], ["k:K"])], g=PROMPT),
    "an axiom at an index that the cofactor has": equality(
        [term(["g", 0], ["f", 0], dims="N")], [term(["f", 0], dims="N")],
        [use("g", [term(["f", "j:N"])], ["i:N"], ["i:N", "j:N"])], g=PROMPT),
    "two free indices for one": equality([term(["A", "i:N", "i:N"])], [term(["A", "j:N", "j:N"])]),
    "free indices that look bound": equality([term(["f", "0:N"])], [term(["f", "1:N"])]),
    "one name at two types": equality(
        [term(["delta", "k:K", 0], dims="N"), term(["delta", "k:K", 0], ["delta", "k:K", "k:N"], dims="N", coefficient="-1")], ZERO),
    "unit sum over the prompt only": equality([term(["u", 0, "a:m"], dims="N")], ONE),
    "unit sum with the index elsewhere": equality([term(["s", "h:H", 0, "k:K"], ["f", 0], dims="N")], ONE),
    "unit sum twice": equality([term(["u", 0, "a:m"], ["u", 0, "b:m"], dims="K")], ONE),
    "a token is in the prompt": equality([term(["delta", 0, "k:K"], dims="N")], ONE),
    "a token is not": equality([term(["delta", 0, "k:K"], dims="N")], ZERO),
    "K tokens in the prompt": equality([term(dims="N")], [term(K="1")]),
    "K unlabelled tokens": equality([term(dims="U")], [term(K="1")]),
    "different tokens are equal": equality([term(["delta", "k:K", "t:K"], ["g", "k:K"])], [term(["g", "t:K"])]),
    "transposed": equality([term(["A", "i:N", "j:N"])], [term(["A", "j:N", "i:N"])]),
    "square of a sum": equality([term(["f", 0], ["f", 1], dims="NN")], SUM_F2),
    "power": equality([term(K="1/2")], [term(K="1")]),
    "prompt for all": equality([term(["g", 0], dims="N")], [term(["g", 0], dims="K")]),
    "an axiom at an unlabelled token": equality(
        ONE, ZERO, [use("h", ONE, ["u:U"], [])], h={"indices": ["u:U"], "lhs": ONE, "rhs": ZERO}),
    "two axioms at one unlabelled token": equality(
        ONE, ZERO, [use("g", MINUS, ["u:U"], []), use("h", ONE, ["u:U"], [])],
        g={"indices": ["u:U"], "lhs": [term(["g", "u:U"])], "rhs": ONE}, h={"indices": ["u:U"], "lhs": [term(["g", "u:U"])], "rhs": ZERO}),
    "another place where a size is a divisor": equality([term(U="-1")], [term(U="-1")]),
    "the first part is all that comes before the last": equality(
        [term(dims=["later"])], [term(time="1"), term(coefficient="-1", past="1")]) | THREE,
    "two of three parts": equality(
        [term(["g", 0], dims=["time"])], [term(["g", 0], dims=["past"]), term(["g", 0], dims=["later"])]) | THREE,
    "an axiom at the last of three parts": equality(
        ONE, ZERO, [use("h", ONE, ["t:later"], [])], h={"indices": ["t:later"], "lhs": ONE, "rhs": ZERO}) | THREE,
    "a part of three that is another": equality([term(["x", "t:past"])], [term(["x", "t:past"])]) | THREE,
    "unit sum over one of three parts": equality([term(["w", "l:layer", 0], dims=["now"])], ONE) | THREE,
    # facts
    "a bound at an unlabelled token": fact(
        {"by": "hypothesis", "any": [], "indices": ["u:U"], "positive": [*MINUS, term(["p", "u:U"], coefficient="-1")]},
        certificate(MINUS, {"fact": 0, "at": ["u:U"]}, {"multiplier": [term(["p", "u:U"])]})),
    "a root at an unlabelled token": fact(
        {"by": "hypothesis", "any": [], "indices": ["u:U"], "positive": MINUS},
        {"by": "root", "premise": 0, "a": ONE, "b": ZERO, "positive": MINUS}),
    "a negative multiplier": fact(certificate(MINUS, {"multiplier": MINUS})),
    "a multiplier of open sign": fact(
        certificate([term(["f", "i:N"])], {"multiplier": [term(["f", "i:N"])]}, indices=["i:N"]), axes=("i:N",)),
    "a root that is not squared": fact(certificate(MINUS, {"root": MINUS})),
    "an axiom the other way": fact(certificate([*MINUS, *SUM_F2], uses=(use("f", MINUS, ["j:N"], ["j:N"]),)), f=SQUARE),
    "a refused premise": fact(certificate(MINUS), certificate(MINUS, {"fact": 0})),
    "its own premise": fact(certificate(MINUS, {"fact": 0})),
    "a premise from the end": fact(certificate(MINUS, {"fact": -1})),
    "twice a vector that is bounded": fact(BALL, substitute(TWICE, "f", ["j:N"], [term(["f", "j:N"], coefficient="2")])),
    "twice what rests on a bound": fact(
        BALL, certificate(BALL["positive"], {"fact": 0}), substitute(TWICE, "f", ["j:N"], [term(["f", "j:N"], coefficient="2")], 1)),
    "twice what an axiom is about": fact(
        certificate([*SUM_F2, term(coefficient="-1", N="1")], uses=(use("f", ONE, ["j:N"], ["j:N"]),)),
        substitute([term(["f", 0], ["f", 0], dims="N", coefficient="1/4"), term(coefficient="-1", N="1")], "f", ["j:N"],
                   [term(["f", "j:N"], coefficient="1/2")]), f=SQUARE),
    "minus a nonnegative letter": fact(
        certificate([term(["p", "k:K"])], {"multiplier": [term(["p", "k:K"])]}, indices=["k:K"]),
        substitute([term(["g", "k:K"])], "p", ["k:K"], [term(["g", "k:K"])], indices=["k:K"]), axes=("k:K",)),
    "another letter for one that sums to one": fact(
        certificate([*ONE, term(["u", 0, "a:m"], dims="K", coefficient="-1")]),
        substitute([*ONE, term(["g", 0], dims="K", coefficient="-1")], "u", ["k:K", "a:m"], [term(["g", "k:K"])])),
    "division by what may be zero": equality([term(c="-1")], [term(c="-1")]),
    "a step of no rule": fact({"by": "wishful thinking", "premises": [], "positive": MINUS, "a": ZERO, "b": ONE}),
    "a hypothesis at no points": fact({"by": "hypothesis", "any": [], "when": "course", "positive": MINUS}),
    "an axiom at no points": equality(ONE, ZERO, [use("g", ONE, [], [])], g={"indices": [], "lhs": ONE, "rhs": ZERO, "when": "before"}),
    "an axiom of the start at the next step": equality(
        ONE, ZERO, [use("g", MINUS, [], []), use("h", ONE, [], [])],
        g={"indices": [], "lhs": [term(pf="1")], "rhs": ONE, "when": "start"},
        h={"indices": [], "lhs": [term(pf="1")], "rhs": ZERO, "when": "next"}),
    "a root of open sign": fact(
        certificate(ZERO), {"by": "root", "premise": 0, "a": ONE, "b": MINUS, "positive": [term(coefficient="-2")]}),
    "a root of anything": fact(certificate(ONE, {}), {"by": "root", "premise": 0, "a": ONE, "b": ZERO, "positive": MINUS}),
    "a root the other way": fact(certificate(ONE, {}), {"by": "root", "premise": 0, "a": ZERO, "b": ONE, "positive": MINUS}),
    "Cauchy–Schwarz from anything": fact(
        certificate(ZERO), {"by": "Cauchy–Schwarz", "a": ZERO, "b": ZERO, "x": [term(["f", "j:N"])],
                            "y": [term(["f", "j:N"])], "over": ["j:N"],
                            "of_a": 0, "of_b": 0, "positive": [term(["f", 0], ["f", 0], dims="N", coefficient="-1")]}),
}  # fmt: skip
FALSE["any relation"] = fact(certificate(SUM_F2, {"root": [term(["f", "j:N"])], "bind": ["j:N"]}))
FALSE["any relation"]["proofs"][0]["relation"] = ">="
FALSE["another statement"] = fact(certificate(SUM_F2, {"root": [term(["f", "j:N"])], "bind": ["j:N"]}))
FALSE["another statement"]["proofs"][0]["rhs"] = MINUS

# Graphs that have the same invariants and are not the same.
for (one, edges), (other, others) in combinations(graphs(), 2):
    sizes = [1 + max(max(edge) for edge in found) for found in (edges, others)]
    if len(edges) == len(others) and sizes[0] == sizes[1]:
        for name in ("A", "R"):
            sides = ([term(*([name, *e] for e in found), dims="N" * sizes[0])] for found in (edges, others))
            FALSE[f"{one} is {other}, in {name}"] = equality(*sides)

TRUE: dict[str, Data] = {
    "an axiom where it holds": equality([term(["g", 0], dims="N")], [term(N="1")], [use("g", ONE, ["j:N"], ["j:N"])], g=PROMPT),
    "unit sum": equality([term(["u", 0, 1], dims="Km")], [term(m="1")]),
    "unit sum after a delta": equality([term(["s", "h:H", 0, "k:K"], ["delta", 0, 1], dims="NK")], ONE),
    "tokens are prompt or unlabelled": equality([term(["g", 0], dims="K")], [term(["g", 0], dims="N"), term(["g", 0], dims="U")]),
    "unlabelled tokens are counted": equality([term(dims="U")], [term(K="1"), term(coefficient="-1", N="1")]),
    "the last of three parts is counted": equality(
        [term(dims=["later"])], [term(time="1"), term(coefficient="-1", past="1"), term(coefficient="-1", now="1")]) | THREE,
    "a sum over three parts": equality(
        [term(["g", 0], dims=["time"])], [term(["g", 0], dims=[part]) for part in ("past", "now", "later")]) | THREE,
    "an axiom at the second of three parts": equality(
        [term(K="1")], ZERO, [use("h", [term(K="1")], ["t:now"], [])], h={"indices": ["t:now"], "lhs": ONE, "rhs": ZERO}) | THREE,
    "parts of three do not meet": equality([term(["delta", 0, "t:past"], ["x", 0], dims=["now"])], ZERO) | THREE,
    "unit sum over three parts": equality([term(["w", "l:layer", 0], dims=["time"], time="-1")], [term(time="-1")]) | THREE,
    "equal tokens": equality([term(["delta", "k:K", "t:K"], ["g", "k:K"])], [term(["delta", "t:K", "k:K"], ["g", "t:K"])]),
    "symmetric": equality([term(["R", "i:N", "j:N"])], [term(["R", "j:N", "i:N"])]),
    "broken powers": equality([term(K="1/2", N="-1"), term(K="1/2", N="-1")], [term(coefficient="2", N="-1", K="1/2")]),
    "a square for a nonnegative letter": fact(
        certificate([term(["p", "k:K"])], {"multiplier": [term(["p", "k:K"])]}, indices=["k:K"]),
        substitute([term(["g", "k:K"], ["g", "k:K"])], "p", ["k:K"], [term(["g", "k:K"], ["g", "k:K"])], indices=["k:K"]), axes=("k:K",)),
}  # fmt: skip
